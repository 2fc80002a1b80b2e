import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.stats.control_chart import p_chart
from analysis.stats.run_rules import chart_signals, false_alarms, runs_and_crossings, shift_length

values = st.lists(st.integers(-5, 5), max_size=40)


def flags(points, centre=0.0, low=-3.0, high=3.0):
    n = len(points)
    return chart_signals(points, [centre] * n, [low] * n, [high] * n)


# Anhøj J, Olesen AV (2014). PLoS ONE 9:e113825, table 1: limits for 10, 20 and 24 useful observations.
@pytest.mark.parametrize(("useful", "longest", "crossings"), [(10, 6, 2), (20, 7, 6), (24, 8, 8)])
def test_the_published_limits_of_runs_and_crossings(useful, longest, crossings):
    result = runs_and_crossings(np.arange(useful) % 2, centre=0.5)
    assert (result.longest_by_chance, result.fewest_by_chance) == (longest, crossings)
    assert (result.longest_run, result.crossings, result.signal) == (1, useful - 1, False)


def test_a_run_of_seven_of_ten_is_a_signal_and_of_six_is_none():
    six = [1, 1, 1, 1, 1, 1, -1, 1, -1, 1]
    seven = [1, 1, 1, 1, 1, 1, 1, -1, 1, -1]
    assert (runs_and_crossings(six, 0).longest_run, runs_and_crossings(six, 0).signal) == (6, False)
    assert (runs_and_crossings(seven, 0).longest_run, runs_and_crossings(seven, 0).signal) == (7, True)


def test_one_crossing_of_ten_is_too_few():
    result = runs_and_crossings([1] * 5 + [-1] * 5, 0)
    assert (result.longest_run, result.crossings, result.signal) == (5, 1, True)


def test_two_crossings_of_ten_are_enough():
    result = runs_and_crossings([1] * 4 + [-1] * 3 + [1] * 3, 0)
    assert (result.crossings, result.fewest_by_chance, result.signal) == (2, 2, False)


def test_points_on_the_centre_line_and_empty_periods_are_not_useful():
    result = runs_and_crossings([1, 0, -1, math.nan, 1, -1, 1, -1, 1, -1, 1, -1], 0)
    assert (result.useful, result.crossings) == (10, 9)


def test_the_centre_line_is_the_median_if_not_given():
    assert runs_and_crossings([5, 1, 9, 1, 9, 1, 9, 1, 9, 1, 9]).useful == 10


@pytest.mark.parametrize("series", [[], [1.0], [math.nan], [1, 2] * 4, [3.0] * 30])
def test_a_short_series_says_so(series):
    result = runs_and_crossings(series)
    assert "too short a series" in result.reason
    assert not result.signal


@given(values)
def test_turning_the_series_over_or_around_keeps_runs_and_crossings(points):
    result = runs_and_crossings(points, 0)
    for other in (-np.array(points, dtype=float), points[::-1]):
        again = runs_and_crossings(other, 0)
        assert (again.longest_run, again.crossings, again.signal) == (
            result.longest_run,
            result.crossings,
            result.signal,
        )


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
