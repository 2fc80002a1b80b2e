"""What counts under every reading need of some whole people: nothing of it hangs on others, and all of it adds up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from analysis.hips.combinations import Combinations, smallest, whole_totals
from analysis.hips.judge import NOT_EVALUABLE
from analysis.schema import OUTCOMES
from analysis.sensitivity.answer_patterns import (
    AnswerPatterns,
    ClinicPatterns,
    find_patterns,
    pairs_together,
    patterns_in_clinics,
    patterns_together,
)
from analysis.stats.clusters import outer_clusters
from analysis.stats.labels import missing


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


class Whose(NamedTuple):
    """Whose hips are: of each the person, the pair of hips that it is one of, and its side (0 left, 1 right)."""

    person: np.ndarray
    pair: np.ndarray
    side: np.ndarray


class Part(NamedTuple):
    """The patterns of some whole people."""

    patterns: AnswerPatterns
    """Their answers: whether hips have a type, an indication, and which outcome, under each reading of these."""
    by_chance: np.ndarray
    """Shape (2, response readings, errors, patterns): see :func:`analysis.hips.combinations.whole_totals`."""
    clinics: np.ndarray
    """Those recorded, in order."""
    in_clinics: Sequence[ClinicPatterns]
    """One of each clinic, and one of the people whose clinic is not recorded."""


def part_of(answers: Answers, whose: Whose, clinic: np.ndarray) -> Part:
    """Count the hips of some whole people.

    Parameters
    ----------
    answers
        What each reading of each step makes of each hip.
    whose
        Whose the hips are; see :func:`analysis.sensitivity.answer_patterns.find_patterns`.
    clinic
        Of each hip, in words; missing where it is not recorded.
    """
    n_indication, n_response = len(answers.indicated), len(answers.outcome)
    # Cells that have a type under the same readings are counted as one.
    first, alike = distinct(answers.typed.T)
    group = answers.cells.to_hips(alike.astype(smallest(len(first))))
    patterns, of_hip = find_patterns(
        [group, *answers.indicated, *answers.outcome],
        [max(len(first), 1), *[2] * n_indication, *[len(OUTCOMES)] * n_response],
        *whose,
    )
    n_patterns = len(patterns.hips)
    typed, others = answers.typed[:, first[patterns.answers[0]]], patterns.answers[1:]
    patterns = patterns._replace(answers=np.concatenate([typed.astype("uint8"), others.astype("uint8")]))
    totals = [[whole_totals(of_hip, n_patterns, shares) for shares in chances] for chances in answers.chance]
    by_chance = np.moveaxis(np.array(totals), 2, 0)
    # All hips of a pattern are evaluable or none is, so an unknown chance spoils no pattern but its own.
    by_chance[:, others[n_indication:, None, :].repeat(by_chance.shape[2], axis=1) == NOT_EVALUABLE] = 0.0
    known = ~missing(clinic)
    clinics = np.unique(clinic[known].astype("str"))
    of_person = outer_clusters(whose.person, clinic).clinic
    in_clinics = patterns_in_clinics(
        of_hip, n_patterns, of_person[whose.person], len(clinics) + 1, whose.pair, whose.side
    )
    return Part(patterns, by_chance, clinics, in_clinics)


def parts_together(parts: Sequence[Part]) -> Part:
    """Add up the parts of a whole cohort."""
    patterns, numbers = patterns_together([part.patterns for part in parts])
    by_chance = np.zeros((*parts[0].by_chance.shape[:-1], len(patterns.hips)))
    clinics = np.unique(np.concatenate([part.clinics for part in parts]))
    found: list[list[tuple[ClinicPatterns, np.ndarray]]] = [[] for _ in range(len(clinics) + 1)]
    for part, number in zip(parts, numbers, strict=True):
        by_chance[..., number] += part.by_chance
        places = np.append(np.searchsorted(clinics, part.clinics), len(clinics))
        for place, of_clinic in zip(places, part.in_clinics, strict=True):
            found[place].append((of_clinic, number))
    return Part(patterns, by_chance, clinics, [_clinic_together(parts, len(patterns.hips)) for parts in found])


def _clinic_together(parts: Sequence[tuple[ClinicPatterns, np.ndarray]], n_patterns: int) -> ClinicPatterns:
    hips, numbers = np.zeros(n_patterns, dtype="int64"), [number for _, number in parts]
    for part, number in parts:
        hips[number] += part.hips
    return ClinicPatterns(hips, pairs_together([part.left_right for part, _ in parts], numbers, n_patterns))


def distinct(flags: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return where each distinct row of booleans first stands, and which of them each row is."""
    places: dict[bytes, int] = {}
    which = [places.setdefault(row.tobytes(), len(places)) for row in np.packbits(flags, axis=1)]
    return np.unique(which, return_index=True)[1], np.array(which, dtype="int64")
