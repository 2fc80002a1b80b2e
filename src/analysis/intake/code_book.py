"""What the columns of a table are called and what their codes mean, as REDCap tells it in a file of its own."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from analysis.intake.delimited import decode
from analysis.intake.odm import Odm, parse_odm, plain_label
from analysis.intake.readers import open_file
from analysis.intake.unpack import packed_in
from analysis.intake.unreadable import UnreadableFile

# The names that REDCap gives the columns of a data dictionary: downloaded, and through its API.
_HEADS = (
    ("Variable / Field Name", "Field Type", "Field Label", "Choices, Calculations, OR Slider Labels"),
    ("field_name", "field_type", "field_label", "select_choices_or_calculations"),
)
_ANSWERS = {"yesno": {"1": "Yes", "0": "No"}, "truefalse": {"1": "True", "0": "False"}}
_CHECKED = {"1": "Yes", "0": "No"}
_LOOKED_AT = 4096


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
    named
        Whether somebody named the file, or it was found beside the table.
    holds_data
        Whether the file holds the records too.
    disputed
        Columns of whose codes two things are said.
    """

    name: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    codes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    named: bool = True
    holds_data: bool = False
    disputed: tuple[str, ...] = ()


def read_code_book(path: Path) -> CodeBook | None:
    """Read a data dictionary of REDCap (CSV) or the description in a project's XML; None where a file is neither."""
    try:
        if not _begins_like_one(path):
            return None
        if path.suffix.lower() == ".xml":
            return _of_odm(path.name, parse_odm(open_file(path)[0]))
        return _of_csv(path.name, decode(open_file(path)[0], "utf-8"))
    except (OSError, UnreadableFile, UnicodeError, csv.Error):
        return None


def _begins_like_one(path: Path) -> bool:
    """Look at the beginning of a file: a folder may hold many others."""
    kind = path.suffix.lower()
    if kind not in (".csv", ".xml"):
        return False
    if packed_in(path)[1]:
        begins = open_file(path)[0][:_LOOKED_AT]
    elif path.is_file():
        with path.open("rb") as file:
            begins = file.read(_LOOKED_AT)
    else:
        return False
    if kind == ".xml":
        return b"<ODM" in begins
    return any(all(head.encode() in begins for head in heads) for heads in _HEADS)


def code_books(files: Sequence[Path]) -> tuple[list[Path], list[CodeBook]]:
    """Divide files into tables and dictionaries; one that lies beside a table and was not named is one of them too."""
    read = {path: read_code_book(path) for path in files}
    # A project's XML may hold the data too: then it is the table, and tells its own codes.
    books = {path: book for path, book in read.items() if book and not book.holds_data}
    tables = [path for path in files if path not in books]
    folders = [packed_in(table)[0].parent for table in tables[:1]]
    beside = [path for folder in folders for path in sorted(folder.iterdir()) if path not in files]
    unnamed = [replace(book, named=False) for path in beside if (book := read_code_book(path))]
    return tables, [*books.values(), *unnamed]


def book_for(columns: Sequence[str], books: Sequence[CodeBook]) -> CodeBook:
    """Return the dictionary that knows most of some columns; an empty one where none knows enough of them.

    One that nobody named must know half of the columns, besides those that REDCap adds: it may be another project's.
    """
    own = {column for column in columns if not re.search("^redcap_|_complete$", column)}

    def known(book: CodeBook) -> int:
        return len(book.labels.keys() & own)

    fits = [book for book in books if known(book) > 1 and (book.named or 2 * known(book) > len(own))]
    return max(fits, key=lambda book: (book.named, known(book)), default=CodeBook())


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
    return CodeBook(name, labels, codes, missing, holds_data=bool(odm.groups))


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
