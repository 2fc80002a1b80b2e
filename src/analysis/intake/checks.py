"""Faults that show only when the rows of a study are seen together."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.intake.combine import report_rows
from analysis.intake.problems import Problems
from analysis.intake.repeats import OTHER_CLINIC
from analysis.intake.runs import begins_run
from analysis.intake.visits_grid import VisitsGrid
from analysis.protocol import Protocol
from analysis.schema import HIP

_YEARS_BACK = 60
_ENOUGH_OF_A_SIDE = 5  # people with one hip each; fewer may well have had the other left out


def check_assessments(
    assessments: pd.DataFrame, grid: VisitsGrid, protocol: Protocol, problems: Problems, today: pd.Timestamp
) -> None:
    """Add what is wrong across rows.

    Parameters
    ----------
    assessments
        The table, conformed and sorted by visit.
    grid
        Which person and hip each row is about.
    protocol
        Gives the order of the timepoints and the attributes of a person.
    problems
        Receives the faults.
    today
        No visit can be later.
    """
    _dates(assessments, grid, protocol, problems, today)
    _one_hip_each(assessments, grid, problems, protocol)
    labels = {name: attribute.label for name, attribute in protocol.attributes.items()}
    for name, label in ({"clinic_id": "Clinic"} | labels).items():
        _one_value_per_person(assessments, grid, name, label, problems)
    for name, condition in protocol.conditions.items():
        if condition.must_match and assessments[name].isna().any():
            share = int(assessments[name].isna().sum())
            # How many is a value, that of few people may be withheld; the message is told in every report.
            counts = f"{share} of {len(assessments)} visits"
            message = f"{condition.label} is not recorded at every visit; pairs without it cannot be checked"
            problems.add("warning", "condition_not_recorded", message, column=name, value=counts)


def check_interventions(
    interventions: pd.DataFrame, assessments: pd.DataFrame, problems: Problems, protocol: Protocol
) -> None:
    """Add hips that were treated but never seen: a slip in an identifier would lose the treatment in silence."""
    noun = protocol.words
    if interventions.empty:
        return
    seen = pd.MultiIndex.from_frame(assessments[HIP].astype("str"))
    treated = pd.MultiIndex.from_frame(interventions[HIP].astype("str"))
    message = f"a treatment of {noun.a_hip} without any visit; is the identifier the same in every row and file?"
    unseen = ~treated.isin(seen)
    report_rows(interventions, unseen, problems, "warning", "treated_not_assessed", message, "patient_id")


def _one_hip_each(assessments: pd.DataFrame, grid: VisitsGrid, problems: Problems, protocol: Protocol) -> None:
    """Add that nobody has both hips: if an identifier numbers hips, two hips of a person pass for two people."""
    noun = protocol.words
    if grid.pairs.shape[1]:
        return
    side = assessments["side"].cat.codes.to_numpy()
    left, right = (int((np.diff(grid.person[side == number], prepend=-1) > 0).sum()) for number in (0, 1))
    if min(left, right) >= _ENOUGH_OF_A_SIDE:
        message = (
            f"{left} patients have a left {noun.hip}, {right} a right one, and none has both; does patient_id number "
            f"{noun.hips} or "
            f"rows? Then two {noun.hips} of one person pass for two people, and every interval is too narrow"
        )
        problems.add("warning", "nobody_has_both_hips", message, column="patient_id")


def _dates(
    assessments: pd.DataFrame, grid: VisitsGrid, protocol: Protocol, problems: Problems, today: pd.Timestamp
) -> None:
    date = assessments["date"]
    report_rows(assessments, date > today, problems, "error", "future_date", "the visit lies in the future", "date")
    message = f"more than {_YEARS_BACK} years ago; is it a date of birth, or from a workbook that counts from 1904?"
    long_ago = date < today - pd.DateOffset(years=_YEARS_BACK)
    report_rows(assessments, long_ago, problems, "warning", "date_long_ago", message, "date")
    dated = np.flatnonzero(date.notna())
    day, hip = date.to_numpy()[dated], grid.hip[dated]
    earlier = 1 + np.flatnonzero((day[1:] < day[:-1]) & (hip[1:] == hip[:-1]))
    message = f"earlier than the visit before it; the order is {', '.join(protocol.timepoints)}"
    report_rows(assessments, dated[earlier], problems, "error", "visit_order", message, "date")


def _one_value_per_person(
    assessments: pd.DataFrame, grid: VisitsGrid, name: str, label: str, problems: Problems
) -> None:
    known = np.flatnonzero(assessments[name].notna())
    person = grid.person[known]
    changes = begins_run(assessments[[name]].iloc[known], [name])
    changes[1:] &= person[1:] == person[:-1]
    changes[:1] = False
    if not changes.any():
        return
    several = known[np.isin(person, person[changes])]
    message = f"one person has more than one value of {label!r}; is it one person, or one identifier given twice?"
    if name == "clinic_id":
        message = f"{message} {OTHER_CLINIC}"
    report_rows(assessments, several, problems, "warning", "person_disagrees", message, name)
