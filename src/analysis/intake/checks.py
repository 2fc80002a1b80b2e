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
from analysis.protocol.measures import Comparison
from analysis.schema import HIP, was_measured

_YEARS_BACK = 60
_ENOUGH_TO_COMPARE = 5  # people with one visit each; with fewer, a study may have just begun
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
        The latest day that it is anywhere; no visit can be later.
    """
    _dates(assessments, grid, protocol, problems, today)
    _one_hip_each(assessments, grid, problems, protocol)
    labels = {name: attribute.label for name, attribute in protocol.attributes.items() if not attribute.of}
    for name, label in ({"clinic_id": "Clinic"} | labels).items():
        _one_value_per_person(assessments, grid, name, label, problems)
    _nothing_to_compare(assessments, grid, protocol, problems)
    _without_clinic(assessments, grid, problems)
    seen = was_measured(assessments, protocol)
    for name, condition in protocol.conditions.items():
        unknown = assessments[name].isna() & seen
        if condition.must_match and unknown.any():
            share = int(unknown.sum())
            # How many is a value, that of few people may be withheld; the message is told in every report.
            counts = f"{share} of {int(seen.sum())} visits"
            message = f"{condition.label} is not recorded at every visit; pairs without it cannot be checked"
            problems.add("warning", "condition_not_recorded", message, column=name, value=counts)


def latest_day(now: pd.Timestamp) -> pd.Timestamp:
    """Return the day it is where days begin first, 14 hours before UTC; no clinic has seen a later one.

    Examples
    --------
    >>> str(latest_day(pd.Timestamp("2026-03-02 10:00", tz="UTC")).date())
    '2026-03-03'
    """
    return (now + pd.Timedelta(hours=14)).tz_localize(None).normalize()


def _nothing_to_compare(assessments: pd.DataFrame, grid: VisitsGrid, protocol: Protocol, problems: Problems) -> None:
    """Add that nobody has both visits of the primary comparison: every rate of it will be of nobody."""
    noun, there = protocol.words, grid.hips >= 0
    place = protocol.timepoints.index

    def compares(pair: Comparison) -> bool:
        return bool((there[:, place(pair.start)] & there[:, place(pair.end)]).any())

    pair = protocol.comparisons[protocol.primary_comparison]
    if assessments.empty or compares(pair):
        return
    once_each = (there.sum(axis=1) < 2).all()
    if once_each and len(grid.begins) < _ENOUGH_TO_COMPARE:
        return
    reached = [point for point in protocol.timepoints if there[:, place(point)].any()]
    others = any(map(compares, protocol.comparisons.values()))
    which = "the primary comparison" if others else "this or any other comparison"
    message = (
        f"no {noun.hip} was seen both at {pair.start} and at {pair.end}, so {which} has nothing to compare; there are "
        f"visits at {', '.join(reached)}: are the timepoints the right ones?"
    )
    problems.add("warning", "nothing_to_compare", message, column="timepoint")


def _without_clinic(assessments: pd.DataFrame, grid: VisitsGrid, problems: Problems) -> None:
    """Add how many patients have no clinic at any visit, where others have one."""
    has_one = np.zeros(len(grid.begins), dtype=bool)
    has_one[grid.person[assessments["clinic_id"].notna().to_numpy()]] = True
    if has_one.any() and not has_one.all():
        message = (
            "No clinic recorded at any visit of some patients; they count in the whole study and stand in no clinic's "
            "report; the clinics and these patients together are the study"
        )
        counts = f"{int((~has_one).sum())} of {len(has_one)} patients"
        problems.add("warning", "no_clinic", message, column="clinic_id", value=counts)


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
        apart = pd.DataFrame({"person": assessments["patient_id"], "side": side}).drop_duplicates()
        once = " in one episode" if apart["person"].duplicated().any() else ""  # both, at different times
        message = (
            f"{left} patients have a left {noun.hip}, {right} a right one, and none has both{once}; does patient_id "
            f"number {noun.hips} or rows? Then two {noun.hips} of one person pass for two people, and every interval "
            "is too narrow"
        )
        problems.add("warning", "nobody_has_both_hips", message, column="patient_id")


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
    day, hip, dated = date.to_numpy(), grid.hip, np.flatnonzero(date.notna())
    if len(dated) < len(day):
        day, hip = day[dated], hip[dated]
    earlier = 1 + np.flatnonzero((day[1:] < day[:-1]) & (hip[1:] == hip[:-1]))
    message = f"earlier than the visit before it; the order is {', '.join(protocol.timepoints)}"
    report_rows(assessments, dated[earlier], problems, "error", "visit_order", message, "date")


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
