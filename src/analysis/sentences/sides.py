"""Left against right, in sentences."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from analysis.display import Text
from analysis.protocol import Protocol
from analysis.sentences.responders import Row
from analysis.sides import SIDE_METHODS
from analysis.words import (
    count,
    interval,
    known,
    listed,
    number,
    p_equation,
    percent,
    points,
    sentence_start,
    signed,
    within_sentence,
)

_LEVEL = 0.05


def sides_answer(sides: pd.DataFrame) -> Text:
    """Answer whether left and right hips of the same people responded differently.

    Parameters
    ----------
    sides
        One row for all people in scope.
    """
    row = sides.to_dict("records")[0]
    if row["suppressed"]:
        return Text("How left and right hips of the same people responded is withheld.")
    if row["n"] == 0:
        return Text("No person has both hips judged, so left and right cannot be compared in the same people.")
    low, high = row["newcombe_low"], row["newcombe_high"]
    ci = f"95 % CI {number(100 * low)} to {number(100 * high)}"
    alone = f"only the left hip responded in {row['left_only']}, only the right in {row['right_only']}"
    if row["left_only"] == row["right_only"] == 0:
        alone = "in none did one hip respond without the other"
    if low > 0:
        verdict = "**Left hips responded more often than right hips**"
    elif high < 0:
        verdict = "**Right hips responded more often than left hips**"
    else:
        verdict = "**No clear difference between left and right**"
    people = count(row["n"], "person", "people")
    return Text(
        f"{verdict}: of {people} with both hips judged, {alone} (difference {points(row['difference'])}; {ci})."
    )


def between_groups_answer(table: pd.DataFrame, protocol: Protocol) -> Text:
    """Answer whether the difference between left and right is not the same in all types or arms.

    Parameters
    ----------
    table
        As :meth:`analysis.report.Report.sides_between_groups` returns it.
    protocol
        Says what the groups are.
    """
    groups = "stretch types" if protocol.types else "groups"
    question = f"Whether the difference between left and right is the same in all {groups}"
    row = table.to_dict("records")[0]
    if table["suppressed"].any():
        return Text(f"{question} is withheld.")
    if row["no_test"]:
        return Text(f"{question} is not estimable: {row['no_test']}.")
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
    row = sides.to_dict("records")[0]
    if row["suppressed"]:
        return Text("Whether another method would find another answer is withheld.")
    used = [method for method in SIDE_METHODS if known(row[method.p])]
    if not used:
        return Text("No method can compare left and right here.")
    if len(used) == 1:
        return Text(f"Only one method can be used here: {used[0].label}.")
    clear = [method.label for method in used if row[method.p] < _LEVEL]
    not_clear = [method.label for method in used if row[method.p] >= _LEVEL]
    if clear and not_clear:
        found = f"p is below .05 by {listed(clear)}, and not by {listed(not_clear)}"
        return Text(f"**Whether left and right differ depends on the method**: {found}.")
    found = "every method that can be used finds p" if clear else "no method that can be used finds p"
    return Text(f"The answer does not depend on the method: {found} below .05.")


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
        return Text("How the two hips of one person differ in degrees is withheld.")
    measure = within_sentence(protocol.measures[rule.measure].label)
    mean = row["mean_difference"]
    less = "less" if mean < 0 else "more"
    size = f"{abs(mean):.1f}°"
    people = count(row["n"], "person", "people")
    if not known(row["ci_low"]):
        one = row["n"] == 1
        compared = f"the left hip had {size} {less} {measure} than the right"
        if mean == 0:
            compared = f"both hips had the same {measure}"
        measured = "One person was" if one else f"{people} were"
        average = "" if one else "on average "
        why = "" if one else ", too alike for an interval"
        return Text(f"{measured} measured on both sides: {average}{compared}{why}.")
    ci = f"95 % CI {number(row['ci_low'], 1)} to {number(row['ci_high'], 1)}, left minus right"
    sure = row["ci_high"] < 0 or row["ci_low"] > 0
    text = f"Before the stretch left hips had on average {size} {less} {measure} than right hips ({ci}; {people}). "
    if not sure:
        text = f"Before the stretch left and right hips did not clearly differ in {measure}: "
        text += f"{signed(mean, 1)}° ({ci}; {people}). "
    if not known(row["n_left_worse"]):
        return Text(f"{text}How many differ beyond measurement error is withheld.")
    beyond = row["n_left_worse"] + row["n_right_worse"]
    each = f"the left hip had less in {row['n_left_worse']}, the right in {row['n_right_worse']}"
    if beyond:
        text += f"The difference is beyond measurement error in {count(beyond, 'person', 'people')}: {each}. "
    else:
        text += "In none of them is the difference beyond measurement error. "
    show = "shows" if row["n_showing"] == 1 else "show"
    share = f"{percent(row['share_showing'])}; 95 % CI {interval(row['showing_low'], row['showing_high'])}"
    return Text(f"{text}So {row['n_showing']} of {row['n']} {show} the expected pattern ({share}).")


def change_of_asymmetry_answer(table: pd.DataFrame, protocol: Protocol) -> Text:
    """Answer whether the two hips of a person came closer.

    Parameters
    ----------
    table
        As :meth:`analysis.report.Report.change_of_asymmetry` returns it.
    protocol
        Gives the words for the two timepoints.
    """
    rows = {row["quantity"]: row for row in table.to_dict("records")}
    if not rows or (not rows["size"]["suppressed"] and rows["size"]["n"] == 0):
        return Text("No person was measured on both sides both times in the same way, so no change can be told.")
    size, showing = rows["size"], rows["showing"]
    if size["suppressed"]:
        return Text("Whether the two hips of one person came closer is withheld.")
    when = sentence_start(within_sentence(protocol.comparisons[size["comparison"]].label))
    moved = f"from {number(size['before'], 1)}° to {number(size['after'], 1)}°"
    if not known(size["ci_low"]):
        whose = "one person" if size["n"] == 1 else f"each of {count(size['n'], 'person', 'people')}, on average,"
        return Text(f"{when}: the difference between the two hips of {whose} went {moved}.")
    signed_change = f"{when} left minus right went on average {_moved(rows['difference'], signed)}: {_clearly(rows)}. "
    verdict = "so the data do not show that the two hips came closer or drew apart"
    if size["ci_high"] < 0:
        verdict = "so **the two hips had come closer**"
    elif size["ci_low"] > 0:
        verdict = "so **the two hips had drawn apart**"
    people = count(size["n"], "person", "people")
    text = f"{signed_change}Whichever side has less, the difference went {_moved(size, number)}, {verdict} ({people}). "
    if showing["suppressed"]:
        return Text(f"{text}How many showed the expected pattern is withheld.")
    limits = f"95 % CI {number(100 * showing['ci_low'])} to {number(100 * showing['ci_high'])}"
    pattern = f"{showing['n_before']} showed the expected pattern before and {showing['n_after']} after"
    return Text(f"{text}Beyond measurement error {pattern} ({points(showing['change'])}; {limits}).")


def _moved(row: Row, write: Callable[[float, int], str]) -> str:
    change = f"change {signed(row['change'], 1)}°"
    if known(row["ci_low"]):
        change += f"; 95 % CI {number(row['ci_low'], 1)} to {number(row['ci_high'], 1)}"
    return f"from {write(row['before'], 1)}° to {write(row['after'], 1)}° ({change})"


def _clearly(rows: dict[str, Row]) -> str:
    low, high = rows["difference"]["ci_low"], rows["difference"]["ci_high"]
    if not known(low):
        return "the same in everyone"
    return "a clear change" if low > 0 or high < 0 else "no clear change"
