"""Whether a responder rate is clear of the rate that chance alone would give."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import bdtrc

ABOVE, BELOW, UNCLEAR, UNKNOWN = "more than chance", "fewer than chance", "not clear of chance", "not known"
DEPENDS = "depends on the measurement error"
_FEW_PEOPLE = 10
_ONE_SIDED = 0.025


def against_chance(
    low: ArrayLike,
    high: ArrayLike,
    chance_rate: ArrayLike,
    people: ArrayLike,
    people_with: ArrayLike,
    hips: ArrayLike,
) -> np.ndarray:
    """Say of each rate whether it is clear of its chance rate.

    The chance rate must lie outside the rate's 95 % interval. Where fewer than 10 people responded, a rate is called
    more than chance only if an exact test agrees: near 0 Wilson's lower limit is generous, so that one or two
    responders of hundreds would be enough. The test counts people. A person shows a responder by chance with a
    probability of at most the sum of the chances of the hips, and so many people or more do so with a probability
    of at most that of a binomial count with the mean of these; it must not exceed 2.5 %. Enumerated for 10 to 300
    people with one hip each and chances of .0005 to .3, chance alone is called more in 4.4 % at most. One person
    alone is never called more than chance, however small the chance: it hangs on a single reading.

    Parameters
    ----------
    low, high : array_like of float, shape (groups,)
        The rate's 95 % interval; NaN where there is no rate.
    chance_rate : array_like of float, shape (groups,)
        Mean chance of the judged hips; NaN where it is not known.
    people, people_with, hips : array_like of int, shape (groups,)
        People with a judged hip, those of them with a responding hip, and judged hips.

    Returns
    -------
    numpy.ndarray
        Shape (groups,), of text: more than chance, fewer than chance, not clear of chance, or not known.

    References
    ----------
    Hoeffding W (1956). Ann Math Stat 27:713-721, for the bound on a count of unlike chances.

    Examples
    --------
    One responder of 31 with a chance of 1 in 1,000 each is not enough; three are.

    >>> against_chance([0.006, 0.03], [0.162, 0.25], [0.001, 0.001], [31, 31], [1, 3], [31, 31]).tolist()
    ['not clear of chance', 'more than chance']
    """
    low, high, chance = (np.asarray(values, dtype="float64") for values in (low, high, chance_rate))
    people, people_with, hips = (np.asarray(values, dtype="int64") for values in (people, people_with, hips))
    of_person = np.minimum(1.0, np.nan_to_num(chance) * hips / np.maximum(people, 1))
    rare = bdtrc(people_with - 1, people, of_person) <= _ONE_SIDED
    above = (low > chance) & (people_with > 1) & (rare | (people_with >= _FEW_PEOPLE))
    unknown = np.isnan(low) | np.isnan(high) | np.isnan(chance)
    return np.select([unknown, above, high < chance], [UNKNOWN, ABOVE, BELOW], UNCLEAR)


def against_every_chance(
    low: ArrayLike,
    high: ArrayLike,
    chance_rates: Sequence[ArrayLike],
    people: ArrayLike,
    people_with: ArrayLike,
    hips: ArrayLike,
) -> np.ndarray:
    """Say of each rate whether it is clear of its chance rate whatever the measurement error.

    Parameters
    ----------
    low, high, people, people_with, hips
        As for :func:`against_chance`.
    chance_rates : sequence of array_like of float, shape (groups,)
        The chance rate at each measurement error tried.

    Returns
    -------
    numpy.ndarray
        As :func:`against_chance`; "depends on the measurement error" where the verdicts are not all the same.

    Examples
    --------
    >>> against_every_chance([0.3], [0.5], [[0.1], [0.35]], [40], [30], [60]).tolist()
    ['depends on the measurement error']
    """
    verdicts = [against_chance(low, high, chance, people, people_with, hips) for chance in chance_rates]
    alike = np.logical_and.reduce([verdict == verdicts[0] for verdict in verdicts])
    return np.where(alike, verdicts[0], DEPENDS)
