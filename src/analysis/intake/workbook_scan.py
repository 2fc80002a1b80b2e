"""What the reader of workbooks does not tell: errors, formulas without a result, and how far a sheet reaches."""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from dataclasses import dataclass
from xml.etree import ElementTree

_OFFICE = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_STRICT = "{http://purl.oclc.org/ooxml/officeDocument/relationships}"


@dataclass(frozen=True)
class Scan:
    """What was seen in the XML of a sheet: ``cells`` it spans, and addresses with their rows."""

    cells: int = 0
    errors: tuple[tuple[str, int], ...] = ()
    formulas_without_value: tuple[tuple[str, int], ...] = ()


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
    return number


def scan_workbook(content: bytes, sheet: str) -> Scan:
    """Look through the XML of one sheet of an ``.xlsx`` file.

    Raises
    ------
    zipfile.BadZipFile, KeyError, xml.etree.ElementTree.ParseError
        The file is damaged.
    """
    errors, formulas, width, height = [], [], 0, 0
    with zipfile.ZipFile(io.BytesIO(content)) as archive, archive.open(_part_of(archive, sheet)) as xml:
        for _, element in ElementTree.iterparse(xml):
            tag = element.tag.rpartition("}")[2]
            if tag == "row":
                element.clear()
            if tag != "c" or not (place := re.fullmatch(r"([A-Z]{1,3})([0-9]{1,7})", element.get("r", ""))):
                continue
            width, height = max(width, _column_number(place[1])), max(height, int(place[2]))
            content_of = {child.tag.rpartition("}")[2]: child.text for child in element}
            if element.get("t") == "e":
                errors.append((place[0], int(place[2])))
            elif "f" in content_of and content_of.get("v") is None and element.get("t") != "str":
                formulas.append((place[0], int(place[2])))
    return Scan(width * height, tuple(errors), tuple(formulas))


def _part_of(archive: zipfile.ZipFile, sheet: str) -> str:
    """Find the part of the package that holds a sheet."""
    book = ElementTree.fromstring(archive.read("xl/workbook.xml"))
    (wanted,) = [item for item in book.iter() if item.tag.endswith("}sheet") and item.get("name") == sheet]
    key = wanted.get(f"{_OFFICE}id") or wanted.get(f"{_STRICT}id")
    links = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    (target,) = [str(link.get("Target")) for link in links if link.get("Id") == key]
    return posixpath.normpath(posixpath.join("xl", target)).lstrip("/")
