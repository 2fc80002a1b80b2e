"""Which visits a study had when something of it was shown, and the study as it was then."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.schema import HIP, VISIT
from analysis.study import Study


def marks_of(study: Study) -> bytes:
    """Return a number of 8 bytes for each visit and for each hip whose care is recorded, in no order of people.

    They are for the ledger, which tells more than that: whoever knows who was seen when finds them by trying.
    """
    marks = [_marks(study.assessments, VISIT), _marks(study.interventions, HIP)]
    return np.unique(np.concatenate(marks)).tobytes()


def with_visits(study: Study, marks: bytes) -> Study:
    """Return the study without the visits, and the care, that have none of these marks."""
    there = np.frombuffer(marks, dtype="uint64")

    def kept(table: pd.DataFrame, key: list[str]) -> pd.DataFrame:
        return table[np.isin(_marks(table, key), there)].reset_index(drop=True)

    return replace(study, assessments=kept(study.assessments, VISIT), interventions=kept(study.interventions, HIP))


def _marks(table: pd.DataFrame, key: list[str]) -> np.ndarray:
    return pd.util.hash_pandas_object(table[key].astype("str"), index=False).to_numpy(dtype="uint64")
