"""A rate is called more than chance only when it is, also where a handful of people responded."""

import numpy as np
import pytest
from scipy.stats import binom

from analysis.stats.beyond_chance import ABOVE, BELOW, UNCLEAR, UNKNOWN, against_chance
from analysis.stats.proportions import wilson


@pytest.mark.parametrize(
    ("low", "high", "chance", "people", "people_with", "hips", "said"),
    [
        (0.45, 0.65, 0.2, 100, 55, 100, ABOVE),
        (0.05, 0.15, 0.2, 100, 10, 100, BELOW),
        (0.15, 0.25, 0.2, 100, 20, 100, UNCLEAR),
        (0.0, 0.1, 0.001, 31, 0, 31, UNCLEAR),
        (0.006, 0.16, 0.00001, 31, 1, 31, UNCLEAR),  # one person alone
        # P(2 or more of 31): .0238 at .0077, .0261 at .0081
        (0.02, 0.21, 0.0077, 31, 2, 31, ABOVE),
        (0.02, 0.21, 0.0081, 31, 2, 31, UNCLEAR),
        # two hips each: a person has twice the chance
        (0.02, 0.21, 0.0077, 31, 2, 62, UNCLEAR),
        (np.nan, np.nan, 0.2, 0, 0, 0, UNKNOWN),
        (0.1, 0.2, np.nan, 10, 2, 10, UNKNOWN),
    ],
)
def test_verdicts_by_hand(low, high, chance, people, people_with, hips, said):
    assert against_chance(low, high, chance, people, people_with, hips).item() == said


@pytest.mark.parametrize("chance", [0.0005, 0.001, 0.005, 0.02, 0.1, 0.25])
@pytest.mark.parametrize("people", [10, 40, 300])
def test_chance_alone_is_seldom_called_more(people, chance):
    """Every outcome of people with one hip each, with its probability: at most 4.4 % are called more than chance."""
    found = np.arange(people + 1)
    low, high = np.array([wilson(int(x), people) for x in found]).T
    said = against_chance(low, high, np.full(people + 1, chance), people, found, people)
    assert binom.pmf(found, people, chance)[said == ABOVE].sum() <= 0.044
    if people * chance < 1:
        assert binom.pmf(found, people, chance)[(low > chance)].sum() > 0  # the interval alone would say it of someone
