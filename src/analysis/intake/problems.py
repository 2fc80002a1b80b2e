"""What was found in the data: one row a fault, with everything needed to find and mend it."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from analysis.schema import ordered

COLUMNS = ["severity", "rule", "file", "row", "column", "value_shown", "message"]
SEVERITIES = ("error", "warning", "note")


def shown(value: object, limit: int = 40) -> str:
    r"""Return a value as it may be printed: one line, no control characters, not too long.

    Examples
    --------
    >>> shown("a\nb")
    'a\\nb'
    """
    text = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in str(value))
    return text if len(text) <= limit else text[: limit - 1] + "…"


def place_of(problem: Mapping[Hashable, Any]) -> str:
    """Return where a problem was found: file, row and column, as far as it has them."""
    row = "" if pd.isna(problem["row"]) else f"row {problem['row']}"
    return ", ".join(part for part in (problem["file"], row, problem["column"]) if part) or "study.toml"


def sheet_and_cell(file: str) -> tuple[str, str]:
    """Divide the file of a problem into the file with its sheet, and the address of the cell where it has one.

    Examples
    --------
    >>> sheet_and_cell("a.xlsx Visits!C7"), sheet_and_cell("a.csv")
    (('a.xlsx Visits', 'C7'), ('a.csv', ''))
    """
    found = re.fullmatch(r"(.*)!([A-Z]+[0-9]+)", file)
    return (found[1], found[2]) if found else (file, "")


def _shown_once(values: Sequence[object] | pd.Series, limit: int) -> list[str]:
    """Show values of many rows; a fault of a whole column repeats few words, and each is made printable once."""
    words = list(map(str, values))
    printable = {word: shown(word, limit) for word in set(words)}
    return [printable[word] for word in words]


@dataclass
class Problems:
    """A list of faults that grows while a study is read, so that all are named at once."""

    batches: list[dict[str, Any]] = field(default_factory=list)

    def add(
        self,
        severity: str,
        rule: str,
        message: str,
        *,
        file: str = "",
        row: int | None = None,
        column: str = "",
        value: object = "",
    ) -> None:
        """Note one fault."""
        self.add_rows(severity, rule, message, files=[file], rows=[row], column=column, values=[value])

    def add_rows(
        self,
        severity: str,
        rule: str,
        message: str | Sequence[str],
        *,
        files: Sequence[str] | pd.Series,
        rows: Sequence[int | None] | pd.Series,
        column: str,
        values: Sequence[object] | pd.Series,
    ) -> None:
        """Note the same fault in several rows of one column; with a message for each row, if there are several."""
        if not len(rows):
            return
        found = {
            "severity": severity,
            "rule": rule,
            "file": _shown_once(files, 200),
            "row": [None if pd.isna(row) else int(row) for row in rows],
            "column": shown(column, 200),
            "value_shown": _shown_once(values, 40),
            "message": [message] * len(rows) if isinstance(message, str) else list(message),
        }
        self.batches.append(found)

    @property
    def any_error(self) -> bool:
        """Whether something was found that stops the analysis."""
        return any(batch["severity"] == "error" for batch in self.batches)

    def rows_in_error(self) -> set[tuple[str, int]]:
        """Return the file and row of every error that has a row; of a workbook without the address of the cell."""
        return {
            (sheet_and_cell(file)[0], row)
            for batch in self.batches
            if batch["severity"] == "error"
            for file, row in zip(batch["file"], batch["row"], strict=True)
        }

    def table(self) -> pd.DataFrame:
        """Return the problems as a table: errors first, then by file, row and column.

        Returns
        -------
        pandas.DataFrame
            ``severity`` (error, warning, note), ``rule``, ``file``, ``row`` (line in the file, missing
            when it concerns the whole file), ``column``, ``value_shown``, ``message``.
        """
        types: dict[str, Any] = dict.fromkeys(COLUMNS, "str")
        types |= {"severity": ordered(SEVERITIES), "row": "Int64"}
        found = dict.fromkeys(problem for batch in self.batches for problem in _one_by_one(batch))
        sheets = {file: sheet_and_cell(file)[0] for file in {problem[2] for problem in found}}

        def place(problem: tuple) -> tuple:
            severity, rule, file, row, column, *_ = problem
            return SEVERITIES.index(severity), sheets[file], row or 0, column, rule

        columns = list(zip(*sorted(found, key=place), strict=True)) or [()] * len(COLUMNS)
        return pd.DataFrame(
            {name: pd.Series(list(values), dtype=types[name]) for name, values in zip(COLUMNS, columns, strict=True)}
        )


def _one_by_one(batch: Mapping[str, Any]) -> Iterator[tuple]:
    """Return the problems of a batch with what :data:`COLUMNS` names; what holds of the batch is said in each."""
    of_each = (batch[name] for name in ("file", "row", "value_shown", "message"))
    for file, row, value, message in zip(*of_each, strict=True):
        yield batch["severity"], batch["rule"], file, row, batch["column"], value, message
