"""One column of a file while it is read: its distinct cells, the rows that hold each, the place of faults."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.intake.problems import Problems
from analysis.intake.sheet import Sheet

_NAMED_ROWS = 5


class Cells:
    """The distinct cells of a column.

    Attributes
    ----------
    text
        Each cell once, as str; missing where it is empty or declared as missing.
    typed
        Whether the file keeps dates as dates.
    """

    def __init__(self, sheet: Sheet, column: str, na_values: Sequence[str], problems: Problems) -> None:
        self.typed = sheet.typed
        self._sheet, self._column, self._problems = sheet, column, problems
        self._codes = sheet.cells[column].cat.codes.to_numpy()
        words = pd.Series(sheet.cells[column].cat.categories, dtype="str")
        self.text = words.mask(words.isin(["", *na_values]))

    def in_rows(self, value: pd.Series) -> pd.Series:
        """Return what became of the distinct cells for every row of the file; text as a categorical."""
        if value.dtype == "str":
            numbers, words = pd.factorize(value)
            column = pd.Categorical.from_codes(numbers[self._codes], categories=words)
            return pd.Series(column, index=self._sheet.rows.index)
        return pd.Series(value.array.take(self._codes), index=self._sheet.rows.index)

    def remark(self, severity: str, rule: str, message: str, where: pd.Series) -> None:
        """Note once what holds of some cells, with the first row that has one and how many have."""
        rows = np.flatnonzero(where.fillna(False).to_numpy(dtype=bool)[self._codes])
        if len(rows):
            first = self._sheet.rows.iloc[rows[0]]
            count = f"{len(rows)} row{'s' if len(rows) > 1 else ''}"
            self._problems.add(
                severity, rule, message, file=self._sheet.label, row=first, column=self._column, value=count
            )

    def refuse_words(self, rule: str, message: str, where: pd.Series) -> None:
        """Note an error once for each of some cells, at its first row, with the other rows it stands in."""
        hit = where.fillna(False).to_numpy(dtype=bool)
        if not hit.any():
            return
        rows = np.flatnonzero(hit[self._codes])
        # A stable sort keeps the rows of one word in the order of the file.
        rows = rows[np.argsort(self._codes[rows], kind="stable")]
        for same in np.split(rows, 1 + np.flatnonzero(np.diff(self._codes[rows]))):
            lines = self._sheet.rows.iloc[same]
            self._problems.add_rows(
                "error",
                rule,
                message + _in_rows(lines),
                files=self._sheet.places(self._column, lines[:1]),
                rows=lines[:1],
                column=self._column,
                values=self.text.iloc[self._codes[same[:1]]],
            )

    def refuse(self, severity: str, rule: str, message: str, where: pd.Series) -> None:
        """Note a fault for every row that holds one of some cells."""
        hit = where.fillna(False).to_numpy(dtype=bool)
        if not hit.any():
            return
        rows = np.flatnonzero(hit[self._codes])
        lines = self._sheet.rows.iloc[rows]
        self._problems.add_rows(
            severity,
            rule,
            message,
            files=self._sheet.places(self._column, lines),
            rows=lines,
            column=self._column,
            values=self.text.iloc[self._codes[rows]],
        )


def _in_rows(lines: pd.Series) -> str:
    """Say in which rows a word stands, where it is more than one; the first is named beside the message."""
    if len(lines) < 2:
        return ""
    named = ", ".join(map(str, lines[:_NAMED_ROWS]))
    return f" (in {len(lines)} rows: {named}{', …' if len(lines) > _NAMED_ROWS else ''})"
