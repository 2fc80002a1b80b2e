"""The arms of a trial beside each other: how the rate of each differs from that of the first."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.answers.counting import NOT_RECORDED
from analysis.stats.proportions import Limits
from analysis.stats.two_proportions import limits_of_difference


def against_first(arms: pd.DataFrame, by: str) -> pd.DataFrame:
    """Say of each arm how its responder rate differs from that of the first.

    Parameters
    ----------
    arms
        One row per arm, as :func:`analysis.rates` returns them, or as they may be shown.
    by
        The column of the arms.

    Returns
    -------
    pandas.DataFrame
        The same rows with ``difference``: the rate less that of the first arm, -1 to 1, with ``difference_low`` and
        ``difference_high`` (95 %, from the interval of each rate, so that the two hips of one person count as its
        intervals count them). Missing for the first arm, for hips whose arm is not recorded, and where either rate is.

    References
    ----------
    Zou and Donner 2008; see :func:`analysis.stats.two_proportions.limits_of_difference`.
    """
    rate, limits = arms["rate"].to_numpy("float64", na_value=np.nan), _limits(arms)
    first = (limits[0][:1], limits[1][:1])
    low, high = limits_of_difference(rate, limits, rate[:1], first)
    other = (np.arange(len(arms)) > 0) & (arms[by] != NOT_RECORDED).to_numpy(bool)
    told = {"difference": rate - rate[:1], "difference_low": low, "difference_high": high}
    return arms.assign(**{name: np.where(other, values, np.nan) for name, values in told.items()})


def _limits(arms: pd.DataFrame) -> Limits:
    low, high = (arms[name].to_numpy("float64", na_value=np.nan) for name in ("ci_low", "ci_high"))
    return low, high
