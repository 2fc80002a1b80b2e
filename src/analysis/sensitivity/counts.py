"""Rates and paired tables under every combination of the steps' readings, from the patterns of people there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis.hips.combinations import Combinations, smallest, totals_of_each
from analysis.hips.judge import NOT_EVALUABLE, RESPONDER
from analysis.schema import OUTCOMES
from analysis.sensitivity.answer_patterns import (
    AnswerPatterns,
    ClinicPatterns,
    find_patterns,
    patterns_in_clinics,
)
from analysis.sensitivity.pattern_counts import count_in_clinics, count_people_and_pairs
from analysis.stats.clusters import FEWEST_CLINICS, Clusters
from analysis.stats.paired import PairedTable, tango_of_counts
from analysis.stats.proportions import Limits, clustered_wilson_from_sums
from analysis.stats.rate_by_clinic import clinic_intervals, clinic_wilson

KEYS = ("class", "indication", "response", "population")
_AT_ONCE = 256  # readings counted together


@dataclass(frozen=True)
class Answers:
    """What each reading of each step makes of each hip.

    Attributes
    ----------
    typed
        Boolean (class readings, cells): whether a cell has a type.
    cells
        The decision cells in which there are hips, and the hips in each.
    indicated
        Boolean (indication readings, hips).
    outcome
        int8 (response readings, hips), codes into :data:`analysis.schema.OUTCOMES`.
    chance
        float64 (response readings, errors, hips): the probability of a responder if nothing had truly changed, at the
        protocol's measurement error and at the smallest and the largest of those tried.
    """

    typed: np.ndarray
    cells: Combinations
    indicated: np.ndarray
    outcome: np.ndarray
    chance: np.ndarray


def count_readings(
    answers: Answers,
    person: np.ndarray,
    pair: np.ndarray,
    side: np.ndarray,
    populations: Sequence[bool],
    clusters: Clusters | None = None,
) -> pd.DataFrame:
    """Count responders under every combination of the steps' readings.

    Parameters
    ----------
    answers
        What each reading of each step makes of each hip.
    person, pair, side
        Of each hip; see :func:`analysis.sensitivity.answer_patterns.find_patterns`.
    populations
        For each reading of the population, whether only typed hips with an indication are counted.
    clusters
        The clinics of the people; with none people are taken as independent under every reading.

    Returns
    -------
    pandas.DataFrame
        One row per class, indication, response and population reading (the index, numbered from 0), with
        the counts, rates and paired tables of :func:`every_reading`.
    """
    n_class, n_indication, n_response = len(answers.typed), len(answers.indicated), len(answers.outcome)
    # Cells that have a type under the same readings are counted as one.
    first, alike = _distinct(answers.typed.T)
    group = answers.cells.to_hips(alike.astype(smallest(len(first))))
    patterns = find_patterns(
        [group, *answers.indicated, *answers.outcome],
        [len(first), *[2] * n_indication, *[len(OUTCOMES)] * n_response],
        person, pair, side,
    )  # fmt: skip
    typed = answers.typed[:, first[patterns.answers[0]]]
    indicated, outcome = (patterns.answers[1 : 1 + n_indication] > 0), patterns.answers[1 + n_indication :]
    everyone = np.ones((1, typed.shape[1]), dtype=bool)
    chosen = (typed[:, None, :] & indicated[None, :, :]).reshape(n_class * n_indication, -1)
    by_chance = np.stack([totals_of_each(patterns.of_hip, typed.shape[1], chances) for chances in answers.chance])
    # All hips of a pattern are evaluable or none is, so an unknown chance spoils no pattern but its own.
    by_chance = np.where((outcome == NOT_EVALUABLE)[:, None, :], 0.0, by_chance)
    choices = [
        _judged(chosen if only else everyone, codes, expected)
        for codes, expected in zip(outcome, by_chance, strict=True)
        for only in populations
    ]
    evaluable, responded, expected, _ = (np.concatenate(parts) for parts in zip(*choices, strict=True))
    parts = np.array_split(np.arange(len(evaluable)), -(-len(evaluable) // _AT_ONCE))
    clinics, known = [], 0
    if clusters is not None and clusters.clustered_by == "clinic":
        clinics, known = patterns_in_clinics(patterns, clusters.clinic[person], pair, side), clusters.n_clinics
    table = pd.concat(
        _count(patterns, evaluable[part], responded[part], expected[part], clinics, known) for part in parts
    )
    before = np.cumsum([0, *(len(choice.evaluable) for choice in choices)])
    every = [np.broadcast_to(choice.place + n, len(chosen)) for choice, n in zip(choices, before[:-1], strict=True)]
    shape = (n_response, len(populations), n_class, n_indication)
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
    first, place = _distinct(evaluable)
    evaluable = evaluable[first]
    return _Judged(evaluable, evaluable & (codes == RESPONDER), _total(evaluable, expected), place)


def _distinct(flags: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return where each distinct row of booleans first stands, and which of them each row is."""
    places: dict[bytes, int] = {}
    which = [places.setdefault(row.tobytes(), len(places)) for row in np.packbits(flags, axis=1)]
    return np.unique(which, return_index=True)[1], np.array(which, dtype="int64")


def _count(
    patterns: AnswerPatterns,
    evaluable: np.ndarray,
    responded: np.ndarray,
    expected: np.ndarray,
    clinics: Sequence[ClinicPatterns],
    known: int,
) -> pd.DataFrame:
    sums, people_with, people_without, pairs = count_people_and_pairs(patterns, evaluable, responded)
    low, high = clustered_wilson_from_sums(sums)
    n, n_pairs = np.asarray(sums.hips), np.sum(pairs, axis=0)
    some, some_pairs = np.where(n > 0, n, np.nan), np.where(n_pairs > 0, n_pairs, np.nan)
    of_sides = tango_of_counts(*pairs)
    if clinics:  # those whose clinic is not recorded come last
        of = count_in_clinics(patterns, clinics, evaluable, responded)
        enough, enough_pairs = (((part[:, :known] > 0).sum(axis=1) >= FEWEST_CLINICS) for part in (of.hips, of.pairs))
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
    unknown: np.ndarray = np.isnan(expected).any(axis=0)
    total = evaluable @ np.where(unknown, 0.0, expected).T
    return np.where(evaluable[:, unknown].any(axis=1, keepdims=True), np.nan, total)
