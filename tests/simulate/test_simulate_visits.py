"""Readings: their error, heaping, conditions and dates."""

import numpy as np
import pandas as pd
import pytest

from analysis.simulate import CohortParameters, simulate

PEOPLE = 8_000
ONLY_MEASUREMENT = CohortParameters(gross_error_share=0, missing_followup_share=0, missing_post_share=0)
EXACT = CohortParameters(gross_error_share=0, missing_followup_share=0, missing_post_share=0, measurement_error=False)


@pytest.fixture(scope="module")
def cohort():
    return simulate(PEOPLE, seed=5, parameters=ONLY_MEASUREMENT)


def test_without_measurement_error_readings_are_the_truth():
    cohort = simulate(500, seed=6, parameters=EXACT)
    hips, truth = cohort.hips, cohort.truth
    tenths = lambda values: np.rint(10 * values).astype(int).tolist()  # noqa: E731
    for suffix in ("intake", "pre"):
        assert hips[f"IR {suffix}"].tolist() == truth["hip_ir_deg"].tolist()
        assert hips[f"SLR {suffix}"].tolist() == truth["slr_deg"].tolist()
        assert hips[f"Ober angle {suffix}"].tolist() == truth["ober_deg"].tolist()
    assert hips["ER pre"].tolist() == truth["hip_er_deg"].tolist()
    assert hips["Tilt"].tolist() == truth["pelvic_tilt_deg"].tolist()
    assert hips["Ober pre"].map({"+": "positive", "-": "negative"}).tolist() == truth["ober"].tolist()
    for answer, column in {"feels_stretch": "Feels stretch", "swayback": "Swayback"}.items():
        assert (hips[column] == "yes").tolist() == truth[answer].tolist()
    for timepoint in ("post", "followup"):
        for test, measure in {"IR": "hip_ir", "SLR": "slr", "Ober angle": "ober"}.items():
            gain = hips[f"{test} {timepoint}"] - hips[f"{test} pre"]
            assert tenths(gain) == tenths(truth[f"{measure}_gain_deg_{timepoint}"])


@pytest.mark.parametrize(
    ("column", "measure", "sem"),
    [
        ("IR pre", "hip_ir_deg", 3.0),
        ("ER pre", "hip_er_deg", 3.0),
        ("SLR pre", "slr_deg", 3.5),
        ("Ober angle pre", "ober_deg", 2.3),
        ("Tilt", "pelvic_tilt_deg", 2.0),
    ],
)
def test_spread_of_the_readings_around_the_truth(cohort, column, measure, sem):
    error = (cohort.hips[column] - cohort.truth[measure])[~reads_coarsely(cohort.hips)]
    assert error.std() == pytest.approx(sem, rel=0.04)
    assert error.mean() == pytest.approx(0, abs=4 * sem / np.sqrt(len(error)))


def reads_coarsely(hips):
    """Rows of people all of whose angles are multiples of 5; by chance that happens to nobody."""
    angles = hips.filter(regex=r"^(IR|ER|SLR|Ober angle) (intake|pre|post|followup)$")
    return (angles % 5 == 0).all(axis=1).groupby(hips["Patient"]).transform("all")


def test_35_percent_of_people_are_read_to_the_nearest_5(cohort):
    coarse = reads_coarsely(cohort.hips)
    assert coarse.mean() == pytest.approx(0.35, abs=4 * np.sqrt(0.35 * 0.65 / PEOPLE))
    assert (cohort.hips.loc[~coarse, "SLR pre"] % 5 == 0).mean() == pytest.approx(0.02, abs=0.01)


def test_one_visit_in_ten_is_measured_otherwise_and_then_reads_otherwise(cohort):
    hips = cohort.hips
    other = (hips["Position pre"] != hips["Position post"]) | (hips["Device pre"] != hips["Device post"])
    assert other.mean() == pytest.approx(0.10, abs=4 * np.sqrt(0.09 / PEOPLE))
    error = hips["IR post"] - cohort.truth["hip_ir_deg"] - cohort.truth["hip_ir_gain_deg_post"]
    assert (error[other] ** 2).mean() - (error[~other] ** 2).mean() == pytest.approx(4.5**2, abs=4)


def test_a_clinic_has_one_position_and_device_at_baseline(cohort):
    by_clinic = cohort.hips.groupby("Clinic")[["Position pre", "Device pre"]].nunique()
    assert (by_clinic == 1).all(axis=None)


def test_three_to_six_raters_per_clinic(cohort):
    raters = cohort.hips.groupby("Clinic")["Rater pre"].nunique()
    assert raters.between(3, 6).all()
    assert all(rater.startswith(clinic) for clinic, rater in cohort.hips[["Clinic", "Rater pre"]].to_numpy())


def test_dates_come_in_order_on_working_days_over_two_years(cohort):
    dates = cohort.hips.filter(like="Date").apply(pd.to_datetime, format="%Y-%m-%d")
    assert (dates["Date intake"] < dates["Date pre"]).all()
    assert (dates["Date pre"] == dates["Date post"]).all()
    assert (dates["Date post"] < dates["Date followup"]).all()
    assert dates["Date pre"].min() == pd.Timestamp("2024-01-08")
    assert dates["Date pre"].max() == pd.Timestamp("2026-01-02")
    assert all((dates[column].dt.day_of_week < 5).all() for column in dates)
