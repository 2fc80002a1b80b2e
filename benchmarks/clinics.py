"""How sound intervals and tests are where people of one clinic are alike; prints the tables of docs/methods.md.

`python benchmarks/clinics.py [COHORTS] [PART ...]`: 1,000 simulated cohorts of each setting if left out, every part
(sides, gee, rates, differ, true) if none is named. Seeded.
"""

import sys
from itertools import product
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import betainc
from scipy.stats import binom

from analysis.stats.clustered_pairs import obuchowski
from analysis.stats.gee import gee_difference
from analysis.stats.heterogeneity import heterogeneity
from analysis.stats.proportions import ClusterSums, clustered_wilson_from_sums, effective_hips
from analysis.stats.rate_by_clinic import clinic_intervals, clinic_wilson
from analysis.stats.shrinkage import posterior

COHORTS = 1_000
SHAPES = {
    "equal": lambda clinics: np.full(clinics, 30),
    "unequal": lambda clinics: np.round(80 * np.exp(-2.4 * np.arange(clinics) / (clinics - 1))).astype(int),
    "half in one": lambda clinics: np.array([20 * (clinics - 1), *[20] * (clinics - 1)]),
}
"""People of each of so many clinics."""
WITH_BOTH, ALIKE = 0.8, 0.3
"""Share of people with both hips, and the correlation of the two."""


class Cohorts(NamedTuple):
    """Counts of each cohort and clinic, shape (cohorts, clinics)."""

    both: np.ndarray
    left_only: np.ndarray
    right_only: np.ndarray
    pairs: np.ndarray
    alone: np.ndarray
    """People with one hip, and of these:"""
    alone_responded: np.ndarray

    @property
    def hips(self) -> np.ndarray:
        return 2 * self.pairs + self.alone

    @property
    def responders(self) -> np.ndarray:
        return 2 * self.both + self.left_only + self.right_only + self.alone_responded

    @property
    def sums(self) -> ClusterSums:
        mixed, pairs, alone = self.left_only + self.right_only, self.pairs, self.alone
        squared, cross = 4 * self.both + mixed + self.alone_responded, 4 * self.both + 2 * mixed + self.alone_responded
        parts = pairs + alone, self.hips, self.responders, 4 * pairs + alone, squared, cross
        return ClusterSums(*(part.sum(axis=1) for part in parts))


def draw(
    sizes: np.ndarray, rate: np.ndarray | float, icc: float, side_sd: float, cohorts: int, rng: np.random.Generator
) -> Cohorts:
    """Draw cohorts: the rate of a clinic is beta, left and right of it differ by a normal value, by 0 on average."""
    shape = cohorts, len(sizes)
    of_clinic = rng.beta(rate * (1 - icc) / icc, (1 - rate) * (1 - icc) / icc, shape) if icc else np.full(shape, rate)
    apart = np.clip(rng.normal(0, side_sd, shape), -2 * of_clinic, 2 * of_clinic)
    apart = np.clip(apart, -2 * (1 - of_clinic), 2 * (1 - of_clinic))
    left, right = of_clinic + apart / 2, of_clinic - apart / 2
    shared = ALIKE * np.sqrt(left * (1 - left) * right * (1 - right))
    both = np.minimum(left * right + shared, np.minimum(left, right))
    pairs = np.round(WITH_BOTH * sizes).astype(int)
    kinds = rng.multinomial(np.broadcast_to(pairs, shape), np.stack(
        [both, left - both, right - both, np.maximum(1 - left - right + both, 0)], axis=-1))  # fmt: skip
    alone = np.broadcast_to(sizes - pairs, shape)
    return Cohorts(
        *(kinds[..., k] for k in range(3)), np.broadcast_to(pairs, shape), alone, rng.binomial(alone, of_clinic)
    )


def midp(b: np.ndarray, c: np.ndarray) -> np.ndarray:
    """Return McNemar's mid-p of many tables."""
    fewer, n = np.minimum(b, c), b + c
    return np.where(b == c, 1 - 0.5 * binom.pmf(b, n, 0.5), 2 * binom.cdf(fewer, n, 0.5) - binom.pmf(fewer, n, 0.5))


def sides(cohorts: int, rng: np.random.Generator) -> pd.DataFrame:
    """Return how often tests of left against right reject at 5 % where the sides do not differ on average, in %."""
    rows = {}
    for side_sd, clinics, (name, sizes), rate in product((0, 0.1, 0.2), (5, 9, 12, 20), SHAPES.items(), (0.2, 0.5)):
        drawn = draw(sizes(clinics), rate, 0.05, side_sd, cohorts, rng)
        low, high = clinic_intervals(drawn.left_only - drawn.right_only, drawn.pairs)
        b, c = drawn.left_only.sum(axis=1), drawn.right_only.sum(axis=1)
        by_sums = [obuchowski(*one).p_value for one in zip(drawn.left_only, drawn.right_only, drawn.pairs, strict=True)]
        found = {"mean by clinic": (low > 0) | (high < 0), "Obuchowski": np.array(by_sums) <= 0.05,
                 "McNemar mid-p": midp(b, c) <= 0.05}  # fmt: skip
        rows[side_sd, clinics, name, rate] = {test: 100 * rejects.mean() for test, rejects in found.items()}
    return pd.DataFrame(rows).T.rename_axis(["left-right SD", "clinics", "people", "rate"])


def gee(cohorts: int, rng: np.random.Generator) -> pd.DataFrame:
    """Return the same of the GEE by clinic, at a rate of .3, cohort by cohort."""
    rows = {}
    for side_sd, clinics, (name, sizes) in product((0, 0.1, 0.2), (5, 9, 12), SHAPES.items()):
        drawn = draw(sizes(clinics), 0.3, 0.05, side_sd, cohorts, rng)
        p = [_gee_p(Cohorts(*(part[n] for part in drawn))) for n in range(cohorts)]
        rows[side_sd, clinics, name] = {"GEE by clinic": 100 * (np.array(p) <= 0.05).mean()}
    return pd.DataFrame(rows).T.rename_axis(["left-right SD", "clinics", "people"])


def _gee_p(one: Cohorts) -> float:
    neither = one.pairs - one.both - one.left_only - one.right_only
    answers = [(1, 1), (1, 0), (0, 1), (0, 0)]
    clinic = np.concatenate(
        [np.repeat(np.arange(len(one.pairs)), of) for of in (one.both, one.left_only, one.right_only, neither)]
    )
    pairs = np.concatenate([np.tile(answer, (int(of.sum()), 1)) for answer, of in
                            zip(answers, (one.both, one.left_only, one.right_only, neither), strict=True)])  # fmt: skip
    person = np.repeat(np.arange(len(pairs)), 2)
    return gee_difference(pairs.ravel(), np.tile([1, 0], len(pairs)), person, clinic=np.repeat(clinic, 2)).p_value


def rates(cohorts: int, rng: np.random.Generator) -> pd.DataFrame:
    """Return how often the 95 % intervals of a rate hold it, in %."""
    rows = {}
    for icc, clinics, (name, sizes), rate in product((0, 0.02, 0.05, 0.1), (5, 12), SHAPES.items(), (0.1, 0.3, 0.5)):
        drawn = draw(sizes(clinics), rate, icc, 0.0, cohorts, rng)
        by_clinic = clinic_wilson(drawn.sums, drawn.responders, drawn.hips)
        found = {"by clinic": by_clinic, "by person": clustered_wilson_from_sums(drawn.sums)}
        rows[icc, clinics, name, rate] = {
            clusters: 100 * ((low <= rate) & (rate <= high)).mean() for clusters, (low, high) in found.items()
        }
    return pd.DataFrame(rows).T.rename_axis(["correlation", "clinics", "people", "rate"])


def differ(cohorts: int, rng: np.random.Generator) -> pd.DataFrame:
    """Return how often clinics are said to differ, and the 90 % limits of their SD hold it, in %."""
    rows = {}
    for sd, clinics, (name, sizes), rate in product((0, 0.05, 0.1, 0.15), (4, 7, 12), SHAPES.items(), (0.1, 0.5)):
        if sd**2 >= rate * (1 - rate) / 3:
            continue
        drawn = draw(sizes(clinics), rate, sd**2 / (rate * (1 - rate)), 0.0, cohorts, rng)
        worth = effective_hips(drawn.sums) / drawn.hips.sum(axis=1)
        found = [heterogeneity(x * w, n * w) for x, n, w in zip(drawn.responders, drawn.hips, worth, strict=True)]
        rows[sd, clinics, name, rate] = {
            "said to differ": 100 * np.mean([one.p_value < 0.05 for one in found]),
            "limits hold the SD": 100 * np.mean([one.interval.low <= sd <= one.interval.high for one in found]),
        }
    return pd.DataFrame(rows).T.rename_axis(["SD", "clinics", "people", "rate"])


def true_rates(cohorts: int, rng: np.random.Generator) -> pd.DataFrame:
    """Return how often the 95 % limits of a clinic's true rate hold it, in %; one hip each, 30 people on average."""
    rows = {}
    for sd, clinics, (name, sizes), rate in product((0, 0.05, 0.1, 0.2), (4, 7, 12), SHAPES.items(), (0.1, 0.5)):
        if sd**2 >= rate * (1 - rate) / 2.5:
            continue
        n, held = sizes(clinics), []
        for _ in range(cohorts):
            size = rate * (1 - rate) / sd**2 - 1 if sd else np.inf
            truth = rng.beta(rate * size, (1 - rate) * size, clinics) if sd else np.full(clinics, rate)
            x = rng.binomial(n, truth)
            if 0 < x.sum() < n.sum():
                a, b, weight = posterior(x.astype(float), n.astype(float))
                below = betainc(a + x[:, None], b + (n - x)[:, None], truth[:, None]) @ weight
                held += [np.mean((below >= 0.025) & (below <= 0.975))]
        rows[sd, clinics, name, rate] = {"limits hold the rate": 100 * np.mean(held)}
    return pd.DataFrame(rows).T.rename_axis(["SD", "clinics", "people", "rate"])


PARTS = {"true": true_rates, "sides": sides, "gee": gee, "rates": rates, "differ": differ}


def main(cohorts: int, names: list[str]) -> None:
    for name in names or PARTS:
        table = PARTS[name](cohorts, np.random.default_rng(1))
        print(name, table.round(1).to_string(), sep="\n")
        over = [level for level in table.index.names if level not in ("people", "rate")]
        print(table.groupby(over).agg(["min", "max"]).round(1).to_string())


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else COHORTS, sys.argv[2:])
