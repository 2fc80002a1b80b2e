"""Faults that show only when the rows of a study are seen together."""

from __future__ import annotations

import pandas as pd

from analysis.intake.problems import Problems
from analysis.protocol import Protocol
from analysis.schema import HIP


def check_assessments(assessments: pd.DataFrame, protocol: Protocol, problems: Problems, today: pd.Timestamp) -> None:
    """Add what is wrong across rows.

    Parameters
    ----------
    assessments
        The table, conformed.
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
    seen = pd.MultiIndex.from_frame(assessments[HIP].astype("str"))
    treated = pd.MultiIndex.from_frame(interventions[HIP].astype("str"))
    message = "a treatment of a hip without any visit; is the identifier the same in every row and file?"
    _report(interventions[~treated.isin(seen)], problems, "warning", "treated_not_assessed", message, "patient_id")


def _report(rows: pd.DataFrame, problems: Problems, severity: str, rule: str, message: str, column: str) -> None:
    for file, row, value in rows[["source_file", "source_row", column]].itertuples(index=False):
        text = value.date() if isinstance(value, pd.Timestamp) else value
        problems.add(severity, rule, message, file=file, row=int(row), column=column, value=text)


def _dates(assessments: pd.DataFrame, protocol: Protocol, problems: Problems, today: pd.Timestamp) -> None:
    dated = assessments[assessments["date"].notna()]
    _report(dated[dated["date"] > today], problems, "error", "future_date", "the visit lies in the future", "date")
    in_order = dated.sort_values([*HIP, "timepoint"], kind="stable")
    before = in_order.groupby(HIP, observed=True)["date"].shift()
    message = f"earlier than the visit before it; the order is {', '.join(protocol.timepoints)}"
    _report(in_order[in_order["date"] < before], problems, "error", "visit_order", message, "date")


def _one_value_per_person(assessments: pd.DataFrame, name: str, label: str, problems: Problems) -> None:
    several = assessments.groupby("patient_id")[name].transform("nunique") > 1
    message = f"one person has more than one value of {label!r}; is it one person, or one identifier given twice?"
    _report(assessments[several], problems, "warning", "person_disagrees", message, name)
