"""Two groups of hips that were not randomised, such as matched and mismatched stretches, made comparable.

Adjustment removes only differences in what was measured; whatever else led to the one stretch or the other
remains. So these are differences between groups, never effects.
"""

import math
from collections.abc import Iterator
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

METHODS = ("crude", "standardised", "weighted", "doubly_robust")

_GROUPS = ((1, "with"), (0, "without"))
_NUMBERS_AT_ONCE = 200_000


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


class _Rates(NamedTuple):
    """Rates with and without the exposure, shape (samples, 2), and why there are none; empty where there are."""

    rates: np.ndarray
    reason: np.ndarray


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
    own, no_interval = _rates(hips, np.ones((1, len(hips.outcome)))), _why_no_interval(hips)
    drawn = [] if no_interval else [_rates(hips, weights) for weights in _drawn(hips.person, resamples, seed)]
    return {
        name: _with_interval(own[name], [samples[name] for samples in drawn], no_interval, confidence)
        for name in METHODS
    }


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


def _drawn(person: np.ndarray, resamples: int, seed: int) -> Iterator[np.ndarray]:
    """Yield how often each hip counts in each bootstrap sample of people, so many samples at once as memory bears."""
    n_people = int(person.max()) + 1
    rng = np.random.default_rng(seed)
    at_once = max(1, _NUMBERS_AT_ONCE // len(person))
    for first in range(0, resamples, at_once):
        samples = range(min(at_once, resamples - first))
        people = [np.bincount(rng.integers(n_people, size=n_people), minlength=n_people) for _ in samples]
        yield np.array(people, dtype=float)[:, person]


def _with_interval(own: _Rates, drawn: list[_Rates], no_interval: str, confidence: float) -> Adjusted:
    with_it, without = map(float, own.rates[0])
    if own.reason[0]:
        return Adjusted(math.nan, NO_INTERVAL, math.nan, math.nan, own.reason[0])
    differences = np.concatenate([-np.diff(samples.rates)[:, 0] for samples in drawn] or [np.empty(0)])
    given = np.concatenate([samples.reason == "" for samples in drawn] or [np.empty(0, bool)])
    if not no_interval and given.sum() < (1 - MOST_LOST) * len(given):
        no_interval = f"{(~given).sum()} of {len(given)} bootstrap samples gave no estimate"
    if no_interval:
        return Adjusted(with_it - without, NO_INTERVAL, with_it, without, f"no interval: {no_interval}")
    low, high = np.quantile(differences[given], [(1 - confidence) / 2, (1 + confidence) / 2])
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


def _rates(hips: _Hips, weights: np.ndarray) -> dict[str, _Rates]:
    """Return the two rates by each method, for every row of weights by which the hips may count."""
    groups = np.array([hips.exposed == group for group, _ in _GROUPS])
    weights = weights[:, None]
    of_group = weights * groups
    inverse, no_weighting = _inverse_probabilities(hips.exposed, hips.covariates, weights[:, 0])
    predicted, no_prediction = _predictions(hips, weights[:, 0])
    corrected = predicted + groups * inverse[:, None] * (hips.outcome - predicted)
    nobody = np.full(len(weights), "", dtype=object)
    for place, (_, name) in reversed(list(enumerate(_GROUPS))):
        nobody[~of_group[:, place].any(axis=1)] = f"no hip {name} the exposure"
    return {
        "crude": _Rates(_means(hips.outcome, of_group), nobody),
        "standardised": _Rates(_means(predicted, weights), _first(nobody, no_prediction)),
        "weighted": _Rates(_means(hips.outcome, of_group * inverse[:, None]), _first(nobody, no_weighting)),
        "doubly_robust": _Rates(_means(corrected, weights), _first(nobody, no_weighting, no_prediction)),
    }


def _means(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore"):  # nobody in a group is 0 of 0
        return (values * weights).sum(axis=-1) / weights.sum(axis=-1)


def _first(*reasons: np.ndarray) -> np.ndarray:
    """Return of each sample the first reason that there is; empty where none is."""
    found = reasons[0]
    for other in reasons[1:]:
        found = np.where(found == "", other, found)
    return found


def _predictions(hips: _Hips, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return each hip's predicted outcome with and without the exposure, and why there is none."""
    ones = np.ones(len(hips.outcome))
    design = np.column_stack([ones, hips.exposed, hips.covariates])
    coefficients, reason = fit_logistic(design, hips.outcome, weights)
    given = [np.column_stack([ones, group * ones, hips.covariates]) for group, _ in _GROUPS]
    return np.stack([expit(coefficients @ one.T) for one in given], axis=1), reason


def inverse_probability(exposed: np.ndarray, covariates: np.ndarray) -> np.ndarray:
    """Return one over each hip's chance, given its covariates, of the exposure it had.

    Raises
    ------
    NotEstimableError
        The covariates tell perfectly who had the exposure.
    """
    inverse, reason = _inverse_probabilities(exposed, covariates, np.ones((1, len(exposed))))
    if reason[0]:
        raise NotEstimableError(reason[0])
    return inverse[0]


def _inverse_probabilities(
    exposed: np.ndarray, covariates: np.ndarray, weights: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the same for every row of weights, 0 for a hip without weight, and why there are none."""
    design = np.column_stack([np.ones(len(exposed)), covariates])
    coefficients, reason = fit_logistic(design, exposed, weights)
    chance = expit(coefficients @ design.T)
    own = np.where(exposed == 1, chance, 1 - chance)
    counts = weights > 0
    told = (reason == "") & (counts & (own == 0)).any(axis=1)
    reason[told] = "the covariates tell perfectly who had the exposure"
    return np.divide(1.0, own, out=np.zeros_like(own), where=counts & (own != 0)), reason
