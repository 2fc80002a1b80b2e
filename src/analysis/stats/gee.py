"""Left against right in everyone, people with one evaluable hip included: a generalised estimating equation."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtr

from analysis.stats.clusters import outer_clusters
from analysis.stats.gee_cells import (
    Cells,
    Covariance,
    bias_reduced_covariance,
    count_cells,
    fit,
    why_not_estimable,
)
from analysis.stats.intervals import NO_INTERVAL, Interval, NotEstimableError, normal_quantile, t_quantile
from analysis.stats.labels import numbered

_LEFT, _RIGHT = 0, 1
_SMALLEST_STANDARD_ERROR = 1e-7  # rounding can leave a few 1e-9 of one that is exactly 0
_LARGEST_LOG_ODDS = 700.0  # beyond it an odds ratio is no number of a computer


class GeeResult(NamedTuple):
    """Left against right; numbers are NaN when `reason` says why they cannot be estimated."""

    difference: float
    """Rate of left hips minus rate of right hips."""
    difference_interval: Interval
    odds_ratio: float
    """Odds of left hips over odds of right hips."""
    odds_ratio_interval: Interval
    p_value: float
    """Two-sided, of the difference: below 0.05 where its interval leaves out 0."""
    correlation: float
    """Working correlation between hips of one person; 0 where independence is assumed."""
    reason: str
    """Why there is no estimate; empty when there is one."""
    clustered_by: str
    """``"person"`` or ``"clinic"``: what the covariance takes as independent of each other."""


def gee_difference(
    outcome: ArrayLike,
    is_left: ArrayLike,
    person: ArrayLike,
    confidence: float = 0.95,
    clinic: ArrayLike | None = None,
) -> GeeResult:
    """Compare left and right hips with a GEE clustered by person, or by clinic where there are enough.

    Binomial variance, exchangeable working correlation between hips of one person, the bias-reduced
    covariance of Mancl and DeRouen, and t quantiles with Satterthwaite's degrees of freedom: the fewer the more
    unequal the clusters, and never more than clusters less two. The interval of the odds ratio is symmetric on
    the log scale, that of the difference on its own, cut at -1 and 1. Where the working correlation cannot be
    had (fewer than 3 pairs of hips, an estimate outside its range, no convergence), the hips are taken as
    independent for the estimate, never for its variance.

    Parameters
    ----------
    outcome : array_like of bool, shape (hips,)
        Whether the hip responded. Hips that could not be judged are left out by the caller.
    is_left : array_like of bool, shape (hips,)
        Whether it is a left hip.
    person : array_like, shape (hips,)
        Whose hip it is; any label that sorts, not missing.
    confidence : float, default 0.95
        Confidence level.
    clinic : array_like, shape (hips,), optional
        Where the person was treated; see :func:`analysis.stats.clusters.outer_clusters`. With 5 clinics or more
        the covariance allows people of one clinic to be alike; with fewer people are the clusters.

    Returns
    -------
    GeeResult
        With a `reason` in place of numbers for a side without hips, with everyone or no one responding or
        with a single person; for fewer than 3 people; when both hips agree in everyone; or when one person
        has nearly all hips of a side.

    Raises
    ------
    ValueError
        If the arrays differ in shape, `outcome` or `is_left` holds anything but 0 and 1, a person is missing,
        or `confidence` is not between 0 and 1.

    References
    ----------
    Liang KY, Zeger SL (1986). Biometrika 73:13-22. Mancl LA, DeRouen TA (2001). Biometrics 57:126-134.
    McCaffrey DF, Bell RM (2006). Stat Med 25:4081-4098 (degrees of freedom).

    Examples
    --------
    >>> result = gee_difference(
    ...     outcome=[1, 0, 1, 1, 0, 1, 0, 0, 0, 1],
    ...     is_left=[1, 0, 1, 0, 1, 0, 1, 0, 1, 0],
    ...     person=["a", "a", "b", "b", "c", "c", "d", "d", "e", "e"],
    ... )
    >>> round(result.difference, 3), round(result.odds_ratio, 3), result.reason
    (-0.2, 0.444, '')
    """
    responded, left, label = np.asarray(outcome), np.asarray(is_left), np.asarray(person)
    refuse_faulty_hips(responded, left, label)
    number = numbered(label)
    people = count_cells(responded, np.where(left == 1, _LEFT, _RIGHT), 2, number)
    clusters = outer_clusters(number, clinic)
    cluster, clustered_by = clusters.of_person, clusters.clustered_by
    normal_quantile(confidence)  # refuses what is not a confidence level
    try:
        _refuse_if_not_estimable(people, cluster, clustered_by)
        rates, correlation = fit(people)
        covariance = bias_reduced_covariance(people, rates, correlation, cluster)
        return _result(rates, covariance, correlation, confidence, clustered_by)
    except NotEstimableError as error:
        nan = math.nan
        return GeeResult(nan, NO_INTERVAL, nan, NO_INTERVAL, nan, nan, str(error), clustered_by)


def refuse_faulty_hips(responded: np.ndarray, left: np.ndarray, label: np.ndarray) -> None:
    """Raise ValueError for arrays of different hips, or answers that are not 0 or 1."""
    if responded.ndim != 1 or not responded.shape == left.shape == label.shape:
        raise ValueError(
            "need one entry per hip in every array; the shapes of outcome, is_left and person are "
            f"{responded.shape}, {left.shape} and {label.shape}"
        )
    if not (np.isin(responded, (0, 1)).all() and np.isin(left, (0, 1)).all()):
        raise ValueError("outcome and is_left must be 0 or 1; leave out hips that could not be judged")


def _refuse_if_not_estimable(people: Cells, cluster: np.ndarray, clustered_by: str) -> None:
    for side, cell in (("left", _LEFT), ("right", _RIGHT)):
        if why := why_not_estimable(people, cell, cluster, f"{side} hip", clustered_by):
            raise NotEstimableError(why)
    if len(people.hips) < 3:
        raise NotEstimableError("fewer than 3 people")


def _result(
    rates: np.ndarray, covariance: Covariance, correlation: float, confidence: float, clustered_by: str
) -> GeeResult:
    left, right = (float(rate) for rate in rates)
    contrast = np.array([1.0, -1.0])
    difference = left - right
    difference_se = math.sqrt(covariance.variance(contrast))
    if difference_se < _SMALLEST_STANDARD_ERROR:
        raise NotEstimableError("both hips agree in everyone, which leaves no standard error")
    degrees = degrees_of(covariance, contrast)
    half_width = float(t_quantile(confidence, degrees)) * difference_se
    log_odds_ratio = math.log(left / (1 - left)) - math.log(right / (1 - right))
    gradient = contrast / (rates * (1 - rates))
    log_odds_ratio_se, of_odds = math.sqrt(covariance.variance(gradient)), degrees_of(covariance, gradient)
    log_half_width = float(t_quantile(confidence, of_odds)) * log_odds_ratio_se
    if abs(log_odds_ratio) + log_half_width > _LARGEST_LOG_ODDS:
        raise NotEstimableError(f"one {clustered_by} has nearly all hips of a side, which leaves no bound")
    return GeeResult(
        difference,
        Interval(max(difference - half_width, -1.0), min(difference + half_width, 1.0)),
        math.exp(log_odds_ratio),
        Interval(math.exp(log_odds_ratio - log_half_width), math.exp(log_odds_ratio + log_half_width)),
        float(2 * stdtr(degrees, -abs(difference) / difference_se)),
        correlation,
        "",
        clustered_by,
    )


def degrees_of(covariance: Covariance, contrast: np.ndarray) -> float:
    """Return the degrees of freedom of a contrast: Satterthwaite's, and no more than clusters less rates."""
    clusters, rates, _ = covariance.information.shape
    return min(covariance.degrees_of_freedom(contrast), clusters - rates)
