import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.stats.regression_to_mean import expected_gain, regression_to_mean


@pytest.mark.parametrize(("reliability", "published"), [(0.5, 13.49), (0.8, 5.39)])
def test_barnett_gives_the_published_numbers(reliability, published):
    # Barnett AG, van der Pols JC, Dobson AJ (2005). Int J Epidemiol 34:215-220: mean 60, SD 15, below 40.
    assert round(regression_to_mean(60, 15, reliability, cut=40), 2) == published


def test_barnetts_ratio():
    # The factor C(z) at z = (60 - 40)/15, for a reliability of 0 and a standard deviation of 1.
    assert round(regression_to_mean(60 / 15, 1, 0, cut=40 / 15), 4) == 1.7981


def test_it_is_what_a_simulation_shows():
    rng = np.random.default_rng(1)
    true = rng.normal(22, 7, 400_000)
    first, second = true + rng.normal(0, 3, true.shape), true + rng.normal(0, 3, true.shape)
    chosen = first < 20
    reliability = 49 / (49 + 9)
    expected = regression_to_mean(22, math.sqrt(58), reliability, cut=20)
    assert np.mean(second[chosen] - first[chosen]) == pytest.approx(expected, abs=0.03)
    assert expected_gain(first[chosen], first.mean(), reliability) == pytest.approx(expected, abs=0.03)


@given(st.floats(-50, 50), st.floats(1, 20), st.floats(0, 1), st.floats(-50, 50), st.floats(0.1, 10))
def test_mirror_and_scale(mean, sd, reliability, cut, unit):
    low = regression_to_mean(mean, sd, reliability, cut)
    assert low >= 0
    assert regression_to_mean(-mean, sd, reliability, -cut, below=False) == pytest.approx(low)
    assert regression_to_mean(mean * unit, sd * unit, reliability, cut * unit) == pytest.approx(low * unit)


def test_a_perfect_reading_does_not_regress():
    assert regression_to_mean(60, 15, 1, cut=40) == 0
    assert expected_gain([10, 12], mean=30, reliability=1) == 0


def test_a_group_that_starts_high_is_expected_to_lose():
    assert expected_gain([40, math.nan, 44], mean=30, reliability=0.75) == pytest.approx(-3)


def test_no_readings_no_gain():
    assert math.isnan(expected_gain([], mean=30, reliability=0.8))
    assert math.isnan(expected_gain([math.nan], mean=30, reliability=0.8))


def test_far_cuts_stay_finite():
    assert regression_to_mean(0, 1, 0.5, cut=-40) == pytest.approx(20, rel=1e-2)


def test_faulty_input_is_refused():
    with pytest.raises(ValueError, match="standard deviation must be positive"):
        regression_to_mean(60, 0, 0.5, 40)
    with pytest.raises(ValueError, match="reliability must lie between 0 and 1"):
        expected_gain([1], 2, 1.5)
