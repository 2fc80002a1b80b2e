"""Missing visits and tests, and gross errors: as many as asked for, and each recorded in the truth."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.protocol import builtin
from analysis.simulate import CohortParameters, simulate
from analysis.simulate.faults import _mistype
from analysis.simulate.visits import LIMITS

PEOPLE = 10_000


@pytest.fixture(scope="module")
def cohort():
    return simulate(PEOPLE, seed=10, parameters=CohortParameters(gross_error_share=0))


def test_a_missing_followup_blanks_the_whole_visit_of_both_hips(cohort):
    blank = cohort.hips.filter(regex="followup$").isna()
    assert blank.nunique(axis=1).eq(1).all()
    assert blank["Date followup"].groupby(cohort.hips["Patient"]).nunique().eq(1).all()
    assert blank["Date followup"].mean() == pytest.approx(0.18, abs=4 * np.sqrt(0.18 * 0.82 / PEOPLE))


def test_more_stay_away_after_pain_and_after_a_mismatch(cohort):
    people = pd.DataFrame(
        {
            "away": cohort.hips["Date followup"].isna(),
            "hurt": cohort.hips["Pain"] > 0,
            "mismatched": ~cohort.truth["matched"].fillna(True),
        }
    )
    people = people.groupby(cohort.hips["Patient"]).any()
    for reason in ("hurt", "mismatched"):
        away = people.groupby(reason)["away"].mean()
        assert away[True] > away[False] + 0.03


def test_three_percent_of_the_tests_after_the_stretch_are_missing(cohort):
    hips = cohort.hips
    for column in ("IR post", "SLR post", "Ober post"):
        assert hips[column].isna().mean() == pytest.approx(0.03, abs=4 * np.sqrt(0.03 * 0.97 / len(hips)))
    assert hips["Ober post"].isna().equals(hips["Ober angle post"].isna())
    assert hips["Date post"].notna().all()
    assert hips.filter(regex=" (intake|pre)$").notna().all(axis=None)


def test_gross_errors_are_where_the_truth_says_and_nowhere_else():
    clean = simulate(4_000, seed=11, parameters=CohortParameters(gross_error_share=0))
    dirty = simulate(4_000, seed=11, parameters=CohortParameters(gross_error_share=0.06))
    kind = dirty.truth["gross_error"]
    assert kind.notna().mean() == pytest.approx(0.06, abs=0.012)
    assert set(kind.dropna()) == {"side", "unit", "sign"}
    assert clean.truth["gross_error"].isna().all()

    same = (clean.hips == dirty.hips) | (clean.hips.isna() & dirty.hips.isna())
    assert (~same).any(axis=1).equals(kind.notna())

    suffix = dirty.truth["gross_error_at"].map({"baseline": "pre"}).fillna(dirty.truth["gross_error_at"])
    other_row = clean.hips.iloc[np.arange(len(clean.hips)) ^ 1]
    for row in np.flatnonzero(kind.notna()):
        column = f"SLR {suffix[row]}" if kind[row] != "sign" else f"IR {suffix[row]}"
        before, after = clean.hips.loc[row, column], dirty.hips.loc[row, column]
        expected = {
            "side": other_row[column].iloc[row],
            "unit": round(np.radians(before), 2),
            "sign": -abs(before),
        }[kind[row]]
        assert after == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize("reading", [-45.0, 44.9, 45.0])
def test_a_wrong_sign_gives_no_reading_that_the_form_refuses(reading):
    angle, sign = np.array([[reading, 60.0]]), np.array([["sign", "sign"]])
    assert _mistype("hip_ir_deg", angle, sign).tolist() == [[-abs(reading), 60.0]]


def test_what_no_hip_reads_is_never_simulated():
    limits = {name: measure.possible for name, measure in builtin().measures.items() if name in LIMITS}
    assert limits == LIMITS
    far = replace(CohortParameters(), slr_sem=400.0, gross_error_share=0.0)
    read = simulate(50, seed=1, parameters=far).hips.filter(regex="SLR").to_numpy()
    assert (np.nanmin(read), np.nanmax(read)) == (0, 150)


def test_a_swap_takes_both_rows():
    truth = simulate(4_000, seed=11, parameters=CohortParameters(gross_error_share=0.06)).truth
    swapped = (truth["gross_error"] == "side").to_numpy().reshape(-1, 2)
    assert swapped.any()
    assert (swapped[:, 0] == swapped[:, 1]).all()
