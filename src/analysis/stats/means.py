"""The mean of degrees over people, or over hips of people, with its interval."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtr

from analysis.stats.intervals import NO_INTERVAL, Interval, normal_quantile, t_quantile
from analysis.stats.labels import numbered
from analysis.stats.least_squares import clustered_coefficient


class Mean(NamedTuple):
    """A mean; NaN where too little was measured."""

    n: int
    """How many values it is of."""
    mean: float
    interval: Interval
    p_value: float
    """Two-sided, of a mean of 0."""
    reason: str
    """Why there is no mean, or no interval; empty when there are both."""
    degrees_of_freedom: float = math.nan
    """Satterthwaite's, of the interval and the p value."""


def mean_with_interval(values: ArrayLike, cluster: ArrayLike, confidence: float = 0.95) -> Mean:
    """Return a mean with its t interval.

    Parameters
    ----------
    values : array_like of float, shape (values,)
        NaN where nothing was measured, which is left out.
    cluster : array_like, shape (values,)
        Whose values may be alike: the person of each hip, or the clinic of each person.
    confidence : float, default 0.95
        Confidence level.

    Returns
    -------
    Mean
        Without interval and p-value for fewer than 2 clusters, and where all values agree, which leaves no scatter
        to judge by; `reason` says which.

    Raises
    ------
    ValueError
        If the arrays differ in shape, a value is infinite, a cluster is missing, or `confidence` is not between 0
        and 1.

    Notes
    -----
    Every value weighs alike. The variance is CR2 with Satterthwaite's degrees of freedom, which is Student's t
    where each value stands for itself; see :func:`analysis.stats.least_squares.clustered_coefficient`.

    Examples
    --------
    >>> mean_with_interval([-3.0, -1.0, -2.0, float("nan")], ["a", "a", "b", "c"]).mean
    -2.0
    """
    normal_quantile(confidence)  # refuses what is not a confidence level
    known = np.asarray(values, dtype=float)
    label = numbered(cluster, "cluster")
    if known.ndim != 1 or known.shape != label.shape:
        raise ValueError(f"need one cluster per value; the shapes are {known.shape} and {label.shape}")
    label, known = label[~np.isnan(known)], known[~np.isnan(known)]
    n = len(known)
    if n == 0:
        return Mean(0, math.nan, NO_INTERVAL, math.nan, "nothing was measured")
    if not np.isfinite(known).all():
        raise ValueError("a value is infinite; one that was not measured is NaN")
    mean, error, degrees = clustered_coefficient(known, np.ones((n, 1)), numbered(label), 0)
    if not error > 0:
        one, none = "all values are of one person or clinic", "there is no scatter to judge by"
        return Mean(n, mean, NO_INTERVAL, math.nan, one if math.isnan(error) else none)
    half = float(t_quantile(confidence, degrees)) * error
    p_value = float(2 * stdtr(degrees, -abs(mean) / error))
    return Mean(n, mean, Interval(mean - half, mean + half), p_value, "", degrees)
