"""Regression to the mean: how much hips with low readings gain with nothing done."""

import numpy as np
from numpy.typing import ArrayLike


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


def expected_change(before: ArrayLike, mean: float, reliability: ArrayLike) -> np.ndarray:
    """Return the change that regression to the mean alone is expected to give each hip.

    (1 - ρ)·(μ - first reading). Its average over a group chosen in any way, by a cut-off or as a stretch type, is
    what the group is expected to gain with nothing done; below a cut-off that is Davis' and Barnett's
    σ(1 - ρ)·φ(z)/(1 - Φ(z)).

    Parameters
    ----------
    before : array_like of float, shape (hips,)
        First readings; NaN gives NaN.
    mean : float
        Mean μ of first readings in the whole cohort, before anyone was chosen.
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
    return (1 - rho) * (mean - np.asarray(before, dtype=float))
