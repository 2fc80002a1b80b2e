"""The stretch given, and what the hips truly gain from it."""

import pandas as pd
import pytest

from analysis.simulate import CohortParameters, simulate

PEOPLE = 20_000
NO_CHANGE_OVER_TIME = CohortParameters(step_ir_gain_deg=0, drift_ir_gain_deg=0, clinic_ir_gain_sd=0)


@pytest.fixture(scope="module")
def hips():
    cohort = simulate(PEOPLE, seed=7, parameters=NO_CHANGE_OVER_TIME)
    return pd.concat([cohort.hips.drop(columns=["Patient", "Side"]), cohort.truth], axis=1)


def test_matched_means_the_stretch_of_the_true_class(hips):
    called_for = {"T1": ["T1"], "T2": ["T2"], "T3": ["T3S", "T3M"]}
    for stretch_type, stretches in called_for.items():
        of_type = hips[hips["stretch_type"] == stretch_type]
        assert (of_type["matched"] == of_type["Stretch"].isin(stretches)).all()
    assert hips.loc[~hips["stretch_type"].isin(list(called_for)), "matched"].isna().all()


def test_seventy_percent_are_matched_and_fewer_when_ir_is_low(hips):
    called = hips[hips["matched"].notna()]
    assert called["matched"].mean() == pytest.approx(0.70, abs=0.012)
    low = called["hip_ir_deg"] < 10
    assert called.loc[low, "matched"].mean() < called.loc[~low, "matched"].mean() - 0.05


@pytest.mark.parametrize(("phenotype", "gain"), [("T1", 8), ("T2", 7), ("severe", 5), ("none", 4)])
def test_true_ir_gain_after_a_matched_stretch(hips, phenotype, gain):
    gains = hips.loc[hips["matched"].fillna(False) & (hips["phenotype"] == phenotype), "hip_ir_gain_deg_post"]
    assert gains.mean() == pytest.approx(gain, abs=4 * gains.sem())
    assert gains.std() == pytest.approx(3, abs=0.3)


def test_true_gains_otherwise(hips):
    mismatched = hips[~hips["matched"].fillna(True)]
    assert mismatched["hip_ir_gain_deg_post"].mean() == pytest.approx(2, abs=0.15)
    assert mismatched["slr_gain_deg_post"].mean() == pytest.approx(3, abs=0.25)
    assert hips.loc[hips["matched"].fillna(False), "slr_gain_deg_post"].mean() == pytest.approx(9, abs=0.15)
    uncalled = hips[hips["matched"].isna()]
    none = uncalled["Stretch"] == "none"
    assert none.mean() == pytest.approx(0.60, abs=0.02)
    assert uncalled.loc[none, "hip_ir_gain_deg_post"].mean() == pytest.approx(0, abs=0.2)
    assert uncalled.loc[~none, "hip_ir_gain_deg_post"].mean() == pytest.approx(4, abs=0.25)


def test_ober_gains_six_tenths_of_the_ir_gain(hips):
    rest = hips["ober_gain_deg_post"] - 0.6 * hips["hip_ir_gain_deg_post"]
    assert rest.mean() == pytest.approx(0, abs=0.05)
    assert rest.std() == pytest.approx(2, abs=0.04)


def test_more_of_the_gain_is_left_after_the_own_it_drill(hips):
    stretched = hips[hips["Stretch"] != "none"]
    sums = stretched.groupby("Own it drill")[["hip_ir_gain_deg_followup", "hip_ir_gain_deg_post"]].sum()
    retained = sums["hip_ir_gain_deg_followup"] / sums["hip_ir_gain_deg_post"]
    assert retained["yes"] == pytest.approx(0.8, abs=0.005)
    assert retained["no"] == pytest.approx(0.5, abs=0.005)


def test_what_is_written_beside_the_stretch(hips):
    assert hips["Supervised"].notna().equals(hips["Stretch"] == "T3M")
    assert hips["Pain"].isna().equals(hips["Stretch"] == "none")
    assert hips["Own it drill"].isna().equals(hips["Stretch"] == "none")
    pain = hips["Pain"].dropna()
    assert pain.between(0, 10).all()
    assert (pain > 0).mean() == pytest.approx(0.12, abs=0.01)


def test_null_means_that_no_hip_gains_anything_and_nothing_else_changes():
    real = simulate(300, seed=8).truth
    null = simulate(300, seed=8, parameters=CohortParameters(null=True)).truth
    gains = [column for column in null if "_gain_deg_" in column]
    assert len(gains) == 6
    assert (null[gains] == 0).all(axis=None)
    assert (real[gains] != 0).any(axis=None)
    pd.testing.assert_frame_equal(null.drop(columns=gains), real.drop(columns=gains))


def test_the_largest_clinic_takes_a_step_and_the_second_drifts():
    steady = simulate(4_000, seed=9, parameters=NO_CHANGE_OVER_TIME)
    parameters = CohortParameters(clinic_ir_gain_sd=0, step_ir_gain_deg=-4, drift_ir_gain_deg=-2)
    changing = simulate(4_000, seed=9, parameters=parameters)
    change = changing.truth["hip_ir_gain_deg_post"] - steady.truth["hip_ir_gain_deg_post"]
    stretched = changing.hips["Stretch"] != "none"
    day = pd.to_datetime(changing.hips["Date pre"])
    largest, second, *others = changing.hips["Clinic"].value_counts().index

    in_largest = stretched & (changing.hips["Clinic"] == largest)
    assert change[in_largest & (day < "2025-01-01")].round(1).eq(0).all()
    assert change[in_largest & (day > "2025-01-10")].round(1).eq(-4).all()
    in_second = stretched & (changing.hips["Clinic"] == second)
    assert change[in_second & (day < "2024-02-01")].between(-0.2, 0).all()
    assert change[in_second & (day > "2025-12-01")].between(-2.1, -1.8).all()
    assert change[changing.hips["Clinic"].isin(others) | ~stretched].round(1).eq(0).all()
