import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import beta, betabinom

from analysis.stats.shrinkage import shrunk_rates

# Deaths after heart surgery on babies in 12 hospitals: the surgical example of the BUGS manual, volume 1.
DEATHS = [0, 18, 8, 46, 8, 13, 9, 31, 14, 8, 29, 24]
OPERATIONS = [47, 148, 119, 810, 211, 196, 148, 215, 207, 97, 256, 360]


def test_the_surgical_example_is_drawn_as_far_as_its_known_fit():
    """The maximum likelihood fit, α 8.25 and β 99.6, gives hospitals 1 and 8 .0533 and .1216; not knowing it, less."""
    result = shrunk_rates(DEATHS, OPERATIONS)
    assert [round(float(result.rates[hospital - 1]), 3) for hospital in (1, 8)] == [0.047, 0.126]
    assert result.low[0] < 0.0533 < result.high[0]
    assert result.rates.sum() == pytest.approx(12 * 0.0759, rel=0.02)


def test_the_limits_hold_the_probability_that_they_state():
    """Drawn from the posterior by weighing 40,000 priors, the limits of a clinic leave out 2.5 % on either side."""
    rng = np.random.default_rng(1)
    x, n = np.array([1, 10, 2, 12]), 20
    mean, root = rng.random((2, 40_000)) * [[1], [0.7]]
    size = 1 / root**2 - 1
    a, b = mean * size, (1 - mean) * size
    weight = np.exp(betabinom.logpmf(x[:, None], n, a, b).sum(axis=0))
    result = shrunk_rates(x, [n] * 4)
    for k in range(4):
        below = [
            np.average(beta.cdf(end[k], a + x[k], b + n - x[k]), weights=weight) for end in (result.low, result.high)
        ]
        assert below == pytest.approx([0.025, 0.975], abs=0.004)


def test_rates_move_towards_each_other_the_more_the_smaller_the_clinic():
    result = shrunk_rates([2, 40, 15, 150], [10, 200, 20, 200])
    crude = np.array([0.2, 0.2, 0.75, 0.75])
    moved = np.abs(result.rates - crude)
    assert moved[0] > moved[1]
    assert moved[2] > moved[3]
    assert np.all((result.low < result.rates) & (result.rates < result.high))


def test_clinics_that_differ_by_chance_only_have_limits_too():
    """Once they had none; their rates are nearly one, and not sure to be."""
    result = shrunk_rates([10, 11, 9, 10], [50, 50, 50, 50])
    assert np.ptp(result.rates) < 0.015
    assert ((result.low > 0.1) & (result.high < 0.32)).all()
    assert result.reason == ""


def test_a_clinic_without_hips_gets_the_rate_of_any_clinic():
    result = shrunk_rates([1, 10, 2, 12, 0], [20, 20, 20, 20, 0])
    without = shrunk_rates([1, 10, 2, 12], [20, 20, 20, 20])
    assert result.rates[:4] == pytest.approx(without.rates, rel=1e-4)
    assert 0.25 < result.rates[4] < 0.4
    assert result.low[4] < 0.05
    assert result.high[4] > 0.7


@settings(max_examples=10, deadline=None)
@given(
    st.lists(st.integers(1, 80).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), min_size=3, max_size=12)
)
def test_counting_failures_mirrors_and_order_does_not_matter(clinics):
    r, n = np.transpose(clinics)
    result, failures, reversed_order = shrunk_rates(r, n), shrunk_rates(n - r, n), shrunk_rates(r[::-1], n[::-1])
    assert bool(result.reason) == bool(failures.reason) == bool(reversed_order.reason)
    assert failures.rates == pytest.approx(1 - result.rates, abs=2e-3, nan_ok=True)
    assert reversed_order.rates[::-1] == pytest.approx(result.rates, abs=2e-3, nan_ok=True)


@pytest.mark.parametrize(
    ("responders", "n", "reason"),
    [
        ([], [], "fewer than 3 clinics"),
        ([3, 4, 0], [5, 6, 0], "fewer than 3 clinics"),
        ([0, 0, 0], [5, 6, 7], "no hip responded in any clinic"),
        ([5, 6, 7], [5, 6, 7], "every hip responded in every clinic"),
    ],
)
def test_what_cannot_be_estimated_says_why(responders, n, reason):
    result = shrunk_rates(responders, n)
    assert result.reason.startswith(reason)
    assert np.isnan(result.rates).all()


def test_faulty_input_is_refused():
    with pytest.raises(ValueError, match="one entry per clinic"):
        shrunk_rates([1], [2, 3])
    with pytest.raises(ValueError, match="between 0 and its hips"):
        shrunk_rates([3], [2])
