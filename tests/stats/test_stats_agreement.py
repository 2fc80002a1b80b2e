"""Limits of agreement: a published example, pairs of one person, and where there is nothing to judge by."""

import numpy as np
import pytest

from analysis.stats.agreement import limits_of_agreement

# Bland JM, Altman DG (1986). Lancet 327:307-310: peak flow of 17 people by a large and a small meter.
LARGE = [494, 395, 516, 434, 476, 557, 413, 442, 650, 433, 417, 656, 267, 478, 178, 423, 427]
SMALL = [512, 430, 520, 428, 500, 600, 364, 380, 658, 445, 432, 626, 260, 477, 259, 350, 451]


def test_peak_flow_by_two_meters_as_published():
    found = limits_of_agreement(SMALL, LARGE, np.arange(17))
    # Printed: mean -2.1, SD 38.8; the limits there are 2 SD from the mean.
    assert [round(found.bias, 1), round(found.deviation, 1)] == [-2.1, 38.8]
    assert [round(found.lower), round(found.upper)] == [-78, 74]
    # Printed: -114.3 to -45.1 for the lower limit, symmetric and with another error; ours is the wider outwards.
    low, high = found.lower_interval
    assert low < -100 < -60 < high < found.lower + (found.lower - low)


def test_one_pair_each_has_the_standard_deviation_of_the_differences():
    apart = np.subtract(LARGE, SMALL)
    assert limits_of_agreement(SMALL, LARGE, np.arange(17)).deviation == pytest.approx(np.std(apart, ddof=1))


def test_hips_of_one_person_count_as_one_person():
    twice = [np.repeat(column, 2) for column in (SMALL, LARGE, np.arange(17))]
    one, both = limits_of_agreement(SMALL, LARGE, np.arange(17)), limits_of_agreement(*twice)
    assert both.bias_interval == pytest.approx(one.bias_interval)
    assert both.lower_interval == pytest.approx(one.lower_interval)


def test_five_clinics_are_the_clusters():
    clinic = np.arange(17) % 5
    assert limits_of_agreement(SMALL, LARGE, np.arange(17), clinic).clustered_by == "clinic"
    assert limits_of_agreement(SMALL, LARGE, np.arange(17), clinic % 4).clustered_by == "person"


@pytest.mark.parametrize(("first", "second", "reason"), [
    ([1.0, 2.0], [2.0, 3.0], "there is no scatter to judge by"),
    ([1.0, 2.0, 1.0, 2.0], [2.0, 1.0, 2.0, 1.0], "all differences lie equally far from their mean"),
    ([np.nan], [1.0], "nothing was measured"),
])  # fmt: skip
def test_why_there_are_no_limits(first, second, reason):
    found = limits_of_agreement(first, second, np.arange(len(first)))
    assert found.reason == reason
    assert np.isnan([found.lower, *found.upper_interval]).all()
