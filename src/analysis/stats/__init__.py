"""Statistics for rates of hips within people: arrays in, numbers out."""

import numpy as np


def _load_special() -> None:
    """Load scipy.special, which copies every name of numpy, without two that nothing here has a use for.

    numpy loads its compiler of Fortran and its tools for tests when they are asked for: half of what all would take.
    """
    given = {name: object() for name in ("f2py", "testing") if name not in vars(np)}
    vars(np).update(given)
    import scipy.special  # noqa: F401

    for name, nothing in given.items():
        if vars(np)[name] is nothing:
            delattr(np, name)


_load_special()
