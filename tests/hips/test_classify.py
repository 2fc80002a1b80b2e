import pandas as pd
import pytest

from analysis import classify
from analysis.hips.classify import attributes_of
from analysis.protocol import builtin, load_protocol
from analysis.schema import HIP, TableError
from builders import T1, T2, assessments, classified, hip, visit

NOT_FELT = {"feels_stretch": False}


def told(**values):
    row = classified(**values)
    return str(row["stretch_type"]), None if pd.isna(row["certainty"]) else row["certainty"]


# T1: anterior tilt, ER > 25, IR < 20 (lenient < 30). The hip is otherwise IR 12, ER 44, SLR 66, felt.
@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, ("T1", "definite")),
        ({"hip_ir_deg": 5.1}, ("T1", "definite")),
        ({"hip_ir_deg": 19.9}, ("T1", "definite")),
        ({"hip_ir_deg": 20}, ("T1", "borderline")),
        ({"hip_ir_deg": 20.1}, ("T1", "borderline")),
        ({"hip_ir_deg": 29.9}, ("T1", "borderline")),
        ({"hip_ir_deg": 30}, ("not_restricted", "definite")),
        ({"hip_ir_deg": 30.1}, ("not_restricted", "definite")),
        ({"hip_ir_deg": None}, ("indeterminate", None)),
        ({"hip_er_deg": 25.1}, ("T1", "definite")),
        ({"hip_er_deg": 25}, ("unclassified", "definite")),
        ({"hip_er_deg": 24.9}, ("unclassified", "definite")),
        ({"hip_er_deg": 25, "hip_ir_deg": 20}, ("unclassified", "borderline")),
        ({"hip_er_deg": None}, ("indeterminate", None)),
        ({"pelvic_tilt": "posterior"}, ("unclassified", "definite")),
        ({"pelvic_tilt": "neutral"}, ("indeterminate", None)),
        ({"pelvic_tilt": None}, ("indeterminate", None)),
        ({"pelvic_tilt": None, "hip_er_deg": 25}, ("unclassified", "definite")),  # whatever the tilt is
        ({"pelvic_tilt": None, "pelvic_tilt_deg": 2.1}, ("T1", "definite")),
        ({"pelvic_tilt": None, "pelvic_tilt_deg": 2}, ("indeterminate", None)),
        ({"slr_deg": None, "swayback": None}, ("T1", "definite")),  # only T2 asks for these
        ({"lumbar_extension": False}, ("T1", "definite")),
        ({"swayback": True}, ("T1", "definite")),  # a conflict: flagged, not resolved
        ({"slr_deg": 40}, ("T1", "definite")),
    ],
)
def test_type_1(changed, expected):
    assert told(**T1 | changed) == expected


# T2: posterior tilt or swayback, IR < 15 (lenient < 20), SLR < 45. The hip is otherwise IR 12, ER 44, SLR 42, felt.
@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, ("T2", "definite")),
        ({"hip_ir_deg": 14.9}, ("T2", "definite")),
        ({"hip_ir_deg": 15}, ("T2", "borderline")),
        ({"hip_ir_deg": 19.9}, ("T2", "borderline")),
        ({"hip_ir_deg": 20}, ("unclassified", "borderline")),
        ({"hip_ir_deg": 29.9}, ("unclassified", "borderline")),
        ({"hip_ir_deg": 30}, ("not_restricted", "definite")),
        ({"hip_ir_deg": None}, ("indeterminate", None)),
        ({"slr_deg": 44.9}, ("T2", "definite")),
        ({"slr_deg": 45}, ("unclassified", "definite")),
        ({"slr_deg": 45.1}, ("unclassified", "definite")),
        ({"slr_deg": None}, ("indeterminate", None)),
        ({"hip_er_deg": 25}, ("T2", "definite")),  # described, not required
        ({"hip_er_deg": None}, ("T2", "definite")),
        ({"swayback": True}, ("T2", "definite")),
        ({"swayback": None}, ("T2", "definite")),  # the tilt is enough
        ({"pelvic_tilt": None, "pelvic_tilt_deg": -2.1}, ("T2", "definite")),
        ({"pelvic_tilt": None, "pelvic_tilt_deg": -2}, ("indeterminate", None)),
        ({"pelvic_tilt": "neutral", "swayback": True}, ("indeterminate", None)),  # T1 is still open
        ({"pelvic_tilt": "neutral", "swayback": True, "hip_er_deg": 25}, ("T2", "definite")),  # T1 has failed
        ({"pelvic_tilt": "neutral", "swayback": False, "hip_er_deg": 25}, ("indeterminate", None)),
        ({"pelvic_tilt": "anterior", "hip_er_deg": 25}, ("unclassified", "definite")),
        ({"pelvic_tilt": "anterior", "hip_er_deg": 25, "swayback": True}, ("T2", "definite")),
        ({"pelvic_tilt": "anterior", "hip_er_deg": 25, "swayback": None}, ("indeterminate", None)),
    ],
)
def test_type_2(changed, expected):
    assert told(**T2 | changed) == expected


# T3: IR limited, and almost none (<= 5) or the stretch not felt: strict both, lenient either.
@pytest.mark.parametrize(
    ("changed", "expected", "presentation"),
    [
        ({"hip_ir_deg": 5} | NOT_FELT, ("T3", "definite"), "T1"),
        ({"hip_ir_deg": 4.9} | NOT_FELT, ("T3", "definite"), "T1"),
        ({"hip_ir_deg": -3} | NOT_FELT, ("T3", "definite"), "T1"),
        ({"hip_ir_deg": 5.1} | NOT_FELT, ("T3", "borderline"), "T1"),
        ({"hip_ir_deg": 5}, ("T3", "borderline"), "T1"),
        ({"hip_ir_deg": 5.1}, ("T1", "definite"), "T1"),
        ({"hip_ir_deg": 5, "feels_stretch": None}, ("T3", "borderline"), "T1"),
        ({"hip_ir_deg": 5.1, "feels_stretch": None}, ("T1", "definite"), "T1"),
        ({"hip_ir_deg": 29.9} | NOT_FELT, ("T3", "borderline"), "T1"),
        ({"hip_ir_deg": 30} | NOT_FELT, ("not_restricted", "definite"), "not_restricted"),
        ({"hip_ir_deg": None} | NOT_FELT, ("indeterminate", None), "indeterminate"),
        (T2 | NOT_FELT, ("T3", "borderline"), "T2"),
        (T2 | {"hip_ir_deg": 5} | NOT_FELT, ("T3", "definite"), "T2"),
        ({"hip_er_deg": 20, "hip_ir_deg": 5} | NOT_FELT, ("T3", "definite"), "unclassified"),
        ({"pelvic_tilt": "neutral", "hip_ir_deg": 5} | NOT_FELT, ("T3", "definite"), "indeterminate"),
    ],
)
def test_escalation_stands_over_the_presentation_and_keeps_it(changed, expected, presentation):
    assert told(**T1 | changed) == expected
    assert classified(**T1 | changed)["presentation"] == presentation


@pytest.mark.parametrize(
    ("changed", "flags"),
    [
        ({}, ""),
        ({"slr_deg": 44.9}, "anterior_tilt_with_limited_slr"),
        ({"slr_deg": 45}, ""),
        ({"swayback": True}, "anterior_tilt_with_swayback"),
        ({"slr_deg": 40, "swayback": True}, "anterior_tilt_with_limited_slr; anterior_tilt_with_swayback"),
        ({"feels_stretch": None}, "T3_not_excluded"),
        ({"feels_stretch": None, "hip_ir_deg": 5}, ""),  # it is T3 already
        ({"feels_stretch": None, "hip_ir_deg": 30}, ""),
        ({"hip_ir_deg": None}, "T3_not_excluded"),
        ({"pelvic_tilt": None, "slr_deg": 40}, ""),
    ],
)
def test_signs_that_contradict_each_other_are_flagged(changed, flags):
    assert classified(**T1 | changed)["flags"] == flags


@pytest.mark.parametrize(
    ("changed", "settled_by", "reason"),
    [
        ({}, "", ""),
        ({"pelvic_tilt": "neutral"}, "pelvic_tilt", "tilt is neutral, which decides neither way"),
        ({"pelvic_tilt": None}, "pelvic_tilt", "tilt is not recorded"),
        ({"hip_er_deg": None}, "hip_er_deg", "ER is not recorded"),
        ({"hip_ir_deg": None}, "hip_ir_deg", "IR is not recorded"),
        (T2 | {"slr_deg": None}, "slr_deg", "SLR is not recorded"),
        (
            {"pelvic_tilt": None, "swayback": None, "slr_deg": 40},
            "pelvic_tilt; swayback",
            "tilt is not recorded; swayback is not recorded",
        ),
    ],
)
def test_open_class_names_what_would_settle_it(changed, settled_by, reason):
    row = classified(**T1 | changed)
    assert (row["settled_by"], row["reason"]) == (settled_by, reason)


def test_criteria_are_listed_by_how_they_turned_out():
    row = classified(**T1 | {"hip_ir_deg": 17, "swayback": None})
    assert row["criteria_met"] == "restricted; tilt_anterior; femur_turned_out"
    assert row["criteria_lenient"] == "ir_markedly_limited"
    assert row["criteria_failed"] == "tilt_posterior; slr_limited; almost_no_ir; stretch_not_felt"
    assert row["criteria_missing"] == "lots_of_lumbar_extension; stands_in_swayback"


@pytest.mark.parametrize(
    ("changed", "strict", "lenient"),
    [
        ({}, "T1", "T1"),
        ({"hip_ir_deg": 25}, "not_restricted", "T1"),
        ({"hip_ir_deg": 3}, "T1", "T3"),
        ({"hip_ir_deg": 25, "hip_er_deg": 20}, "not_restricted", "unclassified"),
        ({"hip_er_deg": None}, "indeterminate", "indeterminate"),
    ],
)
def test_state_under_each_reading_alone(changed, strict, lenient):
    row = classified(**T1 | changed)
    assert (row["strict_type"], row["lenient_type"]) == (strict, lenient)


def test_hip_without_a_baseline_is_indeterminate_and_stays_in_the_table():
    table = classify(assessments(visit("intake", **T1), visit("post", **T1), visit(side="right", **T1)))
    assert table["stretch_type"].tolist() == ["indeterminate", "T1"]
    assert pd.isna(table.loc[0, "certainty"])


def test_one_row_per_hip_and_episode_in_their_order():
    table = classify(
        assessments(
            visit(patient="b", episode="2", **T2),
            visit(patient="b", episode="1", **T1),
            visit(patient="a", side="right", episode="1", **T1),
            visit("post", patient="a", side="left", episode="1", **T1),
        )
    )
    keys = [("a", "left", "1"), ("a", "right", "1"), ("b", "left", "1"), ("b", "left", "2")]
    assert list(table[HIP].itertuples(index=False, name=None)) == keys
    assert table["stretch_type"].tolist() == ["indeterminate", "T1", "T1", "T2"]


def test_attribute_comes_from_the_earliest_visit_that_has_one():
    visits = [visit("post", sex="male", clinic_id="C2"), visit("baseline", clinic_id="C1"), visit("intake")]
    for rows in (visits, visits[::-1]):
        table = classify(assessments(*rows))
        assert table.loc[0, ["clinic_id", "sex"]].tolist() == ["C1", "male"]


def test_numbers_are_recorded_of_a_person_and_hips_are_grouped_by_levels_alone():
    row = classify(assessments(visit(clinic_id="C1", age_years=40.0, height_cm=170.0, **T1))).iloc[0]
    assert row[["age_years", "age", "height_cm"]].tolist() == [40, "30 to under 45", 170]
    dividing = attributes_of(builtin(), dividing=True)
    assert dividing == ["clinic_id", "sex", "age", "weight_class", "activity", "complaints"]
    assert set(attributes_of(builtin())) - set(dividing) == {
        "age_years", "height_cm", "weight_kg", "bmi", "complaints_months",
    }  # fmt: skip


def test_empty_table_has_all_columns():
    empty = classify(assessments())
    assert len(empty) == 0
    assert list(empty) == list(classify(hip(**T1)))


def test_protocol_without_types_classifies_nothing(repository):
    protocol = load_protocol(repository / "data/raw/bath-hips/protocol.toml")
    visits = pd.DataFrame({"patient_id": ["a"], "side": ["left"], "timepoint": ["baseline"]})
    assert classify(visits, protocol).empty


def test_input_is_not_changed():
    frame = pd.DataFrame([visit(**T1), visit("post", **T1)])
    before = frame.copy(deep=True)
    classify(frame)
    pd.testing.assert_frame_equal(frame, before)


def test_visit_that_stands_twice_is_refused():
    with pytest.raises(TableError, match="repeat a key"):
        classify(pd.DataFrame([visit(**T1), visit(**T1)]))
