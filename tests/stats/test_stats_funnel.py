import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from analysis.stats.funnel import ACTION, WARNING, exact_funnel_limits, funnel_limits, overdispersion

# Deaths after heart surgery on babies in 12 hospitals: the surgical example of the BUGS manual, volume 1.
DEATHS = [0, 18, 8, 46, 8, 13, 9, 31, 14, 8, 29, 24]
OPERATIONS = [47, 148, 119, 810, 211, 196, 148, 215, 207, 97, 256, 360]

clinics = st.lists(
    st.integers(1, 300).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), min_size=3, max_size=15
)


def test_the_surgical_example_by_spiegelhalters_method():
    # Spiegelhalter DJ (2005). Qual Saf Health Care 14:347-351; worked in full in the project's design notes.
    result = overdispersion(DEATHS, OPERATIONS)
    assert round(result.phi_raw, 4) == 3.7045
    assert round(result.phi, 4) == 2.3798
    assert round(result.tau_squared, 7) == 0.0018096


@pytest.mark.parametrize(
    ("distance", "over_dispersed", "limits"),
    [(WARNING, False, (0.0419, 0.1141)), (WARNING, True, (0.0276, 0.1402)), (ACTION, True, (0.0109, 0.1863))],
)
def test_its_limits_at_200_operations(distance, over_dispersed, limits):
    result = overdispersion(DEATHS, OPERATIONS)
    low, high = funnel_limits([200], result.target, distance, result.tau_squared if over_dispersed else 0)
    assert (round(low[0], 4), round(high[0], 4)) == limits


@given(clinics)
def test_counting_failures_turns_the_funnel_over(rows):
    r, n = np.transpose(rows)
    result, failures = overdispersion(r, n), overdispersion(n - r, n)
    assert failures.z == pytest.approx(-result.z, abs=1e-9)
    assert failures.tau_squared == pytest.approx(result.tau_squared, abs=1e-9)
    for low, high in (funnel_limits(n, result.target, ACTION), exact_funnel_limits(n, result.target, 0.95)):
        assert np.all((low <= result.target + 1e-12) & (result.target - 1e-12 <= high))


@given(st.integers(1, 300), st.floats(0.01, 0.99))
def test_limits_mirror(n, target):
    for limits in (lambda p: funnel_limits([n], p, WARNING), lambda p: exact_funnel_limits([n], p, 0.998)):
        low, high = limits(target)
        other_low, other_high = limits(1 - target)
        assert (other_low[0], other_high[0]) == pytest.approx((1 - high[0], 1 - low[0]), abs=1e-6)


@pytest.mark.parametrize("n", [7, 20, 143])
@pytest.mark.parametrize("target", [0.05, 0.3, 0.5, 0.8])
def test_exact_limits_part_the_counts_by_their_tails(n, target):
    low, high = exact_funnel_limits([n], target, 0.95)
    counts = np.arange(n + 1)
    assert (counts / n < low[0]).tolist() == (binom.cdf(counts, n, target) < 0.025).tolist()
    assert (counts / n > high[0]).tolist() == (binom.sf(counts - 1, n, target) < 0.025).tolist()


@pytest.mark.parametrize("target", [0.0857, 0.5])
def test_exact_limits_are_smooth_from_one_size_to_the_next(target):
    low, high = exact_funnel_limits(np.arange(60, 100.5, 0.5), target, 0.95)
    for limit, sign in ((low, 1), (high, -1)):
        steps = sign * np.diff(limit)
        assert (steps > 0).all()
        assert np.diff(steps).max() < 0, "a step larger than the one before is a kink"


def test_clinics_alike_show_no_overdispersion():
    result = overdispersion([5, 5, 5, 0], [50, 50, 50, 0])
    assert result.tau_squared == 0
    assert math.isnan(result.z[3])
    assert result.reason == ""


def test_none_and_all_have_limits():
    result = overdispersion([0, 0, 0], [5, 6, 7])
    assert (result.target, result.tau_squared) == (0, 0)
    assert funnel_limits([20], 0, WARNING)[0] == 0
    assert exact_funnel_limits([20], 0, 0.95)[0] == 0
    assert exact_funnel_limits([20], 1, 0.95)[1] == 1


def test_two_clinics_say_why_not():
    result = overdispersion([1, 2], [5, 6])
    assert result.reason == "fewer than 3 clinics with evaluable hips"
    assert math.isnan(result.phi)
    assert math.isnan(overdispersion([], []).target)


def test_no_hips_no_limits():
    assert np.isnan(funnel_limits([0], 0.3, WARNING)).all()
    assert np.isnan(exact_funnel_limits([0], 0.3, 0.95)).all()


def test_faulty_input_is_refused():
    with pytest.raises(ValueError, match="one entry per clinic"):
        overdispersion([1], [2, 3])
    with pytest.raises(ValueError, match="between 0 and its hips"):
        overdispersion([3], [2])
    with pytest.raises(ValueError, match="the target is a rate"):
        funnel_limits([20], 50, WARNING)
