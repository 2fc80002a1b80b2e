"""Adjusting p-values for the number of questions asked."""

import numpy as np
from numpy.typing import ArrayLike
from statsmodels.stats.multitest import multipletests

ADJUSTMENTS = {"holm": "Holm", "benjamini_hochberg": "Benjamini-Hochberg"}
"""Name of each adjustment in print: Holm's keeps the chance of any false finding, the other its share."""

_STATSMODELS = {"holm": "holm", "benjamini_hochberg": "fdr_bh"}


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
    if method not in _STATSMODELS:
        raise ValueError(f"method is {method!r}; it can be {' or '.join(ADJUSTMENTS)}")
    p = np.asarray(p_values, dtype=float)
    known = ~np.isnan(p)
    if np.any((p[known] < 0) | (p[known] > 1)):
        raise ValueError("p-values must lie between 0 and 1")
    adjusted = np.full(p.shape, np.nan)
    if known.any():  # one NaN would make statsmodels answer NaN for all
        adjusted[known] = multipletests(p[known], method=_STATSMODELS[method])[1]
    return adjusted
