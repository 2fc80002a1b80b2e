"""Whether the declared admission fits the first readings, and whether they look chosen where none is declared."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.hips.cohort import Read
from analysis.hips.pairs import Pairs, measures_compared
from analysis.hips.usual import NOT_DECLARED, alike, does_fit, first_of_people, sides_of_people, what_is_usual
from analysis.intake.combine import report_rows
from analysis.intake.problems import Problems
from analysis.intake.visits_grid import VisitsGrid
from analysis.protocol import Protocol
from analysis.protocol.admission import AdmissionRule
from analysis.stats.cut_off import FEWEST_PEOPLE


def check_admission(
    assessments: pd.DataFrame, grid: VisitsGrid, read: Read, protocol: Protocol, problems: Problems
) -> None:
    """Add readings that the declared admission would have kept out, or measures whose first readings look cut off.

    Parameters
    ----------
    assessments
        The table, conformed and sorted by visit.
    grid
        Which person each row is about.
    read
        Its readings.
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
            person = grid.in_episode[grid.hip[rows]]
            sides = sides_of_people(person, _is_right(assessments, rows), reading)
        kept_out = ~does_fit(sides, rule, protocol)[person] & ~np.isnan(reading)
        message = (
            "this reading does not meet the declared admission, so it cannot be told what chance alone would give: "
            "correct the reading, or `admission` in study.toml"
        )
        report_rows(assessments, rows[kept_out], problems, "warning", "admission_not_met", message, rule.measure)
    elif rule is None and len(grid.begins) >= FEWEST_PEOPLE:
        _look_for_a_cut(_primary_pairs(assessments, grid, read, protocol), protocol, problems)


def _look_for_a_cut(pairs: Pairs, protocol: Protocol, problems: Problems) -> None:
    """Add measures of which no report will tell chance, as nobody declared why their first readings look cut off."""
    for name in [name for name in pairs.readings if protocol.measures[name].sem is not None]:
        people, _ = alike(first_of_people(pairs, name, protocol))
        if what_is_usual(people, name, pairs.comparison, protocol) != NOT_DECLARED:
            continue
        noun = protocol.words
        message = (
            f"First readings look cut off, as if {noun.hips} had been enrolled because of them: what chance alone "
            "would give then depends on who was. Declare it under [admission] in study.toml, or "
            'admission = "none" if no '
            "reading decided; until then no report gives a verdict on chance"
        )
        problems.add("warning", "admission_not_declared", message, column=name)


def _primary_pairs(assessments: pd.DataFrame, grid: VisitsGrid, read: Read, protocol: Protocol) -> Pairs:
    """Return the hips of the primary comparison as if all were comparable: first readings are, however measured."""
    pair, place = protocol.comparisons[protocol.primary_comparison], protocol.timepoints.index
    start, end = grid.hips[:, place(pair.start)], grid.hips[:, place(pair.end)]
    hips = np.flatnonzero((start >= 0) | (end >= 0))
    start, end = (rows[hips].astype("intp") for rows in (start, end))
    row = np.maximum(start, end)
    return Pairs(
        protocol.primary_comparison,
        patient=grid.person[row],
        person=grid.in_episode[hips],
        right=_is_right(assessments, row),
        has_start=start >= 0,
        has_end=end >= 0,
        comparable=np.ones(len(hips), dtype=bool),
        readings={name: (read(name, start), read(name, end)) for name in measures_compared(protocol)},
    )


def _rows_at(assessments: pd.DataFrame, timepoint: str) -> np.ndarray:
    """Return the numbers of the rows at a timepoint."""
    when = assessments["timepoint"].cat
    return np.flatnonzero(when.codes.to_numpy() == when.categories.get_loc(timepoint))


def _of_rows(readings: pd.Series, rows: np.ndarray) -> np.ndarray:
    return readings.to_numpy(dtype="float64", na_value=np.nan)[rows]


def _is_right(assessments: pd.DataFrame, rows: np.ndarray) -> np.ndarray:
    side = assessments["side"].cat
    return side.codes.to_numpy()[rows] == side.categories.get_loc("right")
