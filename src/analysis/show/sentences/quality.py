"""How good the data are, in sentences."""

from __future__ import annotations

import pandas as pd

from analysis.answers.counting import NOT_RECORDED
from analysis.hips.judge import ALREADY
from analysis.protocol import Protocol
from analysis.protocol.responses import BecomesRule, GainRule
from analysis.protocol.words import within_sentence
from analysis.show.display import Nothing, Text, escape_markdown
from analysis.show.records import records
from analysis.show.words import Row, count, from_to, known, listed, percent, scale

_MANY = 3  # where one hip in so many is lost for a reason, the reason is explained


def flow_answer(flow: pd.DataFrame, protocol: Protocol) -> Text:
    """Answer how many hips came in and how many can be judged.

    Parameters
    ----------
    flow
        As :meth:`analysis.report.Report.flow` returns it.
    """
    noun = protocol.words
    first, last = flow.iloc[0], flow.iloc[-1]
    if flow["suppressed"].any():  # its steps are withheld together
        return Text(f"The number of {noun.hips} seen is withheld.")
    were = "was" if first["n_hips"] == 1 else "were"
    seen = f"{noun.count(first['n_hips'])} of {count(first['n_patients'], 'patient')} {were} seen"
    if first["n_hips"] == 0:
        return Text(f"No {noun.hip} was measured, so there is nothing to judge.")
    if last["n_hips"] == 0:
        return Text(f"**{seen}; none could be judged**.")
    share = percent(last["n_hips"] / first["n_hips"])
    return Text(
        f"**{seen}; {last['n_hips']:,} could be judged ({share})**, from {count(last['n_patients'], 'patient')}."
    )


def lost_answer(flow: pd.DataFrame, protocol: Protocol) -> Text:
    """Say how many hips could be judged, and why the others could not: the flow of STROBE in one sentence.

    Parameters
    ----------
    flow
        As :meth:`analysis.report.Report.flow` returns it.
    """
    noun = protocol.words
    first, last = flow.iloc[0], flow.iloc[-1]
    if flow["suppressed"].any():
        return Text(f"The number of {noun.hips} that could be judged, and why the others could not, are withheld.")
    lost = first["n_hips"] - last["n_hips"]
    if lost == 0:
        return Text(f"Every {noun.hip} could be judged." if first["n_hips"] else f"No {noun.hip} was measured.")
    lost_for = [row for row in records(flow.iloc[1:]) if row["n_hips_lost"]]
    why = [f"{row['n_hips_lost']:,} {row['reason']}{_explained(row, first, protocol)}" for row in lost_for]
    if last["n_hips"] == 0:
        return Text(f"None of {noun.count(first['n_hips'])} could be judged: {listed(why)}.")
    judged = f"{last['n_hips']:,} of {noun.count(first['n_hips'])} could be judged"
    return Text(f"{judged}; {lost:,} could not: {listed(why)}.")


def _explained(row: Row, first: pd.Series, protocol: Protocol) -> str:
    """Say which test left no room to improve, where so many hips are lost for it."""
    if row["reason"] != f"with {ALREADY}" or _MANY * row["n_hips_lost"] < first["n_hips"]:
        return ""
    primary = protocol.responses[protocol.primary_response]
    parts = [protocol.responses[name] for name in getattr(primary, "of", ())] or [primary]
    best = [_best_already(rule, protocol) for part in parts for rule in part.rules]  # type: ignore[union-attr]
    said = [words for words in best if words][:1]
    return f" ({said[0]} already)" if said else ""


def _best_already(rule: GainRule | BecomesRule, protocol: Protocol) -> str:
    measure = protocol.measures[rule.measure]
    if isinstance(rule, BecomesRule):
        others = [level for level in measure.levels if level != rule.start]
        return f"{measure.label} was {' or '.join(others)}"
    return f"{measure.label} was at its best grade" if measure.kind == "count" and measure.possible else ""


def follow_up_answer(followed_up: pd.DataFrame, protocol: Protocol) -> Text:
    """Answer how many of the hips with an earlier visit had the later one too.

    Parameters
    ----------
    followed_up
        As :meth:`analysis.report.Report.followed_up` returns it.
    """
    noun = protocol.words
    rows = [row for row in records(followed_up) if row["suppressed"] or row["n_known"]]
    if not rows:
        return Text(f"No {noun.hip} was due to be seen again.")
    if all(row["suppressed"] for row in rows):
        return Text(f"The number of {noun.hips} seen again is withheld.")
    some = [row for row in rows if row["suppressed"] or row["n_yes"] < row["n_known"]]
    if not some:
        return Text(f"Every {noun.hip} was seen again.")
    said = [f"{within_sentence(row['answer'])} {_seen(row, protocol)}" for row in some]
    others = f"; at the other visits every {noun.hip}" if len(some) < len(rows) else ""
    return Text(f"Seen again: {'; '.join(said)}{others}.")


def _seen(row: Row, protocol: Protocol) -> str:
    noun = protocol.words
    if row["suppressed"]:
        return "withheld"
    return f"{row['n_yes']:,} of {noun.count(row['n_known'])} ({percent(row['share'])})"


def completeness_answer(table: pd.DataFrame, by: str, protocol: Protocol) -> Text | Nothing:
    """Answer which measure was recorded least often, and where.

    Parameters
    ----------
    table
        As :meth:`analysis.report.Report.completeness` or ``completeness_by_clinic`` return it.
    by
        The column with the visits or the clinics.
    """
    rows = [row for row in records(table) if row[by] != NOT_RECORDED]
    rows = [row for row in rows if row["suppressed"] or known(row["share"])]
    shown = [row for row in rows if not row["suppressed"]]
    if not shown:
        return Nothing("Where each measure was recorded is withheld, or nothing was.")
    least = min(shown, key=lambda row: row["share"])
    some = " among those that may be shown" if len(shown) < len(rows) else ""
    if least["share"] == 1:
        return Text(f"Every measure was recorded everywhere{some or ' that it was asked for'}.")
    where = f"{'at' if by == 'timepoint' else 'in'} {escape_markdown(str(least[by]))}"
    counted = f"{least['n_known']:,} of {protocol.words.count(least['n_rows'])} ({percent(least['share'])})"
    return Text(f"**Least often recorded**{some}: {protocol.measures[least['name']].label} {where}, {counted}.")


def rounding_answer(readings: pd.DataFrame, protocol: Protocol) -> Text:
    """Answer whether readings were rounded: angles to 5 degrees.

    Parameters
    ----------
    readings
        As :meth:`analysis.report.Report.digit_preference` returns it.
    protocol
        Gives the unit and the step of each measure.
    """
    rows = [row for row in records(readings) if not row["suppressed"] and row["n_known"]]
    if not rows:
        return Text("How readings were rounded is withheld." if len(readings) else f"No {scale(protocol)} was read.")
    # Read to the degree one in five ends so; clearly more than two in five is a habit, not chance.
    often = [row for row in rows if row["ci_low"] > 0.4]
    some = [row for row in rows if 0.2 < row["ci_low"] <= 0.4]
    said = []
    end, gain, finer, rounded = _ROUNDED[scale(protocol)]
    if often:
        said.append(f"Often rounded to {end}: {_ending_so(often)}. A gain of {gain} may then be a step of the scale.")
    if some:
        said.append(
            f"Rounded to {end} more often than the one in five expected of readings {finer}: {_ending_so(some)}."
        )
    return Text(" ".join(said) or f"No {scale(protocol)} shown was clearly rounded{rounded}.")


# How rounding is told of angles in degrees, and of measures in other units.
_ROUNDED = {
    "angle": ("0 or 5", "5", "to the degree", " to 5 degrees"),
    "measure": ("round numbers", "that size", "that are not", ""),
}


def _ending_so(rows: list[Row]) -> str:
    return listed(
        [f"{within_sentence(row['answer'])} ({row['n_yes']:,} of {row['n_known']:,} readings)" for row in rows]
    )


def distribution_answer(table: pd.DataFrame, protocol: Protocol) -> Text | Nothing:
    """Say where the middle half of the readings of the first measure lies, and whether that of each is usual.

    Parameters
    ----------
    table
        As :meth:`analysis.report.Report.distributions` returns it.
    protocol
        Gives the labels, the unit and the visit of the class.
    """
    rows = [row for row in records(table) if not row["suppressed"]]
    if not rows:
        return Nothing("Where the readings lie is withheld, or nothing was read.")
    first = next((row for row in rows if row["timepoint"] == protocol.classify_at), rows[0])
    name = protocol.measures[first["measure"]].label
    where = f"{within_sentence(name)} at {first['timepoint']} lies from {_middle(first, protocol)}"
    said = [f"**The middle half of the readings of {where}**, of {count(first['n_readings'], 'reading')}."]
    usual = [row for row in rows if known(row["usual_low"])]
    beyond = [row for row in usual if row["q1"] < row["usual_low"] or row["q3"] > row["usual_high"]]
    each = f"{scale(protocol)}{' that may be shown' if len(rows) < len(table) else ''}"
    if usual and not beyond:
        said.append(f"At every visit the middle half of every {each} lies within its usual range.")
    for row in beyond:
        measure = protocol.measures[row["measure"]]
        ends = f"{from_to(row['usual_low'], row['usual_high'], measure)}{measure.unit_sign}"
        where = f"{within_sentence(measure.label)} at {row['timepoint']} goes from {_middle(row, protocol)}"
        said.append(f"The middle half of {where}, beyond the usual {ends}: look at its unit and its sign.")
    return Text(" ".join(said))


def _middle(row: Row, protocol: Protocol) -> str:
    measure = protocol.measures[row["measure"]]
    return f"{from_to(row['q1'], row['q3'], measure)}{measure.unit_sign}"
