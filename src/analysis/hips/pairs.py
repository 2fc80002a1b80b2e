"""Two visits of every hip, in whole numbers: what the rules of a response are judged by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.hips.cohort import after_each_other, is_known, missing_of, numbered, whole_numbers, without_gaps
from analysis.protocol import CompositeResponse, Protocol
from analysis.protocol.measures import Measure
from analysis.protocol.responses import GainRule
from analysis.protocol.steps import from_steps, kept_to

Readings = tuple[np.ndarray, np.ndarray]
_LARGEST_TABLE = 2**20


@dataclass(frozen=True)
class Pairs:
    """The hips that had one of two visits, in the order of patient, side and episode.

    Attributes
    ----------
    comparison
        The pair of timepoints.
    patient, person
        Whole numbers (hips,): whose each hip is, and the same in one episode of care.
    right, has_start, has_end, comparable
        Boolean (hips,): the side; whether something was measured at each visit; whether in the same way.
    readings
        By measure, those before and after in whole numbers; see :func:`analysis.hips.cohort.is_known`.
    """

    comparison: str
    patient: np.ndarray
    person: np.ndarray
    right: np.ndarray
    has_start: np.ndarray
    has_end: np.ndarray
    comparable: np.ndarray
    readings: Mapping[str, Readings]

    def __len__(self) -> int:
        return len(self.patient)

    def both_read(self, measure: str) -> np.ndarray:
        """Return which hips have both readings of a measure."""
        before, after = self.readings[measure]
        return is_known(before) & is_known(after)

    def only(self, rows: np.ndarray) -> Pairs:
        """Return some of the hips."""
        parts = {name: value[rows] for name, value in vars(self).items() if isinstance(value, np.ndarray)}
        readings = {name: (before[rows], after[rows]) for name, (before, after) in self.readings.items()}
        return Pairs(self.comparison, readings=readings, **parts)


def pairs_together(parts: Sequence[Pairs]) -> Pairs:
    """Put the pairs of one comparison of different people together, each block with people numbered from 0."""
    columns: dict[str, np.ndarray] = {
        name: np.concatenate([getattr(part, name) for part in parts])
        for name in ("right", "has_start", "has_end", "comparable")
    }
    for name in ("patient", "person"):
        numbers = [getattr(part, name) for part in parts]
        columns[name] = after_each_other(numbers, [int(each.max(initial=-1)) + 1 for each in numbers])
    readings: dict[str, Readings] = {}
    for name in parts[0].readings:
        before, after = (np.concatenate(widest([part.readings[name][when] for part in parts])) for when in (0, 1))
        readings[name] = before, after
    return Pairs(parts[0].comparison, readings=readings, **columns)


def widest(parts: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Return whole numbers of different sizes in one that holds all; what is missing stays so."""
    kind = np.result_type(*(part.dtype for part in parts))
    lowest = kind.type(missing_of(kind))
    return [part if part.dtype == kind else np.where(is_known(part), part.astype(kind), lowest) for part in parts]


def measures_compared(protocol: Protocol) -> dict[str, Measure]:
    """Return the measures that some responder rule looks at."""
    rules = [response.rules for response in protocol.responses.values() if not isinstance(response, CompositeResponse)]
    return {rule.measure: protocol.measures[rule.measure] for group in rules for rule in group}


def asks_for_share(protocol: Protocol) -> bool:
    """Whether some responder rule asks for a share of the first reading."""
    rules = [response.rules for response in protocol.responses.values() if not isinstance(response, CompositeResponse)]
    return any(isinstance(rule, GainRule) and rule.share("strict") is not None for group in rules for rule in group)


def pairs_of(changes: pd.DataFrame, protocol: Protocol) -> Pairs:
    """Return changes, as :func:`analysis.change` makes them, in whole numbers; of one comparison, or of several."""
    readings = {}
    for name, measure in measures_compared(protocol).items():
        before, after = (whole_numbers(changes[f"{name}_{when}"], measure) for when in ("before", "after"))
        readings[name] = before, after
    flags = {name: changes[name].to_numpy(dtype=bool) for name in ("has_start", "has_end", "comparable")}
    return Pairs(
        comparison=str(changes["comparison"].iloc[0]) if len(changes) else "",
        patient=numbered(changes["patient_id"])[0],
        person=people_in_episodes(changes),
        right=(changes["side"] == "right").to_numpy(),
        **flags,
        readings=readings,
    )


def people_in_episodes(rows: pd.DataFrame) -> np.ndarray:
    """Number the people, each in one episode of care, in their order."""
    (patient, people), (episode, words) = numbered(rows["patient_id"]), numbered(rows["episode"])
    return in_one_episode(patient, len(people), episode, len(words))


def in_one_episode(patient: np.ndarray, n_people: int, episode: np.ndarray, n_episodes: int) -> np.ndarray:
    """Number the people, each in one episode of care, in their order; -1 stands for one that is not known."""
    number = (patient.astype("int64") + 1) * (n_episodes + 1) + episode + 1
    return without_gaps(number, (n_people + 1) * (n_episodes + 1))[1].astype("int32")


def in_unit(values: np.ndarray, step: float) -> np.ndarray:
    """Return whole numbers of steps in the unit of the measure, NaN where missing."""
    known = is_known(values)
    return np.where(known, from_steps(np.where(known, values, 0).astype("int64"), step), np.nan)


def kept_steps(patient: np.ndarray, readings: Readings, step: float) -> np.ndarray:
    """Return what each person's readings of a measure seem to be kept to, in its unit: 5, 1 or 0.1 degrees.

    ``step`` is that of the measure. It is the coarsest step that divides all readings of both hips, before and after.
    """
    return steps_kept(step)[places_kept(patient, readings, step)]


def steps_kept(step: float) -> np.ndarray:
    """Return the steps that readings may be kept to, in the unit of their measure, the coarsest first."""
    return from_steps(np.array(kept_to(step)), step)[::-1]


def places_kept(patient: np.ndarray, readings: Readings, step: float) -> np.ndarray:
    """Return the place among :func:`steps_kept` of what the readings of each hip's person are kept to: uint8."""
    of_person = np.zeros(int(patient.max(initial=-1)) + 2, dtype="uint8")  # the last place is that of nobody, −1
    if not any(is_known(values).any() for values in readings):
        return of_person[patient]
    # How many of the coarser steps a reading is finer than: the most of any reading is the person's.
    finer = np.maximum.reduce([_steps_finer(values, step) for values in readings])
    for times in (1, 2):
        of_person[patient[finer >= times]] = times
    return of_person[patient]


def _steps_finer(values: np.ndarray, step: float) -> np.ndarray:
    """Return how many of the coarser steps each reading is no multiple of; none where it is missing."""
    known = is_known(values)
    low, high = int(values.min(initial=0, where=known)), int(values.max(initial=0))
    if high - low > _LARGEST_TABLE:
        return np.where(known, _finer(values.astype("int64"), step), np.uint8(0))
    # Looked up, as dividing takes many times longer.
    place = values.astype("intp")
    place -= low
    finer = _finer(np.arange(low, high + 1), step).take(place, mode="clip")
    finer[~known] = 0
    return finer


def _finer(steps: np.ndarray, step: float) -> np.ndarray:
    return np.add.reduce([steps % coarse != 0 for coarse in kept_to(step)[1:]], dtype="uint8")
