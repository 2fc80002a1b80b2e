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


def test_clinics_may_differ_in_left_against_right_and_in_what_a_match_adds():
    """With an SD of 0 all is as it was; with one, that alone differs between clinics."""
    plain = CohortParameters(clinics=6, ir_gain_sd=0.1, clinic_ir_gain_sd=0, step_ir_gain_deg=0, drift_ir_gain_deg=0)
    for name, of_clinic in (("clinic_left_ir_sd", left_less_right), ("clinic_match_sd", matched_less_others)):
        alike, differ = (of_clinic(simulate(900, 3, replace(plain, **{name: sd}))) for sd in (0, 10))
        assert differ.std() > alike.std() + 4, name
        assert differ.mean() == pytest.approx(alike.mean(), abs=12)


def with_clinic(cohort):
    return cohort.truth.merge(cohort.hips[["Patient", "Side", "Clinic"]].drop_duplicates(), on=["Patient", "Side"])


def left_less_right(cohort):
    true = with_clinic(cohort)
    sides = true.pivot(index=["Clinic", "Patient"], columns="Side", values="hip_ir_deg").astype(float)
    return (sides.iloc[:, 0] - sides.iloc[:, 1]).groupby("Clinic").mean()


def matched_less_others(cohort):
    true = with_clinic(cohort)
    gain = true["hip_ir_gain_deg_post"].astype(float).groupby([true["Clinic"], true["matched"]]).mean()
    return gain.unstack()[True] - gain.unstack()[False]
