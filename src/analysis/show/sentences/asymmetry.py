"""How left and right differ in degrees, who shows the pattern, and whether the sides came closer, in sentences."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

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
    percent,
    points,
    points_limits,
    sentence_start,
    size,
)


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
    if not known(row["ci_low"]):
        return Text(_without_interval(row, angle, protocol))
    text = _on_average(row, angle, protocol)
    if not known(row["n_left_worse"]):
        return Text(f"{text} The number that differ beyond measurement error is withheld.")
    show = "shows" if row["n_showing"] == 1 else "show"
    share = f"{percent(row['share_showing'])}; 95 % CI {interval(row['showing_low'], row['showing_high'])}"
    showing = f"{row['n_showing']:,} of {row['n']:,} {show} the expected pattern ({share})."
    return Text(f"{text} {_beyond_error(row, protocol)} {showing}")


def _without_interval(row: Row, angle: Measure, protocol: Protocol) -> str:
    compared = f"the left {protocol.words.hip} had {_apart(row, angle)} than the right"
    if row["mean_difference"] == 0:
        compared = f"both {protocol.words.hips} had the same {within_sentence(angle.label)}"
    if row["n"] == 1:
        return f"One person was measured on both sides: {compared}."
    people = count(row["n"], "person", "people")
    return f"{people} were measured on both sides: on average {compared}, too alike for an interval."


def _on_average(row: Row, angle: Measure, protocol: Protocol) -> str:
    noun = protocol.words
    ci = f"95 % CI {from_to(row['ci_low'], row['ci_high'], angle)}, left minus right"
    behind = f"{ci}; {count(row['n'], 'person', 'people')}"
    if row["ci_high"] < 0 or row["ci_low"] > 0:
        apart = f"left {noun.hips} had on average {_apart(row, angle)} than right {noun.hips}"
        return f"Before the {noun.stretch} {apart} ({behind})."
    alike = f"left and right {noun.hips} did not clearly differ in {within_sentence(angle.label)}"
    return f"Before the {noun.stretch} {alike}: {change(row['mean_difference'], angle)} ({behind})."


def _apart(row: Row, angle: Measure) -> str:
    less = "less" if row["mean_difference"] < 0 else "more"
    return f"{size(abs(row['mean_difference']), angle)} {less} {within_sentence(angle.label)}"


def _beyond_error(row: Row, protocol: Protocol) -> str:
    beyond = row["n_left_worse"] + row["n_right_worse"]
    if not beyond:
        return "In none of them is the difference beyond measurement error."
    each = f"the left {protocol.words.hip} had less in {row['n_left_worse']:,}, the right in {row['n_right_worse']:,}"
    return f"The difference is beyond measurement error in {count(beyond, 'person', 'people')}: {each}."


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
