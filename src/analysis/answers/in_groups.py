"""Rows of people in groups that may overlap, such as a whole study and each of its clinics, counted all at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from analysis.hips.cohort import without_gaps


@dataclass(frozen=True)
class InGroups:
    """Which rows of a table are in which group; a row may be in several, and a person counts once in each.

    Attributes
    ----------
    patient
        Of each row of the table its person, by number from 0.
    row, group
        One entry for every row in a group: the place of the row in the table, and the number of the group.
    n_groups
        How many groups there are; some may be empty.
    """

    patient: np.ndarray
    row: np.ndarray
    group: np.ndarray
    n_groups: int

    @classmethod
    def whole(cls, table: pd.DataFrame) -> InGroups:
        """Return every row of a table with a ``patient_id`` in one group."""
        group = np.zeros(len(table), dtype="int64")
        return cls(pd.factorize(table["patient_id"])[0], np.arange(len(table)), group, 1)

    def divided(self, level: np.ndarray, n_levels: int, among: np.ndarray) -> InGroups:
        """Return some rows in groups divided by a number of each row: the levels of the first group, then the next."""
        kept = among[self.row]
        row, group = self.row[kept], self.group[kept]
        return InGroups(self.patient, row, group * n_levels + level[row], self.n_groups * n_levels)

    @cached_property
    def _people(self) -> tuple[np.ndarray, np.ndarray]:
        several = int(self.patient.max(initial=0)) + 1
        number = self.group * several + self.patient[self.row]
        people, person = without_gaps(number, self.n_groups * several)
        return people // several, person

    @property
    def person(self) -> np.ndarray:
        """Return of each entry its person in its group, by number: somebody of two groups has two numbers."""
        return self._people[1]

    def rows(self, which: np.ndarray) -> np.ndarray:
        """Return in how many rows of each group something holds; ``which`` is along the rows of the table."""
        return np.bincount(self.group[which[self.row]], minlength=self.n_groups)

    def having(self, which: np.ndarray) -> np.ndarray:
        """Return of each person in a group whether it holds in some row."""
        group, person = self._people
        held = np.zeros(len(group), dtype=bool)
        held[person[which[self.row]]] = True
        return held

    def count(self, having: np.ndarray) -> np.ndarray:
        """Return how many of the people in each group these are; see :meth:`having`."""
        return np.bincount(self._people[0][having], minlength=self.n_groups)

    def people(self, which: np.ndarray) -> np.ndarray:
        """Return of how many people in each group it holds in some row."""
        return self.count(self.having(which))


def by_group(rows: Sequence[tuple[Mapping[str, str], Mapping[str, np.ndarray]]]) -> pd.DataFrame:
    """Return a table of counts: for each ``group`` the same rows, each with its labels and the counts of that group.

    Parameters
    ----------
    rows
        The labels of a row, and by column its count in every group; at least one row.
    """
    labels, counts = zip(*rows, strict=True)
    n_groups = len(next(iter(counts[0].values())))
    columns: dict[str, object] = {"group": np.arange(n_groups).repeat(len(rows))}
    columns |= {name: [row[name] for row in labels] * n_groups for name in labels[0]}
    columns |= {name: np.array([row[name] for row in counts]).T.ravel() for name in counts[0]}
    return pd.DataFrame(columns)
