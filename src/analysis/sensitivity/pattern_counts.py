"""Counts under many readings at once, over the patterns of hips and people there are and never over rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array

from analysis.sensitivity.answer_patterns import AnswerPatterns, ClinicPatterns
from analysis.stats.proportions import ClusterSums


def count_people_and_pairs(
    patterns: AnswerPatterns, evaluable: np.ndarray, responded: np.ndarray
) -> tuple[ClusterSums, np.ndarray, np.ndarray, list[np.ndarray]]:
    """Return the sums from which a rate and its interval follow, and the paired table, under many readings.

    Parameters
    ----------
    patterns
        As :func:`analysis.sensitivity.answer_patterns.find_patterns` returns them.
    evaluable, responded
        Boolean, shape (readings, patterns of hips).

    Returns
    -------
    ClusterSums
        Each entry has one number per reading.
    numpy.ndarray, numpy.ndarray
        People with at least one responder hip, and with at least one non-responder hip.
    list of numpy.ndarray
        People whose two sides: both responded, only the left, only the right, neither.
    """
    x, failed = responded.astype("int64"), (evaluable & ~responded).astype("int64")
    n_x, n_failed = x @ patterns.hips, failed @ patterns.hips
    # Of people with two hips: both responded, the one only, the other only, neither.
    of_people = both, one_only, other_only, neither = _pairs(patterns.together, x, failed)
    mixed, pairs = one_only + other_only, both + one_only + other_only + neither
    m, k = (_per_person(patterns.crowds, flags) for flags in (x + failed, x))
    n = n_x + n_failed
    sums = ClusterSums(
        people=n - pairs + (m > 0).sum(axis=1),
        hips=n + m.sum(axis=1),
        responders=n_x + k.sum(axis=1),
        hips_squared=n + 2 * pairs + (m * m).sum(axis=1),
        responders_squared=n_x + 2 * both + (k * k).sum(axis=1),
        responders_times_hips=n_x + 2 * both + mixed + (m * k).sum(axis=1),
    )
    with_one, without = n_x - both + (k > 0).sum(axis=1), n_failed - neither + (m > k).sum(axis=1)
    everyone_came_once = patterns.together is patterns.left_right
    return sums, with_one, without, of_people if everyone_came_once else _pairs(patterns.left_right, x, failed)


class InClinics(NamedTuple):
    """Counts under many readings in each clinic: arrays of shape (readings, clinics)."""

    hips: np.ndarray
    responders: np.ndarray
    pairs: np.ndarray
    """People with both hips evaluable."""
    left_ahead: np.ndarray
    """Of these, those whose left hip alone responded less those whose right hip alone did."""


def count_in_clinics(
    patterns: AnswerPatterns, of_clinics: Sequence[ClinicPatterns], evaluable: np.ndarray, responded: np.ndarray
) -> InClinics:
    """Return what :func:`count_people_and_pairs` counts, clinic by clinic, as far as intervals need it.

    Parameters
    ----------
    patterns, evaluable, responded
        As for :func:`count_people_and_pairs`.
    of_clinics
        The hips and pairs of each clinic, by pattern.
    """
    x, failed = responded.astype("int64"), (evaluable & ~responded).astype("int64")
    hips = np.stack([of.hips for of in of_clinics], axis=1)
    both, left, right, neither = np.stack([_pairs(of.left_right, x, failed) for of in of_clinics], axis=-1)
    return InClinics((x + failed) @ hips, x @ hips, both + left + right + neither, left - right)


def _pairs(counts: csr_array, yes: np.ndarray, no: np.ndarray) -> list[np.ndarray]:
    """Count the pairs under each reading: yes and yes, yes and no, no and yes, no and no."""
    with_yes, with_no = counts @ yes.T, counts @ no.T
    return [(first.T * second).sum(axis=0) for first in (yes, no) for second in (with_yes, with_no)]


def _per_person(crowds: np.ndarray, flags: np.ndarray) -> np.ndarray:
    """Add up flags over the hips of each person; pattern −1, no further hip, picks a last column of zeros."""
    padded = np.concatenate([flags, np.zeros((len(flags), 1), dtype="int64")], axis=1)
    return padded[:, crowds].sum(axis=2)
