"""Rules that tell signals on a chart over time from chance: one set or the other, never both.

Each set keeps its own rate of false alarms; a chart read by both raises far more.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import binom

FEWEST_USEFUL = 10
"""Points off the centre line below which Anhøj's rules say nothing."""

RUN_OF, TREND_OF = 7, 7
"""Points in a row that make a shift or a trend in Making Data Count."""


class RunsAndCrossings(NamedTuple):
    """Anhøj's two rules for one series."""

    useful: int
    """Points not on the centre line."""
    longest_run: int
    longest_by_chance: int
    crossings: int
    fewest_by_chance: int
    signal: bool
    """Whether the longest run is longer, or the crossings are fewer, than by chance."""
    reason: str
    """Why nothing can be said; empty when something can."""


def runs_and_crossings(values: ArrayLike, centre: float | None = None) -> RunsAndCrossings:
    """Look for unusually long runs and unusually few crossings of the centre line.

    For n useful points, by chance the longest run is at most log₂(n) + 3, rounded, and the crossings at
    least the 5 % quantile of a binomial distribution with n - 1 trials and probability 1/2.

    Parameters
    ----------
    values : array_like of float, shape (periods,)
        In order of time; NaN for a period without hips, which is left out.
    centre : float, optional
        The centre line; the median of the values if left out.

    Returns
    -------
    RunsAndCrossings
        Without a signal, and with a `reason`, for fewer than 10 useful points.

    References
    ----------
    Anhøj J, Olesen AV (2014). PLoS ONE 9:e113825. Anhøj J (2015). PLoS ONE 10:e0121349.

    Examples
    --------
    >>> result = runs_and_crossings([1, 2, 1, 2, 1, 2, 8, 9, 8, 9, 8, 9])
    >>> result.longest_run, result.crossings, result.signal
    (6, 1, True)
    """
    known = np.asarray(values, dtype=float)
    known = known[~np.isnan(known)]
    if centre is None:
        centre = float(np.median(known)) if len(known) else 0.0
    above = known[known != centre] > centre
    n = len(above)
    if n < FEWEST_USEFUL:
        reason = f"{n} points off the centre line are fewer than {FEWEST_USEFUL}: too short a series to judge runs"
        return RunsAndCrossings(n, _longest_run(above), 0, int(np.sum(above[1:] != above[:-1])), 0, False, reason)
    longest, crossings = _longest_run(above), int(np.sum(above[1:] != above[:-1]))
    longest_by_chance, fewest_by_chance = round(np.log2(n) + 3), int(binom.ppf(0.05, n - 1, 0.5))
    signal = longest > longest_by_chance or crossings < fewest_by_chance
    return RunsAndCrossings(n, longest, longest_by_chance, crossings, fewest_by_chance, bool(signal), "")


class Flags(NamedTuple):
    """The four Making Data Count rules: per period whether it is part of a signal."""

    outside: np.ndarray
    """Beyond a limit."""
    shift: np.ndarray
    """One of 7 or more in a row on the same side of the centre line."""
    trend: np.ndarray
    """One of 7 or more in a row that each rise, or each fall."""
    near_limit: np.ndarray
    """One of 2 out of 3 in a row in the outer third towards the same limit, or beyond it."""

    @property
    def any(self) -> np.ndarray:
        """Whether a period is part of any signal."""
        return self.outside | self.shift | self.trend | self.near_limit


def making_data_count(values: ArrayLike, centre: ArrayLike, low: ArrayLike, high: ArrayLike) -> Flags:
    """Flag the periods that the four rules of NHS England's Making Data Count call special causes.

    Parameters
    ----------
    values, centre, low, high : array_like of float, shape (periods,)
        Of one phase of a `ControlChart`; a phase is judged by itself. A period that is NaN is passed over:
        the ones before and after it are neighbours.

    Returns
    -------
    Flags
        False where NaN.

    Raises
    ------
    ValueError
        If the arrays differ in shape.

    References
    ----------
    NHS England (2023). Making Data Count: Strengthening your decisions.

    Examples
    --------
    >>> flags = making_data_count([5, 6, 5, 9.5, 5], [5] * 5, [1] * 5, [9] * 5)
    >>> flags.outside.tolist()
    [False, False, False, True, False]
    """
    y, middle, lower, upper = (np.asarray(column, dtype=float) for column in (values, centre, low, high))
    if y.ndim != 1 or not y.shape == middle.shape == lower.shape == upper.shape:
        raise ValueError(
            f"need one entry per period in every array; the shapes are {y.shape}, {middle.shape}, {lower.shape} "
            f"and {upper.shape}"
        )
    known = ~np.isnan(y)
    flags = [np.zeros(y.shape, dtype=bool) for _ in Flags._fields]
    y, middle, lower, upper = y[known], middle[known], lower[known], upper[known]
    above_third, below_third = y > middle + (upper - middle) * 2 / 3, y < middle - (middle - lower) * 2 / 3
    flags[0][known] = (y > upper) | (y < lower)
    flags[1][known] = _in_windows(y > middle, RUN_OF, RUN_OF) | _in_windows(y < middle, RUN_OF, RUN_OF)
    flags[2][known] = _in_trend(np.diff(y) > 0, len(y)) | _in_trend(np.diff(y) < 0, len(y))
    flags[3][known] = _in_windows(above_third, 3, 2) | _in_windows(below_third, 3, 2)
    return Flags(*flags)


def _longest_run(above: np.ndarray) -> int:
    if not len(above):
        return 0
    starts = np.flatnonzero(np.concatenate([[True], above[1:] != above[:-1], [True]]))
    return int(np.diff(starts).max())


def _in_windows(holds: np.ndarray, width: int, least: int) -> np.ndarray:
    """Return which points hold and lie in a window of `width` points of which at least `least` hold."""
    part = np.zeros(len(holds), dtype=bool)
    for start in range(len(holds) - width + 1):
        window = slice(start, start + width)
        if holds[window].sum() >= least:
            part[window] |= holds[window]
    return part


def _in_trend(steps: np.ndarray, n_points: int) -> np.ndarray:
    """Return which points belong to a trend, given which steps between points go one way."""
    in_step = _in_windows(steps, TREND_OF - 1, TREND_OF - 1)
    part = np.zeros(n_points, dtype=bool)
    part[:-1] |= in_step
    part[1:] |= in_step
    return part
