"""A file becomes a rectangle of text. Nothing is interpreted here, and nothing is guessed."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from functools import partial
from pathlib import Path

from analysis.intake.columnar import read_parquet
from analysis.intake.dataset_json import read_dataset_json
from analysis.intake.delimited import read_delimited
from analysis.intake.jamovi import read_jamovi
from analysis.intake.no_patient import until_last_row
from analysis.intake.odm_sheet import read_odm
from analysis.intake.problems import Problems
from analysis.intake.r_data import read_r
from analysis.intake.sheet import Sheet
from analysis.intake.statistics_files import PROGRAMS, read_statistics
from analysis.intake.study_file import Source
from analysis.intake.unpack import PACKED, packed_in, unpack
from analysis.intake.unreadable import UnreadableFile
from analysis.intake.workbook import read_workbook

DELIMITERS = {".csv": ",", ".tsv": "\t", ".txt": "\t"}
WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".ods")
READERS: dict[str, Callable[[bytes, Source, Problems], Sheet | None]] = {
    **{kind: partial(read_delimited, usual=mark) for kind, mark in DELIMITERS.items()},
    **{kind: partial(read_workbook, kind=kind) for kind in WORKBOOKS},
    ".parquet": read_parquet,
    **{kind: partial(read_statistics, reader=reader) for kind, reader in PROGRAMS.items()},
    **dict.fromkeys((".rds", ".rda", ".rdata"), read_r),
    ".omv": read_jamovi,
    ".json": read_dataset_json,
    ".ndjson": partial(read_dataset_json, by_line=True),
    ".xml": read_odm,
}
MAX_BYTES = 2 * 1024**3
MAX_ROWS = 20_000_000


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
    try:
        content, kind = open_file(folder / source.file)
    except UnreadableFile as fault:
        problems.add("error", fault.rule, str(fault), file=source.file)
        return None
    if source.blocks and kind not in WORKBOOKS:
        problems.add("error", "file_kind", "blocks are read from a workbook; save it as .xlsx", file=source.file)
        return None
    sheet = READERS[kind](content, source, problems)
    if sheet is not None and len(sheet.rows) > MAX_ROWS:
        message = f"more than {MAX_ROWS:,} rows; divide it into several files"
        problems.add("error", "file_too_large", message, file=source.file)
        return None
    return sheet if sheet is None else until_last_row(sheet, source, problems)


def open_file(path: Path) -> tuple[bytes, str]:
    """Return the bytes of the table that a file is or packs, and its kind, one of ``READERS``.

    A table of a ``.zip`` that holds several is named as if the archive were a folder: ``export.zip/visits.csv``.

    Raises
    ------
    UnreadableFile
        Of no such kind, not there, or too large; the message says what to do.
    """
    file, table = packed_in(path)
    kind = path.with_suffix("").suffix.lower() if path.suffix.lower() == ".gz" else path.suffix.lower()
    if kind not in READERS and kind != ".zip":
        raise UnreadableFile("file_kind", _advice(kind))
    if not file.is_file():
        raise UnreadableFile("file_missing", "no such file in the study folder; check `file`")
    if file.stat().st_size > MAX_BYTES:
        raise UnreadableFile("file_too_large", f"larger than {MAX_BYTES >> 30} GB; divide it into several files")
    return unpack(file.read_bytes(), file.name, READERS, table)


def _advice(kind: str) -> str:
    """Say how a file of a kind that is not read becomes one that is."""
    others = tomllib.loads(Path(__file__).with_name("other_kinds.toml").read_text(encoding="utf-8"))
    return (
        f"a file of the kind {kind} cannot be read; {others[kind]}"
        if kind in others
        else (f"this kind of file cannot be read; save it as one of {', '.join((*READERS, *PACKED))}")
    )
