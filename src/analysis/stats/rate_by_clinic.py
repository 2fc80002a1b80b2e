"""Rates and differences when hips of one clinic may be alike, from the sums of each clinic."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from analysis.stats.intervals import t_quantile
from analysis.stats.proportions import ClusterSums, Limits, effect_and_quantile, score_interval

_LEAST_SQUARED_WIDTH = 0.5  # of that with people as independent: few clinics may agree by luck
_ROUNDING = 1e-24  # what rounding leaves of a variance of 0


class ClinicMeans(NamedTuple):
    """Means of groups, one entry per group; variance and degrees are NaN for a group of fewer than two clinics."""

    mean: np.ndarray
    variance: np.ndarray
    degrees_of_freedom: np.ndarray


def clinic_means(total: ArrayLike, size: ArrayLike) -> ClinicMeans:
    """Return means with their CR2 variance over clinics and Satterthwaite's degrees of freedom.

    It is what `least_squares.clustered_coefficient` gives for a mean, of many groups at once.

    Parameters
    ----------
    total, size : array_like of float, shape (groups, clinics)
        Sum of the values in each clinic, and how many there are.

    Returns
    -------
    ClinicMeans
        The mean is NaN without values.

    References
    ----------
    Bell RM, McCaffrey DF (2002). Surv Methodol 28:169-181.

    Examples
    --------
    >>> found = clinic_means([[3.0, 5.0, 4.0, 8.0]], [[1, 1, 1, 1]])
    >>> [round(float(part[0]), 3) for part in (found.mean, found.variance**0.5, found.degrees_of_freedom)]
    [5.0, 1.08, 3.0]
    """
    values, n = np.atleast_2d(np.asarray(total, dtype=float)), np.atleast_2d(np.asarray(size, dtype=float))
    every = np.where(n.sum(axis=1) > 0, n.sum(axis=1), np.nan)
    mean, share = values.sum(axis=1) / every, n / every[:, None]
    several = (n > 0).sum(axis=1) > 1
    scale = 1 / (1 - np.where(several[:, None], share, 0))  # what makes each clinic's square unbiased
    scatter = np.sum(scale * (values - mean[:, None] * n) ** 2, axis=1) / every**2
    pull = scale * share**2
    spread = np.sum(share**2, axis=1) + pull.sum(axis=1) ** 2 - np.sum(pull**2, axis=1)
    return ClinicMeans(mean, np.where(several, scatter, np.nan), 1 / np.where(several, spread, np.nan))


def clinic_intervals(total: ArrayLike, size: ArrayLike, confidence: float = 0.95) -> Limits:
    """Return the t intervals of differences of shares from the sums of each clinic, within -1 and 1.

    Parameters
    ----------
    total, size : array_like of float, shape (groups, clinics)
        As for `clinic_means`.
    confidence : float, default 0.95
        Confidence level.

    Returns
    -------
    low, high : ndarray of float, shape (groups,)
        NaN for fewer than two clinics, and where these leave no scatter.
    """
    found = clinic_means(total, size)
    variance = np.where(found.variance > _ROUNDING, found.variance, np.nan)
    half = t_quantile(confidence, found.degrees_of_freedom) * np.sqrt(variance)
    return np.maximum(found.mean - half, -1), np.minimum(found.mean + half, 1)


def clinic_wilson(sums: ClusterSums, responders: ArrayLike, hips: ArrayLike, confidence: float = 0.95) -> Limits:
    """Return Wilson's intervals of rates at the effective number of hips, with clinics as clusters.

    The variance is that of `clinic_means`, which has few degrees of freedom where one clinic has most of the hips.
    The interval is never less than half as wide in squares as with people as clusters, as few clinics may agree by
    luck; and a rate of 0 or 1, which shows no variance, has the design effect of people.

    Parameters
    ----------
    sums : ClusterSums
        Over people, one entry per group.
    responders, hips : array_like of int, shape (groups, clinics)
        Responders and evaluable hips of each group in each clinic.
    confidence : float, default 0.95
        Confidence level.

    Returns
    -------
    low, high : ndarray of float, shape (groups,)
        NaN for a group without evaluable hips; those of people for a group of one clinic.

    References
    ----------
    Bell RM, McCaffrey DF (2002). Surv Methodol 28:169-181. Korn EL, Graubard BI (1998). Survey Methodology
    24:193-201 (effective sample size with a t quantile).

    Examples
    --------
    Six clinics of ten people with one hip each:

    >>> low, high = clinic_wilson(ClusterSums(60, 60, 30, 60, 30, 30), [[2, 8, 5, 4, 5, 6]], [[10] * 6])
    >>> low.round(3).tolist(), high.round(3).tolist()
    ([0.306], [0.694])
    """
    found = clinic_worth(sums, responders, hips, confidence)
    return score_interval(found.rate, found.worth, found.quantile)


class ClinicWorth(NamedTuple):
    """Rates, and how much their hips tell with clinics as clusters; one entry per group."""

    rate: np.ndarray
    worth: np.ndarray
    """How many independent hips would tell as much."""
    degrees_of_freedom: np.ndarray
    """NaN for a group of fewer than two clinics."""
    quantile: np.ndarray
    """Of t with these degrees of freedom; that of people for such a group."""


def clinic_worth(sums: ClusterSums, responders: ArrayLike, hips: ArrayLike, confidence: float = 0.95) -> ClinicWorth:
    """Return what :func:`clinic_wilson` makes its intervals of.

    Parameters
    ----------
    sums, responders, hips, confidence
        As there.

    Returns
    -------
    ClinicWorth
        NaN for a group without evaluable hips.
    """
    rate, variance, degrees = clinic_means(responders, hips)
    of_people, quantile_of_people = np.atleast_1d(*effect_and_quantile(sums, confidence))
    n = np.atleast_1d(np.asarray(sums.hips, dtype=float))
    told = (rate > 0) & (rate < 1) & ~np.isnan(variance)
    quantile = np.where(np.isnan(degrees), quantile_of_people, t_quantile(confidence, degrees))
    observed = variance * n / np.where(told, rate * (1 - rate), np.nan)
    least = _LEAST_SQUARED_WIDTH * of_people * (quantile_of_people / quantile) ** 2
    effect = np.where(told, np.fmax(observed, least), of_people)
    return ClinicWorth(rate, np.where(n > 0, n, np.nan) / effect, degrees, quantile)
