"""Which class hips fall in and what care they had, as it may be shown."""

from __future__ import annotations

import pandas as pd

from analysis.answers.classes import (
    care_shares,
    class_shares,
    compensation_shares,
    safety_counts,
    safety_events,
    settled_by,
)
from analysis.disclosure import withhold_rows
from analysis.hips.classify import baseline_hips
from analysis.hips.clinic_of_person import CLINIC_OF_PERSON, with_clinic_of_person
from analysis.report.scoped import Scoped, worked_out_once


class CareTables(Scoped):
    """Classes and care in a report."""

    def classes(self) -> pd.DataFrame:
        """Return the share of hips in each class; see :func:`analysis.answers.classes.class_shares`."""
        return self._shown(class_shares(self._tables.classifications, self.protocol), "classes")

    def _care(self) -> pd.DataFrame:
        """Return the care of every hip with the person's clinic, which may be the cluster of its intervals."""
        clinics = with_clinic_of_person(self._tables.classifications).drop_duplicates("patient_id")
        of_person = clinics.set_index("patient_id")[CLINIC_OF_PERSON]
        return self._tables.care.assign(clinic_id=self._tables.care["patient_id"].map(of_person))

    def settled_by(self) -> pd.DataFrame:
        """Return what would settle the indeterminate hips; see :func:`analysis.answers.classes.settled_by`."""
        return self._shown(settled_by(self._tables.classifications), "settled_by")

    def care(self) -> pd.DataFrame:
        """Return how often care followed the rules; see :func:`analysis.answers.classes.care_shares`."""
        return self._shown(care_shares(self._care(), self._tables.classifications, self.protocol), "care")

    @worked_out_once
    def safety(self) -> pd.DataFrame:
        """Return how often a safety rule was broken; see :func:`analysis.answers.classes.safety_counts`."""
        return self._shown(safety_counts(self._care(), self.protocol), "safety")

    def safety_events(self) -> pd.DataFrame:
        """Return the hips that had a safety event, in an internal report only.

        See :func:`analysis.answers.classes.safety_events`.
        """
        table = safety_events(self._tables.care, self.protocol)
        return table if self.internal else withhold_rows(table)

    def compensations(self) -> pd.DataFrame:
        """Return where the body finds the motion instead; see :func:`analysis.answers.classes.compensation_shares`."""
        hips = baseline_hips(self._tables.assessments, self.protocol)
        return self._shown(compensation_shares(hips, self.protocol), "compensations")
