"""The share of cohorts that show a difference, as a curve over their size, from counts at a few sizes."""

from __future__ import annotations

import numpy as np
from scipy.special import log_ndtr, ndtr, ndtri

_SPREAD = 0.5  # of where a curve starts


class PowerCurves:
    """Curves Φ(a + (z − a)·√(n/N)), each weighed by how likely it makes what was counted.

    Parameters
    ----------
    sizes, cohorts, shown
        Patients of a cohort, how many cohorts of that size there were, and how many of them showed the difference.
    power
        The power sought; z is its normal quantile, N the patients with which it is reached.
    error_rate
        How often a difference is "shown" where there is none.
    between
        The fewest and the most patients of interest.

    Notes
    -----
    A difference is shown when its t exceeds a quantile. t grows with the root of the patients, and without any it
    exceeds the quantile at the error rate. So beforehand a is normal about the quantile of that rate; it may differ
    from it where t has few degrees of freedom, or in small cohorts nothing can be compared. Every N is taken as
    likely as its double.

    Examples
    --------
    With 40, 80 and 160 patients 11, 21 and 35 of 40 cohorts showed it:

    >>> curves = PowerCurves(np.array([40, 80, 160]), np.full(3, 40), np.array([11, 21, 35]), 0.8, 0.01, (10, 2000))
    >>> round(curves.needed(0.5)), round(curves.power(80), 2)
    (136, 0.54)
    """

    def __init__(
        self,
        sizes: np.ndarray,
        cohorts: np.ndarray,
        shown: np.ndarray,
        power: float,
        error_rate: float,
        between: tuple[int, int],
    ) -> None:
        at_none = float(ndtri(error_rate))
        self._z = float(ndtri(power))
        self._a = (at_none + _SPREAD * np.linspace(-2.5, 2.5, 26))[:, None]
        self._needed = np.geomspace(between[0] / 2, 8 * between[1], 500)
        log_weight = np.tile(-((self._a - at_none) ** 2) / (2 * _SPREAD**2), len(self._needed))
        for size, n, x in zip(sizes, cohorts, shown, strict=True):
            straight = self._straight(size)
            log_weight += x * log_ndtr(straight) + (n - x) * log_ndtr(-straight)
        weight = np.exp(log_weight - log_weight.max())
        self._weight = weight / weight.sum()

    def _straight(self, patients: float) -> np.ndarray:
        return self._a + (self._z - self._a) * np.sqrt(patients / self._needed)

    def needed(self, quantile: float) -> float:
        """Return a quantile of the patients with which the power sought is reached."""
        return float(np.interp(quantile, np.cumsum(self._weight.sum(axis=0)), self._needed))

    def power(self, patients: float) -> float:
        """Return the power of so many patients: the mean over the curves."""
        return float((self._weight * ndtr(self._straight(patients))).sum())
