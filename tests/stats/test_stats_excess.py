import math

import numpy as np
import pytest

from analysis.stats.excess import excess_over_chance
from analysis.stats.proportions import wilson


def test_a_known_chance_rate_moves_the_interval():
    result = excess_over_chance([0.55, 0.1], ([0.45, 0.04], [0.65, 0.22]), [0.2, 0.2])
    assert result.excess == pytest.approx([0.35, -0.1])
    assert result.low == pytest.approx([0.25, -0.16])
    assert result.high == pytest.approx([0.45, 0.02])


def test_an_uncertain_chance_rate_widens_it_by_squares():
    # Below: √(.10² + .05²); above: √(.08² + .04²).
    result = excess_over_chance(0.5, (0.4, 0.58), 0.2, (0.16, 0.25))
    assert result[1:] == pytest.approx((0.3 - math.hypot(0.1, 0.05), 0.3 + math.hypot(0.08, 0.04)))


def test_it_is_newcombes_interval_for_two_independent_rates():
    # 56/70 against 48/80 with Wilson limits: .0524 to .3339, Newcombe RG (1998). Stat Med 17:873-890, table II,
    # example (a), method 10.
    result = excess_over_chance(56 / 70, wilson(56, 70), 48 / 80, wilson(48, 80))
    assert [round(float(limit), 4) for limit in result[1:]] == [0.0524, 0.3339]


def test_unknown_rates_give_no_excess():
    result = excess_over_chance([math.nan, 0.5], ([math.nan, 0.4], [math.nan, 0.6]), [0.2, math.nan])
    assert np.isnan(result).all()


def test_an_estimate_outside_its_limits_is_refused():
    with pytest.raises(ValueError, match="must lie within its limits; 1 do not"):
        excess_over_chance([0.7, 0.5], ([0.4, 0.4], [0.6, 0.6]), 0.2)
    with pytest.raises(ValueError, match="must lie within its limits"):
        excess_over_chance(0.5, (0.4, 0.6), 0.2, (0.3, 0.4))
