"""How a file is written: its encoding, delimiter, decimal mark, and the rows above the data. Seen, not assumed."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass, field
from pathlib import Path

from analysis.intake.book import Book
from analysis.intake.delimited import decode
from analysis.intake.mapping import WRITTEN_UNITS
from analysis.intake.readers import TOO_TIGHT, packed_too_tightly
from analysis.intake.sheet import cell_text
from analysis.intake.unreadable import UnreadableBook
from analysis.usererror import StudyError

_LOOKED_AT = 200
_DEEPEST_HEADER = 10


@dataclass
class Dialect:
    """Settings for ``[[source]]`` as TOML values, each with a question where a person must look."""

    settings: dict[str, object] = field(default_factory=dict)
    questions: dict[str, str] = field(default_factory=dict)


def see_dialect(path: Path) -> Dialect:
    """Look at the beginning of a file.

    Raises
    ------
    StudyError
        A workbook that cannot be opened.
    """
    suffix = path.suffix.lower()
    found = Dialect()
    if suffix in (".csv", ".tsv"):
        rows = _see_delimited(path, found)
    elif suffix in (".xlsx", ".xlsm", ".xls", ".ods"):
        rows = _see_workbook(path, found)
    else:
        return found
    _see_header(rows, found)
    return found


def _see_delimited(path: Path, found: Dialect) -> list[list[str]]:
    content = path.read_bytes()
    try:
        text = decode(content, "utf-8")
    except UnicodeError:
        found.settings["encoding"] = "cp1252"
        found.questions["encoding"] = "the file is not UTF-8; this is usual for Excel: are all letters right?"
        text = content.decode("cp1252", errors="replace")
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")[:_LOOKED_AT]
    usual = "\t" if path.suffix.lower() == ".tsv" else ","
    widths = {mark: len(_fields(lines, mark)[-1]) for mark in (usual, ";", "\t", ",", "|")}
    mark = max(widths, key=lambda mark: widths[mark])
    if mark != usual:
        found.settings["delimiter"] = mark
    rows = _fields(lines, mark)
    cells = [cell.strip() for row in rows for cell in row]
    commas = any(re.fullmatch(r"[+-]?\d+,\d+", cell) for cell in cells)
    if commas and not any(re.fullmatch(r"[+-]?\d+\.\d+", cell) for cell in cells):
        found.settings["decimal"] = ","
    return rows


def _fields(lines: list[str], mark: str) -> list[list[str]]:
    try:
        return [row for row in csv.reader(io.StringIO("\n".join(lines)), delimiter=mark) if row] or [[]]
    except csv.Error:
        return [[]]


def _see_workbook(path: Path, found: Dialect) -> list[list[str]]:
    content = path.read_bytes()
    if packed_too_tightly(content):
        raise StudyError(f"{path.name}: {TOO_TIGHT}")
    try:
        book = Book(content, path.suffix.lower())
        seen = [item.name for item in book.sheets if item.shown]
        rows = book.read(seen[0], _LOOKED_AT).values if seen else []
    except UnreadableBook as fault:
        raise StudyError(f"{path.name}: {fault}") from None
    if not seen:
        raise StudyError(f"{path.name}: every sheet is hidden; show the one that is wanted")
    if len(seen) > 1:
        found.settings["sheet"] = seen[0]
        found.questions["sheet"] = f"the first of {len(seen)} sheets; is it the one?"
    return [[cell_text(value) for value in row] for row in rows]


def _see_header(rows: list[list[str]], found: Dialect) -> None:
    """Find title rows (one cell), the rows of the header, and a row of units."""
    filled = [[cell.strip() for cell in row if cell.strip()] for row in rows]
    if not filled:
        return
    titles = next((number for number, row in enumerate(filled) if len(row) > 1), 0)
    header = 1
    if len(set(filled[titles])) < len(rows[titles]):  # names that are missing or repeated go on in the next row
        below = enumerate(filled[titles + 1 :], start=1)
        header = next((n for n, row in below if _are_units(row) or any(re.search(r"\d", cell) for cell in row)), 1)
    if titles:
        found.settings["skip_rows"] = titles
    if 1 < header <= _DEEPEST_HEADER:
        found.settings["header_rows"] = header
    if len(filled) > titles + header and _are_units(filled[titles + header]):
        found.settings["units_row"] = True


def _are_units(cells: list[str]) -> bool:
    return bool(cells) and all(cell.strip("[]() .").lower() in WRITTEN_UNITS for cell in cells)
