"""The range of every count, given those that are printed, where some sums may not be complete."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
from scipy.sparse import csr_array

from analysis.disclosure.bounds import bounds
from analysis.disclosure.sums import Sum

# A hip is in one group of a table; a person may be in several, and a pair only where both hips are in the same.
HIPS = ("n_hips", "n_evaluable", "n_responders", "n_known", "n_yes", "others")

Held: TypeAlias = tuple[Sum, int]
"""A sum that holds, and 1 where its whole may be larger than its parts, -1 where it may be smaller."""


class Ranges(NamedTuple):
    """What each count can be.

    Attributes
    ----------
    low, high
        The lowest and the highest number.
    lacking
        Sums of which the printed whole is more than its printed groups, and by how much.
    left_out
        Sums that contradict what is printed or each other, so that they tell nothing.
    """

    low: np.ndarray
    high: np.ndarray
    lacking: list[tuple[Sum, int]]
    left_out: list[Sum]


def ranges(known: Sequence[int | None], sums: Sequence[Sum]) -> Ranges:
    """Return the lowest and the highest number that each count can be.

    Parameters
    ----------
    known
        Of each count the number that is printed, or None.
    sums
        What is the sum of what, in places of ``known``. Where a printed whole is not the sum of its printed groups,
        no sum over these groups is taken as complete; sums that contradict each other are left out, and no others.

    Examples
    --------
    >>> found = ranges([40, 20, None], [Sum(0, [1, 2])])
    >>> found.low.tolist(), found.high.tolist(), found.lacking
    ([40.0, 20.0, 20.0], [40.0, 20.0, 20.0], [])
    """
    lacks = [_lack(known, one) for one in sums]
    held, left_out = _held(sums, lacks)
    printed = np.array([np.nan if one is None else one for one in known], dtype="float64")
    while True:
        low, high = _solve(printed, held)
        wrong = np.flatnonzero(low > high).tolist()
        if not wrong:
            lacking = [(one, lack) for one, lack in zip(sums, lacks, strict=True) if one.over and lack and lack > 0]
            return Ranges(low + 0.0, high, lacking, left_out)  # no -0.0
        against = _against_each_other(printed, _nearest_first(printed, held, wrong))
        left_out += [one for one, _ in against]
        held = [one for one in held if one not in against]


def _held(sums: Sequence[Sum], lacks: Sequence[int | None]) -> tuple[list[Held], list[Sum]]:
    """Return the sums that hold by themselves, and those that contradict what is printed."""
    of_groups: dict[tuple[str, str, str], set[int]] = {}
    for one, lack in zip(sums, lacks, strict=True):
        if one.over and lack:
            of_groups.setdefault(one.over, set()).add(lack)
    held, left_out = [], []
    for one, lack in zip(sums, lacks, strict=True):
        found = of_groups.get(one.over, set()) if one.over else set()
        if not _is_exact(one):
            if not found and one.complete and one.column.startswith("n_patients"):
                held.append((one, -1))
        elif min(found, default=0) < 0 or (lack and not one.over):
            left_out.append(one)
        elif not lack:
            held.append((one, int(bool(found) or not one.complete)))
    return held, left_out


def _nearest_first(printed: np.ndarray, held: Sequence[Held], wrong: Sequence[int]) -> list[Held]:
    """Return the sums that these counts are in, then those that have a number that is not printed with one of them."""
    beside: dict[int, list[int]] = {}
    for place, (one, _) in enumerate(held):
        for count in (one.whole, *one.parts):
            beside.setdefault(count, []).append(place)
    told = np.isfinite(printed).tolist()
    counts, places = dict.fromkeys(wrong), dict[int, None]()
    reached = list(wrong)
    for count in reached:  # it grows
        for place in beside[count]:
            if place not in places:
                places[place] = None
                one = held[place][0]
                more = [other for other in (one.whole, *one.parts) if not told[other] and other not in counts]
                counts |= dict.fromkeys(more)
                reached += more
    return [held[place] for place in places]


def _against_each_other(printed: np.ndarray, sums: list[Held]) -> list[Held]:
    """Return the first sums that contradict each other, none of which can be left out for that."""
    n = 1
    while not _contradict(printed, sums[:n]):
        n *= 2
    rest, found = sums[:n], list[Held]()
    while not _contradict(printed, found):
        # The last of the fewest sums that contradict what was found is one of those sought.
        n = bisect_left(range(len(rest)), True, lo=1, key=lambda n: _contradict(printed, [*found, *rest[:n]]))
        found.append(rest[n - 1])
        rest = rest[: n - 1]
    return found


def _contradict(printed: np.ndarray, sums: Sequence[Held]) -> bool:
    low, high = _solve(printed, sums)
    return bool((low > high).any())


def _solve(printed: np.ndarray, sums: Sequence[Held]) -> tuple[np.ndarray, np.ndarray]:
    entries, n_counts = [], len(printed)
    for place, (one, sign) in enumerate(sums):
        entries += [(place, one.whole, -1), *((place, part, 1) for part in one.parts)]
        if sign:  # what nobody knows
            entries.append((place, n_counts, sign))
            n_counts += 1
    row, column, times = np.array(entries, dtype="int64").reshape(-1, 3).T
    matrix = csr_array((times, (row, column)), shape=(len(sums), n_counts))
    matrix.sum_duplicates()
    value = np.concatenate([printed, np.full(n_counts - len(printed), np.nan)])
    low, high = bounds(matrix, value, np.isfinite(value))
    return low[: len(printed)], high[: len(printed)]


def _lack(known: Sequence[int | None], one: Sum) -> int | None:
    """Return what a printed whole has more than its printed parts; None where others that are not may make it up."""
    whole, *parts = (known[number] for number in (one.whole, *one.parts))
    if whole is None or not _is_exact(one):
        return None
    lack = whole - sum(part or 0 for part in parts)
    return None if None in parts and lack >= 0 else lack


def _is_exact(one: Sum) -> bool:
    return not one.over or one.over[2] == "clinic" or one.column in HIPS
