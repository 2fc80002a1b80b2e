"""Who responded, in sentences that are true for every input they can get."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import pandas as pd

from analysis.display import Text, escape_markdown
from analysis.protocol import Protocol
from analysis.stats.beyond_chance import ABOVE, BELOW
from analysis.words import about, count, interval, known, percent

Row = dict[Hashable, Any]
WITHHELD = "Fewer than 5 patients stand behind this answer or its complement, so it is withheld."


def scope_sentence(rates: pd.DataFrame, scope: str) -> Text:
    """Say who the report is about.

    Parameters
    ----------
    rates
        One row for all hips in scope.
    scope
        In words, such as a clinic's name.
    """
    row = rates.to_dict("records")[0]
    where = escape_markdown(scope)
    if row["suppressed"]:
        return Text(f"{where}: {WITHHELD}")
    patients, hips = count(row["n_patients"], "patient"), count(row["n_hips"], "hip")
    return Text(f"{where}: {patients} with {hips}; {count(row['n_evaluable'], 'hip')} could be judged.")


def responder_answer(rates: pd.DataFrame, protocol: Protocol) -> Text:
    """Answer how many hips responded, and whether chance alone would do.

    Parameters
    ----------
    rates
        One row for all hips in scope, under one rule.
    protocol
        Gives the words for the rule.
    """
    row = rates.to_dict("records")[0]
    rule = protocol.responses[row["response"]].label.lower()
    when = protocol.comparisons[row["comparison"]].label.lower()
    if row["suppressed"]:
        return Text(WITHHELD)
    if row["n_evaluable"] == 0:
        return Text(f"No hip could be judged {when}, so there is no rate.")
    of = f"{row['n_responders']:,} of {count(row['n_evaluable'], 'hip')}"
    people = count(row["n_patients_evaluable"], "patient")
    ci = interval(row["ci_low"], row["ci_high"])
    answer = (
        f"**{of} responded ({percent(row['rate'])}; 95 % CI {ci})**, from {people}. A responder is a hip for which "
    )
    answer += f"this holds {when}: {_as_clause(rule)}. {_against_chance(row)} {_missing(row)}"
    return Text(answer.strip())


def _as_clause(rule: str) -> str:
    # "IR" is a name, whatever the case of the words around it.
    return rule.replace("ir gained", "IR gained").replace("ober", "Ober")


def _against_chance(row: Row) -> str:
    if not known(row["chance_rate"]):
        return "What chance alone would give cannot be told, as the measurement error is not known."
    chance = f"Had nothing truly changed, {about(row['chance_rate'])} would have counted as responders"
    verdict = {ABOVE: "above that", BELOW: "below that"}.get(row["against_chance"], "not clearly different from that")
    return f"{chance}; the rate is {verdict}."


def _missing(row: Row) -> str:
    if pd.isna(row["n_missing"]):
        return "Few outcomes are missing; how many is withheld."
    if row["n_missing"] == 0:
        return ""
    bounds = f"between {percent(row['rate_if_none'])} and {percent(row['rate_if_all'])}"
    return f"The outcome of {count(row['n_missing'], 'hip')} is missing; whatever it was, the rate lies {bounds}."


def cannot_show(protocol: Protocol) -> Text:
    """Say what data collected in this way cannot show."""
    return Text(protocol.caution)


def words_used(protocol: Protocol) -> Text:
    """Say in a paragraph what the words of a report mean."""
    primary = protocol.responses[protocol.primary_response]
    return Text(
        f"**Responder**: a hip for which this holds: {_as_clause(primary.label.lower())}. **Judged**: measured both "
        "times in the same way, with room to improve. **By chance**: the share that would count as responders had "
        "nothing truly changed, given measurement error, rounding and low first readings. **95 % CI**: where the "
        "rate of many such hips would plausibly lie; the two hips of one person never count as two people. "
        "**Withheld**: fewer than 5 patients stand behind the number or its complement."
    )


def data_warnings(problems: pd.DataFrame) -> Text:
    """Say how many warnings there are about the data of the whole study.

    Parameters
    ----------
    problems
        As :meth:`analysis.report.Report.problems` returns them.
    """
    warned = problems[problems["severity"] == "warning"]
    if warned.empty:
        return Text("There are no warnings about the data.")
    kinds = count(warned["rule"].nunique(), "kind")
    if warned["suppressed"].any():
        many = f"warnings of {kinds}; how many is withheld, as few patients stand behind some"
    else:
        many = f"{count(int(warned['n'].sum()), 'warning')} of {kinds}"
    return Text(f"The data of the whole study carry {many}; `capsule check` lists them.")
