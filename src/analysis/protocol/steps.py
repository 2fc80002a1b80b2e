"""The step of a measure, in which its readings are exact: readings, cut-offs and gains as whole numbers of it.

A difference of two floats misses an exact threshold about 200 times in 900,000; whole numbers never do. A step is
a decimal number (0.1, 0.25, 0.005) and is taken as it is written, not as the float that stands for it.
"""

from __future__ import annotations

import math
from fractions import Fraction
from functools import cache

import numpy as np
import pandas as pd


@cache
def _ratio(step: float) -> tuple[int, int]:
    """Return the step as the two whole numbers of a fraction: 0.25 is 1 and 4."""
    return Fraction(repr(float(step))).as_integer_ratio()


def _unrounded(values: np.ndarray, step: float) -> np.ndarray:
    parts, per = _ratio(step)
    scaled = values * per
    return scaled if parts == 1 else scaled / parts


def in_steps(readings: pd.Series, step: float) -> tuple[np.ndarray, np.ndarray]:
    """Return readings as whole steps of their measure, and where they are known.

    Parameters
    ----------
    readings
        In the unit of the measure; multiples of the step, but for the last bit of a float.
    step
        Of the measure.

    Returns
    -------
    numpy.ndarray, numpy.ndarray
        int64 steps (0 where missing), and a boolean mask of the known ones.

    Examples
    --------
    >>> in_steps(pd.Series([21.3, None]), 0.1)[0].tolist(), in_steps(pd.Series([1.25, 0.5]), 0.25)[0].tolist()
    ([213, 0], [5, 2])
    """
    values = readings.to_numpy(dtype="float64", na_value=np.nan)
    known = ~np.isnan(values)
    return round_to_steps(np.where(known, values, 0.0), step).astype("int64"), known


def round_to_steps(values: np.ndarray, step: float) -> np.ndarray:
    """Return readings as whole steps of their measure, still as floats; NaN stays NaN."""
    scaled = _unrounded(values, step)
    return np.rint(scaled, out=scaled)


def cut_in_steps(value: float, step: float) -> float:
    """Return a cut-off in steps: whole when it is a whole number of them, however it is stored.

    Examples
    --------
    >>> cut_in_steps(0.15, 0.01), cut_in_steps(22.25, 0.1)
    (15.0, 222.5)
    """
    parts, per = _ratio(step)
    return round(value * per / parts, 6)


def from_steps(whole: np.ndarray, step: float) -> np.ndarray:
    """Return whole steps in the unit of the measure: the floats that their decimal numbers are read as.

    Examples
    --------
    >>> from_steps(np.array([3, 213]), 0.1).tolist(), from_steps(np.array([29]), 0.005).tolist()
    ([0.3, 21.3], [0.145])
    """
    parts, per = _ratio(step)
    return whole * parts / per


def is_finer(values: np.ndarray, step: float) -> np.ndarray:
    """Return which values are no whole number of steps; the last bits of a float do not count.

    Examples
    --------
    >>> is_finer(np.array([0.1 + 0.2, 12.34, np.nan]), 0.1).tolist()
    [False, True, False]
    """
    steps = _unrounded(np.asarray(values, dtype="float64"), step)
    off = np.rint(steps)
    np.abs(np.subtract(steps, off, out=off), out=off)
    # In place: new memory for two million readings takes longer than the sum.
    last_bits = np.multiply(4e-16, np.abs(steps, out=steps), out=steps)
    finer: np.ndarray = off > np.add(1e-8, last_bits, out=last_bits)
    return finer


def decimals(step: float) -> int:
    """Return how many decimals the readings of a measure have.

    Examples
    --------
    >>> [decimals(step) for step in (5.0, 1.0, 0.1, 0.25, 0.005)]
    [0, 0, 1, 2, 3]
    """
    places, per = 0, _ratio(step)[1]
    while 10**places % per:
        places += 1
    return places


@cache
def kept_to(step: float) -> tuple[int, int, int]:
    """Return what people keep their readings to, in whole steps: the step itself, and the two coarser round numbers.

    Tenths are also read to 1 and to 5, hundredths to 0.1 and to 0.5, whole numbers to 5 and to 10.

    Examples
    --------
    >>> kept_to(0.1), kept_to(0.01), kept_to(0.25), kept_to(1.0)
    ((1, 10, 50), (1, 10, 50), (1, 4, 20), (1, 5, 10))
    """
    exact = Fraction(*_ratio(step))
    power = math.ceil(math.log10(step) - 1e-9)
    round_number = Fraction(10) ** power
    if round_number == exact:
        return (1, 5, 10) if exact >= 1 else (1, 10, 50)
    times = round_number / exact
    return (1, int(times), 5 * int(times)) if times.denominator == 1 else (1, 10, 50)


def five_of(step: float) -> float:
    """Return the round number with a 5 that readings are kept to most often: 5 for degrees, 0.5 for hundredths.

    Examples
    --------
    >>> five_of(0.1), five_of(0.01), five_of(1.0)
    (5.0, 0.5, 5.0)
    """
    _, coarse, coarser = kept_to(step)
    return float(from_steps(np.array(coarse if step >= 1 else coarser), step))
