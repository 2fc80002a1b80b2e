"""How much memory is free, and what would not fit into it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psutil

from analysis.usererror import StudyError

A_VISIT = 1_600  # bytes that all tables of a study take, for each visit of a hip
A_VISIT_OF_BOTH_SIDES = 150  # the same of what left against right in degrees keeps
A_VISIT_OF_CLAIMS = 400  # the same of what claims look at
NEEDS_LESS = (
    "`capsule rates` needs less of a folder that `capsule process --data-only` made, where it groups by the class, the "
    "side, the episode or what is recorded of the person"
)
_OWN_GROUPS, _GROUPS = Path("/proc/self/cgroup"), Path("/sys/fs/cgroup")
# Where Linux keeps the limit of a group of processes, such as a container, and what it uses: in the two versions.
_UNIFIED = ("memory.max", "memory.current")
_OF_MEMORY = ("memory.limit_in_bytes", "memory.usage_in_bytes")


def free() -> int:
    """Return how many bytes of memory are free, in the machine and in the container that this process is in."""
    return min([int(psutil.virtual_memory().available), *_left_in_groups()])


def own() -> int:
    """Return how many bytes of memory this process has taken already."""
    return int(psutil.Process().memory_info().rss)


def _left_in_groups() -> Iterator[int]:
    try:
        lines = _OWN_GROUPS.read_text().splitlines()
    except OSError:  # another system than Linux
        return
    for number, kinds, path in (line.split(":", 2) for line in lines if line.count(":") > 1):
        if number != "0" and "memory" not in kinds.split(","):
            continue
        root, names = (_GROUPS, _UNIFIED) if number == "0" else (_GROUPS / "memory", _OF_MEMORY)
        place = root / path.lstrip("/")
        # Each group above counts too; in a container its own group may stand at the root, whatever its path is.
        for folder in [place, *place.parents]:
            if folder.is_relative_to(root):
                yield from _left_in(folder, *names)


def _left_in(group: Path, limit: str, used: str) -> Iterator[int]:
    try:
        most, taken = (int((group / name).read_text()) for name in (limit, used))
        stated = dict(line.split() for line in (group / "memory.stat").read_text().splitlines())
    except (OSError, ValueError):  # no such group here, or it has no limit
        return
    # What is kept of files that were read is given back as soon as somebody needs it.
    files = (stated.get(f"total_{kind}", stated.get(kind, "0")) for kind in ("active_file", "inactive_file"))
    yield max(most - taken + sum(map(int, files)), 0)


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
