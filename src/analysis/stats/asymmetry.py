"""Who shows a difference between left and right, and whether fewer do later."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from analysis.stats.intervals import Interval
from analysis.stats.paired import PairedTable, newcombe10
from analysis.stats.proportions import wilson


class ShareChange(NamedTuple):
    """How the share of people showing a pattern changed, in people measured both times."""

    before: int
    after: int
    difference: float
    """Share of people showing the pattern later minus earlier."""
    interval: Interval
    """Newcombe's method 10, as these are the same people."""


def share_showing(left_minus_right: ArrayLike, band: float, confidence: float = 0.95) -> tuple[int, int, Interval]:
    """Count the people whose left hip is below the right by more than a band, with Wilson's interval.

    Parameters
    ----------
    left_minus_right : array_like of float, shape (people,)
        Degrees; NaN for a person not measured on both sides, who is left out.
    band : float
        What measurement error alone may bring about; 0 for any difference at all.
    confidence : float, default 0.95
        Confidence level.

    Returns
    -------
    n_showing, n_people : int
        Numerator and denominator.
    interval : Interval
        Of their ratio; NaN without people. People are independent of each other, so nothing is clustered.

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
    difference = difference[~np.isnan(difference)]
    showing = int((difference < -band).sum())
    return showing, len(difference), wilson(showing, len(difference), confidence)


def change_of_share_showing(before: ArrayLike, after: ArrayLike, band: float, confidence: float = 0.95) -> ShareChange:
    """Return how the share of people showing the pattern changed between two timepoints.

    Parameters
    ----------
    before, after : array_like of float, shape (people,)
        Left minus right in degrees, earlier and later; who lacks either is left out.
    band : float
        What measurement error alone may bring about.
    confidence : float, default 0.95
        Confidence level.

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
    return ShareChange(n_before, n_after, table.difference, newcombe10(table, confidence))
