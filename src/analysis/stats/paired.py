"""Left against right in the people whose two hips were both evaluable."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betainc, ndtr

from analysis.stats.intervals import Interval, normal_quantile
from analysis.stats.proportions import Limits, score_interval

_EXACT = {"xatol": 1e-13, "xrtol": 0}


@dataclass(frozen=True)
class PairedTable:
    """People counted by which of their two hips responded.

    Raises
    ------
    ValueError
        If a count is negative or no whole number.

    Examples
    --------
    >>> table = PairedTable(both=20, left_only=12, right_only=2, neither=16)
    >>> table.n, table.difference
    (50, 0.2)
    """

    both: int
    left_only: int
    right_only: int
    neither: int

    def __post_init__(self) -> None:
        cells = (self.both, self.left_only, self.right_only, self.neither)
        if not all(cell >= 0 and cell == math.floor(cell) for cell in cells):
            raise ValueError(f"a paired table counts people, so no cell can be negative or a fraction: {self}")

    @property
    def n(self) -> int:
        """Number of people."""
        return int(self.both) + int(self.left_only) + int(self.right_only) + int(self.neither)

    @property
    def discordant(self) -> int:
        """Number of people of whom one hip responded and the other did not."""
        return int(self.left_only) + int(self.right_only)

    @property
    def difference(self) -> float:
        """Rate of left hips minus rate of right hips; NaN without people."""
        return (int(self.left_only) - int(self.right_only)) / self.n if self.n else math.nan


def mcnemar_exact(table: PairedTable) -> float:
    """Return the exact two-sided McNemar p-value.

    Parameters
    ----------
    table : PairedTable
        Counts of people.

    Returns
    -------
    float
        1 when every person's hips agree; NaN without people.

    References
    ----------
    McNemar Q (1947). Psychometrika 12:153-157.

    Examples
    --------
    One of 2³ outcomes in either tail: 2/8.

    >>> mcnemar_exact(PairedTable(both=4, left_only=3, right_only=0, neither=5))
    0.25
    """
    if table.n == 0:
        return math.nan
    return min(1.0, 2 * _at_most(min(table.left_only, table.right_only), table.discordant))


def _at_most(number: int, of: int) -> float:
    """Return the chance of at most so many heads of `of` fair coins."""
    if number < 0 or number == of:
        return float(number == of)
    return float(betainc(float(of) - float(number), float(number) + 1, 0.5))


def mcnemar_midp(table: PairedTable) -> float:
    """Return the two-sided McNemar mid-p-value, less conservative than the exact one.

    It counts half the probability of the observed table, in place of all of it.

    Parameters
    ----------
    table : PairedTable
        Counts of people.

    Returns
    -------
    float
        1 when every person's hips agree; NaN without people.

    References
    ----------
    Fagerland MW, Lydersen S, Laake P (2014). Stat Med 33:2850-2875.

    Examples
    --------
    >>> mcnemar_midp(PairedTable(both=4, left_only=3, right_only=0, neither=5))
    0.125
    """
    if table.n == 0 or table.discordant == 0:
        # Without discordant people the formula would give 1/2, as if there were evidence.
        return mcnemar_exact(table)
    fewer = min(table.left_only, table.right_only)
    observed = _at_most(fewer, table.discordant) - _at_most(fewer - 1, table.discordant)
    if table.left_only == table.right_only:
        return 1 - observed / 2
    return mcnemar_exact(table) - observed


def mcnemar_score(table: PairedTable) -> float:
    """Return the p-value of McNemar's χ² test without correction, which Tango's interval of the difference inverts.

    Parameters
    ----------
    table : PairedTable
        Counts of people.

    Returns
    -------
    float
        Below 0.05 exactly where the 95 % interval of :func:`tango` leaves out 0; NaN without people.

    References
    ----------
    McNemar Q (1947). Psychometrika 12:153-157. Tango T (1998). Stat Med 17:891-908.

    Examples
    --------
    >>> round(mcnemar_score(PairedTable(both=1, left_only=1, right_only=7, neither=12)), 4)
    0.0339
    """
    if table.n == 0:
        return math.nan
    return float(2 * ndtr(-abs(table.left_only - table.right_only) / math.sqrt(max(table.discordant, 1))))


def newcombe10(table: PairedTable, confidence: float = 0.95) -> Interval:
    """Return Newcombe's method 10 interval for the left minus right difference.

    Parameters
    ----------
    table : PairedTable
        Counts of people.
    confidence : float, default 0.95
        Confidence level.

    Returns
    -------
    Interval
        Limits within -1 and 1; NaN without people.

    Raises
    ------
    ValueError
        If `confidence` is not between 0 and 1.

    References
    ----------
    Newcombe RG (1998). Stat Med 17:2635-2650.

    Examples
    --------
    >>> low, high = newcombe10(PairedTable(both=20, left_only=12, right_only=2, neither=16))
    >>> round(low, 4), round(high, 4)
    (0.0562, 0.3292)
    """
    counts = (table.both, table.left_only, table.right_only, table.neither)
    low, high = newcombe10_of_counts(*counts, confidence=confidence)
    return Interval(float(low), float(high))


def newcombe10_of_counts(
    both: ArrayLike, left_only: ArrayLike, right_only: ArrayLike, neither: ArrayLike, *, confidence: float = 0.95
) -> Limits:
    """Return the limits of :func:`newcombe10` for many paired tables at once; NaN for one without people."""
    # Floats, not whole numbers: phi multiplies four margins.
    a, b, c, d = (np.asarray(count, dtype="float64") for count in (both, left_only, right_only, neither))
    people = a + b + c + d
    n = np.where(people > 0, people, np.nan)
    left, right = (a + b) / n, (a + c) / n
    z = np.asarray(normal_quantile(confidence))
    (left_low, left_high), (right_low, right_high) = score_interval(left, n, z), score_interval(right, n, z)
    margins = (a + b) * (c + d) * (a + c) * (b + d)
    product = a * d - b * c
    # Newcombe's continuity correction of a positive phi.
    product = np.where(product > 0, np.maximum(product - n / 2, 0.0), product)
    phi = np.where(margins > 0, product / np.sqrt(np.where(margins > 0, margins, np.nan)), 0.0)

    def combined(left_part: np.ndarray, right_part: np.ndarray) -> np.ndarray:
        return np.sqrt(left_part**2 - 2 * phi * left_part * right_part + right_part**2)

    difference = (b - c) / n
    below = combined(left - left_low, right_high - right)
    above = combined(left_high - left, right - right_low)
    return difference - below, difference + above


def tango(table: PairedTable, confidence: float = 0.95) -> Interval:
    """Return Tango's score interval for the left minus right difference.

    Parameters
    ----------
    table : PairedTable
        Counts of people.
    confidence : float, default 0.95
        Confidence level.

    Returns
    -------
    Interval
        Limits within -1 and 1; NaN without people.

    Raises
    ------
    ValueError
        If `confidence` is not between 0 and 1.

    References
    ----------
    Tango T (1998). Stat Med 17:891-908.

    Examples
    --------
    >>> low, high = tango(PairedTable(both=1, left_only=1, right_only=7, neither=12))
    >>> round(low, 4), round(high, 4)
    (-0.5172, -0.026)
    """
    low, high = tango_of_counts(table.both, table.left_only, table.right_only, table.neither, confidence=confidence)
    return Interval(float(low), float(high))


def tango_of_counts(
    both: ArrayLike, left_only: ArrayLike, right_only: ArrayLike, neither: ArrayLike, *, confidence: float = 0.95
) -> Limits:
    """Return the limits of :func:`tango` for many paired tables at once; NaN for one without people."""
    a, b, c, d = (np.asarray(count, dtype="float64") for count in (both, left_only, right_only, neither))
    people = a + b + c + d
    n = np.where(people > 0, people, np.nan)
    spread = normal_quantile(confidence) ** 2 / n
    # Swapping the sides turns the lower limit into the upper one.
    return -_tango_upper_limits(c / n, b / n, spread), _tango_upper_limits(b / n, c / n, spread)


def _tango_upper_limits(left_only: np.ndarray, right_only: np.ndarray, spread: np.ndarray) -> np.ndarray:
    """Return the largest differences not rejected; `spread` is z²/n, the others are shares of people."""
    from scipy.optimize.elementwise import find_root  # takes half a second to load, and few commands come here

    estimate = left_only - right_only

    def excess(difference, estimate, left_only, right_only, spread):  # type: ignore[no-untyped-def]
        variance = _variance_given_difference(left_only, right_only, difference)
        return (estimate - difference) ** 2 - spread * variance

    # The score test holds at the estimate itself, where both terms can be 0 (all pairs concordant):
    # starting a hair above keeps that from passing for the limit.
    between = np.minimum(estimate + 1e-12, 1.0), np.ones_like(estimate)
    found = find_root(excess, between, args=(estimate, left_only, right_only, spread), tolerances=_EXACT)
    return np.where(estimate == 1, 1.0, found.x)


def _variance_given_difference(left_only: np.ndarray, right_only: np.ndarray, difference: np.ndarray) -> np.ndarray:
    """Return n times the variance of the estimate, at the most likely cells with that true difference.

    The variance is 2q + difference·(1 - difference), and the most likely share q of right-only people
    solves 2q² + linear·q - constant = 0.
    """
    linear = (2 - left_only + right_only) * difference - left_only - right_only
    constant = right_only * difference * (1 - difference)
    root = np.sqrt(np.maximum(linear**2 + 8 * constant, 0.0))
    return (root - linear) / 2 + difference * (1 - difference)
