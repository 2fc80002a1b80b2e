"""Power curves through counts: on curves whose power is known, of the kinds that the claims have."""

import numpy as np
import pytest
from scipy.stats import binom, nct, norm, t

from analysis.sensitivity.power_curves import PowerCurves

CONFIDENCE = 0.99  # one-sided: a claim is held by chance in 1 of 100 cohorts
SIZES = np.array([0.7, 1.0, 1.4])


def power_of(size, per_root, degrees_of_freedom):
    """The power of Student's t where its noncentrality grows with the root of the size."""
    df = degrees_of_freedom(size)
    return float(nct.sf(t.ppf(CONFIDENCE, df), df, per_root * np.sqrt(size)))


def size_for(power, per_root, degrees_of_freedom):
    return next(size for size in range(5, 5_000) if power_of(size, per_root, degrees_of_freedom) >= power)


KINDS = {
    "one hip of each person": (0.43, lambda n: n - 1),
    "few of one group": (0.6, lambda n: 0.3 * n),
    "twelve unequal clinics": (0.43, lambda n: 8),
    "a large difference": (1.0, lambda n: 0.5 * n),
    "a small difference": (0.12, lambda n: n - 1),
}


def curves_through(shares, sizes, n, power=0.8):
    cohorts = np.full(len(sizes), n)
    return PowerCurves(sizes, cohorts, np.round(cohorts * shares), power, 1 - CONFIDENCE, (10, 2_000))


@pytest.mark.parametrize("kind", KINDS)
def test_many_cohorts_give_the_power_of_every_size_between(kind):
    needed = size_for(0.8, *KINDS[kind])
    sizes = np.round(SIZES * needed)
    curves = curves_through([power_of(size, *KINDS[kind]) for size in sizes], sizes, 100_000)
    assert curves.needed(0.5) == pytest.approx(needed, abs=max(1, 0.05 * needed))
    for size in np.round(np.array([0.6, 0.7, 0.85, 1, 1.2, 1.4, 1.6]) * needed):
        assert curves.power(size) == pytest.approx(power_of(size, *KINDS[kind]), abs=0.03), size


@pytest.mark.parametrize("kind", KINDS)
def test_limits_hold_the_size_needed_as_often_as_they_say(kind):
    rng, needed = np.random.default_rng(1), size_for(0.8, *KINDS[kind])
    sizes = np.round(SIZES * needed)
    shares = [power_of(size, *KINDS[kind]) for size in sizes]
    fits = [curves_through(rng.binomial(60, shares) / 60, sizes, 60) for _ in range(60)]
    held = sum(fit.needed(0.025) <= needed <= fit.needed(0.975) for fit in fits)
    assert held >= binom.ppf(0.001, 60, 0.95)
    assert np.median([fit.needed(0.975) / fit.needed(0.025) for fit in fits]) < 1.5


def test_a_curve_that_starts_at_the_error_rate_by_hand():
    # a = −2.326; with z.80 = 0.842 at 100 patients the curve passes Φ(−2.326 + 3.168 · √.25) = Φ(−0.742) = .229 at 25.
    curves = curves_through([norm.cdf(-0.742), 0.8], np.array([25, 100]), 1_000_000)
    assert curves.needed(0.5) == pytest.approx(100, rel=0.02)
    assert curves.power(25) == pytest.approx(0.229, abs=0.01)


def test_counts_that_are_all_or_nothing_leave_a_wide_range():
    all_shown = curves_through([1.0], np.array([100]), 20)
    assert all_shown.needed(0.975) < 80
    none_shown = curves_through([0.0], np.array([100]), 20)
    assert none_shown.needed(0.025) > 150
    assert none_shown.needed(0.5) < 16_000
