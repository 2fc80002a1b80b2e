"""Who was assessed, as it may be shown."""

from __future__ import annotations

import pandas as pd

from analysis.answers.people import ALL, SIZE, beside_norms, held_together, who_was_assessed
from analysis.pipeline import Tables
from analysis.report.care import CareTables
from analysis.schema import HIP


class PeopleTables(CareTables):
    """The people in a report."""

    def who_was_assessed(self, by: str = "") -> pd.DataFrame:
        """Return people and first readings in groups; see :func:`analysis.answers.people.who_was_assessed`.

        ``by`` is ``side``, ``stretch_type``, ``match``, ``stretch_given`` or an attribute; the study's own if empty.
        """
        tables = self._tables
        hips = tables.classifications.merge(tables.care, on=HIP, how="left", suffixes=("", "_again"), validate="1:1")
        by = by or self.groups[0]
        table = who_was_assessed(tables.assessments, hips, self.protocol, by)
        if not self._may_be_told:
            size = (table["characteristic"] == SIZE) & (table["group"] == ALL)
            held = table["n_patients_behind"].where(size, 0)
            return self._shown(table.assign(n_patients_behind=held, n_patients_behind_any=0), "who_was_assessed")
        return self._shown(self._held_together(table, by), "who_was_assessed")

    @property
    def _may_be_told(self) -> bool:
        """Whether what people are like may be told.

        The release does not count it, so whoever had two such reports, of all clinics and of one or of two months,
        could subtract. Where numbers are withheld only the first of the whole study tells it.
        """
        return not self.withholds or (self.whole and self.release.first)

    def _held_together(self, table: pd.DataFrame, by: str) -> pd.DataFrame:
        """Return the table with no group where the release, or its own size, withholds how large one is."""
        if not self.withholds:
            return table
        sizes = table.loc[(table["characteristic"] == SIZE) & (table["group"] != ALL), "n_patients"]
        held = by == "stretch_type" and bool(self.classes()["suppressed"].any())
        return held_together(table, held or bool((sizes < self._study.policy.minimum).any()))

    def one_person(self) -> Tables | None:
        """Return the tables of the person whom the report is about; None where it is about more, or withholds."""
        return self.tables if self.person and not self.withholds else None

    def beside_norms(self) -> pd.DataFrame:
        """Return first readings beside published ones; see :func:`analysis.answers.people.beside_norms`."""
        table = beside_norms(self._tables.assessments, self.protocol)
        if len(table) and not self._may_be_told:
            table = table.assign(n_patients_behind=0)
        return self._shown(table, "beside_norms")
