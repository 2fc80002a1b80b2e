import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.stats.reliability import icc_agreement, icc_consistency, mean_squares, reliability

# Shrout PE, Fleiss JL (1979). Psychol Bull 86:420-428, table 2: 6 targets, 4 judges; results in its table 4.
SHROUT_FLEISS = np.array([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]])

tables = st.integers(0, 10_000).map(lambda seed: np.random.default_rng(seed).integers(0, 12, (5, 3)).astype(float))


def test_shrout_and_fleiss_give_the_published_correlations():
    squares = mean_squares(SHROUT_FLEISS)
    single = [icc(squares) for icc in (icc_agreement, icc_consistency)]
    averages = [icc(squares, averaged=4) for icc in (icc_agreement, icc_consistency)]
    assert np.round(single, 3).tolist() == [0.290, 0.715]
    assert np.round(averages, 3).tolist() == [0.620, 0.909]


def test_two_readings_by_hand():
    # Differences 2, 0, 4 between readings, variance 4: consistency SEM √(4/2). Mean shift 2 with
    # variance 4/3 of it adds (2² - 4/3)/2 = 4/3 to the variance of a reading.
    result = reliability([[10, 12], [20, 20], [30, 34]])
    assert result.sem_consistency == pytest.approx(math.sqrt(2))
    assert result.sem == pytest.approx(math.sqrt(2 + 4 / 3))
    assert result.mdc95 == pytest.approx(1.959964 * math.sqrt(2) * result.sem, rel=1e-6)


def test_the_interval_of_the_error_is_that_of_a_chi_square():
    # 10 people with both hips: 10 degrees of freedom, quantiles 3.247 and 20.483 in any table.
    rng = np.random.default_rng(1)
    result = reliability(rng.normal(20, 6, 20)[:, None] + rng.normal(0, 3, (20, 2)), person=np.repeat(range(10), 2))
    assert result.n_people == 10
    limits = [result.sem * math.sqrt(10 / quantile) for quantile in (20.483, 3.247)]
    assert result.sem_interval == pytest.approx(limits, rel=1e-4)


def test_people_narrow_no_interval_and_move_no_estimate():
    rng = np.random.default_rng(2)
    readings = rng.normal(20, 6, 40)[:, None] + rng.normal(0, 3, (40, 3))
    hips, people = reliability(readings), reliability(readings, person=np.repeat(range(20), 2))
    assert (hips.icc_2_1, hips.icc_3_1, hips.sem) == (people.icc_2_1, people.icc_3_1, people.sem)
    for name in ("icc_2_1_interval", "icc_3_1_interval", "sem_interval"):
        (low, high), (least, most) = getattr(hips, name), getattr(people, name)
        assert least < low < high < most
    assert reliability(readings, person=range(40)) == hips


def test_coverage_where_the_errors_of_both_hips_are_one():
    # The worst case: 20 people whose two hips are off by the same amount. 400 cohorts: standard error .011.
    rng, covered = np.random.default_rng(3), np.zeros(2)
    person = np.repeat(range(20), 2)
    for _ in range(400):
        truth = rng.normal(20, 6, 40)
        result = reliability(truth[:, None] + rng.normal(0, 3, (20, 2))[person], person=person)
        limits = ((result.sem_interval, 3), (result.icc_3_1_interval, 0.8))
        covered += [low <= true <= high for (low, high), true in limits]
    assert (covered / 400 >= 0.92).all()


def test_readings_that_agree_perfectly():
    result = reliability([[1, 1], [5, 5], [9, 9]])
    assert (result.icc_2_1, result.icc_3_1, result.sem, result.mdc95) == (1, 1, 0, 0)
    assert result.icc_2_1_interval == result.icc_3_1_interval == (1, 1)


def test_a_constant_shift_is_error_of_agreement_only():
    result = reliability([[1, 4], [5, 8], [9, 12]])
    assert result.icc_3_1 == 1
    assert result.icc_2_1 < 1
    assert result.sem_consistency == pytest.approx(0, abs=1e-12)


def test_an_incomplete_hip_is_left_out():
    assert reliability([*SHROUT_FLEISS, [1, math.nan, 2, 3]]) == reliability(SHROUT_FLEISS)


@given(tables)
def test_order_unit_and_sign_do_not_matter(table):
    result = reliability(table)
    for same in (table[::-1], table[:, ::-1], 7 + table * 0.1, -table):
        again = reliability(same)
        assert again.icc_2_1 == pytest.approx(result.icc_2_1, abs=1e-9)
        assert again.icc_3_1_interval == pytest.approx(result.icc_3_1_interval, abs=1e-9)
    assert reliability(table * 0.1).sem == pytest.approx(0.1 * result.sem)
    assert result.icc_3_1_interval.low <= result.icc_3_1 <= result.icc_3_1_interval.high
    low, high = result.icc_2_1_interval
    assert math.isnan(low) if result.icc_2_1 < 0 else low <= result.icc_2_1 <= high


@pytest.mark.parametrize(
    ("readings", "reason"),
    [
        (np.empty((0, 2)), "fewer than 2 hips with all their readings"),
        ([[1, 2]], "fewer than 2 hips with all their readings"),
        ([[1], [2]], "fewer than 2 readings of each hip"),
        ([[3, 3], [3, 3]], "the hips do not differ"),
        ([[3, 5], [3, 5]], "the hips do not differ"),
    ],
)
def test_what_cannot_be_estimated_says_why(readings, reason):
    result = reliability(readings)
    assert result.reason == reason
    assert math.isnan(result.icc_2_1)
    assert math.isnan(result.mdc95)


def test_one_person_alone_says_nothing_of_the_doubt():
    assert reliability([[1, 2], [5, 5]], person=["a", "a"]).reason == "fewer than 2 people"


def test_faulty_input_is_refused():
    with pytest.raises(ValueError, match="one row per hip"):
        reliability([1, 2, 3])
    with pytest.raises(ValueError, match="one person per hip"):
        reliability([[1, 2], [3, 4]], person=["a"])


def test_a_correlation_beyond_1_is_none():
    # Two hips, 12 and 12.5 on average, with readings 4 and 3 apart: the formula would give -24.
    result = reliability([[10, 14], [14, 11]])
    assert result.reason == "too few hips, which differ by less than the readings of one"
    assert math.isnan(result.icc_2_1)
