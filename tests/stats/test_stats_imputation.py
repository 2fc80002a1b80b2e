import math

import numpy as np
import pytest
from scipy import stats

from analysis.stats.imputation import imputed_rates
from analysis.stats.proportions import cluster_sums, clustered_wilson, effective_hips
from analysis.stats.rate_by_clinic import clinic_wilson, clinic_worth


def cohort(n_people, seed, share_missing=0.25):
    """Both hips of people; those that start low respond less and are missing more."""
    rng = np.random.default_rng(seed)
    person = np.repeat(np.arange(n_people), 2)
    start = np.repeat(rng.normal(size=n_people), 2)
    likeness = np.repeat(rng.normal(size=n_people), 2)
    outcome = (start + likeness + rng.normal(size=2 * n_people) > 0).astype(float)
    gone = rng.random(2 * n_people) < share_missing * 2 / (1 + np.exp(1.5 * start))
    return outcome, np.where(gone, math.nan, outcome), start[:, None], person


def one_rate(*given, **more):
    """The rate of all hips together, under one tilt."""
    found = imputed_rates(*given, **more)
    return found._replace(**{name: value.item() for name, value in found._asdict().items() if name != "reason"})


def test_nothing_missing_is_the_default_interval():
    outcome, _, start, person = cohort(20, seed=1)
    result = one_rate(outcome, start, person)
    counts = np.bincount(person, outcome).astype(int)
    assert result.rate == outcome.mean()
    assert (result.low, result.high) == clustered_wilson(counts, np.bincount(person))
    assert (result.missing_share, result.people_with, result.reason) == (0, (counts > 0).sum(), "")


def test_it_undoes_a_loss_that_the_covariate_explains():
    whole, seen, start, person = cohort(3000, seed=2)
    result = one_rate(seen, start, person, imputations=10)
    assert np.nanmean(seen) - whole.mean() > 0.03
    assert result.rate == pytest.approx(whole.mean(), abs=0.015)


def test_tilts_run_from_none_to_all_of_the_missing():
    _, seen, start, person = cohort(80, seed=3)
    responders, missing = np.nansum(seen), np.isnan(seen).sum()
    (rates,) = imputed_rates(seen, start, person, [-60, -1, 0, 1, 60]).rate
    assert sorted(rates) == rates.tolist()
    assert rates[0] == pytest.approx(responders / 160)
    assert rates[-1] == pytest.approx((responders + missing) / 160)


def test_a_tilt_is_the_same_asked_for_alone_or_among_others():
    _, seen, start, person = cohort(40, seed=3)
    among = imputed_rates(seen, start, person, [-1, 0.5, 2])
    assert one_rate(seen, start, person, [0.5])[:5] == tuple(part[0, 1] for part in among[:5])


def test_groups_share_one_regression_and_add_up_to_the_whole():
    _, seen, start, person = cohort(40, seed=3)
    side = np.tile([0, 1], 40)
    parts, whole = (imputed_rates(seen, start, person, [-1, 1], group) for group in (side, None))
    assert parts.rate.mean(axis=0) == pytest.approx(whole.rate[0])
    assert parts.rate.shape == (2, 2)


def test_a_group_without_missing_outcomes_is_as_it_is_whatever_happens_to_others():
    seen = np.array([1.0, 0, 1, 1, math.nan, 0, 1, 0])
    found = imputed_rates(seen, np.arange(8.0)[:, None], range(8), [-3, 3], [0, 0, 0, 0, 1, 1, 1, 1])
    assert found.rate[0].tolist() == [0.75, 0.75]
    assert (found.low[0, 0], found.high[0, 0]) == clustered_wilson([1, 0, 1, 1], [1] * 4)
    assert found.rate[1, 0] < found.rate[1, 1]
    known = imputed_rates([1.0, 1, math.nan], np.arange(3.0)[:, None], range(3), [0], [0, 0, 1])
    assert known.rate[0].tolist() == [1]
    assert np.isnan(known.rate[1]).all()


def test_people_with_a_responder_are_counted_over_the_imputations():
    # Of both hips of four people one answer is missing; with it no one, or everyone, has a responder.
    seen = np.array([0, math.nan, 0, 0, 1, 0, 1, 1])
    person = np.repeat(np.arange(4), 2)
    found = imputed_rates(seen, np.arange(8.0)[:, None], person, [-60, 60])
    assert found.people_with.tolist() == [[2, 3]]


def test_the_interval_where_every_imputation_is_the_same():
    # With a tilt far below 0 all missing hips are non-responders: Wilson's interval at the effective number
    # of hips, with Barnard and Rubin's degrees of freedom (G + 1)/(G + 3)·G for G = 79 of 80 people.
    _, seen, start, person = cohort(80, seed=3)
    sums = cluster_sums(np.bincount(person, np.nan_to_num(seen)).astype(int), np.bincount(person))
    rate, n = np.nansum(seen) / 160, float(effective_hips(sums))
    t = stats.t.ppf(0.975, 80 / 82 * 79)
    half_width = t * math.sqrt(rate * (1 - rate) / n + t**2 / (4 * n**2)) / (1 + t**2 / n)
    centre = (rate + t**2 / (2 * n)) / (1 + t**2 / n)
    expected = (centre - half_width, centre + half_width)
    found = one_rate(seen, start, person, [-60])
    assert (found.low, found.high) == pytest.approx(expected, rel=1e-9)


def test_from_five_clinics_on_people_of_one_clinic_may_be_alike():
    # Six clinics of ten people. With a tilt far below 0 all missing hips are non-responders, in every imputation.
    whole, seen, start, person = cohort(60, seed=3)
    clinic = person // 10
    x, m = np.bincount(clinic, np.nan_to_num(seen)), np.full(6, 20)
    of_people = cluster_sums(np.bincount(person, np.nan_to_num(seen)).astype(int), np.bincount(person))
    (rate,), (worth,), (degrees,), _ = clinic_worth(of_people, x, m)
    assert degrees == pytest.approx(5)
    t = stats.t.ppf(0.975, 6 / 8 * 5)  # Barnard and Rubin: (5 + 1)/(5 + 3)·5
    centre, spread = (rate + t**2 / (2 * worth)) / (1 + t**2 / worth), t**2 / (4 * worth**2)
    half_width = t * math.sqrt(rate * (1 - rate) / worth + spread) / (1 + t**2 / worth)
    found = one_rate(seen, start, person, [-60], clinic=clinic)
    assert (found.low, found.high) == pytest.approx((centre - half_width, centre + half_width), rel=1e-9)
    complete = one_rate(whole, start, person, clinic=clinic)
    low, high = clinic_wilson(cluster_sums(np.bincount(person, whole).astype(int), np.bincount(person)),
                              np.bincount(clinic, whole), m)  # fmt: skip
    assert (complete.low, complete.high) == pytest.approx((low.item(), high.item()))
    assert one_rate(seen, start, person, clinic=person // 20)[:5] == one_rate(seen, start, person)[:5]  # three clinics


def test_missing_outcomes_widen_the_interval():
    whole, seen, start, person = cohort(60, seed=4)
    all_known, imputed = one_rate(whole, start, person), one_rate(seen, start, person)
    assert imputed.high - imputed.low > all_known.high - all_known.low
    assert 0 < imputed.missing_share < 1
    assert imputed.low < imputed.rate < imputed.high


def test_a_missing_hip_is_like_the_other_hip_of_its_person():
    # All pairs agree; every left hip is known, half of the right hips are not.
    rng = np.random.default_rng(5)
    person = np.repeat(np.arange(200), 2)
    outcome = np.repeat(rng.integers(0, 2, 200), 2).astype(float)
    outcome[1::8] = 1 - outcome[1::8]  # a quarter disagree, so that the model is finite
    seen = outcome.copy()
    seen[1::4] = math.nan
    start = rng.normal(size=(400, 1))
    with_likeness = one_rate(seen, start, person)
    unrelated = one_rate(seen, start, rng.permutation(400))
    assert with_likeness.missing_share < unrelated.missing_share


def test_two_missing_hips_of_a_person_are_drawn_alike():
    # Of 200 people both hips are known and alike in nine of ten; of 200 more both are missing. Were these drawn one by
    # one, three of four people would have a responder; drawn alike, little more than half have.
    rng = np.random.default_rng(7)
    first = rng.integers(0, 2, 400).astype(float)
    second = np.where(rng.random(400) < 0.9, first, 1 - first)
    seen = np.column_stack([first, second])
    seen[200:] = math.nan
    person = np.repeat(np.arange(400), 2)
    found = imputed_rates(seen.ravel(), np.zeros((800, 1)), person, [0], np.repeat([0, 1], 400))
    assert found.people_with[1, 0] / 200 == pytest.approx(0.55, abs=0.07)


def test_coverage_with_a_quarter_missing():
    # 400 cohorts of 40 people: the standard error of a coverage of .95 is .011.
    truth, covered = 0.5, 0
    for seed in range(400):
        _, seen, start, person = cohort(40, seed)
        found = one_rate(seen, start, person, imputations=10, seed=seed)
        covered += found.low <= truth <= found.high
    assert covered / 400 >= 0.93


def test_the_seed_decides():
    _, seen, start, person = cohort(40, seed=6)
    assert one_rate(seen, start, person, seed=1) == one_rate(seen, start, person, seed=1)
    assert one_rate(seen, start, person, seed=1) != one_rate(seen, start, person, seed=2)


@pytest.mark.parametrize(
    ("outcome", "reason"),
    [
        ([], "do not show both outcomes"),
        ([math.nan] * 4, "do not show both outcomes"),
        ([1, 1, 1, math.nan], "do not show both outcomes"),
    ],
)
def test_what_cannot_be_estimated_says_why(outcome, reason):
    result = one_rate(outcome, np.arange(len(outcome))[:, None], range(len(outcome)))
    assert reason in result.reason
    assert np.isnan(result[:5]).all()


def test_faulty_input_is_refused():
    with pytest.raises(ValueError, match="outcome must be 0, 1 or NaN, and no covariate may be NaN"):
        imputed_rates([1, 0], [[1], [math.nan]], [1, 2])
    with pytest.raises(ValueError, match="one column per covariate"):
        imputed_rates([1, 0], [1, 2], [1, 2])
    with pytest.raises(ValueError, match="2 imputations or more"):
        imputed_rates([1, 0], [[1], [2]], [1, 2], imputations=1)
    with pytest.raises(ValueError, match="one group per hip"):
        imputed_rates([1, 0], [[1], [2]], [1, 2], group=[0])
