import math
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from analysis.stats.proportions import (
    ClusterSums,
    cluster_sums,
    clustered_wilson,
    clustered_wilson_from_sums,
    wilson,
)

# One (responders, evaluable hips) per person.
people = st.lists(
    st.integers(0, 2).flatmap(lambda m: st.tuples(st.integers(0, m), st.just(m))), min_size=1, max_size=40
)


def interval_of(pairs):
    return clustered_wilson([x for x, _ in pairs], [m for _, m in pairs])


# Newcombe RG (1998). Stat Med 17:857-872, table I, method 3.
@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_gives_the_published_limits(successes, n, low, high):
    interval = wilson(successes, n)
    assert (round(interval.low, 4), round(interval.high, 4)) == (low, high)


@given(st.integers(1, 500), st.data())
def test_wilson_agrees_with_statsmodels(n, data):
    successes = data.draw(st.integers(0, n))
    assert wilson(successes, n, 0.9) == pytest.approx(
        proportion_confint(successes, n, alpha=0.1, method="wilson"), abs=1e-12
    )


def test_wilson_ends_exactly_at_0_and_1():
    for n in range(1, 300):
        assert wilson(0, n).low == 0
        assert wilson(n, n).high == 1


def test_wilson_takes_effective_sample_sizes():
    # With z² = 3.8415 and 5 of 10: centre 1/2, half-width √(z²·(1/4)/10 + z⁴/400)/(1 + z²/10) = .2634.
    # Halving both counts widens it: √(z²·(1/4)/5 + z⁴/100)/(1 + z²/5) = .3296.
    assert wilson(5, 10) == pytest.approx((0.5 - 0.2634, 0.5 + 0.2634), abs=5e-5)
    assert wilson(2.5, 5.0) == pytest.approx((0.5 - 0.3296, 0.5 + 0.3296), abs=5e-5)


def test_a_rate_of_nothing_has_no_interval():
    assert all(math.isnan(limit) for limit in wilson(0, 0))
    assert all(math.isnan(limit) for limit in clustered_wilson([], []))
    assert all(math.isnan(limit) for limit in clustered_wilson([0, 0], [0, 0]))


@pytest.mark.parametrize(("successes", "n"), [(-1, 5), (6, 5), (math.nan, 5)])
def test_impossible_counts_are_refused(successes, n):
    with pytest.raises(ValueError, match="successes must lie between 0 and n"):
        wilson(successes, n)


def test_clustered_wilson_by_hand():
    # Four people with responders of hips 2/2, 1/2, 0/2, 1/1: N = 7 hips, G = 4 people, p = 4/7.
    # Residuals x - p·m: 6/7, -1/7, -8/7, 3/7; their squares sum to (36 + 1 + 64 + 9)/49 = 110/49.
    # They show a design effect of (4/3)·(110/49) over 7·(4/7)·(3/7) = 12/7; the worst case is Σm²/N = 13/7.
    # With 4 responders and 3 non-responders the first counts three times, the second once.
    p = 4 / 7
    shown = (4 / 3) * (110 / 49) / (12 / 7)
    assert shown == pytest.approx(1.746, abs=5e-4)
    design_effect = (3 * shown + 13 / 7) / 4
    n = 7 / design_effect
    t = stats.t.ppf(0.975, 7**2 / 13 - 1)
    centre = (p + t**2 / (2 * n)) / (1 + t**2 / n)
    half_width = t * math.sqrt(p * (1 - p) / n + t**2 / (4 * n**2)) / (1 + t**2 / n)
    expected = (centre - half_width, centre + half_width)
    assert clustered_wilson([2, 1, 0, 1], [2, 2, 2, 1]) == pytest.approx(expected, rel=1e-9)


def test_hips_that_always_agree_count_once():
    # Both hips of 5 people respond, neither of 5: residuals ±1, squares sum to 10;
    # design effect (10/9)·10/(20·(1/4)) = 20/9, ten times, and the worst case of 2 once.
    t = 2.2621571627409915  # 97.5 % point with 9 degrees of freedom
    n = 20 / ((10 * 20 / 9 + 2) / 11)
    half_width = t * math.sqrt(0.25 / n + t**2 / (4 * n**2)) / (1 + t**2 / n)
    expected = (0.5 - half_width, 0.5 + half_width)
    assert clustered_wilson([2, 0] * 5, [2] * 10) == pytest.approx(expected, rel=1e-9)


def test_hips_that_disagree_never_narrow_the_interval():
    # One hip of each of 10 people responds: the clustered variance is 0, the design effect is held at 1.
    t = 2.2621571627409915  # 97.5 % point with 9 degrees of freedom
    half_width = t * math.sqrt(0.25 / 20 + t**2 / (4 * 400)) / (1 + t**2 / 20)
    expected = (0.5 - half_width, 0.5 + half_width)
    assert clustered_wilson([1] * 10, [2] * 10) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("responders", [0, 3, 8])
def test_one_hip_per_person_is_plain_wilson(responders):
    successes = [1] * responders + [0] * (8 - responders)
    assert clustered_wilson(successes, [1] * 8) == wilson(responders, 8)


def test_people_without_evaluable_hips_are_left_out():
    assert clustered_wilson([2, 0, 1, 0], [2, 0, 2, 0]) == clustered_wilson([2, 1], [2, 2])


def test_one_responder_tells_as_much_of_the_design_effect_as_the_worst_case():
    # One of 20 hips of ten people: x - p·m is .9 once and -.1 nine times, (10/9)·.9/(20·.05·.95) = 1/.95, and 2.
    shown = (10 / 9) * (0.81 + 9 * 0.01) / (20 * 0.05 * 0.95)
    n, t = 20 / ((shown + 2) / 2), 2.2621571627409915
    centre, width = 0.05 + t**2 / (2 * n), t * math.sqrt(0.05 * 0.95 / n + t**2 / (4 * n**2))
    expected = ((centre - width) / (1 + t**2 / n), (centre + width) / (1 + t**2 / n))
    assert clustered_wilson([1] + [0] * 9, [2] * 10) == pytest.approx(expected, rel=1e-9)


def test_all_and_none_assume_that_hips_agree():
    # 3 people with two hips and 2 with one: N = 8, Σm² = 14, so 8/(14/8) = 32/7 effective hips;
    # at a rate of 0 the upper limit is t²/(n + t²), with 8²/14 - 1 degrees of freedom.
    t = stats.t.ppf(0.975, 64 / 14 - 1)
    limit = t**2 / (32 / 7 + t**2)
    evaluable = [2, 2, 2, 1, 1]
    assert clustered_wilson([0] * 5, evaluable) == (0, pytest.approx(limit))
    assert clustered_wilson(evaluable, evaluable) == (pytest.approx(1 - limit), 1)


def test_two_hips_of_one_person_count_as_one():
    # N = 2, Σm² = 4: one effective hip, and z as one person has no degrees of freedom.
    assert clustered_wilson([0], [2]) == pytest.approx(wilson(0, 1))
    assert clustered_wilson([1], [2]) == pytest.approx(wilson(0.5, 1))
    assert clustered_wilson([1], [1]) == pytest.approx(wilson(1, 1))


@given(people)
def test_the_interval_holds_the_rate_and_stays_within_0_and_1(pairs):
    n_hips = sum(m for _, m in pairs)
    low, high = interval_of(pairs)
    if n_hips == 0:
        assert math.isnan(low)
        assert math.isnan(high)
    else:
        assert 0 <= low <= sum(x for x, _ in pairs) / n_hips <= high <= 1
        assert low < high


@given(people)
def test_counting_failures_mirrors_the_interval(pairs):
    low, high = interval_of(pairs)
    mirrored = interval_of([(m - x, m) for x, m in pairs])
    assert mirrored == pytest.approx((1 - high, 1 - low), abs=1e-12, nan_ok=True)


@given(people)
def test_clustering_never_narrows_the_interval(pairs):
    n_hips = sum(m for _, m in pairs)
    if n_hips:
        plain = wilson(sum(x for x, _ in pairs), n_hips)
        low, high = interval_of(pairs)
        assert high - low >= plain.high - plain.low - 1e-12


@given(people, people)
def test_sums_of_two_parts_give_the_bits_of_the_whole(first, second):
    whole, *parts = (
        cluster_sums([x for x, _ in pairs], [m for _, m in pairs]) for pairs in (first + second, first, second)
    )
    added = ClusterSums(*(a + b for a, b in zip(*parts, strict=True)))
    assert added == whole
    from_parts, from_whole = clustered_wilson_from_sums(added), clustered_wilson_from_sums(whole)
    assert np.array_equal(from_parts, from_whole, equal_nan=True)


def test_many_groups_at_once_equal_each_alone():
    groups = [
        ([2, 1, 0, 1], [2, 2, 2, 1]),
        ([], []),
        ([1], [2]),
        ([0, 0, 0], [2, 2, 1]),
        ([1, 0, 1], [1, 1, 1]),
    ]
    sums = ClusterSums(*map(np.array, zip(*(cluster_sums(*group) for group in groups), strict=True)))
    low, high = clustered_wilson_from_sums(sums)
    alone = [clustered_wilson(*group) for group in groups]
    np.testing.assert_array_equal(low, [interval.low for interval in alone])
    np.testing.assert_array_equal(high, [interval.high for interval in alone])


@pytest.mark.parametrize(("successes", "evaluable"), [([1], [1, 1]), ([[1]], [[1]])])
def test_arrays_of_different_people_are_refused(successes, evaluable):
    with pytest.raises(ValueError, match="need one entry per person in both arrays"):
        clustered_wilson(successes, evaluable)


@pytest.mark.parametrize("successes", [3, -1, math.nan])
def test_a_person_with_impossible_successes_is_refused(successes):
    with pytest.raises(ValueError, match="between 0 and that person's evaluable hips"):
        clustered_wilson([1, successes], [2, 2])


@cache
def every_cohort(n_pairs, n_single):
    """Every possible cohort: how many pairs (a row each) have none, one or two responders, and the interval.

    Rows of the limits are the pairs, columns how many of the single hips respond.
    """
    one, two = np.array([(one, two) for one in range(n_pairs + 1) for two in range(n_pairs + 1 - one)]).T[:, :, None]
    single = np.arange(n_single + 1)
    low, high = clustered_wilson_from_sums(
        ClusterSums(
            people=n_pairs + n_single,
            hips=2 * n_pairs + n_single,
            responders=one + 2 * two + single,
            hips_squared=4 * n_pairs + n_single,
            responders_squared=one + 4 * two + single,
            responders_times_hips=2 * one + 4 * two + single,
        )
    )
    return np.hstack([n_pairs - one - two, one, two]), low, high


def coverage(n_pairs, n_single, rate, correlation):
    """Probability that the interval holds the true rate, summed over every possible cohort."""
    shared = correlation * rate * (1 - rate)
    pair_probabilities = [(1 - rate) ** 2 + shared, 2 * rate * (1 - rate) - 2 * shared, rate**2 + shared]
    pairs, low, high = every_cohort(n_pairs, n_single)
    of_pairs = stats.multinomial.pmf(pairs, n_pairs, pair_probabilities)
    of_singles = stats.binom.pmf(np.arange(n_single + 1), n_single, rate)
    probability = np.outer(of_pairs, of_singles)
    assert probability.sum() == pytest.approx(1)
    return probability[(low <= rate) & (rate <= high)].sum()


@pytest.mark.parametrize("correlation", [0, 0.3, 0.7, 1])
@pytest.mark.parametrize(("n_pairs", "n_single"), [(10, 0), (6, 4), (20, 10), (45, 15), (30, 30)])
def test_the_default_interval_covers_by_exact_enumeration(n_pairs, n_single, correlation):
    # A rate of 1 - p is covered as one of p is. In steps of .05 the lows of coverage would be missed.
    rates = np.arange(0.05, 0.501, 0.01)
    covered = [coverage(n_pairs, n_single, rate, correlation) for rate in rates]
    assert min(covered) >= 0.93
    assert np.mean(covered) <= 0.99  # not by being needlessly wide


@pytest.mark.parametrize("correlation", [0.3, 0.7])
def test_it_covers_where_two_people_have_most_of_the_hips(correlation):
    # Eight people with one hip each and two with eight, after four episodes: every outcome with its probability.
    one, other, alone = (axis.ravel() for axis in np.meshgrid(np.arange(9), np.arange(9), np.arange(9)))
    sums = ClusterSums(10, 24, one + other + alone, 136, one**2 + other**2 + alone, 8 * (one + other) + alone)
    low, high = clustered_wilson_from_sums(sums)
    size = (1 - correlation) / correlation
    for rate in np.arange(0.05, 0.501, 0.01):
        of_eight = stats.betabinom(8, rate * size, (1 - rate) * size)
        chance = of_eight.pmf(one) * of_eight.pmf(other) * stats.binom.pmf(alone, 8, rate)
        assert chance[(low <= rate) & (rate <= high)].sum() >= 0.93
