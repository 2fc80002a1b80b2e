"""Clinics within which two groups of hips can be compared; those with too few of either are taken together."""

import numpy as np
from numpy.typing import ArrayLike

from analysis.stats.labels import numbered

FEWEST_PEOPLE = 5
"""With fewer people in either group a clinic says too little of how the groups differ in it."""


def strata_with_both(stratum: ArrayLike, exposed: ArrayLike, person: ArrayLike) -> np.ndarray:
    """Return strata in each of which at least 5 people have hips of each of two groups.

    Beginning with those that have the fewest, strata are taken together until they have enough; every other one
    stays by itself.

    Parameters
    ----------
    stratum, exposed, person : array_like, shape (hips,)
        The clinic of each hip, whether it is in the one group, and whose it is.

    Returns
    -------
    ndarray of int, shape (hips,)
        Number of each hip's stratum, from 0; all 0 where the hips cannot be divided so.

    Examples
    --------
    >>> clinic, hips = np.repeat(["A", "B", "C", "D"], [10, 10, 6, 4]), np.arange(30)
    >>> np.bincount(strata_with_both(clinic, hips % 2, hips)).tolist()
    [10, 10, 10]
    """
    number = numbered(stratum, "stratum")
    group = np.asarray(exposed, dtype=bool)
    who = [np.unique(np.stack([number[group == own], numbered(person)[group == own]]), axis=1)[0] for own in (0, 1)]
    people = np.array([np.bincount(those, minlength=number.max(initial=-1) + 1) for those in who])
    level, together = np.zeros(people.shape[1], dtype=int), np.zeros(2, dtype=int)
    for one in np.argsort(people.min(axis=0), kind="stable"):
        if people[:, one].min() >= FEWEST_PEOPLE and (together.min() >= FEWEST_PEOPLE or not together.any()):
            level[one] = level.max() + 1
        else:
            together += people[:, one]
    return np.unique(level, return_inverse=True)[1][number]
