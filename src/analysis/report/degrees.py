"""How many degrees hips gained, as it may be shown."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from analysis.answers.degrees import gain_curves, hip_changes, mean_changes
from analysis.answers.gains import adjusted_gains, gains_by_group, with_match
from analysis.answers.important_change import important_changes
from analysis.answers.trajectories import trajectories, visit_readings
from analysis.disclosure import withhold_rows
from analysis.report.scoped import Scoped


class DegreeTables(Scoped):
    """Degrees in a report."""

    def mean_changes(self) -> pd.DataFrame:
        """Return mean changes beside measurement error; see :func:`analysis.answers.degrees.mean_changes`."""
        return self._shown(mean_changes(self._tables.changes, self.protocol, self.comparison), "mean_changes")

    def gains_by_group(self) -> pd.DataFrame:
        """Return mean changes beside what chance alone gives; see :func:`analysis.answers.gains.gains_by_group`."""
        table = gains_by_group(self._tables.changes, self.protocol, self.comparison, self.groups[0])
        return self._shown(table, "gains_by_group")

    def adjusted_gains(self) -> pd.DataFrame:
        """Return groups compared at the same first reading; see :func:`analysis.answers.gains.adjusted_gains`."""
        table = adjusted_gains(with_match(self._tables.changes, self._tables.care), self.protocol, self.comparison)
        return self._shown(table, "adjusted_gains")

    def trajectories(self, by: str | Sequence[str] = "", measure: str = "") -> pd.DataFrame:
        """Return the means at all visits; see :func:`analysis.answers.trajectories.trajectories`.

        A change is withheld with the mean that it starts from, and each side with the other.
        """
        tables, groups = self._tables, [by or self.groups[0]] if isinstance(by, str) else list(by)
        table = trajectories(tables.assessments, tables.changes, self.protocol, groups, measure)
        return self._shown(table, "trajectories", groups)

    def visit_readings(self, by: str | Sequence[str] = "", measure: str = "") -> pd.DataFrame:
        """Return the readings behind these means, and none in a report that withholds.

        See :func:`analysis.answers.trajectories.visit_readings`.
        """
        tables, groups = self._tables, [by or self.groups[0]] if isinstance(by, str) else list(by)
        table = visit_readings(tables.assessments, tables.changes, self.protocol, groups, measure)
        return withhold_rows(table) if self.withholds else table

    def important_changes(self) -> pd.DataFrame:
        """Return which gain matters to people; see :func:`analysis.answers.important_change.important_changes`."""
        tables = self._tables
        table = important_changes(tables.assessments, tables.changes, self.protocol, self.comparison)
        return self._shown(table, "important_changes")

    def hip_changes(self, measure: str = "") -> pd.DataFrame:
        """Return single hips, and none in a report that withholds; see :func:`analysis.answers.degrees.hip_changes`."""
        table = hip_changes(self._tables.changes, self.protocol, self.comparison, measure)
        return withhold_rows(table) if self.withholds else table

    def gain_curves(self, measure: str = "", by: str = "side") -> pd.DataFrame:
        """Return the share that gained so much, where hips may be seen.

        See :func:`analysis.answers.degrees.gain_curves`.

        Two steps of a curve differ by single hips, so it leaves only where these may.
        """
        return gain_curves(self.hip_changes(measure), by)
