"""People and hips counted in every group at once, as numbers: whose hips they are, and what holds of each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis.answers.counting import NOT_RECORDED
from analysis.schema import SIDES

RATES = ["n_patients", "n_hips", "n_evaluable", "n_responders", "n_missing"]
RATES += ["n_patients_evaluable", "n_patients_with", "n_patients_without"]
SIDE_COUNTS = ["both", "left_only", "right_only", "neither", "n", "one_hip_left", "one_hip_right"]
SIDE_COUNTS += ["one_hip_left_responders", "one_hip_right_responders", "one_hip_behind"]
FIRM = ["n_definite", "n_borderline"]


class Groups(NamedTuple):
    """A column to group by: its levels in order, and the place of each row's own among them."""

    levels: list[str]
    place: np.ndarray


# Numbers from here on, not frames: of a hundred small tables a frame each would take most of the time of a report.
def grouped(column: pd.Series) -> Groups:
    """Return a column with a level of its own for missing if any is; as ``counting.with_not_recorded`` has it."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        levels, place = [str(level) for level in column.cat.categories], column.cat.codes.to_numpy(dtype="int64")
    else:
        found, kinds = pd.factorize(column, sort=True)
        levels, place = [str(level) for level in kinds], found.astype("int64")
    if (place < 0).any():
        levels += [NOT_RECORDED] if NOT_RECORDED not in levels else []
        place = np.where(place < 0, levels.index(NOT_RECORDED), place)
    return Groups(levels, place)


class _People(NamedTuple):
    """A person in a group, one entry each: the group by number, and which row is of which entry."""

    group: np.ndarray
    of_row: np.ndarray
    n_groups: int


def _people(person: np.ndarray, groups: Sequence[Groups]) -> _People:
    place, n_groups = np.zeros(len(person), dtype="int64"), 1
    for group in groups:
        place, n_groups = place * len(group.levels) + group.place, n_groups * len(group.levels)
    several = int(person.max(initial=0)) + 1
    entries, of_row = np.unique(place * several + person, return_inverse=True)
    return _People(entries // several, of_row, n_groups)


class Hips(NamedTuple):
    """Hips of which something is asked: whose each is, whether it has an answer, which, or why not."""

    person: np.ndarray
    judged: np.ndarray
    yes: np.ndarray
    missing: np.ndarray

    def counts(self, groups: Sequence[Groups]) -> dict[str, np.ndarray]:
        """Count hips and people in every combination of levels, in order."""
        people = _people(self.person, groups)
        of_each = len(people.group)
        judged, yes, missing = (np.bincount(people.of_row, own, of_each) for own in self[1:])
        hips = np.bincount(people.of_row, minlength=of_each)
        terms = [np.ones(of_each), hips, judged, yes, missing, judged > 0, yes > 0, judged > yes]
        sums = (np.bincount(people.group, term, people.n_groups).astype("int64") for term in terms)
        return dict(zip(RATES, sums, strict=True))


class Classed(NamedTuple):
    """Hips of which a class is asked, and which of them are of it definitely, or in the lenient reading only."""

    hips: Hips
    definite: np.ndarray
    borderline: np.ndarray

    def counts(self, groups: Sequence[Groups]) -> dict[str, np.ndarray]:
        """Count as :func:`analysis.answers.classes.class_shares` does, in every combination of levels, in order."""
        people = _people(self.hips.person, groups)
        group = people.group[people.of_row]
        firm = dict(zip(FIRM, (np.bincount(group[of], minlength=people.n_groups) for of in self[1:]), strict=True))
        return self.hips.counts(groups) | firm


class Lost(NamedTuple):
    """Judged hips, and which hips were lost at each step before."""

    hips: Hips
    lost: dict[str, np.ndarray]

    def counts(self, groups: Sequence[Groups]) -> dict[str, np.ndarray]:
        """Count as :func:`analysis.answers.flow.flow` does, in every combination of levels, in order."""
        people = _people(self.hips.person, groups)
        group, of_each, n_groups = people.group[people.of_row], len(people.group), people.n_groups
        left, behind = np.ones(len(group), dtype=bool), []
        for gone in self.lost.values():
            left = left & ~gone
            for which in (gone, left):
                some = np.bincount(people.of_row, which, of_each) > 0
                behind.append(np.bincount(people.group, some, n_groups).astype("int64"))
        most = np.iinfo("int64").max
        fewest = np.minimum.reduce([np.where(of > 0, of, most) for of in behind])
        hips = {name: np.bincount(group[gone], minlength=n_groups) for name, gone in self.lost.items()}
        return self.hips.counts(groups) | hips | {"n_patients_behind": np.where(fewest < most, fewest, 0)}


class Pairs(NamedTuple):
    """Judged hips of first episodes: whose each is, whether it is a left one, and whether it responded."""

    person: np.ndarray
    left: np.ndarray
    responded: np.ndarray

    def counts(self, groups: Sequence[Groups]) -> dict[str, np.ndarray]:
        """Return the counts of people of :func:`analysis.compare_sides`; a pair has both hips in the group."""
        people = _people(self.person, groups)
        judged, yes = np.zeros((2, len(people.group)), dtype="bool"), np.zeros((2, len(people.group)), dtype="bool")
        judged[self.left.astype("int64"), people.of_row] = True
        yes[self.left.astype("int64"), people.of_row] = self.responded
        (right, left), (right_yes, left_yes) = judged, yes
        both, left_alone, right_alone = left & right, left & ~right, right & ~left
        counted = {
            "both": both & left_yes & right_yes,
            "left_only": both & left_yes & ~right_yes,
            "right_only": both & ~left_yes & right_yes,
            "neither": both & ~left_yes & ~right_yes,
            "n": both,
            "one_hip_left": left_alone,
            "one_hip_right": right_alone,
            "one_hip_left_responders": left_alone & left_yes,
            "one_hip_right_responders": right_alone & right_yes,
        }
        found = {n: np.bincount(people.group, of, people.n_groups).astype("int64") for n, of in counted.items()}
        alone = [found[f"one_hip_{side}{of}"] for side in SIDES for of in ("_responders", "")]
        behind = np.minimum.reduce([alone[0], alone[1] - alone[0], alone[2], alone[3] - alone[2]])
        return found | {"one_hip_behind": behind}
