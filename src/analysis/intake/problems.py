"""What was found in the data: one row a fault, with everything needed to find and mend it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

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


@dataclass
class Problems:
    """A list of faults that grows while a study is read, so that all are named at once."""

    batches: list[pd.DataFrame] = field(default_factory=list)

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
        message: str,
        *,
        files: Sequence[str],
        rows: Iterable[int | None],
        column: str,
        values: Iterable[object],
    ) -> None:
        """Note the same fault in several rows of one column."""
        if not len(files):
            return
        # A fault of a whole column repeats few words in many rows.
        codes, distinct = pd.factorize(np.array([str(value) for value in values], dtype="object"))
        words = np.array([shown(word) for word in distinct], dtype="object")
        found = {
            "severity": severity,
            "rule": rule,
            "file": [shown(file, 200) for file in files],
            "row": pd.array(list(rows), dtype="Int64"),
            "column": shown(column, 200),
            "value_shown": words[codes],
            "message": message,
        }
        self.batches.append(pd.DataFrame(found, columns=COLUMNS))

    @property
    def any_error(self) -> bool:
        """Whether something was found that stops the analysis."""
        return any(batch["severity"].iloc[0] == "error" for batch in self.batches)

    def table(self) -> pd.DataFrame:
        """Return the problems as a table: errors first, then by file, row and column.

        Returns
        -------
        pandas.DataFrame
            ``severity`` (error, warning, note), ``rule``, ``file``, ``row`` (line in the file, missing
            when it concerns the whole file), ``column``, ``value_shown``, ``message``.
        """
        frame = pd.concat(self.batches or [pd.DataFrame(columns=COLUMNS)], ignore_index=True).astype(
            {name: "str" for name in COLUMNS if name not in ("severity", "row")} | {"row": "Int64"}
        )
        frame["severity"] = frame["severity"].astype(pd.CategoricalDtype(list(SEVERITIES), ordered=True))
        order = ["severity", "file", "row", "column", "rule"]
        return frame.drop_duplicates().sort_values(order, kind="stable", ignore_index=True, na_position="first")
