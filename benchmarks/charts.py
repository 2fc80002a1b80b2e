"""How often a stable chart shows a signal anywhere, and how long a halved rate takes to show; seeded.

`python benchmarks/charts.py [CHARTS]`: 1,000 simulated charts of each setting if left out. Prints a table of
docs/methods.md.
"""

import sys
from itertools import product

import numpy as np
import pandas as pd

from analysis.answers.clinics import told_from_the_centre
from analysis.stats.control_chart import p_chart
from analysis.stats.run_rules import chart_signals

CHARTS = 1_000
LENGTHS = (8, 12, 13, 16, 20, 24, 30, 33, 36, 40, 48, 60)
HIPS, RATES = (5, 10, 20, 60), (0.05, 0.1, 0.3, 0.5, 0.9)
WITH_BOTH, ALIKE = 0.8, 0.3
"""Share of people with both hips, and the correlation of the two."""


def draw(rate: np.ndarray, hips: int, rng: np.random.Generator) -> np.ndarray:
    """Draw responders of so many hips per period, most of them two of a person."""
    pairs = round(hips * WITH_BOTH / (1 + WITH_BOTH))
    both, none = rate**2 + ALIKE * rate * (1 - rate), (1 - rate) ** 2 + ALIKE * rate * (1 - rate)
    of_pairs = rng.binomial(pairs, both)
    of_none = rng.binomial(pairs - of_pairs, none / (1 - both))
    return 2 * of_pairs + (pairs - of_pairs - of_none) + rng.binomial(hips - 2 * pairs, rate)


def signals(responders: np.ndarray, hips: int) -> np.ndarray:
    """Return which periods of a chart are flagged, as reports have it."""
    n = np.full(len(responders), hips)
    chart = p_chart(responders, n, laney=True)
    low, high = np.where(chart.low > 0, chart.low, np.nan), np.where(chart.high < 1, chart.high, np.nan)
    return chart_signals(told_from_the_centre(chart.rate, chart.centre, n), chart.centre, low, high).any


def delay(before: int, hips: int, rate: float, rng: np.random.Generator) -> float:
    """Return after how many periods at half the rate a chart first shows a signal; 24 where it shows none by then."""
    drawn = draw(np.array([rate] * before + [rate / 2] * 24), hips, rng)
    return next((after for after in range(1, 25) if signals(drawn[: before + after], hips)[before:].any()), 24)


def main(charts: int) -> None:
    rng, rows = np.random.default_rng(1), {}
    for length, hips, rate in product(LENGTHS, HIPS, RATES):
        drawn = draw(np.full((charts, length), rate), hips, rng)
        rows[length, hips, rate] = 100 * np.mean([signals(one, hips).any() for one in drawn])
    table = pd.Series(rows).rename_axis(["periods", "hips", "rate"])
    print("stable charts with a signal, %", table.unstack([1, 2]).round(1).to_string(), sep="\n")
    print(table.groupby("periods").agg(["mean", "max"]).round(1).to_string())
    found = {
        (before, hips, rate): np.median([delay(before, hips, rate, rng) for _ in range(charts // 10)])
        for before, hips, rate in product((12, 24), (10, 20, 40, 80), (0.1, 0.2, 0.3, 0.5, 0.7))
    }
    print("periods until a halved rate shows, median", pd.Series(found).to_string(), sep="\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else CHARTS)
