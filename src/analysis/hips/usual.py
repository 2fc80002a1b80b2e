"""What first readings are usual: in everyone who was measured or, where hips were chosen by a reading, before that."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from analysis.hips.cohort import numbered, steps_of
from analysis.hips.criteria import OPERATORS
from analysis.hips.pairs import Pairs, in_unit, kept_steps, measures_compared, pairs_of
from analysis.protocol import Protocol
from analysis.protocol.admission import AdmissionRule
from analysis.protocol.steps import cut_in_steps, in_steps
from analysis.stats import admitted
from analysis.stats.admitted import FirstReadings
from analysis.stats.cut_off import lacks_small, looks_cut_off
from analysis.stats.regression_to_mean import OtherHip
from analysis.stats.reliability import reliability

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
_FEWEST_REREAD = 10  # people; the error that fewer show is hardly one


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

    Notes
    -----
    Where hips were enrolled for this reading, the mean and variance are those that make the chosen readings most
    likely, or those of an outside reference. Where nothing is declared, and first readings look cut off at the side
    from which hips gain by chance, nothing is told.
    """
    measure = protocol.measures[name]
    reading = in_unit(pairs.readings[name][0], measure.step)
    step = kept_steps(pairs.patient, pairs.readings[name], measure.step)
    sides, step_of = sides_of_people(pairs.person, pairs.right, reading, step)
    several = np.isfinite(reading).sum() > 1
    found = _first_readings(sides, step_of, name, pairs.comparison, protocol) if several else TOO_FEW
    if isinstance(found, str):
        nothing = np.full(len(pairs), np.nan)
        other = OtherHip(nothing, nothing, np.nan)
        return Usual(reading, step, nothing, np.nan, other, chosen=False, each_alone=False, unknown=found)
    mean, mean_of_other = (np.where(own, found.right, found.left) for own in (pairs.right, ~pairs.right))
    other_reading = sides[np.where(pairs.right, 0, 1), pairs.person]
    of_other = OtherHip(other_reading, mean_of_other, found.correlation)
    chosen = _chosen_at(name, protocol) == protocol.comparisons[pairs.comparison].start
    each_alone = chosen and getattr(protocol.admission, "by", "") == "hip"
    return Usual(reading, step, mean, found.variance, of_other, chosen, each_alone, unknown="")


def sides_of_people(
    person: np.ndarray, right: np.ndarray, reading: np.ndarray, step: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return readings as left and right of each person (2, people), and what they are rounded to.

    A person in one episode of care is meant, numbered from 0; NaN where there is no reading.
    """
    n_people = int(person.max(initial=-1)) + 1
    sides, step_of = np.full((2, n_people), np.nan), np.ones(n_people)
    sides[right.astype("int8"), person] = reading
    step_of[person] = step
    return sides, step_of


def _first_readings(
    sides: np.ndarray, step: np.ndarray, name: str, comparison: str, protocol: Protocol
) -> FirstReadings | str:
    """Return what is usual, or why that cannot be told."""
    admission, pair = protocol.admission, protocol.comparisons[comparison]
    at = _chosen_at(name, protocol)
    if at == pair.end:
        return CHOSEN_LATER
    if at == pair.start and isinstance(admission, AdmissionRule):
        return _before_admission(sides, step, admission, protocol)
    if admission is None and looks_chosen(sides, step, protocol.measures[name].better):
        return NOT_DECLARED
    found = admitted.of_everyone(*sides)
    return found if found.variance >= 0 else TOO_FEW


def _chosen_at(name: str, protocol: Protocol) -> str:
    """Return the timepoint at which hips were enrolled for their reading of a measure; empty if for none of it."""
    rule = protocol.admission
    return (rule.at or protocol.classify_at) if isinstance(rule, AdmissionRule) and rule.measure == name else ""


def looks_chosen(sides: np.ndarray, step: np.ndarray, better: str) -> bool:
    """Say whether people seem to have been enrolled for either hip being bad, or for sides that differ.

    Only the bad end is looked at: who was chosen there seems to gain with nothing done.
    """
    worst = np.fmin(*sides) if better == "higher" else -np.fmax(*sides)
    return looks_cut_off(worst, step) or lacks_small(sides[0] - sides[1])


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


def with_errors_tried(changes: pd.DataFrame, protocol: Protocol) -> Protocol:
    """Return the protocol with the range of errors tried, from the changes of a study; see :func:`errors_tried`."""
    again = changes["comparison"].isin(unchanged_comparisons(protocol)) & changes["comparable"]
    return errors_tried(pairs_of(changes[again], protocol), protocol)


def unchanged_comparisons(protocol: Protocol) -> list[str]:
    """Return the comparisons between whose visits nothing was done, as the protocol declares."""
    return [name for name, pair in protocol.comparisons.items() if pair.unchanged]


def errors_tried(again: Pairs, protocol: Protocol) -> Protocol:
    """Return the protocol with the range of measurement errors against which a verdict on chance is held.

    It reaches over the SEM of the protocol, the range that its sources give and, where at least 10 people were read
    twice with nothing done in between, what their readings show.

    Parameters
    ----------
    again
        Hips that were read twice in the same way with nothing done in between.
    protocol
        Declares the measurement errors.
    """
    tried = {}
    for name, measure in measures_compared(protocol).items():
        if measure.sem is not None:
            errors = [measure.sem, *(measure.sem_range or ()), *_own_error(again, name, measure.step)]
            tried[name] = measure.model_copy(update={"sem_range": (min(errors), max(errors))})
    return protocol.model_copy(update={"measures": protocol.measures | tried})


def _own_error(again: Pairs, name: str, step: float) -> list[float]:
    pairs = again.only(again.both_read(name))
    if len(np.unique(pairs.patient)) < _FEWEST_REREAD:
        return []
    readings = np.column_stack([in_unit(values, step) for values in pairs.readings[name]])
    found = reliability(readings, person=pairs.patient).sem
    rounding = float(np.mean(kept_steps(pairs.patient, pairs.readings[name], step) ** 2)) / 12
    return [] if np.isnan(found) else [float(before_rounding(found, rounding, step))]


def before_rounding(error: ArrayLike, rounding: ArrayLike, step: ArrayLike) -> np.ndarray:
    """Return errors of readings without the variance that rounding adds; one step where rounding explains all of it.

    Examples
    --------
    >>> before_rounding([3.2, 1.0], 25 / 12, 0.1).round(2).tolist()
    [2.86, 0.1]
    """
    return np.sqrt(np.maximum(np.square(error) - rounding, np.square(step)))
