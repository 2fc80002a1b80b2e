"""Rows of files become the two tables of a study, checked."""

from __future__ import annotations

import pandas as pd

from analysis.hips.cohort import Read
from analysis.intake.admission import check_admission
from analysis.intake.checks import check_assessments, check_interventions, latest_day
from analysis.intake.combine import add_persons, split_tables
from analysis.intake.problems import Problems
from analysis.intake.study_rows import Rows
from analysis.intake.suspicions import check_readings
from analysis.intake.visits_grid import visits_grid
from analysis.intake.whole_study import WholeStudy
from analysis.protocol import Protocol
from analysis.schema import conform


def tables_of_rows(
    rows: Rows, protocol: Protocol, problems: Problems, whole: WholeStudy
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the assessments and interventions of whole people.

    Parameters
    ----------
    rows
        All rows of some people, or of everyone.
    protocol
        The rules.
    problems
        Receives what is wrong with these people; what was wrong with their rows stands in it.
    whole
        Counts them; what only everyone together tells is added when it has counted all.
    """
    assessments, interventions = split_tables(rows.visits, protocol, problems)
    if rows.persons is not None:
        assessments = add_persons(assessments, rows.persons, protocol, problems)
    assessments = conform(assessments, "assessments", protocol)
    interventions = conform(interventions, "interventions", protocol)
    grid, read = visits_grid(assessments), Read(assessments, protocol)
    check_assessments(assessments, grid, protocol, problems, latest_day(pd.Timestamp.now("UTC")))
    check_readings(assessments, grid, read, protocol, problems)
    check_interventions(interventions, assessments, problems, protocol)
    check_admission(assessments, grid, protocol, problems)
    whole.add(assessments, grid, read, rows.persons)
    return assessments, interventions
