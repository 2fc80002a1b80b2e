import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from analysis.stats.control_chart import p_chart
from analysis.stats.funnel import exact_funnel_limits

series = st.lists(
    st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), min_size=1, max_size=30
)


def test_a_p_chart_by_hand():
    """40 of 100 in five periods: each tail .5 % of the binomial, 5 % over both sides of all."""
    chart = p_chart([10, 8, 6, 8, 8], [25, 20, 20, 20, 15])
    assert chart.centre == pytest.approx([0.4] * 5)
    low, high = chart.low[0] * 25, chart.high[0] * 25
    assert binom.cdf(math.floor(low) - 1, 25, 0.4) < 0.005 < binom.cdf(math.ceil(low), 25, 0.4)
    assert binom.sf(math.ceil(high), 25, 0.4) < 0.005 < binom.sf(math.floor(high) - 1, 25, 0.4)
    assert [chart.low[0], chart.high[0]] == pytest.approx([end[0] for end in exact_funnel_limits([25], 0.4, 0.99)])
    assert chart.sigma_z.tolist() == [1] * 5


def test_laneys_limits_by_hand():
    # z = 0, 1, -1, 0 at 10 of 20 ± √5 hips: moving ranges 1, 2, 1, so σz = (4/3)/1.128, and 20 hips are worth 14.3.
    root = math.sqrt(5)
    chart = p_chart([10, 10 + root, 10 - root, 10], [20] * 4, laney=True)
    sigma = 4 / 3 / 1.128379
    assert chart.sigma_z == pytest.approx([sigma] * 4, rel=1e-6)
    assert chart.high[0] == pytest.approx(float(exact_funnel_limits([20 / sigma**2], 0.5, 0.9875)[1][0]), rel=1e-6)


def test_periods_that_agree_by_luck_narrow_no_limit():
    assert p_chart([10, 10, 10, 11], [20] * 4, laney=True).sigma_z.tolist() == [1] * 4


def test_both_hips_of_people_widen_laneys_limits():
    # Counting every person's two like hips doubles the variance of z.
    rng = np.random.default_rng(1)
    people = rng.binomial(40, 0.4, size=2000)
    chart = p_chart(2 * people, [80] * 2000, laney=True)
    assert chart.sigma_z[0] == pytest.approx(math.sqrt(2), abs=0.05)


def test_rebasing_gives_each_phase_its_own_limits():
    chart = p_chart([5] * 12 + [15] * 12, [20] * 24, rebase_at=[12])
    assert chart.phase.tolist() == [0] * 12 + [1] * 12
    assert chart.centre.tolist() == [0.25] * 12 + [0.75] * 12
    first = p_chart([5] * 12, [20] * 12)
    assert chart.high[:12].tolist() == first.high.tolist()
    assert chart.notes == ()


def test_a_short_series_says_so():
    assert p_chart([3, 1, 2], [10, 9, 10]).notes == ("with fewer than 12 periods the limits are provisional",)
    rebased = p_chart([10] * 14, [20] * 14, rebase_at=[12]).notes
    assert rebased == ("phase 2: with fewer than 12 periods the limits are provisional",)
    assert "one period tells no scatter" in p_chart([5], [10], laney=True).notes[-1]


@pytest.mark.parametrize(("responders", "word"), [(0, "no"), (20, "every")])
def test_none_or_all_leave_no_limits(responders, word):
    chart = p_chart([responders] * 12, [20] * 12, laney=True)
    assert chart.notes == (f"{word} hip responded in any period, which leaves no limits",)
    assert chart.low.tolist() == chart.high.tolist() == [responders / 20] * 12


def test_a_period_without_hips_has_no_point():
    chart = p_chart([4, 0, 6], [10, 0, 10])
    assert np.isnan([chart.rate[1], chart.low[1], chart.high[1]]).all()
    assert chart.centre[1] == 0.5


def test_no_periods_and_no_hips():
    assert len(p_chart([], []).rate) == 0
    assert np.isnan(p_chart([0], [0]).centre).all()


@given(series, st.booleans())
def test_counting_failures_mirrors_the_chart(rows, laney):
    r, n = np.transpose(rows)
    chart, failures = p_chart(r, n, laney=laney), p_chart(n - r, n, laney=laney)
    assert failures.low == pytest.approx(1 - chart.high, abs=1e-9)
    assert failures.high == pytest.approx(1 - chart.low, abs=1e-9)
    assert failures.sigma_z == pytest.approx(chart.sigma_z)


def test_faulty_input_is_refused():
    with pytest.raises(ValueError, match="one entry per period"):
        p_chart([1], [2, 3])
    with pytest.raises(ValueError, match="between 0 and its hips"):
        p_chart([3], [2])
    for rebase_at in ([0], [3], [2, 1], [-1]):
        with pytest.raises(ValueError, match="periods to rebase at must rise, from 1 to 2"):
            p_chart([1, 2, 1], [4, 4, 4], rebase_at=rebase_at)
