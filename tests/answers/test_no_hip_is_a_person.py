"""Analysing 78 hips of 39 people as 78 independent observations is impossible by accident.

Every public function that gives an interval of the Bath trial is asked twice: for the trial as it is, and for one in
which each hip is a person of its own. An interval that did not know the people would be the same both times.
"""

import shutil

import pandas as pd
import pytest

from analysis import compare_sides, load, rates
from analysis.answers.degrees import gain_curves, hip_changes, mean_changes
from analysis.answers.gains import adjusted_gains, gains_by_group
from analysis.schema import TableError
from analysis.stats.means import mean_with_interval
from analysis.stats.rate_intervals import RATE_INTERVALS
from tests_support import ROOT, bath

REPORT = bath()
RESPONSES, CHANGES = REPORT._tables.responses, REPORT._tables.changes


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


@pytest.mark.parametrize("of", [rates, compare_sides])
def test_counts_without_people_are_refused(of):
    with pytest.raises(TableError, match="patient_id is missing"):
        of(RESPONSES.drop(columns="patient_id"))


def test_hips_of_unknown_people_are_refused():
    unknown = CHANGES.assign(patient_id=CHANGES["patient_id"].where(CHANGES["side"] == "left"))
    with pytest.raises(ValueError, match="is missing; leave out what belongs to an unknown one"):
        gains_by_group(unknown, REPORT.protocol, "immediate", "arm")


def test_a_mean_of_hips_cannot_be_asked_for_without_their_people():
    with pytest.raises(TypeError, match="cluster"):
        mean_with_interval(CHANGES["hip_rotation_deg_change"])


def test_hips_numbered_as_people_are_warned_of(tmp_path):
    """The identifier of the Bath trial taken from a number of each row, as if the trial had had 78 patients."""
    folder = shutil.copytree(ROOT / "data/raw/bath-hips", tmp_path / "trial")
    hips = pd.read_csv(folder / "hips.csv").assign(person=range(78))
    hips.to_csv(folder / "hips.csv", index=False)
    assert "nobody_has_both_hips" in set(load(folder).problems["rule"])


def test_a_second_episode_makes_no_second_person():
    """Everybody treated a second time, with the same outcomes: pairs are counted and tested as before."""
    again = pd.concat([RESPONSES, RESPONSES.assign(episode="2")], ignore_index=True)
    once, twice = (compare_sides(rows).iloc[0] for rows in (RESPONSES, again))
    for name in ("n", "p_midp", "newcombe_low", "tango_high"):
        assert twice[name] == once[name], name
    assert widths(rates(again)) == pytest.approx(widths(rates(RESPONSES)), rel=0.02)
