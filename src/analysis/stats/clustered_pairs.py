"""Left against right in people with both hips evaluable, when people of one clinic may be alike."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtrc

from analysis.stats.intervals import NO_INTERVAL, Interval, normal_quantile

_ROUNDING = 1e-12  # what rounding leaves of two equal products, as a share of them


class ClusteredPairsResult(NamedTuple):
    """Left against right; numbers are NaN when `reason` says why they cannot be estimated."""

    difference: float
    """Rate of left hips minus rate of right hips."""
    interval: Interval
    """The differences that the test does not reject, within -1 and 1."""
    statistic: float
    """Chi-square with one degree of freedom."""
    p_value: float
    reason: str
    """Why there is no estimate; empty when there is one."""


def obuchowski(
    left_only: ArrayLike, right_only: ArrayLike, pairs: ArrayLike, confidence: float = 0.95
) -> ClusteredPairsResult:
    """Compare left and right hips of pairs nested in clinics; every pair counts alike.

    With b left-only and c right-only pairs in each of K clinics the statistic is
    (K - 1)/K·(Σ(b - c))²/Σ(b - c)².

    Parameters
    ----------
    left_only, right_only : array_like of int, shape (clinics,)
        Per clinic, people of whom only the left or only the right hip responded.
    pairs : array_like of int, shape (clinics,)
        Per clinic, people with both hips evaluable; clinics with none are left out.
    confidence : float, default 0.95
        Confidence level.

    Returns
    -------
    ClusteredPairsResult
        The difference is that of all pairs together. With fewer than 5 clinics the test cannot reject at
        5 %, and the 95 % interval runs from -1 to 1.

    Raises
    ------
    ValueError
        If the arrays differ in shape, a count is negative, a clinic has more discordant pairs than pairs,
        or `confidence` is not between 0 and 1.

    References
    ----------
    Obuchowski NA (1998). Stat Med 17:1495-1507. Yang Z, Sun X, Hardin JW (2010). Biom J 52:638-652 (the
    form of the statistic).

    Examples
    --------
    >>> result = obuchowski([3, 2, 4, 1, 3, 2], [1, 0, 1, 1, 0, 1], [10, 8, 12, 9, 7, 11])
    >>> round(result.difference, 3), round(result.statistic, 2), round(result.p_value, 3)
    (0.193, 3.73, 0.053)
    """
    b, c, n = _clinics(left_only, right_only, pairs)
    clinics = len(n)
    return _compare(b - c, n, clinics / (clinics - 1) if clinics > 1 else math.nan, confidence)


def durkalski(
    left_only: ArrayLike, right_only: ArrayLike, pairs: ArrayLike, confidence: float = 0.95
) -> ClusteredPairsResult:
    """Compare left and right hips of pairs nested in clinics; every clinic counts alike.

    With d = (b - c)/n the difference in each clinic the statistic is (Σd)²/Σd². With one pair per clinic it
    is McNemar's.

    Parameters
    ----------
    left_only, right_only : array_like of int, shape (clinics,)
        Per clinic, people of whom only the left or only the right hip responded.
    pairs : array_like of int, shape (clinics,)
        Per clinic, people with both hips evaluable; clinics with none are left out.
    confidence : float, default 0.95
        Confidence level.

    Returns
    -------
    ClusteredPairsResult
        The difference is the mean of the clinics'. With fewer than 4 clinics the test cannot reject at 5 %,
        and the 95 % interval runs from -1 to 1.

    Raises
    ------
    ValueError
        If the arrays differ in shape, a count is negative, a clinic has more discordant pairs than pairs,
        or `confidence` is not between 0 and 1.

    References
    ----------
    Durkalski VL, Palesch YY, Lipsitz SR, Rust PF (2003). Stat Med 22:2417-2428.

    Examples
    --------
    >>> result = durkalski([3, 2, 4, 1, 3, 2], [1, 0, 1, 1, 0, 1], [10, 8, 12, 9, 7, 11])
    >>> round(result.difference, 3), round(result.statistic, 2), round(result.p_value, 3)
    (0.203, 4.17, 0.041)
    """
    b, c, n = _clinics(left_only, right_only, pairs)
    return _compare((b - c) / n, np.ones(len(n)), 1.0, confidence)


def _clinics(
    left_only: ArrayLike, right_only: ArrayLike, pairs: ArrayLike
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    b, c, n = (np.asarray(counts, dtype=float) for counts in (left_only, right_only, pairs))
    if b.ndim != 1 or not b.shape == c.shape == n.shape:
        raise ValueError(f"need one entry per clinic in every array; the shapes are {b.shape}, {c.shape}, {n.shape}")
    if not np.all((b >= 0) & (c >= 0) & (b + c <= n)):
        raise ValueError("the discordant pairs of a clinic must lie between 0 and its pairs")
    some = n > 0
    return b[some], c[some], n[some]


def _compare(excess: np.ndarray, weight: np.ndarray, scale: float, confidence: float) -> ClusteredPairsResult:
    """Test Σexcess/Σweight against 0 by (Σexcess)²/(scale·Σexcess²), and invert the test.

    A difference δ is tested with excess - δ·weight in place of excess.
    """
    critical = normal_quantile(confidence) ** 2
    total, total_weight = float(excess.sum()), float(weight.sum())
    reason = ""
    if len(excess) < 2:
        reason = "fewer than 2 clinics have pairs"
    elif np.allclose(excess * total_weight, total * weight, rtol=_ROUNDING, atol=0):
        reason = "left minus right is the same in every clinic, which leaves no standard error"
    if reason:
        return ClusteredPairsResult(math.nan, NO_INTERVAL, math.nan, math.nan, reason)
    statistic = total**2 / (scale * float(excess @ excess))
    # (total - δ·total_weight)² ≤ critical·scale·Σ(excess - δ·weight)², a quadratic in δ.
    spread = critical * scale
    a = total_weight**2 - spread * float(weight @ weight)
    half_b = total * total_weight - spread * float(excess @ weight)
    constant = total**2 - spread * float(excess @ excess)
    interval = Interval(-1.0, 1.0)
    if a > 0:
        root = math.sqrt(max(half_b**2 - a * constant, 0.0))
        interval = Interval(max((half_b - root) / a, -1.0), min((half_b + root) / a, 1.0))
    return ClusteredPairsResult(total / total_weight, interval, statistic, float(chdtrc(1, statistic)), "")
