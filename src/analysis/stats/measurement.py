"""Measurement error: from reliability, and to the smallest change that exceeds it."""

import math

from analysis.stats.intervals import normal_quantile


def sem_from_icc(sd: float, icc: float) -> float:
    """Return the standard error of measurement, SD·√(1 - ICC).

    Parameters
    ----------
    sd : float
        Standard deviation of the readings between hips, in the measure's unit.
    icc : float
        Intraclass correlation of repeated readings, 0 to 1.

    Returns
    -------
    float
        In the unit of `sd`.

    Raises
    ------
    ValueError
        If `sd` is negative, or `icc` lies outside 0 to 1.

    References
    ----------
    Weir JP (2005). J Strength Cond Res 19:231-240.

    Examples
    --------
    >>> round(sem_from_icc(sd=8.0, icc=0.91), 6)
    2.4
    """
    if not sd >= 0:
        raise ValueError(f"a standard deviation cannot be negative; it is {sd}")
    if not 0 <= icc <= 1:
        raise ValueError(f"the intraclass correlation must lie between 0 and 1; it is {icc}")
    return sd * math.sqrt(1 - icc)


def minimal_detectable_change(sem: float, confidence: float = 0.95) -> float:
    """Return the change that measurement error alone exceeds, up or down, only 1 - `confidence` of the time.

    Parameters
    ----------
    sem : float
        Standard error of measurement of one reading.
    confidence : float, default 0.95
        0.95 gives the MDC95, 0.90 the MDC90.

    Returns
    -------
    float
        z·√2·SEM, in the unit of `sem`: two readings, each with its error.

    Raises
    ------
    ValueError
        If `sem` is negative, or `confidence` is not between 0 and 1.

    References
    ----------
    Weir JP (2005). J Strength Cond Res 19:231-240.

    Examples
    --------
    >>> round(minimal_detectable_change(3.0), 1)
    8.3
    """
    if not sem >= 0:
        raise ValueError(f"a standard error of measurement cannot be negative; it is {sem}")
    return normal_quantile(confidence) * math.sqrt(2) * sem
