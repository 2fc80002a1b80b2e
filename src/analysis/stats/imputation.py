"""Missing outcomes filled in many times over, to show what they may do to a rate and how sure one can be."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import logit

from analysis.stats.clusters import outer_clusters
from analysis.stats.intervals import NotEstimableError, normal_quantile
from analysis.stats.logistic import fit_logistic
from analysis.stats.pooling import pool_rates
from analysis.stats.proportions import ClusterSums, clustered_wilson_from_sums, observed_rate
from analysis.stats.rate_by_clinic import clinic_wilson

_PRIOR_SD, _PRIOR_SD_OF_INTERCEPT = 2.5, 10.0


class ImputedRates(NamedTuple):
    """Rates with their missing outcomes imputed, one entry per group and tilt; NaN where there is no rate."""

    rate: np.ndarray
    low: np.ndarray
    high: np.ndarray
    missing_share: np.ndarray
    """Share of the rate's variance that is due to the missing outcomes."""
    people_with: np.ndarray
    """People with a hip that responded, on average over the imputations."""
    reason: str
    """Why there is no estimate; empty when there is one."""


def imputed_rates(
    outcome: ArrayLike,
    covariates: ArrayLike,
    person: ArrayLike,
    tilts: ArrayLike = (0.0,),
    group: ArrayLike | None = None,
    imputations: int = 20,
    seed: int = 0,
    confidence: float = 0.95,
    clinic: ArrayLike | None = None,
) -> ImputedRates:
    """Return responder rates with missing outcomes imputed, under each of several tilts.

    A logistic regression on the covariates and, where another hip of the person is known or drawn before,
    on the share of these that responded gives each missing hip its probability, whose log odds are then
    moved by the tilt. Each imputation refits it to people drawn with replacement, all their hips together,
    so that both its uncertainty and the likeness of two hips are passed on; a weak prior (normal, SD 2.5
    per standard deviation of a covariate) keeps it finite in small samples. The rates are pooled by Rubin's
    rules with their variances clustered by person, by clinic where known hips of a group are of 5 clinics or more; the
    interval is Wilson's at the effective number of hips
    that the total variance amounts to, with a t quantile. All tilts and groups share the regressions and
    the random numbers, so that rates rise with the tilt and do not differ by luck.

    Parameters
    ----------
    outcome : array_like of float, shape (hips,)
        1, 0, or NaN where the outcome is missing.
    covariates : array_like of float, shape (hips, columns)
        What tells the outcome or its absence, such as the first reading; no NaN.
    person : array_like, shape (hips,)
        Whose hip it is.
    tilts : array_like of float, shape (tilts,), default 0
        How much worse (below 0) or better hips without an outcome did than others like them, as a log odds
        ratio; 0 takes their absence to depend on nothing but the covariates and the other hips.
    group : array_like of int, shape (hips,), optional
        Which group each hip is of, counted from 0; one regression serves them all. Left out: one group.
    imputations : int, default 20
        How often the missing outcomes are filled in.
    seed : int, default 0
        Of the random draws.
    confidence : float, default 0.95
        Confidence level.
    clinic : array_like, shape (hips,), optional
        Where the person was treated; missing where that is not recorded. It is no covariate by itself.

    Returns
    -------
    ImputedRates
        Arrays of shape (groups, tilts). A group with nothing missing has its rate and its default interval. With a
        `reason` when outcomes are missing and the known ones do not show both answers, or the regression does not
        converge.

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
    Multiple Imputation and its Application, chapter 10 (tilt). Lott A, Reiter JP (2020). Am Stat
    74:109-115 (Wilson's interval).

    Examples
    --------
    >>> outcome = [1, 0, 1, 1, 0, float("nan"), 0, 1, 1, 0, 1, float("nan")]
    >>> covariates = [[x] for x in [3, 2, 1, 4, 2, 3, 4, 1, 2, 3, 3, 1]]
    >>> imputed_rates(outcome, covariates, range(12), tilts=[-20, 0, 20], seed=1).rate.round(2).tolist()
    [[0.5, 0.6, 0.67]]
    """
    normal_quantile(confidence)  # refuses what is not a confidence level
    y, x, number = _validated(outcome, covariates, person, imputations)
    place = np.zeros(len(y), dtype=int) if group is None else np.asarray(group, dtype=int)
    if place.shape != y.shape:
        raise ValueError(f"need one group per hip; the shapes are {place.shape} and {y.shape}")
    where = np.full(len(y), None) if clinic is None else np.asarray(clinic, dtype=object)
    moved = np.asarray(tilts, dtype=float)
    filled, reason = None, ""
    if np.isnan(y).any() or not len(y):
        try:
            filled = _draw(y, x, number, moved, imputations, np.random.default_rng(seed))
        except NotEstimableError as error:
            reason = str(error)
    n_groups = int(place.max(initial=0)) + 1
    groups = [_rate(y, filled, number, where, place == one, confidence) for one in range(n_groups)]
    rate, low, high, share, people_with = (
        np.array([np.broadcast_to(part, moved.shape) for part in parts]) for parts in zip(*groups, strict=True)
    )
    return ImputedRates(rate, low, high, share, people_with, reason)


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


def _draw(
    y: np.ndarray, x: np.ndarray, number: np.ndarray, tilts: np.ndarray, imputations: int, rng: np.random.Generator
) -> np.ndarray:
    """Return whether each missing hip responds, shaped (tilts, imputations, missing hips)."""
    known, missing = ~np.isnan(y), np.flatnonzero(np.isnan(y))
    if len(np.unique(y[known])) < 2:
        raise NotEstimableError("the hips whose outcome is known do not show both outcomes")
    alone, beside = _coefficients(y, x, number, imputations, rng)
    luck = logit(rng.random((imputations, len(missing))))
    design = np.column_stack([np.ones(len(missing)), x[missing]])
    odds_alone, odds_beside = alone @ design.T, beside[:, :-1] @ design.T
    n_known, responded = (np.bincount(number, column)[number[missing]] for column in (known, np.where(known, y, 0)))
    filled = np.zeros((len(tilts), imputations, len(missing)), dtype=bool)
    # One hip of each person at a time: the next is like those before it.
    turn, whose = _turns(number[missing])
    drawn = np.zeros(filled.shape)  # responders drawn so far, by person
    for now in range(int(turn.max()) + 1):
        hips = turn == now
        others = n_known[hips] + now
        share = (responded[hips] + drawn[..., whose[hips]]) / np.where(others > 0, others, 1)
        odds = np.where(others > 0, odds_beside[:, hips] + beside[:, -1:] * share, odds_alone[:, hips])
        filled[..., hips] = luck[:, hips] < odds + tilts[:, None, None]
        drawn[..., whose[hips]] += filled[..., hips]
    return filled


def _turns(person: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return how many hips of the same person stand before each, and the people numbered from 0."""
    whose, counts = np.unique(person, return_inverse=True, return_counts=True)[1:]
    order = np.argsort(whose, kind="stable")
    turn = np.empty(len(person), dtype=int)
    turn[order] = np.arange(len(person)) - np.repeat(np.cumsum(counts) - counts, counts)
    return turn, whose


def _coefficients(
    y: np.ndarray, x: np.ndarray, number: np.ndarray, imputations: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Fit both regressions to people drawn with replacement, once for each imputation.

    The first, for a hip none other of whose person is known, is on ones and the covariates, fitted to all known hips.
    The second, fitted to known hips of which another is known, has the share of the others that responded as its last
    column. One regression for both would take the first for a hip whose other did not respond.
    """
    known, n_people = ~np.isnan(y), int(number.max()) + 1
    answered = np.where(known, y, 0)
    others = np.bincount(number, known)[number] - known
    share = (np.bincount(number, answered)[number] - answered) / np.where(others > 0, others, 1)
    design = np.column_stack([np.ones(len(y)), x, share])
    precision = np.full(design.shape[1], _PRIOR_SD**-2)
    precision[0] = _PRIOR_SD_OF_INTERCEPT**-2
    pairs = known & (others > 0)
    people = [np.bincount(rng.integers(n_people, size=n_people), minlength=n_people) for _ in range(imputations)]
    drawn = np.array(people, dtype=float)[:, number]
    alone, reason = fit_logistic(design[known, :-1], y[known], drawn[:, known], precision[:-1])
    beside, why = np.column_stack([alone, np.zeros(imputations)]), reason
    if pairs.any():
        beside, why = fit_logistic(design[pairs], y[pairs], drawn[:, pairs], precision)
    for one in filter(None, [*reason, *why]):
        raise NotEstimableError(one)
    return alone, beside


def _rate(
    y: np.ndarray,
    filled: np.ndarray | None,
    number: np.ndarray,
    where: np.ndarray,
    own: np.ndarray,
    confidence: float,
) -> tuple[ArrayLike, ...]:
    """Return the rate of one group, its limits, its missing share and its people with a responder, for each tilt."""
    missing = np.isnan(y)
    if not own.any() or (missing[own].any() and filled is None):
        return (math.nan,) * 5
    people, person = np.unique(number[own], return_inverse=True)
    m, x = np.bincount(person), np.bincount(person, np.nan_to_num(y[own])).astype(int)
    clinic = _clinics(person, where[own], missing[own])
    if filled is None or not missing[own].any():
        sums = _sums(x, m)
        by_clinic = None if clinic is None else (clinic.T @ np.nan_to_num(y[own]), clinic.sum(axis=0))
        limits = (
            clinic_wilson(sums, *by_clinic, confidence) if by_clinic else clustered_wilson_from_sums(sums, confidence)
        )
        return observed_rate(sums), *np.ravel(limits), 0.0, float((x > 0).sum())
    # People without a missing hip are the same in all imputations; the sums over them are added to those of the rest.
    hips = np.flatnonzero(own[missing])
    whose = np.searchsorted(people, number[missing][hips])
    order = np.argsort(whose, kind="stable")
    open_people, starts = np.unique(whose[order], return_index=True)
    drawn = np.add.reduceat(filled[..., hips[order]], starts, axis=-1, dtype=int) + x[open_people]
    closed = np.setdiff1d(np.arange(len(people)), open_people)
    parts = zip(_sums(x[closed], m[closed]), _sums(drawn, m[open_people]), strict=True)
    both = ClusterSums(*[np.add(alike, varying) for alike, varying in parts])
    by_clinic = None
    if clinic is not None:
        responders = filled[..., hips] @ clinic[missing[own]] + clinic.T @ np.nan_to_num(y[own])
        by_clinic = responders, clinic.sum(axis=0)
    pooled = pool_rates(both, confidence, by_clinic)
    people_with = (x[closed] > 0).sum() + (drawn > 0).sum(axis=-1).mean(axis=-1)
    return *pooled, people_with


def _clinics(person: np.ndarray, where: np.ndarray, missing: np.ndarray) -> np.ndarray | None:
    """Return a column of 0 and 1 for each clinic where these are the clusters, as they are for the known hips."""
    known = np.unique(person[~missing], return_inverse=True)[1]
    if outer_clusters(known, where[~missing]).clustered_by == "person":
        return None
    clinic = outer_clusters(person, where).clinic[person]
    return (clinic[:, None] == np.unique(clinic)).astype(float)


def _sums(x: np.ndarray, m: np.ndarray) -> ClusterSums:
    """Return the sums over people of whom x of m hips responded; x may have further axes before that of people."""
    return ClusterSums(len(m), m.sum(), x.sum(axis=-1), m @ m, (x**2).sum(axis=-1), x @ m)
