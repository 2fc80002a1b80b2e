"""Who was assessed, as it may be shown."""

from __future__ import annotations

import pandas as pd

from analysis.answers.people import beside_norms, who_was_assessed
from analysis.pipeline import Tables
from analysis.report.scoped import Scoped
from analysis.schema import HIP


class PeopleTables(Scoped):
    """The people in a report."""

    def who_was_assessed(self, by: str = "") -> pd.DataFrame:
        """Return people and first readings in groups; see :func:`analysis.answers.people.who_was_assessed`.

        ``by`` is ``side``, ``stretch_type``, ``match``, ``stretch_given`` or an attribute; the study's own if empty.
        """
        tables = self._tables
        hips = tables.classifications.merge(tables.care, on=HIP, how="left", suffixes=("", "_again"), validate="1:1")
        table = who_was_assessed(tables.assessments, hips, self.protocol, by or self.groups[0])
        return self._shown(table, "who_was_assessed")

    def one_person(self) -> Tables | None:
        """Return the tables of the person whom the report is about; None where it is about more, or withholds."""
        return self.tables if self.person and not self.withholds else None

    def beside_norms(self) -> pd.DataFrame:
        """Return first readings beside published ones; see :func:`analysis.answers.people.beside_norms`."""
        return self._shown(beside_norms(self._tables.assessments, self.protocol), "beside_norms")
