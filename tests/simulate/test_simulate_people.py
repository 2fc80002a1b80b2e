"""The true hips have the shares, means and correlations of the design, within Monte Carlo error."""

import numpy as np
import pytest

from analysis.simulate import CohortParameters, simulate
from analysis.simulate.people import draw_clinics

PEOPLE = 20_000


@pytest.fixture(scope="module")
def cohort():
    return simulate(PEOPLE, seed=20)


@pytest.fixture(scope="module")
def sides(cohort):
    """Left and right rows of the truth, person by person."""
    truth = cohort.truth.reset_index(drop=True)
    return truth[truth["Side"] == "L"].reset_index(drop=True), truth[truth["Side"] == "R"].reset_index(drop=True)


@pytest.mark.parametrize(("phenotype", "share"), [("T1", 0.60), ("T2", 0.18), ("severe", 0.06), ("none", 0.16)])
def test_shares_of_the_phenotypes_on_each_side(sides, phenotype, share):
    error = 4 * np.sqrt(share * (1 - share) / PEOPLE)
    for side in sides:
        assert (side["phenotype"] == phenotype).mean() == pytest.approx(share, abs=error)


def test_both_hips_are_of_one_kind_in_85_percent(sides):
    left, right = sides
    same = (left["phenotype"] == right["phenotype"]).mean()
    assert same == pytest.approx(0.85, abs=4 * np.sqrt(0.85 * 0.15 / PEOPLE))


# The Ober mean follows from the formula: 21 + .35 (IR - 22) - .25 (tilt - 8).
@pytest.mark.parametrize(
    ("phenotype", "ir", "er", "slr", "tilt", "ober"),
    [
        ("T1", 21, 44, 66, 13, 19.40),
        ("T2", 15, 40, 42, -4, 21.55),
        ("severe", 6, 45, 58, 9, 15.15),
        ("none", 30, 38, 68, 5, 24.55),
    ],
)
def test_means_of_the_phenotypes(cohort, phenotype, ir, er, slr, tilt, ober):
    hips = cohort.truth[cohort.truth["phenotype"] == phenotype]
    expected = {"hip_ir_deg": ir, "hip_er_deg": er, "slr_deg": slr, "pelvic_tilt_deg": tilt, "ober_deg": ober}
    for measure, mean in expected.items():
        # Two hips of one person count at worst as one; cutting ages at 18 and 75 moves mean IR by under 0.1.
        error = 4 * hips[measure].std() / np.sqrt(len(hips) / 2) + 0.1
        assert hips[measure].mean() == pytest.approx(mean, abs=error), measure


def residuals(cohort, side, measure):
    """Deviation from the mean of phenotype, sex and age: what `sd` and `left_right` speak of."""
    women = (cohort.hips["Sex"] == "F").to_numpy()[::2]
    age = cohort.hips["Age"].to_numpy()[::2]
    kinds = [(side["phenotype"] == kind).to_numpy() for kind in ("T1", "T2", "severe", "none")]
    design = np.column_stack([*kinds, women, age]).astype(float)
    values = side[measure].to_numpy()
    coefficients = np.linalg.lstsq(design, values, rcond=None)[0]
    return values - design @ coefficients, coefficients[-2:]


@pytest.mark.parametrize(
    ("measure", "sd", "correlation"),
    [
        ("hip_ir_deg", 6, 0.7),
        ("hip_er_deg", 6, 0.6),
        ("slr_deg", 8, 0.85),
        ("pelvic_tilt_deg", 3.5, 0.9),
    ],
)
def test_spread_and_left_right_correlation(cohort, sides, measure, sd, correlation):
    left, right = (residuals(cohort, side, measure)[0] for side in sides)
    assert left.std() == pytest.approx(sd, rel=0.02)
    assert right.std() == pytest.approx(sd, rel=0.02)
    error = 4 * (1 - correlation**2) / np.sqrt(PEOPLE)
    assert np.corrcoef(left, right)[0, 1] == pytest.approx(correlation, abs=error)


def test_er_falls_with_ir(cohort, sides):
    ir, er = (residuals(cohort, sides[0], measure)[0] for measure in ("hip_ir_deg", "hip_er_deg"))
    assert np.polyfit(ir, er, 1)[0] == pytest.approx(-0.4, abs=4 * 5.5 / 6 / np.sqrt(PEOPLE))


def test_women_have_more_range_and_age_costs_internal_rotation(cohort, sides):
    _, (women_ir, ir_per_year) = residuals(cohort, sides[0], "hip_ir_deg")
    _, (women_slr, slr_per_year) = residuals(cohort, sides[0], "slr_deg")
    assert women_ir == pytest.approx(2, abs=0.35)
    assert women_slr == pytest.approx(6, abs=0.5)
    assert ir_per_year == pytest.approx(-0.10, abs=0.015)
    assert slr_per_year == pytest.approx(0, abs=0.02)


@pytest.mark.parametrize("left", [-3, 0, -6])
def test_left_hips_are_lower_by_the_shift_asked_for(left):
    truth = simulate(5_000, seed=3, parameters=CohortParameters(left_ir_deg=left)).truth
    ir = truth["hip_ir_deg"].to_numpy().reshape(-1, 2)
    difference = ir[:, 0] - ir[:, 1]
    assert difference.mean() == pytest.approx(left, abs=4 * difference.std() / np.sqrt(5_000))


def test_sex_and_age(cohort):
    people = cohort.hips.iloc[::2]
    assert (people["Sex"] == "F").mean() == pytest.approx(0.58, abs=0.014)
    assert people["Age"].min() >= 18
    assert people["Age"].max() <= 75
    assert people["Age"].mean() == pytest.approx(40.4, abs=0.5)


def test_who_cannot_feel_the_stretch(cohort):
    cannot = ~cohort.truth["feels_stretch"]
    severe = cohort.truth["phenotype"] == "severe"
    assert cannot[severe].mean() == pytest.approx(0.75, abs=0.04)
    assert cannot[~severe].mean() == pytest.approx(0.05, abs=0.006)


@pytest.mark.parametrize("patients", [1, 5, 11, 12, 13, 100, 1700])
def test_clinic_sizes_add_up_to_the_patients(patients):
    clinics = draw_clinics(patients, CohortParameters(), np.random.default_rng(4))
    assert clinics.size.sum() == patients
    assert clinics.size.min() >= (1 if patients >= 12 else 0)


def test_clinic_sizes_keep_their_proportions():
    small, large = (
        draw_clinics(patients, CohortParameters(), np.random.default_rng(4)).size for patients in (1_000, 100_000)
    )
    assert small == pytest.approx(large / 100, abs=2)
    assert large.max() / large.min() <= 250 / 30 + 0.1
