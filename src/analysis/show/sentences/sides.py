"""Left against right, in sentences."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from analysis.answers.one_comparison import SIDE_METHODS
from analysis.protocol import Protocol
from analysis.protocol.measures import Measure
from analysis.protocol.words import within_sentence
from analysis.show.display import Nothing, Text
from analysis.show.records import records
from analysis.show.sentences.by_chance import why_unknown
from analysis.show.tables.cells import chance_range
from analysis.show.words import (
    Row,
    change,
    count,
    from_to,
    in_unit,
    interval,
    known,
    listed,
    number,
    p_equation,
    percent,
    points,
    points_limits,
    sentence_start,
    size,
)

_LEVEL = 0.05


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
    used = [method for method in SIDE_METHODS if method.limits and known(row[f"{method.limits}_low"])]
    if len(used) < 2:
        only = f"Only one method can be used here: {used[0].label}." if used else ""
        return Text(only or "No method can compare left and right here.")
    ends = {method: (row[f"{method.limits}_low"], row[f"{method.limits}_high"]) for method in used}
    above = [method.label for method, (low, _) in ends.items() if low > 0]
    below = [method.label for method, (_, high) in ends.items() if high < 0]
    unclear = [method.label for method in used if method.label not in (*above, *below)]
    depends = "**Whether left and right differ depends on the method**: the 95 % CI"
    if above and below:
        return Text(f"{depends} is above 0 by {listed(above)}, and below by {listed(below)}.")
    if unclear and (above or below):
        return Text(f"{depends} leaves out 0 by {listed(above or below)}, and not by {listed(unclear)}.")
    estimates, limits = [row[method.difference] for method in used], [end for both in ends.values() for end in both]
    spread = f"in percentage points they estimate {_ends(estimates)}, with 95 % CIs from {_ends(limits)}"
    if unclear:
        return Text(f"No method finds a clear difference, which does not show that there is none: {spread}.")
    return Text(f"Every method finds a difference on the same side: {spread}.")


def _ends(shares: list[float]) -> str:
    low, high = (number(100 * end) for end in (min(shares), max(shares)))
    return low if low == high else f"{low} to {high}"


def asymmetry_answer(asymmetry: pd.DataFrame, protocol: Protocol) -> Text:
    """Answer whether the expected side is the stiffer one before the stretch.

    Parameters
    ----------
    asymmetry
        As :meth:`analysis.report.Report.asymmetry` returns it.
    protocol
        Says which side is expected to be worse, in which measure, at which visit.
    """
    noun = protocol.words
    rule = protocol.asymmetry
    rows = [r for r in records(asymmetry) if r["timepoint"] == protocol.classify_at]
    if rule is None or not rows or (not rows[0]["suppressed"] and rows[0]["n"] == 0):
        compared = f"compared {in_unit(protocol.measures[rule.measure])}" if rule else "compared"
        return Text(f"No person was measured on both sides in the same way, so the sides cannot be {compared}.")
    row, angle = rows[0], protocol.measures[rule.measure]
    if row["suppressed"]:
        return Text(f"The difference between the two {noun.hips} of one person {in_unit(angle)} is withheld.")
    measure = within_sentence(angle.label)
    mean = row["mean_difference"]
    less = "less" if mean < 0 else "more"
    apart = size(abs(mean), angle)
    people = count(row["n"], "person", "people")
    if not known(row["ci_low"]):
        one = row["n"] == 1
        compared = f"the left {noun.hip} had {apart} {less} {measure} than the right"
        if mean == 0:
            compared = f"both {noun.hips} had the same {measure}"
        measured = "One person was" if one else f"{people} were"
        average = "" if one else "on average "
        why = "" if one else ", too alike for an interval"
        return Text(f"{measured} measured on both sides: {average}{compared}{why}.")
    ci = f"95 % CI {from_to(row['ci_low'], row['ci_high'], angle)}, left minus right"
    sure = row["ci_high"] < 0 or row["ci_low"] > 0
    text = f"Before the {noun.stretch} left {noun.hips} had on average {apart} {less} {measure} than right {noun.hips} "
    text += f"({ci}; {people}). "
    if not sure:
        text = f"Before the {noun.stretch} left and right {noun.hips} did not clearly differ in {measure}: "
        text += f"{change(mean, angle)} ({ci}; {people}). "
    if not known(row["n_left_worse"]):
        return Text(f"{text}The number that differ beyond measurement error is withheld.")
    beyond = row["n_left_worse"] + row["n_right_worse"]
    each = f"the left {noun.hip} had less in {row['n_left_worse']:,}, the right in {row['n_right_worse']:,}"
    if beyond:
        text += f"The difference is beyond measurement error in {count(beyond, 'person', 'people')}: {each}. "
    else:
        text += "In none of them is the difference beyond measurement error. "
    show = "shows" if row["n_showing"] == 1 else "show"
    share = f"{percent(row['share_showing'])}; 95 % CI {interval(row['showing_low'], row['showing_high'])}"
    return Text(f"{text}{row['n_showing']:,} of {row['n']:,} {show} the expected pattern ({share}).")


def expectation(protocol: Protocol) -> Text | Nothing:
    """Say which side is expected to be the worse one, and by whom, where the protocol says so."""
    rule = protocol.asymmetry
    if rule is None or not rule.expected_by:
        return Nothing("Neither side is expected to be the worse one.")
    noun = protocol.words
    return Text(f"{sentence_start(rule.expected_by)} expects the {rule.worse} {noun.hip} to be the {noun.worse} one.")


def change_of_asymmetry_answer(table: pd.DataFrame, protocol: Protocol) -> Text:
    """Answer whether the two hips of a person came closer.

    Parameters
    ----------
    table
        As :meth:`analysis.report.Report.change_of_asymmetry` returns it.
    protocol
        Gives the words for the two timepoints.
    """
    noun = protocol.words
    rows = {row["quantity"]: row for row in records(table)}
    rule = protocol.asymmetry
    if rule is None or not rows or (not rows["size"]["suppressed"] and rows["size"]["n"] == 0):
        return Text("No person was measured on both sides both times in the same way, so no change can be told.")
    apart, showing, angle = rows["size"], rows["showing"], protocol.measures[rule.measure]
    if apart["suppressed"]:
        return Text(f"Whether the two {noun.hips} of one person came closer is withheld.")
    when = sentence_start(within_sentence(protocol.comparisons[apart["comparison"]].label))
    moved = f"from {size(apart['before'], angle)} to {size(apart['after'], angle)}"
    if not known(apart["ci_low"]):
        whose = "one person" if apart["n"] == 1 else f"each of {count(apart['n'], 'person', 'people')}, on average,"
        return Text(f"{when}: the difference between the two {noun.hips} of {whose} went {moved}.")
    signed_change = (
        f"{when} left minus right went on average {_moved(rows['difference'], change, angle)}: {_clearly(rows)}. "
    )
    people = count(apart["n"], "person", "people")
    text = f"{signed_change}Whichever side has less, the difference went {_moved(apart, size, angle)}; "
    text += f"{_closer_than_chance(apart, angle, protocol)} ({people}). "
    if showing["suppressed"]:
        return Text(f"{text}The number that showed the expected pattern is withheld.")
    limits = f"95 % CI {points_limits(showing, 'ci')}"
    pattern = f"{showing['n_before']:,} showed the expected pattern before and {showing['n_after']:,} after"
    return Text(f"{text}Beyond measurement error {pattern} ({points(showing['change'])}; {limits}).")


def _closer_than_chance(row: Row, angle: Measure, protocol: Protocol) -> str:
    """Say whether the sides came closer by more than they would have if nothing had truly changed."""
    noun = protocol.words
    if not known(row["by_chance"]):
        return f"whether the two {noun.hips} came closer cannot be told from chance: {why_unknown(row, protocol)}"
    chance = f"with nothing truly changed it would have changed by {change(row['by_chance'], angle)}"
    chance += chance_range(row, angle)
    if row["ci_high"] < row["by_chance_low"]:
        return f"{chance}, so **the two {noun.hips} had come closer** by more than chance"
    if row["ci_low"] > row["by_chance_high"]:
        return f"{chance}, so **the two {noun.hips} had drawn apart** by more than chance"
    return f"{chance}, so the data do not show that the two {noun.hips} came closer or drew apart by more than chance"


def _moved(row: Row, write: Callable[[float, Measure], str], angle: Measure) -> str:
    moved = f"change {change(row['change'], angle)}"
    if known(row["ci_low"]):
        moved += f"; 95 % CI {from_to(row['ci_low'], row['ci_high'], angle)}"
    return f"from {write(row['before'], angle)} to {write(row['after'], angle)} ({moved})"


def _clearly(rows: dict[str, Row]) -> str:
    row = rows["difference"]
    low, high = row["ci_low"], row["ci_high"]
    if not known(low):
        return "the same in everyone"
    if low <= 0 <= high:
        return "no clear change"
    if not known(row["by_chance"]):
        return "which chance alone may have brought about"
    beyond = low > row["by_chance_high"] or high < row["by_chance_low"]
    return "a clear change" if beyond else "no more than chance alone would give"
