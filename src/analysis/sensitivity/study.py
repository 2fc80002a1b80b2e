"""Everything that tells how sure the answers of one study are, in one place."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from analysis.pipeline import Tables
from analysis.protocol import Protocol
from analysis.rates import rates
from analysis.sensitivity.claims import judge_claims
from analysis.sensitivity.conclusions import effects, flips
from analysis.sensitivity.criterion import criterion_against_error
from analysis.sensitivity.excess import excess_over_chance
from analysis.sensitivity.probability import class_probabilities
from analysis.sensitivity.readings import every_reading
from analysis.sides import compare_sides
from analysis.study import Study


@dataclass(frozen=True)
class Sensitivity:
    """How sure the answers are; each table is worked out when it is first asked for.

    Attributes
    ----------
    study
        Gives the rules.
    tables
        Of the hips in scope: the whole study, or one clinic or period of it.
    comparison
        The pair of timepoints.

    Notes
    -----
    What is usual (the prior of the class probabilities, and chance under each reading) is that of the hips in
    scope.
    """

    study: Study
    tables: Tables
    comparison: str

    @property
    def protocol(self) -> Protocol:
        """The rules of the study."""
        return self.study.protocol

    @cached_property
    def probabilities(self) -> pd.DataFrame:
        """See :func:`analysis.sensitivity.probability.class_probabilities`."""
        return class_probabilities(self.tables.assessments, self.protocol)

    @cached_property
    def readings(self) -> pd.DataFrame:
        """See :func:`analysis.sensitivity.readings.every_reading`."""
        tables = self.tables
        return every_reading(tables.assessments, tables.interventions, self.protocol, self.comparison)

    @cached_property
    def own(self) -> dict[Hashable, Any]:
        """The report's own answers: rate, sides and classes, named as in ``readings``."""
        responses = self.tables.responses
        hips = self.tables.classifications["stretch_type"].value_counts()
        rate = rates(responses, comparison=self.comparison).to_dict("records")[0]
        sides = compare_sides(responses, comparison=self.comparison).to_dict("records")[0]
        return rate | sides | {f"hips_{name}": int(n) for name, n in hips.items()}

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
        """See :func:`analysis.sensitivity.excess.excess_over_chance`, by the study's own groups."""
        return excess_over_chance(self.tables.responses, [self.protocol.group_by], self.comparison)

    @cached_property
    def criteria(self) -> pd.DataFrame:
        """See :func:`analysis.sensitivity.criterion.criterion_against_error`."""
        return criterion_against_error(self.tables.changes, self.protocol, self.comparison)

    @cached_property
    def claims(self) -> pd.DataFrame:
        """See :func:`analysis.sensitivity.claims.judge_claims`."""
        return judge_claims(self.tables, self.protocol)
