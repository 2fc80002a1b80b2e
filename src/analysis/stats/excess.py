"""How far a responder rate exceeds what chance alone would give."""

import math
from typing import NamedTuple

from analysis.stats.intervals import Interval


class Excess(NamedTuple):
    """Rate minus chance rate."""

    excess: float
    interval: Interval


def excess_over_chance(
    rate: float, rate_interval: Interval, chance_rate: float, chance_interval: Interval | None = None
) -> Excess:
    """Return how far a rate exceeds its chance rate, with an interval.

    Without `chance_interval` the chance rate is taken as known: it follows from the measurement error of
    the protocol, the cut-offs and the rounding, not from these outcomes, and the interval is the rate's
    own, moved. Where the measurement error was itself estimated from test-retest data, give the chance
    rates at its limits, and their uncertainty is added in squares (the method of variance estimates
    recovery).

    Parameters
    ----------
    rate, chance_rate : float
        The observed rate and the rate had nothing truly changed; NaN in either gives NaN.
    rate_interval : Interval
        Limits of the rate, from any method.
    chance_interval : Interval, optional
        Limits of the chance rate.

    Returns
    -------
    Excess
        Below 0 where fewer responded than by chance.

    Raises
    ------
    ValueError
        If an estimate lies outside its interval.

    References
    ----------
    Zou GY, Donner A (2008). Stat Med 27:1693-1702.

    Examples
    --------
    >>> result = excess_over_chance(0.55, Interval(0.45, 0.65), chance_rate=0.2)
    >>> round(result.excess, 2), round(result.interval.low, 2), round(result.interval.high, 2)
    (0.35, 0.25, 0.45)
    """
    by_chance = chance_interval or Interval(chance_rate, chance_rate)
    for estimate, (low, high) in ((rate, rate_interval), (chance_rate, by_chance)):
        if estimate < low or estimate > high:
            raise ValueError(f"an estimate must lie within its interval; {estimate} does not lie in {low} to {high}")
    excess = rate - chance_rate
    return Excess(
        excess,
        Interval(
            excess - math.hypot(rate - rate_interval.low, by_chance.high - chance_rate),
            excess + math.hypot(rate_interval.high - rate, chance_rate - by_chance.low),
        ),
    )
