"""Regression to the mean: how much hips with low readings gain with nothing done."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr


class OtherHip(NamedTuple):
    """First readings of the other hips of the same people, the mean of their side, and how alike two hips read."""

    reading: np.ndarray
    mean: np.ndarray
    correlation: float


class Pull(NamedTuple):
    """What regression to the mean alone is expected to change, and the SD of the next reading around that."""

    change: np.ndarray
    spread: np.ndarray


def pull_to_mean(
    before: ArrayLike,
    sem: float,
    step: float,
    mean: ArrayLike,
    variance: float,
    other: OtherHip | None = None,
) -> Pull:
    """Return what the next reading of each unchanged hip is expected to be, given the first readings of the person.

    The true values of a person's two hips are normal and correlated, so the other hip's reading tells of this one too:
    the level of the two is pulled towards the mean by its share of error, and their difference by its own, which is
    larger. Who was chosen by first readings is pulled alike; the choice is a matter of the mean and variance alone.

    Parameters
    ----------
    before : array_like of float, shape (hips,)
        First readings; NaN gives NaN.
    sem, step : float
        Standard error of measurement of one reading, and what readings are rounded to (0 for no rounding).
    mean : array_like of float
        Of first readings before anyone was chosen; one for all hips, or one for each.
    variance : float
        Of first readings before anyone was chosen. The part that is error is SEM² + step²/12, at most all of it.
    other : OtherHip, optional
        A reading of NaN, or a correlation of NaN, leaves a hip to its own reading.

    Returns
    -------
    Pull
        In the unit of the readings; the spread is that before rounding.

    Raises
    ------
    ValueError
        If `sem` is not positive, or `step` or `variance` is negative.

    References
    ----------
    Davis CE (1976). Am J Epidemiol 104:493-498. Efron B (2011). J Am Stat Assoc 106:1602-1614 (selection on what is
    conditioned upon changes nothing).

    Examples
    --------
    >>> pull_to_mean([10.0, 14.0, 30.0], sem=5, step=0, mean=22.0, variance=100).change.tolist()
    [3.0, 2.0, -2.0]
    """
    first = np.asarray(before, dtype=float)
    alone = 1 - reliability_of(variance, sem, step)
    change, share = expected_change(first, np.asarray(mean, dtype=float), 1 - alone), np.full(first.shape, alone)
    error = sem**2 + step**2 / 12
    if other is not None and not np.isnan(other.correlation) and variance > 0:
        both = ~np.isnan(other.reading)
        level, apart = (min(1.0, error / variance / (1 + way * other.correlation)) for way in (1, -1))
        own, its = mean - first, other.mean - other.reading
        change = np.where(both, (level * (own + its) + apart * (own - its)) / 2, change)
        share = np.where(both, (level + apart) / 2, share)
    return Pull(change, np.sqrt(error * (1 - share) + sem**2))


def reliability_of(variance: float, sem: float, step: float = 0.0) -> float:
    """Return the share of the variance of readings that is not error: the correlation of two readings of a hip.

    Parameters
    ----------
    variance : float
        Of single readings between hips; NaN gives NaN.
    sem : float
        Standard error of measurement of one reading.
    step : float, default 0
        What readings are rounded to, an error of variance step²/12.

    Returns
    -------
    float
        0 to 1; 0 where the readings vary by no more than their error.

    Raises
    ------
    ValueError
        If `sem` is not positive, `step` or `variance` is negative, or `variance` is infinite.

    Examples
    --------
    >>> reliability_of(variance=100, sem=5)
    0.75
    """
    if not sem > 0 or step < 0 or variance < 0 or np.isinf(variance):
        raise ValueError(
            f"need a positive SEM, no step or variance below 0, none infinite; got {sem}, {step}, {variance}"
        )
    error = sem**2 + step**2 / 12
    true_variance = float(np.maximum(variance - error, 0))  # unlike max, keeps NaN
    return true_variance / (true_variance + error)


def expected_change(before: ArrayLike, mean: ArrayLike, reliability: ArrayLike) -> np.ndarray:
    """Return the change that regression to the mean alone is expected to give each hip.

    (1 - ρ)·(μ - first reading). Its average over a group chosen in any way, by a cut-off or as a stretch type, is
    what the group is expected to gain with nothing done; below a cut-off that is Davis' and Barnett's
    σ(1 - ρ)·φ(z)/(1 - Φ(z)).

    Parameters
    ----------
    before : array_like of float, shape (hips,)
        First readings; NaN gives NaN.
    mean : array_like of float
        Mean μ of first readings in the whole cohort, before anyone was chosen; one for all or one for each.
    reliability : array_like of float
        Correlation ρ of two readings of the same hip, 0 to 1; one for all or one for each.

    Returns
    -------
    ndarray of float, shape (hips,)
        In the unit of the readings; below 0 for a hip that started high.

    Raises
    ------
    ValueError
        If a reliability lies outside 0 to 1.

    References
    ----------
    Davis CE (1976). Am J Epidemiol 104:493-498. Barnett AG, van der Pols JC, Dobson AJ (2005). Int J
    Epidemiol 34:215-220.

    Examples
    --------
    >>> expected_change([10.0, 14.0, 30.0], mean=22.0, reliability=0.75).tolist()
    [3.0, 2.0, -2.0]
    """
    rho = np.asarray(reliability, dtype=float)
    if not np.all((rho >= 0) & (rho <= 1) | np.isnan(rho)):
        raise ValueError(f"the reliability must lie between 0 and 1; it is {rho}")
    return (1 - rho) * (np.asarray(mean, dtype=float) - np.asarray(before, dtype=float))


def mean_size(mean: ArrayLike, sd: float) -> np.ndarray:
    """Return the mean of the absolute value of normal variables: the folded normal distribution.

    Parameters
    ----------
    mean : array_like of float
        NaN gives NaN.
    sd : float
        Positive.

    References
    ----------
    Leone FC, Nelson LS, Nottingham RB (1961). Technometrics 3:543-550.

    Examples
    --------
    >>> mean_size([0.0, 10.0], sd=1).round(4).tolist()
    [0.7979, 10.0]
    """
    m = np.asarray(mean, dtype=float)
    return sd * np.sqrt(2 / np.pi) * np.exp(-((m / sd) ** 2) / 2) + m * (1 - 2 * ndtr(-m / sd))
