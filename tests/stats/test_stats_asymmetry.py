import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from analysis.stats.asymmetry import asymmetry_change, mean_with_interval, share_showing
from analysis.stats.paired import PairedTable, newcombe10
from analysis.stats.proportions import wilson

degrees = st.lists(st.tuples(st.integers(-30, 30), st.integers(-30, 30)), min_size=2, max_size=30)


@given(st.lists(st.integers(-40, 40), min_size=2, max_size=30).filter(lambda values: len(set(values)) > 1))
def test_the_mean_is_the_t_test_of_scipy(values):
    expected = stats.ttest_1samp(values, 0)
    result = mean_with_interval([*values, math.nan])
    assert result.n == len(values)
    assert result.p_value == pytest.approx(expected.pvalue, rel=1e-6)
    interval = expected.confidence_interval()
    assert result.interval == pytest.approx((interval.low, interval.high))


def test_too_few_people_for_a_mean():
    assert mean_with_interval([]).n == 0
    assert math.isnan(mean_with_interval([]).mean)
    one = mean_with_interval([3.0])
    assert one.mean == 3
    assert math.isnan(one.interval.low)
    same = mean_with_interval([0.0, 0.0])
    assert same.interval == (0, 0)
    assert math.isnan(same.p_value)


@pytest.mark.parametrize(("difference", "showing"), [(-8.4, 1), (-8.3, 0), (-8.2, 0), (8.4, 0)])
def test_the_pattern_is_a_left_hip_below_the_right_beyond_the_band(difference, showing):
    assert share_showing([difference], band=8.3)[:2] == (showing, 1)


def test_the_share_has_the_interval_of_independent_people():
    assert share_showing([-9.0, -1.0, math.nan, -12.0, 3.0], band=5.0) == (2, 4, wilson(2, 4))


def test_nobody_measured_gives_no_interval():
    n_showing, n, interval = share_showing([math.nan], band=5)
    assert (n_showing, n) == (0, 0)
    assert math.isnan(interval.low)


def test_change_by_hand():
    # Left minus right -12, -9, 1, -2 becomes -6, -9, 0, -1: the pattern (beyond 8.3) goes from 2 to 1 of 4.
    result = asymmetry_change([-12.0, -9.0, 1.0, -2.0, math.nan], [-6.0, -9.0, 0.0, -1.0, 5.0], band=8.3)
    assert result.signed.mean == pytest.approx((6 + 0 - 1 + 1) / 4)
    assert result.magnitude.mean == pytest.approx((-6 + 0 - 1 - 1) / 4)
    assert (result.showing_before, result.showing_after) == (2, 1)
    assert result.showing_difference == -0.25
    assert result.showing_interval == newcombe10(PairedTable(both=1, left_only=0, right_only=1, neither=2))


@given(degrees)
def test_exchanging_the_timepoints_turns_every_sign(pairs):
    before, after = np.transpose(pairs)
    forward, backward = asymmetry_change(before, after, 5), asymmetry_change(after, before, 5)
    assert backward.signed.mean == pytest.approx(-forward.signed.mean)
    assert backward.magnitude.mean == pytest.approx(-forward.magnitude.mean)
    assert backward.showing_difference == pytest.approx(-forward.showing_difference)
    assert backward.showing_interval == pytest.approx(
        (-forward.showing_interval.high, -forward.showing_interval.low), abs=1e-9
    )


@given(degrees)
def test_other_units_change_nothing_but_the_units(pairs):
    before, after = np.transpose(pairs)
    result, scaled = asymmetry_change(before, after, 5), asymmetry_change(before * 10, after * 10, 50)
    assert scaled.signed.mean == pytest.approx(10 * result.signed.mean)
    assert scaled.signed.p_value == pytest.approx(result.signed.p_value, nan_ok=True)
    assert scaled.showing_interval == result.showing_interval


def test_faulty_input_is_refused():
    with pytest.raises(ValueError, match="band of measurement error"):
        share_showing([1.0], band=math.nan)
    with pytest.raises(ValueError, match="one entry per person in both arrays"):
        asymmetry_change([1.0], [1.0, 2.0], band=5)
