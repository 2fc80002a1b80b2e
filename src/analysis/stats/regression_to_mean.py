"""Regression to the mean: how much a group chosen for low readings gains with nothing done."""

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import log_ndtr


def regression_to_mean(mean: float, sd: float, reliability: float, cut: float, below: bool = True) -> float:
    """Return the expected gain of those whose reading lay beyond a cut, with no true change.

    σ(1 - ρ)·φ(z)/(1 - Φ(z)), z being the distance of the cut from the mean in standard deviations: with
    within-person variance σw² and between-person variance σb² that is σw²/√(σw² + σb²) times the same ratio.

    Parameters
    ----------
    mean, sd : float
        Of single readings in the population from which people were chosen.
    reliability : float
        Correlation ρ of two readings of the same hip, 0 to 1.
    cut : float
        Readings beyond it were chosen.
    below : bool, default True
        Whether low readings were chosen; otherwise high ones.

    Returns
    -------
    float
        In the unit of `sd`: how far the next reading is expected to move towards the mean, 0 or more.

    Raises
    ------
    ValueError
        If `sd` is not positive or `reliability` lies outside 0 to 1.

    References
    ----------
    Davis CE (1976). Am J Epidemiol 104:493-498. Barnett AG, van der Pols JC, Dobson AJ (2005). Int J
    Epidemiol 34:215-220.

    Examples
    --------
    >>> round(regression_to_mean(mean=60, sd=15, reliability=0.5, cut=40), 2)
    13.49
    """
    if not sd > 0:
        raise ValueError(f"the standard deviation must be positive; it is {sd}")
    _check_reliability(reliability)
    z = (mean - cut) / sd if below else (cut - mean) / sd
    density_over_tail = math.exp(-z * z / 2 - float(log_ndtr(-z))) / math.sqrt(2 * math.pi)
    return sd * (1 - reliability) * density_over_tail


def expected_gain(before: ArrayLike, mean: float, reliability: float) -> float:
    """Return the gain that regression to the mean alone gives a group, however it was chosen.

    (1 - ρ)·(μ - mean first reading): for a group chosen by a cut this estimates `regression_to_mean`, and
    it holds just as well for stretch types, whose cut-offs lie on several measures.

    Parameters
    ----------
    before : array_like of float, shape (hips,)
        First readings of the group; NaN is left out.
    mean : float
        Mean μ of first readings in the whole cohort, before anyone was chosen.
    reliability : float
        Correlation ρ of two readings of the same hip, 0 to 1.

    Returns
    -------
    float
        In the unit of the readings; below 0 for a group that started high, NaN without readings.

    Raises
    ------
    ValueError
        If `reliability` lies outside 0 to 1.

    References
    ----------
    Barnett AG, van der Pols JC, Dobson AJ (2005). Int J Epidemiol 34:215-220.

    Examples
    --------
    >>> round(expected_gain([10.0, 14.0, 12.0], mean=22.0, reliability=0.85), 2)
    1.5
    """
    _check_reliability(reliability)
    readings = np.asarray(before, dtype=float)
    readings = readings[~np.isnan(readings)]
    return float((1 - reliability) * (mean - readings.mean())) if len(readings) else math.nan


def _check_reliability(reliability: float) -> None:
    if not 0 <= reliability <= 1:
        raise ValueError(f"the reliability must lie between 0 and 1; it is {reliability}")
