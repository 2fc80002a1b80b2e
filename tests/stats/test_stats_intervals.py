import math

import pytest
from scipy import stats

from analysis.stats.intervals import NO_INTERVAL, normal_quantile, t_quantile


@pytest.mark.parametrize("confidence", [0.5, 0.9, 0.95, 0.99])
def test_the_quantiles_are_two_sided(confidence):
    assert normal_quantile(confidence) == pytest.approx(stats.norm.ppf(0.5 + confidence / 2), rel=1e-12)
    for degrees in (1, 9, 250, 100_000):
        expected = stats.t.ppf(0.5 + confidence / 2, degrees)
        assert float(t_quantile(confidence, degrees)) == pytest.approx(expected, rel=1e-9)


def test_t_has_no_quantile_without_degrees_of_freedom():
    assert [math.isnan(value) for value in t_quantile(0.95, [-1, 0, 1])] == [True, True, False]


@pytest.mark.parametrize("confidence", [0, 1, 95, math.nan])
def test_a_confidence_outside_0_to_1_is_refused(confidence):
    with pytest.raises(ValueError, match=r"confidence must lie between 0 and 1, for example 0\.95"):
        normal_quantile(confidence)
    with pytest.raises(ValueError, match="confidence must lie between 0 and 1"):
        t_quantile(confidence, 9)


def test_no_interval_has_no_limits():
    assert math.isnan(NO_INTERVAL.low)
    assert math.isnan(NO_INTERVAL.high)
