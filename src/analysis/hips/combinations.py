"""Combinations of whole numbers, one of each kind a hip: which occur, how often, and what is looked up by them.

Hips are gone through in blocks, so that what is worked out for a block stays in the processor's cache.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

BLOCK = 2**18  # hips
_LARGEST_TABLE = 2**21


class Combinations(NamedTuple):
    """The combinations of answers that occur, and which of them each hip has."""

    answers: np.ndarray
    """Shape (answers, combinations)."""
    hips: np.ndarray
    """Hips with each combination."""
    numbers: np.ndarray
    """The number that stands for each combination, ascending."""
    number_of_hip: np.ndarray
    size: int
    """All numbers are below it."""

    def to_hips(self, values: np.ndarray) -> np.ndarray:
        """Give each hip the value of its combination."""
        table = np.zeros(self.size, dtype=values.dtype)
        table[self.numbers] = values
        return look_up(table, self.number_of_hip)

    @property
    def of_hip(self) -> np.ndarray:
        """Place of each hip's combination among those that occur."""
        return self.to_hips(np.arange(len(self.numbers), dtype=smallest(len(self.numbers))))


def combine(answers: Sequence[np.ndarray] | np.ndarray, levels: Sequence[int]) -> Combinations:
    """Find the combinations of answers that occur.

    Parameters
    ----------
    answers, levels
        One array of shape (hips,) for each thing in which hips can differ, of whole numbers from 0, and how many
        there can be of each.

    Examples
    --------
    >>> found = combine([np.array([1, 0, 1]), np.array([2, 2, 2])], [2, 3])
    >>> found.answers.tolist(), found.hips.tolist(), found.of_hip.tolist()
    ([[0, 1], [2, 2]], [1, 2], [1, 0, 1])
    """
    largest = min(_LARGEST_TABLE, max(16 * len(answers[0]), BLOCK))  # a table is worth filling for many hips
    taken = 1
    while taken < len(levels) and (taken < 2 or math.prod(levels[: taken + 1]) <= largest):
        taken += 1
    size = math.prod(levels[:taken])
    number = np.empty(len(answers[0]), dtype=smallest(size))
    for rows in blocks(len(number)):
        number[rows] = _one_number([answer[rows] for answer in answers[:taken]], levels[:taken])
    hips = count_of_each(number, size)
    numbers = np.flatnonzero(hips)
    found = np.stack(np.unravel_index(numbers, tuple(levels[:taken])))
    result = Combinations(found, hips[numbers], numbers, number, size)
    if taken == len(levels):
        return result
    # The rest would need too large a table at once; what was found so far goes in as one answer.
    more = combine([result.of_hip, *answers[taken:]], [len(numbers), *levels[taken:]])
    return more._replace(answers=np.concatenate([found[:, more.answers[0]], more.answers[1:]]))


def _one_number(answers: Sequence[np.ndarray], levels: Sequence[int]) -> np.ndarray:
    """Number the combinations as ``numpy.ravel_multi_index`` does, in no more bytes than the answers so far need."""
    size = levels[0]
    number = answers[0].astype(smallest(size))
    for answer, n_levels in zip(answers[1:], levels[1:], strict=True):
        size *= n_levels
        number = number.astype(smallest(size), copy=False)
        number *= number.dtype.type(n_levels)
        number += answer.astype(number.dtype, copy=False)
    return number


def smallest(size: int) -> np.dtype:
    """Return the type that holds numbers below a size: millions of hips are many times faster in few bytes."""
    return np.min_scalar_type(max(size, 1))


def blocks(n: int, size: int = BLOCK) -> Iterator[slice]:
    """Yield slices that together cover n hips, each small enough for the processor's cache."""
    return (slice(start, min(start + size, n)) for start in range(0, n, size))


def look_up(table: np.ndarray, code: np.ndarray) -> np.ndarray:
    """Return ``table[code]``, block by block."""
    result = np.empty(len(code), dtype=table.dtype)
    for rows in blocks(len(code)):
        result[rows] = table.take(code[rows])
    return result


def count_of_each(code: np.ndarray, size: int) -> np.ndarray:
    """Return how often each number below a size occurs, block by block."""
    counts = np.zeros(size, dtype="int64")
    for rows in blocks(len(code), max(size, BLOCK)):
        counts += np.bincount(code[rows], minlength=size)
    return counts


_PART = 2.0**28  # of two parts of a share; so many of 33 million hips are added exactly


def exact_totals(code: np.ndarray, size: int, shares: np.ndarray) -> np.ndarray:
    """Return the sums of shares, from 0 to 1, over the hips of each number below a size.

    They are added as whole numbers, so the sums are the same to the last bit in whatever order or blocks the hips come.

    Examples
    --------
    >>> shares = np.array([0.1, 0.2, 0.7])
    >>> np.sum(shares[[0, 1, 2]]) == np.sum(shares[[2, 1, 0]])
    np.False_
    >>> exact_totals(np.zeros(3, int), 1, shares) == exact_totals(np.zeros(3, int), 1, shares[::-1])
    array([ True])
    """
    return in_shares(whole_totals(code, size, shares))


def whole_totals(code: np.ndarray, size: int, shares: np.ndarray) -> np.ndarray:
    """Return these sums as whole numbers that may be added up, for :func:`in_shares`: float64 (2, size)."""
    scaled = shares * _PART
    high = np.floor(scaled)
    low = np.rint((scaled - high) * _PART)
    return np.stack([np.bincount(code, part, size) for part in (high, low)])


def in_shares(totals: np.ndarray) -> np.ndarray:
    """Return sums that were added up as whole numbers."""
    high, low = totals
    return (high + low / _PART) / _PART
