"""What was found in the data: one row a fault, with everything needed to find and mend it."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

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


def _shown_once(values: Sequence[object] | pd.Series, limit: int) -> np.ndarray:
    """Show values of many rows; a fault of a whole column repeats few words, and each is made printable once."""
    numbers, distinct = pd.factorize(np.array([str(value) for value in values], dtype="object"))
    return np.array([shown(word, limit) for word in distinct], dtype="object")[numbers]


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
            "row": np.array(rows, dtype="object"),
            "column": shown(column, 200),
            "value_shown": _shown_once(values, 40),
            "message": message if isinstance(message, str) else np.array(message, dtype="object"),
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
        types |= {"severity": pd.CategoricalDtype(list(SEVERITIES), ordered=True), "row": "Int64"}
        counts = [len(batch["row"]) for batch in self.batches]
        found: dict[str, np.ndarray] = {}
        for name in COLUMNS:
            parts = [batch[name] for batch in self.batches]
            each_row = [
                part if isinstance(part, np.ndarray) else np.full(count, part, dtype="object")
                for part, count in zip(parts, counts, strict=True)
            ]
            found[name] = np.concatenate(each_row) if each_row else np.array([], dtype="object")
        frame = pd.DataFrame({name: pd.Series(found[name], dtype=types[name]) for name in COLUMNS})
        order = ["severity", "sheet", "row", "column", "rule"]
        sheets = {file: sheet_and_cell(file)[0] for file in frame["file"].unique()}
        frame = frame.drop_duplicates().assign(sheet=lambda found: found["file"].map(sheets))
        return frame.sort_values(order, kind="stable", ignore_index=True, na_position="first")[COLUMNS]
