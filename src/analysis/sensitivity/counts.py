"""Rates and paired tables under every combination of the steps' readings, from the patterns of people there are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis.hips.combinations import in_shares
from analysis.hips.judge import NOT_EVALUABLE, RESPONDER
from analysis.sensitivity.answer_patterns import AnswerPatterns, ClinicPatterns
from analysis.sensitivity.parts import Part, distinct
from analysis.sensitivity.pattern_counts import count_in_clinics, count_people_and_pairs
from analysis.sensitivity.steps import KEYS
from analysis.stats.clusters import FEWEST_CLINICS
from analysis.stats.paired import PairedTable, tango_of_counts
from analysis.stats.proportions import Limits, clustered_wilson_from_sums
from analysis.stats.rate_by_clinic import clinic_intervals, clinic_wilson

_AT_ONCE = 256  # readings counted together


def count_readings(cohort: Part, n_class: int, n_indication: int, populations: Sequence[bool]) -> pd.DataFrame:
    """Count responders under every combination of the steps' readings.

    Parameters
    ----------
    cohort
        See :func:`analysis.sensitivity.parts.parts_together`.
    n_class, n_indication
        How many readings of the class and of the indication there are.
    populations
        For each reading of the population, whether only typed hips with an indication are counted.

    Returns
    -------
    pandas.DataFrame
        One row per class, indication, response and population reading (the index, numbered from 0), with
        the counts, rates and paired tables of :func:`every_reading`.
    """
    patterns = cohort.patterns
    typed, indicated, outcome = np.split(patterns.answers, [n_class, n_class + n_indication])
    everyone = np.ones((1, typed.shape[1]), dtype=bool)
    chosen = ((typed[:, None, :] > 0) & (indicated[None, :, :] > 0)).reshape(n_class * n_indication, -1)
    choices = [
        _judged(chosen if only else everyone, codes, expected)
        for codes, expected in zip(outcome, np.moveaxis(cohort.by_chance, 1, 0), strict=True)
        for only in populations
    ]
    evaluable, responded, expected, _ = (np.concatenate(parts) for parts in zip(*choices, strict=True))
    parts = np.array_split(np.arange(len(evaluable)), -(-len(evaluable) // _AT_ONCE))
    of_clinics = cohort.in_clinics if len(cohort.clinics) >= FEWEST_CLINICS else ()
    table = pd.concat(_count(patterns, evaluable[part], responded[part], expected[part], of_clinics) for part in parts)
    before = np.cumsum([0, *(len(choice.evaluable) for choice in choices)])
    every = [np.broadcast_to(choice.place + n, len(chosen)) for choice, n in zip(choices, before[:-1], strict=True)]
    shape = (len(outcome), len(populations), n_class, n_indication)
    names = ["response", "population", "class", "indication"]
    grid = pd.MultiIndex.from_product([range(n) for n in shape], names=names)
    return table.take(np.concatenate(every)).set_axis(grid).reorder_levels(list(KEYS))


class _Judged(NamedTuple):
    """Who is judged under several choices of hips; choices that make no difference to it stand once."""

    evaluable: np.ndarray
    responded: np.ndarray
    expected: np.ndarray
    place: np.ndarray
    """Which row belongs to each choice."""


def _judged(counted: np.ndarray, codes: np.ndarray, expected: np.ndarray) -> _Judged:
    evaluable = counted & (codes != NOT_EVALUABLE)
    first, place = distinct(evaluable)
    evaluable = evaluable[first]
    return _Judged(evaluable, evaluable & (codes == RESPONDER), _total(evaluable, expected), place)


def _count(
    patterns: AnswerPatterns,
    evaluable: np.ndarray,
    responded: np.ndarray,
    expected: np.ndarray,
    of_clinics: Sequence[ClinicPatterns],
) -> pd.DataFrame:
    sums, people_with, people_without, pairs = count_people_and_pairs(patterns, evaluable, responded)
    low, high = clustered_wilson_from_sums(sums)
    n, n_pairs = np.asarray(sums.hips), np.sum(pairs, axis=0)
    some, some_pairs = np.where(n > 0, n, np.nan), np.where(n_pairs > 0, n_pairs, np.nan)
    of_sides = tango_of_counts(*pairs)
    if of_clinics:  # those whose clinic is not recorded come last
        of = count_in_clinics(patterns, of_clinics, evaluable, responded)
        enough, enough_pairs = (((part[:, :-1] > 0).sum(axis=1) >= FEWEST_CLINICS) for part in (of.hips, of.pairs))
        low, high = _where(enough, clinic_wilson(sums, of.responders, of.hips), (low, high))
        by_clinic = clinic_intervals(of.left_ahead, of.pairs)
        of_sides = _where(enough_pairs & ~np.isnan(by_clinic[0]), by_clinic, of_sides)
    return pd.DataFrame(
        {
            "n_patients_evaluable": sums.people,
            "n_evaluable": n,
            "n_responders": sums.responders,
            "rate": np.asarray(sums.responders) / some,
            "ci_low": low,
            "ci_high": high,
            "chance_rate": expected[:, 0] / some,
            "chance_low": expected.min(axis=1) / some,
            "chance_high": expected.max(axis=1) / some,
            "n_patients_with": people_with,
            "n_patients_without": people_without,
            **dict(zip(PairedTable.__annotations__, pairs, strict=True)),
            "difference": (pairs[1] - pairs[2]) / some_pairs,
            "sides_low": of_sides[0],
            "sides_high": of_sides[1],
        }
    )


def _where(taken: np.ndarray, limits: Limits, others: Limits) -> Limits:
    low, high = (np.where(taken, end, other) for end, other in zip(limits, others, strict=True))
    return low, high


def _total(evaluable: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """Add up over the patterns counted, for each measurement error; unknown where one of them is."""
    unknown: np.ndarray = np.isnan(expected).any(axis=(0, 1))
    total = in_shares(evaluable.astype("float64") @ np.where(unknown, 0.0, expected).swapaxes(1, 2))
    return np.where(evaluable[:, unknown].any(axis=1, keepdims=True), np.nan, total)
