"""Rates and differences by clinic, from the sums of clinics; R has the same numbers in test_stats_against_r.py."""

import math

import numpy as np
import pytest
from scipy import stats

from analysis.stats.least_squares import clustered_coefficient
from analysis.stats.proportions import ClusterSums, cluster_sums, clustered_wilson_from_sums
from analysis.stats.rate_by_clinic import clinic_intervals, clinic_means, clinic_wilson


def test_sums_of_clinics_give_what_least_squares_of_hips_gives():
    rng = np.random.default_rng(1)
    clinic = np.repeat(np.arange(6), [40, 3, 7, 12, 5, 9])
    values = rng.normal(size=76) + clinic
    found = clinic_means([np.bincount(clinic, values)], [np.bincount(clinic)])
    one = clustered_coefficient(values, np.ones((76, 1)), clinic, 0)
    assert [found.mean[0], math.sqrt(found.variance[0]), found.degrees_of_freedom[0]] == pytest.approx(one)


def test_a_difference_has_the_t_interval_and_none_where_clinics_do_not_scatter():
    low, high = clinic_intervals([[2, -1, 2, 0, 4], [1, 1, 1, 1, 1]], [[4, 5, 10, 8, 9], [4, 4, 4, 4, 4]])
    found = clinic_means([[2, -1, 2, 0, 4]], [[4, 5, 10, 8, 9]])
    half = stats.t.ppf(0.975, found.degrees_of_freedom[0]) * math.sqrt(found.variance[0])
    assert [low[0], high[0]] == pytest.approx([7 / 36 - half, 7 / 36 + half])
    assert np.isnan([low[1], high[1]]).all()


def one_hip_each(responders, hips):
    n, x = int(np.sum(hips)), int(np.sum(responders))
    sums = ClusterSums(n, n, x, n, x, x)
    return [float(end[0]) for end in clinic_wilson(sums, [responders], [hips])]


def test_clinics_of_equal_size_are_worth_as_many_people_as_their_variance_says():
    """Rates 20, 80, 50, 40, 50 and 60 % of ten: the variance of their mean is Σ(p − ½)²/30 = .2/30."""
    n, t = 0.25 / (0.2 / 30), stats.t.ppf(0.975, 5)
    half = t * math.sqrt(0.25 / n + t**2 / (4 * n**2)) / (1 + t**2 / n)
    assert one_hip_each([2, 8, 5, 4, 5, 6], [10] * 6) == pytest.approx([0.5 - half, 0.5 + half])


def test_clinics_that_agree_by_luck_leave_half_the_squared_width_of_people():
    n, t = 2 * 60 * (stats.t.ppf(0.975, 5) / stats.norm.ppf(0.975)) ** 2, stats.t.ppf(0.975, 5)
    half = t * math.sqrt(0.25 / n + t**2 / (4 * n**2)) / (1 + t**2 / n)
    assert one_hip_each([5] * 6, [10] * 6) == pytest.approx([0.5 - half, 0.5 + half])


def test_where_nobody_responded_people_tell_how_sure_that_is_with_the_t_of_clinics():
    low, high = one_hip_each([0] * 6, [10] * 6)
    t = stats.t.ppf(0.975, 5)
    assert (low, high) == pytest.approx((0, t**2 / 60 / (1 + t**2 / 60)))


def test_one_large_clinic_leaves_few_degrees_of_freedom():
    even, uneven = (clinic_means([[5] * 6], [hips]).degrees_of_freedom[0] for hips in ([10] * 6, [50, 2, 2, 2, 2, 2]))
    assert even == pytest.approx(5)
    assert uneven < 2


def test_a_group_of_one_clinic_has_the_interval_of_people_and_an_empty_one_none():
    sums = cluster_sums([2, 1, 0], [2, 2, 1])
    assert clinic_wilson(sums, [[3, 0]], [[5, 0]]) == pytest.approx(np.array([clustered_wilson_from_sums(sums)]).T)
    assert np.isnan(clinic_wilson(ClusterSums(0, 0, 0, 0, 0, 0), [[0, 0]], [[0, 0]])).all()
