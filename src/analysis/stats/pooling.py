"""The answers of several imputations made one, by Rubin's rules."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from analysis.stats.intervals import normal_quantile, t_quantile
from analysis.stats.proportions import ClusterSums, effective_hips, observed_rate, score_interval
from analysis.stats.rate_by_clinic import clinic_worth


class Pooled(NamedTuple):
    """Estimates from several imputations made one, by Rubin's rules; one entry per question."""

    estimate: np.ndarray
    variance: np.ndarray
    degrees_of_freedom: np.ndarray
    missing_share: np.ndarray
    """Share of the variance that is due to the missing values."""


def pool(estimates: ArrayLike, variances: ArrayLike, complete_degrees: float) -> Pooled:
    """Pool the estimates of several imputations by Rubin's rules.

    Parameters
    ----------
    estimates, variances : array_like of float, shape (..., imputations)
        From each completed data set; several questions may be pooled at once.
    complete_degrees : float
        Degrees of freedom had nothing been missing.

    Returns
    -------
    Pooled
        With Barnard and Rubin's degrees of freedom.

    Raises
    ------
    ValueError
        If the arrays differ in shape or hold fewer than 2 imputations.

    References
    ----------
    Rubin DB (1987). Multiple Imputation for Nonresponse in Surveys. Barnard J, Rubin DB (1999). Biometrika
    86:948-955.

    Examples
    --------
    >>> float(pool([0.50, 0.54, 0.52], [0.004, 0.004, 0.004], complete_degrees=60).variance.round(6))
    0.004533
    """
    q, u = np.asarray(estimates, dtype=float), np.asarray(variances, dtype=float)
    if q.ndim == 0 or q.shape != u.shape or q.shape[-1] < 2:
        raise ValueError(f"need 2 or more estimates, each with a variance; the shapes are {q.shape} and {u.shape}")
    imputations = q.shape[-1]
    within, between = u.mean(axis=-1), (1 + 1 / imputations) * q.var(axis=-1, ddof=1)
    variance = within + between
    share = between / np.where(variance > 0, variance, 1)
    observed = (complete_degrees + 1) / (complete_degrees + 3) * complete_degrees * (1 - share)
    # One over the degrees of freedom that so many imputations leave; none is lost where they all agree.
    lost = share**2 / (imputations - 1)
    return Pooled(q.mean(axis=-1), variance, observed / (1 + observed * lost), share)


class PooledRate(NamedTuple):
    """A rate of several imputations, one entry per question."""

    rate: np.ndarray
    low: np.ndarray
    high: np.ndarray
    missing_share: np.ndarray
    """Share of the rate's variance that is due to the missing values."""


def pool_rates(
    sums: ClusterSums, confidence: float = 0.95, by_clinic: tuple[np.ndarray, np.ndarray] | None = None
) -> PooledRate:
    """Pool the rates of several imputations: Wilson's interval at the effective hips their total variance amounts to.

    Parameters
    ----------
    sums : ClusterSums
        Of each completed data set; what differs between them is of shape (..., imputations), and the people never do.
    confidence : float, default 0.95
        Confidence level.
    by_clinic : two of ndarray, optional
        Where clinics are the clusters: responders, of shape (..., imputations, clinics), and hips, (clinics,).

    Returns
    -------
    PooledRate
        A rate of 0 or 1 in every imputation shows no variance, and its hips are then worth what they are by default.

    References
    ----------
    Lott A, Reiter JP (2020). Am Stat 74:109-115.

    Examples
    --------
    >>> once, again = ([2, 2, 1, 0, 0], [2, 2, 1, 1, 0])
    >>> from analysis.stats.proportions import cluster_sums
    >>> parts = zip(cluster_sums(once, [2] * 5), cluster_sums(again, [2] * 5))
    >>> round(float(pool_rates(ClusterSums(*[np.array(part) for part in parts])).rate), 2)
    0.55
    """
    rates, worth = observed_rate(sums), effective_hips(sums)
    people = int(np.max(sums.people))
    degrees = people - 1.0
    if by_clinic is not None:
        every = ClusterSums(*(np.broadcast_to(part, rates.shape).ravel() for part in sums))
        shape = rates.size, by_clinic[1].size
        found = clinic_worth(every, by_clinic[0].reshape(shape), np.broadcast_to(by_clinic[1], shape), confidence)
        worth, degrees = found.worth.reshape(rates.shape), float(found.degrees_of_freedom[0])
    pooled = pool(rates, rates * (1 - rates) / worth, degrees)
    shows = pooled.variance > 0
    spread = np.where(shows, pooled.variance, 1)
    effective = np.where(shows, pooled.estimate * (1 - pooled.estimate) / spread, worth.mean(axis=-1))
    one = np.asarray(normal_quantile(confidence))  # one person alone shows no variance, as by default
    quantile = t_quantile(confidence, pooled.degrees_of_freedom) if people > 1 else one
    low, high = score_interval(pooled.estimate, effective, quantile)
    return PooledRate(pooled.estimate, low, high, pooled.missing_share)
