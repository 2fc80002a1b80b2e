import math

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analysis.stats.gee import gee_difference
from analysis.stats.interaction import side_by_group


def cohort(n_people, seed, shift=0.0):
    rng = np.random.default_rng(seed)
    hips = []
    for person in range(n_people):
        tendency, kind = rng.normal(), rng.choice(["T1", "T2", "T3"])
        for side in (1, 0):
            own = kind if rng.random() < 0.85 else "T1"
            threshold = shift * side * (own == "T2")
            hips.append((int(tendency + rng.normal() > threshold), side, own, person))
    return tuple(np.array(column) for column in zip(*hips, strict=True))


def test_agrees_with_statsmodels_where_hips_are_independent():
    outcome, left, group, _ = cohort(150, seed=1)
    person = np.arange(len(outcome))
    result = side_by_group(outcome, left, group, person)
    cells = [(kind, side) for kind in ("T1", "T2", "T3") for side in (1, 0)]
    design = np.column_stack([(group == kind) & (left == side) for kind, side in cells]).astype(float)
    fitted = sm.GEE(outcome, design, groups=person).fit(cov_type="bias_reduced")
    contrast = np.array([[-1, 1, 1, -1, 0, 0], [-1, 1, 0, 0, 1, -1]])
    value, covariance = contrast @ fitted.params, contrast @ fitted.cov_params() @ contrast.T
    statistic = value @ np.linalg.solve(covariance, value) / 2
    assert result.f_statistic == pytest.approx(statistic)
    assert result.degrees_of_freedom == (2, 300 - 6)
    assert result.p_value == pytest.approx(stats.f.sf(statistic, 2, 294))


def test_one_group_alone_is_the_gee_of_left_against_right():
    outcome, left, _, person = cohort(60, seed=2)
    result = side_by_group(outcome, left, ["T1"] * len(outcome), person)
    expected = gee_difference(outcome, left, person)
    assert result.groups[0].difference == pytest.approx(expected.difference)
    assert result.groups[0].interval == pytest.approx(expected.difference_interval)
    assert result.reason == "only one group has an estimate"
    assert math.isnan(result.p_value)


def test_a_real_interaction_is_found():
    assert side_by_group(*cohort(400, seed=3, shift=1.5)).p_value < 0.001


def test_a_group_without_an_estimate_is_left_out_with_its_reason():
    outcome, left, group, person = cohort(80, seed=4)
    none = (group == "T3") & (left == 1)
    result = side_by_group(np.where(none, 0, outcome), left, group, person)
    assert [g.reason for g in result.groups] == ["", "", "no left hip responded"]
    assert math.isnan(result.groups[2].difference)
    assert result.degrees_of_freedom[0] == 1
    kept = group != "T3"
    again = side_by_group(outcome[kept], left[kept], group[kept], person[kept])
    assert again.p_value == pytest.approx(result.p_value)


@pytest.mark.parametrize(
    ("hips", "reason"),
    [
        (([], [], [], []), "no group has an estimate"),
        (([1, 0], [1, 0], ["a", "a"], [1, 1]), "no group has an estimate"),
        (([1, 0, 0, 1, 1, 0], [1, 0] * 3, ["a"] * 6, [1, 1, 2, 2, 1, 2]), "too few people"),
    ],
)
def test_what_cannot_be_tested_says_why(hips, reason):
    result = side_by_group(*hips)
    assert result.reason.startswith(reason)
    assert math.isnan(result.f_statistic)
    assert math.isnan(result.p_value)


def test_clinics_are_the_clusters_where_there_are_enough():
    outcome, left, group, person = cohort(120, seed=5)
    result = side_by_group(outcome, left, group, person, clinic=person // 8)
    assert result.clustered_by == "clinic"
    assert result.degrees_of_freedom == (2, 15 - 6)


@settings(max_examples=40)
@given(st.integers(0, 10_000), st.integers(4, 40))
def test_swapping_sides_mirrors_and_order_does_not_matter(seed, n_people):
    outcome, left, group, person = cohort(n_people, seed)
    order = np.random.default_rng(seed).permutation(len(outcome))
    result, swapped = side_by_group(outcome, left, group, person), side_by_group(outcome, 1 - left, group, person)
    shuffled = side_by_group(outcome[order], left[order], group[order], person[order])
    assert result.reason == shuffled.reason
    assert bool(result.reason) == bool(swapped.reason)
    for one, other, same in zip(result.groups, swapped.groups, shuffled.groups, strict=True):
        assert other.difference == pytest.approx(-one.difference, abs=1e-6, nan_ok=True)
        assert same.interval == pytest.approx(one.interval, abs=1e-6, nan_ok=True)
    assert swapped.p_value == pytest.approx(result.p_value, abs=1e-5, nan_ok=True)


def test_faulty_input_is_refused():
    with pytest.raises(ValueError, match="need one group per hip"):
        side_by_group([1, 0], [1, 0], ["a"], [1, 2])
    with pytest.raises(ValueError, match="a group is missing"):
        side_by_group([1, 0], [1, 0], ["a", None], [1, 2])
    with pytest.raises(ValueError, match="must be 0 or 1"):
        side_by_group([1, 2], [1, 0], ["a", "a"], [1, 2])


def test_a_group_left_out_may_turn_people_into_clinics():
    # One person of T3 was seen in two clinics, so that all are clustered by person; T3 has no left hip and is left
    # out, then clinics are the clusters, and T1 has left hips of one clinic only.
    rng = np.random.default_rng(0)
    left, person = np.tile([1, 0], 60), np.arange(120)
    group, clinic = np.repeat(["T1", "T2"], 60), np.arange(120) // 2 % 12
    clinic[(group == "T1") & (left == 1)] = 0
    hips = [rng.integers(0, 2, 120), left, group, person, clinic]
    extra = [[1, 0], [0, 0], ["T3", "T3"], [999, 999], [1, 2]]
    result = side_by_group(*(np.append(column, more) for column, more in zip(hips, extra, strict=True)))
    assert [estimate.reason for estimate in result.groups] == [
        "only one clinic has left hips",
        "",
        "no left hip is evaluable",
    ]
    assert (result.clustered_by, result.reason) == ("clinic", "only one group has an estimate")
