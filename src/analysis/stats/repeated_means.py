"""Means of repeated readings, such as of groups at visits, and their differences, from one mixed model of them all."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from analysis.stats.clusters import outer_clusters
from analysis.stats.intervals import NO_INTERVAL, Interval, t_quantile
from analysis.stats.labels import numbered
from analysis.stats.least_squares import Coefficient, clustered_combinations
from analysis.stats.mixed_model import fit_mixed_model


class Combination(NamedTuple):
    """A mean, or a difference of means; NaN where a mean in it cannot be told."""

    value: float
    interval: Interval


class RepeatedMeans(NamedTuple):
    """What was asked of the means, and the model behind it."""

    combinations: list[Combination]
    told: np.ndarray
    """Which means can be told: those of cells in which at least 2 clusters have readings."""
    deviations: dict[str, float]
    """Standard deviation between clinics, people, hips and readings of one hip, where the model has such a level."""
    clustered_by: str
    """``"clinic"`` or ``"person"``."""
    cluster_note: str
    reason: str
    """Why nothing can be told; empty when something can."""


def repeated_means(
    readings: ArrayLike,
    cell: ArrayLike,
    hip: ArrayLike,
    person: ArrayLike,
    clinic: ArrayLike | None = None,
    asked: ArrayLike | None = None,
    confidence: float = 0.95,
) -> RepeatedMeans:
    """Estimate the mean of every cell, such as a group at a visit, where hips are read more than once.

    Parameters
    ----------
    readings : array_like of float, shape (readings,)
        Readings that were taken; none is NaN.
    cell : array_like of int, shape (readings,)
        Which mean the reading belongs to, from 0, each occurring.
    hip, person : array_like, shape (readings,)
        Of which hip, and of whom; the hips of two people have different names.
    clinic : array_like, shape (readings,), optional
        Where the person was treated; missing where that is not recorded.
    asked : array_like of float, shape (answers, cells), optional
        How often each mean is taken for each answer; left out, each mean by itself.
    confidence : float, default 0.95
        Confidence level.

    Returns
    -------
    RepeatedMeans
        With a `reason` where no cell has 2 clusters or the model cannot be fitted, see
        :func:`analysis.stats.mixed_model.fit_mixed_model`. An answer without scatter has no interval.

    Raises
    ------
    ValueError
        If a reading is NaN or infinite, the arrays differ in shape, or a hip, person or cell is missing.

    Notes
    -----
    Hips, people and, where there are at least 5, clinics are random intercepts; a level that divides the readings as
    another does is left out. The intervals are CR2 with Satterthwaite's degrees of freedom under the fitted model, by
    clinic or else by person: they hold where variances and correlations are not the model's, too.

    References
    ----------
    Pustejovsky JE, Tipton E (2018). J Bus Econ Stat 36:672-683.

    Examples
    --------
    >>> found = repeated_means([10.0, 14, 20, 23, 12, 17], [0, 1, 0, 1, 0, 1], [1, 1, 2, 2, 3, 3], [1, 1, 2, 2, 3, 3],
    ...                        asked=[[1, 0], [-1, 1]])
    >>> [(round(one.value, 2), round(one.interval.low, 2)) for one in found.combinations]
    [(14.0, 0.86), (4.0, 1.52)]
    """
    known, label, people = np.asarray(readings, dtype=float), numbered(cell, "cell"), numbered(person)
    if not known.shape == label.shape == people.shape == np.shape(hip):
        raise ValueError("need one entry per reading in every array")
    if not np.isfinite(known).all():
        raise ValueError("a reading is missing or infinite; leave it out")
    combinations = np.eye(int(label.max(initial=-1)) + 1) if asked is None else np.asarray(asked, dtype=float)
    clusters = outer_clusters(people, clinic)
    cluster = clusters.of_person[people]
    told = np.array([len(np.unique(cluster[label == one])) > 1 for one in range(combinations.shape[1])], dtype=bool)
    said = clusters.clustered_by, clusters.note
    nothing = [Combination(math.nan, NO_INTERVAL)] * len(combinations)
    if not told.any():
        few = f"fewer than 2 {'clinics' if said[0] == 'clinic' else 'people'} were read at any visit"
        return RepeatedMeans(nothing, told, {}, *said, few)
    rows = told[label]
    levels = _levels(numbered(hip, "hip")[rows], people[rows], cluster[rows] if said[0] == "clinic" else None)
    design = np.eye(len(told))[label[rows]][:, told]
    fit = fit_mixed_model(known[rows], design, list(levels.values()))
    if fit.reason:
        return RepeatedMeans(nothing, told, {}, *said, fit.reason)
    answers = clustered_combinations(fit.outcome, fit.design, numbered(cluster[rows]), combinations[:, told])
    asks_more = (combinations[:, ~told] != 0).any(axis=1)
    found = [
        nothing[0] if more else _with_interval(answer, confidence)
        for answer, more in zip(answers, asks_more, strict=True)
    ]
    deviations = dict(zip([*levels, "reading"], np.sqrt(fit.components).tolist(), strict=True))
    return RepeatedMeans(found, told, deviations, *said, "")


def _levels(hip: np.ndarray, person: np.ndarray, clinic: np.ndarray | None) -> dict[str, np.ndarray]:
    """Return the levels that differ from the one before, from the finest, with their groups numbered."""
    levels = {"hip": numbered(hip)}
    for name, groups in {"person": person, "clinic": clinic}.items():
        if groups is not None and len(np.unique(groups)) < [*levels.values()][-1].max() + 1:
            levels[name] = numbered(groups)
    return levels


def _with_interval(answer: Coefficient, confidence: float) -> Combination:
    if not answer.standard_error > 0:
        return Combination(answer.estimate, NO_INTERVAL)
    half = float(t_quantile(confidence, answer.degrees_of_freedom)) * answer.standard_error
    return Combination(answer.estimate, Interval(answer.estimate - half, answer.estimate + half))
