"""Two groups of hips that were not randomised, such as matched and mismatched stretches, made comparable.

Adjustment removes only differences in what was measured; whatever else led to the one stretch or the other
remains. So these are differences between groups, never effects.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit

from analysis.stats.errors import NotEstimableError
from analysis.stats.intervals import NO_INTERVAL, Interval, normal_quantile
from analysis.stats.labels import numbered
from analysis.stats.logistic import fit_logistic

MOST_LOST = 0.1
"""Share of bootstrap samples that may fail before an interval would describe only the well-behaved ones."""

_GROUPS = ((1, "with"), (0, "without"))


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
    person: np.ndarray


def adjusted_differences(
    outcome: ArrayLike,
    exposed: ArrayLike,
    covariates: ArrayLike,
    person: ArrayLike,
    resamples: int = 1000,
    seed: int = 0,
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

    Intervals are percentiles of a bootstrap that draws people, with all their hips.

    Parameters
    ----------
    outcome, exposed : array_like of bool, shape (hips,)
        Whether the hip responded, and whether it had the exposure.
    covariates : array_like of float, shape (hips, columns)
        What the groups may differ in, such as the first reading; a hip with a NaN is left out everywhere,
        so that all four speak of the same hips.
    person : array_like, shape (hips,)
        Whose hip it is.
    resamples : int, default 1000
        Bootstrap samples.
    seed : int, default 0
        Of the bootstrap.
    confidence : float, default 0.95
        Confidence level.

    Returns
    -------
    dict of Adjusted
        By the names above. An estimate that cannot be had says why. So does an interval: where more than a
        tenth of the samples gave no estimate, a group has hips of one person only, or all or none of its hips
        responded, of which drawing people again and again shows no scatter.

    Raises
    ------
    ValueError
        If the arrays differ in length, `outcome` or `exposed` holds anything but 0 and 1, a person is missing,
        `resamples` is below 2, or `confidence` is not between 0 and 1.

    References
    ----------
    Hernán MA, Robins JM (2020). Causal Inference: What If, chapters 12 and 13. Bang H, Robins JM (2005).
    Biometrics 61:962-973. Davison AC, Hinkley DV (1997). Bootstrap Methods, section 3.8 (clusters).

    Examples
    --------
    >>> result = adjusted_differences([1, 1, 0, 1, 0, 0, 1, 0], [1, 1, 1, 1, 0, 0, 0, 0],
    ...                               [[3], [1], [4], [2], [2], [4], [3], [1]], range(8), resamples=20)
    >>> round(result["crude"].difference, 2)
    0.5
    """
    normal_quantile(confidence)  # refuses what is not a confidence level
    if resamples < 2:
        raise ValueError(f"need 2 bootstrap samples or more; they are {resamples}")
    hips = _complete(outcome, exposed, covariates, person)
    return {name: _with_interval(method, hips, resamples, seed, confidence) for name, method in METHODS.items()}


def _complete(outcome: ArrayLike, exposed: ArrayLike, covariates: ArrayLike, person: ArrayLike) -> _Hips:
    y, treated, x = (np.asarray(column, dtype=float) for column in (outcome, exposed, covariates))
    label = numbered(person)
    if x.ndim != 2 or not y.shape == treated.shape == label.shape == x.shape[:1]:
        raise ValueError(
            "need one entry per hip in every array, and one column per covariate; the shapes of outcome, exposed, "
            f"covariates and person are {y.shape}, {treated.shape}, {x.shape} and {label.shape}"
        )
    if not (np.isin(y, (0, 1)).all() and np.isin(treated, (0, 1)).all()):
        raise ValueError("outcome and exposed must be 0 or 1; leave out hips of which either is not known")
    known = ~np.isnan(x).any(axis=1)
    x = x[known]
    # In standard deviations the regressions converge whatever the units; the rates are the same.
    spread = x.std(axis=0) if len(x) else np.ones(x.shape[1])
    x = (x - (x.mean(axis=0) if len(x) else 0)) / np.where(spread > 0, spread, 1)
    return _Hips(y[known], treated[known], x[:, spread > 0], numbered(label[known]))


def _with_interval(method: Callable, hips: _Hips, resamples: int, seed: int, confidence: float) -> Adjusted:
    nan = math.nan
    try:
        with_it, without = _rates(method, hips, np.ones(len(hips.outcome)))
    except NotEstimableError as error:
        return Adjusted(nan, NO_INTERVAL, nan, nan, str(error))
    if reason := _why_no_interval(hips):
        return Adjusted(with_it - without, NO_INTERVAL, with_it, without, f"no interval: {reason}")
    n_people = int(hips.person.max()) + 1
    rng = np.random.default_rng(seed)
    differences = []
    for _ in range(resamples):
        drawn = np.bincount(rng.integers(n_people, size=n_people), minlength=n_people)
        try:
            one, other = _rates(method, hips, drawn[hips.person].astype(float))
        except NotEstimableError:
            continue
        differences.append(one - other)
    if len(differences) < (1 - MOST_LOST) * resamples:
        reason = f"no interval: {resamples - len(differences)} of {resamples} bootstrap samples gave no estimate"
        return Adjusted(with_it - without, NO_INTERVAL, with_it, without, reason)
    low, high = np.quantile(differences, [(1 - confidence) / 2, (1 + confidence) / 2])
    return Adjusted(with_it - without, Interval(float(low), float(high)), with_it, without, "")


def _why_no_interval(hips: _Hips) -> str:
    """Return why drawing people again shows nothing of how sure an estimate is; empty if it does."""
    for group, name in _GROUPS:
        of_group = hips.exposed == group
        if len(np.unique(hips.person[of_group])) < 2:
            return f"only one person has hips {name} the exposure"
        outcomes = np.unique(hips.outcome[of_group])
        if len(outcomes) < 2:
            return f"{'every' if outcomes[0] else 'no'} hip {name} the exposure responded"
    return ""


def _rates(method: Callable, hips: _Hips, weights: np.ndarray) -> tuple[float, float]:
    """Return the two rates by a method, hips counting by their weights."""
    for group, name in _GROUPS:
        if not weights[hips.exposed == group].any():
            raise NotEstimableError(f"no hip {name} the exposure")
    with_it, without = method(hips, weights)
    return float(with_it), float(without)


def _crude(hips: _Hips, weights: np.ndarray) -> tuple[float, float]:
    one, other = (np.average(hips.outcome, weights=weights * (hips.exposed == group)) for group in (1, 0))
    return one, other


def _standardised(hips: _Hips, weights: np.ndarray) -> tuple[float, float]:
    one, other = (np.average(predicted, weights=weights) for predicted in _predictions(hips, weights))
    return one, other


def _weighted(hips: _Hips, weights: np.ndarray) -> tuple[float, float]:
    inverse = weights * inverse_probability(hips.exposed, hips.covariates, weights)
    return _crude(hips, inverse)


def _doubly_robust(hips: _Hips, weights: np.ndarray) -> tuple[float, float]:
    inverse = inverse_probability(hips.exposed, hips.covariates, weights)
    one, other = (
        np.average(predicted + (hips.exposed == group) * inverse * (hips.outcome - predicted), weights=weights)
        for group, predicted in zip((1, 0), _predictions(hips, weights), strict=True)
    )
    return one, other


def _predictions(hips: _Hips, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return each hip's predicted outcome with and without the exposure."""
    ones = np.ones(len(hips.outcome))
    coefficients = fit_logistic(np.column_stack([ones, hips.exposed, hips.covariates]), hips.outcome, weights)
    with_it, without = (
        expit(np.column_stack([ones, group * ones, hips.covariates]) @ coefficients) for group in (1, 0)
    )
    return with_it, without


def inverse_probability(exposed: np.ndarray, covariates: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return one over each hip's chance, given its covariates, of the exposure it had; 0 for a hip without weight.

    Raises
    ------
    NotEstimableError
        The covariates tell perfectly who had the exposure.
    """
    design = np.column_stack([np.ones(len(exposed)), covariates])
    chance = expit(design @ fit_logistic(design, exposed, weights))
    own = np.where(exposed == 1, chance, 1 - chance)
    counts = weights > 0
    if not own[counts].all():
        raise NotEstimableError("the covariates tell perfectly who had the exposure")
    return np.divide(1.0, own, out=np.zeros_like(own), where=counts)


METHODS = {
    "crude": _crude,
    "standardised": _standardised,
    "weighted": _weighted,
    "doubly_robust": _doubly_robust,
}
