"""Rates and paired tables under every combination of the steps' readings, from the kinds of people there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.response import NOT_EVALUABLE, RESPONDER
from analysis.sensitivity.tally import Kinds, count_pairs, count_people, kinds_of, same_columns
from analysis.stats.paired import PairedTable, newcombe10
from analysis.stats.proportions import clustered_wilson_from_sums

KEYS = ("class", "indication", "response", "population")
_AT_ONCE = 256  # readings counted together


@dataclass(frozen=True)
class Answers:
    """What each reading of each step makes of each hip.

    Attributes
    ----------
    typed
        Boolean (class readings, cells): whether a cell has a type; ``cell`` is the cell of each hip.
    indicated
        Boolean (indication readings, hips).
    outcome
        int8 (response readings, hips), codes into :data:`analysis.schema.OUTCOMES`.
    chance
        float64, as ``outcome``: the probability of a responder had nothing truly changed.
    """

    typed: np.ndarray
    cell: np.ndarray
    indicated: np.ndarray
    outcome: np.ndarray
    chance: np.ndarray


def count_readings(
    answers: Answers, person: np.ndarray, pair: np.ndarray, side: np.ndarray, populations: Sequence[bool]
) -> pd.DataFrame:
    """Count responders under every combination of the steps' readings.

    Parameters
    ----------
    answers
        What each reading of each step makes of each hip.
    person, pair, side
        Of each hip; see :func:`analysis.sensitivity.tally.kinds_of`.
    populations
        For each reading of the population, whether only typed hips with an indication are counted.

    Returns
    -------
    pandas.DataFrame
        One row per class, indication, response and population reading (the index, numbered from 0), with
        the counts, rates and paired tables of :func:`every_reading`.
    """
    per_cell, cell_kind = same_columns(answers.typed)
    indicated, indicated_kind = same_columns(answers.indicated)
    outcome, outcome_kind = same_columns(answers.outcome)
    signatures = [cell_kind[answers.cell], indicated_kind, outcome_kind]
    kinds = kinds_of(signatures, person, pair, side)
    typed, indicated, outcome = (
        table[:, signature[kinds.first]]
        for table, signature in zip((per_cell, indicated, outcome), signatures, strict=True)
    )
    n_class, n_indication = len(typed), len(indicated)
    everyone = np.ones((1, len(kinds.first)), dtype=bool)
    chosen = (typed[:, None, :] & indicated[None, :, :]).reshape(n_class * n_indication, -1)
    pieces = []
    for response, (codes, chance) in enumerate(zip(outcome, answers.chance, strict=True)):
        # All hips of a kind are evaluable or none is, so an unknown chance spoils no kind but its own.
        expected = np.bincount(kinds.of_hip, chance, minlength=len(kinds.first))
        expected[codes == NOT_EVALUABLE] = 0.0
        for population, only in enumerate(populations):
            table = _count(kinds, chosen if only else everyone, codes, expected)
            places = np.arange(n_class * n_indication)
            piece = table.take(places if only else np.zeros_like(places)).reset_index(drop=True)
            piece["class"], piece["indication"] = np.unravel_index(places, (n_class, n_indication))
            pieces.append(piece.assign(response=response, population=population))
    return pd.concat(pieces, ignore_index=True).set_index(list(KEYS))


def _count(kinds: Kinds, counted: np.ndarray, codes: np.ndarray, expected: np.ndarray) -> pd.DataFrame:
    """Count one response under many choices of hips; choices that make no difference are counted once."""
    evaluable, which = np.unique(counted & (codes != NOT_EVALUABLE), axis=0, return_inverse=True)
    parts = np.array_split(evaluable, max(1, -(-len(evaluable) // _AT_ONCE)))
    table = pd.concat([_count_part(kinds, part, codes, expected) for part in parts], ignore_index=True)
    return table.take(which.ravel()).reset_index(drop=True)


def _count_part(kinds: Kinds, evaluable: np.ndarray, codes: np.ndarray, expected: np.ndarray) -> pd.DataFrame:
    responded = evaluable & (codes == RESPONDER)
    sums, people_with, people_without = count_people(kinds, evaluable, responded)
    low, high = clustered_wilson_from_sums(sums)
    n = np.asarray(sums.hips)
    some = np.where(n > 0, n, np.nan)
    table = pd.DataFrame(
        {
            "n_patients_evaluable": sums.people,
            "n_evaluable": n,
            "n_responders": sums.responders,
            "rate": np.asarray(sums.responders) / some,
            "ci_low": low,
            "ci_high": high,
            "chance_rate": _total(evaluable, expected) / some,
            "n_patients_with": people_with,
            "n_patients_without": people_without,
        }
    )
    pairs = [PairedTable(*map(int, row)) for row in count_pairs(kinds, evaluable, responded)]
    limits = [newcombe10(pair) for pair in pairs]
    return table.assign(
        **{name: [getattr(pair, name) for pair in pairs] for name in PairedTable.__annotations__},
        difference=[pair.difference for pair in pairs],
        newcombe_low=[limit.low for limit in limits],
        newcombe_high=[limit.high for limit in limits],
    )


def _total(evaluable: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """Add up over the kinds counted; unknown where one of them is."""
    unknown = np.isnan(expected)
    total = evaluable @ np.where(unknown, 0.0, expected)
    return np.where(evaluable[:, unknown].any(axis=1), np.nan, total)
