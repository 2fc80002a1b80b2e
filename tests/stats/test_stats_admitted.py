"""First readings before anyone was chosen by them, from those that were; and whether anyone seems to have been."""

import numpy as np
import pytest
from scipy.special import ndtri
from scipy.stats import multivariate_normal, norm

from analysis.stats.admitted import (
    FirstReadings,
    of_chosen_differences,
    of_chosen_hips,
    of_chosen_people,
    of_differences,
    of_everyone,
    with_reference,
)
from analysis.stats.cut_off import lacks_small, looks_cut_off
from analysis.stats.regression_to_mean import OtherHip, pull_to_mean

LEFT, RIGHT, VARIANCE, CORRELATION = 20.5, 23.5, 73.0, 0.6
CUT = 20.0


def readings(people, step=0.1, seed=1):
    """First readings of everyone, two a person, rounded."""
    cov = VARIANCE * np.array([[1, CORRELATION], [CORRELATION, 1]])
    drawn = np.random.default_rng(seed).multivariate_normal([LEFT, RIGHT], cov, people)
    return np.rint(drawn / step) * step


def edge(people, step):
    """Half a step above the highest reading below the cut."""
    return np.full(people, (np.ceil(CUT / step - 1e-9) - 0.5) * step)


def close(found, mean=0.5, variance=5.0, correlation=0.04):
    assert found.left == pytest.approx(LEFT, abs=mean)
    assert found.right == pytest.approx(RIGHT, abs=mean)
    assert found.variance == pytest.approx(VARIANCE, abs=variance)
    assert found.correlation == pytest.approx(CORRELATION, abs=correlation)


def test_everyone_by_hand():
    # Left 10, 12, 14, right 20 and 24: off their means -2, 0, 2, -2, 2, so 16 over 5 - 2.
    found = of_everyone(np.array([10.0, 12, 14]), np.array([20.0, 24, np.nan]))
    assert found[:3] == (12, 22, pytest.approx(16 / 3))
    assert np.isnan(found.correlation)  # two pairs do not tell how alike hips are


def test_chosen_hips_tell_of_all():
    first = np.where((all_of := readings(100_000)) < CUT, all_of, np.nan)
    close(of_chosen_hips(*first.T, edge(len(first), 0.1), np.full(len(first), 0.1)))


def test_chosen_hips_read_to_five_degrees():
    """The highest reading let in is 15, so hips of 17.5 and more were kept out."""
    first = np.where((all_of := readings(100_000, 5.0)) < CUT, all_of, np.nan)
    found = of_chosen_hips(*first.T, edge(len(first), 5.0), np.full(len(first), 5.0))
    close(found._replace(variance=found.variance - 25 / 12), mean=0.7, variance=7)


def test_hips_of_whom_none_was_kept_out_are_everyone():
    left, right = readings(500).T
    far = np.full(500, 1000.0)
    found, everyone = of_chosen_hips(left, right, far, np.full(500, 0.1)), of_everyone(left, right)
    assert found[:2] == pytest.approx(everyone[:2], abs=1e-3)
    assert found.variance == pytest.approx(everyone.variance * 998 / 1000, rel=1e-3)


def test_people_chosen_for_either_hip_tell_of_all():
    all_of = readings(100_000)
    left, right = all_of[(all_of < CUT).any(axis=1)].T
    close(of_chosen_people(left, right, edge(len(left), 0.1)))


def test_people_chosen_for_sides_that_differ_tell_of_all():
    all_of = readings(100_000)
    left, right = all_of[np.abs(all_of[:, 0] - all_of[:, 1]) >= 8 - 1e-9].T
    close(of_chosen_differences(left, right, np.full(len(left), 7.95), np.full(len(left), 0.1)))


@pytest.mark.parametrize("by", ["hip", "person"])
def test_a_reference_gives_the_mean_and_the_chosen_how_alike_hips_are(by):
    mean, sd = 22.0, VARIANCE**0.5
    all_of = np.random.default_rng(2).multivariate_normal([mean] * 2, VARIANCE * np.array([[1, 0.6], [0.6, 1]]), 50_000)
    low = all_of < CUT
    first = np.where(low, all_of, np.nan) if by == "hip" else all_of[low.any(axis=1)]
    found = with_reference(*first.T, np.full(len(first), CUT), mean, sd, by)
    assert found[:3] == (mean, mean, pytest.approx(VARIANCE))
    assert found.correlation == pytest.approx(0.6, abs=0.03)


def test_a_reference_for_the_difference():
    """The level of the two varies by 4 + 4 - 2 in all, so with 2 for the difference the variance is (6 + 2) / 4."""
    left, right = np.array([10.0, 12.0, 10.0, 12.0]), np.array([11.0, 13.0, 13.0, 11.0])
    level = (left + right).var(ddof=1)
    found = of_differences(left, right, difference=-1.0, variance=2.0)
    assert found.left - found.right == -1
    assert found.variance == pytest.approx((level + 2) / 4)
    assert found.correlation == pytest.approx((level - 2) / (level + 2))


@pytest.mark.parametrize("readings_of_few", [[], [12.0], [12.0, 12.0, 14.0, 14.0]])
def test_too_few_or_too_alike_tell_nothing(readings_of_few):
    left, nobody = np.array(readings_of_few), np.full(len(readings_of_few), np.nan)
    cut, step = np.full(len(left), CUT), np.ones(len(left))
    assert of_chosen_hips(left, nobody, cut, step) is None
    assert of_chosen_people(left, nobody, cut) is None
    assert of_chosen_differences(left, left, cut, step) is None


def test_what_hips_chosen_below_a_cut_gain_by_chance_is_the_density_at_the_cut():
    """Davis 1976: σ(1 − ρ)·φ(z)/Φ(z), here of 100,000 left hips read below 20."""
    left = readings(200_000)[:, 0]
    chosen = left[left < CUT]
    nobody = np.full(len(chosen), np.nan)
    of = of_chosen_hips(chosen, nobody, edge(len(chosen), 0.1), np.full(len(chosen), 0.1))
    z, sd = (CUT - LEFT) / VARIANCE**0.5, VARIANCE**0.5
    expected = 9 / sd * norm.pdf(z) / norm.cdf(z)
    assert pull_to_mean(chosen, 3.0, 0.0, of.left, of.variance).change.mean() == pytest.approx(expected, abs=0.02)


def test_the_other_hip_tells_too():
    """Against the conditional mean of a normal distribution of four: two true values and two readings."""
    sem, true = 3.0, VARIANCE - 9
    of_true, shared = np.array([[VARIANCE - 9, 0.6 * VARIANCE]]), VARIANCE * np.array([[1, 0.6], [0.6, 1]])
    weights = of_true @ np.linalg.inv(shared)
    left, right = 12.0, 30.0
    expected = LEFT + float((weights @ np.array([left - LEFT, right - RIGHT]))[0])
    spread = np.sqrt(true - float((weights @ of_true.T)[0, 0]) + sem**2)
    other = OtherHip(np.array([right]), np.array([RIGHT]), 0.6)
    pull = pull_to_mean([left], sem, 0.0, [LEFT], VARIANCE, other)
    assert left + pull.change[0] == pytest.approx(expected)
    assert pull.spread[0] == pytest.approx(spread)


def test_readings_that_vary_no_more_than_their_error_are_pulled_all_the_way():
    other = OtherHip(np.array([24.0]), np.array([22.0]), 0.5)
    assert pull_to_mean([20.0], sem=10, step=0, mean=22.0, variance=16.0, other=other).change[0] == pytest.approx(2.0)


def test_turned_over_all_turns_over():
    left, right = readings(300).T
    found, other = of_everyone(left, right), of_everyone(-left, -right)
    assert other == pytest.approx(FirstReadings(-found.left, -found.right, found.variance, found.correlation))


def normal(people):
    return 20 + 8 * ndtri((np.arange(people) + 0.5) / people)


@pytest.mark.parametrize(("people", "looks"), [(9, False), (200, True)])
def test_a_cliff_is_seen_where_there_are_enough_people(people, looks):
    everyone = normal(2 * people)
    chosen = everyone[everyone < 20]
    assert looks_cut_off(chosen, np.full(len(chosen), 0.1)) is looks
    assert not looks_cut_off(everyone, np.full(len(everyone), 0.1))


def test_readings_to_five_degrees_cut_off_at_twenty():
    everyone = np.rint(normal(400) / 5) * 5
    chosen = everyone[everyone < 20]
    assert looks_cut_off(chosen, np.full(len(chosen), 5.0))
    assert not looks_cut_off(everyone, np.full(len(everyone), 5.0))


def test_a_tail_that_is_cut_far_out_is_no_cliff():
    everyone = normal(400)
    assert not looks_cut_off(everyone[everyone < 20 + 2.2 * 8], np.full(400, 0.1)[: (everyone < 37.6).sum()])


def test_alike_and_missing_readings_look_like_nothing():
    assert not looks_cut_off(np.full(50, 12.0), np.ones(50))
    assert not looks_cut_off(np.full(50, np.nan), np.ones(50))
    assert not lacks_small(np.full(50, np.nan))


@pytest.mark.parametrize("people", [40, 150])
def test_false_alarms_are_rare(people):
    """At most 1 of 100 samples; of 300, more than 7 would be seen once in 100 times."""
    rng, step = np.random.default_rng(people), np.full(people, 0.1)
    drawn = [rng.multivariate_normal([20, 23], [[73, 44], [44, 73]], people) for _ in range(300)]
    alarms = [looks_cut_off(one.min(axis=1), step) or lacks_small(one[:, 0] - one[:, 1]) for one in drawn]
    assert sum(alarms) <= 7


def test_small_differences_that_are_missing():
    differences = 7 * ndtri((np.arange(200) + 0.5) / 200)
    assert lacks_small(differences[np.abs(differences) >= 5])
    assert not lacks_small(differences)
    assert not lacks_small(differences - 20)  # one side is lower in nearly everyone, so small ones are rare


def test_the_probability_of_two_readings_below_a_cut():
    """Against scipy's integral."""
    from analysis.stats.admitted import _both_below_cut

    of = FirstReadings(20.0, 23.0, 64.0, 0.7)
    exact = multivariate_normal([20, 23], 64 * np.array([[1, 0.7], [0.7, 1]])).cdf([18, 18])
    assert _both_below_cut(np.array([18.0]), of)[0] == pytest.approx(exact, abs=1e-6)


def test_people_who_read_alike_may_be_counted_together():
    """In every order, and with readings missing: as each of them by himself."""
    rng = np.random.default_rng(3)
    left, right = rng.normal(22, 8, (2, 40)).round()
    left[:5], right[3:9] = np.nan, np.nan
    n, steps = rng.integers(1, 6, 40), rng.choice([1.0, 5.0], 40)
    one_each = np.repeat(np.arange(40), n)
    together, apart = of_everyone(left, right, n), of_everyone(left[one_each], right[one_each])
    assert together == pytest.approx(apart, rel=1e-12)
    for chosen in (left, np.minimum(left, 24)):
        alone = looks_cut_off(chosen[one_each], steps[one_each])
        assert looks_cut_off(chosen, steps, n) is alone
    big = np.where(np.abs(left - right) > 6, left - right, np.nan)
    for difference in (left - right, big):
        assert lacks_small(difference, n) is lacks_small(difference[one_each])
    assert lacks_small(big, n)
