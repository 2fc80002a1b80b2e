import math

import numpy as np
import pytest
from scipy import stats

from analysis.stats.chance import (
    at_least,
    gain_by_chance,
    loss_by_chance,
    sign_change_by_chance,
)

N_SIMULATED = 400_000


# The clinical specification prints these percentages: gain of 5 degrees of rotation, 10 of leg raise.
@pytest.mark.parametrize(
    ("gain", "sem", "percent"),
    [(5, 1.9, "3"), (5, 3, "12"), (5, 4, "19"), (5, 5, "24"), (10, 3, "0.9"), (10, 4, "3.9"), (10, 5, "7.9")],
)
def test_unselected_hips_gain_as_often_as_printed(gain, sem, percent):
    decimals = len(percent.partition(".")[2])
    # Where hips differ without end, a first reading says nothing of its own error: it was not selected.
    (chance,) = gain_by_chance([20], gain, sem, step=0, mean=20, variance=1e9)
    assert f"{100 * chance:.{decimals}f}" == percent


def simulated_readings(step, sem):
    """Two readings of hips whose true values, N(22, 8²), did not change."""
    rng = np.random.default_rng(20220814)
    true = rng.normal(22, 8, N_SIMULATED)
    return (step * np.round((true + rng.normal(0, sem, N_SIMULATED)) / step) for _ in range(2))


@pytest.mark.parametrize("sem", [2, 3, 5])
@pytest.mark.parametrize("step", [0.1, 1, 5])
@pytest.mark.parametrize("selected_below", [math.inf, 20])
@pytest.mark.parametrize("direction", ["gain", "loss"])
def test_change_by_chance_agrees_with_simulation(step, sem, selected_below, direction):
    before, after = simulated_readings(step, sem)
    first_readings = {"mean": before.mean(), "variance": before.var()}
    chosen = before < selected_below - step / 2
    before, after = before[chosen], after[chosen]
    change, by_chance = (after - before, gain_by_chance) if direction == "gain" else (before - after, loss_by_chance)
    passed = (change > 5 - step / 2).mean()  # on the grid, the same as ≥ 5 without its rounding errors
    calculated = by_chance(before, 5, sem, step, **first_readings).mean()
    monte_carlo_error = math.sqrt(passed * (1 - passed) / len(before))
    # Treating rounding as a normal error costs up to .0015, where the step is more than twice the SEM.
    allowance = 0.0015 if step > 2 * sem else 0
    assert abs(calculated - passed) < 4 * monte_carlo_error + allowance


def test_in_a_mixture_of_types_it_is_right_for_the_whole_and_rough_at_the_ends():
    # The types of the simulated cohort: 60, 18, 6 and 16 % about 21, 15, 6 and 30 degrees, SD 6; read to 5 degrees.
    rng = np.random.default_rng(20220814)
    true = rng.normal(np.array([21, 15, 6, 30])[rng.choice(4, N_SIMULATED, p=[0.6, 0.18, 0.06, 0.16])], 6)
    before, after = (5 * np.round((true + rng.normal(0, 3, N_SIMULATED)) / 5) for _ in range(2))
    calculated = gain_by_chance(before, 5, 3, 5, mean=before.mean(), variance=before.var())
    passed = after - before > 2.5
    for chosen, within in ((before < 20, 0.01), (before == 0, 0.06), (before == 15, 0.02), (before == 20, 0.01)):
        assert calculated[chosen].mean() == pytest.approx(passed[chosen].mean(), abs=within)
    assert calculated[before == 0].mean() > passed[before == 0].mean() + 0.03  # that is what the page warns of


def test_without_rounding_or_true_differences_a_hip_at_the_mean_gains_by_the_second_error_alone():
    # The first reading is the mean, every true value is the mean: P(error ≥ 5) with SEM 5 is 1 - Φ(1).
    at_mean = gain_by_chance([20.0], 5, sem=5, step=0, mean=20, variance=0)
    assert at_mean == pytest.approx([stats.norm.sf(1)])


@pytest.mark.parametrize(
    ("before", "gain", "step", "lowest_passing"),
    [
        (20, 5, 5, 22.5),  # 25 is recorded from 22.5 up
        (20, 6, 5, 27.5),  # a gain of 6 on a grid of 5 needs 30
        (20, 5, 1, 24.5),
        (20, 5, 0, 25),
        (0.1, 0.2, 0.1, 0.25),  # 0.1 + 0.2 is a hair above 0.3, which must not cost a step
        (-10, 5, 5, -7.5),
    ],
)
def test_a_reading_passes_from_half_a_step_below_the_first_passing_grid_value(before, gain, step, lowest_passing):
    # With no true spread the second reading is N(mean, SEM²), so the probability names the threshold.
    probability = gain_by_chance([before], gain, sem=1, step=step, mean=lowest_passing - 1, variance=0)
    assert probability == pytest.approx([stats.norm.sf(1)])


def test_low_readings_gain_more_often_than_high_ones():
    probabilities = gain_by_chance(np.arange(0, 45, 5), 5, sem=3, step=1, mean=22, variance=64)
    assert (np.diff(probabilities) < 0).all()


def test_rounding_to_5_degrees_makes_a_gain_of_5_more_likely():
    by_step = [gain_by_chance([20], 5, sem=3, step=step, mean=20, variance=64)[0] for step in (0, 1, 5)]
    assert by_step == sorted(by_step)
    assert by_step[2] > 2 * by_step[0]


def test_missing_readings_and_unknown_spread_stay_missing():
    assert np.isnan(gain_by_chance([10, math.nan], 5, 3, 1, mean=22, variance=64)).tolist() == [False, True]
    assert np.isnan(gain_by_chance([10], 5, 3, 1, mean=22, variance=math.nan)).all()
    assert loss_by_chance([], 5, 3, 1, mean=22, variance=64).shape == (0,)


def test_impossible_errors_are_refused():
    with pytest.raises(ValueError, match="standard error of measurement must be positive; it is 0"):
        gain_by_chance([10], 5, sem=0, step=1, mean=22, variance=64)
    with pytest.raises(ValueError, match="standard error of measurement must be positive"):
        gain_by_chance([10], 5, sem=math.nan, step=1, mean=22, variance=64)
    with pytest.raises(ValueError, match="rounding step cannot be negative"):
        gain_by_chance([10], 5, sem=3, step=-1, mean=22, variance=64)
    with pytest.raises(ValueError, match="no step or variance below 0"):
        gain_by_chance([10], 5, sem=3, step=1, mean=22, variance=-1)


@pytest.mark.parametrize("prevalence", [0.05, 0.28, 0.5, 0.9])
def test_a_sign_changes_never_or_as_if_tested_on_another_hip(prevalence):
    assert sign_change_by_chance(prevalence, 1) == 0
    assert sign_change_by_chance(prevalence, 0) == pytest.approx(1 - prevalence)


def test_a_sign_cut_at_the_median_changes_with_the_arc_cosine():
    # Sheppard (1899): two standard normals correlated r differ in sign with probability arccos(r)/π.
    assert sign_change_by_chance(0.5, [0.3, 0.8]) == pytest.approx(np.arccos([0.3, 0.8]) / math.pi)


@pytest.mark.parametrize("prevalence", [0.28, 0.7])
@pytest.mark.parametrize("reliability", [0.5, 0.85])
def test_sign_change_agrees_with_simulation(prevalence, reliability):
    rng = np.random.default_rng(23)
    shared, *own = rng.normal(size=(3, N_SIMULATED))
    first, second = (math.sqrt(reliability) * shared + math.sqrt(1 - reliability) * noise for noise in own)
    cut = stats.norm.ppf(prevalence)
    changed = (second >= cut)[first < cut].mean()
    monte_carlo_error = math.sqrt(changed * (1 - changed) / (first < cut).sum())
    assert abs(sign_change_by_chance(prevalence, reliability) - changed) < 4 * monte_carlo_error


def test_no_sign_can_change_where_none_is_positive():
    changes = sign_change_by_chance([0, 1, math.nan], 0.8)
    assert np.isnan(changes).tolist() == [True, False, True]
    assert changes[1] == 0


@pytest.mark.parametrize(("prevalence", "reliability"), [(1.1, 0.5), (-0.1, 0.5), (0.5, 1.1), (0.5, -0.1)])
def test_an_impossible_prevalence_or_reliability_is_refused(prevalence, reliability):
    with pytest.raises(ValueError, match="must lie between 0 and 1"):
        sign_change_by_chance(prevalence, reliability)


def test_at_least_by_hand():
    # .1, .2, .3: none .9·.8·.7 = .504; all .006; exactly two .1·.2·.7 + .1·.8·.3 + .9·.2·.3 = .092.
    row = [[0.1, 0.2, 0.3]]
    assert [at_least(row, k)[0] for k in range(4)] == pytest.approx([1, 0.496, 0.098, 0.006])


def test_at_least_agrees_with_the_binomial():
    rates = np.array([0, 0.2, 0.7, 1])
    for k in range(6):
        expected = stats.binom.sf(k - 1, 5, rates)
        np.testing.assert_allclose(at_least(np.repeat(rates[:, None], 5, axis=1), k), expected, atol=1e-15)


def test_at_least_keeps_the_missing_to_their_hip():
    result = at_least([[0.5, math.nan], [0.5, 0.5]], 1)
    assert np.isnan(result[0])
    assert result[1] == 0.75


def test_more_events_than_there_are_is_refused():
    with pytest.raises(ValueError, match="one column per event"):
        at_least([[0.5, 0.5]], 3)
    with pytest.raises(ValueError, match="one column per event"):
        at_least([0.5, 0.5], 1)
