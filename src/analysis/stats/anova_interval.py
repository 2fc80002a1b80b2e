"""The correlation between hips of one person by analysis of variance, and the interval of a rate it gives."""

import numpy as np

from analysis.stats.intervals import normal_quantile
from analysis.stats.proportions import ClusterSums, Limits, observed_rate, score_interval


def anova_wilson(sums: ClusterSums, confidence: float = 0.95) -> Limits:
    """Return Wilson's intervals at the design effect that follows from the intraclass correlation.

    The correlation between hips of one person is estimated by analysis of variance, and held between 0
    and 1; the design effect is 1 + (Σm²/N - 1)·ICC. Where the correlation cannot be estimated (a rate of 0
    or 1, one person, one hip per person) it is taken as 1. The sums do not tell the correlation when a
    person has more than two evaluable hips, as over several episodes; such a group has no interval.

    Parameters
    ----------
    sums : ClusterSums
        Numbers, or arrays with one entry per group.
    confidence : float, default 0.95
        Confidence level.

    Returns
    -------
    low, high : ndarray of float
        NaN for a group without evaluable hips, or with more than two of one person.

    Raises
    ------
    ValueError
        If `confidence` is not between 0 and 1.

    References
    ----------
    Saha KK, Miller D, Wang S (2016). Int J Biostat 12(2), ijb-2015-0024. Ridout MS, Demétrio CGB, Firth D
    (1999). Biometrics 55:137-148 (the analysis of variance estimate).
    """
    people, hips, _, hips_squared, responders_squared, cross = (np.asarray(total, dtype=float) for total in sums)
    at_most_two = hips_squared - 3 * hips + 2 * people == 0  # Σ(m - 1)(m - 2)
    # x(m - x)/m is 1/2 for a person of whose two hips one responded, and 0 for anyone else.
    within = np.where(at_most_two, (cross - responders_squared) / 2, np.nan)
    return _anova_wilson(sums, within, confidence)


def _icc(sums: ClusterSums, within: np.ndarray) -> np.ndarray:
    """Return (MSB - MSW)/(MSB + (m₀ - 1)·MSW), m₀ being the size of cluster that stands for all."""
    people, hips, responders, hips_squared = (np.asarray(total, dtype=float) for total in sums[:4])
    with np.errstate(divide="ignore", invalid="ignore"):
        between_mean_square = (responders - within - responders**2 / hips) / (people - 1)
        within_mean_square = within / (hips - people)
        typical_size = (hips - hips_squared / hips) / (people - 1)
        icc = (between_mean_square - within_mean_square) / (
            between_mean_square + (typical_size - 1) * within_mean_square
        )
    return np.where((responders > 0) & (responders < hips), icc, np.nan)


def _anova_wilson(sums: ClusterSums, within: np.ndarray, confidence: float) -> Limits:
    icc = _icc(sums, within)
    correlation = np.where(np.isfinite(icc), np.clip(icc, 0, 1), 1)
    hips, hips_squared = (np.asarray(total, dtype=float) for total in (sums.hips, sums.hips_squared))
    some = np.where((hips > 0) & np.isfinite(within), hips, np.nan)
    effective = some / (1 + (hips_squared / some - 1) * correlation)
    return score_interval(observed_rate(sums), effective, np.asarray(normal_quantile(confidence)))
