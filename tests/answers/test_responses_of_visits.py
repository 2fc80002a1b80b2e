"""Responses judged from visits in blocks, and what left against right reads of a study."""

import pandas as pd
import pytest

from analysis import asymmetry, change, compare_sides, respond
from analysis.answers.both_sides import columns_of_both_sides
from analysis.answers.parts import asked_for
from analysis.answers.responses_of_visits import responses_of_visits
from analysis.protocol import builtin
from analysis.schema import conform

# Left of a responds, right does not; of b only the left is judged; c came at another clinic and has no later visit.
ROWS = [
    *[("a", "left", when, "North", ir) for when, ir in (("baseline", 12.0), ("post", 17.0))],
    *[("a", "right", when, "North", ir) for when, ir in (("baseline", 14.0), ("post", 16.0))],
    *[("b", "left", when, None, ir) for when, ir in (("baseline", 20.0), ("post", 29.0))],
    ("b", "right", "baseline", None, 21.0),
    ("c", "left", "baseline", "East", 30.0),
]
NAMES = ["patient_id", "side", "timepoint", "clinic_id", "hip_ir_deg"]


@pytest.fixture
def visits():
    return conform(pd.DataFrame(ROWS, columns=NAMES), "assessments", builtin())


def _in_blocks(visits):
    return [visits[visits["patient_id"] == name].reset_index(drop=True) for name in visits["patient_id"].unique()]


def test_the_rows_are_those_of_respond_with_people_by_number(visits):
    found = responses_of_visits(_in_blocks(visits), asked_for([["clinic_id"]], "ir", None, builtin()))
    wanted = respond(change(visits)).query("response == 'ir' and comparison == 'immediate'")
    for name in ("side", "episode", "clinic_id", "outcome", "response", "comparison"):
        assert found[name].astype("str").tolist() == wanted[name].astype("str").tolist(), name
    assert found["patient_id"].tolist() == [0, 0, 1, 1, 2]
    assert found["outcome"].tolist()[:4] == ["responder", "non_responder", "responder", "not_evaluable"]


def test_a_comparison_that_some_reached_has_the_rows_of_all_with_one_of_its_visits(visits):
    rows = [("a", "left", "followup", "North", 19.0), ("d", "left", "followup", None, 20.0)]
    later = pd.DataFrame(rows, columns=NAMES)
    more = conform(pd.concat([pd.DataFrame(ROWS, columns=NAMES), later]), "assessments", builtin())
    found = responses_of_visits([more], asked_for([[]], "ir", "retained", builtin()))
    wanted = respond(change(more)).query("response == 'ir' and comparison == 'retained'")
    assert found["outcome"].tolist() == wanted["outcome"].tolist() == ["responder", *["not_evaluable"] * 5]


def test_a_block_without_hips_of_the_comparison_takes_no_number(visits):
    blocks = [visits[visits["patient_id"] == name].reset_index(drop=True) for name in ("a", "c")]
    only_intake = conform(pd.DataFrame([("b", "left", "intake", None, 20.0)], columns=NAMES), "assessments", builtin())
    found = responses_of_visits([blocks[0], only_intake, blocks[1]], asked_for([[]], "ir", None, builtin()))
    assert found["patient_id"].tolist() == [0, 0, 1]


def test_a_comparison_that_nobody_reached_has_no_rows_and_no_groups(visits):
    found = responses_of_visits(_in_blocks(visits), asked_for([["clinic_id"]], "ir", "retained", builtin()))
    assert len(found) == 0
    assert compare_sides(found, ["clinic_id"], "ir", "retained").empty


def test_the_columns_named_are_all_that_the_asymmetry_reads(visits):
    protocol = builtin()
    few = visits[columns_of_both_sides(protocol)]
    pd.testing.assert_frame_equal(asymmetry(few, protocol), asymmetry(visits, protocol))
    none = protocol.model_copy(update={"asymmetry": None})
    assert columns_of_both_sides(none) == ["patient_id", "side", "episode", "timepoint"]
