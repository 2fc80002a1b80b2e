"""How far apart groups lie, in standard deviations, so that ages, degrees and shares can be held beside each other."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike


def standardised_difference(groups: Sequence[ArrayLike]) -> float:
    """Return the largest standardised mean difference between any two groups of numbers.

    That of two groups is the difference between their means over √((s₁² + s₂²)/2), without its sign.

    Parameters
    ----------
    groups : sequence of array_like of float
        The values of each group. NaN are left out; a group with fewer than 2 values is not compared.

    Returns
    -------
    float
        0 or more; NaN where no two groups can be compared, or nothing varies within them.

    References
    ----------
    Austin PC (2009). Stat Med 28:3083-3107.

    Examples
    --------
    >>> round(standardised_difference([[3.0, 5.0], [1.0, 3.0]]), 3)
    1.414
    """
    known = [values[~np.isnan(values)] for values in (np.asarray(group, dtype=float) for group in groups)]
    told = [(values.mean(), values.var(ddof=1)) for values in known if len(values) >= 2]
    apart = [
        abs(one - other) / np.sqrt((spread + wide) / 2)
        for place, (one, spread) in enumerate(told)
        for other, wide in told[:place]
        if spread + wide > 0
    ]
    return float(max(apart, default=np.nan))


def standardised_difference_of_shares(counts: ArrayLike) -> float:
    """Return the largest standardised difference between any two groups in how they divide into levels.

    With two levels it is |p₁ - p₂| over √((p₁(1 - p₁) + p₂(1 - p₂))/2); with more, the Mahalanobis distance between the
    shares of all levels but one, their covariances averaged over the two groups.

    Parameters
    ----------
    counts : array_like of int, shape (groups, levels)
        A group of fewer than 2 is not compared.

    Returns
    -------
    float
        0 or more; NaN where no two groups can be compared, infinite where two divide without any overlap.

    References
    ----------
    Yang D, Dalton JE (2012). SAS Global Forum, paper 335.

    Examples
    --------
    >>> round(standardised_difference_of_shares([[30, 70], [50, 50]]), 3)
    0.417
    """
    table = np.asarray(counts, dtype=float)
    table = table[table.sum(axis=1) >= 2]
    table = table[:, table.sum(axis=0) > 0]
    shares = table / table.sum(axis=1, keepdims=True)
    apart = [_mahalanobis(one, other) for n, one in enumerate(shares[:, 1:]) for other in shares[:n, 1:]]
    return float(max(apart, default=np.nan))


def _mahalanobis(one: np.ndarray, other: np.ndarray) -> float:
    apart = one - other
    if not apart.any():
        return 0.0
    spread = (np.diag(one) - np.outer(one, one) + np.diag(other) - np.outer(other, other)) / 2
    inverse = np.linalg.pinv(spread)
    # What lies outside the spread of both groups is told apart by one look.
    return float(np.sqrt(apart @ inverse @ apart)) if np.allclose(spread @ inverse @ apart, apart) else float("inf")
