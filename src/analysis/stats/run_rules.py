"""Rules that tell signals on a chart over time from chance."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

_FALSE_ALARMS = ((11, 4), (40, 5), (60, 6))
"""Up to so many periods, and the percentage."""
_RATES = (0.1, 0.2, 0.3, 0.5, 0.7)
_DELAYS = {10: (0, 0, 0, 0, 18), 20: (0, 0, 0, 12, 8), 40: (0, 0, 14, 5, 2), 80: (0, 12, 8, 1, 1)}
"""By hips a period and rate: after how many periods at half of it half of the charts show a signal; 0 for over 24."""


class Signals(NamedTuple):
    """Per period of a chart whether it is part of a signal."""

    outside: np.ndarray
    """Beyond a limit."""
    shift: np.ndarray
    """One of so many in a row on the same side of the centre line."""

    @property
    def any(self) -> np.ndarray:
        """Whether a period is part of any signal."""
        return self.outside | self.shift


def shift_length(periods: int) -> int:
    """Return how many in a row on one side of the centre line make a shift in a chart of so many periods.

    Examples
    --------
    >>> [shift_length(periods) for periods in (8, 12, 24, 36)]
    [7, 7, 10, 12]
    """
    return max(7, round(7.2 + 3 * math.log2(max(periods, 1) / 12)))


def false_alarms(periods: int) -> int:
    """Return of how many in 100 stable charts of so many periods at most some period is part of a signal.

    Counted in simulated charts of 5 to 60 hips a period and rates of .05 to .9 (``benchmarks/charts.py``), the highest
    of each length, rounded up.
    """
    return next((highest for longest, highest in _FALSE_ALARMS if periods <= longest), 10)


def periods_until_seen(hips: float, rate: float) -> int | None:
    """Return after how many periods at half the rate every other chart shows a signal; None where not within 24.

    Counted in simulated charts after 12 and after 24 stable periods, the longer of the two (``benchmarks/charts.py``);
    of the sizes and rates counted the nearest below is taken, so that it is not promised too soon.

    Parameters
    ----------
    hips : float
        In a period.
    rate : float
        Before.

    Examples
    --------
    >>> periods_until_seen(45, 0.5), periods_until_seen(9, 0.5)
    (5, None)
    """
    sizes, rates = [size for size in _DELAYS if size <= hips], [one for one in _RATES if one <= rate]
    return _DELAYS[sizes[-1]][len(rates) - 1] or None if sizes and rates else None


def chart_signals(values: ArrayLike, centre: ArrayLike, low: ArrayLike, high: ArrayLike) -> Signals:
    """Flag the periods beyond a limit, and those of a shift of as many as a chart of this length asks for.

    Both rules are made for a chart as a whole: with the limits of `control_chart.p_chart` at most 5 % of stable charts
    of 12 to 36 periods show any signal, where the four rules of Making Data Count raise 15 to 28 %.

    Parameters
    ----------
    values, centre, low, high : array_like of float, shape (periods,)
        Of one phase of a `ControlChart`; a phase is judged by itself. A period that is NaN is passed over:
        the ones before and after it are neighbours.

    Returns
    -------
    Signals
        False where NaN.

    Raises
    ------
    ValueError
        If the arrays differ in shape.

    Examples
    --------
    >>> chart_signals([5, 6, 5, 9.5, 5], [5] * 5, [1] * 5, [9] * 5).outside.tolist()
    [False, False, False, True, False]
    """
    y, middle, lower, upper = (np.asarray(column, dtype=float) for column in (values, centre, low, high))
    if y.ndim != 1 or not y.shape == middle.shape == lower.shape == upper.shape:
        raise ValueError(
            f"need one entry per period in every array; the shapes are {y.shape}, {middle.shape}, {lower.shape} "
            f"and {upper.shape}"
        )
    known = ~np.isnan(y)
    outside, shift = np.zeros(y.shape, dtype=bool), np.zeros(y.shape, dtype=bool)
    y, middle, lower, upper = y[known], middle[known], lower[known], upper[known]
    outside[known] = (y > upper) | (y < lower)
    shift[known] = _in_runs(y > middle, shift_length(len(y))) | _in_runs(y < middle, shift_length(len(y)))
    return Signals(outside, shift)


def _in_runs(holds: np.ndarray, least: int) -> np.ndarray:
    """Return which points belong to a run of at least so many that hold."""
    part = np.zeros(len(holds), dtype=bool)
    for start in range(len(holds) - least + 1):
        part[start : start + least] |= holds[start : start + least].all()
    return part
