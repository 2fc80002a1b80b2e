import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import chi2, norm

from analysis.stats.clustered_pairs import durkalski, obuchowski

both_tests = pytest.mark.parametrize("compare", [durkalski, obuchowski])

# One (left only, right only, pairs) per clinic.
clinics = st.lists(
    st.tuples(st.integers(0, 8), st.integers(0, 8), st.integers(1, 6)).map(lambda c: (c[0], c[1], sum(c))),
    min_size=2,
    max_size=20,
)


def test_obuchowski_by_hand():
    # Left-only less right-only in six clinics: 2, 2, 3, 0, 3, 1; sum 11 of 57 pairs, squares sum to 27.
    result = obuchowski([3, 2, 4, 1, 3, 2], [1, 0, 1, 1, 0, 1], [10, 8, 12, 9, 7, 11])
    assert result.difference == pytest.approx(11 / 57)
    assert result.statistic == pytest.approx(5 / 6 * 121 / 27)
    assert result.p_value == pytest.approx(chi2.sf(5 / 6 * 121 / 27, 1))


def test_obuchowski_by_her_own_formula():
    # Obuchowski NA (1998): both rates, each clinic's residuals from their mean, and the covariance between the sides;
    # how the pairs that agree divide into both and neither is all the same.
    b, c, n = np.array([[3, 2, 4, 1, 3, 2], [1, 0, 1, 1, 0, 1], [10, 8, 12, 9, 7, 11]])
    for both in (n - b - c, np.array([2, 0, 5, 7, 1, 3])):
        left, right = both + b, both + c
        pooled = (left + right).sum() / (2 * n.sum())
        variance = np.sum((left - n * pooled) ** 2 + (right - n * pooled) ** 2)
        covariance = np.sum((left - n * pooled) * (right - n * pooled))
        difference = (left.sum() - right.sum()) / n.sum()
        statistic = difference**2 / (6 / 5 * (variance - 2 * covariance) / n.sum() ** 2)
        assert obuchowski(b, c, n).statistic == pytest.approx(statistic)


def test_durkalski_by_hand():
    # Differences 2/10, 2/8, 3/12, 0/9 and 3/6 of the pairs.
    d = np.array([0.2, 0.25, 0.25, 0, 0.5])
    result = durkalski([3, 2, 4, 1, 3], [1, 0, 1, 1, 0], [10, 8, 12, 9, 6])
    assert result.difference == pytest.approx(d.mean())
    assert result.statistic == pytest.approx(d.sum() ** 2 / (d**2).sum())


def test_with_one_pair_per_clinic_durkalski_is_mcnemar():
    # Agresti's approval data, McNemar's chi-square 17.356 (Categorical Data Analysis, 2nd ed., section 10.1.3).
    left_only = [1] * 150 + [0] * 86 + [0] * 1364
    right_only = [0] * 150 + [1] * 86 + [0] * 1364
    result = durkalski(left_only, right_only, [1] * 1600)
    assert round(result.statistic, 3) == 17.356
    assert result.difference == pytest.approx(0.04)


@both_tests
@given(clinics)
def test_the_interval_is_what_the_test_does_not_reject(compare, counts):
    result = compare(*np.transpose(counts))
    assume(not result.reason)
    low, high = result.interval
    assert -1 <= low <= result.difference <= high <= 1
    margin = 1e-6
    if abs(low) > margin and abs(high) > margin:
        assert (low < 0 < high) == (result.statistic < norm.ppf(0.975) ** 2)


@both_tests
@given(clinics)
def test_swapping_sides_mirrors_and_order_does_not_matter(compare, counts):
    b, c, n = np.transpose(counts)
    result, swapped, reversed_order = compare(b, c, n), compare(c, b, n), compare(b[::-1], c[::-1], n[::-1])
    assert result.reason == swapped.reason == reversed_order.reason
    assume(not result.reason)
    assert swapped.difference == pytest.approx(-result.difference)
    assert swapped.interval == pytest.approx((-result.interval.high, -result.interval.low), abs=1e-9)
    assert swapped.statistic == pytest.approx(result.statistic)
    assert reversed_order.interval == pytest.approx(result.interval, abs=1e-9)


def test_clinics_twice_as_large_with_the_same_shares_give_the_same_answer():
    once = durkalski([3, 2, 4], [1, 0, 0], [10, 8, 12])
    twice = durkalski([6, 4, 8], [2, 0, 0], [20, 16, 24])
    assert twice.statistic == pytest.approx(once.statistic)
    assert twice.interval == pytest.approx(once.interval)


@both_tests
@pytest.mark.parametrize(
    ("counts", "reason"),
    [
        (([], [], []), "fewer than 2 clinics have pairs"),
        (([3], [1], [9]), "fewer than 2 clinics have pairs"),
        (([3, 0], [1, 0], [9, 0]), "fewer than 2 clinics have pairs"),
        (([0, 0, 0], [0, 0, 0], [5, 6, 7]), "left minus right is the same in every clinic"),
        (([2, 2, 2], [1, 1, 1], [5, 5, 5]), "left minus right is the same in every clinic"),
    ],
)
def test_what_cannot_be_estimated_says_why(compare, counts, reason):
    result = compare(*counts)
    assert result.reason.startswith(reason)
    assert math.isnan(result.difference)
    assert math.isnan(result.p_value)
    assert all(math.isnan(limit) for limit in result.interval)


@both_tests
def test_too_few_clinics_to_reject_leave_every_difference_open(compare):
    assert compare([5, 9, 4], [0, 1, 0], [10, 10, 10]).interval == (-1, 1)


@both_tests
def test_faulty_input_is_refused(compare):
    with pytest.raises(ValueError, match="one entry per clinic in every array"):
        compare([1, 2], [1], [3, 4])
    with pytest.raises(ValueError, match="discordant pairs of a clinic must lie between 0 and its pairs"):
        compare([3, 1], [1, 1], [3, 4])
    with pytest.raises(ValueError, match="confidence must lie between 0 and 1"):
        compare([1, 2], [1, 0], [3, 4], confidence=95)
