"""Whether clinics differ; R metafor has the same numbers in test_stats_against_r.py."""

import math

import pytest
from scipy.stats import chi2

from analysis.stats.heterogeneity import heterogeneity


def test_equal_sizes_by_hand():
    """Rates .2 to .8 of 60 each: Q = 60·.28/.25; between them the variance is .28/6, of which chance gives .25/60."""
    found = heterogeneity([12, 18, 24, 30, 36, 42, 48], [60] * 7)
    assert found.statistic == pytest.approx(60 * 0.28 / 0.25)
    assert found.p_value == pytest.approx(chi2.sf(67.2, 6))
    assert found.tau == pytest.approx(math.sqrt(0.28 / 6 - 0.25 / 60))
    # With equal sizes Q falls as .28/(.25/60 + τ²).
    expected = [math.sqrt(0.28 / chi2.ppf(at, 6) - 0.25 / 60) for at in (0.95, 0.05)]
    assert found.interval == pytest.approx(expected)


def test_clinics_alike_have_no_spread():
    found = heterogeneity([10, 20, 30], [20, 40, 60])
    assert (found.statistic, found.p_value, found.tau, found.interval.low) == (pytest.approx(0), 1, 0, 0)


@pytest.mark.parametrize("responders", [[3, 17, 9], [3, 10, 9], [5, 13, 10]])
def test_the_limits_leave_out_0_exactly_where_p_is_below_5_percent(responders):
    found = heterogeneity(responders, [20, 20, 20])
    assert (found.interval.low > 0) == (found.p_value < 0.05)


@pytest.mark.parametrize(
    ("responders", "n", "why"),
    [([1, 2], [5, 5], "fewer than 3 clinics"), ([0, 0, 0], [5, 5, 5], "no hip"), ([5, 5, 5], [5, 5, 5], "every hip")],
)
def test_why_there_is_none(responders, n, why):
    found = heterogeneity(responders, n)
    assert found.reason.startswith(why)
    assert math.isnan(found.p_value)
    assert math.isnan(found.tau)


def test_faulty_counts_are_refused():
    with pytest.raises(ValueError, match="one entry per clinic"):
        heterogeneity([1, 2], [3])
    with pytest.raises(ValueError, match="between 0 and its hips"):
        heterogeneity([1, 2, 9], [3, 3, 3])
