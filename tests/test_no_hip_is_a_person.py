"""Analysing 78 hips of 39 people as 78 independent observations is impossible by accident.

Every public function that gives an interval of the Bath trial is asked twice: for the trial as it is, and for one in
which each hip is a person of its own. An interval that did not know the people would be the same both times.
"""

import pandas as pd
import pytest

from analysis import compare_sides, rates
from analysis.degrees import gain_curves, hip_changes, mean_changes
from analysis.gains import adjusted_gains, gains_by_group
from analysis.stats.rate_intervals import RATE_INTERVALS
from tests_support import bath

REPORT = bath()
RESPONSES, CHANGES = REPORT.tables.responses, REPORT.tables.changes


def as_if_each_hip_were_a_person(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(patient_id=table["patient_id"] + "-" + table["side"].astype("str"))


def widths(table: pd.DataFrame, limits: str = "ci") -> list[float]:
    return (table[f"{limits}_high"] - table[f"{limits}_low"]).tolist()


@pytest.mark.parametrize(
    ("limits", "of", "table"),
    [
        ("ci", lambda rows: rates(rows, interval="wilson"), RESPONSES),
        ("ci", lambda rows: rates(rows, ["arm"]), RESPONSES),
        ("excess", rates, RESPONSES),
        ("gee", compare_sides, RESPONSES),
        ("ci", lambda rows: mean_changes(rows, REPORT.protocol, "immediate"), CHANGES),
        ("ci", lambda rows: gains_by_group(rows, REPORT.protocol, "immediate", "arm"), CHANGES),
        ("beyond", lambda rows: gains_by_group(rows, REPORT.protocol, "immediate", "arm"), CHANGES),
        ("ci", lambda rows: adjusted_gains(rows, REPORT.protocol, "immediate"), CHANGES),
    ],
)
def test_who_the_people_are_makes_a_difference(limits, of, table):
    people, hips = widths(of(table), limits), widths(of(as_if_each_hip_were_a_person(table)), limits)
    assert all(own != alone for own, alone in zip(people, hips, strict=True))


def test_the_intervals_of_both_arms_together_are_wider_than_those_of_independent_hips():
    for interval in RATE_INTERVALS:
        (people,), (hips,) = (
            widths(rates(rows, interval=interval)) for rows in (RESPONSES, as_if_each_hip_were_a_person(RESPONSES))
        )
        assert people > 1.1 * hips


def test_a_curve_of_one_side_has_one_hip_of_each_person():
    curves = gain_curves(hip_changes(CHANGES, REPORT.protocol, "immediate"))
    assert (curves["n_hips"] == curves["n_patients"]).all()


@pytest.mark.parametrize("independent", ["hips", "independent", "hips as independent"])
def test_no_interval_of_independent_hips_can_be_asked_for(independent):
    with pytest.raises(ValueError, match="interval is"):
        rates(RESPONSES, interval=independent)


def test_rates_without_people_are_refused():
    with pytest.raises(KeyError, match="patient_id"):
        rates(RESPONSES.drop(columns="patient_id"))
