"""The range of every count, given those that are printed, where some sums may not be complete."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from scipy.sparse import csr_array

from analysis.disclosure.bounds import bounds
from analysis.disclosure.sums import Sum

# A hip is in one group of a table; a person may be in several, and a pair only where both hips are in the same.
HIPS = ("n_hips", "n_evaluable", "n_responders", "n_known", "n_yes", "others")


def ranges(known: Sequence[int | None], sums: Sequence[Sum]) -> tuple[np.ndarray, np.ndarray, list[tuple[Sum, int]]]:
    """Return the lowest and the highest number that each count can be, and where a whole is more than its groups.

    Parameters
    ----------
    known
        Of each count the number that is printed, or None.
    sums
        What is the sum of what, in places of ``known``. Where a printed whole is not the sum of its printed groups,
        no sum over these groups is taken as complete; what else contradicts is left out.

    Examples
    --------
    >>> low, high, lacking = ranges([40, 20, None], [Sum(0, [1, 2])])
    >>> low.tolist(), high.tolist(), lacking
    ([40.0, 20.0, 20.0], [40.0, 20.0, 20.0], [])
    """
    lacking = [(one, lack) for one in sums if _is_exact(one) and (lack := _lack(known, one))]
    held = [(one.whole, one.parts, sign) for one, sign in _held(known, sums, lacking)]
    more = [(one, lack) for one, lack in lacking if one.over and lack > 0]
    while True:
        low, high = _solve(known, held)
        wrong = set(np.flatnonzero(low > high).tolist())
        fit = [one for one in held if wrong.isdisjoint((one[0], *one[1]))]
        if len(fit) == len(held):
            return low + 0.0, high, more  # no -0.0
        held = fit


def _held(
    known: Sequence[int | None], sums: Sequence[Sum], lacking: Sequence[tuple[Sum, int]]
) -> Iterator[tuple[Sum, int]]:
    """Yield the sums that hold, each with 1 where its whole may be larger and -1 where it may be smaller."""
    lacks: dict[tuple[str, str, str], list[int]] = {}
    for one, lack in lacking:
        if one.over:
            lacks.setdefault(one.over, []).append(lack)
    for one in sums:
        found = lacks.get(one.over, []) if one.over else []
        if _is_exact(one):
            if not _lack(known, one) and min(found, default=0) >= 0:
                yield one, int(bool(found))
        elif not found and one.column.startswith("n_patients"):
            yield one, -1


def _solve(known: Sequence[int | None], sums: Sequence[tuple[int, list[int], int]]) -> tuple[np.ndarray, np.ndarray]:
    entries, n_counts = [], len(known)
    for place, (whole, parts, sign) in enumerate(sums):
        entries += [(place, whole, -1), *((place, part, 1) for part in parts)]
        if sign:  # what nobody knows
            entries.append((place, n_counts, sign))
            n_counts += 1
    row, column, times = np.array(entries, dtype="int64").reshape(-1, 3).T
    matrix = csr_array((times, (row, column)), shape=(len(sums), n_counts))
    matrix.sum_duplicates()
    others = [None] * (n_counts - len(known))
    is_known = np.array([one is not None for one in (*known, *others)])
    low, high = bounds(matrix, np.array([float(one or 0) for one in (*known, *others)]), is_known)
    return low[: len(known)], high[: len(known)]


def _lack(known: Sequence[int | None], one: Sum) -> int | None:
    """Return what a printed whole has more than its printed parts; None where not all are printed."""
    whole, *parts = (known[number] for number in (one.whole, *one.parts))
    return None if whole is None or None in parts else whole - sum(part or 0 for part in parts)


def _is_exact(one: Sum) -> bool:
    return not one.over or one.over[2] == "clinic" or one.column in HIPS
