"""Numbers without gaps, words in order, and sums that do not hang on the order of what is added."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.hips.cohort import numbered, without_gaps
from analysis.hips.combinations import exact_totals
from analysis.hips.pairs import widest
from analysis.hips.usual import FirstOfPeople, alike


@pytest.mark.parametrize("size", [9, 10**6])
def test_numbers_that_occur_are_told_with_and_without_sorting(size):
    number = np.array([8, 0, 8, 3])
    found, which = without_gaps(number, size)
    assert found.tolist() == [0, 3, 8]
    assert (found[which] == number).all()


@pytest.mark.parametrize(
    ("words", "codes", "distinct"),
    [
        (["a", "a", "b", "ä"], [0, 0, 1, 2], ["a", "b", "ä"]),  # in order already
        (["b", "a", "b"], [1, 0, 1], ["a", "b"]),
        (["a", "b", "a"], [0, 1, 0], ["a", "b"]),  # runs that come again
        (["a", None, "b"], [0, -1, 1], ["a", "b"]),
        ([], [], []),
    ],
)
def test_words_are_numbered_in_their_order(words, codes, distinct):
    found, of_codes = numbered(pd.Series(words, dtype="str"))
    assert (found.tolist(), of_codes.tolist()) == (codes, distinct)


@given(st.lists(st.floats(0, 1), max_size=30), st.randoms())
def test_shares_add_up_alike_in_any_order_and_division(shares, random):
    shares, group = np.array(shares), np.array([random.randrange(3) for _ in shares], dtype=int)
    order = np.array(random.sample(range(len(shares)), len(shares)), dtype=int)
    whole = exact_totals(group, 3, shares)
    assert whole.tolist() == exact_totals(group[order], 3, shares[order]).tolist()
    assert whole == pytest.approx(np.bincount(group, shares, 3), rel=1e-12, abs=1e-15)


def test_a_share_that_is_not_known_makes_the_sum_of_its_group_unknown():
    found = exact_totals(np.array([0, 0, 1]), 2, np.array([0.5, np.nan, 0.25]))
    assert np.isnan(found).tolist() == [True, False]
    assert found[1] == 0.25


def test_people_who_read_alike_stand_together():
    missing = np.iinfo("int8").min
    sides = np.array([[120, 120, missing, 120], [missing, 90, 90, missing]], dtype="int8")
    found, entry = alike(FirstOfPeople(sides, np.array([0, 0, 0, 0], dtype="uint8")))
    assert found.n.tolist() == [1, 2, 1]
    assert (found.first.sides[:, entry] == sides).all()
    assert alike(found.first, found.n)[0].n.tolist() == [1, 2, 1]
    hips = found.hips()
    assert hips.own.tolist() == [*found.first.sides[0], *found.first.sides[1]]
    assert hips.other.tolist() == [*found.first.sides[1], *found.first.sides[0]]


def test_whole_numbers_of_different_sizes_keep_what_is_missing():
    small, large = np.array([5, -128], dtype="int8"), np.array([300, -32768], dtype="int16")
    found = widest([small, large])
    assert [part.tolist() for part in found] == [[5, -32768], [300, -32768]]
