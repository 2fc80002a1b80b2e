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
    result = mean_with_interval([*values, math.nan], range(len(values) + 1))
    assert result.n == len(values)
    assert result.p_value == pytest.approx(expected.pvalue, rel=1e-6)
    interval = expected.confidence_interval()
    assert result.interval == pytest.approx((interval.low, interval.high))


@given(several)
def test_two_like_values_of_a_person_are_worth_one(values):
    people = [*range(len(values))]
    once, twice = mean_with_interval(values, people), mean_with_interval([*values, *values], people * 2)
    assert twice.interval == pytest.approx(once.interval)
    assert twice.p_value == pytest.approx(once.p_value, rel=1e-6)


@given(several)
def test_mirror_and_scale(values):
    people = range(len(values))
    result, mirrored = mean_with_interval(values, people), mean_with_interval(-10 * np.array(values), people)
    assert mirrored.mean == pytest.approx(-10 * result.mean)
    assert mirrored.interval == pytest.approx((-10 * result.interval.high, -10 * result.interval.low))


@pytest.mark.parametrize(
    ("values", "cluster", "why"),
    [
        ([3.0], ["a"], "all values are of one person"),
        ([3.0, 5.0], ["a", "a"], "all values are of one person"),
        ([4.0, 4.0], ["a", "b"], "there is no scatter"),
        ([0.3] * 3, ["a", "b", "c"], "there is no scatter"),
        ([2.0, 4.0, 1.0, 5.0], ["a", "a", "b", "b"], "there is no scatter"),  # both people's means are 3
    ],
)
def test_one_person_and_people_all_alike_have_a_mean_and_no_interval(values, cluster, why):
    result = mean_with_interval(values, cluster)
    assert why in result.reason
    assert result.mean == pytest.approx(np.mean(values))
    assert math.isnan(result.interval.low)
    assert math.isnan(result.p_value)


def test_nothing_measured():
    assert mean_with_interval([math.nan], ["a"]).n == 0
    assert mean_with_interval([], []).reason == "nothing was measured"
    assert math.isnan(mean_with_interval([], []).mean)


def test_faulty_input_is_refused():
    with pytest.raises(ValueError, match="one cluster per value"):
        mean_with_interval([1.0, 2.0], ["a"])
    with pytest.raises(ValueError, match="confidence must lie between 0 and 1"):
        mean_with_interval([1.0, 2.0], [1, 2], confidence=95)
    with pytest.raises(ValueError, match="a cluster is missing"):
        mean_with_interval([1.0, 2.0], ["a", None])
    with pytest.raises(ValueError, match="a value is infinite"):
        mean_with_interval([1.0, math.inf], [1, 2])
