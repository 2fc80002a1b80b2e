"""Degrees gained: the later reading of two groups of hips, adjusted for the earlier one."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtr

from analysis.stats.clusters import outer_clusters
from analysis.stats.intervals import NO_INTERVAL, Interval, normal_quantile, t_quantile
from analysis.stats.labels import numbered
from analysis.stats.least_squares import clustered_coefficient

_COLUMNS = 3  # ones, group, earlier reading
_FOLLOWS = "groups cannot be told from what else is made alike"


class AncovaResult(NamedTuple):
    """Adjusted difference in degrees; numbers are NaN when `reason` says why there is none."""

    difference: float
    """Later reading of hips in the group minus the others, at the same earlier reading."""
    interval: Interval
    p_value: float
    baseline_slope: float
    """Later degrees for each earlier degree: 1 if all gained alike, less if low readings gained more."""
    n_hips: int
    n_people: int
    reason: str
    """Why there is no estimate; empty when there is one."""


def ancova(
    before: ArrayLike,
    after: ArrayLike,
    in_group: ArrayLike,
    person: ArrayLike,
    clinic: ArrayLike | None = None,
    others: ArrayLike | None = None,
    confidence: float = 0.95,
) -> AncovaResult:
    """Compare the later reading of two groups of hips at the same earlier reading.

    Least squares of the later reading on group, earlier reading and what else is given, clustered by person, by clinic
    from 5 clinics on: CR2 with Satterthwaite's degrees of freedom, see
    :func:`analysis.stats.least_squares.clustered_coefficient`.

    Parameters
    ----------
    before, after : array_like of float, shape (hips,)
        Earlier and later reading; a hip without one of them is left out.
    in_group : array_like of bool, shape (hips,)
        Whether the hip belongs to the group whose difference is asked for.
    person : array_like, shape (hips,)
        Whose hip it is.
    clinic : array_like, shape (hips,), optional
        Where it was treated; missing where that is not recorded.
    others : array_like of float, shape (hips, columns), optional
        What else is made alike, such as a column of 0 and 1 for each class but the first; known of every hip.
    confidence : float, default 0.95
        Confidence level.

    Returns
    -------
    AncovaResult
        With a `reason` in place of numbers when a group has hips of fewer than 2 people, there are no more people
        than columns, the earlier readings do not vary within the groups, the groups follow from what else is made
        alike, one person or clinic alone tells the groups apart, or the readings leave no scatter.

    Raises
    ------
    ValueError
        If the arrays differ in shape, `in_group` holds anything but 0 and 1, a reading is infinite, a person
        is missing, or `confidence` is not between 0 and 1.

    References
    ----------
    Vickers AJ, Altman DG (2001). BMJ 323:1123-1124. Pustejovsky JE, Tipton E (2018). J Bus Econ
    Stat 36:672-683.

    Examples
    --------
    >>> result = ancova([10, 12, 14, 16, 18, 20], [14, 18, 17, 22, 20, 27], [0, 1, 0, 1, 0, 1], [1, 2, 3, 4, 5, 6])
    >>> round(result.difference, 2), round(result.baseline_slope, 2)
    (3.46, 0.94)
    """
    normal_quantile(confidence)  # refuses what is not a confidence level
    known, group, label = _measured(before, after, in_group, person)
    earlier, later = (np.asarray(column, dtype=float)[known] for column in (before, after))
    more = np.empty((len(known), 0)) if others is None else np.asarray(others, dtype=float)
    design = np.column_stack([np.ones(len(later)), group, earlier, more[known]])
    cluster = outer_clusters(label, None if clinic is None else np.asarray(clinic, dtype=object)[known])
    n_people = len(np.unique(label))
    if reason := _why_not_estimable(design, label, cluster.of_person[label]):
        return AncovaResult(math.nan, NO_INTERVAL, math.nan, math.nan, len(label), n_people, reason)
    difference, error, degrees = clustered_coefficient(later, design, cluster.of_person[label], 1)
    slope = clustered_coefficient(later, design, label, 2).estimate
    if not error > 0:
        alone = f"one {cluster.clustered_by} alone tells the groups apart"
        reason = alone if math.isnan(error) else "the readings leave no scatter between people to judge by"
        return AncovaResult(math.nan, NO_INTERVAL, math.nan, math.nan, len(label), n_people, reason)
    half = float(t_quantile(confidence, degrees)) * error
    interval = Interval(difference - half, difference + half)
    p_value = float(2 * stdtr(degrees, -abs(difference) / error))
    return AncovaResult(difference, interval, p_value, slope, len(label), n_people, "")


def _measured(
    before: ArrayLike, after: ArrayLike, in_group: ArrayLike, person: ArrayLike
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return which hips have both readings, and of these the group and the person, numbered from 0."""
    earlier, later, group = (np.asarray(column, dtype=float) for column in (before, after, in_group))
    label = numbered(person)
    if earlier.ndim != 1 or not earlier.shape == later.shape == group.shape == label.shape:
        raise ValueError(
            "need one entry per hip in every array; the shapes of before, after, in_group and person are "
            f"{earlier.shape}, {later.shape}, {group.shape} and {label.shape}"
        )
    if not np.isin(group, (0, 1)).all():
        raise ValueError("in_group must be 0 or 1; leave out hips whose group is not known")
    known = ~np.isnan(earlier) & ~np.isnan(later)
    if not (np.isfinite(earlier[known]).all() and np.isfinite(later[known]).all()):
        raise ValueError("a reading is infinite; one that was not taken is NaN")
    return known, group[known], numbered(label[known])


def _why_not_estimable(design: np.ndarray, label: np.ndarray, cluster: np.ndarray) -> str:
    members = [design[:, 1] == own for own in (1, 0)]
    for name, member in zip(("the group", "the other group"), members, strict=True):
        if len(np.unique(label[member])) < 2:
            return f"{name} has hips of fewer than 2 people"
    if len(np.unique(label)) <= design.shape[1]:
        return f"fewer than {design.shape[1] + 1} people"
    if np.linalg.matrix_rank(design) < design.shape[1]:
        alone = design.shape[1] == _COLUMNS or np.linalg.matrix_rank(design[:, :_COLUMNS]) < _COLUMNS
        return f"the {'earlier readings do not vary within the groups' if alone else _FOLLOWS}"
    if min(len(np.unique(cluster[member])) for member in members) < 2:
        return "one of the groups has hips of one clinic only"
    return ""
