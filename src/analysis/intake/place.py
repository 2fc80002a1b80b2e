"""Where a table stands as a column of it, where the name of a sheet or file alone tells the clinic or the person."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.intake.sheet import Sheet, text_column

SHEET, FILE = "(sheet)", "(file)"


def with_place(sheet: Sheet, wanted: Collection[str]) -> Sheet:
    """Return a table with the columns ``(sheet)`` and ``(file)``, its names, where they are wanted.

    Examples
    --------
    >>> table = Sheet("P7.csv", pd.DataFrame({"IR": text_column(["12"])}), pd.Series([2]))
    >>> with_place(table, ["(file)"]).cells["(file)"].tolist()
    ['P7']
    """
    names = {SHEET: sheet.part, FILE: Path(sheet.file).stem.removesuffix(".csv")}
    names = {column: name for column, name in names.items() if column in wanted and column not in sheet.cells and name}
    everywhere = np.zeros(len(sheet.rows), dtype="int64")
    columns = {column: text_column([name], everywhere) for column, name in names.items()}
    return sheet.with_columns(pd.DataFrame(columns, index=sheet.cells.index)) if columns else sheet
