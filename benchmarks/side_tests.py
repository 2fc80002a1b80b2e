"""How often the tests of left against right reject at 5 % where left and right respond alike.

That of the mid-p test is exact, that of the others simulated. Prints the numbers of docs/methods.md:
python benchmarks/side_tests.py
"""

from collections.abc import Callable
from itertools import product
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import ndtri
from scipy.stats import binom

from analysis.stats.clustered_pairs import durkalski, obuchowski
from analysis.stats.gee import gee_difference
from analysis.stats.interaction import side_by_group
from analysis.stats.paired import PairedTable, mcnemar_midp, mcnemar_score

RATES, CORRELATIONS = (0.05, 0.1, 0.3, 0.5), (0.0, 0.3, 0.7)
COHORTS = ((8, 0), (12, 4), (20, 5), (40, 10), (80, 20), (120, 80))
"""People with both hips, and with one."""
REPETITIONS = 2_000

CLINICS = {
    "8 people each": lambda clinics: np.full(clinics, 8),
    "60 people down to 2": lambda clinics: np.round(60 * np.exp(-3.4 * np.arange(clinics) / (clinics - 1))).astype(int),
    "half in one clinic": lambda clinics: np.array([5 * (clinics - 1), *[5] * (clinics - 1)]),
}
"""People of each of so many clinics."""
SHARE_WITH_BOTH = 0.8
OF_CLINIC, OF_PERSON = 0.1, 0.4
"""Shares of the variance behind an outcome that people of a clinic, and the hips of a person, have in common."""
OF_CLINICS_SIDE = (0.0, 0.4)
"""SD between clinics of what each side of theirs has of its own; 0 on average, so the null is true of the clinics.

The second makes left less right vary between clinics with an SD of 10 percentage points at a rate of .1, 20 at .4.
"""


def mcnemar_error(test: Callable[[PairedTable], float], pairs: int, discordant_share: float) -> float:
    """Return how often a test of McNemar rejects, by enumeration."""
    error = 0.0
    for discordant in range(pairs + 1):
        left = np.arange(discordant + 1)
        p = np.array([test(PairedTable(0, b, discordant - b, pairs - discordant)) for b in left])
        error += binom.pmf(discordant, pairs, discordant_share) * binom.pmf(left, discordant, 0.5)[p <= 0.05].sum()
    return error


def gee_error(pairs: int, single: int, rate: float, correlation: float, rng: np.random.Generator) -> float:
    """Return how often the GEE by person rejects; a cohort without an estimate counts as not rejecting."""
    shared = correlation * rate * (1 - rate)
    shares = [(1 - rate) ** 2 + shared, rate * (1 - rate) - shared, rate * (1 - rate) - shared, rate**2 + shared]
    person = np.concatenate([np.repeat(np.arange(pairs), 2), pairs + np.arange(single)])
    left = np.concatenate([np.tile([1, 0], pairs), np.arange(single) % 2])
    rejected = 0
    for _ in range(REPETITIONS):
        kind = rng.choice(4, size=pairs, p=shares)
        both = np.column_stack([kind // 2, kind % 2]).ravel()
        outcome = np.concatenate([both, rng.random(single) < rate]).astype(int)
        rejected += gee_difference(outcome, left, person).p_value <= 0.05
    return rejected / REPETITIONS


class Hips(NamedTuple):
    """One entry per hip, and the pairs of each clinic."""

    responded: np.ndarray
    left: np.ndarray
    person: np.ndarray
    clinic: np.ndarray
    left_only: np.ndarray
    right_only: np.ndarray
    pairs: np.ndarray


def draw_clinics(sizes: np.ndarray, rate: float, side_sd: float, rng: np.random.Generator) -> Hips:
    """Draw hips of people in clinics: a normal value behind each outcome, with parts that hips have in common."""
    clinics, people = len(sizes), int(sizes.sum())
    clinic = np.repeat(np.arange(clinics), sizes)
    behind = np.sqrt(OF_CLINIC) * rng.normal(size=clinics)[clinic] + np.sqrt(OF_PERSON) * rng.normal(size=people)
    own = np.sqrt(1 - OF_CLINIC - OF_PERSON) * rng.normal(size=(people, 2))
    value = behind[:, None] + own + side_sd * rng.normal(size=(clinics, 2))[clinic]
    responded = (value < ndtri(rate) * np.sqrt(1 + side_sd**2)).astype(int)
    both = rng.random(people) < SHARE_WITH_BOTH
    seen = np.ones((people, 2), dtype=bool)
    seen[np.flatnonzero(~both), rng.integers(0, 2, (~both).sum())] = False
    person, side = np.nonzero(seen)
    ahead = responded[:, 0] - responded[:, 1]
    of_clinic = [np.bincount(clinic[both], of[both], clinics) for of in (ahead > 0, ahead < 0, np.ones(people))]
    return Hips(responded[seen], 1 - side, person, clinic[person], *of_clinic)


def p_values(hips: Hips, rng: np.random.Generator) -> dict[str, float]:
    """Return the p-value of every test; NaN where there is none."""
    b, c, n = (int(of.sum()) for of in (hips.left_only, hips.right_only, hips.pairs))
    kind = rng.integers(0, 2, hips.person.max() + 1)[hips.person]
    answers = hips.responded, hips.left
    return {
        "GEE by clinic": gee_difference(*answers, hips.person, clinic=hips.clinic).p_value,
        "side × type": side_by_group(*answers, kind, hips.person, hips.clinic).p_value,
        "Obuchowski": obuchowski(hips.left_only, hips.right_only, hips.pairs).p_value,
        "Durkalski": durkalski(hips.left_only, hips.right_only, hips.pairs).p_value,
        "GEE by person": gee_difference(*answers, hips.person).p_value,
        "McNemar mid-p": mcnemar_midp(PairedTable(0, b, c, n - b - c)),
    }


def errors_of_clinics(rng: np.random.Generator) -> pd.DataFrame:
    """Return how often each test rejects, in per cent, for every kind of clinics."""
    rows = {}
    for clinics, (name, sizes), rate, side_sd in product((10, 20), CLINICS.items(), (0.1, 0.4), OF_CLINICS_SIDE):
        found = [p_values(draw_clinics(sizes(clinics), rate, side_sd, rng), rng) for _ in range(REPETITIONS)]
        rows[clinics, name, rate, side_sd] = 100 * (pd.DataFrame(found) <= 0.05).mean()
    return pd.DataFrame(rows).T.rename_axis(["clinics", "people", "rate", "side SD"])


def main() -> None:
    cohorts = list(product((8, 15, 30, 60, 100, 200), np.arange(0.05, 0.76, 0.05)))
    for test in (mcnemar_midp, mcnemar_score):
        errors = [mcnemar_error(test, *cohort) for cohort in cohorts]
        print(f"{test.__name__}, exact: highest {100 * max(errors):.2f} %, mean {100 * np.mean(errors):.2f} %")
    rng = np.random.default_rng(1)
    settings = [(*cohort, rate, r) for cohort, rate, r in product(COHORTS, RATES, CORRELATIONS)]
    errors = [gee_error(*setting, rng) for setting in settings]
    print(f"GEE by person: highest {100 * max(errors):.2f} %, mean {100 * np.mean(errors):.2f} %")
    for setting, error in zip(settings, errors, strict=True):
        print(*setting, f"{100 * error:.2f} %")
    table = errors_of_clinics(np.random.default_rng(2))
    print(table.round(2).to_string())
    print(table.groupby("side SD").max().round(2).to_string())


if __name__ == "__main__":
    main()
