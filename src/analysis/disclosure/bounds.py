"""What a reader can say of a count by subtraction: the lowest and the highest number it can be."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.sparse import csc_array, csr_array

MANY = 1e7  # more than anybody counts: what is not known has no upper limit
_ROUNDS = 50  # of subtraction; each takes the answers of the one before


def bounds(sums: csr_array, value: np.ndarray, known: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the range of every count by subtraction alone, until it tells no more.

    Where sums contradict each other it stops at the first count whose lowest number is above its highest.

    Examples
    --------
    The whole is 20, and one of its two parts 17:

    >>> whole = csr_array(np.array([[-1, 1, 1]]))
    >>> low, high = bounds(whole, np.array([20, 17, 3]), np.array([True, True, False]))
    >>> low.tolist(), high.tolist()
    ([20.0, 17.0, 3.0], [20.0, 17.0, 3.0])
    """
    return Subtraction(sums).bounds(value, known)


class Subtraction:
    """Sums of counts, one a row, by row and by count."""

    def __init__(self, sums: csr_array) -> None:
        self._start, self._count, self._times = sums.indptr, sums.indices, sums.data
        by_count = csc_array(sums)
        self._start_of, self._row_of = by_count.indptr, by_count.indices

    def bounds(self, value: np.ndarray, known: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the range of every count, where these are known."""
        low, high = np.where(known, value, 0.0), np.where(known, value, MANY)
        self._narrow(low, high, np.arange(len(self._start) - 1))
        return low, high

    def with_known(
        self,
        low: np.ndarray,
        high: np.ndarray,
        value: np.ndarray,
        known: np.ndarray,
        enough: Callable[[np.ndarray, np.ndarray, np.ndarray], bool] | None = None,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the ranges within others, where more is known, or wider ones once they are ``enough``.

        That is asked of the lowest and the highest numbers, and which counts have changed.
        """
        more = np.flatnonzero(known & (low < high))
        low, high = low.copy(), high.copy()
        low[more] = high[more] = value[more]
        self._narrow(low, high, self._row_of[_within(self._start_of, more)], enough)
        return low, high

    def _narrow(
        self,
        low: np.ndarray,
        high: np.ndarray,
        rows: np.ndarray,
        enough: Callable[[np.ndarray, np.ndarray, np.ndarray], bool] | None = None,
    ) -> None:
        """Narrow ranges in place, until one is empty; only sums of which a count has changed can tell more."""
        for _ in range(_ROUNDS):
            rows = _distinct(rows, len(self._start) - 1)
            many = self._start[rows + 1] - self._start[rows]
            row = np.arange(len(rows)).repeat(many)
            entry = np.arange(len(row)) + (self._start[rows] - many.cumsum() + many)[row]
            count, times = self._count[entry], self._times[entry]
            before = low[count], high[count]
            ends = times * before
            least, most = np.minimum(*ends), np.maximum(*ends)
            # What the others of a sum leave for this one.
            rest_least = np.bincount(row, least, len(rows))[row] - least
            rest_most = np.bincount(row, most, len(rows))[row] - most
            left = -rest_least / times, -rest_most / times
            np.minimum.at(high, count, np.floor(np.maximum(*left) + 1e-9))
            np.maximum.at(low, count, np.ceil(np.minimum(*left) - 1e-9))
            changed = count[(low[count] != before[0]) | (high[count] != before[1])]
            if not len(changed) or (low[changed] > high[changed]).any():
                return
            if enough and enough(low, high, changed):
                return
            rows = self._row_of[_within(self._start_of, changed)]


def _distinct(numbers: np.ndarray, size: int) -> np.ndarray:
    """Return numbers below a size in order, each once; in a tenth of the time of :func:`numpy.unique`."""
    found = np.zeros(size, dtype=bool)
    found[numbers] = True
    return np.flatnonzero(found)


def _within(start: np.ndarray, which: np.ndarray) -> np.ndarray:
    """Return the places of all entries of these rows, one row after another."""
    first, many = start[which], start[which + 1] - start[which]
    return np.repeat(first - many.cumsum() + many, many) + np.arange(many.sum())
