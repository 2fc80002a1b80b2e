"""A file becomes a rectangle of text. Nothing is interpreted here, and nothing is guessed."""

from __future__ import annotations

import codecs
import csv
import io
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from analysis.intake.problems import Problems
from analysis.intake.study_file import Source

_BOMS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


@dataclass(frozen=True)
class Sheet:
    """The text of a file: ``cells`` has one str column per header, ``rows`` the line each row began on."""

    file: str
    cells: pd.DataFrame
    rows: pd.Series


def read_source(folder: Path, source: Source, problems: Problems) -> Sheet | None:
    """Read one file of a study as text.

    Parameters
    ----------
    folder, source
        The study folder and the entry of ``study.toml``.
    problems
        Every fault is added here: no such file, not the declared encoding, a column twice, a line with
        another number of fields than the header.

    Returns
    -------
    Sheet or None
        ``None`` when nothing could be read.
    """
    path = folder / source.file
    if path.suffix.lower() not in (".csv", ".tsv"):
        problems.add(
            "error",
            "file_kind",
            "only .csv and .tsv files can be read; save the sheet as CSV",
            file=source.file,
        )
        return None
    try:
        text = _decode(path.read_bytes(), source.encoding)
    except FileNotFoundError:
        problems.add("error", "file_missing", "no such file in the study folder; check `file`", file=source.file)
        return None
    except (LookupError, UnicodeError) as fault:
        problems.add("error", "encoding", f"{fault}; declare the right `encoding`, such as cp1252", file=source.file)
        return None
    delimiter = source.delimiter or ("\t" if path.suffix.lower() == ".tsv" else ",")
    return _rectangle(source.file, text, delimiter, problems)


def _decode(content: bytes, encoding: str) -> str:
    """Decode with the declared encoding; a byte order mark is unmistakable and goes before it."""
    for mark, name in _BOMS.items():
        if content.startswith(mark):
            encoding = name
            break
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as fault:
        line = content.count(b"\n", 0, fault.start) + 1
        raise UnicodeError(f"line {line} is not {encoding} text") from None
    except LookupError:
        raise LookupError(f"{encoding!r} is not a known encoding") from None


def _rectangle(file: str, text: str, delimiter: str, problems: Problems) -> Sheet | None:
    # newline=None reads CR, LF and CRLF alike; pandas' own reader would shift extra fields silently.
    reader = csv.reader(io.StringIO(text, newline=None), delimiter=delimiter, strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        lines, numbers, start = [], [], reader.line_num + 1
        for fields in reader:
            if len(fields) == len(header):
                lines.append(fields)
                numbers.append(start)
            elif fields:
                message = f"{len(fields)} fields where the header has {len(header)}; the row was not read"
                problems.add("error", "field_count", message, file=file, row=start)
            start = reader.line_num + 1
    except csv.Error as fault:
        problems.add("error", "csv_syntax", f"not valid CSV: {fault}", file=file, row=reader.line_num)
        return None
    if not any(header):
        problems.add("error", "file_empty", "the file has no header line", file=file)
        return None
    if twice := sorted({name for name in header if header.count(name) > 1}):
        problems.add("error", "header_twice", f"columns named twice: {', '.join(twice)}", file=file, row=1)
        return None
    cells = pd.DataFrame(lines, columns=header, dtype="str")
    return Sheet(file, cells.apply(lambda column: column.str.strip()), pd.Series(numbers, dtype="int64"))
