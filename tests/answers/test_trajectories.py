"""Means at all visits: which readings they are of, and what is withheld of them."""

import pandas as pd
import pytest

from analysis.answers.trajectories import trajectories, visit_readings
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
    assert table["n_patients_other"].tolist() == [4] * 4
    assert table["n_not_read"].unique().tolist() == table["n_other_way"].unique().tolist() == [0]


# Of the four people of two_visits the last two show another class; here the right hips of p1 and p3 read 1 more.
BY_BOTH = ["stretch_type", "side"]


def by_both():
    more = {("p1", "right"), ("p3", "right")}
    rows = [
        row | {"hip_ir_deg": row["hip_ir_deg"] + ((row["patient_id"], row["side"]) in more)} for row in two_visits()
    ]
    tables_ = analysed(assessments(*rows))
    later = tables_.changes["patient_id"].isin(["p3", "p4"])
    changes = tables_.changes.assign(stretch_type=pd.Categorical(later.map({True: "T2", False: "T1"}), ["T1", "T2"]))
    table = trajectories(tables_.assessments, changes, builtin(), BY_BOTH)
    return table.assign(suppressed=False), visit_readings(tables_.assessments, changes, builtin(), BY_BOTH)


def test_means_by_class_and_side_are_counted_by_hand():
    table, single = by_both()
    cells = table.set_index([*BY_BOTH, "timepoint"])
    assert cells["mean"].round(9).tolist() == [12.5, 17.5, 15, 20, 14.5, 21.5, 17, 24]
    assert cells.loc[("T2", "left", "post"), ["n_hips", "change", "apart"]].tolist() == pytest.approx([2, 7, -2.5])
    assert cells.loc[("T1", "left", "baseline"), "apart"] == pytest.approx(-2.5)
    assert (len(single), single["reading"].sum()) == (16, 2 * 54 + 2 * 8 + 2 * 24 + 4 * 1 + 108)


def test_left_and_right_of_each_class_stand_beside_each_other_in_words_and_tables():
    table, _ = by_both()
    text = sentences.trajectory_answer(table, BY_BOTH, builtin()).plain
    apart = "hip internal rotation of the left hip less that of the right was, at baseline, −2.5°"
    assert text.startswith(f"In one model of all visits, {apart}")
    assert text.count(" in type ") == 2
    shown = tables.trajectory_table(table, BY_BOTH, builtin())
    assert shown.columns[1:] == ["Hips, left and right", "Left (95 % CI)", "Right (95 % CI)", "Left − right (95 % CI)"]
    assert [row[:2] for row in shown.rows[1:3]] == [["Baseline", "2 and 2"], ["Post", "2 and 2"]]
    changed = tables.trajectory_table(table, BY_BOTH, builtin(), "change")
    assert shown.caption == "Hip internal rotation of left and right in each group at all visits, in one model"
    assert changed.columns[-1] == "Right, since baseline (95 % CI)"
    assert changed.rows[2][-1].startswith("+5.0°")


def test_a_visit_at_which_one_side_was_read_comes_in_its_turn():
    table, _ = by_both()
    first_left = (table["side"] == "left") & (table["timepoint"] == "baseline")
    shown = tables.trajectory_table(table[~first_left], BY_BOTH, builtin())
    assert [row[0] for row in shown.rows if len(row) > 1][:4] == ["Baseline", "Post", "Baseline", "Post"]
    assert shown.rows[1][1] == "0 and 2"


def test_each_class_has_a_panel_with_a_line_for_each_hip_behind_the_means():
    table, single = by_both()
    drawn = figures.trajectory_figure(table, BY_BOTH, builtin(), single)
    assert drawn.title.endswith("left and right of each group, with 95 % intervals, over a line for each hip")
    assert "Type 1, Left: baseline 12.5" in drawn.alt
    ax = figures.trajectory_lines(table[table["stretch_type"] == "T1"], "side", builtin(), single)
    heights = [
        line.get_ydata() for line in ax.lines if len(line.get_ydata()) == 11
    ]  # two readings of four hips of a side, with three gaps
    assert len(heights) == 2
    assert sorted(heights[0][~pd.isna(heights[0])]) == [12, 13, 14, 15, 16, 19, 19, 24]


def test_a_far_reading_does_not_flatten_the_panels_and_is_told():
    table, single = by_both()
    table = table.assign(ci_low=table["mean"] - 1, ci_high=table["mean"] + 1)
    many = pd.concat([single] * 4).assign(reading=lambda rows: [-90.0, *rows["reading"].iloc[1:]])
    drawn = figures.trajectory_figure(table, BY_BOTH, builtin(), many)
    assert drawn.title.endswith("over a line for each hip; beyond the axis: 1 of 64 readings")
    low, high = figures.trajectory_lines(table, "side", builtin(), many).get_ylim()
    assert 10 < low < 12.5 < 24 < high < 27


def test_the_interval_of_few_hips_does_not_flatten_the_others_and_is_told():
    table, _ = by_both()
    table = pd.concat([table.assign(ci_low=table["mean"] - 1, ci_high=table["mean"] + 1)] * 3, ignore_index=True)
    table.loc[0, ["ci_low", "ci_high"]] = [-80, 110]
    assert figures.trajectory_figure(table, BY_BOTH, builtin()).title.endswith(
        "; beyond the axis: an end of 1 of 24 intervals"
    )
    low, high = figures.trajectory_lines(table, "side", builtin()).get_ylim()
    assert 10 < low < 12.5 < 24 < high < 27


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
    assert table["not_estimable"].unique().tolist() == ["no hip counts with two visits"]
    text = sentences.trajectory_answer(table.assign(suppressed=False), "side", builtin())
    why = "The means of hip internal rotation at the visits cannot be compared in one model"
    assert text.plain == f"{why}: no hip counts with two visits."


CANNOT = "The means of hip internal rotation at the visits cannot be compared in one model: "


def answer(rows, by="side"):
    return sentences.trajectory_answer(means(rows, by).assign(suppressed=False), by, builtin()).plain


def test_only_left_hips_have_no_right_ones_beside_them_whatever_their_visits():
    rows = [row for row in two_visits() if row["side"] == "left"]
    assert answer(rows) == f"{CANNOT}no visit has a mean with an interval of both left and right."
    of_each = f"{CANNOT}no visit has a mean with an interval of both left and right in any group."
    assert answer(rows, ["stretch_type", "side"]) == of_each


def test_why_one_mean_is_not_there_is_no_reason_for_the_others():
    left = [row for row in two_visits() if row["side"] == "left"]
    alone = [row for row in left if row["timepoint"] == "baseline" or row["patient_id"] == "p1"]
    assert answer(alone, "stretch_type") == f"{CANNOT}no hip counts with two visits."
    before = [row | {"timepoint": "intake"} for row in left if row["timepoint"] == "post"]
    rows = [*before, *alone]
    assert answer(rows, "stretch_type") == f"{CANNOT}no group has a mean with an interval both at baseline and at post."


def test_chance_is_told_of_the_end_from_which_readings_improve():
    table, measures = means(two_visits(), "stretch_type").assign(suppressed=False), builtin().measures
    turned = measures | {"hip_ir_deg": measures["hip_ir_deg"].model_copy(update={"better": "lower"})}
    for better, ends in (
        (measures, "low by chance is followed by a higher"),
        (turned, "high by chance is followed by a lower"),
    ):
        protocol = builtin().model_copy(update={"measures": better})
        assert (
            f"A first reading that was {ends} one" in sentences.trajectory_answer(table, "stretch_type", protocol).plain
        )


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
    report = open_report(write_private(tmp_path / "study", 60, seed=3, clinics=2))
    classes = report.trajectories(report.groups[0]).set_index(["stretch_type", "timepoint"])["suppressed"]
    for by in (*report.groups, report.groups):
        table = report.trajectories(by)
        plain = trajectories(report._tables.assessments, report._tables.changes, report.protocol, by)
        few = (plain.filter(like="n_patients") < 5).any(axis=1)
        # A class or side whose size the release withholds is withheld here too.
        named = [*report.protocol.attributes, *([by] if isinstance(by, str) else by)]
        held = report.release.besides(plain, "trajectories", named).get("", pd.Series(False, index=plain.index))
        assert ((few | held) == table["suppressed"]).all()
        assert not table["suppressed"].all()
        assert table.loc[few, ["mean", "change", "apart"]].isna().all(axis=None)
    assert 0 < few.sum() < len(few)
    # A side is withheld with the other, or with the class of both: these would tell it.
    pairs = table.groupby(["stretch_type", "timepoint"], observed=True)["suppressed"]
    assert ((pairs.min() == pairs.max()) | classes).all()
    assert report.visit_readings(report.groups).empty


def test_nothing_is_told_of_four_patients():
    report = small_study(4)
    table = report.trajectories("side")
    assert sentences.trajectory_answer(table, "side", report.protocol).plain == (
        "The means of hip internal rotation at the visits are withheld."
    )
    assert "withheld" in tables.trajectory_table(table, "side", report.protocol).why
    assert "withheld" in tables.estimand_table(table, report.protocol).why


def test_the_estimand_says_whom_what_and_what_becomes_of_missing_visits():
    report = open_report(ROOT / "data/raw/demo")
    rows = dict(tables.estimand_table(report.trajectories("side"), report.protocol).rows)
    assert rows["Population"] == "All 1,200 hips read at any of these visits"
    assert rows["Missing visits"].startswith("609. A hip counts with the visits it has;")
    assert rows["Model"].startswith("Means of every group and visit; clinics, people and hips differ at random")
