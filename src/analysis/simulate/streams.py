"""One stream of random numbers per part of the cohort, so that one part does not reshuffle another."""

import numpy as np

# A new part goes to the end: the place in this list is part of every cohort already drawn.
PARTS = ("clinics", "people", "schedule", "treatment", "gains", "readings", "missing", "errors", "reread", "persons")


def stream(seed: int, part: str) -> np.random.Generator:
    """Open the stream of one part of the cohort.

    Parameters
    ----------
    seed : int
        Seed of the cohort, 0 or more.
    part : str
        One of `PARTS`.

    Returns
    -------
    numpy.random.Generator
        The same numbers for the same seed and part, whatever the other parts draw.

    Examples
    --------
    >>> bool(stream(1, "people").random() == stream(1, "people").random())
    True
    >>> bool(stream(1, "people").random() == stream(1, "gains").random())
    False
    """
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(PARTS.index(part),)))
