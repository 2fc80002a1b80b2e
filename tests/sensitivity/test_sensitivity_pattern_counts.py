"""Counts over patterns of hips against counts over people, on random cohorts with one to five hips a person."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from analysis.hips import combinations
from analysis.hips.combinations import blocks, combine, count_of_each, look_up
from analysis.sensitivity.answer_patterns import find_patterns
from analysis.sensitivity.pattern_counts import count_people_and_pairs

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
    patterns, _ = find_patterns([outcome], [3], person, pair, side)
    codes = patterns.answers[0]
    sums, people_with, people_without, _ = count_people_and_pairs(
        patterns, (codes != 2)[None, :], (codes == 0)[None, :]
    )
    m, x = (np.bincount(person, flags).astype(int) for flags in (outcome != 2, outcome == 0))
    assert [int(value[0]) for value in sums] == [
        (m > 0).sum(), m.sum(), x.sum(), (m * m).sum(), (x * x).sum(), (x * m).sum()
    ]  # fmt: skip
    assert [people_with[0], people_without[0]] == [(x > 0).sum(), (m > x).sum()]


@given(HIPS)
@example([(0, 0, 0, 0), (0, 0, 1, 1)])
@example([(0, 0, 1, 0), (0, 0, 0, 1)])  # the right hip first
@example([(0, 0, 0, 0), (1, 0, 1, 1)])
@example([(0, 0, 0, 0), (0, 1, 1, 1)])  # sides of two episodes are no pair
def test_pairs_equal_those_counted_one_by_one(rows):
    person, pair, side, outcome = cohort(rows)
    patterns, _ = find_patterns([outcome], [3], person, pair, side)
    codes = patterns.answers[0]
    expected = dict.fromkeys([(0, 0), (0, 1), (1, 0), (1, 1)], 0)
    for number in np.unique(pair):
        of_side = dict(zip(side[pair == number], outcome[pair == number], strict=True))
        key = (of_side.get(0), of_side.get(1))
        if key in expected:
            expected[key] += 1
    found = count_people_and_pairs(patterns, (codes != 2)[None, :], (codes == 0)[None, :])[-1]
    assert [int(count[0]) for count in found] == list(expected.values())


@pytest.mark.parametrize("largest_table", [2**21, 16, 1])
def test_every_combination_of_answers_is_found_once(largest_table, monkeypatch):
    monkeypatch.setattr(combinations, "_LARGEST_TABLE", largest_table)
    levels = [3, 2, 5, 2, 2]
    answers = [np.random.default_rng(level).integers(0, level, 40) for level in levels]
    found = combine(answers, levels)
    assert len({tuple(column) for column in found.answers.T}) == len(found.hips)
    assert (found.answers[:, found.of_hip] == np.stack(answers)).all()
    assert found.hips.tolist() == np.bincount(found.of_hip).tolist()
    assert found.to_hips(found.answers[2]).tolist() == answers[2].tolist()


def test_no_hips_have_no_combinations():
    found = combine([np.zeros(0, dtype="uint8")] * 2, [2, 3])
    assert found.answers.shape == (2, 0)
    assert len(found.of_hip) == len(found.hips) == 0


@pytest.mark.parametrize("size", [3, 7, 2**16])
def test_blocks_cover_every_hip_once(size, monkeypatch):
    monkeypatch.setattr(combinations, "blocks", lambda n, _=None: blocks(n, size))
    code = np.array([2, 0, 2, 1, 2, 0, 2])
    assert count_of_each(code, 4).tolist() == [2, 1, 4, 0]
    assert look_up(np.array([5, 6, 7]), code).tolist() == [7, 5, 7, 6, 7, 5, 7]
