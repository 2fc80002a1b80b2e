"""Left against right, as it may be shown."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from analysis.answers.asymmetry import asymmetry
from analysis.answers.change_of_asymmetry import change_of_asymmetry
from analysis.answers.sides import compare_sides, for_all_rows, sides_between_groups
from analysis.report.scoped import Scoped


class SideTables(Scoped):
    """Left against right in a report."""

    def sides(self, by: Sequence[str] = (), response: str | None = None) -> pd.DataFrame:
        """Return left against right as it may be shown; see :func:`analysis.compare_sides`."""
        return self._shown(compare_sides(self._tables.responses, by, response, self.comparison), "sides", by)

    def sides_of_each_test(self) -> pd.DataFrame:
        """Return left against right under every responder rule, p values adjusted for how many rules there are."""
        names = self._tables.responses["response"].cat.categories
        tables = [compare_sides(self._tables.responses, (), name, self.comparison) for name in names]
        return self._shown(for_all_rows(pd.concat(tables, ignore_index=True)), "sides")

    def sides_between_groups(self, response: str | None = None) -> pd.DataFrame:
        """Return whether left against right differs between types or arms (:mod:`analysis.answers.sides`)."""
        types = list(self.protocol.types)
        table = sides_between_groups(self._tables.responses, self.groups[0], types, response, self.comparison)
        return self._shown(table, "sides_between_groups")

    def asymmetry(self) -> pd.DataFrame:
        """Return left minus right in degrees as it may be shown; see :func:`analysis.asymmetry`."""
        return self._shown(asymmetry(self._tables.assessments, self.protocol), "asymmetry")

    def change_of_asymmetry(self) -> pd.DataFrame:
        """Return whether left and right came closer.

        See :func:`analysis.answers.change_of_asymmetry.change_of_asymmetry`.
        """
        table = change_of_asymmetry(self._tables.assessments, self.protocol, self.comparison, self._tables.changes)
        return self._shown(table, "change_of_asymmetry")
