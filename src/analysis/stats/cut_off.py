"""Whether people seem to have been chosen by a first reading."""

import math

import numpy as np
from scipy.special import bdtr, ndtr

FEWEST_PEOPLE = 10
_ALARM = 0.01
_CLIFF = 0.12
_FEWEST_OF_A_SIDE = 0.1
_SMALL = 0.11  # at least so many normal differences are below a quarter of the median, where neither side is rare


def looks_cut_off(readings: np.ndarray, step: np.ndarray, n: np.ndarray | None = None) -> bool:
    """Say whether readings of people look cut off above: the highest is too low, and the readings end in a cliff.

    Both must hold: of normal readings as many as these, so low a highest one would be seen in fewer than 1 of 100
    samples; and of the readings above the median at least 12 % lie in the last quarter of the way up to the highest.

    Parameters
    ----------
    readings : ndarray of float, shape (people,)
        One of each person, the lower of two hips; NaN is left out.
    step : ndarray of float, shape (people,)
        What each is rounded to.
    n : ndarray of int, shape (people,), optional
        How many people each entry stands for; one if left out.

    Returns
    -------
    bool
        False with fewer than 10 people, or where all read alike.

    Notes
    -----
    `docs/methods.md` has how often it is right, and how often it is not.

    Examples
    --------
    >>> from scipy.special import ndtri
    >>> everyone = 20 + 8 * ndtri(np.arange(0.5, 400) / 400)
    >>> looks_cut_off(everyone, np.full(400, 0.1)), looks_cut_off(everyone[everyone < 20], np.full(200, 0.1))
    (False, True)
    """
    known = ~np.isnan(readings)
    values, n = readings[known], _people(readings, n)[known]
    if n.sum() < FEWEST_PEOPLE or not np.ptp(values) > 0:
        return False
    tops, middle = values + step[known] / 2, _median(values, n)  # what a reading may have been before it was rounded
    highest, mean = tops.max(), n @ values / n.sum()
    sd = math.sqrt(n @ (values - mean) ** 2 / (n.sum() - 1))
    if ndtr((highest - mean) / sd) ** n.sum() >= _ALARM:
        return False
    above = values > middle
    at_the_top = above & (tops > highest - (highest - middle) / 4)
    return bool(not above.any() or n[at_the_top].sum() / n[above].sum() >= _CLIFF)


def _people(values: np.ndarray, n: np.ndarray | None) -> np.ndarray:
    return np.ones(len(values), dtype="int64") if n is None else n


def _median(values: np.ndarray, n: np.ndarray) -> float:
    """Return the median of values of which there are n each."""
    order = np.argsort(values)
    up_to = np.cumsum(n[order])
    middle = np.searchsorted(up_to, [(up_to[-1] + 1) // 2, up_to[-1] // 2 + 1])
    return float(values[order][middle].mean())


def lacks_small(differences: np.ndarray, n: np.ndarray | None = None) -> bool:
    """Say whether people seem to have been chosen for sides that differ: small differences are missing.

    Both sides are lower in at least 10 % of people each, and of those only so few differ by less than a quarter of the
    median difference that fewer than 1 of 100 samples would show them.

    Parameters
    ----------
    differences : ndarray of float, shape (people,)
        Left minus right, signed; NaN is left out.
    n : ndarray of int, shape (people,), optional
        How many people each entry stands for; one if left out.

    Examples
    --------
    >>> differences = np.linspace(-12, 12, 100)
    >>> lacks_small(differences), lacks_small(differences[np.abs(differences) >= 5])
    (False, True)
    """
    known = ~np.isnan(differences)
    values, n = differences[known], _people(differences, n)[known]
    people = int(n.sum())
    rarer_side = min(n[values < 0].sum(), n[values > 0].sum())
    if people < FEWEST_PEOPLE or rarer_side / people < _FEWEST_OF_A_SIDE:
        return False
    size = np.abs(values)
    return bool(bdtr(int(n[size < _median(size, n) / 4].sum()), people, _SMALL) < _ALARM)
