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
        The latest day that it is anywhere; no visit can be later.
    """
    _dates(assessments, grid, protocol, problems, today)
    _later_alone(assessments, grid, protocol, problems)
    labels = {name: attribute.label for name, attribute in protocol.attributes.items() if not attribute.of}
    for name, label in ({"clinic_id": "Clinic"} | labels).items():
        _one_value_per_person(assessments, grid, name, label, problems)


def latest_day(now: pd.Timestamp) -> pd.Timestamp:
    """Return the day it is where days begin first, 14 hours before UTC; no clinic has seen a later one.

    Examples
    --------
    >>> str(latest_day(pd.Timestamp("2026-03-02 10:00", tz="UTC")).date())
    '2026-03-03'
    """
    return (now + pd.Timedelta(hours=14)).tz_localize(None).normalize()


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


def _dates(
    assessments: pd.DataFrame, grid: VisitsGrid, protocol: Protocol, problems: Problems, today: pd.Timestamp
) -> None:
    date = assessments["date"]
    if date.isna().all():
        return
    report_rows(assessments, date > today, problems, "error", "future_date", "the visit lies in the future", "date")
    message = f"more than {_YEARS_BACK} years ago; is it a date of birth, or from a workbook that counts from 1904?"
    long_ago = date < today - pd.DateOffset(years=_YEARS_BACK)
    report_rows(assessments, long_ago, problems, "warning", "date_long_ago", message, "date")
    _of_one_session(assessments, grid, protocol, problems)
    day, hip, dated = date.to_numpy(), grid.hip, np.flatnonzero(date.notna())
    if len(dated) < len(day):
        day, hip = day[dated], hip[dated]
    earlier = 1 + np.flatnonzero((day[1:] < day[:-1]) & (hip[1:] == hip[:-1]))
    message = f"earlier than the visit before it; the order is {', '.join(protocol.timepoints)}"
    report_rows(assessments, dated[earlier], problems, "error", "visit_order", message, "date")


def _of_one_session(assessments: pd.DataFrame, grid: VisitsGrid, protocol: Protocol, problems: Problems) -> None:
    """Add later visits on another day than the one of whose session they are: they tell no immediate change."""
    day = assessments["date"].to_numpy()
    for pair in [pair for pair in protocol.comparisons.values() if pair.same_day]:
        start, end = (grid.hips[:, protocol.timepoints.index(point)] for point in (pair.start, pair.end))
        there = (start >= 0) & (end >= 0)
        before, after = start[there], end[there]
        elsewhere = day[after] > day[before]  # earlier ones are errors, and those without a date are not known
        message = (
            f"on a later day than {pair.start}, though {pair.label!r} compares readings of one session; is it a later "
            f"visit than {pair.end}? Then map it to that timepoint"
        )
        report_rows(assessments, np.sort(after[elsewhere]), problems, "warning", "not_of_one_session", message, "date")


def _later_alone(assessments: pd.DataFrame, grid: VisitsGrid, protocol: Protocol, problems: Problems) -> None:
    """Add people of a file of later visits whom no other has before: they may be written otherwise there."""
    file = assessments["source_file"].astype("category").cat.codes.to_numpy()
    if not len(file) or file.min() == file.max():
        return
    start = protocol.timepoints.index(protocol.comparisons[protocol.primary_comparison].start)
    early = assessments["timepoint"].cat.codes.to_numpy() <= start
    holds_first = np.bincount(file[early], minlength=file.max() + 1) > 0
    seen_early = np.bincount(grid.person[early], minlength=len(grid.begins)) > 0
    alone = grid.begins[~seen_early & ~holds_first[file[grid.begins]]]
    message = (
        f"this file holds later visits, and no other one a visit up to {protocol.timepoints[start]} of this person; is "
        "the identifier the same in every file?"
    )
    if holds_first.any():
        report_rows(assessments, alone, problems, "warning", "later_visit_alone", message, "patient_id")


def _one_value_per_person(
    assessments: pd.DataFrame, grid: VisitsGrid, name: str, label: str, problems: Problems
) -> None:
    known = np.flatnonzero(assessments[name].notna())
    if not len(known):
        return
    there, person = assessments[[name]], grid.person
    if len(known) < len(person):
        there, person = there.iloc[known], person[known]
    changes = begins_run(there, [name])
    changes[1:] &= person[1:] == person[:-1]
    changes[:1] = False
    if not changes.any():
        return
    several = known[np.isin(person, person[changes])]
    message = f"one person has more than one value of {label!r}; is it one person, or one identifier given twice?"
    if name == "clinic_id":
        message = f"{message} {OTHER_CLINIC}"
    report_rows(assessments, several, problems, "warning", "person_disagrees", message, name)
