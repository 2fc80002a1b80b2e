"""The answers in sentences, computed from tables that may be shown; true for every input they can get."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import pandas as pd

from analysis.display import Text, escape_markdown
from analysis.protocol import Protocol
from analysis.words import about, count, interval, known, number, percent, signed

Row = dict[Hashable, Any]
_WITHHELD = "Fewer than 5 patients stand behind this answer or its complement, so it is withheld."


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
        return Text(f"{where}: {_WITHHELD}")
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
        return Text(_WITHHELD)
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
    if row["ci_low"] > row["chance_rate"]:
        return f"{chance}; the rate is above that."
    if row["ci_high"] < row["chance_rate"]:
        return f"{chance}; the rate is below that."
    return f"{chance}; the rate is not clearly different from that."


def _missing(row: Row) -> str:
    if not row["n_missing"]:
        return ""
    bounds = f"between {percent(row['rate_if_none'])} and {percent(row['rate_if_all'])}"
    return f"The outcome of {count(row['n_missing'], 'hip')} is missing; whatever it was, the rate lies {bounds}."


def sides_answer(sides: pd.DataFrame) -> Text:
    """Answer whether left and right hips of the same people responded differently.

    Parameters
    ----------
    sides
        One row for all people in scope.
    """
    row = sides.to_dict("records")[0]
    if row["suppressed"]:
        return Text(_WITHHELD)
    if row["n"] == 0:
        return Text("No person has both hips judged, so left and right cannot be compared in the same people.")
    low, high = row["newcombe_low"], row["newcombe_high"]
    points = f"{signed(100 * row['difference'])} percentage points"
    ci = f"95 % CI {number(100 * low)} to {number(100 * high)}"
    alone = f"only the left hip responded in {row['left_only']}, only the right in {row['right_only']}"
    if low > 0:
        verdict = "**Left hips responded more often than right hips**"
    elif high < 0:
        verdict = "**Right hips responded more often than left hips**"
    else:
        verdict = "**The data do not tell left from right**"
    people = count(row["n"], "person", "people")
    return Text(f"{verdict}: of {people} with both hips judged, {alone} (difference {points}; {ci}).")


def asymmetry_answer(asymmetry: pd.DataFrame, protocol: Protocol) -> Text:
    """Answer whether the expected side is the stiffer one before the stretch.

    Parameters
    ----------
    asymmetry
        As :meth:`analysis.report.Report.asymmetry` returns it.
    protocol
        Says which side is expected to be worse, in which measure, at which visit.
    """
    rule = protocol.asymmetry
    rows = [r for r in asymmetry.to_dict("records") if r["timepoint"] == protocol.classify_at]
    if rule is None or not rows or (not rows[0]["suppressed"] and rows[0]["n"] == 0):
        return Text("No person was measured on both sides in the same way, so the sides cannot be compared in degrees.")
    row = rows[0]
    if row["suppressed"]:
        return Text(_WITHHELD)
    measure = protocol.measures[rule.measure].label.lower()
    mean = row["mean_difference"]
    less = "less" if mean < 0 else "more"
    size = f"{abs(mean):.1f}°"
    people = count(row["n"], "person", "people")
    if not known(row["ci_low"]):
        return Text(f"One person was measured on both sides: the left hip had {size} {less} {measure} than the right.")
    ci = f"95 % CI {number(row['ci_low'], 1)} to {number(row['ci_high'], 1)}, left minus right"
    sure = row["ci_high"] < 0 or row["ci_low"] > 0
    text = f"Before the stretch left hips had on average {size} {less} {measure} than right hips ({ci}; {people}). "
    if not sure:
        text = f"Before the stretch left and right hips did not clearly differ in {measure}: "
        text += f"{signed(mean, 1)}° ({ci}; {people}). "
    beyond = row["n_left_worse"] + row["n_right_worse"]
    each = f"the left hip had less in {row['n_left_worse']}, the right in {row['n_right_worse']}"
    return Text(f"{text}The difference is beyond measurement error in {count(beyond, 'person', 'people')}: {each}.")


def cannot_show(protocol: Protocol) -> Text:
    """Say what data collected in this way cannot show."""
    return Text(protocol.caution)
