"""How good the data are, as it may be shown."""

from __future__ import annotations

import pandas as pd

from analysis.answers.agreement import agreement, second_readings
from analysis.answers.flow import flow, followed_up
from analysis.answers.quality import (
    ADDRESS,
    DECLARED,
    comparability,
    completeness,
    completeness_by_clinic,
    digit_preference,
    distributions,
)
from analysis.answers.repeatability import repeatability
from analysis.disclosure import protect, withhold_rows
from analysis.report.scoped import Scoped


class QualityTables(Scoped):
    """The quality of the data in a report."""

    def flow(self) -> pd.DataFrame:
        """Return the steps from the files to the hips judged; see :func:`analysis.answers.flow.flow`."""
        tables = self._tables
        steps = flow(tables.assessments, tables.responses, self.protocol, self.comparison)
        return self._shown(steps, "flow")

    def completeness(self) -> pd.DataFrame:
        """Return where each measure was recorded, by visit; see :func:`analysis.answers.quality.completeness`."""
        return self._shown(completeness(self._tables.assessments, self.protocol), "completeness")

    def completeness_by_clinic(self) -> pd.DataFrame:
        """Return which hips have both readings; see :func:`analysis.answers.quality.completeness_by_clinic`."""
        table = completeness_by_clinic(self._tables.changes, self.protocol, self.comparison)
        return self._shown(table, "completeness_by_clinic")

    def followed_up(self) -> pd.DataFrame:
        """Return the share of hips that were seen again; see :func:`analysis.answers.flow.followed_up`."""
        return self._shown(followed_up(self._tables.changes, self.protocol), "followed_up")

    def digit_preference(self) -> pd.DataFrame:
        """Return the share of readings that end in 0 or 5; see :func:`analysis.answers.quality.digit_preference`."""
        return self._shown(digit_preference(self._tables.assessments, self.protocol), "digit_preference")

    def repeatability(self) -> pd.DataFrame:
        """Return the error of one reading as this study shows it; see :mod:`analysis.answers.repeatability`."""
        table = repeatability(self._tables.assessments, self._tables.changes, self.protocol)
        return self._shown(table, "repeatability")

    def agreement(self) -> pd.DataFrame:
        """Return within what two readings of one hip agree; see :func:`analysis.answers.agreement.agreement`."""
        table = agreement(self._tables.assessments, self._tables.changes, self.protocol)
        return self._shown(table, "agreement")

    def second_readings(self) -> pd.DataFrame:
        """Return both readings of single hips, and none in a report that withholds."""
        table = second_readings(self._tables.assessments, self._tables.changes, self.protocol)
        return withhold_rows(table) if self.withholds else table

    def distributions(self) -> pd.DataFrame:
        """Return the quartiles of every angle; see :func:`analysis.answers.quality.distributions`."""
        return self._shown(distributions(self._tables.assessments, self.protocol), "distributions")

    def comparability(self) -> pd.DataFrame:
        """Return how often visits were measured in another way; see :func:`analysis.answers.quality.comparability`."""
        table = comparability(self._tables.changes, self.protocol, self.comparison)
        return self._shown(table, "comparability")

    def corrections(self) -> pd.DataFrame:
        """Return the declared corrections of the raw data; a report that withholds names no row and no value.

        Nor does it name a sheet or file of one person, which may be called by their identifier.
        """
        made = self._study.problems
        made = made[made["rule"].isin(DECLARED)]
        if not self.withholds:
            return made
        people = self._study.assessments.groupby("source_file", observed=True)["patient_id"].nunique()
        table = made["file"].str.replace(ADDRESS, "", regex=True)
        # A file that only adds to visits is not among these, and may be of one person where others are.
        unknown = ~table.isin(people.index) & bool((people > 1).all())
        named = table.isin(people.index[people > 1]) | unknown
        return made.drop(columns=["row", "value_shown"]).assign(file=made["file"].where(named, "file withheld"))

    def problems(self) -> pd.DataFrame:
        """Return what was found in the data of the whole study; see :func:`analysis.answers.quality.problems_found`."""
        if not self.withholds:
            return self.found.assign(suppressed=False)
        return protect(self.found, "problems", minimum=self._study.policy.minimum)
