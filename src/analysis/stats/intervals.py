"""What every interval in this package shares: its two limits, its quantile, and why there may be none."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri, stdtrit


class Interval(NamedTuple):
    """The two limits of a confidence interval; both are NaN where there is no interval."""

    low: float
    high: float


NO_INTERVAL = Interval(float("nan"), float("nan"))


class NotEstimableError(Exception):
    """Carries why an estimate cannot be had, in words for the reader; public functions return it beside NaN."""


def normal_quantile(confidence: float) -> float:
    """Return the two-sided standard normal quantile.

    Parameters
    ----------
    confidence : float
        Confidence level, between 0 and 1.

    Returns
    -------
    float
        The z for which a share `confidence` of the normal distribution lies in ±z.

    Raises
    ------
    ValueError
        If `confidence` is not strictly between 0 and 1.

    Examples
    --------
    >>> round(normal_quantile(0.95), 3)
    1.96
    """
    return float(ndtri(_upper_tail_start(confidence)))


def t_quantile(confidence: float, degrees_of_freedom: ArrayLike) -> np.ndarray:
    """Return the two-sided quantile of Student's t distribution.

    Parameters
    ----------
    confidence : float
        Confidence level, between 0 and 1.
    degrees_of_freedom : array_like of float
        Degrees of freedom; 0 and below give NaN.

    Returns
    -------
    ndarray of float
        One quantile per entry of `degrees_of_freedom`.

    Raises
    ------
    ValueError
        If `confidence` is not strictly between 0 and 1.

    Examples
    --------
    >>> t_quantile(0.95, [9, 29]).round(3).tolist()
    [2.262, 2.045]
    """
    return stdtrit(np.asarray(degrees_of_freedom, dtype=float), _upper_tail_start(confidence))


def _upper_tail_start(confidence: float) -> float:
    if not 0 < confidence < 1:
        raise ValueError(f"confidence must lie between 0 and 1, for example 0.95; it is {confidence}")
    return (1 + confidence) / 2
