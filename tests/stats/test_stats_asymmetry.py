import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.stats.asymmetry import change_of_share_showing, share_showing
from analysis.stats.paired import PairedTable, newcombe10
from analysis.stats.proportions import wilson

degrees = st.lists(st.tuples(st.integers(-30, 30), st.integers(-30, 30)), min_size=2, max_size=30)


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
    result = change_of_share_showing([-12.0, -9.0, 1.0, -2.0, math.nan], [-6.0, -9.0, 0.0, -1.0, 5.0], band=8.3)
    assert (result.before, result.after) == (2, 1)
    assert result.difference == -0.25
    assert result.interval == newcombe10(PairedTable(both=1, left_only=0, right_only=1, neither=2))


@given(degrees)
def test_exchanging_the_timepoints_turns_every_sign(pairs):
    before, after = np.transpose(pairs)
    forward, backward = change_of_share_showing(before, after, 5), change_of_share_showing(after, before, 5)
    assert backward.difference == pytest.approx(-forward.difference)
    assert backward.interval == pytest.approx((-forward.interval.high, -forward.interval.low), abs=1e-9)


@given(degrees)
def test_other_units_change_nothing(pairs):
    before, after = np.transpose(pairs)
    result, scaled = change_of_share_showing(before, after, 5), change_of_share_showing(before * 10, after * 10, 50)
    assert scaled == result


def test_faulty_input_is_refused():
    with pytest.raises(ValueError, match="band of measurement error"):
        share_showing([1.0], band=math.nan)
    with pytest.raises(ValueError, match="one entry per person in both arrays"):
        change_of_share_showing([1.0], [1.0, 2.0], band=5)
