import numpy as np

from analysis.stats.strata import strata_with_both


def strata(*people):
    """Clinics with so many exposed and so many other people, one hip each, as (clinic, exposed, person)."""
    clinic = np.repeat(np.arange(len(people)), [one + other for one, other in people])
    exposed = np.concatenate([np.repeat([True, False], pair) for pair in people])
    return clinic, exposed, np.arange(len(clinic))


def levels(*people):
    clinic, exposed, person = strata(*people)
    found = strata_with_both(clinic, exposed, person)
    return [int(found[clinic == one][0]) for one in range(len(people))]


def test_five_people_of_either_group_make_a_stratum_and_four_do_not():
    assert levels((5, 5), (5, 5)) == [0, 1]
    assert levels((5, 5), (5, 4)) == [0, 0]


def test_small_clinics_are_taken_together_until_they_have_enough():
    assert levels((1, 4), (4, 1), (9, 9), (5, 9)) == [0, 0, 2, 1]  # 1 + 4 and 4 + 1 are 5 of either
    assert levels((1, 4), (2, 1), (9, 9), (7, 9)) == [0, 0, 1, 0]  # the smallest of the others helps
    assert levels((20, 0), (0, 20), (9, 9)) == [0, 0, 1]


def test_where_no_two_parts_have_both_there_is_one_stratum():
    assert levels((20, 0), (20, 0), (6, 9)) == [0, 0, 0]
    assert strata_with_both([], [], []).tolist() == []


def test_two_hips_of_a_person_are_one_person():
    clinic, exposed, person = strata((5, 5), (6, 6))
    assert strata_with_both(clinic, exposed, person // 2).tolist() == [0] * 22
