"""How a file is written: its encoding, delimiter, decimal mark, and the rows above the data. Seen, not assumed."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from analysis.intake.blocks import find_blocks, line_of_blocks
from analysis.intake.book import Book
from analysis.intake.delimited import decode
from analysis.intake.readers import DELIMITERS, WORKBOOKS, open_file
from analysis.intake.sheet import cell_text
from analysis.intake.unreadable import UnreadableFile
from analysis.intake.written_units import unit_word
from analysis.usererror import StudyError

_LOOKED_AT = 200
_DEEPEST_HEADER = 10


@dataclass
class Dialect:
    """Settings for ``[[source]]`` as TOML values, each with a question where a person must look.

    ``labels`` has the question text of columns, where the file gives one beneath each name; ``beyond`` the number of
    columns before an empty one, on whose other side other rows are filled, as in a table of its own.
    """

    settings: dict[str, object] = field(default_factory=dict)
    questions: dict[str, str] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    beyond: int | None = None


def see_dialects(path: Path) -> list[Dialect]:
    """Look at the beginning of a file: of each sheet that a workbook shows, or of the one table of another file.

    Raises
    ------
    StudyError
        A file that cannot be opened.
    """
    try:
        content, kind = open_file(path)
        if kind in WORKBOOKS:
            return _see_workbook(content, kind)
    except UnreadableFile as fault:
        raise StudyError(f"{path.name}: {fault}") from None
    found = Dialect()
    if kind in DELIMITERS:
        _see_header(_see_delimited(content, DELIMITERS[kind], found), found)
    return [found]


def _see_delimited(content: bytes, usual: str, found: Dialect) -> list[list[str]]:
    try:
        if wide := _wide_letters(content):
            found.settings["encoding"] = wide
            found.questions["encoding"] = "each letter takes two bytes, and no mark says so: are all letters right?"
        text = decode(content, wide or "utf-8")
    except UnicodeError:
        found.settings["encoding"] = "cp1252"
        found.questions["encoding"] = "the file is not UTF-8; this is usual for Excel: are all letters right?"
        text = content.decode("cp1252", errors="replace")
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")[:_LOOKED_AT]
    while len(lines) > 1 and not lines[-1].strip():
        lines.pop()
    mark = max((usual, ";", "\t", ",", "|"), key=lambda mark: _divides(lines, mark))
    if mark != usual:
        found.settings["delimiter"] = mark
    rows = _fields(lines, mark)
    cells = [cell.strip() for row in rows for cell in row]
    if _has_commas(cells):
        found.settings["decimal"] = ","
    return rows


def _divides(lines: list[str], mark: str) -> tuple[int, int]:
    """Return how many lines a mark divides into as many fields as the last one, and into how many."""
    widths = [len(row) for row in _fields(lines, mark)]
    return (widths.count(widths[-1]) if widths[-1] > 1 else 0), widths[-1]


def _has_commas(cells: Iterable[str]) -> bool:
    """Whether numbers that are text have a decimal comma, and none has a point."""
    marks = {number[1] for cell in cells if (number := re.fullmatch(r"[+-]?\d+([.,])\d+", cell.strip()))}
    return marks == {","}


def _wide_letters(content: bytes) -> str | None:
    """Return the encoding of a text of two bytes a letter without a mark: half of the bytes of most are NUL."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return None
    begin = content[:400]
    for name, zeros in (("utf-16-le", begin[1::2]), ("utf-16-be", begin[::2])):
        if zeros and 10 * zeros.count(0) > 7 * len(zeros):
            return name
    return None


def _fields(lines: list[str], mark: str) -> list[list[str]]:
    try:
        return list(csv.reader(io.StringIO("\n".join(lines)), delimiter=mark)) or [[]]
    except csv.Error:
        return [[]]


def _see_workbook(content: bytes, kind: str) -> list[Dialect]:
    book = Book(content, kind)
    shown = [item.name for item in book.sheets if item.shown and item.has_cells]
    if not shown:
        raise UnreadableFile("sheet_missing", "every sheet is hidden; show the one that is wanted")
    found = []
    for name in shown:
        dialect = Dialect({"sheet": name} if len(shown) > 1 else {})
        values = book.read(name, _LOOKED_AT).values
        if _has_commas(cell for row in values for cell in row if isinstance(cell, str)):
            dialect.settings["decimal"] = ","
        _see_header([[cell_text(value) for value in row] for row in values], dialect)
        found.append(dialect)
    return found


def _see_header(rows: list[list[str]], found: Dialect) -> None:
    """Find title rows (one cell), the rows of the header, and a row of units."""
    filled = [[cell.strip() for cell in row if cell.strip()] for row in rows]
    if not filled:
        return
    if below := _rows_of_qualtrics(rows) or _rows_of_sosci(rows):
        found.settings["rows_below_header"] = below
        found.labels = dict(zip(map(str.strip, rows[0]), rows[1], strict=False))
        return
    if (line := line_of_blocks(rows)) is not None:
        _see_blocks(rows, line, found)
        return
    titles = next((number for number, row in enumerate(filled) if len(row) > 1), 0)
    header = _header_rows(rows, filled, titles)
    if titles:
        found.settings["skip_rows"] = titles
    if 1 < header <= _DEEPEST_HEADER:
        found.settings["header_rows"] = header
    beneath = filled[titles + header] if len(filled) > titles + header else []
    if beneath and _are_units(beneath):
        found.settings["units_row"] = True
    if beneath and _count_columns(beneath, len(filled[titles])):
        found.settings["rows_below_header"] = 1
        found.questions["rows_below_header"] = "the row beneath the header numbers the columns; is it no patient's?"
    found.beyond = _second_table(rows[titles:])


def _see_blocks(rows: list[list[str]], line: str, found: Dialect) -> None:
    """Find how deep the header of the first block is."""
    first = find_blocks(rows, line)[0].row
    a_number = re.compile(r"[+-]?\d+(.\d+)?")
    numbers = (number for number, row in enumerate(rows[first + 1 :]) if any(map(a_number.fullmatch, row)))
    found.settings |= {"blocks": line} | ({"skip_rows": first} if first else {})
    if 1 < (depth := next(numbers, 1)) <= _DEEPEST_HEADER:
        found.settings["header_rows"] = depth
    found.questions["blocks"] = "does a table of another person begin at each such line?"


def _header_rows(rows: list[list[str]], filled: list[list[str]], titles: int) -> int:
    """Return how many rows the header has: names that are missing or repeated go on in the next row."""
    if "Respondent ID" in rows[0] and len(rows) > 1 and not rows[1][0].strip():
        return 2  # SurveyMonkey writes the options of a question, or Response, beneath it
    if len(set(filled[titles])) == len(rows[titles]):
        return 1
    further = enumerate(filled[titles + 1 :], start=1)
    return next((n for n, row in further if _are_units(row) or any(re.search(r"\d", cell) for cell in row)), 1)


def _rows_of_qualtrics(rows: list[list[str]]) -> int:
    """Return how many rows Qualtrics has put beneath the names: question texts, and with CSV the ids for an import."""
    if len(rows) > 2 and any(re.match(r'\s*\{"ImportId"', cell) for cell in rows[2]):
        return 2
    pairs = {("StartDate", "Start Date"), ("ResponseId", "Response ID"), ("RecordedDate", "Recorded Date")}
    return int(len(rows) > 1 and bool(pairs & set(zip(rows[0], rows[1], strict=False))))


def _rows_of_sosci(rows: list[list[str]]) -> int:
    """Return how many rows SoSci Survey has put beneath the names: the words for each."""
    return int(len(rows) > 1 and {"CASE", "QUESTNNR"} <= set(rows[0]) and not re.search(r"\d", rows[1][0]))


def _are_units(cells: list[str]) -> bool:
    """Whether a row holds units, and no more than a dash where a column has none."""
    units = [cell for cell in cells if cell not in ("-", "–", "—", "/")]
    return bool(units) and all(unit_word(cell) for cell in units)


def _count_columns(cells: list[str], width: int) -> bool:
    """Whether a row holds the numbers of the columns, as in (1) (2) (3)."""
    return width > 2 and [cell.strip("() .") for cell in cells] == [str(number + 1) for number in range(width)]


def _second_table(rows: list[list[str]]) -> int | None:
    """Return how many columns stand before an empty one on whose two sides other rows are filled; None without one."""
    width = max(map(len, rows))
    taken = [any(number < len(row) and row[number].strip() for row in rows) for number in range(width)]
    for gap in [number for number in range(width) if not taken[number] and any(taken[:number])]:
        left = [any(map(str.strip, row[:gap])) for row in rows]
        right = [any(map(str.strip, row[gap:])) for row in rows]
        if any(right) and left != right:
            return sum(taken[:gap])
    return None
