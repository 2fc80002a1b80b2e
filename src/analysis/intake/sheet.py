"""The text of one file: what stands in its cells and where, whatever kind of file it came from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from analysis.intake.page import Unread
from analysis.intake.problems import Problems

NO_NAME = "(no name)"


@dataclass(frozen=True)
class Origin:
    """Where a column that came from another table stands: the table, its name there, and the row of each cell."""

    label: str
    column: str
    rows: pd.Series
    letter: str = ""


@dataclass(frozen=True)
class Sheet:
    """The text of a file.

    Attributes
    ----------
    file, part
        The file as ``study.toml`` names it, and the sheet of a workbook.
    cells
        One categorical column of text per header; a cell without content is ``""``.
    rows
        The line, row or record of the file in which each row began, counted from 1.
    letters
        For a workbook: the letter of each column.
    units
        What a row of units says of each column, where there is one.
    repeated
        Headers that stand more than once; later columns are called ``IR (2)``.
    typed
        Whether dates were dates in the file; their text is then in ISO form.
    unread
        Cells of a workbook, by row of the file and header, that hold an error or a formula without a result; their
        text is empty.
    labels
        What the file calls columns, where it has words beside their names.
    origins
        Of columns that came from another table, where they stand.
    """

    file: str
    cells: pd.DataFrame
    rows: pd.Series
    part: str = ""
    letters: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    repeated: tuple[str, ...] = ()
    typed: bool = False
    unread: Mapping[tuple[int, str], Unread] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    origins: Mapping[str, Origin] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """The file, and the sheet where there are such."""
        return f"{self.file} {self.part}".strip()

    def places(self, column: str, rows: pd.Series) -> list[str]:
        """Name the file for cells of a column; of a workbook with their addresses, as in ``a.xlsx Sheet1!C7``."""
        origin = self.origins.get(column)
        letter = origin.letter if origin else self.letters.get(column)
        label, _ = self.home(column)
        return [f"{label}!{letter}{row}" if letter else label for row in rows]

    def lines(self, column: str) -> pd.Series:
        """Return the row of the file in which each cell of a column stands."""
        return self.origins[column].rows if column in self.origins else self.rows

    def home(self, column: str) -> tuple[str, str]:
        """Return the table in which a column stands, and its name there."""
        origin = self.origins.get(column)
        return (origin.label, origin.column) if origin else (self.label, column)

    def keep(self, wanted: np.ndarray) -> Sheet:
        """Return the sheet with some of its rows."""
        origins = {name: replace(origin, rows=origin.rows[wanted]) for name, origin in self.origins.items()}
        return replace(self, cells=self.cells[wanted], rows=self.rows[wanted], origins=origins)

    def with_columns(self, columns: pd.DataFrame, **changed: Any) -> Sheet:
        """Return the sheet with further columns on its right."""
        return replace(self, cells=pd.concat([self.cells, columns], axis=1), **changed)


def text_column(text: Sequence[str], codes: np.ndarray | None = None) -> pd.Categorical:
    """Return cells as a categorical of text without blanks around it.

    Parameters
    ----------
    text
        The cells, or with ``codes`` the distinct ones.
    codes
        Which of them each row holds.
    """
    numbers, distinct = pd.factorize(np.array([word.strip() for word in text], dtype="object"))
    categories = pd.Index(distinct, dtype="str")
    return pd.Categorical.from_codes(numbers if codes is None else numbers[codes], categories=categories)


def encoded_column(words: pa.DictionaryArray | pa.ChunkedArray) -> pd.Categorical:
    """Return cells of which each distinct one is kept once, none missing, as :func:`text_column` does."""
    cells = words.chunk(0) if isinstance(words, pa.ChunkedArray) else words
    codes, distinct = cells.indices.to_numpy(), cells.dictionary
    # Of many identifiers none may become an object of Python; blanks around one are rare.
    if not pc.utf8_trim_whitespace(distinct).equals(distinct):
        return text_column(distinct.to_pylist(), codes)
    return pd.Categorical.from_codes(codes, categories=pd.Index(pd.array(distinct, dtype="str")))


def any_row_is_blank(columns: Sequence[pd.Categorical]) -> bool:
    """Whether every cell of some row is empty; most tables have a column without an empty cell, which tells at once."""
    blank: np.ndarray | bool = True
    for column in columns:
        empty = np.flatnonzero(column.categories == "")
        if not len(empty):
            return False
        blank = blank & (column.codes == empty[0])
    return bool(np.any(blank))


def cell_text(value: object, decimal: str = ".") -> str:
    """Return a value of a typed cell as it would be typed into a plain file.

    Numbers have the declared decimal mark and no exponent, whole ones no fraction, so that an identifier which
    a workbook keeps as 1.0 is ``"1"``; dates are in ISO form; missing is empty.

    Examples
    --------
    >>> cell_text(1.0), cell_text("001"), cell_text(12.5, ","), cell_text(0.1 + 0.2), cell_text(True)
    ('1', '001', '12,5', '0.3', 'true')
    >>> cell_text(date(2024, 3, 2)), cell_text(None), cell_text(float("nan"))
    ('2024-03-02', '', '')
    """
    if (
        value is None
        or value is pd.NaT
        or value is pd.NA
        or (isinstance(value, float | np.floating) and np.isnan(value))
    ):
        return ""
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, float | np.floating):
        if np.isinf(value):
            return str(value)
        # 15 digits are what a double surely holds, 7 what a single does; the rest is noise of binary fractions.
        digits = 7 if isinstance(value, np.float32) else 15
        text = str(int(value)) if value == int(value) else format(Decimal(f"{value:.{digits}g}"), "f")
        return text.replace(".", decimal)
    if isinstance(value, datetime) and value.tzinfo is not None:  # an instant: which day it was depends on where
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == datetime.min.time() else value.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, date):
        return value.isoformat()
    return format(value, "f").replace(".", decimal) if isinstance(value, Decimal) else str(value)


def join_headers(lines: Sequence[Sequence[str]]) -> list[str]:
    """Join the rows of a header, one name per column, top to bottom with a blank between.

    Where columns would then be called alike, a name above several of them, which stands in the first alone, holds for
    those on its right too, as where merged cells were saved as text.

    Examples
    --------
    >>> join_headers([["ID", "IR", "IR"], ["", "pre", "post"]])
    ['ID', 'IR pre', 'IR post']
    >>> join_headers([["ID", "Left", "", "Right", ""], ["", "pre", "post", "pre", "post"]])
    ['ID', 'Left pre', 'Left post', 'Right pre', 'Right post']
    """
    plain = _joined(lines)
    if len(set(plain) - {""}) == sum(map(bool, plain)):
        return plain
    wide = _joined([*(_held_on_the_right(line, lines[-1]) for line in lines[:-1]), lines[-1]])
    return wide if len(set(wide) - {""}) == sum(map(bool, wide)) else plain


def _joined(lines: Sequence[Sequence[str]]) -> list[str]:
    return [" ".join(part.strip() for part in column if part.strip()) for column in zip(*lines, strict=True)]


def _held_on_the_right(line: Sequence[str], lowest: Sequence[str]) -> list[str]:
    """Return an upper row of a header with the names of groups in each of their columns; ID alone is no group."""
    names, group = [], ""
    for name, under in zip(line, lowest, strict=True):
        group = (name if under.strip() else "") if name.strip() else group
        names.append(name if name.strip() else group if under.strip() else "")
    return names


def name_columns(header: Sequence[str]) -> tuple[list[str], tuple[str, ...]]:
    """Return names of which none stands twice, and those that did.

    Examples
    --------
    >>> name_columns(["ID", "IR", "IR"])
    (['ID', 'IR', 'IR (2)'], ('IR',))
    """
    names: dict[str, None] = {}
    repeated: dict[str, int] = {}  # with the last number given: a stray cell may leave 60,000 columns without a name
    for name in (name or NO_NAME for name in header):
        unique = name
        while unique in names:
            repeated[name] = repeated.get(name, 1) + 1
            unique = f"{name} ({repeated[name]})"
        names[unique] = None
    return list(names), tuple(name for name in repeated if name != NO_NAME)


def header_is_usable(header: Sequence[str], file: str, row: int, problems: Problems) -> bool:
    """Note what makes a header unusable."""
    marks = [mark for mark in ";\t|," if len(header) == 1 and mark in header[0]]
    if not any(header):
        problems.add("error", "file_empty", "the file has no header line", file=file)
    elif "\0" in "".join(header):
        message = "the header holds NUL characters; declare the right `encoding`, such as utf-16-le"
        problems.add("error", "encoding", message, file=file, row=row)
    elif marks:
        message = f"only one column; if {marks[0]!r} divides the fields, declare it as `delimiter`"
        problems.add("error", "delimiter", message, file=file, row=row)
    else:
        return True
    return False


def without_nameless(cells: pd.DataFrame) -> pd.DataFrame:
    """Drop columns that have neither name nor content, as spreadsheets leave behind."""
    empty = [name for name in cells if str(name).startswith(NO_NAME) and not any(cells[name].cat.categories)]
    return cells.drop(columns=empty)
