"""How left and right differ in degrees, and whether the stretch brought them closer."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtr

from analysis.stats.intervals import NO_INTERVAL, Interval, t_quantile
from analysis.stats.paired import PairedTable, newcombe10
from analysis.stats.proportions import wilson


class Mean(NamedTuple):
    """A mean over people; NaN where too few were measured."""

    n: int
    mean: float
    interval: Interval
    p_value: float
    """Two-sided, of a mean of 0."""


class AsymmetryChange(NamedTuple):
    """How left minus right changed, in people measured on both sides both times."""

    signed: Mean
    """Later minus earlier left minus right: positive when the left gained on the right."""
    magnitude: Mean
    """Later minus earlier size of the difference: negative when the sides came closer."""
    showing_before: int
    showing_after: int
    showing_difference: float
    """Share of people showing the pattern later minus earlier."""
    showing_interval: Interval
    """Newcombe's method 10, as these are the same people."""


def mean_with_interval(values: ArrayLike, confidence: float = 0.95) -> Mean:
    """Return the mean of one value per person with its t interval.

    Parameters
    ----------
    values : array_like of float, shape (people,)
        NaN for a person not measured, who is left out.
    confidence : float, default 0.95
        Confidence level.

    Returns
    -------
    Mean
        Without interval and p-value for fewer than 2 people, and without p-value where all are 0.

    Raises
    ------
    ValueError
        If `confidence` is not between 0 and 1.

    Examples
    --------
    >>> mean_with_interval([-3.0, -1.0, -2.0, float("nan")]).mean
    -2.0
    """
    known = np.asarray(values, dtype=float)
    known = known[~np.isnan(known)]
    n = len(known)
    quantile = float(t_quantile(confidence, n - 1))
    if n == 0:
        return Mean(0, math.nan, NO_INTERVAL, math.nan)
    mean = float(known.mean())
    if n == 1:
        return Mean(1, mean, NO_INTERVAL, math.nan)
    standard_error = float(known.std(ddof=1)) / math.sqrt(n)
    interval = Interval(mean - quantile * standard_error, mean + quantile * standard_error)
    if standard_error == 0:
        return Mean(n, mean, interval, math.nan)
    return Mean(n, mean, interval, float(2 * stdtr(n - 1, -abs(mean) / standard_error)))


def share_showing(left_minus_right: ArrayLike, band: float, confidence: float = 0.95) -> tuple[int, int, Interval]:
    """Count the people whose left hip is below the right by more than a band, with Wilson's interval.

    Parameters
    ----------
    left_minus_right : array_like of float, shape (people,)
        Degrees; NaN for a person not measured on both sides, who is left out.
    band : float
        What measurement error alone may bring about; 0 for any difference at all.
    confidence : float, default 0.95
        Confidence level.

    Returns
    -------
    n_showing, n_people : int
        Numerator and denominator.
    interval : Interval
        Of their ratio; NaN without people. People are independent of each other, so nothing is clustered.

    Raises
    ------
    ValueError
        If `band` is negative or NaN, or `confidence` is not between 0 and 1.

    Examples
    --------
    >>> share_showing([-12.0, -4.0, 1.0, -9.0], band=8.3)[:2]
    (2, 4)
    """
    if not band >= 0:
        raise ValueError(f"the band of measurement error cannot be negative or unknown; it is {band}")
    difference = np.asarray(left_minus_right, dtype=float)
    difference = difference[~np.isnan(difference)]
    showing = int((difference < -band).sum())
    return showing, len(difference), wilson(showing, len(difference), confidence)


def asymmetry_change(before: ArrayLike, after: ArrayLike, band: float, confidence: float = 0.95) -> AsymmetryChange:
    """Return whether left and right came closer between two timepoints.

    Parameters
    ----------
    before, after : array_like of float, shape (people,)
        Left minus right in degrees, earlier and later; who lacks either is left out.
    band : float
        What measurement error alone may bring about.
    confidence : float, default 0.95
        Confidence level.

    Returns
    -------
    AsymmetryChange
        NaN where too few people were measured.

    Raises
    ------
    ValueError
        If the arrays differ in shape, `band` is negative or NaN, or `confidence` is not between 0 and 1.

    Notes
    -----
    Measurement error enlarges the magnitude at both times alike, and so hardly its change; but people
    chosen for a large difference would come closer without any treatment (`regression_to_the_mean`).

    Examples
    --------
    >>> result = asymmetry_change([-12.0, -9.0, 1.0, -2.0], [-6.0, -9.0, 0.0, -1.0], band=8.3)
    >>> result.signed.mean, result.magnitude.mean, result.showing_before, result.showing_after
    (1.5, -2.0, 2, 1)
    """
    earlier, later = np.asarray(before, dtype=float), np.asarray(after, dtype=float)
    if earlier.ndim != 1 or earlier.shape != later.shape:
        raise ValueError(f"need one entry per person in both arrays; their shapes are {earlier.shape}, {later.shape}")
    known = ~np.isnan(earlier) & ~np.isnan(later)
    earlier, later = earlier[known], later[known]
    n_before, n, _ = share_showing(earlier, band, confidence)
    n_after, _, _ = share_showing(later, band, confidence)
    both = int(((earlier < -band) & (later < -band)).sum())
    table = PairedTable(both, n_after - both, n_before - both, n - n_before - n_after + both)
    return AsymmetryChange(
        mean_with_interval(later - earlier, confidence),
        mean_with_interval(np.abs(later) - np.abs(earlier), confidence),
        n_before,
        n_after,
        table.difference,
        newcombe10(table, confidence),
    )
