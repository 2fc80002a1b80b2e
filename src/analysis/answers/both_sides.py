"""Left minus right of people whose two sides were read in the same way, visit by visit, as numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from analysis.answers.in_groups import InGroups
from analysis.hips.clinic_of_person import clinic_of_person, clusters_counted_with, elsewhere
from analysis.hips.cohort import after_each_other
from analysis.protocol import Protocol
from analysis.protocol.measures import Side
from analysis.protocol.steps import from_steps, in_steps
from analysis.schema import SIDES, VISIT, conform, in_first_episode
from analysis.stats.clusters import Clusters


@dataclass(frozen=True)
class BothSides:
    """The visits of everyone's first episode. People are numbered; of each there is one entry here.

    Attributes
    ----------
    row
        A row of the assessments in which the person stands, in that episode.
    clinic
        The clinic that the person counts with; missing where none is recorded.
    moved
        Whether one of these visits was in another clinic.
    group
        The number of the group that the person is in; somebody of two groups stands here twice.
    """

    row: np.ndarray
    clinic: np.ndarray
    moved: np.ndarray
    group: np.ndarray
    # One entry a visit of a side: whose it is, the reading in steps, whether there is one, and how it was taken.
    _person: np.ndarray
    _side: np.ndarray
    _timepoint: np.ndarray
    _timepoints: list[str]
    _steps: np.ndarray
    _known: np.ndarray
    _ways: list[np.ndarray]
    _step: float

    def reached(self, timepoint: str, n_groups: int = 1) -> np.ndarray:
        """Return of each group whether anybody in it has such a visit."""
        return np.bincount(self.group[self._person[self._at(timepoint)]], minlength=n_groups) > 0

    def at(self, timepoint: str) -> tuple[np.ndarray, np.ndarray]:
        """Return who was read on both sides in the same way, by number, and left minus right of each, in degrees."""
        left, right = (self._rows(side, timepoint) for side in SIDES)
        who = np.flatnonzero((left >= 0) & (right >= 0))
        left, right = left[who], right[who]
        alike = self._known[left] & self._known[right] & self._same_way(left, right)
        steps = self._steps[left[alike]] - self._steps[right[alike]]
        return who[alike], np.asarray(from_steps(steps, self._step), dtype="float64")

    def twice(self, earlier: str, later: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return who was read alike on both sides both times, and left minus right of each, earlier and later."""
        (people, before), (again, after) = self.at(earlier), self.at(later)
        who, one, other = np.intersect1d(people, again, assume_unique=True, return_indices=True)
        same = np.ones(len(who), dtype=bool)
        for side in SIDES:
            same &= self._same_way(self._rows(side, earlier)[who], self._rows(side, later)[who])
        return who[same], before[one[same]], after[other[same]]

    def clusters(self, people: np.ndarray) -> Clusters:
        """Return the clusters of some people, by number: themselves, or the clinics they count with."""
        return clusters_counted_with(np.arange(len(people)), self.clinic[people], self.moved[people])

    def _at(self, timepoint: str) -> np.ndarray:
        """Return which entries are of that visit."""
        found: np.ndarray = self._timepoint == self._timepoints.index(timepoint)
        return found

    def _rows(self, side: Side, timepoint: str) -> np.ndarray:
        """Return the row of each person on that side at that visit, -1 where there is none."""
        rows = np.flatnonzero(self._at(timepoint) & (self._side == SIDES.index(side)))
        place = np.full(len(self.row), -1)
        place[self._person[rows]] = rows
        return place

    def _same_way(self, first: np.ndarray, second: np.ndarray) -> np.ndarray:
        """Return whether readings were taken alike; a condition not recorded both times does not make them differ."""
        same = np.ones(len(first), dtype=bool)
        for way in self._ways:
            one, other = way[first], way[second]
            same &= (one < 0) | (other < 0) | (one == other)
        return same


def columns_of_both_sides(protocol: Protocol) -> list[str]:
    """Return the columns of the assessments that the protocol's asymmetry is worked out from; none without one."""
    if protocol.asymmetry is None:
        return list(VISIT)
    conditions = [name for name, condition in protocol.conditions.items() if condition.must_match]
    return [*VISIT, "clinic_id", *conditions, protocol.asymmetry.measure]


def both_sides(assessments: pd.DataFrame, protocol: Protocol, groups: InGroups | None = None) -> BothSides:
    """Return the visits of everyone's first episode as numbers; the protocol must name an asymmetry.

    In each of ``groups`` of the assessments, where these are given, the first episode is that within the group.
    """
    rule = protocol.asymmetry
    assert rule is not None  # the callers have seen to it
    visits = conform(assessments, "assessments", protocol)
    groups = groups or InGroups.whole(visits)
    # Somebody of two groups is two people here, each with the visits of one group.
    episodes = pd.DataFrame({"patient_id": groups.person, "episode": visits["episode"].array[groups.row]})
    in_first = in_first_episode(episodes)
    first = groups.row[in_first]
    person, _ = pd.factorize(groups.person[in_first])
    _, at = np.unique(person, return_index=True)
    step = protocol.measures[rule.measure].step
    steps, known = in_steps(visits[rule.measure], step)
    must_match = [name for name, condition in protocol.conditions.items() if condition.must_match]
    clinic = np.asarray(clinic_of_person(visits), dtype="object")[first]
    is_elsewhere = elsewhere(visits["clinic_id"].to_numpy(dtype="object")[first], clinic)
    return BothSides(
        row=first[at],
        clinic=clinic[at],
        moved=np.bincount(person, is_elsewhere, minlength=len(at)) > 0,
        group=groups.group[in_first][at],
        _person=person.astype("int32"),
        _side=visits["side"].cat.codes.to_numpy()[first],
        _timepoint=visits["timepoint"].cat.codes.to_numpy()[first],
        _timepoints=visits["timepoint"].cat.categories.tolist(),
        _steps=steps[first].astype("int32"),
        _known=known[first],
        _ways=[_numbered(visits[name])[first] for name in must_match],
        _step=step,
    )


def _numbered(column: pd.Series) -> np.ndarray:
    """Return a number for each word, −1 where it is missing, in as few bytes as hold it."""
    number, words = pd.factorize(column)
    return number.astype(np.min_scalar_type(-len(words) - 1))


def together(parts: Sequence[BothSides], n_rows: Sequence[int]) -> BothSides:
    """Put blocks of whole people together, each made from so many rows of assessments."""

    def joined(name: str) -> np.ndarray:
        return np.concatenate([getattr(part, name) for part in parts])

    return replace(
        parts[0],
        row=after_each_other([part.row for part in parts], n_rows),
        clinic=joined("clinic"),
        moved=joined("moved"),
        group=joined("group"),
        _person=after_each_other([part._person for part in parts], [len(part.row) for part in parts]),
        _side=joined("_side"),
        _timepoint=joined("_timepoint"),
        _steps=joined("_steps"),
        _known=joined("_known"),
        # Ways are told apart within people alone, so each block may number them in its own way.
        _ways=[np.concatenate(ways) for ways in zip(*(part._ways for part in parts), strict=True)],
    )
