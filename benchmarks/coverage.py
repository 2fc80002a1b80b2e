"""How often the intervals of a rate hold the true rate.

Exact: every possible outcome of a cohort is enumerated, with its probability and its interval. Prints the tables of
docs/methods.md and draws its figure: python benchmarks/coverage.py [docs/figures/coverage.svg]
"""

import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from scipy.stats import betabinom, binom, multinomial

from analysis.stats.proportions import ClusterSums, score_interval
from analysis.stats.rate_intervals import RATE_INTERVALS

RATES = np.arange(0.05, 0.501, 0.01)
"""A rate of 1 - p is covered as one of p is. In steps of .05 the lows of coverage would be missed."""
CORRELATIONS = (0.0, 0.3, 0.7, 1.0)
DRAWN = CORRELATIONS[:3]
PEOPLE = (8, 10, 12, 15, 20, 25, 30, 40, 50, 60, 80, 100, 140, 200)
TWO_HIPS = tuple({1: int(share * n), 2: n - int(share * n)} for n in PEOPLE for share in (0, 0.25, 0.5, 0.75))
"""How many people have one evaluable hip and how many two: 8 to 200 in all."""
EPISODES = (
    {1: 4, 2: 6, 4: 2},
    {1: 10, 2: 10, 4: 3},
    {1: 30, 2: 12, 4: 2},
    {2: 15, 4: 4},
    {1: 20, 4: 5},
    {1: 15, 3: 8},
    {1: 40, 6: 2},
    {1: 8, 8: 2},
)
"""The same where some came back, each time with their hips: the more unequal, the harder."""
Z = 1.959963984540054


def plain_wilson(sums: ClusterSums, confidence: float) -> tuple[np.ndarray, np.ndarray]:
    """Take every hip for a person: what the choices are there to avoid."""
    hips = np.asarray(sums.hips, dtype=float)
    return score_interval(np.asarray(sums.responders) / hips, hips, np.asarray(Z))


METHODS: dict[str, Callable] = {
    **{name: choice.limits for name, choice in RATE_INTERVALS.items()},
    "hips as independent": plain_wilson,
}
Cohort = dict[int, int]


@cache
def counts_of(people: int, kinds: int) -> np.ndarray:
    """Return every way to divide people into kinds, shape (ways, kinds)."""
    if kinds == 1:
        return np.array([[people]])
    rest = [counts_of(people - first, kinds - 1) for first in range(people + 1)]
    return np.vstack([np.column_stack([np.full(len(ways), first), ways]) for first, ways in enumerate(rest)])


def every_outcome(cohort: Cohort) -> ClusterSums:
    """Return the sums of every outcome, in the order of :func:`probabilities`."""
    responders = squared = cross = np.zeros(1)
    for hips, people in cohort.items():
        ways, of_person = counts_of(people, hips + 1), np.arange(hips + 1)
        responders = np.add.outer(responders, ways @ of_person).ravel()
        squared = np.add.outer(squared, ways @ of_person**2).ravel()
        cross = np.add.outer(cross, hips * (ways @ of_person)).ravel()
    people, hips, hips_squared = (sum(n * m**power for m, n in cohort.items()) for power in range(3))
    return ClusterSums(people, hips, responders, hips_squared, squared, cross)


def probabilities(cohort: Cohort, rate: float, correlation: float) -> np.ndarray:
    """Return the probability of every outcome; the responders of a person are beta-binomial."""
    result = np.ones(1)
    for hips, people in cohort.items():
        of_person = responders_of_a_person(hips, rate, correlation)
        result = np.outer(result, multinomial.pmf(counts_of(people, hips + 1), people, of_person)).ravel()
    return result


def responders_of_a_person(hips: int, rate: float, correlation: float) -> np.ndarray:
    """Return the probabilities of 0 to all hips; with two hips any exchangeable pair is beta-binomial."""
    responders = np.arange(hips + 1)
    if correlation == 0:
        return binom.pmf(responders, hips, rate)
    if correlation == 1:
        return np.where(responders == 0, 1 - rate, np.where(responders == hips, rate, 0.0))
    size = (1 - correlation) / correlation
    return betabinom.pmf(responders, hips, rate * size, (1 - rate) * size)


def coverage(cohort: Cohort) -> pd.DataFrame:
    """Return the coverage of every method at every rate and correlation, by enumeration."""
    sums = every_outcome(cohort)
    limits = {name: method(sums, 0.95) for name, method in METHODS.items()}
    limits = {name: ends for name, ends in limits.items() if not np.isnan(ends).any()}  # sums may not tell enough
    rows = []
    for rate in RATES:
        holds = {name: (low <= rate) & (rate <= high) for name, (low, high) in limits.items()}
        for correlation in CORRELATIONS:
            chance = probabilities(cohort, rate, correlation)
            rows += [(str(cohort), rate, correlation, name, chance @ held) for name, held in holds.items()]
    return pd.DataFrame(rows, columns=["cohort", "rate", "correlation", "method", "coverage"])


def draw(table: pd.DataFrame, file: Path) -> None:
    """Draw the lowest coverage over the cohorts against the rate, one panel per correlation."""
    mpl.rcParams["svg.hashsalt"] = "coverage"
    lowest = table.groupby(["method", "correlation", "rate"], sort=False)["coverage"].min()
    colours = dict(zip(METHODS, ("#0b5394", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#777777"), strict=True))
    figure, panels = plt.subplots(1, len(DRAWN), figsize=(10, 3.6), sharey=True, layout="constrained")
    for panel, correlation in zip(panels, DRAWN, strict=True):
        for name in METHODS:
            line = lowest[name][correlation]
            default = name == "wilson"
            style = "--" if name == "hips as independent" else "-"
            label = "default (wilson)" if default else name.replace("_", " ")
            panel.plot(line.index, 100 * line, style, color=colours[name], lw=2.4 if default else 1.2, label=label)
        panel.axhline(95, color="black", lw=0.6)
        panel.axhline(93, color="black", lw=0.6, ls=":")
        panel.set(title=f"correlation {correlation:g}", xlabel="true rate, or one less it", ylim=(75, 100.5))
    panels[0].set_ylabel("lowest coverage, %")
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=6, frameon=False)
    figure.savefig(file, metadata={"Date": None})


def summary(table: pd.DataFrame) -> pd.DataFrame:
    """Return the lowest, mean and highest coverage of every method in per cent, and the lowest at each correlation."""
    by_method = table.groupby("method", sort=False)["coverage"]
    whole = pd.DataFrame({"lowest": by_method.min(), "mean": by_method.mean(), "highest": by_method.max()})
    by_correlation = table.pivot_table("coverage", "method", "correlation", "min", sort=False)
    return (100 * whole.join(by_correlation)).round(1)


def main(file: Path) -> None:
    table = pd.concat([coverage(cohort) for cohort in TWO_HIPS], ignore_index=True)
    print("Coverage of 95 % intervals, one or two hips of each of 8 to 200 people:", summary(table), sep="\n")
    print(table[table["method"] == "wilson"].nsmallest(3, "coverage").to_string())
    draw(table, file)
    unequal = pd.concat([coverage(cohort) for cohort in EPISODES], ignore_index=True)
    print("The same where some people came back:", summary(unequal), sep="\n")
    lowest = unequal.pivot_table("coverage", ["cohort", "correlation"], "method", "min", sort=False)
    print((100 * lowest).round(1).to_string())


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[1] / "docs" / "figures" / "coverage.svg")
