"""Left against right in degrees: the stiffer hip of a person, before the stretch and after it."""

import numpy as np
import pandas as pd

from claims.intervals import of_mean, of_pairs, of_rate
from claims.rows import ONE, clusters, error, left_minus_right, own_clinics
from claims.wording import (
    FROM_TO,
    LIMITS,
    PEOPLE,
    D,
    N,
    P,
    Seen,
    claim,
    same,
    same_percent,
    same_range,
    same_rounded,
    same_words,
    side_of_zero,
)

BEFORE = "Before the stretch left"


def first(seen: Seen):
    return left_minus_right(seen, seen.report.protocol.classify_at)


def beyond(seen: Seen, degrees) -> tuple[int, int]:
    """In how many people the left hip, and in how many the right, has less by more than error."""
    band = error(seen, seen.report.protocol.asymmetry.measure)
    return (degrees < -band).sum(), (degrees > band).sum()


def showing(seen: Seen, degrees):
    band = error(seen, seen.report.protocol.asymmetry.measure)
    return degrees < -band if seen.report.protocol.asymmetry.worse == "left" else degrees > band


@claim(rf"left hips had on average {D}° (less|more) .+? than right hips \({LIMITS}, left minus right; {N} {PEOPLE}\)")
def stiffer(seen, size, less, low, high, people):
    degrees = first(seen)
    limits = of_mean(clusters(seen, degrees.index), degrees)
    same([size, low, high, people], abs(degrees.mean()), *limits, len(degrees))
    assert side_of_zero(limits) == (-1 if less == "less" else 1)


@claim(rf"did not clearly differ in .+?: {D}° \({LIMITS}, left minus right; {N} {PEOPLE}\)")
def not_stiffer(seen, difference, low, high, people):
    degrees = first(seen)
    limits = of_mean(clusters(seen, degrees.index), degrees)
    same([difference, low, high, people], degrees.mean(), *limits, len(degrees))
    assert side_of_zero(limits) == 0


@claim(rf"^(One person|{N} people) (?:was|were) measured on both sides: (?:on average )?"
       rf"(?:(both hips had the same)|the left hip had {D}° (less|more))")  # fmt: skip
def alike(seen, _, people, same_in_both, size, less):
    degrees = first(seen)
    same([people or "1", size or "0"], len(degrees), abs(degrees.mean()))
    assert len(set(degrees)) == 1
    same_words(less, "" if same_in_both else "less" if degrees.mean() < 0 else "more")


@claim(rf"(In none of them is the difference|The difference is) beyond measurement error"
       rf"(?: in {N} {PEOPLE}: the left hip had less in {N}, the right in {N})?\. "
       rf"{N} of {N} shows? the expected pattern \({P}; {FROM_TO}\)")  # fmt: skip
def pattern(seen, none, differ, left, right, shows, people, share, limits):
    degrees = first(seen)
    less = beyond(seen, degrees)
    same([differ or "0", left or "0", right or "0"], sum(less), *less)
    assert none.startswith("In none") == (sum(less) == 0)
    n = showing(seen, degrees).sum()
    same([shows, people], n, len(degrees))
    same_percent(share, n / len(degrees))
    people = degrees.index.to_frame(index=False).assign(clinic_id=own_clinics(seen, degrees.index))
    same_range(limits, of_rate(people, pd.Series(showing(seen, degrees).to_numpy(), people.index)))


@claim(rf"^Less [^,]+ beyond error, at (\w+): the left hip of {N}, the right of {N} of {N} {PEOPLE}$")
def pattern_in_title(seen, timepoint, left, right, people):
    degrees = left_minus_right(seen, timepoint)
    same([left, right, people], *beyond(seen, degrees), len(degrees))


@claim(rf"at (\w+) the left had less in {N} of {N}, the right in {N}")
def pattern_at_visit(seen, timepoint, left, people, right):
    degrees = left_minus_right(seen, timepoint)
    counted = beyond(seen, degrees)
    same([left, people, right], counted[0], len(degrees), counted[1])


def both_times(seen: Seen):
    """Left less right before and after, of those whose visits were alike on both sides and both times."""
    report = seen.report
    pair, rows = report.protocol.comparisons[report.comparison], report._tables.changes
    alike = rows[(rows["comparison"] == report.comparison) & rows["comparable"]].groupby(ONE).size()
    before, after = (left_minus_right(seen, at) for at in (pair.start, pair.end))
    people = before.index.intersection(after.index).intersection(alike[alike == 2].index)
    return before.loc[people], after.loc[people]


@claim(rf"left minus right went on average from {D}° to {D}° \(change {D}°(?:; {LIMITS})?\): "
       r"(no clear change|a clear change|no more than chance alone would give|which chance alone may have brought about"
       r"|the same in everyone)\.")  # fmt: skip
def moved(seen, mean_before, mean_after, change, low, high, clear):
    before, after = both_times(seen)
    moved = (after - before).round(1)
    limits = of_mean(clusters(seen, moved.index), moved)
    same([mean_before, mean_after, change], before.mean(), after.mean(), moved.mean())
    if low:
        same([low, high], *limits)
    assert bool(low) == (limits[0] == limits[0])
    chance = by_chance(seen, before.index)[0]
    words = (
        "a clear change"
        if limits[0] > max(chance) or limits[1] < min(chance)
        else "no more than chance alone would give"
    )
    words = "which chance alone may have brought about" if np.isnan(chance[0]) else words
    words = "no clear change" if side_of_zero(limits) == 0 else words
    same_words(clear, words if low else "the same in everyone")


def by_chance(seen: Seen, people) -> tuple[list[float], list[float]]:
    """What the analysis of the whole study expects left less right, and its size, to change by, at each error tried."""
    measure, rows = seen.report.protocol.asymmetry.measure, seen.report._tables.changes
    rows = rows[rows["comparison"] == seen.report.comparison]
    left = rows[rows["side"] == "left"].set_index(ONE).reindex(people)
    signed, size = [], []
    for at in ("", "_least", "_most"):
        signed.append(left[f"{measure}_difference_by_chance{at}"].mean())
        size.append(left[f"{measure}_apart_by_chance{at}"].mean())
    return signed, size


@claim(rf"Whichever side has less, the difference went from {D}° to {D}° \(change {D}°; {LIMITS}\); "
       rf"(?:with nothing truly changed it would have changed by {D}°"
       rf"(?: \({D} to {D} over the measurement errors tried\))?, so (?:\*\*)?)?"
       r"(the two hips had come closer|the two hips had drawn apart|the data do not show that the two hips came"
       rf"|whether the two hips came closer cannot be told)[^(]*\({N} {PEOPLE}\)\.")  # fmt: skip
def closer(seen, size_before, size_after, change, low, high, chance, least, most, verdict, people):
    before, after = both_times(seen)
    moved = (after.abs() - before.abs()).round(1)
    limits = of_mean(clusters(seen, moved.index), moved)
    counted = before.abs().mean(), after.abs().mean(), moved.mean(), *limits, len(moved)
    same([size_before, size_after, change, low, high, people], *counted)
    expected = by_chance(seen, before.index)[1]
    if not chance:
        assert np.isnan(expected[0])
        same_words(verdict, "whether the two hips came closer cannot be told")
        return
    same([chance], expected[0])
    if least:
        same([least, most], min(expected), max(expected))
    words = "the data do not show that the two hips came"
    words = "the two hips had come closer" if limits[1] < min(expected) else words
    same_words(verdict, "the two hips had drawn apart" if limits[0] > max(expected) else words)


@claim(rf"the difference between the two hips of (?:one person|each of {N} people, on average,) went from {D}° to {D}°")
def closer_alike(seen, people, size_before, size_after):
    before, after = both_times(seen)
    same([people or "1", size_before, size_after], len(before), before.abs().mean(), after.abs().mean())


@claim(rf"Beyond measurement error {N} showed the expected pattern before and {N} after "
       rf"\({D} percentage points?; {LIMITS}\)")  # fmt: skip
def pattern_before_and_after(seen, n_before, n_after, points, low, high):
    before, after = (showing(seen, degrees) for degrees in both_times(seen))
    same([n_before, n_after], before.sum(), after.sum())
    limits = of_pairs(after, before)
    if (clinic := clusters(seen, before.index)).nunique() < len(before) and clinic.nunique() > 4:
        by_clinic = of_mean(clinic, after.astype(float) - before)
        limits = limits if by_clinic[0] != by_clinic[0] else (max(by_clinic[0], -1), min(by_clinic[1], 1))
    same_rounded([points, low, high], *(100 * x for x in (after.mean() - before.mean(), *limits)))


@claim(r"No person was measured on both sides (both times )?in the same way")
def nobody_measured(seen, twice):
    assert (both_times(seen)[0] if twice else first(seen)).empty
