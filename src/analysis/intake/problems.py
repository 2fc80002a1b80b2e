"""What was found in the data: one row a fault, with everything needed to find and mend it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

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

    items: list[dict[str, object]] = field(default_factory=list)

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
        values = (severity, rule, shown(file, 200), row, shown(column, 200), shown(value), message)
        self.items.append(dict(zip(COLUMNS, values, strict=True)))

    def add_rows(
        self,
        severity: str,
        rule: str,
        message: str,
        *,
        file: str,
        rows: Iterable[int | None],
        column: str,
        values: Iterable[object],
    ) -> None:
        """Note the same fault in several rows of one column."""
        for row, value in zip(rows, values, strict=True):
            self.add(severity, rule, message, file=file, row=row, column=column, value=value)

    def table(self) -> pd.DataFrame:
        """Return the problems as a table: errors first, then by file, row and column.

        Returns
        -------
        pandas.DataFrame
            ``severity`` (error, warning, note), ``rule``, ``file``, ``row`` (line in the file, missing
            when it concerns the whole file), ``column``, ``value_shown``, ``message``.
        """
        frame = pd.DataFrame(self.items, columns=COLUMNS).astype(
            {name: "str" for name in COLUMNS if name not in ("severity", "row")} | {"row": "Int64"}
        )
        frame["severity"] = frame["severity"].astype(pd.CategoricalDtype(list(SEVERITIES), ordered=True))
        order = ["severity", "file", "row", "column", "rule"]
        return frame.drop_duplicates().sort_values(order, kind="stable", ignore_index=True, na_position="first")
