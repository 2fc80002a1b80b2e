"""How much memory is free, and what would not fit into it."""

from __future__ import annotations

import psutil

from analysis.usererror import StudyError

A_VISIT = 1_600  # bytes that all tables of a study take, for each visit of a hip
A_VISIT_OF_A_MEASURE = 1_200  # the same of what left against right makes
NEEDS_LESS = (
    "`capsule rates` needs less of a folder that `capsule process --data-only` made, where it groups by the class, the "
    "side, the episode or what is recorded of the person"
)


def free() -> int:
    """Return how many bytes of memory are free."""
    return int(psutil.virtual_memory().available)


def refuse_beyond_memory(study: str, n_bytes: int, what: str, instead: str) -> None:
    """Refuse what would end in the machine ending this process, without a word to the person.

    Parameters
    ----------
    study
        The name of its folder.
    n_bytes
        What it takes.
    what, instead
        What is asked for, and a sentence on what needs less.

    Raises
    ------
    StudyError
        It takes more than is free.
    """
    if n_bytes > (there := free()):
        needed = f"this needs {what}, about {in_gigabytes(n_bytes)} of memory, and {in_gigabytes(there)} are free"
        raise StudyError(f"{study}: {needed}. {instead}")


def in_gigabytes(n_bytes: int) -> str:
    """Return bytes in words.

    Examples
    --------
    >>> in_gigabytes(1_540_000_000)
    '1.5 GB'
    """
    return f"{n_bytes / 1e9:.1f} GB"
