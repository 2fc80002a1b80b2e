import math

import numpy as np
import pytest

from analysis.stats.balance import balance, e_value
from analysis.stats.intervals import NotEstimableError
from analysis.stats.observational import inverse_probability


def test_a_standardised_difference_by_hand():
    # Means 4 and 2, variances 2 and 2: 2/√2.
    assert balance([1, 1, 0, 0], [[3.0], [5.0], [1.0], [3.0]]).difference == pytest.approx([math.sqrt(2)])


def test_weighting_balances_what_the_model_knows():
    rng = np.random.default_rng(1)
    start = rng.normal(size=(4000, 2))
    exposed = rng.random(4000) < 1 / (1 + np.exp(-start[:, 0]))
    result = balance(exposed, start, inverse_probability(exposed, start, np.zeros(4000)))
    assert result.difference[0] > 0.5
    assert np.abs(result.weighted_difference).max() < 0.05
    assert result.reason == ""


def test_units_do_not_matter_and_swapping_groups_mirrors():
    rng = np.random.default_rng(2)
    start, exposed = rng.normal(size=(80, 2)), rng.integers(0, 2, 80)
    weights = inverse_probability(exposed, start, np.zeros(80))
    assert inverse_probability(1 - exposed, 20 + 5 * start, np.zeros(80)) == pytest.approx(weights)
    pairs = ((exposed, start), (exposed, 20 + 5 * start), (1 - exposed, start))
    result, scaled, swapped = (balance(*pair, weights) for pair in pairs)
    assert scaled.weighted_difference == pytest.approx(result.weighted_difference)
    assert swapped.difference == pytest.approx(-result.difference)
    assert swapped.weighted_difference == pytest.approx(-result.weighted_difference)


def test_what_cannot_be_compared_says_why():
    small = balance([1, 0, 0], [[1.0], [2.0], [3.0]])
    assert small.reason == "a group has fewer than 2 hips"
    assert np.isnan(small.difference).all()
    with pytest.raises(NotEstimableError, match="all hips of a kind did alike"):
        inverse_probability(np.array([1, 1, 0, 0]), np.array([[8.0], [9.0], [1.0], [2.0]]), np.zeros(4))
    unweighted = balance([1, 1, 0, 0], [[8.0], [9.0], [1.0], [2.0]])
    assert np.isfinite(unweighted.difference).all()
    assert np.isnan(unweighted.weighted_difference).all()


def test_faulty_input_is_refused():
    with pytest.raises(ValueError, match="one column per covariate"):
        balance([1, 0], [1.0, 2.0])


def test_e_values_of_the_published_example():
    # Risk ratio 3.9 (1.8 to 8.7) of infant death without breastfeeding: VanderWeele TJ, Ding P (2017). Ann
    # Intern Med 167:268-274, E-values 7.26 for the estimate and 3.0 for the limit.
    assert round(e_value(3.9), 2) == 7.26
    assert round(e_value(1.8), 1) == 3.0


def test_a_protective_ratio_counts_as_its_inverse_and_none_needs_nothing():
    assert e_value(1 / 3.9) == pytest.approx(e_value(3.9))
    assert e_value(1) == 1
    assert math.isnan(e_value(math.nan))
    with pytest.raises(ValueError, match="must be positive"):
        e_value(0)
