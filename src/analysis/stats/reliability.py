"""Reliability from repeated readings of unchanged hips: intraclass correlations and the error of a reading."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import f as f_distribution

from analysis.stats.intervals import NO_INTERVAL, Interval, normal_quantile
from analysis.stats.measurement import minimal_detectable_change


class MeanSquares(NamedTuple):
    """Two-way analysis of variance of hips × readings."""

    hips: float
    readings: float
    residual: float
    n_hips: int
    n_readings: int


class Reliability(NamedTuple):
    """What test-retest data tell of a measure; numbers are NaN when `reason` says why they cannot."""

    icc_2_1: float
    """Agreement of single readings, the raters or occasions being a sample of many."""
    icc_2_1_interval: Interval
    icc_3_1: float
    """Consistency of single readings by just these raters or on just these occasions."""
    icc_3_1_interval: Interval
    sem: float
    """Error of one reading, the shift between raters or occasions included; the measure's unit."""
    sem_consistency: float
    """Error of one reading without that shift."""
    mdc90: float
    """Smallest change beyond `sem` of two readings, with 90 % confidence."""
    mdc95: float
    n_hips: int
    n_readings: int
    reason: str


def reliability(readings: ArrayLike, confidence: float = 0.95) -> Reliability:
    """Estimate reliability and measurement error from repeated readings.

    Parameters
    ----------
    readings : array_like of float, shape (hips, readings)
        Each hip read by each rater, or on each occasion, with nothing done in between; a hip with a NaN is
        left out.
    confidence : float, default 0.95
        Confidence level of the two intervals.

    Returns
    -------
    Reliability
        With a `reason` in place of numbers for fewer than 2 complete hips or readings, for hips that do not
        differ, or where so few differ so little that the formula of ICC(2,1) leaves -1 to 1.

    Raises
    ------
    ValueError
        If `readings` does not have two dimensions, or `confidence` is not between 0 and 1.

    Notes
    -----
    A correlation may come out below 0, which says that hips differ less than readings of one hip; ICC(2,1)
    then has no interval, as the approximation behind it does not hold. The two
    hips of one person are no independent hips: the intervals are then somewhat too narrow.

    References
    ----------
    Shrout PE, Fleiss JL (1979). Psychol Bull 86:420-428. McGraw KO, Wong SP (1996). Psychol Methods 1:30-46
    (intervals). Weir JP (2005). J Strength Cond Res 19:231-240 (SEM and MDC).

    Examples
    --------
    >>> result = reliability([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]])
    >>> round(result.icc_2_1, 2), round(result.icc_3_1, 2)
    (0.29, 0.71)
    """
    normal_quantile(confidence)  # refuses what is not a confidence level
    table = np.asarray(readings, dtype=float)
    if table.ndim != 2:
        raise ValueError(f"need one row per hip and one column per reading; the shape is {table.shape}")
    table = table[~np.isnan(table).any(axis=1)]
    if reason := _why_not_estimable(table):
        return _nothing(table, reason)
    squares = mean_squares(table)
    if icc_agreement(squares) < -1:
        return _nothing(table, "too few hips, which differ by less than the readings of one")
    shift = max((squares.readings - squares.residual) / squares.n_hips, 0)
    sem = math.sqrt(squares.residual + shift)
    return Reliability(
        icc_2_1=icc_agreement(squares),
        icc_2_1_interval=_agreement_interval(squares, confidence),
        icc_3_1=icc_consistency(squares),
        icc_3_1_interval=_consistency_interval(squares, confidence),
        sem=sem,
        sem_consistency=math.sqrt(squares.residual),
        mdc90=minimal_detectable_change(sem, 0.90),
        mdc95=minimal_detectable_change(sem, 0.95),
        n_hips=squares.n_hips,
        n_readings=squares.n_readings,
        reason="",
    )


def _nothing(table: np.ndarray, reason: str) -> Reliability:
    nan, (n, k) = math.nan, table.shape
    return Reliability(nan, NO_INTERVAL, nan, NO_INTERVAL, nan, nan, nan, nan, n, k, reason)


def _why_not_estimable(table: np.ndarray) -> str:
    n, k = table.shape
    if k < 2:
        return "fewer than 2 readings of each hip"
    if n < 2:
        return "fewer than 2 hips with all their readings"
    if np.all(table == table[0]):
        return "the hips do not differ"
    return ""


def mean_squares(table: np.ndarray) -> MeanSquares:
    """Return the mean squares of a complete table of hips × readings."""
    n, k = table.shape
    of_hips, of_readings, overall = table.mean(axis=1), table.mean(axis=0), table.mean()
    residuals = table - of_hips[:, None] - of_readings + overall
    return MeanSquares(
        hips=float(k * np.sum((of_hips - overall) ** 2) / (n - 1)),
        readings=float(n * np.sum((of_readings - overall) ** 2) / (k - 1)),
        residual=float(np.sum(residuals**2) / ((n - 1) * (k - 1))),
        n_hips=n,
        n_readings=k,
    )


def icc_one_way(squares: MeanSquares, averaged: int = 1) -> float:
    """Return ICC(1,1), or ICC(1,k) of the mean of `averaged` = k readings, where raters differ from hip to hip."""
    n, k = squares.n_hips, squares.n_readings
    within = (squares.readings + (n - 1) * squares.residual) / n
    return (squares.hips - within) / (squares.hips + within * (k / averaged - 1))


def icc_agreement(squares: MeanSquares, averaged: int = 1) -> float:
    """Return ICC(2,1), or ICC(2,k) of the mean of `averaged` = k readings."""
    n, k = squares.n_hips, squares.n_readings
    error = squares.residual * (k / averaged - 1) + k / averaged * (squares.readings - squares.residual) / n
    return (squares.hips - squares.residual) / (squares.hips + error)


def icc_consistency(squares: MeanSquares, averaged: int = 1) -> float:
    """Return ICC(3,1), or ICC(3,k) of the mean of `averaged` = k readings."""
    error = squares.residual * (squares.n_readings / averaged - 1)
    return (squares.hips - squares.residual) / (squares.hips + error)


def _consistency_interval(squares: MeanSquares, confidence: float) -> Interval:
    n, k = squares.n_hips, squares.n_readings
    if squares.residual == 0:
        return Interval(1.0, 1.0)
    ratio, tail = squares.hips / squares.residual, (1 + confidence) / 2
    low = ratio / f_distribution.ppf(tail, n - 1, (n - 1) * (k - 1))
    high = ratio * f_distribution.ppf(tail, (n - 1) * (k - 1), n - 1)
    return Interval(float((low - 1) / (low + k - 1)), float((high - 1) / (high + k - 1)))


def _agreement_interval(squares: MeanSquares, confidence: float) -> Interval:
    """Return the limits of ICC(2,1), with Satterthwaite's degrees of freedom of its error (McGraw and Wong)."""
    n, k = squares.n_hips, squares.n_readings
    icc, tail = icc_agreement(squares), (1 + confidence) / 2
    if icc == 1:
        return Interval(1.0, 1.0)
    if icc < 0:  # one of the weights below is then negative, and the limits may miss the estimate
        return NO_INTERVAL
    a, b = k * icc / (n * (1 - icc)), 1 + k * icc * (n - 1) / (n * (1 - icc))
    error = a * squares.readings + b * squares.residual
    degrees = error**2 / ((a * squares.readings) ** 2 / (k - 1) + (b * squares.residual) ** 2 / ((n - 1) * (k - 1)))
    below, above = f_distribution.ppf(tail, n - 1, degrees), f_distribution.ppf(tail, degrees, n - 1)
    spread = k * squares.readings + (k * n - k - n) * squares.residual
    return Interval(
        float(n * (squares.hips - below * squares.residual) / (below * spread + n * squares.hips)),
        float(n * (above * squares.hips - squares.residual) / (spread + n * above * squares.hips)),
    )
