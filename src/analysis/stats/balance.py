"""How alike two groups are before and after weighting, and how strong an unmeasured cause would have to be."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike


class Balance(NamedTuple):
    """One entry per covariate; NaN where it does not vary or there is no weighting."""

    mean_exposed: np.ndarray
    mean_unexposed: np.ndarray
    difference: np.ndarray
    """Standardised mean difference of the groups as they are."""
    weighted_difference: np.ndarray
    """The same when weighted; beyond 0.1 either way the groups still differ."""
    reason: str
    """Why there are no differences; empty when there are."""


def balance(exposed: ArrayLike, covariates: ArrayLike, weights: ArrayLike | None = None) -> Balance:
    """Compare the covariates of two groups before and after weighting.

    The standardised mean difference is the difference between means over √((s₁² + s₀²)/2), the standard
    deviations being those before weighting, so that weighting cannot look good by widening them.

    Parameters
    ----------
    exposed : array_like of bool, shape (hips,)
        Whether the hip had the exposure.
    covariates : array_like of float, shape (hips, columns)
        A hip with a NaN is left out.
    weights : array_like of float, shape (hips,), optional
        Such as one over each hip's chance of the exposure it had.

    Returns
    -------
    Balance
        Two groups with at least 2 hips each are needed; else all is NaN, with the reason. A covariate that does
        not vary within the groups has means and no difference.

    Raises
    ------
    ValueError
        If the arrays differ in length, or `exposed` holds anything but 0 and 1.

    References
    ----------
    Austin PC (2009). Stat Med 28:3083-3107.

    Examples
    --------
    >>> balance([1, 1, 0, 0], [[3.0], [5.0], [1.0], [3.0]]).difference.round(3).tolist()
    [1.414]
    """
    treated, x = np.asarray(exposed, dtype=float), np.asarray(covariates, dtype=float)
    if x.ndim != 2 or treated.shape != x.shape[:1]:
        raise ValueError(
            f"need one entry per hip in both, and one column per covariate; the shapes are {treated.shape}, {x.shape}"
        )
    if not np.isin(treated, (0, 1)).all():
        raise ValueError("exposed must be 0 or 1; leave out hips of which it is not known")
    known = ~np.isnan(x).any(axis=1)
    weight = np.full(len(treated), np.nan) if weights is None else np.asarray(weights, dtype=float)
    treated, x, weight = treated[known], x[known], weight[known]
    groups = [treated == 1, treated == 0]
    unknown = np.full(x.shape[1], np.nan)
    if min(group.sum() for group in groups) < 2:
        return Balance(unknown, unknown, unknown, unknown, "a group has fewer than 2 hips")
    one, other = (x[group].mean(axis=0) for group in groups)
    spread = np.sqrt(sum(x[group].var(axis=0, ddof=1) for group in groups) / 2)
    spread = np.where(spread > 0, spread, np.nan)
    first, second = (np.average(x[group], axis=0, weights=weight[group]) for group in groups)
    return Balance(one, other, (one - other) / spread, (first - second) / spread, "")


def e_value(risk_ratio: float) -> float:
    """Return how strongly an unmeasured cause would have to act to explain a risk ratio away.

    It is the least risk ratio that such a cause would need both with the exposure and with the outcome,
    beyond what was adjusted for. Give the limit of the interval nearer 1 to ask how much would bring the
    interval to 1; a limit on the other side of 1 needs nothing, which is an E-value of 1.

    Parameters
    ----------
    risk_ratio : float
        Of the outcome, or a limit of its interval; below 1 its inverse is taken, NaN gives NaN.

    Returns
    -------
    float
        1 or more: RR + √(RR(RR - 1)).

    Raises
    ------
    ValueError
        If `risk_ratio` is not positive, or infinite.

    References
    ----------
    VanderWeele TJ, Ding P (2017). Ann Intern Med 167:268-274.

    Examples
    --------
    >>> round(e_value(3.9), 2)
    7.26
    """
    if risk_ratio <= 0 or math.isinf(risk_ratio):
        raise ValueError(f"a risk ratio must be positive and finite; it is {risk_ratio}")
    ratio = 1 / risk_ratio if risk_ratio < 1 else risk_ratio
    return ratio + math.sqrt(ratio * (ratio - 1))
