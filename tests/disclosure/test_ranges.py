"""What a reader can say of a count by subtraction, worked out by hand; also where sums do not add up."""

import numpy as np
import pytest
from scipy.sparse import csr_array

from analysis.disclosure.bounds import MANY, Subtraction, bounds
from analysis.disclosure.ranges import ranges
from analysis.disclosure.sums import Sum

BY_SIDE, BY_CLINIC = ("rates", "", "side"), ("rates", "", "clinic")


def over(whole, parts, column="n_hips", groups=BY_SIDE):
    return Sum(whole, parts, column, groups)


@pytest.mark.parametrize(
    ("known", "sums", "low", "high"),
    [
        ([None, 3, 4], [Sum(0, [1, 2])], [7, 3, 4], [7, 3, 4]),
        ([40, 20, None], [Sum(0, [1, 2])], [40, 20, 20], [40, 20, 20]),
        ([10, None, None], [Sum(0, [1, 2])], [10, 0, 0], [10, 10, 10]),
        # One sum tells what another needs: 10 − 4 = 6 of the first, and 6 − 5 = 1.
        ([10, 4, None, 5, None], [Sum(0, [1, 2]), Sum(2, [3, 4])], [10, 4, 6, 5, 1], [10, 4, 6, 5, 1]),
        ([7, 0, None, 0], [Sum(0, [1, 2]), Sum(3, [1])], [7, 0, 7, 0], [7, 0, 7, 0]),
        # A limit alone is told on: at most 10 of the first, so of its parts; at least 3, so of a whole it is in.
        ([10, None, None, None, None], [Sum(0, [1, 2]), Sum(1, [3, 4])], [10, 0, 0, 0, 0], [10] * 5),
        ([None, 3, None, None], [Sum(0, [1, 2]), Sum(3, [0])], [3, 3, 0, 3], [MANY, 3, MANY - 3, MANY]),
        # Hips are in one group of a table, people in several of it but in one clinic; pairs only where both hips are.
        ([10, 8, None], [over(0, [1, 2])], [10, 8, 2], [10, 8, 2]),
        ([10, 8, None], [over(0, [1, 2], "n_patients")], [10, 8, 2], [10, 8, MANY]),
        ([10, 8, None], [over(0, [1, 2], "n_patients", BY_CLINIC)], [10, 8, 2], [10, 8, 2]),
        ([10, 8, None], [over(0, [1, 2], "both")], [10, 8, 0], [10, 8, MANY]),
        # What contradicts what is printed is left out.
        ([5, 7, None], [Sum(0, [1, 2])], [5, 7, 0], [5, 7, MANY]),
    ],
)
def test_the_range_of_a_count(known, sums, low, high):
    found = ranges(known, sums)
    assert (found[0].tolist(), found[1].tolist(), found[2]) == (low, high, [])


@pytest.mark.parametrize(
    ("whole", "least", "most", "told"),
    [(9, 12, 12, False), (10, 0, 12, True), (12, 0, 12, True), (8, 0, MANY, False)],
)
def test_groups_that_lack_somebody_may_lack_others_too(whole, least, most, told):
    """Groups of 4 and 5 hips; of 20 judged 8 are of the first: with all of them in a group, 12 are of the second."""
    of_all = over(0, [1, 2])
    low, high, more = ranges([whole, 4, 5, 20, 8, None], [of_all, over(3, [4, 5], "n_evaluable")])
    assert (low[5], high[5]) == (least, most)
    assert more == ([(of_all, whole - 9)] if told else [])
    # A whole that its own parts do not make up is no group that somebody is missing from.
    assert ranges([whole, 4, 5], [Sum(0, [1, 2])])[2] == []


def test_groups_of_which_one_count_has_somebody_too_many_tell_nothing():
    """Of one count the groups lack a hip, of another they have one more than the whole."""
    sums = [over(0, [1, 2]), over(3, [4, 5], "n_known"), over(6, [7, 8], "n_evaluable")]
    low, high, more = ranges([10, 4, 5, 8, 4, 5, 20, 8, None], sums)
    assert (low[8], high[8]) == (0, MANY)
    assert more == [(sums[0], 1)]


def test_groups_without_anybody_make_up_their_whole():
    low, high, more = ranges([4, 4, 0, 20, 8, None], [over(0, [1, 2]), over(3, [4, 5], "n_evaluable")])
    assert (low[5], high[5], more) == (12, 12, [])


def test_people_are_not_held_against_groups_that_lack_somebody():
    low, high, _ = ranges([10, 4, 5, 10, 8, None], [over(0, [1, 2]), over(3, [4, 5], "n_patients")])
    assert (low[5], high[5]) == (0, MANY)


def test_whole_numbers_alone_are_told():
    """Twice a count is 7 to 9 at most, so it is 4; three times another is at most 8, so it is 2 or less."""
    twice, thrice = csr_array(np.array([[2, -1]])), csr_array(np.array([[3, -1]]))
    value, known = np.array([0.0, 8.0]), np.array([False, True])
    assert [end[0] for end in bounds(twice, value, known)] == [4, 4]
    low, high = Subtraction(thrice).with_known(np.array([0.0, 0.0]), np.array([MANY, 8.0]), value, np.zeros(2, bool))
    assert (low.tolist(), high.tolist()) == ([0, 0], [MANY, 8])  # nothing more is known, so nothing more is told
    assert bounds(thrice, np.array([0.0, 9.0]), known)[1].tolist() == [3, 9]


def test_what_is_shown_later_narrows_what_was_found_before():
    """Of 10, three parts: none known, then 6 of the first, then 3 of the second."""
    whole = csr_array(np.array([[-1, 1, 1, 1]]))
    value, known = np.array([10.0, 6, 3, 1]), np.array([True, False, False, False])
    sums = Subtraction(whole)
    ends = sums.bounds(value, known)
    assert [end.tolist() for end in ends] == [[10, 0, 0, 0], [10, 10, 10, 10]]
    first = sums.with_known(*ends, value, np.array([True, True, False, False]))
    assert [end.tolist() for end in first] == [[10, 6, 0, 0], [10, 6, 4, 4]]
    assert [end.tolist() for end in ends] == [[10, 0, 0, 0], [10, 10, 10, 10]]  # these stay as they were
    both = sums.with_known(*first, value, np.array([True, True, True, False]))
    assert [end.tolist() for end in both] == [[10, 6, 3, 1], [10, 6, 3, 1]]
