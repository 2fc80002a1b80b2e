import math

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats

from analysis.stats.gee import gee_difference


def cohort(n_clinics, seed, share_both=0.7):
    """Outcome, side, person and clinic; people of a clinic, and hips of a person, are alike."""
    rng = np.random.default_rng(seed)
    hips, person = [], 0
    for clinic in range(n_clinics):
        of_clinic = rng.normal()
        for _ in range(rng.integers(3, 9)):
            person += 1
            tendency = of_clinic + rng.normal()
            sides = (1, 0) if rng.random() < share_both else (rng.integers(2),)
            hips += [(tendency + rng.normal() > 0.4 * side, side, person, clinic) for side in sides]
    return tuple(np.array(column, dtype=int) for column in zip(*hips, strict=True))


def test_its_covariance_is_that_of_mancl_and_derouen_written_out():
    outcome, left, person, clinic = cohort(12, seed=3)
    result = gee_difference(outcome, left, person, clinic=clinic)
    assert (result.reason, result.clustered_by) == ("", "clinic")
    # The same with whole matrices, at the rates that solve the equation for that correlation.
    alpha = result.correlation
    rates = _solve(outcome, left, person, alpha)
    assert rates[0] - rates[1] == pytest.approx(result.difference, abs=1e-8)
    design = np.column_stack([left == 1, left == 0]).astype(float)
    mu = design @ rates
    bread, pieces = np.zeros((2, 2)), []
    for name in np.unique(clinic):
        at = clinic == name
        same = person[at][:, None] == person[at][None, :]
        working = np.where(same, alpha, 0.0)
        np.fill_diagonal(working, 1)
        sd = np.sqrt(mu[at] * (1 - mu[at]))
        inverse = np.linalg.inv(working * np.outer(sd, sd))
        bread += design[at].T @ inverse @ design[at]
        pieces.append((design[at], inverse, outcome[at] - mu[at]))
    model = np.linalg.inv(bread)
    meat = np.zeros((2, 2))
    for d, inverse, residual in pieces:
        leverage = d @ model @ d.T @ inverse
        score = d.T @ inverse @ np.linalg.solve(np.eye(len(residual)) - leverage, residual)
        meat += np.outer(score, score)
    covariance = model @ meat @ model
    se = math.sqrt(covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1])
    half_width = stats.t.ppf(0.975, 12 - 2) * se
    expected = (result.difference - half_width, result.difference + half_width)
    assert result.difference_interval == pytest.approx(expected, abs=1e-8)


def _solve(outcome, left, person, alpha):
    design = np.column_stack([left == 1, left == 0]).astype(float)
    rates = np.array([outcome[left == 1].mean(), outcome[left == 0].mean()])
    for _ in range(50):
        mu, bread, score = design @ rates, np.zeros((2, 2)), np.zeros(2)
        for name in np.unique(person):
            at = person == name
            sd = np.sqrt(mu[at] * (1 - mu[at]))
            working = np.full((at.sum(), at.sum()), alpha)
            np.fill_diagonal(working, 1)
            weight = design[at].T @ np.linalg.inv(working * np.outer(sd, sd))
            bread += weight @ design[at]
            score += weight @ (outcome[at] - mu[at])
        rates = rates + np.linalg.solve(bread, score)
    return rates


def test_without_pairs_it_is_statsmodels_with_independence():
    outcome, left, person, clinic = cohort(15, seed=5, share_both=0)
    result = gee_difference(outcome, left, person, clinic=clinic)
    model = sm.GEE(outcome, sm.add_constant(left), groups=clinic, family=sm.families.Binomial())
    fitted = model.fit(cov_type="bias_reduced")
    t = stats.t.ppf(0.975, 15 - 2)
    assert math.log(result.odds_ratio) == pytest.approx(fitted.params[1], abs=1e-7)
    assert math.log(result.odds_ratio_interval.low) == pytest.approx(fitted.params[1] - t * fitted.bse[1], abs=1e-6)
    assert result.p_value == pytest.approx(2 * stats.t.sf(abs(fitted.params[1] / fitted.bse[1]), 13), rel=1e-5)


def test_ten_clinics_are_enough_to_cluster_by():
    outcome, left, person, clinic = cohort(10, seed=2)
    assert gee_difference(outcome, left, person, clinic=clinic).clustered_by == "clinic"


def test_nine_clinics_are_too_few_to_cluster_by():
    outcome, left, person, clinic = cohort(9, seed=2)
    result = gee_difference(outcome, left, person, clinic=clinic)
    assert result.clustered_by == "person"
    assert result == gee_difference(outcome, left, person)


def test_a_person_seen_in_two_clinics_leaves_people_as_clusters():
    outcome, left, person, clinic = cohort(12, seed=3)
    moved = clinic.copy()
    moved[np.flatnonzero(person == person[0])[-1:]] = 11
    assert np.sum(person == person[0]) == 2
    assert gee_difference(outcome, left, person, clinic=moved).clustered_by == "person"


@pytest.mark.parametrize("missing", [None, math.nan])
def test_a_missing_clinic_leaves_people_as_clusters(missing):
    outcome, left, person, clinic = cohort(12, seed=3)
    names = np.array([f"clinic {number}" for number in clinic], dtype=object)
    assert gee_difference(outcome, left, person, clinic=names).clustered_by == "clinic"
    names[4] = missing
    assert gee_difference(outcome, left, person, clinic=names).clustered_by == "person"


def test_a_side_seen_in_one_clinic_only_is_not_estimable():
    outcome, left, person, clinic = cohort(12, seed=3, share_both=0)
    left = (clinic == 4).astype(int)
    outcome[np.flatnonzero(left)[:2]] = 0, 1
    result = gee_difference(outcome, left, person, clinic=clinic)
    assert result.reason == "only one clinic has left hips"
    assert math.isnan(result.p_value)


def test_clinics_of_other_hips_are_refused():
    with pytest.raises(ValueError, match="need one clinic per hip"):
        gee_difference([1, 0, 1], [1, 0, 1], [1, 1, 2], clinic=[1, 1])
