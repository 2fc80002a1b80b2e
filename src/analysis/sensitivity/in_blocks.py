"""How sure the answers of a processed study are, from its blocks of whole people; nothing is withheld.

What is counted adds up over people, so a block is read, counted and left again. Three things keep rows of everyone:
claims (a few columns of each hip, for models of the degrees of all), left against right of the own answer (the outcome
of each hip), and the own measurement error (the visits of people who were read twice with nothing done in between).
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analysis.answers.parts import asked_for
from analysis.answers.rates_of_visits import rates_of_visits
from analysis.answers.repeatability import repeatability
from analysis.answers.responses_of_visits import responses_of_visits
from analysis.hips.change import change
from analysis.hips.classify import Known, attributes_of
from analysis.hips.cohort import Read, hips_of
from analysis.hips.counted import columns_counted, compared, groups_counted
from analysis.hips.reread import unchanged_comparisons
from analysis.hips.response import response_order
from analysis.intake.processed import Blocks, blocks, read_interventions, refuse_too_large
from analysis.machine.memory import A_VISIT_OF_CLAIMS
from analysis.pipeline import Tables
from analysis.protocol import Protocol
from analysis.schema import VISIT, conform
from analysis.sensitivity.claim_rows import columns_behind_claims, rows_of_claims, tables_together
from analysis.sensitivity.claims import judge_claims
from analysis.sensitivity.class_sums import ClassSums, class_sums, sums_together
from analysis.sensitivity.criterion import comparisons_looked_at, criteria_of, gains_by_rule
from analysis.sensitivity.own_error import chance_beside_repeats
from analysis.sensitivity.probability import columns_behind_classes, probabilities_of_block, readings_of, usual_of
from analysis.sensitivity.readings import columns_read, readings_of_visits
from analysis.sensitivity.study import Sensitivity, most_likely_to_change
from analysis.study import Study


def goes_in_blocks(protocol: Protocol) -> bool:
    """Say whether a study of this protocol can be counted so: its own groups must be known of a hip by itself."""
    return protocol.group_by in groups_counted(protocol)


@dataclass(frozen=True)
class SensitivityInBlocks(Sensitivity):
    """What :class:`Sensitivity` tells of a processed study, except of single hips.

    Attributes
    ----------
    folder
        As ``capsule process`` wrote it.
    """

    folder: Path = Path()

    @classmethod
    def of(cls, folder: Path, study: Study, comparison: str) -> SensitivityInBlocks:
        """Begin to count; the study is as :func:`analysis.intake.processed.described` gives it.

        Raises
        ------
        StudyError
            What claims look at of everyone does not fit into memory.
        """
        if study.protocol.claims:
            refuse_too_large(folder, A_VISIT_OF_CLAIMS, "what the claims look at of everyone at once")
        nothing = Tables(*[pd.DataFrame()] * len(Tables.__dataclass_fields__))
        return cls(study, nothing, comparison, internal=True, folder=folder)

    def _blocks(self, columns: Sequence[str]) -> Blocks:
        return blocks(self.folder, columns, self.protocol)

    @cached_property
    def _classed(self) -> tuple[list[ClassSums], list[pd.DataFrame]]:
        """Of each block the sums of the probabilities, and the hips to measure again."""
        protocol = self.protocol
        visits = self._blocks(columns_behind_classes(protocol))
        usual = usual_of([readings_of(block, protocol) for block in visits], protocol)
        sums, again = [], []
        for block in visits if protocol.types else ():
            if len(found := probabilities_of_block(block, protocol, usual)):
                sums.append(class_sums(found))
                again.append(most_likely_to_change(found))
        return sums, again

    @cached_property
    def _class_sums(self) -> ClassSums | None:
        sums, _ = self._classed
        return sums_together(sums) if sums else None

    @property
    def to_measure_again(self) -> pd.DataFrame:
        """See :class:`Sensitivity`."""
        return most_likely_to_change(pd.concat(self._classed[1], ignore_index=True))

    @cached_property
    def readings(self) -> pd.DataFrame:
        """See :class:`Sensitivity`."""
        visits = self._blocks(columns_read(self.protocol))
        table = readings_of_visits(visits, self.protocol, self.comparison)
        return self._shown_numbers(table) if len(table) else table

    @cached_property
    def own(self) -> dict[Hashable, Any]:
        """See :class:`Sensitivity`."""
        asked = asked_for([()], None, self.comparison, self.protocol)
        columns = columns_counted(["side", "episode", "clinic_id"], self.protocol)
        (rate,) = rates_of_visits(self._blocks(columns), asked)
        sums = self._class_sums
        hips = dict(zip(sums.classes, sums.counts[0].tolist(), strict=True)) if sums else {}
        return self._own(rate, responses_of_visits(self._blocks(columns), asked), hips)

    @cached_property
    def chance(self) -> pd.DataFrame:
        """See :class:`Sensitivity`."""
        return self._shown(self._rates(response_order(self.protocol), self.protocol, [self.protocol.group_by]))

    def _rates(self, names: Sequence[str], protocol: Protocol, by: Sequence[str] = ()) -> pd.DataFrame:
        """Return rates by some responses under some rules, as :func:`analysis.rates` does."""
        tables = []
        for name in names:
            visits = self._blocks(columns_counted([*by, "clinic_id"], self.protocol, name))
            tables += rates_of_visits(visits, asked_for([by], name, self.comparison, protocol))
        return pd.concat(tables, ignore_index=True)

    @cached_property
    def own_error(self) -> pd.DataFrame:
        """See :class:`Sensitivity`."""
        if not unchanged_comparisons(self.protocol):
            return pd.DataFrame()
        visits = pd.concat(self._read_twice(), ignore_index=True)
        repeats = repeatability(visits, change(visits, self.protocol), self.protocol)
        table = chance_beside_repeats(repeats, self._rates, self.protocol)
        return self._shown(table, "own_error") if len(table) else table

    def _read_twice(self) -> Iterator[pd.DataFrame]:
        """Yield the visits of people of whom a hip was seen twice with nothing done in between."""
        protocol = self.protocol
        measures = protocol.measures_of("assessments")
        columns = list(dict.fromkeys([*VISIT, *attributes_of(protocol), *_conditions(protocol), *measures]))
        for block in self._blocks(columns):
            hips, twice = hips_of(block), np.zeros(block["patient_id"].nunique(), dtype=bool)
            for name in unchanged_comparisons(protocol):
                pair = protocol.comparisons[name]
                twice[hips.person[(hips.rows[pair.start] >= 0) & (hips.rows[pair.end] >= 0)]] = True
            whose = pd.factorize(block["patient_id"])[0]  # people stand in the order of their identifiers
            yield conform(block[twice[whose]], "assessments", protocol)

    @cached_property
    def criteria(self) -> pd.DataFrame:
        """See :class:`Sensitivity`."""
        protocol, parts = self.protocol, []
        for block in self._blocks(columns_read(protocol)):
            hips, read = hips_of(block), Read(block, protocol)
            names = comparisons_looked_at(protocol, self.comparison)
            pairs = {name: compared(block, hips, read, name, protocol).pairs for name in names}
            parts.append(gains_by_rule(pairs, protocol))
        return self._shown(criteria_of(parts, protocol, self.comparison), "criteria")

    @cached_property
    def claims(self) -> pd.DataFrame:
        """See :class:`Sensitivity`."""
        protocol, known = self.protocol, Known({}, {})
        if not protocol.claims:
            return self._shown(judge_claims(self._tables, protocol), "claims")
        care, parts = read_interventions(self.folder, protocol), []
        for block in self._blocks(columns_behind_claims(protocol)):
            own = care[care["patient_id"].isin(block["patient_id"].unique())]
            parts.append(rows_of_claims(conform(block, "assessments", protocol), own, protocol, known))
        return self._shown(judge_claims(tables_together(parts), protocol), "claims")


def _conditions(protocol: Protocol) -> list[str]:
    return [name for name, condition in protocol.conditions.items() if condition.must_match]
