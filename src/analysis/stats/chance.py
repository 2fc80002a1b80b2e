"""How often a hip passes a rule by chance: nothing truly changed, yet the readings did.

A reading is the hip's true value plus a normal error with standard deviation SEM, rounded to a step.
"""

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr, ndtri, owens_t

from analysis.stats.regression_to_mean import OtherHip, pull_to_mean


def gain_by_chance(
    before: ArrayLike,
    gain: ArrayLike,
    sem: float,
    step: float,
    mean: ArrayLike,
    variance: float,
    other: OtherHip | None = None,
) -> np.ndarray:
    """Return each hip's probability of a gain, given its first reading.

    A low first reading is in part bad luck, so the next one tends to be higher: the true value given the
    reading is normal, pulled towards the cohort's mean by the reliability r = σ²/(σ² + SEM² + step²/12),
    with variance σ²(1 - r). The later reading is recorded on the grid of `step`; it passes from half a step
    below the first grid value that is at least `before` + `gain`.

    Parameters
    ----------
    before : array_like of float, shape (hips,)
        First readings, multiples of `step`; NaN gives NaN.
    gain : float or array_like of float, shape (hips,)
        Smallest gain that passes.
    sem : float
        Standard error of measurement of one reading.
    step : float
        What readings are rounded to; 0 for no rounding.
    mean, variance : float
        Of the first readings in the cohort from which the hips were chosen, before they were chosen; σ² is
        `variance` less the part due to error and rounding, and not below 0. NaN gives NaN. The mean may be one for
        each hip.
    other : OtherHip, optional
        What the person's other hip read; see :func:`analysis.stats.regression_to_mean.pull_to_mean`.

    Returns
    -------
    ndarray of float, shape (hips,)
        P(after - before ≥ gain) with no true change.

    Raises
    ------
    ValueError
        If `sem` is not positive, or `step` or `variance` is negative.

    Notes
    -----
    All values share one unit. Rounding is treated as an error of variance step²/12, which is close while
    the step is below the spread of the readings.

    References
    ----------
    Davis CE (1976). Am J Epidemiol 104:493-498 (selection on a first reading).

    Examples
    --------
    A hip read low, at the mean, and high:

    >>> gain_by_chance([10, 22, 34], gain=5, sem=3, step=1, mean=22, variance=64).round(2).tolist()
    [0.25, 0.14, 0.07]
    """
    _check_error(sem, step)
    readings = np.asarray(before, dtype=float)
    pull = pull_to_mean(readings, sem, step, mean, variance, other)
    return ndtr(
        (readings + pull.change - _lowest_passing(readings + np.asarray(gain, dtype=float), step)) / pull.spread
    )


def loss_by_chance(
    before: ArrayLike,
    loss: ArrayLike,
    sem: float,
    step: float,
    mean: ArrayLike,
    variance: float,
    other: OtherHip | None = None,
) -> np.ndarray:
    """Return each hip's probability of a loss, given its first reading: `gain_by_chance` mirrored.

    Parameters
    ----------
    before : array_like of float, shape (hips,)
        First readings, multiples of `step`; NaN gives NaN.
    loss : float or array_like of float, shape (hips,)
        Smallest loss that passes, as a positive number.
    sem, step, mean, variance, other
        As for `gain_by_chance`.

    Returns
    -------
    ndarray of float, shape (hips,)
        P(before - after ≥ loss) with no true change.

    Raises
    ------
    ValueError
        If `sem` is not positive, or `step` or `variance` is negative.

    Examples
    --------
    >>> loss_by_chance([10, 22, 34], loss=5, sem=3, step=1, mean=22, variance=64).round(2).tolist()
    [0.07, 0.14, 0.25]
    """
    if other is not None:
        other = OtherHip(-other.reading, -other.mean, other.correlation)
    return gain_by_chance(-np.asarray(before, dtype=float), loss, sem, step, -np.asarray(mean), variance, other)


def sign_change_by_chance(prevalence: ArrayLike, reliability: ArrayLike) -> np.ndarray:
    """Return the probability that a positive sign is negative on a second test of an unchanged hip.

    Both tests cut a normal variable at the value that makes the given share positive; the two variables
    are correlated. With z = Φ⁻¹(prevalence) the probability is 2·T(z, √((1 - r)/(1 + r)))/prevalence,
    T being Owen's function.

    Parameters
    ----------
    prevalence : array_like of float
        Share of first tests that are positive, 0 to 1; NaN gives NaN, and so does 0, as no sign is positive.
    reliability : array_like of float
        Test-retest correlation of the variable beneath the sign, 0 to 1; NaN gives NaN.

    Returns
    -------
    ndarray of float
        P(second negative given first positive): 0 at a reliability of 1, 1 - prevalence at one of 0.

    Raises
    ------
    ValueError
        If `prevalence` or `reliability` lies outside 0 to 1.

    References
    ----------
    Owen DB (1956). Ann Math Stat 27:1075-1090.

    Examples
    --------
    >>> sign_change_by_chance(0.28, [0, 0.8, 1]).round(3).tolist()
    [0.72, 0.307, 0.0]
    """
    positive, correlation = np.asarray(prevalence, dtype=float), np.asarray(reliability, dtype=float)
    for name, values in (("prevalence", positive), ("reliability", correlation)):
        if np.any((values < 0) | (values > 1)):
            raise ValueError(f"{name} must lie between 0 and 1")
    positive = np.where(positive > 0, positive, np.nan)
    return 2 * owens_t(ndtri(positive), np.sqrt((1 - correlation) / (1 + correlation))) / positive


def at_least(probabilities: ArrayLike, k: int) -> np.ndarray:
    """Return the probability that at least `k` of several independent events happen.

    Parameters
    ----------
    probabilities : array_like of float, shape (hips, events)
        Each event's probability per hip, 0 to 1; a NaN makes the hip's result NaN.
    k : int
        How many events are asked for.

    Returns
    -------
    ndarray of float, shape (hips,)
        From the Poisson binomial distribution.

    Raises
    ------
    ValueError
        If `probabilities` does not have two dimensions, one lies outside 0 to 1, or `k` lies outside 0 to the
        number of events.

    Examples
    --------
    Two of three coins: 3/8 + 1/8.

    >>> at_least([[0.5, 0.5, 0.5]], k=2).tolist()
    [0.5]
    """
    events = np.asarray(probabilities, dtype=float)
    if events.ndim != 2 or not 0 <= k <= events.shape[1]:
        raise ValueError(f"need one column per event and 0 ≤ k ≤ events; the shape is {events.shape} and k is {k}")
    if np.any((events < 0) | (events > 1)):
        raise ValueError("a probability must lie between 0 and 1")
    if k == events.shape[1]:
        return np.multiply.reduce(events, axis=1)
    # happened[j] is the probability that exactly j of the events so far happened.
    happened = np.zeros((events.shape[1] + 1, len(events)))
    happened[0] = 1
    for probability in events.T:
        one_more = happened[:-1] * probability
        happened *= 1 - probability
        happened[1:] += one_more
    return happened[k:].sum(axis=0)


def _lowest_passing(target: np.ndarray, step: float) -> np.ndarray:
    """Return the unrounded value from which a reading, once rounded, is at least the target."""
    if step == 0:
        return target
    # A target on the grid can come out a hair above it: 0.3/0.1 is 2.9999999999999996.
    steps = np.ceil(np.round(target / step, 6))
    return (steps - 0.5) * step


def _check_error(sem: float, step: float) -> None:
    if not sem > 0:
        raise ValueError(f"the standard error of measurement must be positive; it is {sem}")
    if not step >= 0:
        raise ValueError(f"the rounding step cannot be negative; it is {step}")
