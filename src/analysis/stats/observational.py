"""Two groups of hips that were not randomised, such as matched and mismatched stretches, made comparable.

Adjustment removes only differences in what was measured; whatever else led to the one stretch or the other
remains. So these are differences between groups, never effects.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit

from analysis.stats.intervals import NO_INTERVAL, Interval, NotEstimableError, normal_quantile
from analysis.stats.labels import numbered
from analysis.stats.logistic import fit_logistic
from analysis.stats.means import mean_with_interval

_Rate = tuple[float, np.ndarray]
_MOST_LEVERAGE = 0.9
_GROUPS = ((1, "with"), (0, "without"))
_PRIOR_SD = 2.5
"""Of the log odds of a stratum, so that one in which all hips did alike leaves an answer (Gelman 2008)."""


class Adjusted(NamedTuple):
    """Rate with the exposure minus rate without; NaN when `reason` says why there is none."""

    difference: float
    interval: Interval
    rate_exposed: float
    rate_unexposed: float
    reason: str
    """Why there is no estimate, or no interval; empty when there are both."""


class _Hips(NamedTuple):
    outcome: np.ndarray
    exposed: np.ndarray
    covariates: np.ndarray
    precision: np.ndarray
    """One over the variance of the prior of each covariate's coefficient; 0 but for strata."""
    cluster: np.ndarray


class _Model(NamedTuple):
    """A logistic regression of hips; NaN where there is a reason why it has no answer."""

    coefficients: np.ndarray
    influence: np.ndarray
    """How much each hip moves the coefficients, times the number of hips, shape (hips, columns)."""
    alone: np.ndarray
    """1/(1 - leverage): about how much larger its residual is where a hip has no part in the regression."""
    reason: str


class _Group(NamedTuple):
    """What one of the two groups tells, one entry per hip; slopes are by the columns of the regressions."""

    outcome: np.ndarray
    own: np.ndarray
    """1 for hips of the group, else 0."""
    weight: np.ndarray
    """One over the chance of the group for its hips, else 0."""
    weight_slope: np.ndarray
    predicted: np.ndarray
    """Chance to respond in this group."""
    predicted_slope: np.ndarray


def adjusted_differences(
    outcome: ArrayLike,
    exposed: ArrayLike,
    covariates: ArrayLike,
    cluster: ArrayLike,
    strata: ArrayLike | None = None,
    confidence: float = 0.95,
) -> dict[str, Adjusted]:
    """Compare two groups of hips four ways: crude, standardised, weighted, and doubly robust.

    - ``crude``: the two rates as they are.
    - ``standardised``: a logistic regression of outcome on exposure and covariates predicts every hip's
      outcome with and without the exposure; the rates are the means of the predictions.
    - ``weighted``: a logistic regression of exposure on covariates gives every hip's chance of its own
      exposure; the rates are means weighted by its inverse.
    - ``doubly_robust``: the standardised rates, corrected by the weighted mean of the residuals; right if
      either of the two regressions is.

    Parameters
    ----------
    outcome, exposed : array_like of bool, shape (hips,)
        Whether the hip responded, and whether it had the exposure.
    covariates : array_like of float, shape (hips, columns)
        What the groups may differ in, such as the first reading; a hip with a NaN is left out everywhere,
        so that all four speak of the same hips.
    cluster : array_like, shape (hips,)
        Whose hips may be alike: the person of each, or the clinic.
    strata : array_like, shape (hips,), optional
        Where hips were treated, which is made alike too: each stratum has a level of its own in both regressions.
    confidence : float, default 0.95
        Confidence level.

    Returns
    -------
    dict of Adjusted
        By the names above. An estimate that cannot be had says why. So does an interval: where a group has hips of
        one person or clinic only, or all or none of its hips responded, which shows no scatter.

    Raises
    ------
    ValueError
        If the arrays differ in length, `outcome` or `exposed` holds anything but 0 and 1, a cluster is missing,
        or `confidence` is not between 0 and 1.

    Notes
    -----
    The interval is that of a mean over hips: the estimate plus how much each hip moves it, its part in the two
    regressions included (stacked estimating equations), CR2 by cluster with Satterthwaite's t. Residuals and weights
    count as if the hip had no part in the regressions, or few people would seem to tell more than they do.

    References
    ----------
    Hernán MA, Robins JM (2020). Causal Inference: What If, chapters 12 and 13. Bang H, Robins JM (2005).
    Biometrics 61:962-973. Stefanski LA, Boos DD (2002). Am Stat 56:29-38. Lunceford JK, Davidian M (2004).
    Stat Med 23:2937-2960.

    Examples
    --------
    >>> result = adjusted_differences([1, 1, 0, 1, 0, 0, 1, 0], [1, 1, 1, 1, 0, 0, 0, 0],
    ...                               [[3], [1], [4], [2], [2], [4], [3], [1]], range(8))
    >>> round(result["crude"].difference, 2)
    0.5
    """
    normal_quantile(confidence)  # refuses what is not a confidence level
    hips = _complete(outcome, exposed, covariates, cluster, strata)
    for group, name in _GROUPS:
        if not (hips.exposed == group).any():
            return dict.fromkeys(METHODS, _none(f"no hip {name} the exposure"))
    chance = _fitted(_with_ones(hips.covariates), hips.exposed, hips.precision)
    response = _fitted(_with_ones(hips.exposed, hips.covariates), hips.outcome, np.append(0, hips.precision))
    groups = [_group(group, hips, chance, response) for group, _ in _GROUPS]
    found = {}
    for (method, rate_of), reason in zip(
        _RATES.items(), ("", response.reason, chance.reason, chance.reason or response.reason), strict=True
    ):
        rates = [rate_of(group, chance, response) for group in groups]
        found[method] = _none(reason) if reason else _difference(rates, hips, confidence)
    return found


def _complete(
    outcome: ArrayLike, exposed: ArrayLike, covariates: ArrayLike, cluster: ArrayLike, strata: ArrayLike | None
) -> _Hips:
    y, treated, x = (np.asarray(column, dtype=float) for column in (outcome, exposed, covariates))
    label = numbered(cluster, "cluster")
    stratum = np.zeros(label.shape, dtype=int) if strata is None else numbered(strata, "stratum")
    if x.ndim != 2 or not y.shape == treated.shape == label.shape == stratum.shape == x.shape[:1]:
        raise ValueError(
            "need one entry per hip in every array, and one column per covariate; the shapes of outcome, exposed, "
            f"covariates, cluster and strata are {y.shape}, {treated.shape}, {x.shape}, {label.shape}, {stratum.shape}"
        )
    if not (np.isin(y, (0, 1)).all() and np.isin(treated, (0, 1)).all()):
        raise ValueError("outcome and exposed must be 0 or 1; leave out hips of which either is not known")
    known = ~np.isnan(x).any(axis=1)
    x, own_level = _regressors(x[known], stratum[known])
    return _Hips(y[known], treated[known], x, own_level, label[known])


def _regressors(x: np.ndarray, stratum: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return covariates in standard deviations with a column for each of several strata, and each one's precision."""
    # In standard deviations the regressions converge whatever the units; the rates are the same.
    spread = x.std(axis=0) if len(x) else np.zeros(x.shape[1])
    x = ((x - x.mean(axis=0)) / np.where(spread > 0, spread, 1))[:, spread > 0] if len(x) else x
    several = np.unique(stratum)
    levels = (stratum[:, None] == several).astype(float)[:, len(several) == 1 :]
    return np.column_stack([x, levels]), np.repeat([0, _PRIOR_SD**-2], [x.shape[1], levels.shape[1]])


def _with_ones(*columns: np.ndarray) -> np.ndarray:
    return np.column_stack([np.ones(len(columns[0])), *columns])


def _fitted(design: np.ndarray, outcome: np.ndarray, precision: np.ndarray) -> _Model:
    """Fit a logistic regression; the first column, of ones, has no prior."""
    prior = np.append(0, precision)
    (coefficients,), (reason,) = fit_logistic(design, outcome, np.ones((1, len(design))), prior)
    if reason:
        return _Model(coefficients, np.full(design.shape, np.nan), np.full(len(design), np.nan), reason)
    probability = expit(design @ coefficients)
    spread = probability * (1 - probability)
    turned = np.linalg.inv((design.T * spread) @ design + np.diag(prior))
    leverage = spread * np.sum(design @ turned * design, axis=1)
    alone = 1 / (1 - np.minimum(leverage, _MOST_LEVERAGE))
    score = design * (alone * (outcome - probability))[:, None] - prior * coefficients / len(design)
    return _Model(coefficients, len(design) * score @ turned, alone, "")


def _group(group: int, hips: _Hips, chance: _Model, response: _Model) -> _Group:
    own, design = (hips.exposed == group).astype(float), _with_ones(hips.covariates)
    sign = 1 if group else -1
    weight = own / expit(sign * (design @ chance.coefficients))
    given = _with_ones(np.full(len(own), group), hips.covariates)
    predicted = expit(given @ response.coefficients)
    bend = predicted * (1 - predicted)
    return _Group(hips.outcome, own, weight, -sign * (weight - own)[:, None] * design, predicted, bend[:, None] * given)


# Of each method: the rate of a group, and how much each hip moves it times the number of hips. What a hip does to a
# regression counts with what the regression does to the rate.


def _crude(of: _Group, chance: _Model, response: _Model) -> _Rate:
    rate = _mean(of.outcome, of.own)
    return rate, of.own * (of.outcome - rate) / of.own.mean()


def _standardised(of: _Group, chance: _Model, response: _Model) -> _Rate:
    rate = float(of.predicted.mean())
    return rate, of.predicted - rate + response.influence @ of.predicted_slope.mean(axis=0)


def _weighted(of: _Group, chance: _Model, response: _Model) -> _Rate:
    rate = _mean(of.outcome, of.weight)
    by_chance = chance.influence @ _mean_of(of.weight_slope, of.outcome - rate)
    return rate, (of.weight * chance.alone * (of.outcome - rate) + by_chance) / of.weight.mean()


def _doubly_robust(of: _Group, chance: _Model, response: _Model) -> _Rate:
    residual = of.outcome - of.predicted
    rate = float((of.predicted + of.weight * residual).mean())
    own = of.predicted - rate + of.weight * residual * response.alone * chance.alone
    by_response = response.influence @ _mean_of(of.predicted_slope, 1 - of.weight)
    return rate, own + by_response + chance.influence @ _mean_of(of.weight_slope, residual)


_RATES = {"crude": _crude, "standardised": _standardised, "weighted": _weighted, "doubly_robust": _doubly_robust}
METHODS = tuple(_RATES)


def _mean(values: np.ndarray, weights: np.ndarray) -> float:
    return float(weights @ values / weights.sum())


def _mean_of(slopes: np.ndarray, by: np.ndarray) -> np.ndarray:
    return by @ slopes / len(by)


def _none(reason: str) -> Adjusted:
    return Adjusted(math.nan, NO_INTERVAL, math.nan, math.nan, reason)


def _difference(rates: list[_Rate], hips: _Hips, confidence: float) -> Adjusted:
    with_it, without = rates
    difference = with_it[0] - without[0]
    found = mean_with_interval(difference + with_it[1] - without[1], hips.cluster, confidence)
    reason = _why_no_interval(hips) or found.reason
    interval = NO_INTERVAL if reason else found.interval
    return Adjusted(difference, interval, with_it[0], without[0], f"no interval: {reason}" if reason else "")


def _why_no_interval(hips: _Hips) -> str:
    """Return why the hips show nothing of how sure an estimate is; empty if they do."""
    for group, name in _GROUPS:
        of_group = hips.exposed == group
        if len(np.unique(hips.cluster[of_group])) < 2:
            return f"only one person or clinic has hips {name} the exposure"
        outcomes = np.unique(hips.outcome[of_group])
        if len(outcomes) < 2:
            return f"{'every' if outcomes[0] else 'no'} hip {name} the exposure responded"
    return ""


def inverse_probability(exposed: np.ndarray, covariates: np.ndarray, strata: np.ndarray) -> np.ndarray:
    """Return one over each hip's chance, given its covariates and stratum, of the exposure it had.

    Raises
    ------
    NotEstimableError
        The covariates tell perfectly who had the exposure.
    """
    x, precision = _regressors(covariates, numbered(strata, "stratum"))
    chance = _fitted(_with_ones(x), exposed, precision)
    if chance.reason:
        raise NotEstimableError(chance.reason)
    predictor = _with_ones(x) @ chance.coefficients
    return 1 / expit(np.where(exposed == 1, predictor, -predictor))
