"""Whether clinics differ by more than chance, and by how much."""

import math
from typing import NamedTuple

import numpy as np
import scipy
from numpy.typing import ArrayLike
from scipy.special import chdtrc, chdtri

from analysis.stats.funnel import clinic_counts, why_not_compared
from analysis.stats.intervals import NO_INTERVAL, Interval, normal_quantile

_LARGEST_SD = 1.0  # no rates differ by more


class Heterogeneity(NamedTuple):
    """How much clinic rates differ; NaN when `reason` says why that cannot be told."""

    statistic: float
    """Cochran's Q."""
    degrees_of_freedom: int
    p_value: float
    """Of all clinics having one rate."""
    tau: float
    """Standard deviation of the clinics' true rates."""
    interval: Interval
    reason: str
    """Why there is no estimate; empty when there is one."""


def heterogeneity(responders: ArrayLike, n: ArrayLike, confidence: float = 0.90) -> Heterogeneity:
    """Test whether clinics have one rate, and estimate the standard deviation of their true rates.

    Q = Σn(p - p̄)²/(p̄(1 - p̄)) is the χ² test of equal rates; τ follows from it by DerSimonian and Laird's moments, each
    clinic's variance being p̄(1 - p̄)/n, and its interval from the values of τ at which Q is no rarer than it may be
    (Q profile). At 90 % the lower limit is above 0 exactly where p is below .05.

    Parameters
    ----------
    responders, n : array_like of float, shape (clinics,)
        Per clinic. Where both hips of people count, give both divided by the design effect of all clinics
        together (`effective_hips`).
    confidence : float, default 0.90
        Confidence level of the limits.

    Returns
    -------
    Heterogeneity
        NaN with a `reason` for fewer than 3 clinics with hips, and where no hip responded or every one.

    Raises
    ------
    ValueError
        If the arrays differ in shape, responders do not lie between 0 and n, or `confidence` is not between 0 and 1.

    References
    ----------
    Cochran WG (1954). Biometrics 10:101-129. DerSimonian R, Laird N (1986). Control Clin Trials 7:177-188. Viechtbauer
    W (2007). Stat Med 26:37-52 (Q profile).

    Examples
    --------
    >>> found = heterogeneity([2, 8, 5, 4, 5, 6], [10] * 6)
    >>> round(found.statistic, 2), round(found.p_value, 3), round(found.tau, 3)
    (8.0, 0.156, 0.122)
    """
    normal_quantile(confidence)  # refuses what is not a confidence level
    x, hips = clinic_counts(responders, n)
    x, hips = x[hips > 0], hips[hips > 0]
    if reason := why_not_compared(x, hips):
        return Heterogeneity(math.nan, max(len(x) - 1, 0), math.nan, math.nan, NO_INTERVAL, reason)
    pooled = x.sum() / hips.sum()
    rate, variance = x / hips, pooled * (1 - pooled) / hips
    degrees, statistic = len(x) - 1, _q(0.0, rate, variance)
    weight = 1 / variance
    tau_squared = max((statistic - degrees) / (weight.sum() - (weight**2).sum() / weight.sum()), 0.0)
    tail = (1 - confidence) / 2
    limits = Interval(*(_sd_where(chdtri(degrees, share), rate, variance) for share in (tail, 1 - tail)))
    return Heterogeneity(statistic, degrees, float(chdtrc(degrees, statistic)), math.sqrt(tau_squared), limits, "")


def _q(tau: float, rate: np.ndarray, variance: np.ndarray) -> float:
    weight = 1 / (variance + tau**2)
    return float(weight @ (rate - weight @ rate / weight.sum()) ** 2)


def _sd_where(value: float, rate: np.ndarray, variance: np.ndarray) -> float:
    """Return the standard deviation at which Q falls to a value; 0 where it is below that from the start."""
    if _q(0.0, rate, variance) <= value:
        return 0.0
    if _q(_LARGEST_SD, rate, variance) >= value:
        return _LARGEST_SD
    return float(scipy.optimize.brentq(lambda tau: _q(tau, rate, variance) - value, 0.0, _LARGEST_SD, xtol=1e-12))
