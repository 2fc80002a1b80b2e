"""Where the true rate of each clinic lies, told from its own hips and from how much all clinics differ."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betainc, betaln, expit, logit

from analysis.stats.funnel import clinic_counts, why_not_compared
from analysis.stats.intervals import normal_quantile

_NODES = 40  # of each of the two dimensions
_LARGEST_ROOT = 0.7  # of the correlation: true rates of SD 35 points about a rate of 50 %
_WIDE = 9.0  # standard errors of the mean to either side
_FAR = 20.0  # log units below the peak beyond which nothing counts
_ROUNDS = 5
_CLOSE = 1e-10


class Shrinkage(NamedTuple):
    """The true rates of clinics; NaN when `reason` says why they cannot be told."""

    rates: np.ndarray
    """Expected true rate of each clinic; for one without hips that of any clinic."""
    low: np.ndarray
    high: np.ndarray
    """Equal-tailed limits of each."""
    reason: str
    """Why there is none; empty otherwise."""


def shrunk_rates(responders: ArrayLike, n: ArrayLike, confidence: float = 0.95) -> Shrinkage:
    """Return Bayesian estimates of clinics' true rates, which may differ from clinic to clinic.

    True rates follow a beta distribution; its mean and the square root of its intraclass correlation (the SD of the
    rates as a share of the largest there could be, up to .7) are uniform beforehand. Each clinic's rate is drawn
    towards that of all, the more the fewer hips it has and the less the clinics differ, and its limits allow for not
    knowing by how much these differ.

    Parameters
    ----------
    responders, n : array_like of float, shape (clinics,)
        Per clinic. Where both hips of people count, give both divided by the design effect of all clinics
        together (`effective_hips`), or differences between people pass for differences between clinics.
    confidence : float, default 0.95
        Probability that the limits hold the clinic's true rate.

    Returns
    -------
    Shrinkage
        NaN with a `reason` for fewer than 3 clinics with hips, and where no hip responded or every one.

    Raises
    ------
    ValueError
        If the arrays differ in shape, responders do not lie between 0 and n, or `confidence` is not between
        0 and 1.

    References
    ----------
    Griffiths DA (1973). Biometrics 29:637-648. Gelman A (2006). Bayesian Anal 1:515-533 (a uniform prior of the SD).
    Carlin BP, Louis TA (2000). Bayes and Empirical Bayes Methods, chapter 3.

    Examples
    --------
    >>> result = shrunk_rates([1, 10, 2, 12], [20, 20, 20, 20])
    >>> result.rates.round(2).tolist(), result.low.round(2).tolist(), result.high.round(2).tolist()
    ([0.09, 0.47, 0.14, 0.56], [0.01, 0.27, 0.03, 0.35], [0.25, 0.68, 0.3, 0.76])
    """
    normal_quantile(confidence)  # refuses what is not a confidence level
    r, hips = clinic_counts(responders, n)
    if reason := why_not_compared(r, hips):
        unknown = np.full(r.shape, np.nan)
        return Shrinkage(unknown, unknown, unknown, reason)
    alpha, beta, weight = posterior(r, hips)
    a, b = alpha + r[:, None], beta + (hips - r)[:, None]
    tail = (1 - confidence) / 2
    return Shrinkage((a / (a + b)) @ weight, _quantile(tail, a, b, weight), _quantile(1 - tail, a, b, weight), "")


def posterior(r: np.ndarray, hips: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the shapes of beta distributions of true rates, and the probability of each given the clinics.

    Gauss and Legendre's rule over the root of the correlation, between ends that close in on what counts, and for each
    of its values over the logit of the mean, which is the better known the less the clinics differ.
    """
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    low, high = 0.0, _LARGEST_ROOT
    for _ in range(_ROUNDS):
        root = (low + high) / 2 + (high - low) / 2 * nodes
        alpha, beta, height = _heights(r, hips, root[:, None], nodes)
        counts = np.flatnonzero(height.max(axis=1) > height.max() - _FAR)
        first, last = counts[0], counts[-1]
        low, high = (root[first - 1] if first else low), (root[last + 1] if last + 1 < _NODES else high)
    weight = (np.exp(height - height.max()) * np.outer(weights, weights)).ravel()
    some = weight > weight.max() * 1e-10
    return alpha.ravel()[some], beta.ravel()[some], weight[some] / weight[some].sum()


def _heights(
    r: np.ndarray, hips: np.ndarray, root: np.ndarray, nodes: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return shapes and the log of the posterior on a grid: rows for the root of the correlation, columns for means."""
    known = hips > 0
    worth = hips[known] / (1 + (hips[known] - 1) * root**2)  # of each clinic at that correlation, in independent hips
    centre = (worth @ (r[known] / hips[known]) + 0.5) / (worth.sum(axis=1) + 1)
    scale = 1 / np.sqrt(centre * (1 - centre) * (worth.sum(axis=1) + 1))
    wide = _WIDE * scale[:, None]
    mean = expit(logit(centre)[:, None] + wide * nodes)
    size = 1 / root**2 - 1
    alpha, beta = mean * size, (1 - mean) * size
    parts = betaln(alpha[..., None] + r, beta[..., None] + hips - r) - betaln(alpha, beta)[..., None]
    return alpha, beta, parts.sum(axis=-1) + np.log(mean * (1 - mean) * wide)


def _quantile(share: float, a: np.ndarray, b: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Return where the mixture of beta distributions of each clinic reaches a share."""
    from scipy.optimize.elementwise import find_root  # takes half a second to load, and few commands come here

    def beyond(rate: np.ndarray, clinic: np.ndarray) -> np.ndarray:
        return betainc(a[clinic], b[clinic], rate[:, None]) @ weight - share

    found = find_root(beyond, (0.0, 1.0), args=(np.arange(len(a)),), tolerances={"xatol": _CLOSE, "xrtol": 0})
    return np.asarray(found.x)
