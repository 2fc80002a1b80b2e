"""Means at all visits: which readings they are of, and what is withheld of them."""

import pandas as pd
import pytest

from analysis.answers.trajectories import trajectories
from analysis.protocol import builtin
from analysis.report import open_report
from analysis.show import figures, sentences, tables
from analysis.stats import mixed_model
from analysis.stats.mixed_model import MixedFit
from builders import analysed, assessments, visit
from tests_support import ROOT, small_study, write_private

GAINS = {"p1": 4, "p2": 6, "p3": 5, "p4": 9}


def two_visits(**of_the_last):
    """Four people: the left hip reads 12 to 15, the right 2 more; each gains what ``GAINS`` says."""
    rows = []
    for place, (patient, gain) in enumerate(GAINS.items()):
        for side, more in (("left", 0), ("right", 2)):
            later = of_the_last if (patient, side) == ("p4", "right") else {}
            who = {"patient": patient, "side": side}
            rows.append(visit("baseline", **who, hip_ir_deg=12.0 + place + more, device="phone"))
            rows.append(visit("post", **who, **{"hip_ir_deg": 12.0 + place + more + gain, "device": "phone"} | later))
    return rows


def means(rows, by="side"):
    tables_ = analysed(assessments(*rows))
    return trajectories(tables_.assessments, tables_.changes, builtin(), by)


def at(table, group, timepoint):
    return table[(table["side"] == group) & (table["timepoint"] == timepoint)].iloc[0]


def test_balanced_means_are_counted_by_hand():
    table = means(two_visits())
    assert table[["side", "timepoint", "n_hips", "n_patients"]].astype(str).to_numpy().tolist() == [
        [side, when, "4", "4"] for side in ("left", "right") for when in ("baseline", "post")
    ]
    assert at(table, "left", "baseline")["mean"] == pytest.approx(13.5)  # (12 + 13 + 14 + 15) / 4
    assert at(table, "right", "post")["mean"] == pytest.approx(15.5 + 6)  # (4 + 6 + 5 + 9) / 4
    assert at(table, "left", "post")["change"] == pytest.approx(6)
    assert pd.isna(at(table, "left", "baseline")["change"])
    assert at(table, "left", "post")["apart"] == pytest.approx(-2)
    assert pd.isna(at(table, "right", "post")["apart"])
    assert table["n_not_read"].unique().tolist() == table["n_other_way"].unique().tolist() == [0]


def test_a_reading_taken_in_another_way_is_left_out_and_counted():
    table = means(two_visits(device="goniometer"))
    assert at(table, "right", "post")[["n_hips", "n_not_read", "n_other_way"]].tolist() == [3, 1, 1]
    # p4 gained most; that its right hip was not seen does not take its gain out of the mean.
    assert 15.5 + 5 < at(table, "right", "post")["mean"] < 15.5 + 6.5


def test_a_way_that_was_not_recorded_is_not_another():
    table = means(two_visits(device=None))
    assert at(table, "right", "post")[["n_hips", "n_other_way"]].tolist() == [4, 0]


def test_second_readings_with_nothing_done_are_no_visit():
    rows = [*two_visits(), visit("reread", "p1", "left", hip_ir_deg=11.0, device="phone")]
    pd.testing.assert_frame_equal(means(rows), means(two_visits()))


def test_a_group_of_one_person_has_no_mean():
    rows = two_visits()
    table = means([row for row in rows if row["side"] == "left" or row["patient_id"] == "p1"])
    assert at(table, "left", "post")["mean"] == pytest.approx(19.5)
    assert at(table, "right", "post")["not_estimable"] == "seen in fewer than 2 people"
    assert pd.isna(at(table, "right", "post")["mean"])
    assert pd.isna(at(table, "left", "post")["apart"])


def test_one_visit_is_no_repeated_measure():
    table = means([row for row in two_visits() if row["timepoint"] == "baseline"])
    assert table["not_estimable"].unique().tolist() == ["no hip was read at two visits"]
    text = sentences.trajectory_answer(table.assign(suppressed=False), "side", builtin())
    why = "The means of hip internal rotation at the visits cannot be compared in one model"
    assert text.plain == f"{why}: no hip was read at two visits."


def test_a_model_that_does_not_converge_says_so_and_gives_no_number(monkeypatch):
    reason = "the search for the variances did not converge"
    monkeypatch.setattr("analysis.stats.repeated_means.fit_mixed_model",
                        lambda *_: MixedFit(*mixed_model._nothing([], "")[:-1], reason))  # fmt: skip
    table = means(two_visits()).assign(suppressed=False)
    assert table[["mean", "ci_low", "change", "apart"]].isna().all(axis=None)
    assert reason in sentences.trajectory_answer(table, "side", builtin()).plain
    assert "not estimable" in tables.trajectory_table(table, "side", builtin()).plain
    assert "none has an interval" in figures.trajectory_figure(table, "side", builtin()).why


def test_the_left_hips_of_the_made_up_cohort_read_three_degrees_lower():
    report = open_report(ROOT / "data/raw/demo")
    text = sentences.trajectory_answer(report.trajectories("side"), "side", report.protocol).plain
    assert "hip internal rotation of the left hip less that of the right was −2.8° (95 % CI −3.4 to −2.1)" in text


def test_few_patients_are_withheld_with_what_is_less_theirs(tmp_path):
    report = open_report(write_private(tmp_path / "study", 40, seed=3))
    for by in report.groups:
        table = report.trajectories(by)
        plain = trajectories(report._tables.assessments, report._tables.changes, report.protocol, by)
        few = (plain.filter(like="n_patients") < 5).any(axis=1)
        assert (few == table["suppressed"]).all()
        assert table.loc[few, ["mean", "change", "apart"]].isna().all(axis=None)
    assert few.sum() < len(few)


def test_nothing_is_told_of_four_patients(tmp_path):
    report = small_study(tmp_path, patients=4)
    table = report.trajectories("side")
    assert sentences.trajectory_answer(table, "side", report.protocol).plain == (
        "The means of hip internal rotation at the visits are withheld."
    )
    for shown in (tables.trajectory_table, tables.estimand_table):
        assert "withheld" in shown(table, "side", report.protocol).why


def test_the_estimand_says_whom_what_and_what_becomes_of_missing_visits():
    report = open_report(ROOT / "data/raw/demo")
    rows = dict(tables.estimand_table(report.trajectories("side"), "side", report.protocol).rows)
    assert rows["Population"] == "All 1,200 hips read at any of these visits"
    assert rows["Missing visits"].startswith("609. A hip counts with the visits it has;")
    assert rows["Model"].startswith("Means of every group and visit; clinics, people and hips differ at random")
