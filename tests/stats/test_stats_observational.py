import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit

from analysis.stats.intervals import t_quantile
from analysis.stats.observational import METHODS, adjusted_differences


def cohort(n_people, seed, difference=0.0):
    """Both hips of people; the worse they start, the less often they are exposed and the less they respond."""
    rng = np.random.default_rng(seed)
    person = np.repeat(np.arange(n_people), 2)
    start = np.repeat(rng.normal(size=n_people), 2) + 0.5 * rng.normal(size=2 * n_people)
    exposed = rng.random(2 * n_people) < 1 / (1 + np.exp(-start))
    outcome = rng.random(2 * n_people) < np.clip(0.45 + 0.15 * start + difference * exposed, 0.02, 0.98)
    return outcome.astype(int), exposed.astype(int), start[:, None], person


def test_with_one_yes_or_no_covariate_all_three_are_the_weighted_mean_of_its_strata():
    # Stratum 0: 6 of 8 exposed and 4 of 8 unexposed respond; stratum 1: 3 of 12 and 1 of 4. Main effects
    # hold exactly for the weights (a saturated model of exposure); 16 of 32 hips lie in each stratum.
    rows = [(1, 1, 0)] * 6 + [(0, 1, 0)] * 2 + [(1, 0, 0)] * 4 + [(0, 0, 0)] * 4
    rows += [(1, 1, 1)] * 3 + [(0, 1, 1)] * 9 + [(1, 0, 1)] * 1 + [(0, 0, 1)] * 3
    outcome, exposed, stratum = np.array(rows).T
    result = adjusted_differences(outcome, exposed, stratum[:, None], range(32))
    assert result["crude"].difference == pytest.approx(9 / 20 - 5 / 12)
    expected = (6 / 8 - 4 / 8) / 2 + (3 / 12 - 1 / 4) / 2
    assert result["weighted"].difference == pytest.approx(expected)
    assert result["doubly_robust"].difference == pytest.approx(expected)
    assert result["standardised"].difference == pytest.approx(expected, abs=0.02)


def test_adjustment_removes_what_the_covariate_brought_about():
    result = adjusted_differences(*cohort(2000, seed=1))
    assert result["crude"].difference > 0.08
    for name in ("standardised", "weighted", "doubly_robust"):
        assert abs(result[name].difference) < 0.03


def test_intervals_hold_the_estimate():
    result = adjusted_differences(*cohort(60, seed=2, difference=0.2))
    for adjusted in result.values():
        assert adjusted.interval.low < adjusted.difference < adjusted.interval.high
        assert adjusted.difference == pytest.approx(adjusted.rate_exposed - adjusted.rate_unexposed)


def test_people_are_independent_not_hips():
    # Hips that are copies of each other must not narrow the interval, but for what a hip's own part in a model moves.
    outcome, exposed, start, person = (column[::2] for column in cohort(60, seed=3))
    once = adjusted_differences(outcome, exposed, start, person)
    twice = adjusted_differences(*(np.repeat(column, 2, axis=0) for column in (outcome, exposed, start, person)))
    for name in METHODS:
        low, high = once[name].interval
        assert tuple(twice[name].interval) == pytest.approx((low, high), abs=0.05 * (high - low))


def study_with(clinics, seed):
    """Class and clinic decide who is exposed and who responds; the exposure changes nothing."""
    rng = np.random.default_rng(seed)
    person = np.repeat(np.arange(60 * clinics), 2)
    kind, clinic = rng.integers(0, 3, 60 * clinics)[person], person // 120
    level = 1.5 * (clinic % 2)
    exposed = rng.random(len(person)) < expit(np.array([1.0, 0.0, -1.5])[kind] + level - 0.5)
    outcome = rng.random(len(person)) < expit(np.array([1.0, 0.0, -1.5])[kind] + level - 1)
    return outcome, exposed, np.column_stack([kind == 1, kind == 2]), person, clinic


def test_an_interval_is_the_same_whenever_it_is_asked_for():
    outcome, exposed, kinds, person, clinic = study_with(6, seed=1)
    assert len({str(adjusted_differences(outcome, exposed, kinds, person, clinic)) for _ in range(3)}) == 1


def test_where_class_and_clinic_decide_who_is_exposed_and_who_responds_there_is_no_difference():
    outcome, exposed, kinds, person, clinic = study_with(6, seed=1)
    found = adjusted_differences(outcome, exposed, kinds, person, clinic)
    assert found["crude"].interval.low > 0.05
    for name in ("standardised", "weighted", "doubly_robust"):
        assert found[name].interval.low < 0 < found[name].interval.high
        assert abs(found[name].difference) < 0.05
    without_clinic = adjusted_differences(outcome, exposed, kinds, person)
    assert without_clinic["doubly_robust"].difference > found["doubly_robust"].difference + 0.02


def test_a_stratum_in_which_nobody_responded_leaves_an_answer():
    outcome, exposed, kinds, _, clinic = study_with(6, seed=2)
    result = adjusted_differences(outcome & (clinic != 3), exposed, kinds, clinic, clinic)
    assert all(math.isfinite(found.interval.low) for found in result.values())


def test_the_interval_is_that_of_the_stacked_equations_of_all_models():
    """Each hip's influence, by leaving out one hip at a time."""
    outcome, exposed, start, _ = (column[:120] for column in cohort(60, seed=6))
    whole = adjusted_differences(outcome, exposed, start, range(120))
    kept = [np.delete(np.arange(120), hip) for hip in range(120)]
    less = [adjusted_differences(outcome[at], exposed[at], start[at], range(119)) for at in kept]
    for name in METHODS:
        alone = np.array([found[name].difference for found in less])
        error = math.sqrt(119 / 120 * np.sum((alone - alone.mean()) ** 2))
        half = (whole[name].interval.high - whole[name].interval.low) / 2
        assert half == pytest.approx(float(t_quantile(0.95, 119)) * error, rel=0.1), name


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 1000))
def test_mirror_order_and_scale(seed):
    outcome, exposed, start, person = cohort(50, seed)
    result = adjusted_differences(outcome, exposed, start, person)
    failing = adjusted_differences(1 - outcome, exposed, start, person)
    swapped = adjusted_differences(outcome, 1 - exposed, start, person)
    scaled = adjusted_differences(outcome[::-1], exposed[::-1], 40 - 7 * start[::-1], person[::-1])
    for name in METHODS:
        assert failing[name].difference == pytest.approx(-result[name].difference, abs=1e-8)
        assert swapped[name].difference == pytest.approx(-result[name].difference, abs=1e-8)
        assert scaled[name].difference == pytest.approx(result[name].difference, abs=1e-8)


def test_a_hip_without_its_covariate_is_left_out_of_all_four():
    outcome, exposed, start, person = cohort(40, seed=4)
    gone = start.copy()
    gone[:4] = math.nan
    assert adjusted_differences(outcome, exposed, gone, person) == adjusted_differences(
        outcome[4:], exposed[4:], start[4:], person[4:]
    )


@pytest.mark.parametrize(
    ("outcome", "exposed", "covariate", "name", "reason"),
    [
        ([1, 0, 1], [0, 0, 0], [1, 2, 3], "crude", "no hip with the exposure"),
        ([1, 0, 1], [1, 1, 1], [1, 2, 3], "doubly_robust", "no hip without the exposure"),
        ([], [], [], "crude", "no hip with the exposure"),
        ([1, 0, 1, 0], [1, 1, 0, 0], [9, 8, 2, 1], "weighted", "all hips of a kind did alike"),
        ([1, 1, 1, 1], [1, 0, 1, 0], [4, 3, 2, 1], "standardised", "all hips of a kind did alike"),
    ],
)
def test_what_cannot_be_estimated_says_why(outcome, exposed, covariate, name, reason):
    columns = np.array(covariate, dtype=float).reshape(-1, 1)
    result = adjusted_differences(outcome, exposed, columns, range(len(outcome)))[name]
    assert result.reason.startswith(reason)
    assert math.isnan(result.difference)
    assert math.isnan(result.interval.low)


@pytest.mark.parametrize(
    ("outcome", "exposed", "person", "reason"),
    [
        ([1, 0, 1, 0, 1], [1, 0, 0, 0, 0], range(5), "only one person or clinic has hips with the exposure"),
        ([1, 0, 1, 0, 1], [1, 1, 1, 0, 0], [1, 2, 3, 4, 4], "only one person or clinic has hips without the exposure"),
        ([1, 1, 0, 1, 0], [1, 1, 0, 0, 0], range(5), "every hip with the exposure responded"),
        ([1, 0, 1, 0, 0], [1, 1, 1, 0, 0], range(5), "no hip without the exposure responded"),
    ],
)
def test_where_the_hips_show_no_scatter_there_is_no_interval(outcome, exposed, person, reason):
    result = adjusted_differences(outcome, exposed, np.ones((5, 1)), person)["crude"]
    assert result.reason == f"no interval: {reason}"
    assert result.difference == pytest.approx(result.rate_exposed - result.rate_unexposed)
    assert math.isnan(result.interval.low)


def test_faulty_input_is_refused():
    with pytest.raises(ValueError, match="one column per covariate"):
        adjusted_differences([1, 0], [1, 0], [1, 2], [1, 2])
    with pytest.raises(ValueError, match="outcome and exposed must be 0 or 1"):
        adjusted_differences([1, math.nan], [1, 0], [[1], [2]], [1, 2])
    with pytest.raises(ValueError, match="a cluster is missing"):
        adjusted_differences([1, 0], [1, 0], [[1], [2]], ["a", None])
