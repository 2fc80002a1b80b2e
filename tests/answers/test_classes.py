"""Shares of classes and of care, counted by hand."""

import pandas as pd
import pytest

from analysis.answers.classes import (
    care_shares,
    class_shares,
    compensation_shares,
    safety_counts,
    safety_events,
    settled_by,
)
from analysis.protocol import builtin
from analysis.report import open_report
from analysis.schema import CERTAINTIES, STATES, ordered
from analysis.show.display import Nothing
from analysis.show.tables import safety_events_table
from analysis.simulate import simulate
from analysis.simulate import write_study as write_cohort

PROTOCOL = builtin()
HIPS = pd.DataFrame(
    [
        ("a", "T1", "definite", ""),
        ("a", "T1", "borderline", ""),
        ("b", "T1", "definite", ""),
        ("b", "indeterminate", None, "pelvic_tilt; slr_deg"),
        ("c", "indeterminate", None, "pelvic_tilt"),
    ],
    columns=["patient_id", "stretch_type", "certainty", "settled_by"],
).astype({"stretch_type": ordered(STATES), "certainty": ordered(CERTAINTIES)})


def test_every_class_is_counted_in_hips_and_people():
    table = class_shares(HIPS, PROTOCOL).set_index("answer")
    assert list(table.index) == list(STATES)
    first = table.loc["T1"]
    assert (first["n_yes"], first["n_known"], first["n_patients_with"]) == (3, 5, 2)
    assert (first["n_definite"], first["n_borderline"]) == (2, 1)
    assert first["share"] == pytest.approx(3 / 5)
    assert table.loc["T2", ["n_yes", "share"]].tolist() == [0, 0]


def test_what_would_settle_the_most_stands_first():
    assert settled_by(HIPS).to_dict("records") == [
        {"measure": "pelvic_tilt", "n_hips": 2, "n_patients": 2, "n_patients_others": 2},
        {"measure": "slr_deg", "n_hips": 1, "n_patients": 1, "n_patients_others": 3},
    ]
    assert settled_by(HIPS.iloc[:3]).empty


CARE = pd.DataFrame(
    {
        "patient_id": ["a", "a", "b", "c"],
        "side": ["left", "right", "left", "left"],
        "episode": "1",
        "indicated": ["yes", "lenient", "no", "unknown"],
        "match": ["matched", "mismatched", None, "matched"],
        "own_it_drill": pd.array([True, False, None, True], dtype="boolean"),
        "stretch_given": ["T1", "T3M", "T3M", None],
        "supervised": pd.array([None, False, None, None], dtype="boolean"),
        "pain_nrs": pd.array([0, 3, None, None], dtype="Int64"),
        "safety_events": ["", "pain; unsupervised_manual", "", ""],
    }
)


def test_care_is_shared_over_the_hips_of_which_it_is_known():
    classes = CARE[["patient_id", "side", "episode"]].assign(stretch_type="T1")
    table = care_shares(CARE, classes, PROTOCOL)
    assert list(zip(table["n_yes"], table["n_known"], strict=True)) == [(1, 3), (2, 3), (2, 3), (2, 3)]


def test_an_indication_that_one_reading_alone_can_tell_is_missing_in_the_other():
    words = ["yes", "yes or lenient", "lenient", "lenient or no", "no", "unknown"]
    care = CARE.iloc[[0] * 6].reset_index(drop=True).assign(patient_id=list("abcdef"), indicated=words)
    table = care_shares(care, care[["patient_id", "side", "episode"]].assign(stretch_type="T1"), PROTOCOL)
    counts = list(zip(table["n_yes"], table["n_known"], table["n_not_known"], strict=True))
    assert counts[:2] == [(1, 4, 2), (3, 4, 2)]


def test_nobody_asks_a_hip_given_no_stretch_what_it_did():
    classes = CARE[["patient_id", "side", "episode"]].assign(stretch_type=["T1", "T1", "not_restricted", "T1"])
    care = CARE.assign(stretch_given=["T1", "none", "none", None])
    table = care_shares(care, classes, PROTOCOL)
    assert table["n_hips"].tolist() == [4, 4, 2, 2]  # a and c left: what c was given is not recorded
    assert table["n_yes"].tolist() == [1, 2, 2, 2]
    assert safety_counts(care, PROTOCOL)["n_hips"].tolist() == [2, 0]
    assert care_shares(care, classes.assign(stretch_type="T1"), PROTOCOL)["n_hips"].tolist() == [4, 4, 2, 2]
    untyped = care_shares(CARE, classes.assign(stretch_type="indeterminate"), PROTOCOL)
    assert untyped["n_hips"].tolist() == [4, 4, 0, 4]


def test_safety_events_are_shared_over_the_hips_at_risk():
    table = safety_counts(CARE, PROTOCOL)
    assert list(zip(table["n_yes"], table["n_known"], strict=True)) == [(1, 2), (1, 1)]


def test_safety_events_are_listed_hip_by_hip_for_those_who_treat_them():
    table = safety_events(CARE, PROTOCOL)
    events = ["pain during the stretch", "manual stretch without a qualified physical therapist"]
    assert table[["patient_id", "side", "event"]].to_numpy().tolist() == [["a", "right", event] for event in events]
    shown = safety_events_table(table, PROTOCOL)
    assert shown.rows[:2] == [
        ["Pain during the stretch"],
        ["a", "right", "T3M", "Pain during the stretch, 0 to 10: 3"],
    ]
    assert shown.rows[3][3] == "Supervised by a qualified physical therapist: no"
    assert isinstance(safety_events_table(safety_events(CARE.head(1), PROTOCOL), PROTOCOL), Nothing)


@pytest.mark.parametrize("internal", [True, False])
def test_no_hip_with_a_safety_event_is_named_but_in_an_internal_report(internal, tmp_path):
    write_cohort(simulate(40, 3), tmp_path / "study", "Forty people")
    report = open_report(tmp_path / "study", internal=internal)
    listed = report.safety_events()
    assert len(listed) == (report.safety()["n_yes"].sum() if internal else 0)
    assert (len(listed) > 0) == internal


def test_compensations():
    hips = pd.DataFrame({"patient_id": ["a", "b"], "low_back_extension": pd.array([True, None], dtype="boolean")})
    none = pd.array([None, None], dtype="boolean")
    table = compensation_shares(hips.assign(knee_valgus=none, overpronation=none), PROTOCOL)
    assert list(zip(table["n_yes"], table["n_known"], strict=True)) == [(1, 1), (0, 0), (0, 0)]
