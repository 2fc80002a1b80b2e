"""Missing outcomes filled in many times over, to show what they may do to a rate and how sure one can be."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit

from analysis.stats.errors import NotEstimableError
from analysis.stats.intervals import NO_INTERVAL, Interval, normal_quantile, t_quantile
from analysis.stats.logistic import fit_logistic
from analysis.stats.proportions import cluster_sums, clustered_wilson, effective_hips, score_interval

_PRIOR_SD, _PRIOR_SD_OF_INTERCEPT = 2.5, 10.0


class Pooled(NamedTuple):
    """Estimates from several imputations made one, by Rubin's rules."""

    estimate: float
    variance: float
    degrees_of_freedom: float
    missing_share: float
    """Share of the variance that is due to the missing values."""


class ImputedRate(NamedTuple):
    """A rate with its missing outcomes imputed; NaN when `reason` says why there is none."""

    rate: float
    interval: Interval
    n_hips: int
    n_missing: int
    missing_share: float
    """Share of the rate's variance that is due to the missing outcomes."""
    reason: str
    """Why there is no estimate; empty when there is one."""


def pool(estimates: ArrayLike, variances: ArrayLike, complete_degrees: float) -> Pooled:
    """Pool the estimates of several imputations by Rubin's rules.

    Parameters
    ----------
    estimates, variances : array_like of float, shape (imputations,)
        From each completed data set.
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
    >>> round(pool([0.50, 0.54, 0.52], [0.004, 0.004, 0.004], complete_degrees=60).variance, 6)
    0.004533
    """
    q, u = np.asarray(estimates, dtype=float), np.asarray(variances, dtype=float)
    if q.ndim != 1 or q.shape != u.shape or len(q) < 2:
        raise ValueError(f"need 2 or more estimates, each with a variance; the shapes are {q.shape} and {u.shape}")
    within, between = float(u.mean()), (1 + 1 / len(q)) * float(q.var(ddof=1))
    variance = within + between
    share = between / variance if variance > 0 else 0.0
    observed = (complete_degrees + 1) / (complete_degrees + 3) * complete_degrees * (1 - share)
    if share > 0:
        by_imputation = (len(q) - 1) / share**2
        observed = observed * by_imputation / (observed + by_imputation) if observed > 0 else observed
    return Pooled(float(q.mean()), variance, observed, share)


def imputed_rate(
    outcome: ArrayLike,
    covariates: ArrayLike,
    person: ArrayLike,
    delta: float = 0.0,
    imputations: int = 50,
    seed: int = 0,
    confidence: float = 0.95,
) -> ImputedRate:
    """Return a responder rate with missing outcomes imputed.

    A logistic regression on the covariates and on the outcomes of the person's other hips gives each
    missing hip its probability, whose log odds are then moved by `delta`. Each imputation refits the
    regression to people drawn with replacement, all their hips together, so that both its uncertainty and
    the likeness of two hips are passed on; a weak prior (normal, SD 2.5 per standard deviation of a
    covariate) keeps it finite in small samples. The rates are pooled by Rubin's rules with their variances
    clustered by person; the interval is Wilson's at the effective number of hips that the total variance
    amounts to, with a t quantile.

    Parameters
    ----------
    outcome : array_like of float, shape (hips,)
        1, 0, or NaN where the outcome is missing.
    covariates : array_like of float, shape (hips, columns)
        What tells the outcome or its absence, such as the first reading; no NaN.
    person : array_like, shape (hips,)
        Whose hip it is.
    delta : float, default 0
        How much worse (below 0) or better hips without an outcome did than others like them, as a log odds
        ratio; 0 takes their absence to depend on nothing but the covariates and the other hips.
    imputations : int, default 50
        How often the missing outcomes are filled in.
    seed : int, default 0
        Of the random draws.
    confidence : float, default 0.95
        Confidence level.

    Returns
    -------
    ImputedRate
        With nothing missing, the rate and its default interval. With a `reason` when the hips whose
        outcome is known do not show both outcomes, or the regression does not converge.

    Raises
    ------
    ValueError
        If the arrays differ in length, a covariate is NaN, `outcome` holds anything but 0, 1 and NaN,
        `imputations` is below 2, or `confidence` is not between 0 and 1.

    References
    ----------
    Rubin DB (1987). Multiple Imputation for Nonresponse in Surveys. Little RJA, Rubin DB (2019). Statistical
    Analysis with Missing Data, 3rd ed., section 10.2 (bootstrap draws). Gelman A, Jakulin A, Pittau MG, Su YS
    (2008). Ann Appl Stat 2:1360-1383 (weak prior). Carpenter JR, Kenward MG (2013).
    Multiple Imputation and its Application, chapter 10 (delta). Lott A, Reiter JP (2020). Am Stat
    74:109-115 (Wilson's interval).

    Examples
    --------
    >>> outcome = [1, 0, 1, 1, 0, float("nan"), 0, 1, 1, 0, 1, float("nan")]
    >>> result = imputed_rate(outcome, [[x] for x in [3, 2, 1, 4, 2, 3, 4, 1, 2, 3, 3, 1]], range(12), seed=1)
    >>> result.n_hips, result.n_missing, 0.4 < result.rate < 0.7
    (12, 2, True)
    """
    normal_quantile(confidence)  # refuses what is not a confidence level
    y, x, number = _validated(outcome, covariates, person, imputations)
    missing = np.isnan(y)
    n_missing = int(missing.sum())
    if (n_missing or not len(y)) and len(np.unique(y[~missing])) < 2:
        reason = "the hips whose outcome is known do not show both outcomes"
        return ImputedRate(math.nan, NO_INTERVAL, len(y), n_missing, math.nan, reason)
    if n_missing == 0:
        interval = clustered_wilson(np.bincount(number, y).astype(int), np.bincount(number), confidence)
        return ImputedRate(float(y.mean()), interval, len(y), 0, 0.0, "")
    try:
        pooled = _pooled_rate(y, x, number, delta, imputations, np.random.default_rng(seed))
    except NotEstimableError as error:
        return ImputedRate(math.nan, NO_INTERVAL, len(y), n_missing, math.nan, str(error))
    rate = pooled.estimate
    effective = rate * (1 - rate) / pooled.variance
    quantile = t_quantile(confidence, pooled.degrees_of_freedom)
    low, high = score_interval(np.asarray(rate), np.asarray(effective), quantile)
    return ImputedRate(rate, Interval(float(low), float(high)), len(y), n_missing, pooled.missing_share, "")


def _validated(
    outcome: ArrayLike, covariates: ArrayLike, person: ArrayLike, imputations: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    y, x, label = np.asarray(outcome, dtype=float), np.asarray(covariates, dtype=float), np.asarray(person)
    if x.ndim != 2 or not y.shape == label.shape == x.shape[:1]:
        raise ValueError(
            "need one entry per hip in every array, and one column per covariate; the shapes of outcome, covariates "
            f"and person are {y.shape}, {x.shape} and {label.shape}"
        )
    if not (np.isin(y, (0, 1)) | np.isnan(y)).all() or np.isnan(x).any():
        raise ValueError("outcome must be 0, 1 or NaN, and no covariate may be NaN")
    if imputations < 2:
        raise ValueError(f"need 2 imputations or more; they are {imputations}")
    spread = x.std(axis=0) if len(x) else np.ones(x.shape[1])
    varying = spread > 0
    x = (x[:, varying] - (x[:, varying].mean(axis=0) if len(x) else 0)) / spread[varying]
    return y, x, np.unique(label, return_inverse=True)[1]


def _pooled_rate(
    y: np.ndarray, x: np.ndarray, number: np.ndarray, delta: float, imputations: int, rng: np.random.Generator
) -> Pooled:
    known, n_people = ~np.isnan(y), int(number.max()) + 1
    design = _design(y, x, number)
    precision = np.full(design.shape[1], _PRIOR_SD**-2)
    precision[0] = _PRIOR_SD_OF_INTERCEPT**-2
    rates, variances = [], []
    for _ in range(imputations):
        drawn = np.bincount(rng.integers(n_people, size=n_people), minlength=n_people)[number].astype(float)
        coefficients = fit_logistic(design[known], y[known], drawn[known], precision)
        filled = _filled_in(y, x, number, coefficients, delta, rng)
        sums = cluster_sums(np.bincount(number, filled).astype(int), np.bincount(number))
        rates.append(float(filled.mean()))
        variances.append(rates[-1] * (1 - rates[-1]) / float(effective_hips(sums)))
    return pool(rates, variances, n_people - 1)


def _design(y: np.ndarray, x: np.ndarray, number: np.ndarray) -> np.ndarray:
    """Return ones, covariates, whether another hip of the person is known, and the share of those that responded."""
    known = ~np.isnan(y)
    answered = np.where(known, y, 0)
    others = np.bincount(number, known)[number] - known
    responded = np.bincount(number, answered)[number] - answered
    return np.column_stack([np.ones(len(y)), x, others > 0, responded / np.where(others > 0, others, 1)])


def _filled_in(
    y: np.ndarray,
    x: np.ndarray,
    number: np.ndarray,
    coefficients: np.ndarray,
    delta: float,
    rng: np.random.Generator,
) -> np.ndarray:
    """Return the outcomes with every missing one drawn, one hip of each person at a time."""
    filled = y.copy()
    while (missing := np.flatnonzero(np.isnan(filled))).size:
        _, first = np.unique(number[missing], return_index=True)
        hips = missing[first]
        probability = expit(_design(filled, x, number)[hips] @ coefficients + delta)
        filled[hips] = rng.random(len(hips)) < probability
    return filled
