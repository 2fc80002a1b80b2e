import math

import numpy as np
import pytest
from scipy import stats

from analysis.stats.imputation import imputed_rate, pool
from analysis.stats.proportions import cluster_sums, clustered_wilson, effective_hips


def cohort(n_people, seed, share_missing=0.25):
    """Both hips of people; those that start low respond less and are missing more."""
    rng = np.random.default_rng(seed)
    person = np.repeat(np.arange(n_people), 2)
    start = np.repeat(rng.normal(size=n_people), 2)
    likeness = np.repeat(rng.normal(size=n_people), 2)
    outcome = (start + likeness + rng.normal(size=2 * n_people) > 0).astype(float)
    gone = rng.random(2 * n_people) < share_missing * 2 / (1 + np.exp(1.5 * start))
    return outcome, np.where(gone, math.nan, outcome), start[:, None], person


def test_rubins_rules_by_hand():
    # Estimates .50, .54, .52: variance .0004 between, 4/3 of it added to .004 within.
    pooled = pool([0.50, 0.54, 0.52], [0.004] * 3, complete_degrees=60)
    assert pooled.estimate == pytest.approx(0.52)
    assert pooled.variance == pytest.approx(0.004 + 4 / 3 * 0.0004)
    share = (4 / 3 * 0.0004) / pooled.variance
    assert pooled.missing_share == pytest.approx(share)
    observed, imputed = 61 / 63 * 60 * (1 - share), 2 / share**2
    assert pooled.degrees_of_freedom == pytest.approx(1 / (1 / observed + 1 / imputed))


def test_estimates_that_agree_leave_nothing_to_the_missing():
    pooled = pool([0.5, 0.5], [0.004, 0.004], complete_degrees=60)
    assert (pooled.variance, pooled.missing_share) == (0.004, 0)
    assert pooled.degrees_of_freedom == pytest.approx(61 / 63 * 60)


def test_nothing_missing_is_the_default_interval():
    outcome, _, start, person = cohort(20, seed=1)
    result = imputed_rate(outcome, start, person)
    counts = np.bincount(person, outcome).astype(int)
    assert result.rate == outcome.mean()
    assert result.interval == clustered_wilson(counts, np.bincount(person))
    assert (result.n_missing, result.missing_share) == (0, 0)


def test_it_undoes_a_loss_that_the_covariate_explains():
    whole, seen, start, person = cohort(3000, seed=2)
    result = imputed_rate(seen, start, person, imputations=10)
    assert np.nanmean(seen) - whole.mean() > 0.03
    assert result.rate == pytest.approx(whole.mean(), abs=0.015)


def test_delta_runs_from_none_to_all_of_the_missing():
    _, seen, start, person = cohort(80, seed=3)
    responders, missing = np.nansum(seen), np.isnan(seen).sum()
    rates = [imputed_rate(seen, start, person, delta).rate for delta in (-60, -1, 0, 1, 60)]
    assert rates == sorted(rates)
    assert rates[0] == pytest.approx(responders / 160)
    assert rates[-1] == pytest.approx((responders + missing) / 160)


def test_the_interval_where_every_imputation_is_the_same():
    # With delta far below 0 all missing hips are non-responders: Wilson's interval at the effective number
    # of hips, with Barnard and Rubin's degrees of freedom (G + 1)/(G + 3)·G for G = 79 of 80 people.
    _, seen, start, person = cohort(80, seed=3)
    sums = cluster_sums(np.bincount(person, np.nan_to_num(seen)).astype(int), np.bincount(person))
    rate, n = np.nansum(seen) / 160, float(effective_hips(sums))
    t = stats.t.ppf(0.975, 80 / 82 * 79)
    half_width = t * math.sqrt(rate * (1 - rate) / n + t**2 / (4 * n**2)) / (1 + t**2 / n)
    centre = (rate + t**2 / (2 * n)) / (1 + t**2 / n)
    expected = (centre - half_width, centre + half_width)
    assert imputed_rate(seen, start, person, delta=-60).interval == pytest.approx(expected, rel=1e-9)


def test_missing_outcomes_widen_the_interval():
    whole, seen, start, person = cohort(60, seed=4)
    all_known, imputed = imputed_rate(whole, start, person), imputed_rate(seen, start, person)
    assert np.diff(imputed.interval) > np.diff(all_known.interval)
    assert 0 < imputed.missing_share < 1
    assert imputed.interval.low < imputed.rate < imputed.interval.high


def test_a_missing_hip_is_like_the_other_hip_of_its_person():
    # All pairs agree; every left hip is known, half of the right hips are not.
    rng = np.random.default_rng(5)
    person = np.repeat(np.arange(200), 2)
    outcome = np.repeat(rng.integers(0, 2, 200), 2).astype(float)
    outcome[1::8] = 1 - outcome[1::8]  # a quarter disagree, so that the model is finite
    seen = outcome.copy()
    seen[1::4] = math.nan
    start = rng.normal(size=(400, 1))
    with_likeness = imputed_rate(seen, start, person)
    unrelated = imputed_rate(seen, start, rng.permutation(400))
    assert with_likeness.missing_share < unrelated.missing_share


def test_coverage_with_a_quarter_missing():
    # 400 cohorts of 40 people: the standard error of a coverage of .95 is .011.
    truth, covered = 0.5, 0
    for seed in range(400):
        _, seen, start, person = cohort(40, seed)
        low, high = imputed_rate(seen, start, person, imputations=10, seed=seed).interval
        covered += low <= truth <= high
    assert covered / 400 >= 0.93


def test_the_seed_decides():
    _, seen, start, person = cohort(40, seed=6)
    assert imputed_rate(seen, start, person, seed=1) == imputed_rate(seen, start, person, seed=1)
    assert imputed_rate(seen, start, person, seed=1) != imputed_rate(seen, start, person, seed=2)


@pytest.mark.parametrize(
    ("outcome", "reason"),
    [
        ([], "do not show both outcomes"),
        ([math.nan] * 4, "do not show both outcomes"),
        ([1, 1, 1, math.nan], "do not show both outcomes"),
    ],
)
def test_what_cannot_be_estimated_says_why(outcome, reason):
    result = imputed_rate(outcome, np.arange(len(outcome))[:, None], range(len(outcome)))
    assert reason in result.reason
    assert math.isnan(result.rate)
    assert math.isnan(result.interval.low)


def test_faulty_input_is_refused():
    with pytest.raises(ValueError, match="outcome must be 0, 1 or NaN, and no covariate may be NaN"):
        imputed_rate([1, 0], [[1], [math.nan]], [1, 2])
    with pytest.raises(ValueError, match="one column per covariate"):
        imputed_rate([1, 0], [1, 2], [1, 2])
    with pytest.raises(ValueError, match="2 imputations or more"):
        imputed_rate([1, 0], [[1], [2]], [1, 2], imputations=1)
    with pytest.raises(ValueError, match="2 or more estimates"):
        pool([0.5], [0.1], 10)
