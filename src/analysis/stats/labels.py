"""Whose each value is: labels of people or clinics become numbers."""

import numpy as np
from numpy.typing import ArrayLike


def numbered(labels: ArrayLike, whose: str = "person") -> np.ndarray:
    """Return each label's number, from 0, in the order of the labels.

    Parameters
    ----------
    labels : array_like
        Text or numbers; not missing, as nobody can tell whether two hips of unknown people are of one person.
    whose : str, default "person"
        What a label names, for the message.

    Returns
    -------
    ndarray of int
        Shaped as `labels`; every number from 0 to the highest occurs.

    Raises
    ------
    ValueError
        If a label is missing.

    Examples
    --------
    >>> numbered(["b", "a", "b"]).tolist()
    [1, 0, 1]
    """
    given = np.asarray(labels)
    if any_missing(given):
        raise ValueError(f"a {whose} is missing; leave out what belongs to an unknown one, or name it")
    return np.unique(given, return_inverse=True)[1].reshape(given.shape)


def any_missing(labels: np.ndarray) -> bool:
    """Return whether a label is missing; see :func:`missing`."""
    return bool(missing(labels).any())


def missing(labels: np.ndarray) -> np.ndarray:
    """Return which labels are None, NaN or pandas.NA, which do not sort with others and equal nothing."""
    if labels.dtype.kind in "biuUS":
        return np.zeros(labels.shape, dtype=bool)
    if labels.dtype.kind == "f":
        return np.isnan(labels)
    return np.array([_missing(label) for label in labels.ravel().tolist()], dtype=bool).reshape(labels.shape)


def _missing(label: object) -> bool:
    try:
        return label is None or bool(label != label)
    except TypeError:  # pandas.NA does not say whether it differs from itself
        return True
