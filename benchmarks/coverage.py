"""How often the intervals of a rate hold the true rate, and how often the side tests reject a true null.

The coverage is exact: every possible outcome of a cohort is enumerated, with its probability and its interval.
So is the error of the mid-p test; that of the GEE is simulated, 5,000 cohorts each. Prints the tables of
docs/methods.md and draws its figure: python benchmarks/coverage.py [docs/figures/coverage.svg]
"""

import sys
from collections.abc import Callable
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from scipy.stats import binom, multinomial

from analysis.stats.gee import gee_difference
from analysis.stats.paired import PairedTable, mcnemar_midp
from analysis.stats.proportions import ClusterSums, score_interval
from analysis.stats.rate_intervals import RATE_INTERVALS

RATES = np.arange(0.05, 0.951, 0.05)
CORRELATIONS = (0.0, 0.3, 0.7)
COHORTS = ((8, 0), (5, 3), (10, 5), (15, 0), (20, 10), (35, 15), (70, 30), (100, 0), (140, 60), (60, 140))
"""People with both hips, and with one: 8 to 200 in all."""
SIDE_COHORTS = ((12, 4), (20, 5), (40, 10), (80, 20))
REPETITIONS = 5_000
Z = 1.959963984540054


def plain_wilson(sums: ClusterSums, confidence: float) -> tuple[np.ndarray, np.ndarray]:
    """Take every hip for a person: what the choices are there to avoid."""
    hips = np.asarray(sums.hips, dtype=float)
    return score_interval(np.asarray(sums.responders) / hips, hips, np.asarray(Z))


METHODS: dict[str, Callable] = {
    **{name: choice.limits for name, choice in RATE_INTERVALS.items()},
    "hips as independent": plain_wilson,
}


def every_outcome(pairs: int, single: int) -> tuple[ClusterSums, np.ndarray, np.ndarray]:
    """Return the sums of every outcome, shape (outcomes of pairs, outcomes of single hips), and what they are."""
    one, two = np.array([(one, two) for one in range(pairs + 1) for two in range(pairs + 1 - one)]).T
    alone = np.arange(single + 1)
    sums = ClusterSums(
        people=pairs + single,
        hips=2 * pairs + single,
        responders=(one + 2 * two)[:, None] + alone,
        hips_squared=4 * pairs + single,
        responders_squared=(one + 4 * two)[:, None] + alone,
        responders_times_hips=(2 * one + 4 * two)[:, None] + alone,
    )
    return sums, np.column_stack([pairs - one - two, one, two]), alone


def coverage(pairs: int, single: int) -> pd.DataFrame:
    """Return the coverage of every method at every rate and correlation, by enumeration."""
    sums, of_pairs, alone = every_outcome(pairs, single)
    limits = {name: method(sums, 0.95) for name, method in METHODS.items()}
    rows = []
    for rate in RATES:
        holds = {name: (low <= rate) & (rate <= high) for name, (low, high) in limits.items()}
        of_single = binom.pmf(alone, single, rate)
        for correlation in CORRELATIONS:
            shared = correlation * rate * (1 - rate)
            shares = [(1 - rate) ** 2 + shared, 2 * (rate * (1 - rate) - shared), rate**2 + shared]
            of_pair = multinomial.pmf(of_pairs, pairs, shares)
            for name, held in holds.items():
                rows.append((pairs, single, rate, correlation, name, of_pair @ held @ of_single))
    return pd.DataFrame(rows, columns=["pairs", "single", "rate", "correlation", "method", "coverage"])


def midp_error(pairs: int, discordant_share: float) -> float:
    """Return how often the mid-p test rejects at 5 % where left and right respond alike, by enumeration."""
    error = 0.0
    for discordant in range(pairs + 1):
        left = np.arange(discordant + 1)
        p = np.array([mcnemar_midp(PairedTable(0, b, discordant - b, pairs - discordant)) for b in left])
        error += binom.pmf(discordant, pairs, discordant_share) * binom.pmf(left, discordant, 0.5)[p <= 0.05].sum()
    return error


def gee_error(pairs: int, single: int, rate: float, correlation: float, rng: np.random.Generator) -> float:
    """Return how often the GEE's p-value is at most 5 % where left and right respond alike, by simulation."""
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


def draw(table: pd.DataFrame, file: Path) -> None:
    """Draw the lowest coverage over the cohorts against the rate, one panel per correlation."""
    mpl.rcParams["svg.hashsalt"] = "coverage"
    lowest = table.groupby(["method", "correlation", "rate"], sort=False)["coverage"].min()
    colours = dict(zip(METHODS, ("#0b5394", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#777777"), strict=True))
    figure, panels = plt.subplots(1, len(CORRELATIONS), figsize=(10, 3.6), sharey=True, layout="constrained")
    for panel, correlation in zip(panels, CORRELATIONS, strict=True):
        for name in METHODS:
            line = lowest[name][correlation]
            default = name == "wilson"
            style = "--" if name == "hips as independent" else "-"
            label = "default (wilson)" if default else name.replace("_", " ")
            panel.plot(line.index, 100 * line, style, color=colours[name], lw=2.4 if default else 1.2, label=label)
        panel.axhline(95, color="black", lw=0.6)
        panel.axhline(93, color="black", lw=0.6, ls=":")
        panel.set(title=f"correlation {correlation:g}", xlabel="true rate", ylim=(75, 100.5))
    panels[0].set_ylabel("lowest coverage, %")
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=6, frameon=False)
    figure.savefig(file, metadata={"Date": None})


def main(file: Path) -> None:
    table = pd.concat([coverage(*cohort) for cohort in COHORTS], ignore_index=True)
    by_method = table.groupby("method", sort=False)["coverage"]
    summary = pd.DataFrame({"lowest": by_method.min(), "mean": by_method.mean(), "highest": by_method.max()})
    print("Coverage of 95 % intervals:", (100 * summary).round(1), sep="\n")
    print("Lowest by correlation:")
    print((100 * table.pivot_table("coverage", "method", "correlation", "min", sort=False)).round(1))
    people = table["pairs"] + table["single"]
    print("Lowest by people:")
    print((100 * table.pivot_table("coverage", "method", people, "min", sort=False)).round(1))
    errors = [midp_error(pairs, share) for pairs in (8, 15, 30, 60, 100, 200) for share in np.arange(0.05, 0.76, 0.05)]
    print(f"Type I error of the mid-p test: highest {100 * max(errors):.2f} %, mean {100 * np.mean(errors):.2f} %")
    rng = np.random.default_rng(1)
    settings = [(*c, rate, r) for c in SIDE_COHORTS for rate in (0.1, 0.3, 0.5) for r in CORRELATIONS]
    errors = [gee_error(*setting, rng) for setting in settings]
    print(f"Type I error of the GEE: highest {100 * max(errors):.2f} %, mean {100 * np.mean(errors):.2f} %")
    for setting, error in zip(settings, errors, strict=True):
        print(*setting, f"{100 * error:.2f} %")
    draw(table, file)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[1] / "docs" / "figures" / "coverage.svg")
