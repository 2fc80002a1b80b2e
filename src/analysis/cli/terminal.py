"""Tables for a person at a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pandas as pd

from analysis.intake.problems import shown

_FOLDED = 40  # characters; longer words of a cell are folded


def show_table(table: pd.DataFrame, formats: dict[str, Callable[[Any], str]] | None = None, keys: int = 1) -> None:
    """Print a table for a person; missing is blank. Where a terminal is too narrow, its columns come in several parts.

    Parameters
    ----------
    table
        What to print.
    formats
        How to write the values of a column, by its name.
    keys
        How many columns name the row; they stand first in every part.
    """
    from rich.console import Console  # a sentence is printed without it
    from rich.table import Table

    names = [str(name) for name in table.columns]
    rows = []
    for row in table.astype("object").itertuples(index=False):
        texts = ["" if pd.isna(v) else (formats or {}).get(n, str)(v) for n, v in zip(names, row, strict=True)]
        rows.append([shown(text, 1000) for text in texts])  # an identifier may hold what a terminal obeys
    widths = [max(map(len, column)) for column in zip(names, *rows, strict=True)]
    # Away from a terminal there is no width to keep to, and a cut cell would be a lost number.
    wide = None if sys.stdout.isatty() else sum(widths) + 3 * len(widths) + 2
    console = Console(width=wide, markup=False, highlight=False, soft_wrap=False)
    for number, part in enumerate([list(range(len(names)))] if wide else _parts(widths, keys, console.width)):
        if number:
            print()
        grid = Table(box=None, header_style="bold", pad_edge=bool(wide), collapse_padding=not wide)
        for place in part:
            grid.add_column(names[place], min_width=None if wide else min(widths[place], _FOLDED))
        for texts in rows:
            grid.add_row(*[texts[place] for place in part])
        console.print(grid)


def _parts(widths: list[int], keys: int, room: int) -> list[list[int]]:
    """Share out the columns that do not name the row, so that every part fits beside those that do."""
    taken = [min(width, _FOLDED) + 1 for width in widths]
    parts: list[list[int]] = [[]]
    for place in range(keys, len(widths)):
        if parts[-1] and sum(taken[:keys]) + sum(taken[p] for p in [*parts[-1], place]) > room + 1:
            parts.append([])
        parts[-1].append(place)
    return [[*range(keys), *part] for part in parts]
