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
        line = len((content[: fault.start] + b".").splitlines())
        raise UnicodeError(f"line {line} is not {encoding} text") from None
    except LookupError:
        raise LookupError(f"{encoding!r} is not a known encoding") from None


def _rectangle(file: str, text: str, delimiter: str, problems: Problems) -> Sheet | None:
    # newline=None reads CR, LF and CRLF alike; pandas' own reader would shift extra fields silently.
    reader = csv.reader(io.StringIO(text, newline=None), delimiter=delimiter, strict=True)
    lines, numbers, start = [], [], 1
    try:
        header = [name.strip() for name in next(reader, [])]
        start = reader.line_num + 1
        for fields in reader:
            if len(fields) == len(header):
                lines.append(fields)
                numbers.append(start)
            elif fields:
                message = f"{len(fields)} fields where the header has {len(header)}; the row was not read"
                problems.add("error", "field_count", message, file=file, row=start)
            start = reader.line_num + 1
    except csv.Error as fault:
        message = f"not valid CSV ({fault}): look for a quote that is not closed; the file was not read"
        problems.add("error", "csv_syntax", message, file=file, row=start)
        return None
    if not _header_is_usable(header, file, problems):
        return None
    cells = pd.DataFrame(lines, columns=header, dtype="str")
    return Sheet(file, cells.apply(lambda column: column.str.strip()), pd.Series(numbers, dtype="int64"))


def _header_is_usable(header: list[str], file: str, problems: Problems) -> bool:
    """Note what makes a header unusable. Where a file has none, its names are a patient's values: shown as such."""
    marks = [mark for mark in ";\t|," if len(header) == 1 and mark in header[0]]
    twice = sorted({name or "(no name)" for name in header if header.count(name) > 1})
    if not any(header):
        problems.add("error", "file_empty", "the file has no header line", file=file)
    elif "\0" in "".join(header):
        message = "the header holds NUL characters; declare the right `encoding`, such as utf-16-le"
        problems.add("error", "encoding", message, file=file, row=1)
    elif marks:
        message = f"only one column; if {marks[0]!r} divides the fields, declare it as `delimiter`"
        problems.add("error", "delimiter", message, file=file, row=1)
    elif twice:
        message = "several columns have the same name; rename them in the file"
        problems.add("error", "header_twice", message, file=file, row=1, value=", ".join(twice))
    else:
        return True
    return False
