"""What the columns of a table are called and what their codes mean, as REDCap tells it in a file of its own."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from analysis.intake.delimited import decode
from analysis.intake.odm import Odm, parse_odm, plain_label
from analysis.intake.unreadable import UnreadableFile

# The names that REDCap gives the columns of a data dictionary: downloaded, and through its API.
_HEADS = (
    ("Variable / Field Name", "Field Type", "Field Label", "Choices, Calculations, OR Slider Labels"),
    ("field_name", "field_type", "field_label", "select_choices_or_calculations"),
)
_ANSWERS = {"yesno": {"1": "Yes", "0": "No"}, "truefalse": {"1": "True", "0": "False"}}
_CHECKED = {"1": "Yes", "0": "No"}
_LONGEST = 10 * 1024**2


@dataclass(frozen=True)
class CodeBook:
    """What a data dictionary says.

    Attributes
    ----------
    name
        The file.
    labels, codes
        By column: the words for it, and for each of its codes.
    missing
        Codes of missing data, which may stand in any column.
    """

    name: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    codes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    missing: tuple[str, ...] = ()


def read_code_book(path: Path) -> CodeBook | None:
    """Read a data dictionary of REDCap (CSV) or the description in a project's XML; None where a file is neither."""
    kind = path.suffix.lower()
    if kind not in (".csv", ".xml") or not path.is_file() or path.stat().st_size > _LONGEST:
        return None
    try:
        if kind == ".xml":
            return _of_odm(path.name, parse_odm(path.read_bytes()))
        return _of_csv(path.name, decode(path.read_bytes(), "utf-8"))
    except (UnreadableFile, UnicodeError, csv.Error):
        return None


def code_books(files: Sequence[Path]) -> tuple[list[Path], list[CodeBook]]:
    """Divide files into tables and dictionaries; a dictionary that lies beside a table is one of them."""
    read = {path: read_code_book(path) for path in files}
    # A project's XML may hold the data too: then it is the table, and tells its own codes.
    books = {path: book for path, book in read.items() if book and not _holds_data(path)}
    tables = [path for path in files if path not in books]
    beside = [path for table in tables[:1] for path in sorted(table.parent.iterdir()) if path not in files]
    return tables, [*books.values(), *(book for path in beside if (book := read_code_book(path)))]


def _holds_data(path: Path) -> bool:
    return path.suffix.lower() == ".xml" and bool(parse_odm(path.read_bytes()).groups)


def book_for(columns: Sequence[str], books: Sequence[CodeBook]) -> CodeBook:
    """Return the dictionary that knows most of some columns; an empty one where none knows two of them."""
    best = max(books, key=lambda book: len(book.labels.keys() & set(columns)), default=CodeBook())
    return best if len(best.labels.keys() & set(columns)) > 1 else CodeBook()


def _of_csv(name: str, text: str) -> CodeBook | None:
    rows = csv.reader(io.StringIO(text))
    header = [cell.strip() for cell in next(rows, [])]
    heads = next((heads for heads in _HEADS if set(heads) <= set(header)), None)
    if heads is None:
        return None
    places = [header.index(head) for head in heads]
    labels: dict[str, str] = {}
    codes: dict[str, Mapping[str, str]] = {}
    for row in rows:
        if len(row) <= max(places):
            continue
        variable, kind, label, choices = (row[place].strip() for place in places)
        label = plain_label(label)
        listed = dict(_choices(choices)) if kind in ("radio", "dropdown", "checkbox") else _ANSWERS.get(kind, {})
        if kind == "checkbox":
            for code, choice in listed.items():
                column = checkbox_column(variable, code)
                labels[column], codes[column] = f"{label} {choice}", _CHECKED
        else:
            labels[variable] = label
            codes |= {variable: listed} if listed else {}
    return CodeBook(name, labels, codes)


def _of_odm(name: str, odm: Odm) -> CodeBook | None:
    """Return what the description of items says."""
    if not odm.items:
        return None
    labels = {oid: odm.label(oid) for oid in odm.items}
    codes = {oid: odm.codes(oid) for oid in odm.items if odm.codes(oid)}
    parts = re.split(r"[\n|]", odm.missing)
    missing = tuple(code for part in parts if (code := re.split("[,=]", part)[0].strip()))
    return CodeBook(name, labels, codes, missing)


def _choices(text: str) -> Iterator[tuple[str, str]]:
    """Divide ``1, Left | 2, Right`` into codes and words; choices may also stand in lines."""
    for part in re.split(r"\||\n", text):
        code, comma, words = part.partition(",")
        if comma and code.strip():
            yield code.strip(), plain_label(words)


def checkbox_column(variable: str, code: str) -> str:
    """Return the column of one option of a checkbox, as REDCap calls it.

    Examples
    --------
    >>> checkbox_column("comp", "2"), checkbox_column("comp", "-99"), checkbox_column("comp", "NA")
    ('comp___2', 'comp____99', 'comp___na')
    """
    return f"{variable}___{re.sub('[^a-z0-9_]', '_', code.lower())}"
