"""A file becomes a rectangle of text. Nothing is interpreted here, and nothing is guessed."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from analysis.intake.columnar import read_parquet, read_statistics
from analysis.intake.delimited import read_delimited
from analysis.intake.no_patient import until_last_row
from analysis.intake.problems import Problems
from analysis.intake.sheet import Sheet
from analysis.intake.study_file import Source
from analysis.intake.workbook import read_workbook

READERS = {
    **dict.fromkeys((".csv", ".tsv"), read_delimited),
    **dict.fromkeys((".xlsx", ".xlsm", ".xls", ".ods"), read_workbook),
    ".parquet": read_parquet,
    **dict.fromkeys((".sav", ".zsav", ".dta", ".sas7bdat"), read_statistics),
}
# A machine with 8 GB must survive any file; what is larger is no clinic's spreadsheet.
MAX_BYTES = 2 * 1024**3
MAX_ROWS = 20_000_000
MAX_UNPACKED = 1024**3
MAX_RATIO = 200
TOO_TIGHT = "unpacks to far more than a spreadsheet holds; it was not opened. Save it anew from its program"


def read_source(folder: Path, source: Source, problems: Problems) -> Sheet | None:
    """Read one file of a study as text.

    Parameters
    ----------
    folder, source
        The study folder and the entry of ``study.toml``.
    problems
        Every fault is added here: no such file, not the declared encoding, a line with another number of
        fields than the header, a cell that holds an error of the spreadsheet.

    Returns
    -------
    Sheet or None
        ``None`` when nothing could be read.
    """
    path = folder / source.file
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        kinds = ", ".join(READERS)
        _refuse(source, "file_kind", f"this kind of file cannot be read; save it as one of {kinds}", problems)
        return None
    if not path.is_file():
        _refuse(source, "file_missing", "no such file in the study folder; check `file`", problems)
        return None
    if path.stat().st_size > MAX_BYTES:
        _refuse(source, "file_too_large", f"larger than {MAX_BYTES >> 30} GB; divide it into several files", problems)
        return None
    content = path.read_bytes()
    if packed_too_tightly(content):
        _refuse(source, "unpacks_too_large", TOO_TIGHT, problems)
        return None
    sheet = reader(content, source, problems)
    if sheet is not None and len(sheet.rows) > MAX_ROWS:
        message = f"more than {MAX_ROWS:,} rows; divide it into several files"
        _refuse(source, "file_too_large", message, problems)
        return None
    return sheet if sheet is None else until_last_row(sheet, source, problems)


def _refuse(source: Source, rule: str, message: str, problems: Problems) -> None:
    problems.add("error", rule, message, file=source.file)


def packed_too_tightly(content: bytes) -> bool:
    """Whether a zip file, as workbooks are, would fill the machine when it is unpacked."""
    if not content.startswith(b"PK"):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unpacked = sum(item.file_size for item in archive.infolist())
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError):
        return False  # no whole archive: the reader of the file says so
    return unpacked > MAX_UNPACKED or (unpacked > 100 * 1024**2 and unpacked > MAX_RATIO * len(content))
