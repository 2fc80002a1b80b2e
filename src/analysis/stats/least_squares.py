"""Least squares of hips whose errors are alike within a person or a clinic, sound with few of these."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

_SMALLEST_EIGENVALUE = 1e-9  # below it a cluster's residuals say nothing of its errors
_ROUNDING = 1e-11  # what rounding leaves of a standard error of 0, as a share of the terms of the coefficient


class Coefficient(NamedTuple):
    """One coefficient with its standard error, which is NaN with its degrees of freedom where it cannot be had."""

    estimate: float
    standard_error: float
    degrees_of_freedom: float


def clustered_coefficient(outcome: np.ndarray, design: np.ndarray, cluster: np.ndarray, column: int) -> Coefficient:
    """Return one coefficient of a least squares fit with a covariance clustered by person or clinic.

    The covariance is CR2, unbiased where errors are independent and alike, and t has Satterthwaite's degrees of
    freedom under that same model: with one observation per cluster and no other column it is Student's t test of
    a mean, with two groups of equal size that of their difference.

    Parameters
    ----------
    outcome : ndarray of float, shape (hips,)
        What is explained.
    design : ndarray of float, shape (hips, columns)
        Of full column rank.
    cluster : ndarray of int, shape (hips,)
        Number of each hip's cluster, from 0, each occurring.
    column : int
        Whose coefficient is asked for.

    Returns
    -------
    Coefficient
        Without standard error where one cluster alone tells the coefficient from the others, or there is only one;
        with one of exactly 0 where the clusters leave no scatter but rounding.

    References
    ----------
    Bell RM, McCaffrey DF (2002). Surv Methodol 28:169-181. Pustejovsky JE, Tipton E (2018). J Bus Econ Stat
    36:672-683.

    Examples
    --------
    >>> y, ones = np.array([3.0, 5.0, 4.0, 8.0]), np.ones((4, 1))
    >>> mean = clustered_coefficient(y, ones, np.arange(4), 0)
    >>> round(mean.estimate, 3), round(mean.standard_error, 3), round(mean.degrees_of_freedom, 3)
    (5.0, 1.08, 3.0)
    """
    bread = np.linalg.inv(design.T @ design)
    coefficients = bread @ (design.T @ outcome)
    residual = outcome - design @ coefficients
    weight = design @ bread[:, column]  # what each outcome adds to the coefficient
    n_clusters = int(cluster.max()) + 1
    # With A = (1 - H)^(-1/2) of each cluster: a = A·weight; score = a·residual; length = a·a; pull = design'·a.
    score, length, pull = np.empty(n_clusters), np.empty(n_clusters), np.empty((n_clusters, design.shape[1]))
    for numbers, rows in _clusters_of_each_size(cluster):
        own = design[rows]
        values, vectors = np.linalg.eigh(np.eye(rows.shape[1]) - own @ bread @ own.swapaxes(1, 2))
        if values.min() < _SMALLEST_EIGENVALUE:
            return Coefficient(float(coefficients[column]), np.nan, np.nan)
        turned = np.einsum("cji,cj->ci", vectors, weight[rows]) / np.sqrt(values)
        adjusted = np.einsum("cij,cj->ci", vectors, turned)
        score[numbers] = np.sum(adjusted * residual[rows], axis=1)
        length[numbers] = np.sum(adjusted**2, axis=1)
        pull[numbers] = np.einsum("cik,ci->ck", own, adjusted)
    # The scores of clusters g and h covary as g = h ? length : 0, less pull_g'·bread·pull_h: one residual moves all.
    shared, mixed = bread @ (pull.T @ pull), np.sum((pull @ bread) * pull, axis=1)
    trace = length.sum() - mixed.sum()
    of_square = np.sum(length**2 - 2 * length * mixed) + np.sum(shared * shared.T)
    error = float(np.sqrt(score @ score))
    if error <= _ROUNDING * float(np.abs(weight) @ np.abs(outcome)):
        return Coefficient(float(coefficients[column]), 0.0, np.nan)
    return Coefficient(float(coefficients[column]), error, float(trace**2 / of_square))


def _clusters_of_each_size(cluster: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield the numbers of the clusters of one size and, along them, the rows of each."""
    order, sizes = np.argsort(cluster, kind="stable"), np.bincount(cluster)
    first = np.cumsum(sizes) - sizes
    for size in np.unique(sizes):
        numbers = np.flatnonzero(sizes == size)
        yield numbers, order[first[numbers][:, None] + np.arange(size)]
