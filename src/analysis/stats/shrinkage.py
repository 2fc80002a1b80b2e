"""Clinic rates drawn towards each other, as far as chance explains their differences."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import minimize
from scipy.special import betaincinv, betaln, digamma, expit, gammaln

from analysis.stats.funnel import FEWEST_CLINICS
from analysis.stats.intervals import normal_quantile

_LARGEST_LOG_SIZE = 14.0  # α + β beyond a million: the clinics differ by no more than chance
_LARGEST_LOGIT = 15.0


class Shrinkage(NamedTuple):
    """Beta-binomial fit to clinics; NaN when `reason` says why there is none."""

    alpha: float
    beta: float
    log_likelihood: float
    rates: np.ndarray
    """Shrunk rate of each clinic; for one without hips the mean of all."""
    low: np.ndarray
    high: np.ndarray
    """Equal-tailed limits of each shrunk rate, α and β taken as known; NaN where these are infinite."""
    reason: str
    """Why there is no fit, or that clinics do not differ beyond chance; empty otherwise."""


def shrunk_rates(responders: ArrayLike, n: ArrayLike, confidence: float = 0.95) -> Shrinkage:
    """Return empirical Bayes rates of clinics from a beta-binomial model fitted by maximum likelihood.

    The clinics' true rates follow a beta distribution; a clinic's shrunk rate is (r + α)/(n + α + β).

    Parameters
    ----------
    responders, n : array_like of float, shape (clinics,)
        Per clinic. Where both hips of people count, give both divided by the design effect of all clinics
        together (`effective_hips`), or differences between people pass for differences between clinics.
    confidence : float, default 0.95
        Confidence level of the limits.

    Returns
    -------
    Shrinkage
        Where the clinics differ by no more than chance α and β are infinite, every rate is that of all
        clinics together, without limits, and `reason` says so.

    Raises
    ------
    ValueError
        If the arrays differ in shape, responders do not lie between 0 and n, or `confidence` is not between
        0 and 1.

    References
    ----------
    Griffiths DA (1973). Biometrics 29:637-648. Carlin BP, Louis TA (2000). Bayes and Empirical Bayes
    Methods, chapter 3.

    Examples
    --------
    >>> result = shrunk_rates([1, 10, 2, 12], [20, 20, 20, 20])
    >>> result.rates.round(2).tolist()
    [0.09, 0.47, 0.13, 0.55]
    """
    normal_quantile(confidence)  # refuses what is not a confidence level
    r, hips = np.asarray(responders, dtype=float), np.asarray(n, dtype=float)
    if r.ndim != 1 or r.shape != hips.shape:
        raise ValueError(f"need one entry per clinic in both arrays; their shapes are {r.shape} and {hips.shape}")
    if not np.all((r >= 0) & (r <= hips)):
        raise ValueError("each clinic's responders must lie between 0 and its hips")
    if reason := _why_not_estimable(r, hips):
        unknown = np.full(r.shape, np.nan)
        return Shrinkage(math.nan, math.nan, math.nan, unknown, unknown, unknown, reason)
    pooled = r.sum() / hips.sum()
    alone = _log_likelihood_of_one_rate(r, hips, pooled)
    fitted = _fit(r, hips, pooled)
    if fitted is None or fitted[2] <= alone:
        same, unknown = np.full(r.shape, pooled), np.full(r.shape, np.nan)
        reason = "the clinics differ by no more than chance would make them"
        return Shrinkage(math.inf, math.inf, alone, same, unknown, unknown, reason)
    alpha, beta, log_likelihood = fitted
    a, b = alpha + r, beta + hips - r
    tail = (1 - confidence) / 2
    limits = betaincinv(a, b, tail), betaincinv(a, b, 1 - tail)
    return Shrinkage(alpha, beta, log_likelihood, a / (a + b), *limits, "")


def _why_not_estimable(r: np.ndarray, hips: np.ndarray) -> str:
    if (hips > 0).sum() < FEWEST_CLINICS:
        return "fewer than 3 clinics with evaluable hips"
    if r.sum() == 0:
        return "no hip responded in any clinic"
    if r.sum() == hips.sum():
        return "every hip responded in every clinic"
    return ""


def _log_choose(r: np.ndarray, hips: np.ndarray) -> float:
    return float(np.sum(gammaln(hips + 1) - gammaln(r + 1) - gammaln(hips - r + 1)))


def _log_likelihood_of_one_rate(r: np.ndarray, hips: np.ndarray, rate: float) -> float:
    return _log_choose(r, hips) + float(np.sum(r * math.log(rate) + (hips - r) * math.log1p(-rate)))


def _fit(r: np.ndarray, hips: np.ndarray, pooled: float) -> tuple[float, float, float] | None:
    """Return α, β and the log-likelihood; None where α + β grows without bound.

    The search is over the logit of the mean and the log of α + β, which have no bounds and hardly correlate.
    """
    start = np.array([math.log(pooled / (1 - pooled)), math.log(50)])

    def shapes(at: np.ndarray) -> tuple[float, float]:
        mean, size = expit(at[0]), math.exp(at[1])
        return mean * size, (1 - mean) * size

    def loss(at: np.ndarray) -> tuple[float, np.ndarray]:
        alpha, beta = shapes(at)
        value = -float(np.sum(betaln(alpha + r, beta + hips - r) - betaln(alpha, beta)))
        whole = digamma(alpha + beta + hips) - digamma(alpha + beta)
        by_alpha = np.sum(whole - digamma(alpha + r) + digamma(alpha))
        by_beta = np.sum(whole - digamma(beta + hips - r) + digamma(beta))
        by_logit = (by_alpha - by_beta) * alpha * beta / (alpha + beta)
        return value, np.array([by_logit, by_alpha * alpha + by_beta * beta])

    bounds = [(-_LARGEST_LOGIT, _LARGEST_LOGIT), (-_LARGEST_LOG_SIZE, _LARGEST_LOG_SIZE)]
    options = {"ftol": 1e-15, "gtol": 1e-9, "maxiter": 1000}
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options=options)
    if found.x[1] > _LARGEST_LOG_SIZE - 0.5:
        return None
    return *shapes(found.x), _log_choose(r, hips) - float(found.fun)
