"""Whether the first readings are such as the declared admission let in."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.hips.usual import does_fit, sides_of_people
from analysis.intake.combine import report_rows
from analysis.intake.problems import Problems
from analysis.intake.visits_grid import VisitsGrid
from analysis.protocol import Protocol
from analysis.protocol.admission import AdmissionRule


def check_admission(assessments: pd.DataFrame, grid: VisitsGrid, protocol: Protocol, problems: Problems) -> None:
    """Add readings that the declared admission would have kept out.

    Parameters
    ----------
    assessments
        The table, conformed and sorted by visit.
    grid
        Which person each row is about.
    protocol
        Declares the admission, if it is known.
    problems
        Receives warnings (``admission_not_met``).
    """
    rule = protocol.admission
    if not isinstance(rule, AdmissionRule):
        return
    rows = _rows_at(assessments, rule.at or protocol.classify_at)
    reading = _of_rows(assessments[rule.measure], rows)
    # Each hip that was enrolled for itself is judged for itself.
    sides, person = np.stack([reading, np.full(len(rows), np.nan)]), np.arange(len(rows))
    if rule.by != "hip":
        person = grid.in_episode[grid.hip[rows]]
        sides = sides_of_people(person, _is_right(assessments, rows), reading)
    kept_out = ~does_fit(sides, rule, protocol)[person] & ~np.isnan(reading)
    message = (
        "this reading does not meet the declared admission, so it cannot be told what chance alone would give: "
        "correct the reading, or `admission` in study.toml"
    )
    report_rows(assessments, rows[kept_out], problems, "warning", "admission_not_met", message, rule.measure)


def _rows_at(assessments: pd.DataFrame, timepoint: str) -> np.ndarray:
    """Return the numbers of the rows at a timepoint."""
    when = assessments["timepoint"].cat
    return np.flatnonzero(when.codes.to_numpy() == when.categories.get_loc(timepoint))


def _of_rows(readings: pd.Series, rows: np.ndarray) -> np.ndarray:
    return readings.to_numpy(dtype="float64", na_value=np.nan)[rows]


def _is_right(assessments: pd.DataFrame, rows: np.ndarray) -> np.ndarray:
    side = assessments["side"].cat
    return side.codes.to_numpy()[rows] == side.categories.get_loc("right")
