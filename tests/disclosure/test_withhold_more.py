"""What is withheld for another's sake, in systems of a few counts worked out by hand."""

import numpy as np
import pytest
from scipy.sparse import csr_array

from analysis.disclosure.bounds import bounds
from analysis.disclosure.release import FOREMOST, System, withhold_more
from analysis.protocol.policies import MINIMUM_PATIENTS


def test_where_the_headline_tells_a_count_of_few_it_is_said():
    """A whole of 5 is shown, so that neither of its parts can be 6."""
    value = np.array([5, 2, 3])
    sums, cost = csr_array(np.array([[-1, 1, 1]])), np.array([FOREMOST, 1.0, 1.0])
    system = System(value, value < 5, value < 0, np.arange(3), np.arange(3), np.arange(3), sums, cost)
    hidden, told = withhold_more(system, value < 5, 6)
    assert (hidden.tolist(), told) == ([False, True, True], 2)
    hidden, told = withhold_more(system, value < 5, 6, np.inf)
    assert (hidden.tolist(), told) == ([True, True, True], 0)


def test_a_number_of_nobody_is_held_as_one_of_few():
    """Both hips of nobody, and 9 hips of people with one that responded: of 9 in all, both would be of 4 at most."""
    for whole, hides in ((9, True), (10, False)):
        value = np.array([whole, 0, whole])
        sums = csr_array(np.array([[-1, 2, 1]]))
        system = System(value, value < 0, value >= 0, np.arange(3), np.arange(3), np.arange(3), sums, np.ones(3))
        hidden, told = withhold_more(system, np.array([False, True, True]), MINIMUM_PATIENTS)
        assert (hidden.tolist(), told) == ([hides, True, True], 0)


# 40 in all, and 3 clinics: one of 3 is withheld, so is the next smallest.
@pytest.mark.parametrize(
    ("parts", "also"),
    [([3, 17, 20], [1]), ([3, 4, 33], []), ([2, 2, 36], [2]), ([0, 17, 23], [1]), ([18, 17, 5], [])],
)
def test_the_least_useful_number_beside_it_is_withheld_until_there_is_room(parts, also):
    value = np.array([40, *parts])
    small = value < MINIMUM_PATIENTS
    cost = np.array([np.inf, 1.0, 1.0, 1.0])
    sums = csr_array(np.array([[-1, 1, 1, 1]]))
    system = System(value, small, value < 0, np.arange(4), np.arange(4), np.arange(4), sums, cost)
    hidden, told = withhold_more(system, small, MINIMUM_PATIENTS)
    assert told == 0
    assert hidden.tolist() == [False, *(few or place in also for place, few in enumerate(small[1:]))]
    low, high = bounds(sums, value, ~hidden)
    assert ((high - low)[small] >= MINIMUM_PATIENTS).all()


def test_what_sets_a_limit_from_afar_is_withheld_too():
    """1 of 1 of … of 4: each is a part of the next, and only the last is printed."""
    value = np.array([1, 1, 1, 1, 4, 0, 0, 0, 3])
    sums = csr_array(np.array([[1, -1, 0, 0, 0, 1, 0, 0, 0], [0, 1, -1, 0, 0, 0, 1, 0, 0],
                               [0, 0, 1, -1, 0, 0, 0, 1, 0], [0, 0, 0, 1, -1, 0, 0, 0, 1]]))  # fmt: skip
    n = np.arange(len(value))
    system = System(value, n == 0, value < 0, n, n, n, sums, np.ones(len(value)))
    hidden, told = withhold_more(system, n != 4, MINIMUM_PATIENTS)
    assert (hidden.all(), told) == (True, 0)


def test_what_stands_in_a_withheld_row_is_not_printed():
    """A number that is withheld alone where need be goes with its row, so what it may be is held too."""
    value, n = np.array([44, 41, 3]), np.arange(3)
    sums = csr_array(np.array([[-1, 1, 1]]))
    system = System(value, value < 0, n == 2, n, n, np.array([0, 1, 1]), sums, np.array([1.0, 5.0, 5.0]))
    assert system.printed(n == 1).tolist() == [True, False, False]
    assert system.printed(n == 2).tolist() == [True, True, False]
    hidden, told = withhold_more(system, n == 1, MINIMUM_PATIENTS)
    assert (system.printed(hidden).tolist(), told) == ([True, False, False], 0)


@pytest.mark.parametrize(("whole", "hides"), [(5, False), (4, True)])
def test_a_range_of_5_numbers_is_too_narrow(whole, hides):
    """4 and 2 are 6, and 2 with another is ``whole``: so 4 may be 1 to 6, or only 2 to 6."""
    value = np.array([6, whole, 4, 2, whole - 2])
    small = np.array([False, False, True, True, True])
    sums = csr_array(np.array([[-1, 0, 1, 1, 0], [0, -1, 0, 1, 1]]))
    system = System(
        value, small & (np.arange(5) == 2), value < 0, np.arange(5), np.arange(5), np.arange(5), sums, np.ones(5)
    )
    hidden, told = withhold_more(system, small, MINIMUM_PATIENTS)
    assert told == 0
    assert hidden[:2].any() == hides


def test_a_number_that_stands_twice_in_a_sum_is_taken_twice():
    """Both hips of 3 people and one hip of 2 responded: 8 hips."""
    sums = csr_array(np.array([[-1, 2, 1]]))
    low, high = bounds(sums, np.array([8, 3, 2]), np.array([True, False, True]))
    assert (low[1], high[1]) == (3, 3)
    low, high = bounds(sums, np.array([8, 3, 2]), np.array([True, False, False]))
    assert (high[1], high[2]) == (4, 8)
