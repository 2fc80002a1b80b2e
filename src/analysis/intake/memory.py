"""How much memory the reading of a study takes, and in how many groups of people it fits into less."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from analysis.intake.groups import RowsSeen
from analysis.intake.problems import Problems
from analysis.intake.reading import Reading, data_files
from analysis.intake.study_rows import read_rows
from analysis.machine.memory import free, in_gigabytes, refuse_beyond_memory
from analysis.usererror import StudyError

# Measured on two and on twenty million visits.
_PROGRAM = 300 * 2**20
_TABLES = 5  # of a group, to be made, checked and written, for each byte of its rows
_LOADED = 2  # of all rows, to be made and checked beside them
_WRITTEN = 6  # bytes of rows take one in the file that is written, which is kept until it is whole
_TEXT = 4  # to read a file, for each byte of it
_PACKED = 40  # the same of a kind that is packed, at most
_KINDS_OF_TEXT = (".csv", ".tsv", ".txt", ".ndjson", ".json", ".xml")


def in_groups(folder: Path, memory: int | None = None) -> Reading:
    """Begin to read a study within some memory, in as few groups of people as fit into it.

    Parameters
    ----------
    folder
        A folder with a ``study.toml``.
    memory
        In bytes; left out, four fifths of what is free.

    Raises
    ------
    StudyError, ProtocolError
        ``study.toml`` or the protocol cannot be used at all, or a file alone takes more than that.
    """
    memory = memory or free() * 4 // 5
    reading = Reading.of(folder)
    files = [(path, path.stat().st_size) for path in data_files(folder, reading.declared)]
    as_text = max((size * _TEXT for path, size in files if _is_text(path)), default=0)
    if _PROGRAM + as_text > memory:
        raise StudyError(
            f"{folder.name}: to read its largest file takes about {in_gigabytes(_PROGRAM + as_text)} of memory, "
            f"and {in_gigabytes(memory)} may be used; divide the file into several"
        )
    to_read = [size * (_TEXT if _is_text(path) else _PACKED) for path, size in files]
    room = max(memory - _PROGRAM - max(to_read, default=0), memory // 5)
    if _TABLES * sum(to_read) <= 2 * room:  # rows take half of what it takes to read them, mostly less
        return reading
    seen = RowsSeen()
    read_rows(reading.folder, reading.declared, reading.protocol, Problems(), seen)
    room = max(room - seen.n_bytes // _WRITTEN, memory // 10)
    reading.cuts = seen.cuts(math.ceil(_TABLES * seen.n_bytes / room))
    return reading


def everyone_that_fits(folder: Path) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """Return what keeps all rows, as long as the tables made of them will fit into memory."""
    kept = 0

    def keep(rows: pd.DataFrame) -> pd.DataFrame:
        nonlocal kept
        kept += int(rows.memory_usage(index=False).sum())
        instead = "`capsule process --data-only` reads it in groups of people, and commands take the folder it makes"
        refuse_beyond_memory(folder.resolve().name, kept * _LOADED, "a table of its visits", instead)
        return rows

    return keep


def _is_text(path: Path) -> bool:
    return path.suffix.lower() in _KINDS_OF_TEXT
