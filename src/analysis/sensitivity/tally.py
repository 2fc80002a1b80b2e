"""Counts under many readings at once: hips are grouped by what every reading makes of them.

Hips that get the same answers under all readings are one kind, and to every count two people with hips of
the same kinds are the same. So each reading is counted over the kinds there are, and over how often each
two of them belong together, in whole numbers and never over rows.
"""

from __future__ import annotations

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
    code = np.zeros(len(person), dtype="int64")
    for signature in signatures:
        code = code * (int(signature.max(initial=0)) + 1) + signature
    first, of_hip = distinct(code)
    n_hips = np.bincount(person)
    order = np.argsort(person, kind="stable")
    start = np.cumsum(n_hips) - n_hips
    two = start[n_hips == 2]
    crowd = n_hips > 2
    both = np.full((int(pair.max(initial=-1)) + 1, 2), -1)
    both[pair, side] = of_hip
    both = both[(both >= 0).all(axis=1)]
    return Kinds(
        of_hip=of_hip,
        first=first,
        hips=np.bincount(of_hip[~crowd[person]], minlength=len(first)),
        together=_count_together(of_hip[order[two]], of_hip[order[two + 1]], len(first)),
        crowds=_crowds(of_hip[order], start[crowd], n_hips[crowd]),
        left_right=_count_together(*both.T, len(first)),
    )


def _count_together(one: np.ndarray, other: np.ndarray, n_kinds: int) -> csr_array:
    first, rank = distinct(one * n_kinds + other)
    counts = np.bincount(rank, minlength=len(first))
    return csr_array((counts, (one[first], other[first])), shape=(n_kinds, n_kinds), dtype="int64")


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
    (array([1, 2]), array([1, 0, 1]))
    """
    size = int(code.max(initial=-1)) + 1
    if size > max(16 * len(code), 2**16):
        _, first, rank = np.unique(code, return_index=True, return_inverse=True)
        return first, rank
    last_row = np.full(size, -1)
    last_row[code] = np.arange(len(code))
    present = last_row >= 0
    return last_row[present], (np.cumsum(present) - 1)[code]


def same_columns(table: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the distinct columns of a table of small whole numbers, and which of them each column is."""
    code, size = np.zeros(table.shape[1], dtype="int64"), 1
    for row in table:
        levels = int(row.max(initial=0)) + 1
        if size * levels > 2**24:
            code = distinct(code)[1]
            size = int(code.max(initial=0)) + 1
        code, size = code * levels + row, size * levels
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
    e, x = evaluable.astype("int64"), responded.astype("int64")
    n, responders, failed = (flags @ kinds.hips for flags in (e, x, e - x))
    # Of people with two hips: those of whom both hips are evaluable, and so on.
    both, both_responded, both_failed = (_pairs(kinds.together, flags, flags) for flags in (e, x, e - x))
    crossed = _pairs(kinds.together, x, e) + _pairs(kinds.together, e, x)
    m, k = (_per_person(kinds.crowds, flags) for flags in (e, x))
    sums = ClusterSums(
        people=n - both + (m > 0).sum(axis=1),
        hips=n + m.sum(axis=1),
        responders=responders + k.sum(axis=1),
        hips_squared=n + 2 * both + (m * m).sum(axis=1),
        responders_squared=responders + 2 * both_responded + (k * k).sum(axis=1),
        responders_times_hips=responders + crossed + (m * k).sum(axis=1),
    )
    people_with = responders - both_responded + (k > 0).sum(axis=1)
    return sums, people_with, failed - both_failed + (m > k).sum(axis=1)


def count_pairs(kinds: Kinds, evaluable: np.ndarray, responded: np.ndarray) -> np.ndarray:
    """Return the paired table under many readings.

    Returns
    -------
    numpy.ndarray
        int64, shape (readings, 4): both responded, only the left, only the right, neither.
    """
    responder, other = responded.astype("int64"), (evaluable & ~responded).astype("int64")
    cells = ((responder, responder), (responder, other), (other, responder), (other, other))
    return np.stack([_pairs(kinds.left_right, left, right) for left, right in cells], axis=1)


def _pairs(counts: csr_array, one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Count, per reading, the pairs whose first hip is flagged in ``one`` and whose second in ``other``."""
    return ((counts @ other.T) * one.T).sum(axis=0)


def _per_person(crowds: np.ndarray, flags: np.ndarray) -> np.ndarray:
    """Add up flags over the hips of each person; kind −1, no further hip, picks a last column of zeros."""
    padded = np.concatenate([flags, np.zeros((len(flags), 1), dtype="int64")], axis=1)
    return padded[:, crowds].sum(axis=2)
