import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.stats.control_chart import p_chart
from analysis.stats.run_rules import chart_signals, false_alarms, shift_length

values = st.lists(st.integers(-5, 5), max_size=40)


def flags(points, centre=0.0, low=-3.0, high=3.0):
    n = len(points)
    return chart_signals(points, [centre] * n, [low] * n, [high] * n)


def test_a_point_on_a_limit_is_inside():
    assert flags([3.0, 3.1, -3.0, -3.1, 0.0]).outside.tolist() == [False, True, False, True, False]


def test_a_shift_needs_seven():
    assert not flags([1, 1, 1, 1, 1, 1, -1]).shift.any()
    assert flags([-1, 1, 1, 1, 1, 1, 1, 1, 0]).shift.tolist() == [False] + [True] * 7 + [False]


@pytest.mark.parametrize(("periods", "least"), [(8, 7), (12, 7), (16, 8), (20, 9), (24, 10), (36, 12)])
def test_the_longer_a_chart_the_longer_its_shift(periods, least):
    assert shift_length(periods) == least
    one_short, enough = ([1.0] * run + [-1.0, 1.0] * ((periods - run) // 2 + 1) for run in (least - 1, least))
    assert not flags([*one_short[: least - 1], -1.0, *one_short[least + 1 : periods]]).shift.any()
    assert flags(enough[:periods]).shift.tolist() == [True] * least + [False] * (periods - least)


def test_a_stable_chart_seldom_shows_a_signal():
    """A fifth of what ``benchmarks/charts.py`` counts: 24 periods of 20 hips at .5 show one in 2.5 %."""
    rng = np.random.default_rng(1)
    shown = 0
    for responders in rng.binomial(20, 0.5, (300, 24)):
        chart = p_chart(responders, np.full(24, 20), laney=True)
        shown += chart_signals(chart.rate, chart.centre, chart.low, chart.high).any.any()
    assert shown <= 15
    assert [false_alarms(periods) for periods in (8, 24, 36)] == [4, 5, 5]


def test_an_empty_period_is_passed_over():
    n = math.nan
    result = chart_signals([1, 1, 1, n, 1, 1, 1, 1], [0] * 8, [-3, -3, -3, n, -3, -3, -3, -3], [3] * 8)
    assert result.shift.tolist() == [True] * 3 + [False] + [True] * 4


@pytest.mark.parametrize("series", [[], [1.0], [math.nan]])
def test_the_shortest_series_have_no_signal(series):
    assert not flags(series).any.any()


@given(values)
def test_turning_the_series_over_or_around_keeps_the_flags(points):
    result = flags(points)
    over, around = flags([-y for y in points]), flags(points[::-1])
    for one, other, third in zip(result, over, around, strict=True):
        assert one.tolist() == other.tolist() == third[::-1].tolist()


def test_faulty_input_is_refused():
    with pytest.raises(ValueError, match="one entry per period in every array"):
        chart_signals([1, 2], [0, 0], [0, 0], [1])
