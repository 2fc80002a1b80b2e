"""OpenDocument spreadsheets, of every program that writes them; the library that reads Excel's refuses some."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from typing import IO
from xml.etree import ElementTree
from xml.parsers import expat

from analysis.intake.page import Formulas, Page, Place, SheetEntry
from analysis.intake.unreadable import BROKEN, MAX_CELLS, TOO_FAR, UnreadableFile, is_protected

_NAMES = "urn:oasis:names:tc:opendocument:xmlns"
_TABLE, _OFFICE, _TEXT = (f"{{{_NAMES}:{part}:1.0}}" for part in ("table", "office", "text"))
_STYLE = f"{{{_NAMES}:style:1.0}}"
_KIND_OF_RESULT = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}value-type"
_CELLS = (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell")
# The format has no errors: programs write the words that they show, in the language of their user.
_ERROR = re.compile(r"#[^\W_#][\w/]*[!?]?|(Err|Fehler|Error):\d{3}|#{1,2}\w*[!?]")


class OdsBook:
    """The content of an ``.ods`` file.

    Raises
    ------
    UnreadableFile, zipfile.BadZipFile, KeyError, xml.etree.ElementTree.ParseError
        Protected, or damaged.
    """

    def __init__(self, content: bytes) -> None:
        self._archive = zipfile.ZipFile(io.BytesIO(content))
        names = self._archive.namelist()
        if "META-INF/manifest.xml" in names and b"encryption-data" in self._archive.read("META-INF/manifest.xml"):
            raise is_protected()
        with self._archive.open("content.xml") as xml:
            _refuse_doctype(xml)
        self.sheets = [SheetEntry(name, shown) for name, shown in self._tables()]

    def _tables(self) -> Iterator[tuple[str, bool]]:
        hidden = set()
        for path, element in self._elements():
            if element.tag == f"{_STYLE}style":
                properties = element.find(f"{_STYLE}table-properties")
                if properties is not None and properties.get(f"{_TABLE}display") == "false":
                    hidden.add(element.get(f"{_STYLE}name"))
            elif _is_sheet(path, element):
                yield element.get(f"{_TABLE}name", ""), element.get(f"{_TABLE}style-name") not in hidden

    def read(self, name: str, rows: int | None = None) -> Page:
        """Return a sheet, or its first rows."""
        filling = _Filling()
        for path, element in self._elements():
            if element.tag != f"{_TABLE}table-row":
                continue
            wanted = any(
                _is_sheet(path[:depth], part) and part.get(f"{_TABLE}name") == name for depth, part in enumerate(path)
            )
            if wanted and not any(part.tag in _CELLS for part in path):  # a table within a cell has rows of its own
                filling.add(element)
            if rows is not None and filling.height >= rows:
                break
        return filling.page()

    def _elements(self) -> Iterator[tuple[list[ElementTree.Element], ElementTree.Element]]:
        """Give each style, table and row as it ends, with what it lies in; a row is emptied after that."""
        path: list[ElementTree.Element] = []
        with self._archive.open("content.xml") as xml:
            for event, element in ElementTree.iterparse(xml, ("start", "end")):
                if event == "start":
                    path.append(element)
                    continue
                path.pop()
                if element.tag in (f"{_STYLE}style", f"{_TABLE}table", f"{_TABLE}table-row"):
                    yield path, element
                if element.tag == f"{_TABLE}table-row":
                    element.clear()


def _is_sheet(path: list[ElementTree.Element], element: ElementTree.Element) -> bool:
    return element.tag == f"{_TABLE}table" and bool(path) and path[-1].tag == f"{_OFFICE}spreadsheet"


class _Filling:
    """A sheet that grows row by row."""

    def __init__(self) -> None:
        self.height = 0
        self._rows: dict[int, list] = {}  # those that hold something
        self._width = 0
        self._merged: list[tuple[Place, Place]] = []
        self._hidden: set[int] = set()
        self._formulas = Formulas()

    def add(self, row: ElementTree.Element) -> None:
        """Add a row as often as it is repeated."""
        repeated = _number(row, "number-rows-repeated")
        values = self._values(row, repeated)
        if values:
            self._width = max(self._width, len(values))
            if (self.height + repeated) * self._width > MAX_CELLS:  # of rows that are not equally long
                raise UnreadableFile("unpacks_too_large", TOO_FAR)
            self._rows |= {self.height + again: values for again in range(repeated)}
            if row.get(f"{_TABLE}visibility", "visible") != "visible":
                self._hidden.update(range(self.height, self.height + repeated))
        self.height += repeated

    def _values(self, row: ElementTree.Element, times: int) -> list:
        """Return what the cells of a row hold, without empty ones at its end."""
        values: list = []
        empty = 0
        for cell in row:
            if cell.tag not in _CELLS:
                continue
            repeated = _number(cell, "number-columns-repeated")
            place = (self.height, len(values) + empty)
            value = "" if cell.tag == _CELLS[1] else _value(cell, place, self._formulas)
            down, across = _number(cell, "number-rows-spanned"), _number(cell, "number-columns-spanned")
            if down * across > 1:
                self._merged.append((place, (place[0] + down - 1, place[1] + across - 1)))
            if value == "" and not _holds_formula(cell):
                empty += repeated
                continue
            if (place[0] + times) * (place[1] + repeated) > MAX_CELLS:
                raise UnreadableFile("unpacks_too_large", TOO_FAR)
            self._formulas.repeat(place, times, repeated)
            values += [""] * empty + [value] * repeated
            empty = 0
        return values

    def page(self) -> Page:
        height = max(self._rows, default=-1) + 1
        values = [list(self._rows.get(number, ())) for number in range(height)]
        values = [row + [""] * (self._width - len(row)) for row in values]
        for (row, column), cell in self._formulas.unread().items():
            values[row][column] = cell
        return Page(values, tuple(self._merged), frozenset(self._hidden))


def _holds_formula(cell: ElementTree.Element) -> bool:
    return cell.get(f"{_TABLE}formula") is not None or cell.get(_KIND_OF_RESULT) == "error"


def _value(cell: ElementTree.Element, place: Place, seen: Formulas) -> object:
    """Return what a cell holds; of a formula and of an error note what was seen."""
    paragraphs = cell.findall(f"{_TEXT}p")
    text = "\n".join(map(_text, paragraphs))
    kind, formula = cell.get(f"{_OFFICE}value-type"), cell.get(f"{_TABLE}formula")
    if cell.get(_KIND_OF_RESULT) == "error" or (formula is not None and _ERROR.fullmatch(text)):
        seen.errors[place] = text or "#ERROR!"
        return ""
    value = _typed(cell, kind, text)
    if formula is not None:
        shown = "=" + formula.partition("=")[2]
        if kind is None and not paragraphs:  # an empty result has an empty paragraph
            seen.without_result[place] = shown
        elif isinstance(value, float) and value == 0:
            seen.zeros[place] = shown
        else:
            seen.any_other = True
    return value


def _typed(cell: ElementTree.Element, kind: str | None, text: str) -> object:
    if kind in ("float", "percentage", "currency"):
        return float(cell.get(f"{_OFFICE}value", ""))
    if kind == "boolean":
        return cell.get(f"{_OFFICE}boolean-value") == "true"
    if kind == "date":
        return _date(cell.get(f"{_OFFICE}date-value", ""))
    return cell.get(f"{_OFFICE}string-value") or text


def _date(written: str) -> object:
    """Return a day or an instant; what is neither stays as it is written."""
    try:
        return datetime.fromisoformat(written) if "T" in written else date.fromisoformat(written)
    except ValueError:
        return written


def _text(part: ElementTree.Element) -> str:
    """Return the text of a paragraph: blanks in a row, tabs and line breaks are elements, a comment is not text."""
    words = part.text or ""
    for child in part:
        if child.tag == f"{_TEXT}s":
            words += " " * min(int(child.get(f"{_TEXT}c", "1")), 1000)
        elif child.tag in (f"{_TEXT}tab", f"{_TEXT}line-break"):
            words += "\t" if child.tag == f"{_TEXT}tab" else "\n"
        elif child.tag != f"{_OFFICE}annotation":
            words += _text(child)
        words += child.tail or ""
    return words


def _number(element: ElementTree.Element, name: str) -> int:
    return max(1, int(element.get(f"{_TABLE}{name}", "1")))


def _refuse_doctype(xml: IO[bytes]) -> None:
    """Refuse a file that declares entities, which could unpack to more than the machine holds; none is written so."""

    def refuse(*_: object) -> None:
        raise UnreadableFile("file_broken", BROKEN)

    began = False

    def begin(*_: object) -> None:
        nonlocal began
        began = True

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler, parser.StartElementHandler = refuse, begin
    while not began and (part := xml.read(1 << 14)):
        parser.Parse(part)
