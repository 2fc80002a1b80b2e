"""How far responder rates exceed what chance alone would give."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from analysis.stats.two_proportions import limits_of_difference

_ROUNDING = 1e-9


class Excess(NamedTuple):
    """Rates minus chance rates, one entry per group, with their limits; NaN where either is not known."""

    excess: np.ndarray
    low: np.ndarray
    high: np.ndarray


def excess_over_chance(
    rate: ArrayLike,
    limits: tuple[ArrayLike, ArrayLike],
    chance_rate: ArrayLike,
    chance_limits: tuple[ArrayLike, ArrayLike] | None = None,
) -> Excess:
    """Return how far rates exceed their chance rates, with intervals.

    Without `chance_limits` the chance rate is taken as known: it follows from the measurement error of
    the protocol, the cut-offs and the rounding, not from these outcomes, and the interval is the rate's
    own, moved. Where the measurement error was itself estimated from test-retest data, give the chance
    rates at its limits, and their uncertainty is added in squares (the method of variance estimates
    recovery).

    Parameters
    ----------
    rate, chance_rate : array_like of float, shape (groups,)
        The observed rates, and the rates had nothing truly changed; NaN in either gives NaN.
    limits, chance_limits : pair of array_like of float, shape (groups,)
        Lower and upper limits of the rates, from any method, and of the chance rates.

    Returns
    -------
    Excess
        Below 0 where fewer responded than by chance.

    Raises
    ------
    ValueError
        If an estimate lies outside its limits.

    References
    ----------
    Zou GY, Donner A (2008). Stat Med 27:1693-1702.

    Examples
    --------
    >>> result = excess_over_chance(0.55, (0.45, 0.65), chance_rate=0.2)
    >>> [round(float(value), 2) for value in result]
    [0.35, 0.25, 0.45]
    """
    p, c, low, high = (np.asarray(values, dtype="float64") for values in (rate, chance_rate, *limits))
    by_chance = (c, c) if chance_limits is None else chance_limits
    chance_low, chance_high = (np.asarray(values, dtype="float64") for values in by_chance)
    for estimate, least, most in ((p, low, high), (c, chance_low, chance_high)):
        if (outside := (estimate < least - _ROUNDING) | (estimate > most + _ROUNDING)).any():
            raise ValueError(f"an estimate must lie within its limits; {int(outside.sum())} do not")
    return Excess(p - c, *limits_of_difference(p, (low, high), c, (chance_low, chance_high)))
