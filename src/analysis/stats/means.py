"""The mean of degrees over people, or over hips of people, with its interval."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtr

from analysis.stats.intervals import NO_INTERVAL, Interval, normal_quantile, t_quantile
from analysis.stats.least_squares import clustered_coefficient

_NO_SCATTER = 1e-9  # rounding leaves this much, in the unit of the values, of a standard error that is exactly 0


class Mean(NamedTuple):
    """A mean; NaN where too little was measured."""

    n: int
    """How many values it is of."""
    mean: float
    interval: Interval
    p_value: float
    """Two-sided, of a mean of 0."""


def mean_with_interval(values: ArrayLike, cluster: ArrayLike | None = None, confidence: float = 0.95) -> Mean:
    """Return a mean with its t interval.

    Parameters
    ----------
    values : array_like of float, shape (values,)
        NaN where nothing was measured, which is left out.
    cluster : array_like, shape (values,), optional
        Whose values may be alike, such as the person of each hip; each value for itself if left out.
    confidence : float, default 0.95
        Confidence level.

    Returns
    -------
    Mean
        Without interval and p-value for fewer than 2 clusters, and where all values agree, which leaves no scatter
        to judge by.

    Raises
    ------
    ValueError
        If the arrays differ in shape, or `confidence` is not between 0 and 1.

    Notes
    -----
    Every value weighs alike. The variance is CR2 with Satterthwaite's degrees of freedom, which is Student's t
    where each value stands for itself; see :func:`analysis.stats.least_squares.clustered_coefficient`.

    Examples
    --------
    >>> mean_with_interval([-3.0, -1.0, -2.0, float("nan")]).mean
    -2.0
    """
    normal_quantile(confidence)  # refuses what is not a confidence level
    known = np.asarray(values, dtype=float)
    label = np.arange(len(known)) if cluster is None else np.asarray(cluster)
    if known.ndim != 1 or known.shape != label.shape:
        raise ValueError(f"need one cluster per value; the shapes are {known.shape} and {label.shape}")
    label, known = label[~np.isnan(known)], known[~np.isnan(known)]
    n = len(known)
    if n == 0:
        return Mean(0, math.nan, NO_INTERVAL, math.nan)
    _, number = np.unique(label, return_inverse=True)
    mean, error, degrees = clustered_coefficient(known, np.ones((n, 1)), number, 0)
    if not error > _NO_SCATTER:
        return Mean(n, mean, NO_INTERVAL, math.nan)
    half = float(t_quantile(confidence, degrees)) * error
    return Mean(n, mean, Interval(mean - half, mean + half), float(2 * stdtr(degrees, -abs(mean) / error)))
