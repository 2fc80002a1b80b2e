"""The cohort as a whole: seeds, sizes, and parts that do not reshuffle each other."""

from dataclasses import replace

import pandas as pd
import pytest

from analysis.simulate import CohortParameters, simulate
from analysis.simulate.oracle import true_class


@pytest.mark.parametrize("patients", [1, 2, 13])
def test_small_cohorts(patients):
    cohort = simulate(patients, seed=1)
    assert len(cohort.hips) == len(cohort.truth) == 2 * patients
    assert cohort.hips["Patient"].nunique() == patients
    assert cohort.hips["Side"].tolist() == ["L", "R"] * patients
    assert cohort.hips[["Patient", "Side"]].equals(cohort.truth[["Patient", "Side"]])


def test_patients_are_numbered_and_clinics_named():
    hips = simulate(13, seed=1).hips
    assert hips["Patient"].iloc[[0, -1]].tolist() == ["P00001", "P00013"]
    assert sorted(hips["Clinic"].unique()) == [f"C{number:02d}" for number in range(1, 13)]


def test_the_same_seed_gives_the_same_cohort_and_another_another():
    first, again, other = simulate(50, seed=2), simulate(50, seed=2), simulate(50, seed=3)
    pd.testing.assert_frame_equal(first.hips, again.hips)
    pd.testing.assert_frame_equal(first.truth, again.truth)
    assert not first.hips["IR pre"].equals(other.hips["IR pre"])


@pytest.mark.parametrize(
    ("change", "may_differ"),
    [
        ({"missing_followup_share": 0.5}, r"followup$"),
        ({"missing_post_share": 0.3}, r"post$"),
        ({"drills_mean": 9}, r"^IR drills tried$"),
        ({"pain_share": 0.5}, r"^Pain$|followup$"),
        ({"ir_sem": 1}, r"^IR (intake|pre|post|followup)$"),
        ({"heaping_share": 0.9}, r"^(IR|ER|SLR|Ober|Ober angle) (intake|pre|post|followup)$"),
        ({"matched_slr_gain_deg": 20}, r"^SLR (post|followup)$"),
    ],
)
def test_one_parameter_leaves_the_rest_as_it_was(change, may_differ):
    parameters = CohortParameters(gross_error_share=0)
    before = simulate(400, seed=4, parameters=parameters).hips
    after = simulate(400, seed=4, parameters=replace(parameters, **change)).hips
    touched = before.filter(regex=may_differ).columns
    assert not before[touched].equals(after[touched])
    pd.testing.assert_frame_equal(before.drop(columns=touched), after.drop(columns=touched))


def test_the_class_in_the_truth_is_that_of_the_true_values_beside_it():
    truth = simulate(300, seed=5).truth
    measures = ["hip_ir_deg", "hip_er_deg", "slr_deg", "pelvic_tilt_deg", "swayback", "feels_stretch"]
    expected = [true_class(**hip) for hip in truth[measures].to_dict("records")]
    told = truth[["stretch_type", "certainty", "presentation"]].fillna("").itertuples(index=False, name=None)
    assert list(told) == [tuple(verdict) for verdict in expected]
    assert set(truth["stretch_type"]) == {
        "T1",
        "T2",
        "T3",
        "unclassified",
        "not_restricted",
        "indeterminate",
    }


@pytest.mark.parametrize(("patients", "seed", "named"), [(0, 1, "patients: 0"), (5, -1, "seed: -1")])
def test_impossible_requests_are_refused(patients, seed, named):
    with pytest.raises(ValueError, match=named):
        simulate(patients, seed)
