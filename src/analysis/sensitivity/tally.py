"""Counts under many readings at once: hips are grouped by what every reading makes of them.

Hips that get the same answers under all readings are one kind, and to every count two people with hips of
the same kinds are the same. So each reading is counted over the kinds there are, and over how often each
two of them belong together, in whole numbers and never over rows.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array

from analysis.stats.proportions import ClusterSums


class Kinds(NamedTuple):
    """The kinds of hips in a cohort, numbered from 0, and how often each two of them belong together."""

    of_hip: np.ndarray
    """Kind of each hip."""
    first: np.ndarray
    """One hip of each kind, by its row."""
    hips: np.ndarray
    """Hips of each kind that belong to people with one or two hips."""
    together: csr_array
    """Shape (kinds, kinds): people with exactly two hips, by the kinds of these."""
    crowds: np.ndarray
    """Shape (people with more than two hips, most of them): kinds of their hips, −1 for "no further hip"."""
    left_right: csr_array
    """Shape (kinds, kinds): the left and the right hip of one person and episode."""


def kinds_of(signatures: Sequence[np.ndarray], person: np.ndarray, pair: np.ndarray, side: np.ndarray) -> Kinds:
    """Group hips by their signatures and count which kinds belong together.

    Parameters
    ----------
    signatures
        Whole numbers from 0, one array of shape (hips,) for each thing in which hips can differ.
    person, pair
        Codes from 0 of the person, and of the person and episode, of each hip.
    side
        0 for left, 1 for right.
    """
    sizes = [int(signature.max(initial=0)) + 1 for signature in signatures]
    code = np.zeros(len(person), dtype=_smallest(math.prod(sizes)))
    for signature, size in zip(signatures, sizes, strict=True):
        code = code * size + signature.astype(code.dtype)
    first, of_hip = distinct(code)
    n_hips = np.bincount(person)
    start = np.cumsum(n_hips) - n_hips
    in_order = (person[1:] >= person[:-1]).all()
    by_person = of_hip if in_order else of_hip[np.argsort(person, kind="stable")]
    two, crowd = start[n_hips == 2], n_hips > 2
    beside = by_person[~np.repeat(crowd, n_hips)] if crowd.any() else by_person
    return Kinds(
        of_hip=of_hip,
        first=first,
        hips=np.bincount(beside, minlength=len(first)),
        together=_count_together(by_person[two], by_person[two + 1], len(first)),
        crowds=_crowds(by_person, start[crowd], n_hips[crowd]),
        left_right=_count_together(*_both_sides(of_hip, pair, side), len(first)),
    )


def _both_sides(of_hip: np.ndarray, pair: np.ndarray, side: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the kinds of the left and the right hip of every pair that has both."""
    kinds = np.full((2, int(pair.max(initial=-1)) + 1), -1, dtype="int32")
    kinds[side, pair] = of_hip
    complete = (kinds[0] >= 0) & (kinds[1] >= 0)
    return kinds[0, complete], kinds[1, complete]


def _count_together(one: np.ndarray, other: np.ndarray, n_kinds: int) -> csr_array:
    code = one.astype(_smallest(n_kinds**2)) * n_kinds + other
    first, rank = distinct(code)
    counts = np.bincount(rank, minlength=len(first))
    return csr_array((counts, (one[first], other[first])), shape=(n_kinds, n_kinds), dtype="int64")


def _smallest(size: int) -> np.dtype:
    """Return the type that holds codes below a size: millions of hips are many times faster in few bytes."""
    return np.min_scalar_type(max(size - 1, 0))


def _crowds(kinds: np.ndarray, start: np.ndarray, n_hips: np.ndarray) -> np.ndarray:
    rows = np.full((len(start), int(n_hips.max(initial=0))), -1)
    for place in range(rows.shape[1]):
        has = n_hips > place
        rows[has, place] = kinds[start[has] + place]
    return rows


def distinct(code: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return one row of each distinct number, and the rank of each row's number; without sorting where it can.

    Examples
    --------
    >>> distinct(np.array([7, 3, 7]))
    (array([1, 2]), array([1, 0, 1], dtype=uint8))
    """
    size = int(code.max(initial=0)) + 1
    if size > max(16 * len(code), 2**16):
        _, first, rank = np.unique(code, return_index=True, return_inverse=True)
        return first, rank
    last_row = np.full(size, -1)
    last_row[code] = np.arange(len(code))
    first = last_row[last_row >= 0]
    rank_of = np.cumsum(last_row >= 0) - 1
    return first, rank_of.astype(_smallest(len(first)))[code]


def same_columns(table: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the distinct columns of a table of small whole numbers, and which of them each column is."""
    code, size = np.zeros(table.shape[1], dtype="uint8"), 1
    for row in table:
        levels = int(row.max(initial=0)) + 1
        if size * levels > 2**24:
            first, code = distinct(code)
            size = len(first)
        size *= levels
        code = code.astype(_smallest(size)) * levels + row.astype(_smallest(size))
    first, kind = distinct(code)
    return table[:, first], kind


def count_people(
    kinds: Kinds, evaluable: np.ndarray, responded: np.ndarray
) -> tuple[ClusterSums, np.ndarray, np.ndarray]:
    """Return the sums from which a rate and its interval follow, under many readings.

    Parameters
    ----------
    kinds
        As :func:`kinds_of` returns them.
    evaluable, responded
        Boolean, shape (readings, kinds of hips).

    Returns
    -------
    ClusterSums, numpy.ndarray, numpy.ndarray
        Each entry of the sums has one number per reading; then the people with at least one responder hip,
        and with at least one non-responder hip.
    """
    x, failed = responded.astype("int64"), (evaluable & ~responded).astype("int64")
    n_x, n_failed = x @ kinds.hips, failed @ kinds.hips
    # Of people with two hips: both responded, the one only, the other only, neither.
    both, one_only, other_only, neither = _pairs(kinds.together, x, failed)
    mixed, pairs = one_only + other_only, both + one_only + other_only + neither
    m, k = (_per_person(kinds.crowds, flags) for flags in (x + failed, x))
    n = n_x + n_failed
    sums = ClusterSums(
        people=n - pairs + (m > 0).sum(axis=1),
        hips=n + m.sum(axis=1),
        responders=n_x + k.sum(axis=1),
        hips_squared=n + 2 * pairs + (m * m).sum(axis=1),
        responders_squared=n_x + 2 * both + (k * k).sum(axis=1),
        responders_times_hips=n_x + 2 * both + mixed + (m * k).sum(axis=1),
    )
    return sums, n_x - both + (k > 0).sum(axis=1), n_failed - neither + (m > k).sum(axis=1)


def count_pairs(kinds: Kinds, evaluable: np.ndarray, responded: np.ndarray) -> np.ndarray:
    """Return the paired table under many readings.

    Returns
    -------
    numpy.ndarray
        int64, shape (readings, 4): both responded, only the left, only the right, neither.
    """
    return np.stack(
        _pairs(kinds.left_right, responded.astype("int64"), (evaluable & ~responded).astype("int64")), axis=1
    )


def _pairs(counts: csr_array, yes: np.ndarray, no: np.ndarray) -> list[np.ndarray]:
    """Count the pairs under each reading: yes and yes, yes and no, no and yes, no and no."""
    with_yes, with_no = counts @ yes.T, counts @ no.T
    return [(first.T * second).sum(axis=0) for first in (yes, no) for second in (with_yes, with_no)]


def _per_person(crowds: np.ndarray, flags: np.ndarray) -> np.ndarray:
    """Add up flags over the hips of each person; kind −1, no further hip, picks a last column of zeros."""
    padded = np.concatenate([flags, np.zeros((len(flags), 1), dtype="int64")], axis=1)
    return padded[:, crowds].sum(axis=2)
