"""What stands beside the one rate of a report: hips given no stretch, the other visits, and a target."""

from __future__ import annotations

import pandas as pd

from analysis.protocol import Protocol
from analysis.protocol.words import within_sentence
from analysis.show.display import Nothing, Text, escape_markdown
from analysis.show.records import records
from analysis.show.words import Row, interval, known, percent
from analysis.usererror import UserError


def unstretched_answer(
    unstretched: pd.DataFrame, protocol: Protocol, stretched: pd.DataFrame | None = None
) -> Text | Nothing:
    """Say how many of the judged hips were given no stretch, and how many of these responded.

    Parameters
    ----------
    unstretched
        As :meth:`analysis.report.Report.unstretched` returns it.
    stretched
        As :meth:`analysis.report.Report.stretched` returns it, where the headline has told of both.
    """
    noun = protocol.words
    if stretched is not None and len(stretched):
        return Nothing("The headline tells of them.")
    rows = [row for row in records(unstretched) if row["suppressed"] or row["n_evaluable"]]
    if not rows:
        return Nothing(f"No judged {noun.hip} is recorded as given no {noun.stretch}.")
    if rows[0]["suppressed"]:
        return Text(f"The number of judged {noun.hips} that were given no {noun.stretch} is withheld.")
    return Text(f"Judged {noun.hips} that were given no {noun.stretch}: {_responded(rows[0], protocol)}.")


def other_visits_answer(others: pd.DataFrame, protocol: Protocol) -> Text | Nothing:
    """Say what the same rule gives at the other visits: whether a change lasted, and what came before the stretch.

    Parameters
    ----------
    others
        As :meth:`analysis.report.Report.other_visits` returns it.
    protocol
        Gives the words for the timepoints.
    """
    noun = protocol.words
    rows = [row for row in records(others) if row["suppressed"] or row["n_evaluable"]]
    if not rows:
        return Nothing(f"No {noun.hip} could be judged at another visit.")
    if all(row["suppressed"] for row in rows):
        return Text("The rates at the other visits are withheld.")
    said = []
    for row in rows:
        said.append(f"{within_sentence(protocol.comparisons[row['comparison']].label)}, {_responded(row, protocol)}")
    return Text(f"By the same rule at other visits: {'; '.join(said)}.")


def target_answer(overall: pd.DataFrame, periods: pd.DataFrame, target: float, protocol: Protocol) -> Text | Nothing:
    """Answer whether a target is met: by all hips in scope, then by those of the last period.

    Parameters
    ----------
    overall
        One row for all hips in scope.
    periods
        As :meth:`analysis.report.Report.over_time` returns it.
    target
        A rate to be reached, 0 to 1; 0 where there is none.

    Raises
    ------
    UserError
        The target is no rate.
    """
    noun = protocol.words
    if not 0 <= target <= 1:
        raise UserError("target: a rate to be reached lies between 0 and 1, such as 0.6")
    if target == 0:
        return Nothing("No target was given.")
    aim, row = f"the target of {percent(target)}", records(overall)[0]
    if row["suppressed"]:
        return Text(f"Whether {aim} was met is withheld.")
    if row["n_evaluable"] == 0:
        return Text(f"No {noun.hip} could be judged, so it is not known whether {aim} was met.")
    verdict = {
        "above": f"**T{aim[1:]} was met**:",
        "below": f"**T{aim[1:]} was not met**:",
        "": f"**It is not clear whether {aim} was met**, because it lies within the interval:",
    }[_against(row, target)]
    text = f"{verdict} {_responded(row, protocol)}."
    shown = [one for one in records(periods) if not one["suppressed"] and known(one["rate"])]
    if len(shown) < 2:
        return Text(text)
    last = shown[-1]
    which = "the last period" if last["period"] == periods["period"].iloc[-1] else "the last period that may be shown"
    what = {"above": "above the target", "below": "below the target", "": f"too few {noun.hips} to tell"}
    return Text(f"{text} In {which}, {last['period']}, {_responded(last, protocol)}: {what[_against(last, target)]}.")


def _responded(row: Row, protocol: Protocol) -> str:
    noun = protocol.words
    if row["suppressed"]:
        return f"the number of {noun.hips} that responded is withheld"
    if not row["n_evaluable"]:
        return f"no {noun.hip} could be judged"
    share = f"{percent(row['rate'])}; 95 % CI {interval(row['ci_low'], row['ci_high'])}"
    return escape_markdown(f"{row['n_responders']:,} of {noun.count(row['n_evaluable'])} responded ({share})")


def _against(row: Row, target: float) -> str:
    return "above" if row["ci_low"] >= target else "below" if row["ci_high"] < target else ""
