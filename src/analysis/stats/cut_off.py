"""Whether people seem to have been chosen by a first reading."""

import numpy as np
from scipy.special import bdtr, ndtr

FEWEST_PEOPLE = 10
_ALARM = 0.01
_CLIFF = 0.12
_FEWEST_OF_A_SIDE = 0.1
_SMALL = 0.11  # at least so many normal differences are below a quarter of the median, where neither side is rare


def looks_cut_off(readings: np.ndarray, step: np.ndarray) -> bool:
    """Say whether readings of people look cut off above: the highest is too low, and the readings end in a cliff.

    Both must hold: of normal readings as many as these, so low a highest one would be seen in fewer than 1 of 100
    samples; and of the readings above the median at least 12 % lie in the last quarter of the way up to the highest.

    Parameters
    ----------
    readings : ndarray of float, shape (people,)
        One of each person, the lower of two hips; NaN is left out.
    step : ndarray of float, shape (people,)
        What each is rounded to.

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
    values = readings[known]
    if len(values) < FEWEST_PEOPLE or not values.std() > 0:
        return False
    tops, middle = values + step[known] / 2, np.median(values)  # what a reading may have been before it was rounded
    highest = tops.max()
    if ndtr((highest - values.mean()) / values.std(ddof=1)) ** len(values) >= _ALARM:
        return False
    above = tops[values > middle]
    return bool(len(above) == 0 or (above > highest - (highest - middle) / 4).mean() >= _CLIFF)


def lacks_small(differences: np.ndarray) -> bool:
    """Say whether people seem to have been chosen for sides that differ: small differences are missing.

    Both sides are lower in at least 10 % of people each, and of those only so few differ by less than a quarter of the
    median difference that fewer than 1 of 100 samples would show them.

    Parameters
    ----------
    differences : ndarray of float, shape (people,)
        Left minus right, signed; NaN is left out.

    Examples
    --------
    >>> differences = np.linspace(-12, 12, 100)
    >>> lacks_small(differences), lacks_small(differences[np.abs(differences) >= 5])
    (False, True)
    """
    values = differences[~np.isnan(differences)]
    if len(values) < FEWEST_PEOPLE or min((values < 0).mean(), (values > 0).mean()) < _FEWEST_OF_A_SIDE:
        return False
    small = int((np.abs(values) < np.median(np.abs(values)) / 4).sum())
    return bool(bdtr(small, len(values), _SMALL) < _ALARM)
