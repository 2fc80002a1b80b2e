"""The minimal important change: by hand, against sklearn-free formulas, and where no answer is given."""

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.special import logit

from analysis.stats import important_change as importantly
from analysis.stats.important_change import important_change

# Ratings 0 worse, 1 no change, 2 a little better, 3 better; each person one hip.
GAIN = np.array([-2, 0, 1, 2, 3, 4, 4, 5, 6, 7, 8, 9, 10, 12], dtype=float)
SAID = np.array([0, 1, 1, 2, 1, 1, 2, 2, 1, 2, 3, 2, 3, 3], dtype=float)


def answer(gain=GAIN, said=SAID, person=None, **more):
    person = np.arange(len(gain)) if person is None else person
    return important_change(gain, said, 2, person, resamples=200, **more)


def test_the_cut_is_that_with_the_highest_sensitivity_and_specificity():
    # 8 improved, 6 did not. Gain of 4 or more: 7/8 and 4/6; 5: 6/8 and 5/6, which is more; 7: 5/8 and 6/6, the most.
    assert answer().roc == 7


def test_the_mean_is_of_those_who_improved_a_little():
    assert answer().mean == pytest.approx((2 + 4 + 5 + 7 + 9) / 5)


def test_the_predicted_gain_is_where_the_odds_are_those_of_all():
    fit = sm.Logit((SAID >= 2).astype(float), sm.add_constant(GAIN)).fit(disp=0)
    intercept, slope = fit.params
    assert answer().predicted == pytest.approx((logit(8 / 14) - intercept) / slope, rel=1e-6)


def test_hips_without_a_gain_or_a_rating_are_left_out():
    more = answer(np.append(GAIN, [np.nan, 3]), np.append(SAID, [3, np.nan]))
    assert (more.roc, more.mean) == (answer().roc, answer().mean)


def test_two_hips_of_a_person_make_no_interval_narrower():
    once = answer()
    twice = answer(np.repeat(GAIN, 2), np.repeat(SAID, 2), np.repeat(np.arange(len(GAIN)), 2))
    assert twice.mean_interval == pytest.approx(once.mean_interval)
    assert twice.roc_interval == pytest.approx(once.roc_interval)


def test_from_five_clinics_on_these_are_drawn():
    assert answer(clinic=np.arange(14) % 5).clustered_by == "clinic"
    assert answer(clinic=np.arange(14) % 4).clustered_by == "person"
    assert answer(clinic=np.arange(14) % 5).mean_interval != answer().mean_interval


def test_the_truth_is_within_the_intervals():
    """Who gains about 6 or more says a little better."""
    rng = np.random.default_rng(3)
    gain = rng.normal(6, 4, 600)
    found = answer(gain, np.where(gain + rng.normal(0, 2, 600) >= 6, 2.0, 1.0))
    for value, (low, high) in ((found.roc, found.roc_interval), (found.predicted, found.predicted_interval)):
        assert value == pytest.approx(6, abs=0.8)
        assert low <= value <= high
        assert low - 0.3 <= 6 <= high + 0.3


@pytest.mark.parametrize(("gain", "said", "reason"), [
    (GAIN, np.ones(14), "fewer than 5 people say that they improved"),
    (GAIN, np.full(14, 3.0), "fewer than 5 people say that they did not improve"),
    (np.ones(14), SAID, "all hips changed alike"),
    (-GAIN, SAID, "the rating goes too little with the change"),
])  # fmt: skip
def test_why_there_is_no_answer(gain, said, reason):
    found = answer(gain, said)
    assert found.reason == reason
    assert np.isnan([found.roc, found.mean, found.predicted, *found.roc_interval]).all()


def test_where_nobody_improved_a_little_only_that_mean_is_missing():
    found = answer(said=np.where(SAID == 2, 3.0, SAID))
    assert np.isnan(found.mean)
    assert found.roc == 7


def test_with_few_clinics_the_intervals_reach_further_than_plain_percentiles():
    """5 clinics: t of 4 degrees of freedom is 2.78, times √(5/4) 3.10; of 10,000 samples 10 lie beyond each limit."""
    assert importantly._tail(5, 0.95) == pytest.approx(0.00096, abs=0.00001)
    assert importantly._tail(1_000, 0.95) == pytest.approx(0.025, abs=0.0002)
    assert np.isnan(importantly._tail(1, 0.95))
