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
    assert (found.low.tolist(), found.high.tolist(), found.lacking) == (low, high, [])


def test_a_sum_that_contradicts_what_is_printed_takes_no_other_with_it():
    """Of 40, one table prints 45 and something; another 30, so that 10 are left, 4 of them in a part."""
    wrong, right, parts = Sum(0, [1, 2]), Sum(0, [3, 4]), Sum(4, [5, 6])
    found = ranges([40, 45, None, 30, None, 4, None], [wrong, right, parts])
    assert found.low.tolist() == [40, 45, 0, 30, 10, 4, 6]
    assert found.high.tolist() == [40, 45, MANY, 30, 10, 4, 6]
    assert found.left_out == [wrong]


CHAIN = [Sum(0, [1, 2]), Sum(2, [3, 4]), Sum(5, [6, 4])]  # 10 − 4 is 6, less 1 is 5; but 30 − 21 is 9


@pytest.mark.parametrize("place", range(4))
@pytest.mark.parametrize("turn", [1, -1])
def test_sums_that_contradict_each_other_go_alone(place, turn):
    """A chain of three sums contradicts itself; a fourth shares a whole with it, and a fifth a withheld number."""
    known = [10, 4, None, 1, None, 30, 21, 25, None, 100, None]
    shares = [Sum(5, [7, 8]), Sum(9, [4, 10])]
    found = ranges(known, [*CHAIN[:place], *shares, *CHAIN[place:]][::turn])
    assert (found.low[8], found.high[8]) == (5, 5)
    assert (found.high[2], found.high[4], found.high[10]) == (MANY, 100, 100)
    assert sorted(found.left_out) == sorted(CHAIN)


@pytest.mark.parametrize("left", range(3))
def test_each_contradiction_is_looked_for(left):
    """The chain twice, among other numbers; without one of its sums the other two hold."""
    n = 11
    again = [Sum(whole + n, [part + n for part in parts]) for whole, parts, *_ in CHAIN]
    known = [10, 4, None, 1, None, 30, 21, None, None, None, None]
    found = ranges(known + known, [*CHAIN, *again])
    assert sorted(found.left_out) == sorted([*CHAIN, *again])
    less = ranges(known + known, [*CHAIN, *(one for place, one in enumerate(again) if place != left)])
    assert sorted(less.left_out) == sorted(CHAIN)
    assert less.low[4 + n] == less.high[4 + n] == (9, 9, 5)[left]


def test_people_in_fewer_groups_than_there_are_people_contradict_their_whole():
    """A person may be in two groups, so 12 and 10 may be 20 people; but they are not 30."""
    groups = over(0, [1, 2], "n_patients")
    assert ranges([20, 12, 10], [groups]).left_out == []
    assert ranges([30, 12, 10], [groups]).left_out == [groups]


@pytest.mark.parametrize(
    ("whole", "least", "most", "told"),
    [(9, 12, 12, False), (10, 0, 12, True), (12, 0, 12, True), (8, 0, MANY, False)],
)
def test_groups_that_lack_somebody_may_lack_others_too(whole, least, most, told):
    """Groups of 4 and 5 hips; of 20 judged 8 are of the first: with all of them in a group, 12 are of the second."""
    of_all = over(0, [1, 2])
    low, high, more, _ = ranges([whole, 4, 5, 20, 8, None], [of_all, over(3, [4, 5], "n_evaluable")])
    assert (low[5], high[5]) == (least, most)
    assert more == ([(of_all, whole - 9)] if told else [])
    # A whole that its own parts do not make up is no group that somebody is missing from.
    assert ranges([whole, 4, 5], [Sum(0, [1, 2])]).lacking == []


def test_groups_of_which_one_count_has_somebody_too_many_tell_nothing():
    """Of one count the groups lack a hip, of another they have one more than the whole."""
    sums = [over(0, [1, 2]), over(3, [4, 5], "n_known"), over(6, [7, 8], "n_evaluable")]
    low, high, more, _ = ranges([10, 4, 5, 8, 4, 5, 20, 8, None], sums)
    assert (low[8], high[8]) == (0, MANY)
    assert more == [(sums[0], 1)]


def test_groups_without_anybody_make_up_their_whole():
    low, high, more, _ = ranges([4, 4, 0, 20, 8, None], [over(0, [1, 2]), over(3, [4, 5], "n_evaluable")])
    assert (low[5], high[5], more) == (12, 12, [])


def test_people_are_not_held_against_groups_that_lack_somebody():
    low, high, _, _ = ranges([10, 4, 5, 10, 8, None], [over(0, [1, 2]), over(3, [4, 5], "n_patients")])
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


def test_a_search_ends_when_enough_is_told():
    """The first part is 6, so the second is 4, of which two more are parts: these are not looked at any more."""
    sums = Subtraction(csr_array(np.array([[-1, 1, 1, 0, 0], [0, 0, -1, 1, 1]])))
    value, known = np.array([10.0, 6, 4, 3, 1]), np.array([True, False, False, False, False])
    ends = sums.bounds(value, known)
    known[1] = True
    ended = sums.with_known(*ends, value, known, lambda low, high, counts: bool((low[counts] == 4).any()))
    assert [end.tolist() for end in ended] == [[10, 6, 4, 0, 0], [10, 6, 4, 10, 10]]
    assert sums.with_known(*ends, value, known)[1].tolist() == [10, 6, 4, 4, 4]
