"""What a reading says about the true angle, and about the next reading: normal tails, rounding included.

A reading is the true angle plus a normal error with standard deviation SEM, rounded to the step a person's
readings are kept to. Read backwards, the true angle lies around the reading; with the cohort as prior it is
pulled towards what is usual in the cohort.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import ndtr

from analysis.schema import tenths

STEPS = (0.1, 1.0, 5.0)  # degrees; whoever reads finer reads to a tenth
_ROOT_TWO_PI = math.sqrt(2 * math.pi)
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(20)


class Prior(NamedTuple):
    """What is usual in a cohort: mean and variance of the true angles, in degrees."""

    mean: float
    variance: float


def cohort_prior(readings: pd.Series, sem: float) -> Prior | None:
    """Return the prior that a cohort's readings give; ``None`` from fewer than two readings.

    The variance of readings less that of their errors, and not below the latter: in a cohort too small or too
    much alike to tell, a reading is still taken to be worth as much as what is usual.
    """
    values, known = tenths(readings)
    if known.sum() < 2:
        return None
    degrees = values[known] / 10
    variance = float(degrees.var(ddof=1))
    return Prior(float(degrees.mean()), max(variance - sem**2, sem**2))


def step_codes(visits: pd.DataFrame, measure: str) -> pd.Series:
    """Return, for each person, which of :data:`STEPS` their readings of a measure are kept to.

    Parameters
    ----------
    visits
        Assessments, one row per hip and timepoint; all readings of a person tell, at any time and on any side.
    measure
        An angle or a count.

    Returns
    -------
    pandas.Series
        Index into STEPS, by ``patient_id``: the coarsest step that divides every reading.
    """
    values, known = tenths(visits[measure])
    codes, people = pd.factorize(visits["patient_id"])
    coarse = [
        np.bincount(codes[known & (values % round(10 * step) != 0)], minlength=len(people)) == 0 for step in STEPS[1:]
    ]
    return pd.Series(sum(fits.astype("int8") for fits in coarse), index=people, dtype="int8")


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
    first_above: int, readings: np.ndarray, step: float, sem: float, prior: Prior | None
) -> np.ndarray:
    """Return the probability that the next reading, rounded alike, is below a cut-off.

    Parameters
    ----------
    first_above
        The first whole tenth above the cut-off.
    readings, step, sem, prior
        As for :func:`chance_true_below`.
    """
    steps_up = -(-first_above // round(10 * step))  # the lowest value of the grid that is above
    return _below((steps_up - 0.5) * step, readings, step, sem, prior, later_error=sem)


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
