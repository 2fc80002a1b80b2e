"""One column of a file while it is read: its distinct cells, the rows that hold each, the place of faults."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import pandas as pd
from pandas.api.extensions import ExtensionArray

from analysis.intake.problems import Problems
from analysis.intake.sheet import Sheet

_NAMED_ROWS = 5


class Cells:
    """The distinct cells of a column.

    They are few in most columns, and a loop over them costs less than one call of pandas.

    Attributes
    ----------
    known
        Which of them are not missing.
    typed
        Whether the file keeps dates as dates.
    """

    def __init__(self, sheet: Sheet, column: str, na_values: Sequence[str], problems: Problems) -> None:
        self.typed = sheet.typed
        self._sheet, self._column, self._problems = sheet, column, problems
        self._codes = sheet.cells[column].cat.codes.to_numpy()
        self._rows = sheet.lines(column)
        self._home = sheet.home(column)
        self._distinct = sheet.cells[column].cat.categories
        self.known = ~self._distinct.isin(["", *na_values])

    @cached_property
    def words(self) -> list[str | None]:
        """Each cell once; None where it is empty or declared as missing."""
        return [word if known else None for word, known in zip(self._distinct.tolist(), self.known, strict=True)]

    @cached_property
    def text(self) -> pd.Series:
        """The words as a column of pandas."""
        return pd.Series(self.words, dtype="str")

    @cached_property
    def present(self) -> np.ndarray:
        """Which of the distinct cells stand in a row; others were in rows that have been left out."""
        return np.bincount(self._codes, minlength=len(self._distinct)) > 0

    def in_rows(self, value: np.ndarray | ExtensionArray) -> pd.Series:
        """Return what became of the distinct cells for every row of the file."""
        return pd.Series(value.take(self._codes), index=self._sheet.rows.index, copy=False)

    def text_in_rows(self) -> pd.Series:
        """Return the cells as they are for every row of the file; as a categorical. Identifiers are many."""
        if self.known.all():
            return pd.Series(self._sheet.cells[self._column].array, index=self._sheet.rows.index, copy=False)
        numbers = np.where(self.known, np.cumsum(self.known) - 1, -1)
        return self.in_rows(pd.Categorical.from_codes(numbers, categories=self._distinct[self.known]))

    def words_in_rows(self, words: Sequence[str | None]) -> pd.Series:
        """Return the words that the distinct cells stand for, for every row of the file; as a categorical."""
        places: dict[str, int] = {}
        numbers = [-1 if word is None else places.setdefault(word, len(places)) for word in words]
        categories = pd.Index(list(places), dtype="str")
        return self.in_rows(pd.Categorical.from_codes(np.array(numbers, dtype="int64"), categories=categories))

    def filled_rows(self, where: np.ndarray) -> int:
        """Return how many rows hold one of some cells."""
        return int(where[self._codes].sum())

    def remark(self, severity: str, rule: str, message: str, where: np.ndarray) -> None:
        """Note once what holds of some cells, with the first row that has one and how many have."""
        rows = np.flatnonzero(where[self._codes])
        if len(rows):
            first = self._rows.iloc[rows[0]]
            count = f"{len(rows)} row{'s' if len(rows) > 1 else ''}"
            label, column = self._home
            self._problems.add(severity, rule, message, file=label, row=first, column=column, value=count)

    def refuse_words(self, rule: str, message: str, where: np.ndarray) -> None:
        """Note an error once for each of some cells, at its first row, with the other rows it stands in."""
        if not where.any():
            return
        rows = np.flatnonzero(where[self._codes])
        # A stable sort keeps the rows of one word in the order of the file.
        rows = rows[np.argsort(self._codes[rows], kind="stable")]
        for same in np.split(rows, 1 + np.flatnonzero(np.diff(self._codes[rows]))):
            lines = self._rows.iloc[same]
            self._problems.add_rows(
                "error",
                rule,
                message + _in_rows(lines),
                files=self._sheet.places(self._column, lines[:1]),
                rows=lines[:1],
                column=self._home[1],
                values=self._at(same[:1]),
            )

    def refuse(self, severity: str, rule: str, message: str, where: np.ndarray) -> None:
        """Note a fault for every row that holds one of some cells."""
        if not where.any():
            return
        rows = np.flatnonzero(where[self._codes])
        lines = self._rows.iloc[rows]
        self._problems.add_rows(
            severity,
            rule,
            message,
            files=self._sheet.places(self._column, lines),
            rows=lines,
            column=self._home[1],
            values=self._at(rows),
        )

    def _at(self, rows: np.ndarray) -> list[str | None]:
        return [self.words[code] for code in self._codes[rows]]


def _in_rows(lines: pd.Series) -> str:
    """Say in which rows a word stands, where it is more than one; the first is named beside the message."""
    if len(lines) < 2:
        return ""
    named = ", ".join(map(str, lines[:_NAMED_ROWS]))
    return f" (in {len(lines)} rows: {named}{', …' if len(lines) > _NAMED_ROWS else ''})"
