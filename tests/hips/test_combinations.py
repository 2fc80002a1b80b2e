"""Combinations of answers against the plain way, with more hips than one block and more combinations than one table."""

from fractions import Fraction

import numpy as np
import pytest

from analysis.hips.combinations import (
    BLOCK,
    blocks,
    combine,
    count_of_each,
    exact_totals,
    in_shares,
    look_up,
    whole_totals,
)

MANY = 300_000
assert MANY > BLOCK


@pytest.mark.parametrize(
    ("levels", "hips"),
    [
        ([2, 3], 5),
        ([1], 3),
        ([16, 16], 400),
        ([300, 300], 400),  # each fits two bytes, and their number does not
        ([600, 600, 5], 400),  # more than one table: the third answer joins what was found of two
        ([600, 600, 600, 600], 400),
        ([3, 4, 5], MANY),
    ],
)
def test_hips_with_the_same_answers_are_counted_together(levels, hips):
    random = np.random.default_rng(1)
    answers = [random.integers(0, level, hips).astype(np.min_scalar_type(level)) for level in levels]
    for answer, level in zip(answers, levels, strict=True):
        answer[:2] = 0, level - 1
    found = combine(answers, levels)
    expected, of_hip, n = np.unique(np.stack(answers), axis=1, return_inverse=True, return_counts=True)
    assert found.answers.tolist() == expected.tolist()
    assert found.hips.tolist() == n.tolist()
    assert (found.of_hip == of_hip.ravel()).all()
    assert (found.to_hips(n) == n[of_hip.ravel()]).all()


def test_nobody_has_no_combination():
    found = combine([np.array([], dtype=int)] * 3, [600, 600, 5])
    assert (found.answers.shape, found.hips.tolist(), found.of_hip.tolist()) == ((3, 0), [], [])


def test_blocks_cover_every_hip_once():
    assert [(rows.start, rows.stop) for rows in blocks(5, 2)] == [(0, 2), (2, 4), (4, 5)]
    assert [(rows.start, rows.stop) for rows in blocks(4, 2)] == [(0, 2), (2, 4)]
    assert list(blocks(0)) == []


def test_hips_beyond_the_first_block_count_as_all_others():
    code = np.arange(MANY) % 7
    assert count_of_each(code, 8).tolist() == [*(np.bincount(code)), 0]
    assert (look_up(np.arange(7) * 3, code) == code * 3).all()


def test_totals_of_shares_are_those_of_fractions_in_any_order_and_in_any_parts():
    random = np.random.default_rng(2)
    shares, code = random.random(3000), random.integers(0, 3, 3000)
    found = exact_totals(code, 4, shares)
    for group in range(3):
        true = sum(map(Fraction, shares[code == group].tolist()))
        assert abs(Fraction(found[group]) - true) < Fraction(1, 10**12)
    assert found[3] == 0
    assert (exact_totals(code[::-1], 4, shares[::-1]) == found).all()
    parts = whole_totals(code[:999], 4, shares[:999]) + whole_totals(code[999:], 4, shares[999:])
    assert (in_shares(parts) == found).all()
