"""Least squares of hips whose errors are alike within a person or a clinic, sound with few of these."""

from typing import NamedTuple

import numpy as np

_SMALLEST_EIGENVALUE = 1e-9  # below it a cluster's residuals say nothing of its errors
_ALONE = 1e-6  # a coefficient of which one cluster alone tells this share has no error
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
        that one alone tells another, such as a clinic its own level, does no harm;
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
    return clustered_combinations(outcome, design, cluster, np.eye(design.shape[1])[[column]])[0]


def clustered_combinations(
    outcome: np.ndarray, design: np.ndarray, cluster: np.ndarray, combinations: np.ndarray
) -> list[Coefficient]:
    """Return sums and differences of the coefficients of one fit, as :func:`clustered_coefficient` returns one.

    Parameters
    ----------
    outcome, design, cluster
        As there.
    combinations : ndarray of float, shape (answers, columns)
        How often each coefficient is taken for each answer: ``[-1, 0, 1]`` for the third less the first.

    Returns
    -------
    list of Coefficient
        One for each row, without standard error as there.

    Examples
    --------
    >>> group = np.array([0, 0, 0, 1, 1, 1])
    >>> readings = np.array([1.0, 2, 3, 4, 5, 9])
    >>> (more,) = clustered_combinations(readings, np.eye(2)[group], np.arange(6), np.array([[-1, 1]]))
    >>> round(more.estimate, 3), round(more.standard_error, 3), round(more.degrees_of_freedom, 3)
    (4.0, 1.633, 4.0)
    """
    coefficients = np.linalg.inv(design.T @ design) @ (design.T @ outcome)
    residual = outcome - design @ coefficients
    # In an orthonormal basis Q of the columns the hat matrix of a cluster is Q·Q', and all that is needed of it follows
    # from Q'Q, which is no larger than the design has columns, however large the cluster.
    basis, triangle = np.linalg.qr(design)
    rows = np.split(basis[np.argsort(cluster, kind="stable")], np.cumsum(np.bincount(cluster))[:-1])
    own = np.stack([part.T @ part for part in rows])
    shares, vectors = np.linalg.eigh(own)
    alone = shares > 1 - _SMALLEST_EIGENVALUE
    # What a cluster alone tells, such as the level of a clinic, leaves no residual (a pseudo-inverse).
    spread = 1 / np.sqrt(np.where(alone, 1, 1 - shares))
    answers = []
    for combination, estimate in zip(combinations, combinations @ coefficients, strict=True):
        asked = np.linalg.solve(triangle.T, combination)  # the answer is asked·Q'·outcome
        parts = asked @ vectors
        if np.any(np.abs(parts[alone]) > _ALONE * np.linalg.norm(asked)):
            answers.append(Coefficient(float(estimate), np.nan, np.nan))
            continue
        # a = (1 - H)^(-1/2)·Q·asked of each cluster is Q·turned; score = a·residual, length = a·a, pull = Q'a.
        turned = (vectors @ (parts * spread)[:, :, None])[:, :, 0]
        score = np.bincount(cluster, np.sum(basis * turned[cluster], axis=1) * residual)
        pull = (own @ turned[:, :, None])[:, :, 0]
        length, mixed = np.sum(turned * pull, axis=1), np.sum(pull**2, axis=1)
        # The scores of clusters g and h covary as g = h ? length : 0, less pull_g·pull_h: one residual moves all.
        trace = length.sum() - mixed.sum()
        of_square = np.sum(length**2 - 2 * length * mixed) + np.sum((pull.T @ pull) ** 2)
        error = float(np.sqrt(score @ score))
        none = error <= _ROUNDING * float(np.abs(basis @ asked) @ np.abs(outcome))
        freedom = np.nan if none else float(trace**2 / of_square)
        answers.append(Coefficient(float(estimate), 0.0 if none else error, freedom))
    return answers
