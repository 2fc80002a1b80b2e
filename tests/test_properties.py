"""What must hold for any cohort, however incomplete and in whatever order its rows come."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import asymmetry, change, classify, compare_sides, rates, respond
from analysis.answers.parts import asked_for
from analysis.answers.rates_of_visits import rates_of_visits
from analysis.answers.responses_of_visits import responses_of_visits
from analysis.protocol import builtin
from analysis.schema import HIP, column_types, conform
from builders import analysed, assessments, interventions, visit

TIMEPOINTS = ("intake", "baseline", "post", "followup")
MIRROR = {"left": "right", "right": "left"}


def sometimes(values):
    return st.none() | values


def angle(low, high):
    return sometimes(st.integers(10 * low, 10 * high).map(lambda tenths: tenths / 10))


readings = st.fixed_dictionaries(
    {},
    optional={
        "hip_ir_deg": angle(0, 35),
        "hip_er_deg": angle(20, 50),
        "slr_deg": angle(35, 75),
        "pelvic_tilt": sometimes(st.sampled_from(["anterior", "neutral", "posterior"])),
        "swayback": sometimes(st.booleans()),
        "feels_stretch": sometimes(st.booleans()),
        "ober": sometimes(st.sampled_from(["positive", "negative"])),
        "ober_deg": angle(5, 35),
        "device": st.sampled_from(["goniometer", "phone"]),
        "ir_drills_tried": sometimes(st.integers(0, 5)),
    },
)
visits = st.dictionaries(
    st.tuples(st.sampled_from("abcde"), st.sampled_from(["left", "right"]), st.sampled_from(TIMEPOINTS)),
    readings,
    min_size=1,
    max_size=30,
)
clinics = {"a": "C1", "b": "C1", "c": "C2", "d": "C2", "e": "C2"}


@st.composite
def cohorts(draw):
    """Assessments of up to five people, in no order."""
    rows = [
        visit(at, patient=patient, side=side, clinic_id=clinics[patient], **values)
        for (patient, side, at), values in draw(visits).items()
    ]
    return assessments(*rows)


def every_result(table):
    """All that is ever made of a cohort."""
    care = interventions({"patient_id": "a", "stretch_given": "T1", "pain_nrs": 1})
    results = vars(analysed(table, care))
    return results | {
        "rates": rates(results["responses"], ["stretch_type", "side"], response="ir"),
        "sides": compare_sides(results["responses"], response="ir"),
        "asymmetry": asymmetry(table),
    }


@settings(max_examples=4)
@given(cohorts(), st.sampled_from(["all", "ober"]), st.sampled_from(["immediate", "retained"]))
def test_rates_and_sides_from_blocks_of_people_are_those_of_the_tables(table, response, comparison):
    visits, by = conform(table, "assessments", builtin()), ["side", "clinic_id", "stretch_type"]
    blocks = [
        visits[visits["patient_id"].isin(people)].reset_index(drop=True) for people in (["a", "b"], ["c"], ["d", "e"])
    ]
    asked = asked_for([by], response, comparison, builtin())
    some, responses = [block for block in blocks if len(block)], respond(change(table))
    (found,) = rates_of_visits(some, asked)
    pd.testing.assert_frame_equal(found, rates(responses, by, response, comparison), check_exact=True)
    for groups in ([], ["clinic_id"], ["stretch_type"]):
        sides = compare_sides(responses_of_visits(some, asked), groups, response, comparison)
        pd.testing.assert_frame_equal(sides, compare_sides(responses, groups, response, comparison), check_exact=True)


@settings(max_examples=8)
@given(cohorts(), st.sampled_from(["all", "ir", "slr", "ober", "two_of_three"]))
def test_every_hip_has_one_state_and_no_count_exceeds_what_it_is_taken_from(table, response):
    responses = respond(change(table))
    _each_hip_has_one_state_and_stays(table, classify(table), responses)
    all_hips = rates(responses, [], response)
    for by in ([], ["side"], ["stretch_type", "side"], ["clinic_id"]):
        found = rates(responses, by, response) if by else all_hips
        assert (found["n_responders"] <= found["n_evaluable"]).all()
        assert (found["n_evaluable"] + found["n_missing"] <= found["n_hips"]).all()
        assert (found["n_patients"] <= found["n_hips"]).all()
        assert (found["n_hips"] <= 2 * found["n_patients"]).all()
        assert found["n_hips"].sum() == all_hips["n_hips"].sum()
        known = found[found["n_evaluable"] > 0]
        assert ((known["ci_low"] <= known["rate"]) & (known["rate"] <= known["ci_high"])).all()
        assert found.loc[found["n_evaluable"] == 0, ["rate", "ci_low", "ci_high", "chance_rate"]].isna().all(axis=None)


def _each_hip_has_one_state_and_stays(table, classes, outcomes):
    assert not classes.duplicated(HIP).any()
    assert len(classes) == len(table.drop_duplicates(HIP))
    assert classes["stretch_type"].notna().all()
    assert (classes["certainty"].isna() == (classes["stretch_type"] == "indeterminate")).all()
    assert outcomes["outcome"].notna().all()
    assert ((outcomes["reason"] == "") == (outcomes["outcome"] != "not_evaluable")).all()
    assert (outcomes["chance"].dropna().between(0, 1)).all()


@settings(max_examples=4)
@given(cohorts(), st.randoms(use_true_random=False))
def test_order_of_rows_and_columns_changes_nothing_and_the_input_stays_as_it_was(table, shuffled):
    copy = table.copy(deep=True)
    rows, columns = list(range(len(table))), list(table.columns)
    shuffled.shuffle(rows)
    shuffled.shuffle(columns)
    expected, found = every_result(table), every_result(table.iloc[rows][columns])
    for name in set(expected) - {"assessments"}:  # which are what was given
        pd.testing.assert_frame_equal(found[name], expected[name], obj=name, rtol=1e-9)
    pd.testing.assert_frame_equal(table, copy)


def mirrored(table):
    return table.assign(side=table["side"].astype("object").map(MIRROR).astype(table["side"].dtype))


@settings(max_examples=4)
@given(cohorts())
def test_mirrored_people_have_mirrored_results(table):
    here, there = respond(change(table)), respond(change(mirrored(table)))

    classes = mirrored(classify(mirrored(table))).sort_values(HIP, ignore_index=True)
    pd.testing.assert_frame_equal(classes, classify(table))

    for response in ("ir", "all"):
        by_side = rates(here, ["side"], response).set_index("side")
        by_other = rates(there, ["side"], response).set_index("side")
        for side, other in MIRROR.items():
            pd.testing.assert_series_equal(by_side.loc[side], by_other.loc[other], check_names=False, rtol=1e-9)

        pairs, flipped = (compare_sides(responses, response=response).iloc[0] for responses in (here, there))
        assert (pairs["both"], pairs["neither"], pairs["n"]) == (flipped["both"], flipped["neither"], flipped["n"])
        assert (pairs["left_only"], pairs["one_hip_left"]) == (flipped["right_only"], flipped["one_hip_right"])
        for name, other in [
            ("difference", "difference"),
            ("newcombe_low", "newcombe_high"),
            ("tango_low", "tango_high"),
            ("gee_difference", "gee_difference"),
            ("gee_low", "gee_high"),
        ]:
            assert pairs[name] == pytest.approx(-flipped[other], abs=1e-5, nan_ok=True), name
        for name in ("p_exact", "p_midp"):
            assert pairs[name] == pytest.approx(flipped[name], nan_ok=True)

    degrees, turned = asymmetry(table), asymmetry(mirrored(table))
    assert degrees["mean_difference"].to_numpy() == pytest.approx(-turned["mean_difference"].to_numpy(), nan_ok=True)
    assert degrees["n_left_worse"].tolist() == turned["n_right_worse"].tolist()


@settings(max_examples=8)
@given(cohorts())
def test_one_tidy_frame_is_read_as_the_typed_table_is(table):
    """A frame of objects, with columns the table does not have, gives the same table."""
    loose = table.astype("object").where(table.notna(), None).assign(shoe_size=43)
    pd.testing.assert_frame_equal(conform(loose, "assessments", builtin()), table)
    assert list(table) == list(column_types(builtin(), "assessments"))
