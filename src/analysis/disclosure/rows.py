"""Rows of patients, which whoever works with what may be shown cannot have by accident."""

from __future__ import annotations

from dataclasses import dataclass, field

from analysis.pipeline import Tables
from analysis.study import Study
from analysis.usererror import UserError


@dataclass(frozen=True)
class HoldsRows:
    """A study and its tables, of which nobody gets a row where numbers are withheld.

    Attributes
    ----------
    study, tables
        The study, and its tables for the hips in scope; only where nothing is withheld.
    """

    _study: Study = field(repr=False)  # a cell that shows the report must show no row of it
    _tables: Tables = field(repr=False)

    @property
    def withholds(self) -> bool:
        """Whether numbers with few people behind them, and single hips, are withheld."""
        raise NotImplementedError

    @property
    def study(self) -> Study:
        """The study; refused where its rows may not be shown."""
        self._refuse_rows("study")
        return self._study

    @property
    def tables(self) -> Tables:
        """Its tables; refused where their rows may not be shown."""
        self._refuse_rows("tables")
        return self._tables

    def _refuse_rows(self, name: str) -> None:
        if self.withholds:
            raise UserError(
                f".{name} holds rows of patients, and what is counted from them is withheld by nothing; ask the report "
                "itself, as in report.rates([…]), or make an internal report"
            )
