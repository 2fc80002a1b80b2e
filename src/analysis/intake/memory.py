"""How much memory the reading of a study takes, and in how many groups of people it fits into less."""

from __future__ import annotations

import math
import zipfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from analysis.intake.groups import RowsSeen
from analysis.intake.problems import Problems
from analysis.intake.reading import Reading, data_files
from analysis.intake.study_rows import read_rows
from analysis.machine.memory import free, in_gigabytes, own, refuse_beyond_memory
from analysis.usererror import StudyError

# Measured on two and on twenty million visits.
_PROGRAM = 300 * 2**20
_TABLES = 5  # of a group, to be made, checked and written, for each byte of its rows
_LOADED = 2  # of all rows, to be made and checked beside them
_WRITTEN = 6  # bytes of rows take one in the file that is written, which is kept until it is whole
_TEXT = 4  # to read a file, for each byte of it; of a workbook for each byte of what it packs
_PACKED = {".dta": 12, ".sav": 12, ".xls": 12, ".xpt": 12}  # the same of kinds that keep numbers and words as they are
_TIGHT = 100  # the same of the others, such as .parquet and .gz, at most
_KINDS_OF_TEXT = (".csv", ".tsv", ".txt", ".ndjson", ".json", ".xml")


def in_groups(folder: Path, memory: int | None = None) -> Reading:
    """Begin to read a study within some memory, in as few groups of people as fit into it.

    Parameters
    ----------
    folder
        A folder with a ``study.toml``.
    memory
        In bytes, with what the program has taken already; left out, four fifths of what is free beside that.

    Raises
    ------
    StudyError, ProtocolError
        ``study.toml`` or the protocol cannot be used at all, or a file alone takes more than that.
    """
    memory = memory or free() * 4 // 5 + own()
    reading = Reading.of(folder)
    files = data_files(folder, reading.declared)
    to_read = [_to_read(path) or path.stat().st_size * _PACKED.get(path.suffix.lower(), _TIGHT) for path in files]
    # However little is free, a small study is read: the program runs already.
    room = max(memory - _PROGRAM, memory // 4)
    if (largest := max(map(_to_read, files), default=0)) > room:
        raise StudyError(
            f"{folder.name}: to read its largest file takes about {in_gigabytes(largest + _PROGRAM)} of memory, "
            f"and {in_gigabytes(memory)} may be used; divide the file into several"
        )
    room = max(room - max(to_read, default=0), memory // 5)
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


def _to_read(path: Path) -> int:
    """Return how many bytes it takes to read a file of text, or a .zip or a workbook of such; 0 of other kinds.

    The pictures in a workbook are not read.
    """
    if path.suffix.lower() in _KINDS_OF_TEXT:
        return path.stat().st_size * _TEXT
    try:
        with zipfile.ZipFile(path) as packed:
            parts = [part for part in packed.infolist() if Path(part.filename).suffix.lower() in _KINDS_OF_TEXT]
    except (OSError, zipfile.BadZipFile, NotImplementedError, ValueError):
        return 0
    return sum(part.file_size for part in parts) * _TEXT
