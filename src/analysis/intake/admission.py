"""Whether the declared admission fits the first readings, and whether they look chosen where none is declared."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.hips.cohort import steps_of
from analysis.hips.pairs import kept_steps, measures_compared
from analysis.hips.usual import does_fit, looks_chosen, sides_of_people
from analysis.intake.combine import report_rows
from analysis.intake.problems import Problems
from analysis.intake.visits_grid import VisitsGrid
from analysis.protocol import Protocol
from analysis.protocol.admission import AdmissionRule
from analysis.stats.cut_off import FEWEST_PEOPLE


def check_admission(assessments: pd.DataFrame, grid: VisitsGrid, protocol: Protocol, problems: Problems) -> None:
    """Add readings that the declared admission would have kept out, or measures whose first readings look cut off.

    Parameters
    ----------
    assessments
        The table, conformed and sorted by visit.
    grid
        Which person each row is about.
    protocol
        Declares the admission, if it is known.
    problems
        Receives warnings (``admission_not_met``, ``admission_not_declared``).
    """
    rule = protocol.admission
    if isinstance(rule, AdmissionRule):
        rows = _rows_at(assessments, rule.at or protocol.classify_at)
        reading = _of_rows(assessments[rule.measure], rows)
        # Each hip that was enrolled for itself is judged for itself.
        sides, person = np.stack([reading, np.full(len(rows), np.nan)]), np.arange(len(rows))
        if rule.by != "hip":
            person = pd.factorize(grid.in_episode[rows])[0]
            sides = sides_of_people(person, _is_right(assessments, rows), reading)
        kept_out = ~does_fit(sides, rule, protocol)[person] & ~np.isnan(reading)
        message = (
            "this reading does not meet the declared admission, so it cannot be told what chance alone would give: "
            "correct the reading, or `admission` in study.toml"
        )
        report_rows(assessments, rows[kept_out], problems, "warning", "admission_not_met", message, rule.measure)
    elif rule is None and len(grid.begins) >= FEWEST_PEOPLE:
        _look_for_a_cut(assessments, grid, protocol, problems)


def _look_for_a_cut(assessments: pd.DataFrame, grid: VisitsGrid, protocol: Protocol, problems: Problems) -> None:
    """Add measures whose first readings look cut off; all their readings tell what they are rounded to."""
    pair = protocol.comparisons[protocol.primary_comparison]
    visits, rows = _rows_at(assessments, pair.start, pair.end), _rows_at(assessments, pair.start)
    if np.count_nonzero(np.diff(grid.person[visits], prepend=-1)) < FEWEST_PEOPLE:
        return
    first = np.searchsorted(visits, rows)
    person, right = pd.factorize(grid.in_episode[rows])[0], _is_right(assessments, rows)
    for name, measure in measures_compared(protocol).items():
        if measure.sem is None:
            continue
        readings = steps_of(assessments[name].iloc[visits], measure.step)
        step = kept_steps(grid.person[visits], (readings, readings), measure.step)[first]
        sides = sides_of_people(person, right, _of_rows(assessments[name], rows))
        step_of = np.ones(sides.shape[1])
        step_of[person] = step
        if not looks_chosen(sides, step_of, measure.better):
            continue
        noun = protocol.words
        message = (
            f"First readings look cut off, as if {noun.hips} had been enrolled because of them: what chance alone "
            "would give then depends on who was. Declare it under [admission] in study.toml, or "
            'admission = "none" if no '
            "reading decided; until then no report gives a verdict on chance"
        )
        problems.add("warning", "admission_not_declared", message, column=name)


def _rows_at(assessments: pd.DataFrame, *timepoints: str) -> np.ndarray:
    """Return the numbers of the rows at some timepoints."""
    when = assessments["timepoint"].cat
    levels = when.categories.get_indexer(pd.Index(timepoints))
    return np.flatnonzero(np.logical_or.reduce([when.codes.to_numpy() == level for level in levels]))


def _of_rows(readings: pd.Series, rows: np.ndarray) -> np.ndarray:
    return readings.to_numpy(dtype="float64", na_value=np.nan)[rows]


def _is_right(assessments: pd.DataFrame, rows: np.ndarray) -> np.ndarray:
    side = assessments["side"].cat
    return side.codes.to_numpy()[rows] == side.categories.get_loc("right")
