"""Standardised differences, held against formulas worked by hand."""

import numpy as np
import pytest

from analysis.stats.standardised import standardised_difference, standardised_difference_of_shares


def test_two_groups_of_numbers():
    # Means 4 and 2, variances 2 and 2: 2/√2. A missing value is nobody's.
    assert standardised_difference([[3, 5, np.nan], [1, 3]]) == pytest.approx(2 / 2**0.5)


def test_of_three_groups_the_two_farthest_apart_are_told():
    assert standardised_difference([[0, 2], [1, 3], [4, 6]]) == pytest.approx(4 / 2**0.5)


@pytest.mark.parametrize("groups", [[], [[1, 2]], [[1, 2], [3]], [[1, 1], [1, 1]]])
def test_where_no_two_can_be_compared_there_is_none(groups):
    assert np.isnan(standardised_difference(groups))


def test_two_levels_are_austins_formula():
    # .3 and .5: .2 / √((.21 + .25)/2)
    assert standardised_difference_of_shares([[30, 70], [50, 50]]) == pytest.approx(0.2 / 0.23**0.5)


def test_three_levels_are_the_mahalanobis_distance_and_the_order_of_levels_is_nothing():
    # Shares (.2, .3, .5) and (.4, .3, .3): S over the first two is ((.2, -.09), (-.09, .21)), apart (-.2, 0).
    expected = (0.2**2 * 0.21 / (0.2 * 0.21 - 0.09**2)) ** 0.5
    assert standardised_difference_of_shares([[20, 30, 50], [40, 30, 30]]) == pytest.approx(expected)
    assert standardised_difference_of_shares([[50, 20, 30], [30, 40, 30]]) == pytest.approx(expected)


def test_alike_is_0_and_without_overlap_infinite():
    assert standardised_difference_of_shares([[10, 20], [5, 10]]) == 0
    assert standardised_difference_of_shares([[10, 0], [0, 10]]) == float("inf")
    assert np.isnan(standardised_difference_of_shares([[10, 5], [1, 0]]))
