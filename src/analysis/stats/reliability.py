"""Reliability from repeated readings of unchanged hips: intraclass correlations and the error of a reading."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtri, fdtri

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
    sem_interval: Interval
    """For just these raters or occasions."""
    sem_consistency: float
    """Error of one reading without that shift."""
    mdc95: float
    """Smallest change beyond `sem` of two readings, with 95 % confidence."""
    n_hips: int
    n_readings: int
    n_people: int
    reason: str


def reliability(readings: ArrayLike, confidence: float = 0.95, person: ArrayLike | None = None) -> Reliability:
    """Estimate reliability and measurement error from repeated readings.

    Parameters
    ----------
    readings : array_like of float, shape (hips, readings)
        Each hip read by each rater, or on each occasion, with nothing done in between; a hip with a NaN is
        left out.
    confidence : float, default 0.95
        Confidence level of the intervals.
    person : array_like, shape (hips,), optional
        Whose hip it is; left out, each hip is another person's.

    Returns
    -------
    Reliability
        With a `reason` in place of numbers for fewer than 2 complete hips, people or readings, for hips that do not
        differ, or where so few differ so little that the formula of ICC(2,1) leaves -1 to 1.

    Raises
    ------
    ValueError
        If `readings` does not have two dimensions, `person` is of another length, or `confidence` is not
        between 0 and 1.

    Notes
    -----
    A correlation may come out below 0, which says that hips differ less than readings of one hip; ICC(2,1)
    then has no interval, as the approximation behind it does not hold.

    The estimates take each hip alike; the intervals have the degrees of freedom of as many hips as there are
    people. Where the errors of a person's two hips have nothing in common they are wider than they need be,
    by up to √2; they are never too narrow.

    References
    ----------
    Shrout PE, Fleiss JL (1979). Psychol Bull 86:420-428. McGraw KO, Wong SP (1996). Psychol Methods 1:30-46
    (intervals). Weir JP (2005). J Strength Cond Res 19:231-240 (SEM and MDC). Stratford PW, Goldsmith CH (1997).
    Phys Ther 77:745-750 (interval of the SEM, by chi-square).

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
    label = np.arange(len(table)) if person is None else np.asarray(person)
    if label.shape != table.shape[:1]:
        raise ValueError(f"need one person per hip; the shapes are {label.shape} and {table.shape}")
    complete = ~np.isnan(table).any(axis=1)
    table, people = table[complete], len(np.unique(label[complete]))
    if reason := _why_not_estimable(table, people):
        return _nothing(table, people, reason)
    squares = mean_squares(table)
    if icc_agreement(squares) < -1:
        return _nothing(table, people, "too few hips, which differ by less than the readings of one")
    shift = max((squares.readings - squares.residual) / squares.n_hips, 0)
    sem = math.sqrt(squares.residual + shift)
    return Reliability(
        icc_2_1=icc_agreement(squares),
        icc_2_1_interval=_agreement_interval(squares, people, confidence),
        icc_3_1=icc_consistency(squares),
        icc_3_1_interval=_consistency_interval(squares, people, confidence),
        sem=sem,
        sem_interval=_sem_interval(sem, people * (squares.n_readings - 1), confidence),
        sem_consistency=math.sqrt(squares.residual),
        mdc95=minimal_detectable_change(sem),
        n_hips=squares.n_hips,
        n_readings=squares.n_readings,
        n_people=people,
        reason="",
    )


def _nothing(table: np.ndarray, people: int, reason: str) -> Reliability:
    nan, none, (n, k) = math.nan, NO_INTERVAL, table.shape
    return Reliability(nan, none, nan, none, nan, none, nan, nan, n, k, people, reason)


def _why_not_estimable(table: np.ndarray, people: int) -> str:
    n, k = table.shape
    if k < 2:
        return "fewer than 2 readings of each hip"
    if n < 2:
        return "fewer than 2 hips with all their readings"
    if people < 2:
        return "fewer than 2 people"
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


def icc_agreement(squares: MeanSquares, averaged: int = 1) -> float:
    """Return ICC(2,1), or ICC(2,k) of the mean of `averaged` = k readings."""
    n, k = squares.n_hips, squares.n_readings
    error = squares.residual * (k / averaged - 1) + k / averaged * (squares.readings - squares.residual) / n
    return (squares.hips - squares.residual) / (squares.hips + error)


def icc_consistency(squares: MeanSquares, averaged: int = 1) -> float:
    """Return ICC(3,1), or ICC(3,k) of the mean of `averaged` = k readings."""
    error = squares.residual * (squares.n_readings / averaged - 1)
    return (squares.hips - squares.residual) / (squares.hips + error)


def _sem_interval(sem: float, degrees: int, confidence: float) -> Interval:
    low, high = (float(chdtri(degrees, tail)) for tail in ((1 - confidence) / 2, (1 + confidence) / 2))
    return Interval(sem * math.sqrt(degrees / low), sem * math.sqrt(degrees / high))


def _consistency_interval(squares: MeanSquares, people: int, confidence: float) -> Interval:
    n, k = people, squares.n_readings
    if squares.residual == 0:
        return Interval(1.0, 1.0)
    ratio, tail = squares.hips / squares.residual, (1 + confidence) / 2
    low = ratio / fdtri(n - 1, (n - 1) * (k - 1), tail)
    high = ratio * fdtri((n - 1) * (k - 1), n - 1, tail)
    return Interval(float((low - 1) / (low + k - 1)), float((high - 1) / (high + k - 1)))


def _agreement_interval(squares: MeanSquares, people: int, confidence: float) -> Interval:
    """Return the limits of ICC(2,1), with Satterthwaite's degrees of freedom of its error (McGraw and Wong)."""
    n, k = squares.n_hips, squares.n_readings
    icc, tail = icc_agreement(squares), (1 + confidence) / 2
    if icc == 1:
        return Interval(1.0, 1.0)
    if icc < 0:  # one of the weights below is then negative, and the limits may miss the estimate
        return NO_INTERVAL
    a, b = k * icc / (n * (1 - icc)), 1 + k * icc * (n - 1) / (n * (1 - icc))
    error = a * squares.readings + b * squares.residual
    free = people - 1
    degrees = error**2 / ((a * squares.readings) ** 2 / (k - 1) + (b * squares.residual) ** 2 / (free * (k - 1)))
    below, above = fdtri(free, degrees, tail), fdtri(degrees, free, tail)
    spread = k * squares.readings + (k * n - k - n) * squares.residual
    return Interval(
        float(n * (squares.hips - below * squares.residual) / (below * spread + n * squares.hips)),
        float(n * (above * squares.hips - squares.residual) / (spread + n * above * squares.hips)),
    )
