"""What first readings are usual: in everyone who was measured or, where hips were chosen by a reading, before that."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis.hips.cohort import is_known, missing_of, numbered, steps_of, without_gaps
from analysis.hips.criteria import OPERATORS
from analysis.hips.pairs import Pairs, in_unit, kept_steps, places_kept, steps_kept, widest
from analysis.protocol import Protocol
from analysis.protocol.admission import AdmissionRule
from analysis.protocol.steps import cut_in_steps, in_steps
from analysis.stats import admitted
from analysis.stats.admitted import FirstReadings
from analysis.stats.cut_off import lacks_small, looks_cut_off
from analysis.stats.regression_to_mean import OtherHip

# Why nobody can tell what chance alone would give.
NOT_DECLARED = (
    "first readings look cut off, as if hips had been enrolled because of them; declare under `admission` in "
    "`study.toml` who was enrolled"
)
NOT_FITTING = "first readings of some hips do not meet the declared admission"
CHOSEN_LATER = "hips were enrolled because of the later of the two readings"
TOO_FEW = "too few first readings, or too much alike, to tell what is usual"
UNKNOWN = ("", NOT_DECLARED, NOT_FITTING, CHOSEN_LATER, TOO_FEW)
"""Why chance is not known, the first being that it is."""


@dataclass(frozen=True)
class Usual:
    """First readings of the hips of one comparison, and what is usual for each.

    Attributes
    ----------
    reading, step
        float64 (hips,): the first reading, NaN where there is none, and what it is rounded to.
    mean
        float64 (hips,): of all first readings of that side.
    variance
        Of all first readings.
    other
        The person's other hip.
    chosen, each_alone
        Whether hips were enrolled because of these readings, and whether each for its own.
    unknown
        Why what is usual cannot be told, else empty.
    """

    reading: np.ndarray
    step: np.ndarray
    mean: np.ndarray
    variance: float
    other: OtherHip
    chosen: bool
    each_alone: bool
    unknown: str

    def of(self, rows: np.ndarray, *, pairs: bool = False) -> tuple[np.ndarray, float, OtherHip]:
        """Return the mean, variance and other hip that :func:`pull_to_mean` asks for, of some of the hips.

        Where each hip was enrolled for its own reading, whether the other was too tells of it, and who has none
        recorded: over all hips, each then stands for itself. ``pairs`` is for people with both.
        """
        correlation = self.other.correlation if pairs or not self.each_alone else np.nan
        return self.mean[rows], self.variance, OtherHip(self.other.reading[rows], self.other.mean[rows], correlation)


class FirstOfPeople(NamedTuple):
    """First readings of the people of one comparison, each in one episode of care.

    ``sides`` is in whole numbers, left and right (2, people); ``kept`` the place of what each person's readings are
    kept to, uint8 (people,); see :func:`analysis.hips.pairs.places_kept`.
    """

    sides: np.ndarray
    kept: np.ndarray

    def only(self, people: slice) -> FirstOfPeople:
        """Return those of some people."""
        return FirstOfPeople(self.sides[:, people], self.kept[people])

    def of_hips(self, person: np.ndarray, right: np.ndarray) -> FirstOfHips:
        """Return those of some hips."""
        side = right.astype("int8")
        return FirstOfHips(self.sides[side, person], self.sides[1 - side, person], self.kept[person], right)


class Alike(NamedTuple):
    """First readings of people, of which those who read alike stand together, and how many each entry stands for."""

    first: FirstOfPeople
    n: np.ndarray

    def hips(self) -> FirstOfHips:
        """Return those of the left hip of each, then those of the right."""
        entries, right = np.tile(np.arange(len(self.n)), 2), np.repeat([False, True], len(self.n))
        return self.first.of_hips(entries, right)


def alike(people: FirstOfPeople, n: np.ndarray | None = None) -> tuple[Alike, np.ndarray]:
    """Put people together who read alike, and return in which entry each of them is.

    ``n`` says how many people each stands for already; one if left out.
    """
    known = is_known(people.sides)
    low = int(people.sides.min(initial=np.iinfo(people.sides.dtype).max, where=known))
    high = int(people.sides.max(initial=low, where=known))
    left, right = np.where(known, people.sides.astype("int64") - (low - 1), 0)  # 0 where there is none
    shape = high - low + 2, high - low + 2, 3
    number = (left * shape[1] + right) * shape[2] + people.kept
    numbers, entry = without_gaps(number, math.prod(shape))
    *found, kept = np.unravel_index(numbers, shape)
    sides = np.where(np.stack(found) > 0, np.stack(found) + (low - 1), missing_of(people.sides.dtype))
    first = FirstOfPeople(sides.astype(people.sides.dtype), kept.astype("uint8"))
    return Alike(first, np.bincount(entry, n, len(numbers)).astype("int64")), entry


def alike_together(groups: Sequence[Alike]) -> tuple[Alike, np.ndarray]:
    """Put the entries of several groups of people together, those alike as one; return in which each entry is."""
    sides = np.hstack(widest([people.first.sides for people in groups]))
    kept, n = np.concatenate([people.first.kept for people in groups]), np.concatenate([people.n for people in groups])
    return alike(FirstOfPeople(sides, kept), n)


class FirstOfHips(NamedTuple):
    """First readings of some hips, (hips,): the hip's own and the person's other, in whole numbers."""

    own: np.ndarray
    other: np.ndarray
    kept: np.ndarray
    right: np.ndarray


def first_of_people(pairs: Pairs, name: str, protocol: Protocol) -> FirstOfPeople:
    """Return the first readings of a measure of everyone, from the pairs of one comparison."""
    readings, measure = pairs.readings[name], protocol.measures[name]
    sides = sides_of_people(pairs.person, pairs.right, readings[0])
    kept = np.zeros(sides.shape[1], dtype="uint8")
    if measure.kind in ("angle", "count"):
        kept[pairs.person] = places_kept(pairs.patient, readings, measure.step)
    return FirstOfPeople(sides, kept)


def usual_readings(pairs: Pairs, name: str, protocol: Protocol) -> Usual:
    """Return what first readings of a measure are usual.

    Parameters
    ----------
    pairs
        Of one comparison, of the whole cohort.
    name
        An angle or a count whose SEM is known.
    protocol
        Declares who was enrolled because of a reading, if it is known.
    """
    people = first_of_people(pairs, name, protocol)
    found = what_is_usual(alike(people)[0], name, pairs.comparison, protocol)
    return usual_of(people.of_hips(pairs.person, pairs.right), found, name, pairs.comparison, protocol)


def what_is_usual(people: Alike, name: str, comparison: str, protocol: Protocol) -> FirstReadings | str:
    """Return the means, variance and correlation of first readings in the whole cohort, or why they cannot be told.

    Notes
    -----
    Where hips were enrolled for this reading, the mean and variance are those that make the chosen readings most
    likely, or those of an outside reference. Where nothing is declared, and first readings look cut off at the side
    from which hips gain by chance, nothing is told.
    """
    if (is_known(people.first.sides) @ people.n).sum() < 2:
        return TOO_FEW
    step = protocol.measures[name].step
    sides, kept = in_unit(people.first.sides, step), steps_kept(step)[people.first.kept]
    return _first_readings(sides, kept, people.n, name, comparison, protocol)


def usual_of(first: FirstOfHips, found: FirstReadings | str, name: str, comparison: str, protocol: Protocol) -> Usual:
    """Return what is usual for some hips, where it was found for the whole cohort."""
    finest = protocol.measures[name].step
    reading, step = in_unit(first.own, finest), steps_kept(finest)[first.kept]
    if isinstance(found, str):
        nothing = np.full(len(reading), np.nan)
        other = OtherHip(nothing, nothing, np.nan)
        return Usual(reading, step, nothing, np.nan, other, chosen=False, each_alone=False, unknown=found)
    mean, mean_of_other = (np.where(own, found.right, found.left) for own in (first.right, ~first.right))
    of_other = OtherHip(in_unit(first.other, finest), mean_of_other, found.correlation)
    chosen = _chosen_at(name, protocol) == protocol.comparisons[comparison].start
    each_alone = chosen and getattr(protocol.admission, "by", "") == "hip"
    return Usual(reading, step, mean, found.variance, of_other, chosen, each_alone, unknown="")


def sides_of_people(person: np.ndarray, right: np.ndarray, reading: np.ndarray) -> np.ndarray:
    """Return readings as left and right of each person (2, people), missing where there is none.

    A person in one episode of care is meant, numbered from 0. Readings are whole numbers, or floats with NaN.
    """
    missing = np.nan if reading.dtype.kind == "f" else missing_of(reading.dtype)
    sides = np.full((2, int(person.max(initial=-1)) + 1), missing, dtype=reading.dtype)
    sides[right.astype("int8"), person] = reading
    return sides


def _first_readings(
    sides: np.ndarray, step: np.ndarray, n: np.ndarray, name: str, comparison: str, protocol: Protocol
) -> FirstReadings | str:
    """Return what is usual, or why that cannot be told."""
    admission, pair = protocol.admission, protocol.comparisons[comparison]
    at = _chosen_at(name, protocol)
    if at == pair.end:
        return CHOSEN_LATER
    if at == pair.start and isinstance(admission, AdmissionRule):
        return _before_admission(np.repeat(sides, n, axis=1), np.repeat(step, n), admission, protocol)
    if admission is None and looks_chosen(sides, step, protocol.measures[name].better, n):
        return NOT_DECLARED
    found = admitted.of_everyone(sides[0], sides[1], n)
    return found if found.variance >= 0 else TOO_FEW


def _chosen_at(name: str, protocol: Protocol) -> str:
    """Return the timepoint at which hips were enrolled for their reading of a measure; empty if for none of it."""
    rule = protocol.admission
    return (rule.at or protocol.classify_at) if isinstance(rule, AdmissionRule) and rule.measure == name else ""


def looks_chosen(sides: np.ndarray, step: np.ndarray, better: str, n: np.ndarray | None = None) -> bool:
    """Say whether people seem to have been enrolled for either hip being bad, or for sides that differ.

    ``n`` says how many people each entry stands for; one if left out.
    Only the bad end is looked at: who was chosen there seems to gain with nothing done.
    """
    worst = np.fmin(*sides) if better == "higher" else -np.fmax(*sides)
    return looks_cut_off(worst, step, n) or lacks_small(sides[0] - sides[1], n)


def _before_admission(
    sides: np.ndarray, step: np.ndarray, rule: AdmissionRule, protocol: Protocol
) -> FirstReadings | str:
    if not does_fit(sides, rule, protocol).all():
        return NOT_FITTING
    below = rule.op in ("lt", "le")
    way = 1 if below else -1
    # Half a step beyond the last reading that was let in: there the unrounded readings were divided.
    last = np.ceil(np.round(way * rule.value / step, 6)) - 1
    if rule.op in ("le", "ge"):
        last = np.floor(np.round(way * rule.value / step, 6))
    edge = (last + 0.5) * step
    left, right = way * sides
    found: FirstReadings | None
    if rule.mean is not None and rule.sd is not None:
        if rule.by != "difference":
            found = admitted.with_reference(left, right, edge, way * rule.mean, rule.sd, rule.by)
        else:
            found = admitted.of_differences(left, right, way * rule.mean, rule.sd**2)
    elif rule.by == "hip":
        found = admitted.of_chosen_hips(left, right, edge, step)
    elif rule.by == "person":
        found = admitted.of_chosen_people(left, right, edge)
    else:
        found = admitted.of_chosen_differences(left, right, -edge, step)
    return found._replace(left=way * found.left, right=way * found.right) if found else TOO_FEW


def does_fit(sides: np.ndarray, rule: AdmissionRule, protocol: Protocol) -> np.ndarray:
    """Return of which people the readings meet the admission; missing readings never speak against it.

    Parameters
    ----------
    sides
        float64 (2, people): left and right, NaN where there is no reading.
    rule, protocol
        The admission and the measures.
    """
    step = protocol.measures[rule.measure].step
    values = np.abs(sides[0] - sides[1])[None, :] if rule.by == "difference" else sides
    steps, known = in_steps(pd.Series(values.ravel()), step)
    met = OPERATORS[rule.op](steps, cut_in_steps(rule.value, step)) | ~known
    met = met.reshape(values.shape)
    return met.all(axis=0) if rule.by == "hip" else met.any(axis=0)


def reading_step(changes: pd.DataFrame, measure: str, step: float) -> np.ndarray:
    """Return what each person's readings of a measure are kept to; see :func:`analysis.hips.pairs.kept_steps`."""
    patient, _ = numbered(changes["patient_id"])
    before, after = (steps_of(changes[f"{measure}_{when}"], step) for when in ("before", "after"))
    return kept_steps(patient, (before, after), step)
