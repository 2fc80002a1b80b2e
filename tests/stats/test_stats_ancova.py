import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from analysis.stats.ancova import ancova


def cohort(n_people, seed, difference=3.0):
    rng = np.random.default_rng(seed)
    person = np.repeat(np.arange(n_people), 2)
    in_group = np.repeat(rng.permutation(np.arange(n_people) % 2), 2)
    likeness = np.repeat(rng.normal(0, 3, n_people), 2)
    before = rng.normal(20, 5, 2 * n_people)
    after = 8 + 0.7 * before + difference * in_group + likeness + rng.normal(0, 2, 2 * n_people)
    return before, after, in_group, person


def test_by_hand_where_the_earlier_readings_are_balanced():
    # Both groups start at 10 and 20: the difference is that of the means, 18 - 14, and the slope 0.8.
    before, after = [10, 10, 20, 20] * 2, [9, 11, 17, 19, 13, 15, 21, 23]
    result = ancova(before, after, [0] * 4 + [1] * 4, range(8))
    assert result.difference == pytest.approx(4)
    assert result.baseline_slope == pytest.approx(0.8)


def test_in_a_balanced_design_it_is_the_analysis_of_covariance_of_textbooks():
    # Two earlier readings crossed with the group, one hip each: residual variance on 24 − 3 degrees of freedom.
    rng = np.random.default_rng(1)
    before, in_group = np.tile([10.0, 20.0], 12), np.repeat([0, 1], 12)
    after = rng.normal(20, 4, 24)
    result = ancova(before, after, in_group, range(24))
    treated, control = after[12:].mean(), after[:12].mean()
    assert result.difference == pytest.approx(treated - control)
    slope = np.array([-1, 1]) @ [after[before == 10].mean(), after[before == 20].mean()] / 10
    residual = after - np.where(in_group == 1, treated, control) - slope * (before - 15)
    error = math.sqrt(np.sum(residual**2) / 21 * (2 / 12))
    assert result.interval.high - result.difference == pytest.approx(error * stats.t.ppf(0.975, 21))


def test_a_hip_without_a_reading_is_left_out():
    before, after, in_group, person = cohort(12, seed=2)
    after[3] = before[5] = math.nan
    kept = ~np.isnan(before) & ~np.isnan(after)
    result = ancova(before, after, in_group, person)
    assert (result.n_hips, result.n_people) == (22, 12)
    assert result == ancova(before[kept], after[kept], in_group[kept], person[kept])


def test_two_hips_of_a_person_are_not_two_people():
    before, after, in_group, person = cohort(40, seed=3)
    clustered, as_if_independent = ancova(before, after, in_group, person), ancova(before, after, in_group, range(80))
    assert np.diff(clustered.interval) > np.diff(as_if_independent.interval)


@given(st.integers(0, 1000))
def test_mirror_order_and_scale(seed):
    before, after, in_group, person = cohort(8, seed)
    result = ancova(before, after, in_group, person)
    mirrored = ancova(before, after, 1 - in_group, person)
    assert mirrored.difference == pytest.approx(-result.difference)
    assert mirrored.interval == pytest.approx((-result.interval.high, -result.interval.low))
    order = np.random.default_rng(seed).permutation(16)
    assert ancova(before[order], after[order], in_group[order], person[order]).interval == pytest.approx(
        result.interval
    )
    radians = ancova(np.radians(before), np.radians(after), in_group, person)
    assert radians.interval == pytest.approx(tuple(np.radians(result.interval)))
    assert radians.p_value == pytest.approx(result.p_value)


@pytest.mark.parametrize(
    ("hips", "reason"),
    [
        (([], [], [], []), "the group has hips of fewer than 2 people"),
        (([1, 2, 3], [1, 2, 4], [0, 0, 0], [1, 2, 3]), "the group has hips of fewer than 2 people"),
        (([1, 2, 3, 4], [1, 2, 4, 5], [1, 1, 1, 0], [1, 2, 3, 4]), "the other group has hips of fewer than 2 people"),
        (([1, 2, 3, 4], [1, 2, 4, 5], [1, 0, 1, 0], [1, 1, 2, 2]), "fewer than 4 people"),
        (([5, 5, 7, 7], [1, 2, 4, 5], [1, 1, 0, 0], [1, 2, 3, 4]), "the earlier readings do not vary"),
        # Every hip gained 5: rounding is no scatter, and no difference of 3e-15 comes of it.
        (([10, 12, 14, 16], [15, 17, 19, 21], [0, 1, 0, 1], [1, 2, 3, 4]), "the readings leave no scatter"),
        (
            ([*range(6)], [3, 1, 4, 1, 5, 9], [1, 1, 0, 0, 0, 0], range(6), None, [[0], [1], *[[0]] * 4]),
            "one person alone",
        ),
        (
            ([*range(6)], [3, 1, 4, 1, 5, 9], [1, 1, 0, 0, 0, 0], range(6), None, [[1], [1], *[[0]] * 4]),
            "the groups cannot",
        ),
        (
            ([*range(9)], [3, 1, 4, 1, 5, 9, 2, 6, 5], [1, 1, *[0] * 7], range(9), [*"AABBCCDDE"]),
            "one of the groups has",
        ),
    ],
)
def test_what_cannot_be_estimated_says_why(hips, reason):
    result = ancova(*hips)
    assert result.reason.startswith(reason)
    assert math.isnan(result.difference)
    assert math.isnan(result.interval.low)


def test_faulty_input_is_refused():
    with pytest.raises(ValueError, match="one entry per hip in every array"):
        ancova([1, 2], [1], [0, 1], [1, 2])
    with pytest.raises(ValueError, match="a person is missing"):
        ancova([1, 2], [1, 2], [0, 1], [1, math.nan])
    with pytest.raises(ValueError, match="in_group must be 0 or 1"):
        ancova([1, 2], [1, 2], [0, 2], [1, 2])
    with pytest.raises(ValueError, match="confidence must lie between 0 and 1"):
        ancova([1, 2], [1, 2], [0, 1], [1, 2], confidence=95)


def test_what_else_is_made_alike_and_clinics_are_those_of_least_squares():
    rng = np.random.default_rng(4)
    clinic = np.repeat(np.arange(6), 20)
    kind = rng.integers(0, 2, 120)
    group = rng.random(120) < 0.3 + 0.4 * kind
    before = rng.normal(20, 5, 120)
    after = before + 6 * kind + clinic + rng.normal(0, 3, 120)
    others = np.column_stack([kind, clinic[:, None] == np.arange(1, 6)])
    result = ancova(before, after, group, range(120), clinic, others)
    design = np.column_stack([np.ones(120), group, before, others])
    assert result.difference == pytest.approx(np.linalg.lstsq(design, after)[0][1])
    assert result.interval.low < 0 < result.interval.high
    assert ancova(before, after, group, range(120)).interval.low > 0  # the class passes for the group
