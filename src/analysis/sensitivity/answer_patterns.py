"""Hips grouped by what every reading makes of them, and how often each two groups belong together.

Hips that get the same answers under all readings are one pattern, and to every count two people with hips of
the same patterns are the same. Finding the patterns is the only work that is done hip by hip; it goes through
the hips in blocks, so that what is worked out for a block stays in the processor's cache.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array

from analysis.hips.combinations import BLOCK, blocks, combine, count_of_each, smallest


class AnswerPatterns(NamedTuple):
    """The patterns of hips in a cohort, numbered from 0, and how often each two of them belong together."""

    answers: np.ndarray
    """Shape (answers, patterns): what the hips of each pattern have in common."""
    hips: np.ndarray
    """Hips of each pattern that belong to people with one or two hips."""
    together: csr_array
    """Shape (patterns, patterns): people with exactly two hips, by the patterns of these in either order."""
    crowds: np.ndarray
    """Shape (people with more than two hips, most of them): patterns of their hips, −1 for "no further hip"."""
    left_right: csr_array
    """Shape (patterns, patterns): the left and the right hip of one person, in the first episode."""


class ClinicPatterns(NamedTuple):
    """The hips of one clinic by their patterns, and its pairs as :class:`AnswerPatterns` has them."""

    hips: np.ndarray
    left_right: csr_array


def patterns_in_clinics(
    of_hip: np.ndarray, n_patterns: int, clinic: np.ndarray, n_clinics: int, pair: np.ndarray, side: np.ndarray
) -> list[ClinicPatterns]:
    """Count the patterns of hips and of pairs in each clinic; `clinic` numbers that of each hip from 0."""
    parts = [np.flatnonzero(clinic == number) for number in range(n_clinics)]
    return [
        ClinicPatterns(
            np.bincount(of_hip[rows], minlength=n_patterns),
            _count_together(*_both_sides(of_hip[rows], n_patterns, pair[rows], side[rows]), n_patterns),
        )
        for rows in parts
    ]


def patterns_together(parts: Sequence[AnswerPatterns]) -> tuple[AnswerPatterns, list[np.ndarray]]:
    """Put the patterns of several groups of whole people together; also return which each of theirs has become."""
    answers, of_all = np.unique(np.hstack([part.answers for part in parts]), axis=1, return_inverse=True)
    numbers, n_patterns = np.split(of_all.ravel(), np.cumsum([len(part.hips) for part in parts])[:-1]), len(answers.T)
    widest = max(part.crowds.shape[1] for part in parts)
    hips, crowds = np.zeros(n_patterns, dtype="int64"), []
    for part, number in zip(parts, numbers, strict=True):
        hips[number] += part.hips
        crowd = np.full((len(part.crowds), widest), -1)
        crowd[:, : part.crowds.shape[1]] = np.append(number, -1)[part.crowds]
        crowds.append(crowd)
    left_right = pairs_together([part.left_right for part in parts], numbers, n_patterns)
    together = left_right
    if any(part.together is not part.left_right for part in parts):
        together = pairs_together([part.together for part in parts], numbers, n_patterns)
    return AnswerPatterns(answers, hips, together, np.concatenate(crowds), left_right), numbers


def pairs_together(counts: Sequence[csr_array], numbers: Sequence[np.ndarray], n_patterns: int) -> csr_array:
    """Add up pairs of patterns that have been numbered anew."""
    every = [count.tocoo() for count in counts]
    places = [number[np.stack(count.coords)] for count, number in zip(every, numbers, strict=True)]
    data = np.concatenate([count.data for count in every])
    return csr_array((data, tuple(np.hstack(places))), shape=(n_patterns, n_patterns), dtype="int64")


def find_patterns(
    answers: Sequence[np.ndarray], levels: Sequence[int], person: np.ndarray, pair: np.ndarray, side: np.ndarray
) -> tuple[AnswerPatterns, np.ndarray]:
    """Group hips by their answers and count which patterns belong together; also return the pattern of each hip.

    Parameters
    ----------
    answers
        One array of shape (hips,) for each thing in which hips can differ: whole numbers from 0.
    levels
        How many different answers there can be to each.
    person, pair
        Codes from 0 of the person, and of the two hips that make a pair, of each hip.
    side
        0 for left, 1 for right.
    """
    found = combine(answers, levels)
    of_hip, n_patterns = found.of_hip, len(found.hips)
    left_right = _count_together(*_both_sides(of_hip, n_patterns, pair, side), n_patterns)
    if person is pair or np.array_equal(person, pair):  # everyone came once: two hips are a left and a right one
        together, crowds, hips = left_right, np.empty((0, 0), dtype="int64"), found.hips
    else:
        together, crowds, hips = _of_people(of_hip, n_patterns, person)
    return AnswerPatterns(found.answers, hips, together, crowds, left_right), of_hip


def _both_sides(
    of_hip: np.ndarray, n_patterns: int, pair: np.ndarray, side: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the patterns of the left and the right hip of every pair that has both."""
    if _in_order(pair, side):
        return of_hip[::2], of_hip[1::2]
    patterns = np.full((int(pair.max(initial=-1)) + 1, 2), n_patterns, dtype=smallest(n_patterns))
    places = patterns.reshape(-1)
    for rows in blocks(len(of_hip)):
        places[2 * pair[rows] + side[rows]] = of_hip[rows]
    left, right = patterns[:, 0], patterns[:, 1]
    complete = (left < n_patterns) & (right < n_patterns)
    return (left, right) if complete.all() else (left[complete], right[complete])


def _in_order(pair: np.ndarray, side: np.ndarray) -> bool:
    """Whether the hips stand in pairs, each left hip before its right one, and none is alone."""
    in_pairs = len(pair) % 2 == 0 and np.array_equal(pair[::2], pair[1::2])
    return in_pairs and not side[::2].any() and bool(side[1::2].all())


def _of_people(of_hip: np.ndarray, n_patterns: int, person: np.ndarray) -> tuple[csr_array, np.ndarray, np.ndarray]:
    """Return the pairs of people with two hips, the people with more, and the hips of each pattern of all others."""
    n_hips = np.bincount(person)
    by_person = of_hip[np.argsort(person, kind="stable")]
    start = np.cumsum(n_hips) - n_hips
    two, crowd = start[n_hips == 2], n_hips > 2
    together = _count_together(by_person[two], by_person[two + 1], n_patterns)
    crowds = np.full((int(crowd.sum()), int(n_hips.max(initial=0))), -1)
    for place in range(crowds.shape[1]):
        has = n_hips[crowd] > place
        crowds[has, place] = by_person[start[crowd][has] + place]
    return together, crowds, count_of_each(by_person[~np.repeat(crowd, n_hips)], n_patterns)


def _count_together(one: np.ndarray, other: np.ndarray, n_patterns: int) -> csr_array:
    size = n_patterns**2
    if size <= max(16 * len(one), BLOCK):
        every = np.zeros(size, dtype="int64")
        for rows in blocks(len(one), max(size, BLOCK)):
            every += np.bincount(one[rows].astype("intp") * n_patterns + other[rows], minlength=size)
        numbers = np.flatnonzero(every)
        counts = every[numbers]
    else:
        numbers, counts = np.unique(one.astype(smallest(size)) * n_patterns + other, return_counts=True)
    return csr_array((counts, np.divmod(numbers, n_patterns)), shape=(n_patterns, n_patterns), dtype="int64")
