"""The smallest change that exceeds measurement error."""

import math

from analysis.stats.intervals import normal_quantile


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
