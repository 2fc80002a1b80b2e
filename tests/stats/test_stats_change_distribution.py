import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.stats.change_distribution import change_distribution
from analysis.stats.proportions import cluster_sums, clustered_wilson
from analysis.stats.rate_by_clinic import clinic_wilson

hips = st.lists(st.tuples(st.integers(-20, 30), st.integers(0, 8)), min_size=1, max_size=30)


@given(hips)
def test_at_each_threshold_it_is_the_responder_rate_with_its_interval(rows):
    change, person = np.array(rows).T
    curve = change_distribution(change, person)
    assert curve.change.tolist() == sorted(set(change.tolist()))
    assert (curve.n_hips, curve.n_people) == (len(rows), len(set(person.tolist())))
    for step, share, low, high in zip(curve.change, curve.share, curve.low, curve.high, strict=True):
        met = change >= step
        assert share == pytest.approx(met.mean())
        expected = clustered_wilson(np.bincount(person, met).astype(int), np.bincount(person))
        assert (low, high) == pytest.approx(expected, abs=1e-12)


def test_from_five_clinics_on_it_is_the_rate_by_clinic():
    change, person, clinic = np.array([5, 2, 9, 5, 7, 1, 0, 3, 8, 6]), np.arange(10) // 2 * 2, np.repeat([*"ABCDE"], 2)
    curve, place = change_distribution(change, np.arange(10), clinic=clinic), 4
    met = change >= curve.change[place]
    sums = cluster_sums(met.astype(int), np.ones(10, dtype=int))
    low, high = clinic_wilson(sums, np.bincount(person // 2, met), [2] * 5)
    assert (curve.low[place], curve.high[place]) == pytest.approx((low.item(), high.item()))
    four = change_distribution(change[2:], np.arange(8), clinic=clinic[2:])
    assert four.low.tolist() == change_distribution(change[2:], np.arange(8)).low.tolist()


def test_by_hand():
    # Gains 2, 5, 5, 9 of four people: 4, 3 and 1 of 4 gained at least 2, 5 and 9.
    curve = change_distribution([5, 2, 9, 5, math.nan], [1, 2, 3, 4, 5])
    assert curve.change.tolist() == [2, 5, 9]
    assert curve.share.tolist() == [1, 0.75, 0.25]
    assert curve.n_people == 4


def test_no_hips_give_an_empty_curve():
    curve = change_distribution([math.nan], ["a"])
    assert (curve.n_hips, curve.n_people, len(curve.share)) == (0, 0, 0)


def test_faulty_input_is_refused():
    with pytest.raises(ValueError, match="one entry per hip in both arrays"):
        change_distribution([1.0, 2.0], ["a"])
