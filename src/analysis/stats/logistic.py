"""Logistic regression with weights, many at once, as imputation needs it."""

import numpy as np
from scipy.special import expit

_MAX_ITERATIONS = 50
_TOLERANCE = 1e-9
_LARGEST_LINEAR_PREDICTOR = 30.0  # beyond it a fitted probability is 0 or 1 but for 1e-13


def fit_logistic(
    design: np.ndarray, outcome: np.ndarray, weights: np.ndarray, precision: np.ndarray | float = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    """Fit one logistic regression for each row of weights, all at once, by Newton's method.

    Parameters
    ----------
    design : ndarray of float, shape (hips, columns)
        With a column of ones if an intercept is wanted.
    outcome : ndarray of float, shape (hips,)
        0 or 1.
    weights : ndarray of float, shape (fits, hips)
        How often each hip counts in each fit; 0 leaves it out.
    precision : ndarray of float, shape (columns,), or float, default 0
        One over the variance of a normal prior of each coefficient about 0. Above 0 there is always a
        finite answer, so that imputation does not end where hips are told apart perfectly.

    Returns
    -------
    ndarray of float, shape (fits, columns)
        Log odds ratios; NaN where there is no estimate.
    ndarray of str, shape (fits,)
        Why there is none: columns that determine each other, an outcome that the columns predict perfectly, or so
        nearly that a fitted probability comes within 1e-13 of 0 or 1, or no convergence. Empty where there is one.
    """
    columns = design.shape[1]
    coefficients = np.zeros((len(weights), columns))
    reason = np.full(len(weights), "a logistic regression did not converge", dtype=object)
    products = (design[:, :, None] * design[:, None, :]).reshape(len(design), columns**2)
    may_be_singular = np.min(precision) <= 0  # with a prior on every coefficient it never is
    left = np.arange(len(weights))  # the fits that go on
    for _ in range(_MAX_ITERATIONS):
        predictor, counts = coefficients[left] @ design.T, weights[left]
        extreme = np.abs(np.where(counts > 0, predictor, 0.0)).max(axis=1, initial=0) > _LARGEST_LINEAR_PREDICTOR
        probability = expit(predictor)
        score = (counts * (outcome - probability)) @ design - precision * coefficients[left]
        spread = counts * probability * (1 - probability)
        information = (spread @ products).reshape(-1, columns, columns) + precision * np.eye(columns)
        singular = np.zeros(len(left), bool)
        if may_be_singular:
            singular = ~extreme & ~(np.linalg.cond(information) < 1 / np.finfo(float).eps)
        reason[left[extreme]] = "all hips of a kind did alike, or nearly so, which leaves no odds ratio"
        reason[left[singular]] = "the columns of a model determine each other"
        go = ~extreme & ~singular
        left = left[go]
        step = np.linalg.solve(information[go], score[go][:, :, None])[:, :, 0]
        coefficients[left] += step
        there = np.abs(step).max(axis=1) < _TOLERANCE
        reason[left[there]] = ""
        left = left[~there]
        if not len(left):
            break
    coefficients[reason != ""] = np.nan
    return coefficients, reason
