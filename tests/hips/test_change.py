import numpy as np
import pandas as pd
import pytest

from analysis import change
from analysis.hips.change import comparison_order, measure_columns
from analysis.hips.pairs import measures_compared
from analysis.protocol import builtin, load_protocol
from analysis.schema import PAIR
from builders import AFTER, BEFORE, T1, assessments, pair, visit


def immediate(table):
    """The row of the primary comparison."""
    return change(table).set_index("comparison").loc["immediate"]


def test_change_is_after_minus_before():
    row = immediate(pair({"hip_ir_deg": 12.3, "slr_deg": 60}, {"hip_ir_deg": 17.3, "slr_deg": 55}))
    assert (row["hip_ir_deg_before"], row["hip_ir_deg_after"], row["hip_ir_deg_change"]) == (12.3, 17.3, 5.0)
    assert row["slr_deg_change"] == -5.0


def test_every_difference_of_tenths_is_exact():
    """With floats, 20 of these 90,601 pairs fall on the wrong side of a gain of 5."""
    tenths = np.arange(301)
    before, after = (grid.ravel() for grid in np.meshgrid(tenths, tenths))
    hips = pd.DataFrame({"patient_id": np.arange(len(before)).astype(str), "side": "left"})
    table = pd.concat(
        [
            hips.assign(timepoint="baseline", hip_ir_deg=before / 10),
            hips.assign(timepoint="post", hip_ir_deg=after / 10),
        ]
    )
    changes = change(table, builtin())
    rows = changes[changes["comparison"] == "immediate"].set_index("patient_id").loc[hips["patient_id"]]
    moved = rows["hip_ir_deg_change"].to_numpy()
    assert np.array_equal(moved, (after - before) / 10)
    assert np.array_equal(moved >= 5, after - before >= 50)


@pytest.mark.parametrize(("before", "after"), [(None, 17), (12, None), (None, None)])
def test_missing_reading_gives_no_change(before, after):
    row = immediate(pair({"hip_ir_deg": before}, {"hip_ir_deg": after}))
    assert np.isnan(row["hip_ir_deg_change"])
    assert row["hip_ir_deg_beyond_error"] is pd.NA
    assert row["comparable"]


@pytest.mark.parametrize(
    ("start", "end", "comparable", "differs_in"),
    [
        ({"position": "prone"}, {"position": "prone"}, True, ""),
        ({"position": "prone"}, {"position": "supine"}, False, "position"),
        ({"motion": "active"}, {"motion": "passive"}, False, "active or passive"),
        ({"device": "goniometer"}, {"device": "phone"}, False, "device"),
        (
            {"position": "prone", "device": "phone"},
            {"position": "seated", "device": "goniometer"},
            False,
            "position, device",
        ),
        ({"rater": "Ann"}, {"rater": "Ben"}, True, ""),
        ({"device": "goniometer"}, {}, True, ""),
        ({}, {"device": "goniometer"}, True, ""),
        ({}, {}, True, ""),
    ],
)
def test_only_readings_taken_in_the_same_way_are_compared(start, end, comparable, differs_in):
    row = immediate(pair(BEFORE | start, AFTER | end))
    assert (row["comparable"], row["differs_in"]) == (comparable, differs_in)
    assert np.isnan(row["hip_ir_deg_change"]) == (not comparable)
    assert (row["hip_ir_deg_before"], row["hip_ir_deg_after"]) == (12, 17)  # the readings stay to be seen


# MDC95 = 1.96 * sqrt(2) * SEM (Weir 2005): IR 8.32, SLR 9.70, Ober 6.38 at SEM 3.0, 3.5, 2.3.
@pytest.mark.parametrize(
    ("measure", "within", "beyond"), [("hip_ir_deg", 8.3, 8.4), ("slr_deg", 9.7, 9.8), ("ober_deg", 6.3, 6.4)]
)
def test_change_beyond_measurement_error(measure, within, beyond):
    for gain, expected in [(within, False), (beyond, True), (-within, False), (-beyond, True), (0, False)]:
        row = immediate(pair({measure: 20}, {measure: 20 + gain}))
        assert row[f"{measure}_beyond_error"] == expected, gain


def test_count_changes_in_whole_steps_and_a_level_has_none():
    row = immediate(pair({"ober_grade": 2, "ober": "positive"}, {"ober_grade": 1, "ober": "negative"}))
    assert row["ober_grade_change"] == -1
    assert "ober_change" not in row
    assert (row["ober_before"], row["ober_after"]) == ("positive", "negative")


def test_hip_with_one_of_the_two_visits_stays_in_the_table():
    table = change(
        assessments(
            visit(patient="a", clinic_id="C1", date="2026-03-02", hip_ir_deg=12),
            visit("post", patient="b", clinic_id="C2", date="2026-03-03", hip_ir_deg=12),
            visit(patient="c", clinic_id="C3", date="2026-03-04", hip_ir_deg=12),
            visit("post", patient="c", clinic_id="C3", date="2026-03-05", slr_deg=60),
            visit(patient="d", clinic_id="C4", date="2026-03-06"),  # listed, and nothing was measured
        )
    )
    rows = table[table["comparison"] == "immediate"]
    assert rows["has_start"].tolist() == [True, False, True, False]
    assert rows["has_end"].tolist() == [False, True, True, False]
    assert rows["clinic_id"].tolist() == ["C1", "C2", "C3", "C4"]
    assert rows["date"].dt.day.tolist() == [2, 3, 4, 6]  # of the earlier visit there was


@pytest.mark.parametrize(
    ("timepoints", "compared"),
    [
        (["baseline", "post"], ["immediate"]),
        (["intake", "baseline"], ["immediate", "drills"]),  # the primary one is there even if nobody has its end
        (["post"], ["immediate"]),
        (["baseline", "followup"], ["immediate", "retained"]),
        (["baseline", "reread"], ["immediate", "reread"]),
        (["intake", "baseline", "post", "followup"], ["immediate", "drills", "retained"]),
    ],
)
def test_comparison_needs_both_timepoints_in_the_study(timepoints, compared):
    table = change(assessments(*[visit(at, hip_ir_deg=12) for at in timepoints]))
    assert table["comparison"].tolist() == compared
    assert table["comparison"].cat.categories.tolist() == ["immediate", "drills", "retained", "reread"]


def test_one_hip_seen_both_times_is_enough_for_a_comparison():
    seen = [visit(at, patient, **BEFORE) for patient, at in [("a", "baseline"), ("a", "followup"), ("b", "post")]]
    table = change(assessments(*seen)).set_index(["comparison", "patient_id"])[["has_start", "has_end"]]
    assert table.loc["retained"].T.to_dict("list") == {"a": [True, True]}
    assert table.loc["immediate"].T.to_dict("list") == {"a": [True, False], "b": [False, True]}


def test_followup_is_compared_with_the_baseline_not_with_post():
    visits = assessments(visit(hip_ir_deg=10), visit("post", hip_ir_deg=18), visit("followup", hip_ir_deg=15))
    moved = change(visits).set_index("comparison")["hip_ir_deg_change"]
    assert moved.to_dict() == {"immediate": 8, "retained": 5}


def test_class_of_the_hip_goes_with_its_changes():
    row = immediate(pair(T1, {"hip_ir_deg": 20}))
    assert (row["stretch_type"], row["certainty"], row["presentation"]) == ("T1", "definite", "T1")


def test_episodes_are_not_mixed():
    table = change(
        assessments(
            visit(episode="1", hip_ir_deg=10),
            visit("post", episode="2", hip_ir_deg=20),
        )
    )
    rows = table[table["comparison"] == "immediate"]
    assert rows["episode"].tolist() == ["1", "2"]
    assert rows["hip_ir_deg_change"].isna().all()


def test_rows_are_sorted_and_unique():
    table = change(pd.concat([pair(BEFORE, AFTER, patient="b"), pair(BEFORE, AFTER, patient="a", side="right")]))
    assert not table.duplicated(PAIR).any()
    pd.testing.assert_frame_equal(table, table.sort_values(PAIR, ignore_index=True))


def test_empty_table_has_all_columns():
    empty = change(assessments())
    assert len(empty) == 0
    assert list(empty) == list(change(pair(BEFORE, AFTER)))


def test_input_is_not_changed():
    frame = pd.DataFrame([visit(**BEFORE), visit("post", **AFTER)])
    before = frame.copy(deep=True)
    change(frame)
    pd.testing.assert_frame_equal(frame, before)


def test_measures_and_comparisons_of_the_protocol():
    assert list(measures_compared(builtin())) == ["hip_ir_deg", "slr_deg", "ober", "ober_grade", "ober_deg"]
    assert comparison_order(builtin()) == ["immediate", "drills", "retained", "reread"]
    assert {"slr_deg_before", "ober_deg_beyond_error"} < measure_columns(builtin())


def test_another_protocol_brings_its_own_measures(repository):
    protocol = load_protocol(repository / "data/raw/bath-hips/protocol.toml")
    hip = {"patient_id": "1", "side": "right", "arm": "treatment"}
    # Person 1 of the trial, right hip.
    visits = [
        hip | {"timepoint": "baseline", "hip_flexion_deg": 125, "hip_rotation_deg": 25},
        hip | {"timepoint": "post", "hip_flexion_deg": 126, "hip_rotation_deg": 36},
    ]
    row = change(pd.DataFrame(visits), protocol).iloc[0]
    assert (row["hip_flexion_deg_change"], row["hip_rotation_deg_change"], row["arm"]) == (1, 11, "treatment")
    assert "stretch_type" not in row
