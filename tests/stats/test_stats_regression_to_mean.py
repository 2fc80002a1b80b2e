import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import truncnorm

from analysis.stats.regression_to_mean import expected_change, reliability_of


def mean_below(cut, mean, sd):
    """The mean reading of those who were chosen for a reading below a cut."""
    return truncnorm.mean(-math.inf, (cut - mean) / sd, loc=mean, scale=sd)


@pytest.mark.parametrize(("reliability", "published"), [(0.5, 13.49), (0.8, 5.39)])
def test_barnett_gives_the_published_numbers(reliability, published):
    # Barnett AG, van der Pols JC, Dobson AJ (2005). Int J Epidemiol 34:215-220: mean 60, SD 15, below 40.
    assert round(float(expected_change(mean_below(40, 60, 15), 60, reliability)), 2) == published


def test_barnetts_ratio():
    # The factor C(z) at z = (60 - 40)/15, for a reliability of 0 and a standard deviation of 1.
    assert round(float(expected_change(mean_below(40 / 15, 60 / 15, 1), 60 / 15, 0)), 4) == 1.7981


def test_it_is_what_a_simulation_shows():
    rng = np.random.default_rng(1)
    true = rng.normal(22, 7, 400_000)
    first, second = true + rng.normal(0, 3, true.shape), true + rng.normal(0, 3, true.shape)
    chosen = first < 20
    expected = expected_change(first, 22, reliability_of(58, 3))
    assert np.mean(second[chosen] - first[chosen]) == pytest.approx(expected[chosen].mean(), abs=0.03)
    assert np.mean(second - first) == pytest.approx(expected.mean(), abs=0.03)


@given(st.lists(st.integers(-50, 50), min_size=1), st.integers(-50, 50), st.floats(0, 1), st.floats(0.1, 10))
def test_mirror_and_scale(readings, mean, reliability, unit):
    before = np.array(readings, dtype=float)
    expected = expected_change(before, mean, reliability)
    assert expected_change(-before, -mean, reliability) == pytest.approx(-expected)
    assert expected_change(before * unit, mean * unit, reliability) == pytest.approx(expected * unit)


def test_a_perfect_reading_does_not_regress_and_pure_error_does_so_wholly():
    assert expected_change([10, 12], mean=30, reliability=1).tolist() == [0, 0]
    assert expected_change([10, 12], mean=30, reliability=0).tolist() == [20, 18]


def test_a_hip_that_starts_high_is_expected_to_lose():
    assert expected_change([40, math.nan], mean=30, reliability=0.75)[0] == -2.5
    assert math.isnan(expected_change([math.nan], mean=30, reliability=0.75)[0])


def test_reliability_by_hand():
    assert reliability_of(100, sem=5) == 0.75
    assert reliability_of(100, sem=1, step=6) == 0.96  # 1 + 36/12 of 100 is error
    assert reliability_of(4, sem=3) == 0  # no more than the error itself
    assert math.isnan(reliability_of(math.nan, sem=3))


def test_faulty_input_is_refused():
    with pytest.raises(ValueError, match="reliability must lie between 0 and 1"):
        expected_change([1], 2, 1.5)
    for variance, sem, step in ((-1, 3, 0), (1, 0, 0), (1, 3, -1)):
        with pytest.raises(ValueError, match="need a positive SEM"):
            reliability_of(variance, sem, step)
