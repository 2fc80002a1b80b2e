"""How far two readings of one thing lie apart: Bland and Altman's limits of agreement, where pairs are clustered."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from analysis.stats.clusters import outer_clusters
from analysis.stats.intervals import NO_INTERVAL, Interval, normal_quantile, t_quantile
from analysis.stats.labels import numbered
from analysis.stats.means import Mean, mean_with_interval


class Agreement(NamedTuple):
    """Limits within which 95 of 100 differences lie; numbers are NaN when `reason` says why there are none."""

    bias: float
    """Mean of the second reading less the first."""
    bias_interval: Interval
    deviation: float
    """Standard deviation of one difference."""
    lower: float
    lower_interval: Interval
    upper: float
    upper_interval: Interval
    clustered_by: str
    """``"clinic"`` or ``"person"``."""
    cluster_note: str
    reason: str


def limits_of_agreement(
    first: ArrayLike, second: ArrayLike, person: ArrayLike, clinic: ArrayLike | None = None, confidence: float = 0.95
) -> Agreement:
    """Estimate the limits of agreement of two readings, several pairs of which may be one person's.

    Parameters
    ----------
    first, second : array_like of float, shape (pairs,)
        Readings of the same thing; a pair without one of them is left out.
    person : array_like, shape (pairs,)
        Whose pair it is.
    clinic : array_like, shape (pairs,), optional
        Where the person was read; missing where that is not recorded. From 5 recorded clinics on they are the clusters.
    confidence : float, default 0.95
        Confidence level of the intervals; the limits are those of 95 of 100 differences.

    Returns
    -------
    Agreement
        With a `reason` in place of numbers for fewer than 2 people or clinics, and where all differences agree.

    Raises
    ------
    ValueError
        If the arrays differ in shape, a person is missing, or `confidence` is not between 0 and 1.

    Notes
    -----
    The limits are bias ± 1.96·s. Every pair weighs alike; s² is the mean squared deviation plus the variance of the
    bias, so that it is not too small where pairs of one person are alike. The intervals combine those of the bias and
    of log s², both CR2 by cluster with Satterthwaite's t.

    References
    ----------
    Bland JM, Altman DG (2007). J Biopharm Stat 17:571-582. Zou GY (2013). Stat Methods Med Res 22:630-642.

    Examples
    --------
    >>> found = limits_of_agreement([10, 12, 14, 20, 22, 9], [12, 11, 15, 24, 22, 8], ["a", "a", "b", "b", "c", "d"])
    >>> round(found.bias, 2), round(found.lower, 2), round(found.upper, 2)
    (0.83, -2.96, 4.63)
    """
    normal_quantile(confidence)  # refuses what is not a confidence level
    apart, people = np.asarray(second, dtype=float) - np.asarray(first, dtype=float), numbered(person)
    if apart.shape != people.shape:
        raise ValueError(f"need one person per pair; the shapes are {apart.shape} and {people.shape}")
    known = ~np.isnan(apart)
    place = None if clinic is None else np.asarray(clinic)[known]
    clusters = outer_clusters(numbered(people[known]), place)
    cluster = clusters.of_person[numbered(people[known])]
    apart = apart[known]
    said = clusters.clustered_by, clusters.note
    bias = mean_with_interval(apart, cluster, confidence)
    if bias.reason:
        return _nothing(bias.mean, *said, bias.reason.replace("values", "differences"))
    spread = mean_with_interval((apart - bias.mean) ** 2, cluster, confidence)
    if spread.reason:
        return _nothing(bias.mean, *said, "all differences lie equally far from their mean")
    variance = spread.mean + _error(bias, confidence) ** 2
    # On the log scale, as the interval of a variance is far from even.
    factor = math.exp(min((spread.interval.high - spread.mean) / spread.mean, 50.0) / 2)
    reach = float(normal_quantile(0.95))
    deviation = math.sqrt(variance)
    below, above = reach * deviation * (1 - 1 / factor), reach * deviation * (factor - 1)
    less, more = bias.mean - bias.interval.low, bias.interval.high - bias.mean
    lower, upper = bias.mean - reach * deviation, bias.mean + reach * deviation
    return Agreement(
        bias.mean,
        bias.interval,
        deviation,
        lower,
        Interval(lower - math.hypot(less, above), lower + math.hypot(more, below)),
        upper,
        Interval(upper - math.hypot(less, below), upper + math.hypot(more, above)),
        *said,
        "",
    )


def _error(mean: Mean, confidence: float) -> float:
    """Return the standard error of a mean with an interval."""
    return (mean.interval.high - mean.mean) / float(t_quantile(confidence, mean.degrees_of_freedom))


def _nothing(bias: float, clustered_by: str, note: str, reason: str) -> Agreement:
    nan, none = math.nan, NO_INTERVAL
    return Agreement(bias, none, nan, nan, none, nan, none, clustered_by, note, reason)
