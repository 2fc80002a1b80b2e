import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from analysis.stats.means import mean_with_interval

several = st.lists(st.integers(-40, 40), min_size=2, max_size=30).filter(lambda values: len(set(values)) > 1)


@given(several)
def test_each_value_for_itself_is_the_t_test_of_scipy(values):
    expected = stats.ttest_1samp(values, 0)
    result = mean_with_interval([*values, math.nan])
    assert result.n == len(values)
    assert result.p_value == pytest.approx(expected.pvalue, rel=1e-6)
    interval = expected.confidence_interval()
    assert result.interval == pytest.approx((interval.low, interval.high))


@given(several)
def test_two_like_values_of_a_person_are_worth_one(values):
    once, twice = mean_with_interval(values), mean_with_interval([*values, *values], [*range(len(values))] * 2)
    assert twice.interval == pytest.approx(once.interval)
    assert twice.p_value == pytest.approx(once.p_value, rel=1e-6)


@given(several)
def test_mirror_and_scale(values):
    result, mirrored = mean_with_interval(values), mean_with_interval(-10 * np.array(values))
    assert mirrored.mean == pytest.approx(-10 * result.mean)
    assert mirrored.interval == pytest.approx((-10 * result.interval.high, -10 * result.interval.low))


@pytest.mark.parametrize(("values", "cluster"), [([3.0], None), ([3.0, 5.0], ["a", "a"]), ([4.0, 4.0], ["a", "b"])])
def test_one_person_and_people_all_alike_have_a_mean_and_no_interval(values, cluster):
    result = mean_with_interval(values, cluster)
    assert result.mean == np.mean(values)
    assert math.isnan(result.interval.low)
    assert math.isnan(result.p_value)


def test_nothing_measured():
    assert mean_with_interval([math.nan]).n == 0
    assert math.isnan(mean_with_interval([]).mean)


def test_faulty_input_is_refused():
    with pytest.raises(ValueError, match="one cluster per value"):
        mean_with_interval([1.0, 2.0], ["a"])
    with pytest.raises(ValueError, match="confidence must lie between 0 and 1"):
        mean_with_interval([1.0, 2.0], confidence=95)
