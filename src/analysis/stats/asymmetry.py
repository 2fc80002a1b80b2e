"""Who shows a difference between left and right, and whether fewer do later."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from analysis.stats.intervals import Interval
from analysis.stats.means import mean_with_interval
from analysis.stats.paired import PairedTable, newcombe10
from analysis.stats.proportions import ClusterSums, wilson
from analysis.stats.rate_by_clinic import clinic_wilson


class ShareChange(NamedTuple):
    """How the share of people showing a pattern changed, in people measured both times."""

    before: int
    after: int
    difference: float
    """Share of people showing the pattern later minus earlier."""
    interval: Interval
    """Newcombe's method 10, as these are the same people; or by clinic."""


def share_showing(
    left_minus_right: ArrayLike, band: float, confidence: float = 0.95, clinic: ArrayLike | None = None
) -> tuple[int, int, Interval]:
    """Count the people whose left hip is below the right by more than a band, with Wilson's interval.

    Parameters
    ----------
    left_minus_right : array_like of float, shape (people,)
        Degrees; NaN for a person not measured on both sides, who is left out.
    band : float
        What measurement error alone may bring about; 0 for any difference at all.
    confidence : float, default 0.95
        Confidence level.
    clinic : array_like of int, shape (people,), optional
        Number of each person's clinic, from 0, of at least two, where people of a clinic may be alike.

    Returns
    -------
    n_showing, n_people : int
        Numerator and denominator.
    interval : Interval
        Of their ratio; NaN without people.

    Raises
    ------
    ValueError
        If `band` is negative or NaN, or `confidence` is not between 0 and 1.

    Examples
    --------
    >>> share_showing([-12.0, -4.0, 1.0, -9.0], band=8.3)[:2]
    (2, 4)
    """
    if not band >= 0:
        raise ValueError(f"the band of measurement error cannot be negative or unknown; it is {band}")
    difference = np.asarray(left_minus_right, dtype=float)
    known = ~np.isnan(difference)
    shows = difference[known] < -band
    n, showing = len(shows), int(shows.sum())
    if clinic is None:
        return showing, n, wilson(showing, n, confidence)
    number = np.asarray(clinic)[known]
    sums = ClusterSums(n, n, showing, n, showing, showing)
    low, high = clinic_wilson(sums, np.bincount(number, shows), np.bincount(number), confidence)
    return showing, n, Interval(float(low[0]), float(high[0]))


def change_of_share_showing(
    before: ArrayLike, after: ArrayLike, band: float, confidence: float = 0.95, clinic: ArrayLike | None = None
) -> ShareChange:
    """Return how the share of people showing the pattern changed between two timepoints.

    Parameters
    ----------
    before, after : array_like of float, shape (people,)
        Left minus right in degrees, earlier and later; who lacks either is left out.
    band : float
        What measurement error alone may bring about.
    confidence : float, default 0.95
        Confidence level.
    clinic : array_like of int, shape (people,), optional
        Number of each person's clinic, where people of a clinic may be alike: the interval is that of the mean change
        (CR2), and Newcombe's where clinics leave no scatter.

    Returns
    -------
    ShareChange
        NaN where nobody was measured both times.

    Raises
    ------
    ValueError
        If the arrays differ in shape, `band` is negative or NaN, or `confidence` is not between 0 and 1.

    Notes
    -----
    People chosen for a large difference would show it less often later without any treatment: regression to the mean.

    Examples
    --------
    >>> result = change_of_share_showing([-12.0, -9.0, 1.0, -2.0], [-6.0, -9.0, 0.0, -1.0], band=8.3)
    >>> result.before, result.after, result.difference
    (2, 1, -0.25)
    """
    earlier, later = np.asarray(before, dtype=float), np.asarray(after, dtype=float)
    if earlier.ndim != 1 or earlier.shape != later.shape:
        raise ValueError(f"need one entry per person in both arrays; their shapes are {earlier.shape}, {later.shape}")
    known = ~np.isnan(earlier) & ~np.isnan(later)
    earlier, later = earlier[known], later[known]
    n_before, n, _ = share_showing(earlier, band, confidence)
    n_after, _, _ = share_showing(later, band, confidence)
    both = int(((earlier < -band) & (later < -band)).sum())
    table = PairedTable(both, n_after - both, n_before - both, n - n_before - n_after + both)
    interval = newcombe10(table, confidence)
    if clinic is not None:
        moved = (later < -band).astype(float) - (earlier < -band)
        mean = mean_with_interval(moved, np.asarray(clinic)[known], confidence)
        low, high = mean.interval
        interval = interval if mean.reason else Interval(max(low, -1.0), min(high, 1.0))
    return ShareChange(n_before, n_after, table.difference, interval)
