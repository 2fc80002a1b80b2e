"""Left against right, in sentences."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain

import pandas as pd

from analysis.answers.one_comparison import SIDE_METHODS, SideMethod
from analysis.protocol import Protocol
from analysis.show.display import Text
from analysis.show.records import records
from analysis.show.words import (
    Row,
    count,
    known,
    listed,
    number,
    p_equation,
    points,
    points_limits,
)

_LEVEL = 0.05
_NO_METHOD = "No method can compare left and right here."


def sides_answer(sides: pd.DataFrame, protocol: Protocol) -> Text:
    """Answer whether left and right hips of the same people responded differently.

    Parameters
    ----------
    sides
        One row for all people in scope.
    """
    noun = protocol.words
    row = records(sides)[0]
    if row["suppressed"]:
        return Text(f"The comparison of left and right {noun.hips} of the same people is withheld.")
    if row["n"] == 0:
        return Text(f"No person has both {noun.hips} judged, so left and right cannot be compared in the same people.")
    low, high = row["ci_low"], row["ci_high"]
    ci = f"95 % CI {points_limits(row, 'ci')}"
    alone = f"only the left {noun.hip} responded in {row['left_only']:,}, only the right in {row['right_only']:,}"
    if row["left_only"] == row["right_only"] == 0:
        alone = f"in none did one {noun.hip} respond without the other"
    if low > 0:
        verdict = f"**Left {noun.hips} responded more often than right {noun.hips}**{if_alike(row)}"
    elif high < 0:
        verdict = f"**Right {noun.hips} responded more often than left {noun.hips}**{if_alike(row)}"
    else:
        verdict = "**No clear difference between left and right**"
    people = count(row["n"], "person", "people")
    return Text(
        f"{verdict}: of {people} with both {noun.hips} judged, {alone} (difference {points(row['difference'])}; {ci})."
        f"{_beside(row)}"
    )


def if_alike(row: Row) -> str:
    """Say what a difference between the sides takes for granted where it is of a few clinics."""
    few = row["clustered_by"] == "person" and row["n_clinics"] > 1
    return ", if clinics do not differ in left against right" if few else ""


def _beside(row: Row) -> str:
    """Say what McNemar's test and its interval would be where clinics are the clusters."""
    if row["clustered_by"] != "clinic":
        return ""
    ends = points_limits(row, "tango")
    return f" If clinics do not differ in it, the 95 % CI is {ends} ({p_equation(row['p_score'])}, McNemar)."


def between_groups_answer(table: pd.DataFrame, protocol: Protocol) -> Text:
    """Answer whether the difference between left and right is not the same in all types or arms.

    Parameters
    ----------
    table
        As :meth:`analysis.report.Report.sides_between_groups` returns it.
    protocol
        Says what the groups are.
    """
    noun = protocol.words
    groups = f"{noun.stretch} types" if protocol.types else "groups"
    question = f"Whether the difference between left and right is the same in all {groups}"
    row = records(table)[0]
    if table["suppressed"].any():
        return Text(f"{question} is withheld.")
    if row["no_test"]:
        return Text(f"{question} is not estimable: {protocol.words.tell(row['no_test'])}.")
    test = p_equation(row["p_interaction"])
    if row["p_interaction"] < _LEVEL:
        return Text(f"**The difference between left and right is not the same in all {groups}** ({test}).")
    return Text(f"The data do not show that the difference between left and right varies between {groups} ({test}).")


def methods_answer(sides: pd.DataFrame) -> Text:
    """Answer whether another method would have found another answer.

    Parameters
    ----------
    sides
        One row for all people in scope.
    """
    row = records(sides)[0]
    if row["suppressed"]:
        return Text("The answers of other methods are withheld.")
    limits = {each: (row[f"{each.limits}_low"], row[f"{each.limits}_high"]) for each in SIDE_METHODS if each.limits}
    used = {method: ends for method, ends in limits.items() if known(ends[0])}
    if len(used) < 2:
        names = ", ".join(method.label for method in used)
        return Text(f"Only one method can be used here: {names}." if names else _NO_METHOD)
    found: dict[str, list[str]] = {"above": [], "below": [], "unclear": []}
    for method, (low, high) in used.items():
        found["above" if low > 0 else "below" if high < 0 else "unclear"].append(method.label)
    above, below, unclear = found.values()
    depends = "**Whether left and right differ depends on the method**: the 95 % CI"
    if above and below:
        return Text(f"{depends} is above 0 by {listed(above)}, and below by {listed(below)}.")
    if unclear and (above or below):
        return Text(f"{depends} leaves out 0 by {listed(above or below)}, and not by {listed(unclear)}.")
    if unclear:
        return Text(
            f"No method finds a clear difference, which does not show that there is none: {_estimates(row, used)}."
        )
    return Text(f"Every method finds a difference on the same side: {_estimates(row, used)}.")


def _estimates(row: Row, used: Mapping[SideMethod, tuple[float, float]]) -> str:
    """Say what all methods estimate, from the lowest to the highest."""
    estimates, limits = [row[method.difference] for method in used], [*chain.from_iterable(used.values())]
    return f"in percentage points they estimate {_ends(estimates)}, with 95 % CIs from {_ends(limits)}"


def _ends(shares: list[float]) -> str:
    low, high = (number(100 * end) for end in (min(shares), max(shares)))
    return low if low == high else f"{low} to {high}"
