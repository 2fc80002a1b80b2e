"""A funnel of clinic rates: which clinics differ from all together by more than their size explains."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import bdtrik

from analysis.stats.intervals import normal_quantile
from analysis.stats.proportions import Limits

WARNING, ACTION = 1.959964, 3.09
"""Distances of the 95 % and 99.8 % limits in standard errors."""

FEWEST_COMPARED = 3
"""Fewer clinics are not compared with each other."""

_TRIMMED = 0.1
_TOO_FEW = f"fewer than {FEWEST_COMPARED} clinics with evaluable hips"


class Overdispersion(NamedTuple):
    """How much more the clinics scatter than their sizes explain."""

    target: float
    """Rate of all clinics together."""
    z: np.ndarray
    """Distance of each clinic from the target, in standard errors on the arcsine scale; NaN without hips."""
    phi_raw: float
    """Mean square of z; 1 where size explains the scatter."""
    phi: float
    """The same with z winsorised at its 10 % and 90 % quantiles."""
    tau_squared: float
    """Variance between clinics on the arcsine scale; 0 where φ shows none."""
    reason: str
    """Why there is no such estimate; empty when there is one."""


def clinic_counts(responders: ArrayLike, n: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Return responders and hips of each clinic as arrays of float.

    Raises
    ------
    ValueError
        If the arrays differ in shape, or responders do not lie between 0 and n.
    """
    r, hips = np.asarray(responders, dtype=float), np.asarray(n, dtype=float)
    if r.ndim != 1 or r.shape != hips.shape:
        raise ValueError(f"need one entry per clinic in both arrays; their shapes are {r.shape} and {hips.shape}")
    if not np.all((r >= 0) & (r <= hips)):
        raise ValueError("each clinic's responders must lie between 0 and its hips")
    return r, hips


def why_not_compared(r: np.ndarray, hips: np.ndarray) -> str:
    """Return why nothing can be said of how true rates differ between clinics; empty where it can."""
    if (hips > 0).sum() < FEWEST_COMPARED:
        return _TOO_FEW
    if r.sum() == 0:
        return "no hip responded in any clinic"
    return "every hip responded in every clinic" if r.sum() == hips.sum() else ""


def overdispersion(responders: ArrayLike, n: ArrayLike) -> Overdispersion:
    """Estimate the scatter of clinic rates beyond chance, on the arcsine square root scale.

    Parameters
    ----------
    responders, n : array_like of float, shape (clinics,)
        Per clinic. Where both hips of people count, give both divided by the design effect of all clinics
        together (`effective_hips`).

    Returns
    -------
    Overdispersion
        NaN with a `reason` for fewer than 3 clinics with hips.

    Raises
    ------
    ValueError
        If the arrays differ in shape, or responders do not lie between 0 and n.

    References
    ----------
    Spiegelhalter DJ (2005). Stat Med 24:1185-1202 (funnels); Qual Saf Health Care 14:347-351 (φ and τ²).

    Examples
    --------
    >>> overdispersion([5, 5, 5], [50, 50, 50]).tau_squared
    0.0
    """
    r, hips = clinic_counts(responders, n)
    some = hips > 0
    z = np.full(r.shape, np.nan)
    target = float(r.sum() / hips.sum()) if some.any() else math.nan
    if some.sum() < FEWEST_COMPARED:
        return Overdispersion(target, z, math.nan, math.nan, math.nan, _TOO_FEW)
    precision = 4 * hips[some]  # one over the variance of asin(√p)
    z[some] = (np.arcsin(np.sqrt(r[some] / hips[some])) - math.asin(math.sqrt(target))) * np.sqrt(precision)
    winsorised = np.clip(z[some], *np.quantile(z[some], [_TRIMMED, 1 - _TRIMMED]))
    phi = float(np.mean(winsorised**2))
    spare = precision.sum() - np.sum(precision**2) / precision.sum()
    clinics = int(some.sum())
    tau_squared = max((clinics * phi - (clinics - 1)) / spare, 0.0)
    return Overdispersion(target, z, float(np.nanmean(z**2)), phi, float(tau_squared), "")


def funnel_limits(n: ArrayLike, target: float, distance: float, tau_squared: float = 0.0) -> Limits:
    """Return funnel limits on the arcsine scale, widened by the variance between clinics.

    Parameters
    ----------
    n : array_like of float
        Sizes at which limits are wanted; 0 gives NaN.
    target : float
        Rate of all clinics together.
    distance : float
        In standard errors: `WARNING` for 95 %, `ACTION` for 99.8 %.
    tau_squared : float, default 0
        Of `overdispersion`.

    Returns
    -------
    low, high : ndarray of float
        Within 0 and 1.

    Raises
    ------
    ValueError
        If `target` lies outside 0 to 1, or `tau_squared` is negative.

    References
    ----------
    Spiegelhalter DJ (2005). Stat Med 24:1185-1202.

    Examples
    --------
    >>> low, high = funnel_limits([200], target=208 / 2814, distance=WARNING)
    >>> low.round(4).tolist(), high.round(4).tolist()
    ([0.0419], [0.1141])
    """
    _check_target(target)
    if not tau_squared >= 0:
        raise ValueError(f"a variance cannot be negative; it is {tau_squared}")
    sizes = np.asarray(n, dtype=float)
    half_width = distance * np.sqrt(1 / (4 * np.where(sizes > 0, sizes, np.nan)) + tau_squared)
    centre = math.asin(math.sqrt(target))
    low, high = np.maximum(centre - half_width, 0), np.minimum(centre + half_width, math.pi / 2)
    return np.sin(low) ** 2, np.sin(high) ** 2


def exact_funnel_limits(n: ArrayLike, target: float, confidence: float) -> Limits:
    """Return exact binomial funnel limits, for clinics that scatter no more than chance makes them.

    Below the lower limit lie the counts whose tail probability, at the target, is less than
    (1 - confidence)/2. Between whole numbers, of responders and of hips, the binomial is continued by the
    incomplete beta function, so that the limits are smooth from one size to the next. The upper limit mirrors the
    lower, so that counting non-responders turns the funnel over.

    Parameters
    ----------
    n : array_like of float
        Sizes at which limits are wanted; 0 gives NaN.
    target : float
        Rate of all clinics together.
    confidence : float
        0.95 or 0.998.

    Returns
    -------
    low, high : ndarray of float
        Within 0 and 1.

    Raises
    ------
    ValueError
        If `target` lies outside 0 to 1, or `confidence` is not between 0 and 1.

    References
    ----------
    Spiegelhalter DJ (2005). Stat Med 24:1185-1202, appendix A.1.1.

    Examples
    --------
    >>> low, high = exact_funnel_limits([20], target=0.5, confidence=0.95)
    >>> low.round(3).tolist(), high.round(3).tolist()
    ([0.258], [0.742])
    """
    _check_target(target)
    normal_quantile(confidence)  # refuses what is not a confidence level
    sizes, tail = np.asarray(n, dtype=float), (1 - confidence) / 2
    return _lower_limit(tail, sizes, target), 1 - _lower_limit(tail, sizes, 1 - target)


def _lower_limit(tail: float, sizes: np.ndarray, target: float) -> np.ndarray:
    """Return r/n, r being where the binomial reaches the tail; 0 where its first step is beyond it already."""
    n = np.where(sizes > 0, sizes, np.nan)
    return bdtrik(tail, n, target) / n if 0 < target < 1 else np.where(np.isnan(n), np.nan, target)


def _check_target(target: float) -> None:
    if not 0 <= target <= 1:
        raise ValueError(f"the target is a rate, between 0 and 1; it is {target}")
