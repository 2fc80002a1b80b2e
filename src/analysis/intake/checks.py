"""Faults that show only when the rows of a study are seen together."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.intake.combine import report_rows
from analysis.intake.problems import Problems
from analysis.intake.runs import begins_run, run_numbers
from analysis.protocol import Protocol
from analysis.schema import HIP

_YEARS_BACK = 60
_PLACE = ["source_file", "source_row"]


def check_assessments(assessments: pd.DataFrame, protocol: Protocol, problems: Problems, today: pd.Timestamp) -> None:
    """Add what is wrong across rows.

    Parameters
    ----------
    assessments
        The table, conformed and sorted by visit.
    protocol
        Gives the order of the timepoints and the attributes of a person.
    problems
        Receives the faults.
    today
        No visit can be later.
    """
    _dates(assessments, protocol, problems, today)
    for name in protocol.attributes:
        _one_value_per_person(assessments, name, protocol.attributes[name].label, problems)
    for name, condition in protocol.conditions.items():
        if condition.must_match and assessments[name].isna().any():
            share = int(assessments[name].isna().sum())
            counts = f"{share} of {len(assessments)} visits"
            message = f"{condition.label} is not recorded in {counts}; pairs without it cannot be checked"
            problems.add("warning", "condition_not_recorded", message, column=name)


def check_interventions(interventions: pd.DataFrame, assessments: pd.DataFrame, problems: Problems) -> None:
    """Add hips that were treated but never seen: a slip in an identifier would lose the treatment in silence."""
    if interventions.empty:
        return
    seen = pd.MultiIndex.from_frame(assessments[HIP].astype("str"))
    treated = pd.MultiIndex.from_frame(interventions[HIP].astype("str"))
    message = "a treatment of a hip without any visit; is the identifier the same in every row and file?"
    report_rows(interventions[~treated.isin(seen)], problems, "warning", "treated_not_assessed", message, "patient_id")


def _dates(assessments: pd.DataFrame, protocol: Protocol, problems: Problems, today: pd.Timestamp) -> None:
    dated = assessments.loc[assessments["date"].notna(), [*HIP, "date", *_PLACE]]
    report_rows(dated[dated["date"] > today], problems, "error", "future_date", "the visit lies in the future", "date")
    long_ago = dated["date"] < today - pd.DateOffset(years=_YEARS_BACK)
    message = f"more than {_YEARS_BACK} years ago; is it a date of birth, or from a workbook that counts from 1904?"
    report_rows(dated[long_ago], problems, "warning", "date_long_ago", message, "date")
    earlier = (dated["date"] < dated["date"].shift()).to_numpy() & ~begins_run(dated, HIP)
    message = f"earlier than the visit before it; the order is {', '.join(protocol.timepoints)}"
    report_rows(dated[earlier], problems, "error", "visit_order", message, "date")


def _one_value_per_person(assessments: pd.DataFrame, name: str, label: str, problems: Problems) -> None:
    known = assessments.loc[assessments[name].notna(), ["patient_id", name, *_PLACE]]
    person = run_numbers(known, ["patient_id"])
    again = ~begins_run(known, ["patient_id"])
    differs = again & begins_run(known, [name])
    if not differs.any():
        return
    several = np.isin(person, person[differs])
    message = f"one person has more than one value of {label!r}; is it one person, or one identifier given twice?"
    report_rows(known[several], problems, "warning", "person_disagrees", message, name)
