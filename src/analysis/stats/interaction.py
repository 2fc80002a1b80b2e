"""Whether left against right differs between groups of hips, such as stretch types."""

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import fdtrc

from analysis.stats.clusters import outer_clusters
from analysis.stats.gee import degrees_of, refuse_faulty_hips
from analysis.stats.gee_cells import (
    Cells,
    bias_reduced_covariance,
    count_cells,
    fit,
    why_not_estimable,
)
from analysis.stats.intervals import NO_INTERVAL, Interval, NotEstimableError, t_quantile
from analysis.stats.labels import any_missing, numbered

_SMALLEST_VARIANCE = 1e-14  # rounding leaves this much of one that is exactly 0


class SideDifference(NamedTuple):
    """Left minus right rate in one group; NaN when `reason` says why there is none."""

    group: str
    difference: float
    interval: Interval
    reason: str


class InteractionResult(NamedTuple):
    """Whether the differences between sides differ between groups."""

    groups: tuple[SideDifference, ...]
    """One entry per group, in order of its label; those with a reason are not part of the test."""
    f_statistic: float
    """Wald statistic over its degrees of freedom; NaN when `reason` says why there is none."""
    degrees_of_freedom: tuple[int, int]
    """Groups tested less one, and clusters less two per group tested."""
    p_value: float
    correlation: float
    """Working correlation between hips of one person."""
    reason: str
    """Why there is no test; empty when there is one."""
    clustered_by: str
    """``"person"`` or ``"clinic"``; empty when there is no estimate at all."""


def side_by_group(
    outcome: ArrayLike,
    is_left: ArrayLike,
    group: ArrayLike,
    person: ArrayLike,
    clinic: ArrayLike | None = None,
    confidence: float = 0.95,
) -> InteractionResult:
    """Estimate left minus right in each group, and test whether it is the same in all.

    One GEE with a rate for each side of each group: as `gee_difference`, its covariance, clusters and
    quantiles included. The test is Wald's on the differences between rates, referred to the F distribution with
    clusters less two per group as its second degrees of freedom.

    Parameters
    ----------
    outcome, is_left : array_like of bool, shape (hips,)
        Whether the hip responded, and whether it is a left hip.
    group : array_like, shape (hips,)
        The hip's group, not missing; the two hips of a person may differ.
    person : array_like, shape (hips,)
        Whose hip it is.
    clinic : array_like, shape (hips,), optional
        Where the person was treated.
    confidence : float, default 0.95
        Confidence level.

    Returns
    -------
    InteractionResult
        A group with a side without hips, with everyone or no one responding, or with hips of one cluster
        only is left out with its reason; fewer than two groups, or too few clusters, leave no test.

    Raises
    ------
    ValueError
        If the arrays differ in shape, `outcome` or `is_left` holds anything but 0 and 1, a group or a person
        is missing, or `confidence` is not between 0 and 1.

    References
    ----------
    Liang KY, Zeger SL (1986). Biometrika 73:13-22. Mancl LA, DeRouen TA (2001). Biometrics 57:126-134.

    Examples
    --------
    >>> hips = [(1, 1), (1, 0), (1, 1), (0, 0), (0, 1), (0, 0), (0, 1), (1, 0)] * 3
    >>> outcome, is_left = zip(*hips)
    >>> result = side_by_group(outcome, is_left, ["T1", "T1", "T2", "T2"] * 6, [n // 2 for n in range(24)])
    >>> [(g.group, round(g.difference, 2)) for g in result.groups], result.degrees_of_freedom
    ([('T1', 0.0), ('T2', 0.0)], (1, 8))
    """
    hips = _validated(outcome, is_left, group, person, clinic)
    names, why_not = _left_out(hips)
    tested = [name for name in names if not why_not[name]]
    try:
        fitted = _fit(hips.of_groups(tested), tested)
    except NotEstimableError as error:
        nothing = tuple(SideDifference(str(n), math.nan, NO_INTERVAL, why_not[n] or str(error)) for n in names)
        return InteractionResult(nothing, math.nan, (0, 0), math.nan, math.nan, str(error), "")
    half_width = t_quantile(confidence, fitted.of_differences) * np.sqrt(np.maximum(np.diag(fitted.covariance), 0))
    estimates = {
        name: SideDifference(str(name), float(d), Interval(max(float(d - h), -1.0), min(float(d + h), 1.0)), "")
        for name, d, h in zip(tested, fitted.differences, half_width, strict=True)
    }
    groups = tuple(
        estimates.get(name, SideDifference(str(name), math.nan, NO_INTERVAL, why_not[name])) for name in names
    )
    statistic, reason = _wald(fitted)
    p_value = float(fdtrc(*fitted.degrees, statistic))
    return InteractionResult(
        groups, statistic, fitted.degrees, p_value, fitted.correlation, reason, fitted.clustered_by
    )


class _Hips(NamedTuple):
    """One entry per hip."""

    responded: np.ndarray
    left: np.ndarray
    group: np.ndarray
    person: np.ndarray
    clinic: np.ndarray | None

    def of_groups(self, names: list[Any]) -> "_Hips":
        kept = np.isin(self.group, names)
        clinic = None if self.clinic is None else self.clinic[kept]
        return _Hips(self.responded[kept], self.left[kept], self.group[kept], self.person[kept], clinic)

    def cells(self, names: list[Any]) -> tuple[Cells, np.ndarray, str]:
        """Return the counts per person and cell (the left and right of each group), and the clusters."""
        number = numbered(self.person)
        cell = 2 * np.searchsorted(names, self.group) + (self.left == 0)
        clusters = outer_clusters(number, self.clinic)
        cells = count_cells(self.responded, cell, 2 * len(names), number)
        return cells, clusters.of_person, clusters.clustered_by


class _Fitted(NamedTuple):
    differences: np.ndarray
    covariance: np.ndarray
    of_differences: np.ndarray
    """Degrees of freedom of each difference."""
    degrees: tuple[int, int]
    """Those of the test."""
    correlation: float
    clustered_by: str


def _validated(
    outcome: ArrayLike, is_left: ArrayLike, group: ArrayLike, person: ArrayLike, clinic: ArrayLike | None
) -> _Hips:
    responded, left, label = np.asarray(outcome), np.asarray(is_left), np.asarray(person)
    refuse_faulty_hips(responded, left, label)
    if np.shape(group) != label.shape:
        raise ValueError(f"need one group per hip; the shapes are {np.shape(group)} and {label.shape}")
    if any_missing(np.asarray(group)):
        raise ValueError("a group is missing; leave out hips whose group is not known, or name it")
    return _Hips(responded, left, np.asarray(group), label, None if clinic is None else np.asarray(clinic))


def _left_out(hips: _Hips) -> tuple[list[Any], dict[Any, str]]:
    """Return the groups in order, and for each why it has no estimate, empty if it has.

    Those that remain are looked at again: without the hips left out, people may be clustered by clinic that
    were not before.
    """
    names = list(np.unique(hips.group))
    why_not = dict.fromkeys(names, "")
    while kept := [name for name in names if not why_not[name]]:
        cells, cluster, clustered_by = hips.of_groups(kept).cells(kept)
        found = {
            name: why_not_estimable(cells, 2 * k, cluster, "left hip", clustered_by)
            or why_not_estimable(cells, 2 * k + 1, cluster, "right hip", clustered_by)
            for k, name in enumerate(kept)
        }
        if not any(found.values()):
            break
        why_not |= found
    return names, why_not


def _fit(hips: _Hips, names: list[Any]) -> _Fitted:
    if not names:
        raise NotEstimableError("no group has an estimate")
    cells, cluster, clustered_by = hips.cells(names)
    degrees = len(names) - 1, int(cluster.max()) + 1 - 2 * len(names)
    if degrees[1] < 1:
        clusters = {"person": "people", "clinic": "clinics"}[clustered_by]
        raise NotEstimableError(f"too few {clusters} for the number of groups")
    rates, correlation = fit(cells)
    contrast = np.kron(np.eye(len(names)), [1, -1])
    covariance = bias_reduced_covariance(cells, rates, correlation, cluster)
    return _Fitted(
        contrast @ rates,
        contrast @ covariance.of_rates @ contrast.T,
        np.array([degrees_of(covariance, difference) for difference in contrast]),
        degrees,
        correlation,
        clustered_by,
    )


def _wald(fitted: _Fitted) -> tuple[float, str]:
    """Return the F statistic that all differences are equal, or NaN and the reason there is none."""
    if fitted.degrees[0] < 1:
        return math.nan, "only one group has an estimate"
    against_first = np.column_stack([-np.ones(fitted.degrees[0]), np.eye(fitted.degrees[0])])
    contrast, covariance = against_first @ fitted.differences, against_first @ fitted.covariance @ against_first.T
    if np.linalg.matrix_rank(covariance, tol=_SMALLEST_VARIANCE, hermitian=True) < fitted.degrees[0]:
        return math.nan, "both hips agree in everyone of a group, which leaves no standard error"
    return float(contrast @ np.linalg.solve(covariance, contrast)) / fitted.degrees[0], ""
