"""What a reading says about the true angle, and about the next reading: normal tails, rounding included.

A reading is the true angle plus a normal error with standard deviation SEM, rounded to the step a person's
readings are kept to. Read backwards, the true angle lies around the reading; with the cohort as prior it is
pulled towards what is usual in the cohort.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import ndtr

from analysis.protocol.measures import Measure
from analysis.protocol.steps import in_steps, kept_to

_ROOT_TWO_PI = math.sqrt(2 * math.pi)
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(20)


class Prior(NamedTuple):
    """What is usual in a cohort: mean and variance of the true values, in the unit of the measure."""

    mean: float
    variance: float


def cohort_prior(steps: np.ndarray, n: np.ndarray, measure: Measure) -> Prior | None:
    """Return the prior that a cohort's readings give; ``None`` from fewer than two readings.

    The variance of readings less that of their errors, and not below the latter: in a cohort too small or too
    much alike to tell, a reading is still taken to be worth as much as what is usual.

    Parameters
    ----------
    steps, n
        Each reading that occurs, in whole steps of the measure, and how often.
    measure
        An angle or a count.
    """
    if n.sum() < 2 or measure.sem is None:
        return None
    mean, variance = mean_and_variance(steps, n, measure.step)
    return Prior(mean, max(variance - measure.sem**2, measure.sem**2))


def mean_and_variance(steps: np.ndarray, n: np.ndarray, step: float) -> tuple[float, float]:
    """Return the mean of numbers and their variance (over n − 1), from sums of whole numbers: the same in any order.

    Parameters
    ----------
    steps, n
        Each number that occurs, in whole steps, and how often; together twice at least.
    step
        In the unit of the result.
    """
    each = [(int(number), int(times)) for number, times in zip(steps, n, strict=True)]
    total, every = sum(number * times for number, times in each), sum(times for _, times in each)
    squares = sum(number * number * times for number, times in each)
    exact = Fraction(repr(float(step)))
    variance = Fraction(every * squares - total * total, every * (every - 1)) * exact * exact
    return float(Fraction(total, every) * exact), float(variance)


def step_codes(visits: pd.DataFrame, measure: str, step: float) -> pd.Series:
    """Return which of :func:`analysis.protocol.steps.kept_to` each person's readings of a measure are kept to.

    Parameters
    ----------
    visits
        Assessments, one row per hip and timepoint; all readings of a person tell, at any time and on any side.
    measure
        An angle or a count.
    step
        Of the measure.

    Returns
    -------
    pandas.Series
        Index into the steps, by ``patient_id``: the coarsest that divides every reading.
    """
    values, known = in_steps(visits[measure], step)
    codes, people = pd.factorize(visits["patient_id"])
    _, coarse, coarser = (
        np.bincount(codes[known & (values % multiple != 0)], minlength=len(people)) == 0 for multiple in kept_to(step)
    )
    return pd.Series(np.where(coarser, 2, coarse.astype("int8")), index=people, dtype="int8")


def chance_true_below(cut: float, readings: np.ndarray, step: float, sem: float, prior: Prior | None) -> np.ndarray:
    """Return the probability that the true angle behind each reading is below a cut-off.

    Parameters
    ----------
    cut, readings, step, sem
        In one unit.
    prior
        What is usual; ``None`` takes every true angle as equally likely beforehand.

    Returns
    -------
    numpy.ndarray
        Between 0 and 1, one entry per reading.

    Examples
    --------
    A reading of 19 with SEM 3: a quarter of such hips truly have 21 or more; in a cohort with a mean of 30
    nearly half do.

    >>> chance_true_below(21, np.array([19.0]), step=0.1, sem=3, prior=None).round(3).tolist()
    [0.747]
    >>> chance_true_below(21, np.array([19.0]), step=0.1, sem=3, prior=Prior(30, 49)).round(3).tolist()
    [0.542]
    """
    return _below(cut, readings, step, sem, prior, later_error=0.0)


def chance_next_below(
    lowest_above: int, readings: np.ndarray, step: float, sem: float, prior: Prior | None
) -> np.ndarray:
    """Return the probability that the next reading, rounded alike, is below a cut-off.

    Parameters
    ----------
    lowest_above
        The lowest value above the cut-off that a reading kept to ``step`` can have, as a whole number of these steps.
    readings, step, sem, prior
        As for :func:`chance_true_below`.
    """
    return _below((lowest_above - 0.5) * step, readings, step, sem, prior, later_error=sem)


def _below(
    cut: float, readings: np.ndarray, step: float, sem: float, prior: Prior | None, later_error: float
) -> np.ndarray:
    if prior is None:
        spread = math.hypot(sem, later_error)
        high, low = (_ramp((cut - readings + half) / spread) for half in (step / 2, -step / 2))
        return np.clip((high - low) * spread / step, 0.0, 1.0)
    reliability = prior.variance / (prior.variance + sem**2)
    spread = math.sqrt(prior.variance * (1 - reliability) + later_error**2)
    # Before it was rounded the reading lay anywhere within half a step, likelier where the prior has more.
    unrounded = readings[:, None] + _NODES * step / 2 - prior.mean
    exponent = -(unrounded**2) / (2 * (prior.variance + sem**2))
    weight = _WEIGHTS * np.exp(exponent - exponent.max(axis=1, keepdims=True))
    below = ndtr((cut - prior.mean - reliability * unrounded) / spread)
    return (weight * below).sum(axis=1) / weight.sum(axis=1)


def _ramp(z: np.ndarray) -> np.ndarray:
    """Integrate the normal distribution function up to z: zΦ(z) + φ(z)."""
    return z * ndtr(z) + np.exp(-(z**2) / 2) / _ROOT_TWO_PI
