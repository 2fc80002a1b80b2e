import numpy as np
import pandas as pd
import pytest

from analysis.protocol import builtin
from analysis.schema import HIP, TableError, column_types, conform, ordered, sort_hips, states

ROW = {"patient_id": "001", "side": "left", "timepoint": "baseline"}


def typed(*rows, **columns):
    return conform(pd.DataFrame(list(rows) or [ROW]).assign(**columns), "assessments", builtin())


def test_table_has_the_protocols_columns_in_order_whatever_the_frame_has():
    table = typed(shoe_size=43, hip_ir_deg=12)
    assert list(table) == list(column_types(builtin(), "assessments"))
    assert table.loc[0, "hip_ir_deg"] == 12.0


def test_columns_that_are_not_there_are_missing_with_their_type():
    table = typed()
    dtypes = table[["slr_deg", "ir_drills_tried", "swayback", "clinic_id"]].dtypes.astype(str).tolist()
    assert dtypes == ["float64", "Int64", "boolean", "str"]
    assert table.drop(columns=["patient_id", "side", "episode", "timepoint"]).isna().all(axis=None)


def test_what_is_written_into_a_column_that_was_not_there_stands_in_no_other():
    table = typed()
    before = table.copy(deep=True)
    written = {"slr_deg": 60.0, "swayback": True, "ir_drills_tried": 3, "clinic_id": "North", "device": "goniometer"}
    for name, value in written.items():
        table.loc[0, name] = value
        pd.testing.assert_frame_equal(table.drop(columns=name), before.drop(columns=name))
        before.loc[0, name] = value


def test_left_out_episode_is_the_first():
    assert typed().loc[0, "episode"] == "1"


def test_identifiers_stay_text():
    assert typed().loc[0, "patient_id"] == "001"
    assert typed({**ROW, "patient_id": 7}).loc[0, "patient_id"] == "7"


@pytest.mark.parametrize("dtype", ["object", "category"])
def test_dtypes_of_the_frame_do_not_matter(dtype):
    row = {**ROW, "hip_ir_deg": 12.3, "swayback": True, "pelvic_tilt": "anterior", "ir_drills_tried": 3}
    plain = pd.DataFrame([row])
    pd.testing.assert_frame_equal(
        conform(plain.astype(dtype), "assessments", builtin()), conform(plain, "assessments", builtin())
    )


def test_index_of_the_frame_does_not_matter():
    rows = pd.DataFrame([ROW, {**ROW, "timepoint": "post"}], index=[5, 5])
    assert conform(rows, "assessments", builtin()).index.tolist() == [0, 1]


def test_no_rows_and_all_missing_columns_are_fine():
    empty = conform(pd.DataFrame(columns=["patient_id", "side", "timepoint"]), "assessments", builtin())
    assert len(empty) == 0
    assert typed(hip_ir_deg=None, swayback=None, pelvic_tilt=None, date=None, rater=None).notna().sum(axis=None) == 4


@pytest.mark.parametrize(
    ("rows", "columns", "message"),
    [
        ([{"patient_id": "a", "side": "left"}], {}, "no column timepoint; the key is"),
        ([{**ROW, "side": None}], {}, "side is missing"),
        ([{**ROW, "patient_id": None}], {}, "patient_id is missing"),
        ([ROW, ROW], {}, "1 rows repeat a key"),
        ([{**ROW, "side": "L"}], {}, "side has 1 values that are none of left, right"),
        ([{**ROW, "timepoint": "pre"}], {}, "none of intake, baseline, reread, post, followup"),
        ([ROW], {"pelvic_tilt": "forward"}, "none of posterior, neutral, anterior"),
        ([ROW], {"hip_ir_deg": "twelve"}, "hip_ir_deg cannot be read as float64"),
        ([ROW], {"hip_ir_deg": np.inf}, "hip_ir_deg is infinite in 1 rows"),
        ([ROW], {"ir_drills_tried": 2.5}, "ir_drills_tried cannot be read as Int64"),
        ([ROW], {"swayback": "maybe"}, "swayback cannot be read as boolean"),
        ([ROW], {"date": "yesterday"}, "date cannot be read as"),
    ],
)
def test_each_fault_is_named(rows, columns, message):
    with pytest.raises(TableError, match=f"assessments: .*{message}"):
        typed(*rows, **columns)


# Three patients, in the order of the alphabet and not; the last row repeats the key of the first.
@pytest.mark.parametrize("kind", ["str", "category", "object"])
@pytest.mark.parametrize("patients", [["a", "b", "c", "a"], ["c", "a", "b", "c"], ["a", "b", "c", "c"]])
def test_a_key_that_stands_twice_is_found_in_any_order_and_kind_of_text(patients, kind):
    frame = pd.DataFrame([{**ROW, "patient_id": name} for name in patients]).astype({"patient_id": kind})
    assert len(conform(frame.iloc[:3], "assessments", builtin())) == 3
    with pytest.raises(TableError, match="1 rows repeat a key"):
        conform(frame, "assessments", builtin())


def test_a_table_is_none_of_the_frame_it_was_made_from():
    frame = pd.DataFrame([ROW]).assign(hip_ir_deg=12.0)
    table = conform(frame, "assessments", builtin())
    table.loc[0, "hip_ir_deg"] = 99.0
    assert frame.loc[0, "hip_ir_deg"] == 12.0


def test_fault_shows_no_value_of_a_patient():
    with pytest.raises(TableError) as fault:
        typed(patient_id="Jane Doe", pelvic_tilt="secret")
    assert "secret" not in str(fault.value)
    assert "Jane" not in str(fault.value)


def test_column_that_stands_twice_is_refused():
    twice = pd.concat(
        [pd.DataFrame([ROW]), pd.DataFrame({"slr_deg": [60.0]}), pd.DataFrame({"slr_deg": [70.0]})], axis=1
    )
    with pytest.raises(TableError, match="column slr_deg stands twice"):
        conform(twice, "assessments", builtin())


def test_interventions_have_no_timepoint():
    table = conform(
        pd.DataFrame([{"patient_id": "a", "side": "left", "stretch_given": "T3M"}]), "interventions", builtin()
    )
    assert list(table)[:4] == [*HIP, "stretch_given"]


def test_a_reading_between_two_steps_is_refused():
    row = ROW | {"hip_ir_deg": 14.96}
    with pytest.raises(TableError, match=r"hip_ir_deg has 1 readings between two of its steps of 0\.1"):
        conform(pd.DataFrame([row]), "assessments", builtin())


def test_states_begin_with_the_types_and_are_ordered():
    assert states(builtin()) == ("T1", "T2", "T3", "unclassified", "not_restricted", "indeterminate")
    assert ordered(states(builtin())).ordered


def test_sort_is_stable_and_renumbers():
    frame = pd.DataFrame({"side": ["right", "left", "left"], "n": [1, 2, 3]})
    assert sort_hips(frame, ["side"]).to_dict("list") == {"side": ["left", "left", "right"], "n": [2, 3, 1]}
