"""What the reader of .xlsx files does not tell: errors, formulas, hidden rows, how far a sheet reaches."""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO
from xml.etree import ElementTree

from analysis.intake.page import Formulas, Place

_OFFICE = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_STRICT = "{http://purl.oclc.org/ooxml/officeDocument/relationships}"
_TRUE = ("1", "true")


@dataclass
class Scan:
    """What was seen of a sheet beside its values; ``cells`` is the size of the rectangle it spans."""

    cells: int = 0
    formulas: Formulas = field(default_factory=Formulas)
    hidden_rows: frozenset[int] = frozenset()


def column_letter(number: int) -> str:
    """Return the letter of a column counted from 0.

    Examples
    --------
    >>> column_letter(0), column_letter(25), column_letter(26), column_letter(701), column_letter(702)
    ('A', 'Z', 'AA', 'ZZ', 'AAA')
    """
    letters = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def scan_xlsx(content: bytes, sheet: str) -> Scan:
    """Look through the XML of one sheet of an ``.xlsx`` file.

    Raises
    ------
    zipfile.BadZipFile, KeyError, xml.etree.ElementTree.ParseError
        The file is damaged.
    """
    formulas, hidden, width, height = Formulas(), set(), 0, 0
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        formulas.calculated = _is_calculated(archive)
        with archive.open(_part_of(archive, sheet)) as xml:
            for number, row in _rows(xml):
                if row.get("hidden") in _TRUE:
                    hidden.add(number)
                for place, cell in _cells(number, row):
                    width, height = max(width, place[1] + 1), max(height, place[0] + 1)
                    _look_at(place, cell, formulas)
    return Scan(width * height, formulas, frozenset(hidden))


def _rows(xml: IO[bytes]) -> Iterator[tuple[int, ElementTree.Element]]:
    """Give each row with its number, which need not be written: then it is the next one."""
    number = -1
    for _, element in ElementTree.iterparse(xml):
        if _tag(element) == "row":
            number = int(element.get("r", number + 2)) - 1
            yield number, element
            element.clear()


def _cells(row: int, element: ElementTree.Element) -> Iterator[tuple[Place, ElementTree.Element]]:
    """Give the cells of a row with their places, which need not be written either."""
    column = -1
    for cell in element:
        if _tag(cell) == "c":
            written = re.fullmatch(r"([A-Z]{1,3})([0-9]{1,7})", cell.get("r", ""))
            row, column = (int(written[2]) - 1, _column_number(written[1])) if written else (row, column + 1)
            yield (row, column), cell


def _look_at(place: Place, cell: ElementTree.Element, seen: Formulas) -> None:
    """Note what a cell holds, if it is an error or a formula."""
    parts = {_tag(child): child.text for child in cell}
    kind, value, formula = cell.get("t", "n"), parts.get("v"), f"={parts.get('f') or ''}"
    if kind == "e":
        seen.errors[place] = value or "#ERROR!"
    elif "f" not in parts:
        return
    elif value is None and not (kind == "str" and "v" in parts):  # as text, an empty result is a result
        seen.without_result[place] = formula
    elif kind == "n" and value is not None and float(value) == 0:
        seen.zeros[place] = formula
    else:
        seen.any_other = True


def _is_calculated(archive: zipfile.ZipFile) -> bool | None:
    """Whether the results can be relied on.

    Excel keeps the order in which it calculated in a part of its own; a library that cannot calculate has none, and
    asks whoever opens the file to do so.
    """
    chain = any(name.lower().endswith("calcchain.xml") for name in archive.namelist())
    book = ElementTree.fromstring(archive.read("xl/workbook.xml"))
    asks = any(_tag(item) == "calcPr" and item.get("fullCalcOnLoad") in _TRUE for item in book.iter())
    return chain if chain != asks else None


def _part_of(archive: zipfile.ZipFile, sheet: str) -> str:
    """Find the part of the package that holds a sheet."""
    book = ElementTree.fromstring(archive.read("xl/workbook.xml"))
    (wanted,) = [item for item in book.iter() if item.tag.endswith("}sheet") and item.get("name") == sheet]
    key = wanted.get(f"{_OFFICE}id") or wanted.get(f"{_STRICT}id")
    links = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    (target,) = [str(link.get("Target")) for link in links if link.get("Id") == key]
    return posixpath.normpath(posixpath.join("xl", target)).lstrip("/")


def _tag(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]
