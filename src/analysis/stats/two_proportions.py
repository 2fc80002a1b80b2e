"""Confidence intervals for the difference between two rates of different people."""

import numpy as np
from numpy.typing import ArrayLike

from analysis.stats.intervals import Interval, normal_quantile
from analysis.stats.proportions import Limits, score_interval, wilson


def newcombe_unpaired(
    successes: float, n: float, other_successes: float, other_n: float, confidence: float = 0.95
) -> Interval:
    """Return Newcombe's interval for the difference between two rates of different people.

    The distances of each rate to its Wilson limits are added in squares; `paired.newcombe10` is its kin for the
    same people.

    Parameters
    ----------
    successes, n, other_successes, other_n : float
        Numerator and denominator of the rate, and of the other that is subtracted.
    confidence : float, default 0.95
        Confidence level.

    Returns
    -------
    Interval
        Within -1 and 1; NaN when a denominator is 0.

    Raises
    ------
    ValueError
        If a numerator is negative or exceeds its denominator, a denominator is infinite, or `confidence` is not
        between 0 and 1.

    References
    ----------
    Newcombe RG (1998). Stat Med 17:873-890, method 10.

    Examples
    --------
    >>> low, high = newcombe_unpaired(56, 70, 48, 80)
    >>> round(low, 4), round(high, 4)
    (0.0524, 0.3339)
    """
    for counted, of in ((successes, n), (other_successes, other_n)):
        wilson(counted, of, confidence)  # refuses what is no rate
    low, high = newcombe_unpaired_of_many(successes, n, other_successes, other_n, confidence)
    return Interval(float(low), float(high))


def newcombe_unpaired_of_many(
    successes: ArrayLike, n: ArrayLike, other_successes: ArrayLike, other_n: ArrayLike, confidence: float = 0.95
) -> Limits:
    """Return :func:`newcombe_unpaired` for many pairs of rates at once."""
    quantile = np.asarray(normal_quantile(confidence))
    of = [np.asarray(size, dtype=float) for size in (n, other_n)]
    of = [np.where(size > 0, size, np.nan) for size in of]
    rate, other = (np.asarray(x, dtype=float) / m for x, m in zip((successes, other_successes), of, strict=True))
    limits = [score_interval(p, m, quantile) for p, m in zip((rate, other), of, strict=True)]
    return limits_of_difference(rate, limits[0], other, limits[1])


def limits_of_difference(rate: ArrayLike, limits: Limits, other: ArrayLike, other_limits: Limits) -> Limits:
    """Return the limits of the difference of two rates of different people from the limits of each.

    The distances of each rate to its own limits are added in squares, so that what each interval allows for, such as
    two hips of one person, the difference allows for too. Rates that rise together, as those of two arms in each
    clinic may, make it wider than need be.

    Parameters
    ----------
    rate, other : array of float
        The rate, and the other that is subtracted.
    limits, other_limits : tuple of two arrays
        Of each, at the same confidence.

    Returns
    -------
    tuple of two arrays
        NaN where a rate or a limit is.

    References
    ----------
    Zou GY, Donner A (2008). Stat Med 27:1693-1702.

    Examples
    --------
    >>> low, high = limits_of_difference(0.8, wilson(56, 70), 0.6, wilson(48, 80))
    >>> round(float(low), 4), round(float(high), 4)
    (0.0524, 0.3339)
    """
    one, two = np.asarray(rate, dtype=float), np.asarray(other, dtype=float)
    (low, high), (other_low, other_high) = (np.asarray(ends, dtype=float) for ends in (limits, other_limits))
    return one - two - np.hypot(one - low, other_high - two), one - two + np.hypot(high - one, two - other_low)
