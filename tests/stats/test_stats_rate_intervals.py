import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from analysis.stats.anova_interval import _anova_wilson, _icc
from analysis.stats.proportions import ClusterSums, cluster_sums, clustered_wilson, effective_hips, wilson
from analysis.stats.rate_intervals import (
    DEFAULT_INTERVAL,
    RATE_INTERVALS,
    anova_wilson,
    clopper_pearson,
    jeffreys,
    rao_scott,
)

# Siblings with chronic obstructive pulmonary disease by size of family and number affected: Liang KY, Zeger
# SL, Qaqish B (1992). J R Stat Soc B 54:3-40; 60 of 203 siblings in 100 families.
FAMILIES = {1: (36, 12), 2: (15, 7, 1), 3: (5, 7, 3, 2), 4: (3, 3, 1, 0, 0), 6: (1, 0, 1, 1, 1, 0, 1)}
AFFECTED = [x for counts in FAMILIES.values() for x, families in enumerate(counts) for _ in range(families)]
SIBLINGS = [m for m, counts in FAMILIES.items() for _ in range(sum(counts))]

people = st.lists(
    st.integers(0, 2).flatmap(lambda m: st.tuples(st.integers(0, m), st.just(m))), min_size=1, max_size=40
)
every_choice = pytest.mark.parametrize("choice", RATE_INTERVALS)


def sums_of(pairs):
    return cluster_sums([x for x, _ in pairs], [m for _, m in pairs])


def test_the_siblings_of_liang_give_the_published_correlation_and_limits():
    # Saha KK, Miller D, Wang S (2016). Int J Biostat 12(2), ijb-2015-0024.
    assert (len(SIBLINGS), sum(SIBLINGS), sum(AFFECTED)) == (100, 203, 60)
    # Families of more than two, whose sum of squares within people no sums tell.
    sums, within = cluster_sums(AFFECTED, SIBLINGS), np.sum(np.multiply(AFFECTED, 1 - np.divide(AFFECTED, SIBLINGS)))
    icc = float(_icc(sums, within))
    assert round(icc, 4) == 0.1855
    assert round(1 + (np.square(SIBLINGS).sum() / 203 - 1) * icc, 4) == 1.3491
    assert tuple(np.round(_anova_wilson(sums, within, 0.95), 4)) == (0.2285, 0.3728)


def test_more_than_two_hips_of_a_person_need_the_people_not_the_sums():
    assert all(np.isnan(anova_wilson(cluster_sums(AFFECTED, SIBLINGS))))


def test_the_correlation_by_hand():
    # Hips 2/2, 1/2, 0/2, 1/2: p = 1/2. Between: 2·(1/4 + 0 + 1/4 + 0)/3 = 1/3; within: 2·(1/2)/4 = 1/4.
    icc = (1 / 3 - 1 / 4) / (1 / 3 + 1 / 4)
    sums = cluster_sums([2, 1, 0, 1], [2, 2, 2, 2])
    assert _icc(sums, 1) == pytest.approx(icc)
    assert anova_wilson(sums) == pytest.approx(wilson(4 / (1 + icc), 8 / (1 + icc)))


@given(st.integers(1, 300), st.data())
def test_with_one_hip_per_person_each_is_its_textbook_form(n, data):
    x = data.draw(st.integers(0, n))
    sums = ClusterSums(n, n, x, n, x, x)
    exact = np.nan_to_num(proportion_confint(x, n, method="beta"), nan=0.0)
    assert clopper_pearson(sums) == pytest.approx(exact, abs=1e-9)
    low, high = proportion_confint(x, n, method="jeffreys")
    assert jeffreys(sums) == pytest.approx((low if x else 0, high if x < n else 1), abs=1e-9)
    for choice in ("wilson", "rao_scott", "anova_wilson"):
        assert RATE_INTERVALS[choice].limits(sums, 0.95) == pytest.approx(wilson(x, n), abs=1e-12)


def test_hips_that_always_agree_are_half_as_many():
    # Both hips of 5 people respond, neither of 5: an ICC of 1 gives 10 hips; the clustered variance gives 9.
    sums = cluster_sums([2, 0] * 5, [2] * 10)
    assert anova_wilson(sums) == pytest.approx(wilson(5, 10))
    assert rao_scott(sums) == pytest.approx(wilson(4.5, 9))


@every_choice
@given(pairs=people)
def test_limits_hold_the_rate_and_mirror(choice, pairs):
    limits = RATE_INTERVALS[choice].limits
    low, high = limits(sums_of(pairs), 0.95)
    n_hips = sum(m for _, m in pairs)
    if n_hips == 0:
        assert np.isnan(low)
        assert np.isnan(high)
        return
    rate = sum(x for x, _ in pairs) / n_hips
    assert 0 <= low <= rate <= high <= 1
    assert low < high
    mirrored = limits(sums_of([(m - x, m) for x, m in pairs]), 0.95)
    assert mirrored == pytest.approx((1 - high, 1 - low), abs=1e-9)


@every_choice
@given(pairs=people)
def test_the_order_of_people_does_not_matter(choice, pairs):
    limits = RATE_INTERVALS[choice].limits
    assert np.array_equal(limits(sums_of(pairs), 0.95), limits(sums_of(pairs[::-1]), 0.95), equal_nan=True)


@every_choice
def test_none_all_one_person_and_nobody_have_a_stated_answer(choice):
    sums = ClusterSums(
        people=np.array([5, 5, 1, 0]),
        hips=np.array([8, 8, 2, 0]),
        responders=np.array([0, 8, 1, 0]),
        hips_squared=np.array([14, 14, 4, 0]),
        responders_squared=np.array([0, 14, 1, 0]),
        responders_times_hips=np.array([0, 14, 2, 0]),
    )
    low, high = RATE_INTERVALS[choice].limits(sums, 0.95)
    assert low[0] == 0
    assert high[1] == 1
    assert 0 < high[0] < 1
    assert high[0] == pytest.approx(1 - low[1])
    assert 0 < low[2] < 0.5 < high[2] < 1
    assert np.isnan([low[3], high[3]]).all()


@every_choice
def test_each_choice_says_in_words_that_it_is_clustered(choice):
    described = RATE_INTERVALS[choice].description
    assert described.startswith("95 % ")
    assert "person" in described or "effective" in described


@every_choice
def test_a_confidence_of_95_is_refused(choice):
    with pytest.raises(ValueError, match="confidence must lie between 0 and 1"):
        RATE_INTERVALS[choice].limits(ClusterSums(5, 8, 3, 14, 5, 6), 95)


def test_effective_hips_by_hand():
    # As test_clustered_wilson_by_hand in test_stats_proportions: design effect (4/3)·(110/49)/(12/7).
    assert effective_hips(cluster_sums([2, 1, 0, 1], [2, 2, 2, 1])) == pytest.approx(7 * (12 / 7) / (4 / 3 * 110 / 49))


def test_the_default_is_the_clustered_wilson_interval():
    assert RATE_INTERVALS[DEFAULT_INTERVAL].limits(sums_of([(2, 2), (1, 2)]), 0.95) == pytest.approx(
        clustered_wilson([2, 1], [2, 2])
    )
