import math
import warnings

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from analysis.stats.gee import gee_difference
from gee_matrices import written_out

LEFT, RIGHT = 1, 0


def cohort(n_people, share_both, seed):
    """Outcome, side and person of hips that share a person's tendency; the rest have one hip."""
    rng = np.random.default_rng(seed)
    hips = []
    for person, tendency in enumerate(rng.normal(size=n_people)):
        sides = (LEFT, RIGHT) if rng.random() < share_both else (rng.integers(2),)
        hips += [(tendency + 0.8 * rng.normal() > 0.3 * side, side, person) for side in sides]
    return tuple(np.array(column, dtype=int) for column in zip(*hips, strict=True))


def people_with_both(both, left_only, right_only, neither):
    pairs = [(1, 1)] * both + [(1, 0)] * left_only + [(0, 1)] * right_only + [(0, 0)] * neither
    return np.ravel(pairs), np.tile([LEFT, RIGHT], len(pairs)), np.repeat(np.arange(len(pairs)), 2)


def statsmodels_gee(outcome, is_left, person, link):
    design = np.column_stack([np.ones(len(outcome)), is_left])
    right, left = outcome[is_left == 0].mean(), outcome[is_left == 1].mean()
    start = [link(right), link(left) - link(right)]
    family = sm.families.Binomial(link=link)
    model = sm.GEE(outcome, design, groups=person, family=family, cov_struct=sm.cov_struct.Exchangeable())
    fit = model.fit(cov_type="bias_reduced", start_params=start, ctol=1e-10)
    assert fit.converged
    return fit.params[1], fit.bse[1], model.cov_struct.dep_params


@pytest.mark.parametrize(
    ("n_people", "share_both", "seed"),
    [(100, 0.85, 1), (40, 0.5, 2), (20, 0.8, 3), (12, 1.0, 4), (15, 0.3, 6)],
)
def test_agrees_with_statsmodels_under_both_links(n_people, share_both, seed):
    hips = cohort(n_people, share_both, seed)
    result = gee_difference(*hips)
    assert result.reason == ""
    expected = written_out(*hips, hips[2], result.correlation)
    t = stats.t.ppf(0.975, expected["difference"].degrees_of_freedom)

    with warnings.catch_warnings():
        # Its identity link warns that rates are not bounded; here they stay between 0 and 1.
        warnings.simplefilter("ignore", sm.tools.sm_exceptions.DomainWarning)
        difference, se, correlation = statsmodels_gee(*hips, sm.families.links.Identity())
    assert result.difference == pytest.approx(difference, abs=1e-8)
    assert result.difference_interval == pytest.approx((difference - t * se, difference + t * se), abs=1e-8)
    assert result.correlation == pytest.approx(correlation, abs=1e-7)

    log_odds, se, _ = statsmodels_gee(*hips, sm.families.links.Logit())
    degrees = expected["log_odds_ratio"].degrees_of_freedom
    t = stats.t.ppf(0.975, degrees)
    assert math.log(result.odds_ratio) == pytest.approx(log_odds, abs=1e-7)
    limits = [math.log(limit) for limit in result.odds_ratio_interval]
    assert limits == pytest.approx([log_odds - t * se, log_odds + t * se], abs=1e-7)
    assert result.p_value == pytest.approx(expected["difference"].p_value, rel=1e-6)


def test_the_bath_trial():
    # Treatment group of data/raw/bath-hips: rotation gained 5 degrees or more in both hips of 11 people, the
    # left of 1, the right of 7, neither of 8. With both hips of everyone the estimate is the paired difference;
    # H is 1/G, so the variance is the squares about the mean paired difference over (G - 1)².
    result = gee_difference(*people_with_both(11, 1, 7, 8))
    assert result.difference == pytest.approx(-6 / 27)
    assert result.odds_ratio == pytest.approx((12 / 15) / (18 / 9))
    se = math.sqrt(8 - 6**2 / 27) / 26
    t = stats.t.ppf(0.975, 25)
    assert result.difference_interval == pytest.approx((-6 / 27 - t * se, -6 / 27 + t * se))


def test_with_one_hip_per_person_it_is_two_independent_rates():
    # 6 of 10 left, 3 of 12 right; the correction divides each side's p·q by its people less one. The degrees of
    # freedom are Welch's.
    outcome = [1] * 6 + [0] * 4 + [1] * 3 + [0] * 9
    result = gee_difference(outcome, [LEFT] * 10 + [RIGHT] * 12, np.arange(22))
    se = math.sqrt(0.6 * 0.4 * 10 / 9**2 + 0.25 * 0.75 * 12 / 11**2)
    left, right = 0.6 * 0.4 / 9, 0.25 * 0.75 / 11
    t = stats.t.ppf(0.975, (left + right) ** 2 / (left**2 / 9 + right**2 / 11))
    assert result.correlation == 0
    assert result.difference == pytest.approx(0.35)
    assert result.difference_interval == pytest.approx((0.35 - t * se, 0.35 + t * se))


@pytest.mark.parametrize(
    ("pairs", "left_alone", "right_alone"),
    [
        pytest.param((1, 1, 0, 0), (2, 2), (1, 3), id="two pairs"),
        pytest.param((4, 0, 0, 0), (2, 2), (1, 3), id="correlation above 1"),
        pytest.param((0, 3, 0, 0), (0, 1), (1, 0), id="correlation below -1"),
        pytest.param((0, 1, 1, 2), (0, 0), (4, 0), id="no convergence"),
        pytest.param((0, 0, 1, 2), (4, 0), (0, 2), id="a rate beyond 1"),
    ],
)
def test_without_a_usable_correlation_the_estimate_is_the_crude_difference(pairs, left_alone, right_alone):
    # `pairs` counts (both, left only, right only, neither), the others (responders, non-responders).
    outcome, is_left, person = people_with_both(*pairs)
    alone = [1] * left_alone[0] + [0] * left_alone[1] + [1] * right_alone[0] + [0] * right_alone[1]
    outcome = np.append(outcome, alone)
    is_left = np.append(is_left, [LEFT] * sum(left_alone) + [RIGHT] * sum(right_alone))
    person = np.append(person, sum(pairs) + np.arange(len(alone)))
    result = gee_difference(outcome, is_left, person)
    assert result.reason == ""
    assert result.correlation == 0
    assert result.difference == pytest.approx(outcome[is_left == 1].mean() - outcome[is_left == 0].mean())
    assert result.difference_interval.low < result.difference < result.difference_interval.high


@pytest.mark.parametrize(
    ("hips", "reason"),
    [
        (([], [], []), "no left hip is evaluable"),
        (([0, 1, 1], [LEFT] * 3, [1, 2, 3]), "no right hip is evaluable"),
        (([0, 1, 1], [RIGHT] * 3, [1, 2, 3]), "no left hip is evaluable"),
        (people_with_both(0, 0, 3, 4), "no left hip responded"),
        (people_with_both(0, 3, 0, 4), "no right hip responded"),
        (people_with_both(3, 4, 0, 0), "every left hip responded"),
        (people_with_both(3, 0, 4, 0), "every right hip responded"),
        (people_with_both(1, 0, 0, 1), "fewer than 3 people"),
        (people_with_both(4, 0, 0, 5), "both hips agree in everyone, which leaves no standard error"),
        (
            ([0, 1, 0, 1, 1], [LEFT, LEFT, RIGHT, RIGHT, RIGHT], [1, 1, 2, 3, 4]),
            "only one person has left hips",
        ),
    ],
)
def test_what_cannot_be_estimated_says_why(hips, reason):
    result = gee_difference(*hips)
    assert result.reason == reason
    assert math.isnan(result.difference)
    assert math.isnan(result.odds_ratio)
    assert math.isnan(result.p_value)
    assert all(math.isnan(limit) for limit in result.difference_interval + result.odds_ratio_interval)


def test_rounding_leaves_no_standard_error_where_all_hips_agree():
    # Several episodes a person, with the same outcomes left and right.
    rng = np.random.default_rng(1)
    for n_people in range(4, 60):
        person = np.sort(np.append(np.arange(n_people), rng.integers(0, n_people, n_people)))
        outcome = rng.permutation(np.arange(2 * n_people) % 2)
        result = gee_difference(np.tile(outcome, 2), np.repeat([LEFT, RIGHT], 2 * n_people), np.tile(person, 2))
        assert result.reason.startswith("both hips agree in everyone")


one_person = st.tuples(st.sampled_from([None, 0, 1]), st.sampled_from([None, 0, 1]))


@given(st.lists(one_person, min_size=3, max_size=25))
def test_any_cohort_has_an_interval_or_a_reason(people):
    hips = [
        (outcome, side, person)
        for person, outcomes in enumerate(people)
        for side, outcome in zip((LEFT, RIGHT), outcomes, strict=True)
        if outcome is not None
    ]
    outcome, is_left, person = np.array(hips, dtype=int).reshape(-1, 3).T
    result, swapped = gee_difference(outcome, is_left, person), gee_difference(outcome, 1 - is_left, person)
    assert (result.reason == "") == (swapped.reason == "")
    if result.reason:
        assert math.isnan(result.difference)
        return
    low, high = result.difference_interval
    assert -1 <= low < result.difference < high <= 1
    assert 0 < result.odds_ratio_interval.low < result.odds_ratio < result.odds_ratio_interval.high < math.inf
    assert 0 < result.p_value <= 1
    assert swapped.difference == pytest.approx(-result.difference, abs=1e-7)
    assert swapped.difference_interval == pytest.approx((-high, -low), abs=1e-6)
    assert math.log(swapped.odds_ratio) == pytest.approx(-math.log(result.odds_ratio), abs=1e-6)


def test_the_order_of_rows_and_the_names_of_people_do_not_matter():
    outcome, is_left, person = cohort(30, 0.6, seed=7)
    shuffled = np.random.default_rng(8).permutation(len(outcome))
    names = np.array([f"patient {number % 7}-{number}" for number in person])
    expected = gee_difference(outcome, is_left, person)
    again = gee_difference(outcome[shuffled].astype(bool), is_left[shuffled].astype(bool), names[shuffled])
    assert again.difference == pytest.approx(expected.difference)
    assert again.difference_interval == pytest.approx(expected.difference_interval)


def test_faulty_input_is_refused():
    with pytest.raises(ValueError, match="one entry per hip in every array"):
        gee_difference([1, 0], [1, 0], [1])
    with pytest.raises(ValueError, match="must be 0 or 1; leave out hips that could not be judged"):
        gee_difference([1, math.nan], [1, 0], [1, 1])
    with pytest.raises(ValueError, match="confidence must lie between 0 and 1"):
        gee_difference([1, 0], [1, 0], [1, 1], confidence=95)


def test_a_person_with_nearly_all_hips_of_a_side_leaves_no_bound():
    # Of 1,002 left hips 1,000 are of one person, as are 602 of 604 right ones; t has 1 degree of freedom.
    outcome = [1, 0] * 500 + [1] * 2 + [0] * 600 + [1, 0, 0, 1]
    is_left = [LEFT] * 1000 + [RIGHT] * 602 + [LEFT, RIGHT] * 2
    result = gee_difference(outcome, is_left, [0] * 1602 + [1, 1, 2, 2])
    assert result.reason == "one person has nearly all hips of a side, which leaves no bound"
    assert math.isnan(result.odds_ratio_interval.high)


@pytest.mark.parametrize("missing", [None, math.nan])
def test_hips_of_an_unknown_person_are_refused(missing):
    people = np.array(["a", "a", "b", missing], dtype=object)
    with pytest.raises(ValueError, match="a person is missing"):
        gee_difference([1, 0, 1, 0], [1, 0, 1, 0], people)
