"""One study in one scope, and the door through which its tables leave."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

import pandas as pd

from analysis.disclosure import protect
from analysis.disclosure.plan import Release, counts_groups
from analysis.disclosure.rows import HoldsRows
from analysis.protocol import Protocol

Given = ParamSpec("Given")
Own = TypeVar("Own", bound="Scoped")


def worked_out_once(
    method: Callable[Concatenate[Own, Given], pd.DataFrame],
) -> Callable[Concatenate[Own, Given], pd.DataFrame]:
    """Keep a table of a report for the next cell that asks for it in the same words; each gets a copy."""

    @wraps(method)
    def kept(self: Own, *args: Given.args, **named: Given.kwargs) -> pd.DataFrame:
        known: dict[str, pd.DataFrame] = vars(self).setdefault("_kept", {})
        asked = repr((method.__name__, args, named))
        if asked not in known:
            known[asked] = method(self, *args, **named)
        return known[asked].copy()

    return kept


@dataclass(frozen=True)
class Scoped(HoldsRows):
    """A study as one report sees it.

    Every number leaves through :mod:`analysis.disclosure`, unless the report is ``internal``, the study's rows
    are public, or nobody stands behind them because they are synthetic. What chance alone would give is
    always worked out from the whole study.

    Attributes
    ----------
    scope
        What the report is about, in words.
    comparison
        The pair of timepoints.
    internal
        For those who treat the patients: nothing is withheld, and every page says so.
    whole
        Whether it is about everyone.
    found
        What was found in the data of the whole study; see :func:`analysis.answers.quality.problems_found`.
    release
        What the reports of the study withhold together, as the report of this scope sees it.
    person
        The one person it is about, where it is about one.
    on
        The day whose visits it is made from, as in 2026-11-29, where what came since waits; empty for now.
    """

    scope: str
    comparison: str
    internal: bool
    found: pd.DataFrame = field(repr=False)
    release: Release = field(default=Release(), repr=False)
    whole: bool = field(default=False, repr=False)
    person: str = field(default="", repr=False)
    on: str = field(default="", repr=False)

    @property
    def protocol(self) -> Protocol:
        """The rules of the study."""
        return self._study.protocol

    @property
    def withholds(self) -> bool:
        """Whether small counts and single hips are withheld."""
        return self._study.policy.withholds and not self.internal

    @property
    def groups(self) -> list[str]:
        """The columns the study's hips are grouped by: its types or arms, and the side."""
        return [self.protocol.group_by, "side"]

    @property
    def match_groups(self) -> list[str]:
        """Whether the stretch given matched, and the side; the study's own groups where no stretch is called for."""
        return ["match", "side"] if self.protocol.types else self.groups

    def _shown(self, table: pd.DataFrame, name: str = "rates", by: Sequence[str] = ()) -> pd.DataFrame:
        if table.empty:
            return table
        if not self.withholds:
            return table.assign(suppressed=False)
        groups = [*self.protocol.attributes, *by]
        people = self._tables.assessments["patient_id"].nunique()
        besides = self.release.besides(table, name, groups)
        apart = not counts_groups(table, name, self.protocol)
        return protect(table, name, groups, self._study.policy.minimum, people, besides, all_or_none=apart)
