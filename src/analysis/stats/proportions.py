"""Confidence intervals for one rate: independent hips, and two hips of one person."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from analysis.stats.intervals import NO_INTERVAL, Interval, normal_quantile, t_quantile


class ClusterSums(NamedTuple):
    """The six sums over people from which the clustered interval follows.

    A person contributes m evaluable hips, of which x responded. Each field is one whole number, or an
    array with one whole number per group. Sums of disjoint sets of people may be added field by field:
    whole numbers add exactly, so the interval is bit-identical however the people were partitioned.
    """

    people: ArrayLike
    """Number of people with at least one evaluable hip."""
    hips: ArrayLike
    """Σm"""
    responders: ArrayLike
    """Σx"""
    hips_squared: ArrayLike
    """Σm²"""
    responders_squared: ArrayLike
    """Σx²"""
    responders_times_hips: ArrayLike
    """Σxm"""


Limits = tuple[np.ndarray, np.ndarray]
"""Lower and upper limits, one entry per group."""


def wilson(successes: float, n: float, confidence: float = 0.95) -> Interval:
    """Return Wilson's score interval for a rate of independent observations.

    Parameters
    ----------
    successes, n : float
        Numerator and denominator; fractions are allowed, for effective sample sizes.
    confidence : float, default 0.95
        Confidence level.

    Returns
    -------
    Interval
        Exactly 0 below when nobody succeeded, exactly 1 above when all did; NaN when `n` is 0.

    Raises
    ------
    ValueError
        If `successes` is negative or exceeds `n`, `n` is infinite, or `confidence` is not between 0 and 1.

    References
    ----------
    Wilson EB (1927). J Am Stat Assoc 22:209-212.

    Examples
    --------
    >>> low, high = wilson(15, 148)
    >>> round(low, 4), round(high, 4)
    (0.0624, 0.1605)
    """
    if not 0 <= successes <= n < math.inf:
        raise ValueError(f"successes must lie between 0 and n; they are {successes} of {n}")
    quantile = normal_quantile(confidence)
    if n == 0:
        return NO_INTERVAL
    low, high = score_interval(np.asarray(successes / n), np.asarray(n), np.asarray(quantile))
    return Interval(float(low), float(high))


def clustered_wilson(successes: ArrayLike, evaluable: ArrayLike, confidence: float = 0.95) -> Interval:
    """Return the interval for a rate of hips when two hips may belong to one person.

    The definition is that of `clustered_wilson_from_sums`, to which this gives the sums.

    Parameters
    ----------
    successes : array_like of int, shape (people,)
        Hips of each person that responded.
    evaluable : array_like of int, shape (people,)
        Hips of each person that could be judged; people with none are left out.
    confidence : float, default 0.95
        Confidence level.

    Returns
    -------
    Interval
        NaN when no hip is evaluable.

    Raises
    ------
    ValueError
        If the arrays differ in shape, or a person has fewer than 0 or more than `evaluable` successes.

    Examples
    --------
    Four people: two of two hips, one of two, none of two, one of one.

    >>> low, high = clustered_wilson([2, 1, 0, 1], [2, 2, 2, 1])
    >>> round(low, 3), round(high, 3)
    (0.09, 0.947)
    """
    low, high = clustered_wilson_from_sums(cluster_sums(successes, evaluable), confidence)
    return Interval(float(low), float(high))


def cluster_sums(successes: ArrayLike, evaluable: ArrayLike) -> ClusterSums:
    """Return the sums over people that `clustered_wilson_from_sums` needs.

    Parameters
    ----------
    successes, evaluable : array_like of int, shape (people,)
        Per person, the hips that responded and the hips that could be judged.

    Returns
    -------
    ClusterSums
        Whole numbers.

    Raises
    ------
    ValueError
        If the arrays differ in shape, a person has fewer than 0 or more than `evaluable` successes, or a count is
        no whole number.
    """
    x, m = np.asarray(successes), np.asarray(evaluable)
    if x.ndim != 1 or x.shape != m.shape:
        raise ValueError(f"need one entry per person in both arrays; their shapes are {x.shape} and {m.shape}")
    if not np.all((x >= 0) & (x <= m)):
        raise ValueError("each person's successes must lie between 0 and that person's evaluable hips")
    if np.any(x % 1) or np.any(m % 1):
        raise ValueError("hips are counted in whole numbers")
    x, m = x.astype(np.int64), m.astype(np.int64)
    return ClusterSums(int((m > 0).sum()), *(int(sums) for sums in (m.sum(), x.sum(), m @ m, x @ x, x @ m)))


def clustered_wilson_from_sums(sums: ClusterSums, confidence: float = 0.95) -> Limits:
    """Return the intervals for many groups' rates when two hips may belong to one person.

    Wilson's interval at the effective sample size: the number of hips divided by the design effect. What the
    hips show of it is the variance of the rate clustered by person (with the G/(G - 1) correction for G people)
    over its variance if hips were independent. A handful of responders shows little, so that is averaged with
    the worst case, Σm²/Σm, as if the hips of a person always agreed: the one counts as often as there are
    responders, or non-responders if these are fewer, and the other once. A rate of 0 or 1 shows nothing and has
    the worst case; the design effect is never taken below 1. A t quantile stands in for z, as that variance is
    itself estimated from people. Its degrees of freedom are the effective number of people less 1, at least 1:
    (Σm)²/Σm², which is G where all have as many hips. Two cases differ:

    - one person, who shows no variance: the worst case, and z;
    - one hip per person: nothing is clustered, so plain Wilson.

    Parameters
    ----------
    sums : ClusterSums
        Numbers, or arrays with one entry per group.
    confidence : float, default 0.95
        Confidence level.

    Returns
    -------
    low, high : ndarray of float
        The limits, shaped as the sums; NaN for a group without evaluable hips.

    Raises
    ------
    ValueError
        If `confidence` is not between 0 and 1.

    References
    ----------
    Wilson EB (1927). J Am Stat Assoc 22:209-212. Korn EL, Graubard BI (1998). Survey Methodology
    24:193-201 (effective sample size with a t quantile).
    """
    effect, quantile = effect_and_quantile(sums, confidence)
    hips = np.asarray(sums.hips, dtype=float)
    return score_interval(observed_rate(sums), np.where(hips > 0, hips, np.nan) / effect, quantile)


def effect_and_quantile(sums: ClusterSums, confidence: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the design effect of the default interval, and the quantile that it takes; NaN without hips."""
    people, hips = np.asarray(sums.people, dtype=float), np.asarray(sums.hips, dtype=float)
    some, squared = np.where(hips > 0, hips, np.nan), np.asarray(sums.hips_squared, dtype=float)
    unclustered = (hips == people) | (people == 1)
    degrees = np.where(unclustered, np.nan, np.maximum(some**2 / squared, 2) - 1)
    quantile = np.where(unclustered, normal_quantile(confidence), t_quantile(confidence, degrees))
    observed, worst = _design_effects(sums)
    seen = np.minimum(np.asarray(sums.responders, dtype=float), hips - np.asarray(sums.responders, dtype=float))
    return np.maximum((seen * observed + worst) / (seen + 1), 1), quantile


def effective_hips(sums: ClusterSums) -> np.ndarray:
    """Return how many independent hips would tell as much about each group's rate.

    That is the hips over the design effect that they show: the variance of the rate clustered by person over
    its variance if hips were independent, at least 1. A rate of 0 or 1, and one person, show none; the worst case
    stands for it, Σm²/Σm.

    Parameters
    ----------
    sums : ClusterSums
        Numbers, or arrays with one entry per group.

    Returns
    -------
    ndarray of float
        At most the number of hips; NaN for a group without evaluable hips.

    Examples
    --------
    Five people with both hips responding, five with neither, are worth nine hips:

    >>> float(effective_hips(cluster_sums([2, 0] * 5, [2] * 10)))
    9.0
    """
    hips = np.asarray(sums.hips, dtype=float)
    observed, _ = _design_effects(sums)
    return np.where(hips > 0, hips, np.nan) / np.maximum(observed, 1)


def _design_effects(sums: ClusterSums) -> tuple[np.ndarray, np.ndarray]:
    """Return the design effect that the hips show, the worst case where they show none, and the worst case."""
    people, all_hips, responders, hips_squared, responders_squared, cross = (
        np.asarray(total, dtype=float) for total in sums
    )
    hips = np.where(all_hips > 0, all_hips, np.nan)
    rate = responders / hips
    scatter = responders_squared - 2 * rate * cross + rate**2 * hips_squared  # Σ(x - rate·m)², expanded
    scatter_if_independent = hips * rate * (1 - rate)
    shows_variance = (people > 1) & (scatter_if_independent > 0)
    degrees = np.where(people > 1, people - 1, np.nan)
    observed_effect = people / degrees * scatter / np.where(shows_variance, scatter_if_independent, np.nan)
    worst = hips_squared / hips
    return np.where(hips == people, 1, np.where(shows_variance, observed_effect, worst)), worst


def observed_rate(sums: ClusterSums) -> np.ndarray:
    """Return each group's responders over its hips; NaN for a group without evaluable hips."""
    hips = np.asarray(sums.hips, dtype=float)
    return np.asarray(sums.responders, dtype=float) / np.where(hips > 0, hips, np.nan)


def score_interval(rate: np.ndarray, n: np.ndarray, quantile: np.ndarray) -> Limits:
    """Return Wilson's limits for an observed rate of n (effective) observations; NaN in, NaN out."""
    spread = quantile**2 / n
    centre = (rate + spread / 2) / (1 + spread)
    half_width = np.sqrt(spread * (rate * (1 - rate) + spread / 4)) / (1 + spread)
    # The limits at a rate of 0 or 1 are 0 and 1 by algebra; rounding would miss them.
    return np.where(rate == 0, 0.0, centre - half_width), np.where(rate == 1, 1.0, centre + half_width)
