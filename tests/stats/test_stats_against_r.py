"""The statistics against R: answers kept in tests/data/r, with the script that gave them."""

import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar

from analysis.stats.agreement import limits_of_agreement
from analysis.stats.ancova import ancova
from analysis.stats.clustered_pairs import durkalski
from analysis.stats.funnel import overdispersion
from analysis.stats.gee import gee_difference
from analysis.stats.heterogeneity import heterogeneity
from analysis.stats.important_change import important_change
from analysis.stats.interaction import side_by_group
from analysis.stats.intervals import t_quantile
from analysis.stats.labels import numbered
from analysis.stats.logistic import fit_logistic
from analysis.stats.means import mean_with_interval
from analysis.stats.mixed_model import fit_mixed_model
from analysis.stats.multiple import adjusted_p_values
from analysis.stats.observational import adjusted_differences
from analysis.stats.paired import PairedTable, mcnemar_exact
from analysis.stats.pooling import pool
from analysis.stats.proportions import cluster_sums, effective_hips
from analysis.stats.rate_by_clinic import clinic_means
from analysis.stats.rate_intervals import clopper_pearson
from analysis.stats.reliability import (
    icc_agreement,
    icc_consistency,
    mean_squares,
    reliability,
)
from analysis.stats.repeated_means import repeated_means
from analysis.stats.shrinkage import shrunk_rates

FOLDER = Path(__file__).parents[1] / "data" / "r"
R = json.loads((FOLDER / "answers.json").read_text(encoding="utf-8"))
HIPS = pd.read_csv(FOLDER / "hips.csv").assign(is_left=lambda hips: hips["side"] == "left")
ONE_HIP = HIPS.drop_duplicates("person")

# Shrout PE, Fleiss JL (1979). Psychol Bull 86:420-428, table 2: 6 targets, 4 judges.
SHROUT_FLEISS = np.array([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]])

# Deaths after heart surgery on babies in 12 hospitals: the surgical example of the BUGS manual, volume 1.
SURGICAL = ([0, 18, 8, 46, 8, 13, 9, 31, 14, 8, 29, 24], [47, 148, 119, 810, 211, 196, 148, 215, 207, 97, 256, 360])


def sums_of_people():
    people = HIPS.groupby("person")["responded"]
    return cluster_sums(people.sum().to_numpy(), people.size().to_numpy())


def test_the_clustered_variance_of_a_rate_is_that_of_survey():
    rate = HIPS["responded"].mean()
    assert rate == pytest.approx(R["survey_mean"]["rate"], abs=1e-12)
    assert math.sqrt(rate * (1 - rate) / effective_hips(sums_of_people())) == pytest.approx(R["survey_mean"]["se"])


def test_clopper_pearson_at_the_effective_sample_size_is_that_of_survey():
    assert clopper_pearson(sums_of_people()) == pytest.approx(R["survey_beta"], abs=1e-9)


def test_mcnemar():
    # Agresti A (2002). Categorical Data Analysis, 2nd ed., section 10.1: the two statistics to their printed digits.
    assert [round(R["mcnemar"][name], 3) for name in ("plain", "corrected")] == [17.356, 16.818]
    approval = PairedTable(794, 150, 86, 570)
    assert mcnemar_exact(approval) == pytest.approx(R["mcnemar"]["exact"], rel=1e-9)
    one_pair_each = durkalski([1] * 150 + [0] * 86 + [0] * 1364, [0] * 150 + [1] * 86 + [0] * 1364, [1] * 1600)
    assert one_pair_each.statistic == pytest.approx(R["mcnemar"]["plain"])
    assert mcnemar([[794, 150], [86, 570]], exact=False).statistic == pytest.approx(R["mcnemar"]["corrected"])


def test_the_gee_estimate_is_close_to_that_of_geepack():
    # geepack estimates scale and correlation with other divisors (no correction for the two rates).
    result = gee_difference(HIPS["responded"], HIPS["is_left"], HIPS["person"])
    assert math.log(result.odds_ratio) == pytest.approx(R["geepack"]["coefficients"][1], abs=5e-4)
    assert result.correlation == pytest.approx(R["geepack"]["correlation"], abs=0.01)


def test_clustered_by_clinic_it_is_the_cr3_of_clubsandwich_with_satterthwaite():
    result = gee_difference(
        ONE_HIP["responded"], ONE_HIP["is_left"], ONE_HIP["person"], clinic=ONE_HIP["clinic"].to_numpy()
    )
    assert result.clustered_by == "clinic"
    assert math.log(result.odds_ratio) == pytest.approx(R["by_clinic"]["log_odds"])
    half_width = float(t_quantile(0.95, R["by_clinic"]["log_odds_df"])) * R["by_clinic"]["log_odds_se"]
    assert math.log(result.odds_ratio_interval.high) == pytest.approx(R["by_clinic"]["log_odds"] + half_width)
    error, degrees = R["by_clinic"]["difference_se"], R["by_clinic"]["difference_df"]
    assert result.p_value == pytest.approx(2 * stats.t.sf(abs(result.difference) / error, degrees))
    half_width = float(t_quantile(0.95, degrees)) * error
    assert result.difference_interval.high == pytest.approx(result.difference + half_width)


def test_left_against_right_by_clinic_is_the_cr2_of_clubsandwich():
    sides = HIPS.pivot(index=["person", "clinic"], columns="side", values="responded").dropna().reset_index()
    apart, expected = sides["left"] - sides["right"], R["sides_by_clinic"]
    result = mean_with_interval(apart, sides["clinic"])
    assert result.mean == pytest.approx(expected["coefficients"])
    assert result.degrees_of_freedom == pytest.approx(expected["df"])
    assert result.p_value == pytest.approx(expected["p"])
    clinics = apart.groupby(sides["clinic"])
    found = clinic_means([clinics.sum()], [clinics.size()])
    assert math.sqrt(found.variance[0]) == pytest.approx(expected["se"])
    assert found.degrees_of_freedom[0] == pytest.approx(expected["df"])


def test_the_variance_of_a_rate_by_clinic_is_the_cr2_of_clubsandwich():
    clinics = HIPS.groupby("clinic")["responded"]
    found, expected = clinic_means([clinics.sum()], [clinics.size()]), R["rate_by_clinic"]
    assert found.mean[0] == pytest.approx(expected["coefficients"])
    assert math.sqrt(found.variance[0]) == pytest.approx(expected["se"])
    assert found.degrees_of_freedom[0] == pytest.approx(expected["df"])


def test_the_interaction_is_the_cr3_wald_test_of_clubsandwich():
    result = side_by_group(ONE_HIP["responded"], ONE_HIP["is_left"], ONE_HIP["type"], ONE_HIP["person"])
    first, second = result.groups
    assert second.difference - first.difference == pytest.approx(R["interaction"]["estimate"])
    assert result.f_statistic == pytest.approx((R["interaction"]["estimate"] / R["interaction"]["se"]) ** 2)
    assert result.degrees_of_freedom == (1, len(ONE_HIP) - 4)


@pytest.mark.parametrize("method", ["holm", "benjamini_hochberg"])
def test_adjusted_p_values(method):
    assert adjusted_p_values(R["adjust"]["p"], method) == pytest.approx(R["adjust"][method])


WHOSE = ("hip", "person", "clinic")


def same_as_clubsandwich(result, expected, column):
    """Whether a difference with its interval and p-value is CR2 with Satterthwaite's degrees of freedom."""
    half_width = float(t_quantile(0.95, expected["df"][column])) * expected["se"][column]
    estimate = expected["coefficients"][column]
    assert result.interval == pytest.approx((estimate - half_width, estimate + half_width))
    assert result.p_value == pytest.approx(expected["p"][column])
    return estimate


def test_ancova_is_the_cr2_of_clubsandwich():
    result = ancova(HIPS["before"], HIPS["after"], HIPS["matched"], HIPS["person"])
    assert result.difference == pytest.approx(same_as_clubsandwich(result, R["ancova_hips"], 1))
    assert result.baseline_slope == pytest.approx(R["ancova_hips"]["coefficients"][2])


def test_ancova_at_the_same_class_and_clinic_is_the_cr2_of_clubsandwich():
    clinic = HIPS["clinic"].to_numpy()
    levels = np.column_stack([HIPS["type"] == "T2", clinic[:, None] == np.unique(clinic)[1:]])
    result = ancova(HIPS["before"], HIPS["after"], HIPS["matched"], HIPS["person"], clinic, levels)
    assert result.difference == pytest.approx(same_as_clubsandwich(result, R["ancova_alike"], 1))


def test_ancova_of_the_bath_trial():
    bath = pd.read_csv(Path(__file__).parents[2] / "data" / "raw" / "bath-hips" / "hips.csv")
    result = ancova(bath["rbef"], bath["raft"], bath["grp"] == "treat", bath["person"])
    assert (result.n_hips, result.n_people) == (78, 39)
    assert result.difference == pytest.approx(same_as_clubsandwich(result, R["ancova_bath"], 1))


def test_limits_of_agreement_are_made_of_the_cr2_of_clubsandwich():
    found = limits_of_agreement(HIPS["before"], HIPS["after"], HIPS["person"], HIPS["clinic"])
    assert [found.bias, found.deviation, found.upper, *found.upper_interval] == pytest.approx(
        [R["agreement"][name] for name in ("bias", "deviation", "upper", "low", "high")], rel=1e-9
    )


@pytest.mark.parametrize("answer", ["repeated", "repeated_alike", "repeated_by_type"])
def test_means_of_all_visits_are_those_of_lme4_with_the_cr2_of_clubsandwich(answer):
    hips = HIPS.assign(hip=np.arange(1, len(HIPS) + 1))
    visits = pd.concat([hips.assign(visit=0, reading=hips["before"]), hips.assign(visit=1, reading=hips["after"])])
    visits = visits[(visits["visit"] == 0) | (visits["hip"] % 7 > 0)]
    if answer == "repeated_alike":  # clinics differ less than chance makes them: their component is 0
        visits["reading"] -= visits.groupby("clinic")["reading"].transform("mean")
    cell, apart = visits["visit"] + 2 * visits["is_left"], []
    if answer == "repeated_by_type":
        cell += 4 * (visits["type"] == "T2")
        # After the stretch the left less the right of the first type, and the gain of its left.
        apart = [np.eye(8)[3] - np.eye(8)[1], np.eye(8)[3] - np.eye(8)[2]]
    asked = np.vstack([np.eye(cell.max() + 1), *apart])
    found, expected = repeated_means(visits["reading"], cell, *(visits[n] for n in WHOSE), asked), R[answer]
    components = [found.deviations[level] ** 2 for level in ("hip", "person", "clinic", "reading")]
    assert components == pytest.approx(expected["components"], rel=1e-6, abs=1e-9)
    means, errors, freedom = (expected[name] + expected.get(more, []) for name, more in
                              (("coefficients", "apart"), ("se", "apart_se"), ("df", "apart_df")))  # fmt: skip
    assert [mean.value for mean in found.combinations] == pytest.approx(means, rel=1e-7)
    half = t_quantile(0.95, np.array(freedom)) * errors
    assert [mean.interval.high - mean.value for mean in found.combinations] == pytest.approx(half, rel=1e-6)
    levels = [visits[n].to_numpy() for n in WHOSE]
    fit = fit_mixed_model(
        visits["reading"].to_numpy(), np.eye(cell.max() + 1)[cell], [numbered(level) for level in levels]
    )
    assert fit.deviance == pytest.approx(expected["deviance"], abs=1e-7)


@pytest.mark.parametrize("cluster", ["person", "clinic"])
def test_a_mean_change_is_the_cr2_of_clubsandwich(cluster):
    answer = R[f"mean_change_by_{cluster}"]
    expected = {name: np.atleast_1d(value) for name, value in answer.items()}
    result = mean_with_interval(HIPS["after"] - HIPS["before"], HIPS[cluster])
    assert result.mean == pytest.approx(same_as_clubsandwich(result, expected, 0))


def test_the_source_note_of_the_bath_trial_is_right():
    # data/raw/bath-hips/SOURCE.md, change in rotation with a random intercept per person.
    mixed = R["bath_mixed"]
    assert np.round(mixed["coefficients"], 4).tolist() == [0.9583, 5.6343]
    assert np.round(mixed["se"], 4).tolist() == [1.5813, 1.9005]


def test_intraclass_correlations_are_those_of_psych():
    squares = mean_squares(SHROUT_FLEISS)
    ours = [of(squares, averaged) for averaged in (1, 4) for of in (icc_agreement, icc_consistency)]
    assert ours == pytest.approx([R["icc"]["icc"][place] for place in (1, 2, 4, 5)])
    result = reliability(SHROUT_FLEISS)
    assert result.icc_2_1_interval == pytest.approx((R["icc"]["low"][1], R["icc"]["high"][1]))
    assert result.icc_3_1_interval == pytest.approx((R["icc"]["low"][2], R["icc"]["high"][2]))


def test_the_error_of_a_reading_is_that_of_a_mixed_model():
    components = R["variance_components"]
    result = reliability(SHROUT_FLEISS)
    assert result.sem == pytest.approx(math.sqrt(components["rater"] + components["Residual"]), rel=1e-5)
    assert result.sem_consistency == pytest.approx(math.sqrt(components["Residual"]), rel=1e-5)


def test_standardised_weighted_and_doubly_robust_differences():
    result = adjusted_differences(HIPS["responded"], HIPS["matched"], HIPS[["before", "age"]], HIPS["person"])
    for name in ("standardised", "weighted", "doubly_robust"):
        assert result[name].difference == pytest.approx(R["observational"][name], abs=1e-8)
        error, degrees = R["observational_errors"][name]
        half = (result[name].interval.high - result[name].interval.low) / 2
        assert half == pytest.approx(float(t_quantile(0.95, degrees)) * error, rel=1e-6)


def test_logistic_regression():
    design = np.column_stack([np.ones(len(HIPS)), HIPS[["matched", "before", "age"]]])
    (fitted,), _ = fit_logistic(design, HIPS["responded"].to_numpy(dtype=float), np.ones((1, len(HIPS))))
    assert fitted == pytest.approx(R["observational"]["logistic"], abs=1e-7)


def test_the_arcsine_scale_is_that_of_metafor():
    result = overdispersion(*SURGICAL)
    y, v = (np.array(R["arcsine"][key]) for key in "yv")
    assert result.z == pytest.approx((y - math.asin(math.sqrt(208 / 2814))) / np.sqrt(v))


def test_whether_clinics_differ_is_told_as_metafor_does():
    result, expected = heterogeneity(*SURGICAL), R["heterogeneity"]
    assert (result.statistic, result.p_value) == pytest.approx((expected["q"], expected["p"]))
    assert (result.tau, *result.interval) == pytest.approx(
        [expected[name] for name in ("tau", "low", "high")], rel=1e-6
    )


def test_true_rates_of_clinics_are_those_of_an_integral_in_r():
    result = shrunk_rates([12, 18, 24, 30, 36, 42, 48], [60] * 7)
    for found, name in ((result.rates, "rates"), (result.low, "low"), (result.high, "high")):
        assert found == pytest.approx(R["true_rates"][name], rel=1e-7)


def test_rubins_rules_are_those_of_mice():
    pooled = pool([0.50, 0.54, 0.52, 0.47, 0.56], [0.004, 0.0042, 0.0041, 0.0039, 0.0043], complete_degrees=60)
    assert pooled.estimate == pytest.approx(R["rubin"]["qbar"])
    assert pooled.variance == pytest.approx(R["rubin"]["t"])
    assert pooled.degrees_of_freedom == pytest.approx(R["rubin"]["df"])


def test_the_important_change_is_that_of_glm_and_its_intervals_those_of_boot():
    """R drew 20,000 samples of clinics; 2,000 of ours end within .1° of them."""
    gain, expected = HIPS["after"] - HIPS["before"], R["important_change"]
    said = gain + HIPS["person"] % 7 - 3
    rating = 1 + (said >= 4).astype(int) + (said >= 8).astype(int)
    # R's are plain percentiles: the level at which ours, moved outwards for few clinics, are the same.
    n = HIPS["clinic"].nunique()
    plain = 2 * float(stats.t.cdf(1.96 * ((n - 1) / n) ** 0.5, n - 1)) - 1
    clinic = HIPS["clinic"].to_numpy()
    found = important_change(gain, rating, 2, HIPS["person"], clinic, resamples=2_000, confidence=plain)
    assert found.clustered_by == "clinic"
    assert found.correlation == pytest.approx(expected["correlation"])
    assert [found.roc, found.mean, found.predicted] == pytest.approx(expected["answers"])
    intervals = (found.roc_interval, found.mean_interval, found.predicted_interval)
    assert [end.low for end in intervals] == pytest.approx(expected["low"], abs=0.1)
    assert [end.high for end in intervals] == pytest.approx(expected["high"], abs=0.1)
