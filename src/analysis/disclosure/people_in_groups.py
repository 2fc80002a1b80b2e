"""People and hips counted in every group at once: what holds of each hip."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis.answers.counting import NOT_RECORDED
from analysis.answers.in_groups import InGroups
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


class Hips(NamedTuple):
    """Of hips of which something is asked: whether each has an answer, which, or why not."""

    judged: np.ndarray
    yes: np.ndarray
    missing: np.ndarray

    def counts(self, groups: InGroups) -> dict[str, np.ndarray]:
        """Count hips and people in every group."""
        every = np.ones(len(self.judged), dtype=bool)
        people = (self.judged, self.yes, self.judged & ~self.yes)
        counted = [groups.people(every), *map(groups.rows, (every, *self)), *map(groups.people, people)]
        return dict(zip(RATES, counted, strict=True))


class Classed(NamedTuple):
    """Hips of which a class is asked, and which of them are of it definitely, or in the lenient reading only."""

    hips: Hips
    definite: np.ndarray
    borderline: np.ndarray

    def counts(self, groups: InGroups) -> dict[str, np.ndarray]:
        """Count as :func:`analysis.answers.classes.class_shares` does, in every group."""
        return self.hips.counts(groups) | dict(zip(FIRM, map(groups.rows, self[1:]), strict=True))


class Lost(NamedTuple):
    """Judged hips, and which hips were lost at each step before."""

    hips: Hips
    lost: dict[str, np.ndarray]

    def counts(self, groups: InGroups) -> dict[str, np.ndarray]:
        """Count as :func:`analysis.answers.flow.flow` does, in every group."""
        left, behind = np.ones(len(self.hips.judged), dtype=bool), []
        for gone in self.lost.values():
            left = left & ~gone
            behind += [groups.people(gone), groups.people(left)]
        most = np.iinfo("int64").max
        fewest = np.minimum.reduce([np.where(of > 0, of, most) for of in behind])
        hips = {name: groups.rows(gone) for name, gone in self.lost.items()}
        return self.hips.counts(groups) | hips | {"n_patients_behind": np.where(fewest < most, fewest, 0)}


class Pairs(NamedTuple):
    """Of judged hips of first episodes: whether each is a left one, and whether it responded."""

    left: np.ndarray
    responded: np.ndarray

    def counts(self, groups: InGroups) -> dict[str, np.ndarray]:
        """Return the counts of people of :func:`analysis.compare_sides`; a pair has both hips in the group."""
        left, left_yes = groups.having(self.left), groups.having(self.left & self.responded)
        right, right_yes = groups.having(~self.left), groups.having(~self.left & self.responded)
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
        found = {name: groups.count(of) for name, of in counted.items()}
        alone = [found[f"one_hip_{side}{of}"] for side in SIDES for of in ("_responders", "")]
        behind = np.minimum.reduce([alone[0], alone[1] - alone[0], alone[2], alone[3] - alone[2]])
        return found | {"one_hip_behind": behind}
