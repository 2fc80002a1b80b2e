"""Counts over kinds of hips against counts over people, on random cohorts with one to five hips a person."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.sensitivity.tally import count_pairs, count_people, distinct, kinds_of, same_columns

PERSON, EPISODE, SIDE, OUTCOME = st.integers(0, 4), st.integers(0, 1), st.integers(0, 1), st.integers(0, 2)
HIPS = st.lists(st.tuples(PERSON, EPISODE, SIDE, OUTCOME), min_size=1, max_size=25)


def cohort(rows):
    """Person, episode, side and outcome of hips, each hip once; outcome 0 responder, 1 not, 2 not evaluable."""
    unique = {row[:3]: row[3] for row in rows}
    person, episode, side = np.array(list(unique)).T
    person = np.unique(person, return_inverse=True)[1]
    pair = np.unique(person * 2 + episode, return_inverse=True)[1]
    return person, pair, side, np.array(list(unique.values()))


@given(HIPS)
def test_counts_equal_those_over_people(rows):
    person, pair, side, outcome = cohort(rows)
    kinds = kinds_of([outcome], person, pair, side)
    codes = outcome[kinds.first]
    sums, people_with, people_without = count_people(kinds, (codes != 2)[None, :], (codes == 0)[None, :])
    m, x = (np.bincount(person, flags).astype(int) for flags in (outcome != 2, outcome == 0))
    assert [int(value[0]) for value in sums] == [
        (m > 0).sum(), m.sum(), x.sum(), (m * m).sum(), (x * x).sum(), (x * m).sum()
    ]  # fmt: skip
    assert [people_with[0], people_without[0]] == [(x > 0).sum(), (m > x).sum()]


@given(HIPS)
def test_pairs_equal_those_counted_one_by_one(rows):
    person, pair, side, outcome = cohort(rows)
    kinds = kinds_of([outcome], person, pair, side)
    codes = outcome[kinds.first]
    expected = dict.fromkeys([(0, 0), (0, 1), (1, 0), (1, 1)], 0)
    for number in np.unique(pair):
        of_side = dict(zip(side[pair == number], outcome[pair == number], strict=True))
        key = (of_side.get(0), of_side.get(1))
        if key in expected:
            expected[key] += 1
    found = count_pairs(kinds, (codes != 2)[None, :], (codes == 0)[None, :])
    assert found.tolist() == [list(expected.values())]


@pytest.mark.parametrize("numbers", [[], [3], [5, 5, 1], [2**40, 7, 2**40]])
def test_distinct_numbers(numbers):
    code = np.array(numbers, dtype="int64")
    first, rank = distinct(code)
    assert sorted(code[first]) == sorted(set(numbers))
    assert code[first][rank].tolist() == numbers


def test_same_columns_with_more_combinations_than_fit_a_number():
    table = np.random.default_rng(1).integers(0, 100, size=(40, 30)).repeat(2, axis=1)
    columns, kind = same_columns(table)
    assert columns.shape == (40, 30)
    assert (columns[:, kind] == table).all()
