"""Counts under many readings at once: people are grouped by what every reading makes of their hips.

Two people whose hips get the same answers under all readings are the same to every count, so each reading
is counted over the few kinds of people there are, with whole numbers, never over rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from analysis.stats.proportions import ClusterSums

_LEFT, _RIGHT = 0, 1


class Kinds(NamedTuple):
    """The kinds of hips, people and pairs of hips in a cohort.

    Kinds of hips are numbered from 0; −1 stands for "no such hip" in ``people`` and ``pairs``.
    """

    of_hip: np.ndarray
    """Kind of each hip."""
    first: np.ndarray
    """One hip of each kind, by its row."""
    people: np.ndarray
    """Shape (kinds of people, most hips of one person): the kinds of their hips."""
    n_people: np.ndarray
    pairs: np.ndarray
    """Shape (kinds of pairs, 2): left and right hip of one person and episode."""
    n_pairs: np.ndarray


def kinds_of(signatures: Sequence[np.ndarray], person: np.ndarray, pair: np.ndarray, side: np.ndarray) -> Kinds:
    """Group hips, people and pairs by their signatures.

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
    order = np.argsort(person, kind="stable")
    start = np.searchsorted(person[order], np.arange(int(person.max(initial=-1)) + 1))
    place = np.arange(len(order)) - start[person[order]]
    people = np.full((len(start), int(place.max(initial=0)) + 1), -1)
    people[person[order], place] = of_hip[order]
    people.sort(axis=1)  # it does not matter which hip came first
    pairs = np.full((int(pair.max(initial=-1)) + 1, 2), -1)
    pairs[pair, side] = of_hip
    return Kinds(of_hip, first, *_count_rows(people, len(first)), *_count_rows(pairs, len(first)))


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


def _count_rows(rows: np.ndarray, n_kinds: int) -> tuple[np.ndarray, np.ndarray]:
    code = np.zeros(len(rows), dtype="int64")
    for column in rows.T:
        code = code * (n_kinds + 1) + column + 1
    first, rank = distinct(code)
    return rows[first], np.bincount(rank, minlength=len(first))


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
    n = kinds.n_people
    hips, responders = (_per_person(kinds, flags) for flags in (evaluable, responded))
    sums = ClusterSums(
        people=(hips > 0) @ n,
        hips=hips @ n,
        responders=responders @ n,
        hips_squared=(hips * hips) @ n,
        responders_squared=(responders * responders) @ n,
        responders_times_hips=(responders * hips) @ n,
    )
    return sums, (responders > 0) @ n, (hips > responders) @ n


def _per_person(kinds: Kinds, flags: np.ndarray) -> np.ndarray:
    padded = _padded(flags)
    return sum(padded[:, column].astype("int64") for column in kinds.people.T)  # type: ignore[return-value]


def _padded(flags: np.ndarray) -> np.ndarray:
    """Append "no" for kind −1, no such hip, which picks the last column."""
    return np.concatenate([flags, np.zeros((len(flags), 1), dtype=bool)], axis=1)


def count_pairs(kinds: Kinds, evaluable: np.ndarray, responded: np.ndarray) -> np.ndarray:
    """Return the paired table under many readings.

    Returns
    -------
    numpy.ndarray
        int64, shape (readings, 4): both responded, only the left, only the right, neither.
    """
    padded = [
        np.concatenate([flags, np.zeros((len(flags), 1), dtype=bool)], axis=1) for flags in (evaluable, responded)
    ]
    (e_left, x_left), (e_right, x_right) = ([f[:, kinds.pairs[:, side]] for f in padded] for side in (_LEFT, _RIGHT))
    judged = e_left & e_right
    cells = (x_left & x_right, x_left & ~x_right, ~x_left & x_right, ~x_left & ~x_right)
    return np.stack([(judged & cell) @ kinds.n_pairs for cell in cells], axis=1)
