"""Left against right, in sentences."""

from __future__ import annotations

import pandas as pd

from analysis.display import Text
from analysis.protocol import Protocol
from analysis.sentences.responders import WITHHELD
from analysis.words import count, known, number, p_text, signed


def sides_answer(sides: pd.DataFrame) -> Text:
    """Answer whether left and right hips of the same people responded differently.

    Parameters
    ----------
    sides
        One row for all people in scope.
    """
    row = sides.to_dict("records")[0]
    if row["suppressed"]:
        return Text(WITHHELD)
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


def between_groups_answer(table: pd.DataFrame) -> Text:
    """Answer whether the difference between left and right is another one in some groups.

    Parameters
    ----------
    table
        As :meth:`analysis.report.Report.sides_between_groups` returns it.
    """
    row = table.to_dict("records")[0]
    if row["suppressed"]:
        return Text(WITHHELD)
    if row["not_estimable"]:
        why = row["not_estimable"]
        return Text(f"Whether left and right differ alike in all groups cannot be tested: {why}.")
    test = f"test of interaction over {row['n_groups']} groups, p {p_text(row['p_value'])}"
    if row["p_value"] < 0.05:
        return Text(f"**The difference between left and right is not the same in all groups** ({test}).")
    return Text(f"The data do not show that the difference between left and right varies between groups ({test}).")


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
        return Text(WITHHELD)
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
