"""Everything that tells how sure the answers of one study are, as it may be shown."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pandas as pd

from analysis.answers.rates import rates, rates_of_each_rule
from analysis.answers.sides import compare_sides
from analysis.disclosure import protect
from analysis.disclosure.plan import Release, counts_groups
from analysis.disclosure.rows import HoldsRows
from analysis.hips.response import respond
from analysis.protocol import Protocol
from analysis.sensitivity.claims import judge_claims
from analysis.sensitivity.class_sums import ClassSums, certainty, class_sums, expected_confusion
from analysis.sensitivity.conclusions import effects, flips
from analysis.sensitivity.criterion import criterion_against_error
from analysis.sensitivity.own_error import chance_with_own_error
from analysis.sensitivity.probability import class_probabilities
from analysis.sensitivity.readings import every_reading

_TO_MEASURE_AGAIN = 10  # hips that are named
_OF_SIDES = ["both", "left_only", "right_only", "neither", "difference", "sides_low", "sides_high"]


@dataclass(frozen=True)
class Sensitivity(HoldsRows):
    """How sure the answers are; each table is worked out when it is first asked for.

    Attributes
    ----------
    comparison
        The pair of timepoints.
    internal
        Withhold nothing.
    release
        What the reports of the study withhold together.

    Notes
    -----
    What is usual, for class probabilities and for chance under each reading, is what is usual among the hips in
    scope. Withheld numbers are missing; conclusions and ranges are drawn from what may be shown.
    """

    comparison: str
    internal: bool = False
    release: Release = field(default=Release(), repr=False)

    @property
    def protocol(self) -> Protocol:
        """The rules of the study."""
        return self._study.protocol

    @property
    def withholds(self) -> bool:
        """Whether numbers with few people behind them are withheld."""
        return self._study.policy.withholds and not self.internal

    def _shown(self, table: pd.DataFrame, name: str = "rates") -> pd.DataFrame:
        if not (self.withholds and len(table)):
            return table.assign(suppressed=False)
        groups = [*self.protocol.attributes, *self.protocol.alternatives]
        people = self._tables.assessments["patient_id"].nunique()
        besides = self.release.besides(table, name, groups)
        apart = not counts_groups(table, name, self.protocol)
        return protect(table, name, groups, self._study.policy.minimum, people, besides, all_or_none=apart)

    @cached_property
    def _probabilities(self) -> pd.DataFrame:
        """Row by row, never for a report; see :func:`analysis.sensitivity.probability.class_probabilities`."""
        return class_probabilities(self._tables.assessments, self.protocol)

    @cached_property
    def _class_sums(self) -> ClassSums | None:
        """The probabilities added up; nothing without hips or types."""
        return class_sums(self._probabilities) if len(self._probabilities) else None

    @cached_property
    def confusion(self) -> pd.DataFrame:
        """See :func:`analysis.sensitivity.class_sums.expected_confusion`; empty without types."""
        return self._shown(expected_confusion(self._class_sums), "confusion") if self._class_sums else pd.DataFrame()

    @cached_property
    def certainty(self) -> dict[Hashable, Any]:
        """Of all hips: ``n_patients``, ``n_hips``, ``expected_right``, ``expected_changed`` by one more reading."""
        return self._shown(pd.DataFrame([certainty(self._class_sums)]), "certainty").to_dict("records")[0]

    @property
    def to_measure_again(self) -> pd.DataFrame:
        """The hips whose class one more reading would most likely change, row by row; never for a report."""
        return most_likely_to_change(self._probabilities)

    @cached_property
    def readings(self) -> pd.DataFrame:
        """See :func:`analysis.sensitivity.readings.every_reading`; empty without alternatives."""
        tables = self._tables
        table = every_reading(tables.assessments, self.protocol, self.comparison)
        return self._shown_numbers(table) if len(table) else table

    def _shown_numbers(self, table: pd.DataFrame) -> pd.DataFrame:
        """Withhold a rate, a difference and classes each for the people behind it; rates come in whole per cent."""
        if not self.withholds:
            return table.assign(suppressed=False)
        n_classed = table.filter(regex="^hips_").sum(axis=1)
        counted = {"n_classed": n_classed}
        if "typed" in table:
            counted["n_typed"] = (table["typed"].fillna(0) * n_classed).round().astype("int64")
        shown = self._shown(table.drop(columns=_OF_SIDES).assign(**counted), "readings")
        pairs = protect(table[_OF_SIDES], "sides_of_a_reading", minimum=self._study.policy.minimum)
        pairs = pairs[_OF_SIDES].mask(shown["suppressed"])
        shown = shown.assign(**pairs)[[*table, "suppressed"]]
        shares = ["rate", "ci_low", "ci_high", "typed", "difference", "sides_low", "sides_high"]
        return shown.assign(**{name: shown[name].astype("float64").round(2) for name in shares if name in shown})

    @cached_property
    def own(self) -> dict[Hashable, Any]:
        """The report's own answers: rate, sides and classes, named as in ``readings``."""
        responses = respond(self._tables.changes, self.protocol)
        hips = self._tables.classifications["stretch_type"].value_counts()
        return self._own(rates(responses, comparison=self.comparison), responses, hips.to_dict())

    def _own(self, rate: pd.DataFrame, responses: pd.DataFrame, hips: Mapping[Hashable, int]) -> dict[Hashable, Any]:
        sides = compare_sides(responses, comparison=self.comparison)
        sides = sides.rename(columns={"ci_low": "sides_low", "ci_high": "sides_high"})[_OF_SIDES]
        classes = pd.DataFrame([{f"hips_{name}": int(n) for name, n in hips.items()}])
        return self._shown_numbers(pd.concat([rate, sides, classes], axis=1)).to_dict("records")[0]

    @cached_property
    def flips(self) -> pd.DataFrame:
        """See :func:`analysis.sensitivity.conclusions.flips`; empty without readings."""
        return flips(self.readings, self.own, self.protocol) if len(self.readings) else pd.DataFrame()

    @cached_property
    def effects(self) -> pd.DataFrame:
        """See :func:`analysis.sensitivity.conclusions.effects`; empty without readings."""
        return effects(self.readings, self.protocol) if len(self.readings) else pd.DataFrame()

    @cached_property
    def chance(self) -> pd.DataFrame:
        """Every rule's rate beside its chance rate, by the study's own groups; see :func:`analysis.rates`."""
        return self._shown(rates_of_each_rule(self._tables.responses, [self.protocol.group_by], self.comparison))

    @cached_property
    def own_error(self) -> pd.DataFrame:
        """See :func:`analysis.sensitivity.own_error.chance_with_own_error`; empty without second readings."""
        table = chance_with_own_error(self._tables.assessments, self._tables.changes, self.protocol, self.comparison)
        return self._shown(table, "own_error") if len(table) else table

    @cached_property
    def criteria(self) -> pd.DataFrame:
        """See :func:`analysis.sensitivity.criterion.criterion_against_error`."""
        table = criterion_against_error(self._tables.changes, self.protocol, self.comparison)
        return self._shown(table, "criteria")

    @cached_property
    def claims(self) -> pd.DataFrame:
        """See :func:`analysis.sensitivity.claims.judge_claims`; empty without claims."""
        return self._shown(judge_claims(self._tables, self.protocol), "claims")


def most_likely_to_change(probabilities: pd.DataFrame) -> pd.DataFrame:
    """Return the hips whose class one more reading would most likely change."""
    return probabilities.nlargest(_TO_MEASURE_AGAIN, "p_repeat_changes")
