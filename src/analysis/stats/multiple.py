"""Adjusting p-values for the number of questions asked."""

import numpy as np
from numpy.typing import ArrayLike

ADJUSTMENTS = {"holm": "Holm", "benjamini_hochberg": "Benjamini-Hochberg"}
"""Name of each adjustment in print: Holm's keeps the chance of any false finding, the other its share."""


def adjusted_p_values(p_values: ArrayLike, method: str = "holm") -> np.ndarray:
    """Return p-values adjusted for the family they belong to.

    Parameters
    ----------
    p_values : array_like of float
        One per question; NaN for a test that could not be made, which is then no part of the family.
    method : {"holm", "benjamini_hochberg"}, default "holm"
        How to adjust.

    Returns
    -------
    ndarray of float
        Shaped as `p_values`, NaN where they are.

    Raises
    ------
    ValueError
        If `method` is not known, or a p-value lies outside 0 to 1.

    References
    ----------
    Holm S (1979). Scand J Stat 6:65-70. Benjamini Y, Hochberg Y (1995). J R Stat Soc B 57:289-300.

    Examples
    --------
    >>> adjusted_p_values([0.01, float("nan"), 0.04]).tolist()
    [0.02, nan, 0.04]
    """
    if method not in ADJUSTMENTS:
        raise ValueError(f"method is {method!r}; it can be {' or '.join(ADJUSTMENTS)}")
    p = np.asarray(p_values, dtype=float)
    known = ~np.isnan(p)
    if np.any((p[known] < 0) | (p[known] > 1)):
        raise ValueError("p-values must lie between 0 and 1")
    adjusted = np.full(p.shape, np.nan)
    if known.any():
        adjusted[known] = _holm(p[known]) if method == "holm" else _benjamini_hochberg(p[known])
    return adjusted


# statsmodels has both, but collects garbage on each call: 0.1 s for every table of a report. scipy.stats has the
# second, and takes half a second to load, which a command feels that needs nothing else of it.
def _holm(p: np.ndarray) -> np.ndarray:
    """Multiply the smallest by all, the next by one less, and never let a larger one fall below a smaller."""
    order = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(stepped, 1)
    return adjusted


def _benjamini_hochberg(p: np.ndarray) -> np.ndarray:
    """Multiply each by all over its place, and never let a smaller one rise above a larger."""
    order = np.argsort(-p, kind="stable")
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum.accumulate(p[order] * len(p) / np.arange(len(p), 0, -1))
    return adjusted
