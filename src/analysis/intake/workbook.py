"""Excel and ODS: one sheet of a workbook becomes a rectangle of text, with the address of every cell."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.intake.blocks import BLOCK, Block, find_blocks
from analysis.intake.book import Book
from analysis.intake.page import Page, Place, Unread
from analysis.intake.problems import Problems
from analysis.intake.sheet import (
    Sheet,
    cell_text,
    header_is_usable,
    join_headers,
    name_columns,
    text_column,
    without_nameless,
)
from analysis.intake.study_file import Source
from analysis.intake.unreadable import UnreadableFile
from analysis.intake.xlsx_scan import column_letter

_Grid = list[list[str]]


def read_workbook(content: bytes, source: Source, problems: Problems, kind: str) -> Sheet | None:
    """Read one sheet of a workbook; ``None`` when it cannot be."""
    try:
        book = Book(content, kind)
        name = _choose_sheet(book, source, problems)
        if name is None:
            return None
        page = book.read(name)
    except UnreadableFile as fault:
        problems.add("error", fault.rule, str(fault), file=source.file)
        return None
    return _Cells(name, source, problems).rectangle(page)


def _choose_sheet(book: Book, source: Source, problems: Problems) -> str | None:
    sheets = [item for item in book.sheets if item.has_cells]
    hidden = [item.name for item in sheets if not item.shown and item.name != source.sheet]
    for name in hidden:
        message = "a hidden sheet, which was not read; name it as `sheet` if it is wanted"
        problems.add("note", "hidden_sheet", message, file=source.file, value=name)
    wanted = [item.name for item in sheets if item.name not in hidden]
    if source.sheet is not None:
        if source.sheet in wanted:
            return source.sheet
        # A sheet may bear a patient's name, so the message names none.
        problems.add("error", "sheet_missing", "no such sheet in the workbook; check `sheet`", file=source.file,
                     value=source.sheet)  # fmt: skip
    elif len(wanted) == 1:
        return wanted[0]
    else:
        problems.add("error", "sheet_missing", "several sheets, or none; say which one as `sheet`", file=source.file,
                     value=", ".join(wanted))  # fmt: skip
    return None


class _Cells:
    """One sheet, whose rows and columns are counted as its program shows them."""

    def __init__(self, name: str, source: Source, problems: Problems) -> None:
        self.name, self.source, self.problems = name, source, problems
        self.label = f"{source.file} {name}"

    def rectangle(self, page: Page) -> Sheet | None:
        grid = [
            [value if isinstance(value, Unread) else cell_text(value, self.source.decimal) for value in row]
            for row in page.values
        ]
        blocks = find_blocks(grid, self.source.blocks) if self.source.blocks else []
        heads = [block.row + 1 for block in blocks] or [self.source.skip_rows]
        self._spread(grid, page.merged, heads, {block.row for block in blocks})
        header = join_headers(grid[heads[0] : heads[0] + self.source.header_rows])
        if not header_is_usable(header, self.label, heads[0] + 1, self.problems):
            return None
        if self.source.blocks and not self._blocks_are_alike(grid, blocks):
            return None
        names, repeated = name_columns(header)
        kept = self._data(grid, heads, [*(block.row for block in blocks[1:]), len(grid)])
        self._note_hidden([number for number, _ in kept if number - 1 in page.hidden_rows])
        return Sheet(
            self.source.file,
            without_nameless(_cells(names, kept, blocks)),
            pd.Series([number for number, _ in kept], dtype="int64"),
            part=self.name,
            letters={name: column_letter(number) for number, name in enumerate(names)},
            units=dict(zip(names, self._units(grid, heads[0]), strict=False)),
            repeated=repeated,
            typed=True,
            unread=_unread(names, kept),
        )

    def _units(self, grid: _Grid, head: int) -> list[str]:
        row = head + self.source.header_rows
        return grid[row] if self.source.units_row and row < len(grid) else []

    def _data(self, grid: _Grid, heads: list[int], ends: list[int]) -> list[tuple[int, list[str]]]:
        """Return the rows beneath each header that hold anything, with their numbers in the file."""
        above = self.source.header_rows + self.source.units_row + self.source.rows_below_header
        data = [number for head, end in zip(heads, ends, strict=True) for number in range(head + above, end)]
        return [(number + 1, grid[number]) for number in data if any(grid[number])]

    def _note_hidden(self, rows: list[int]) -> None:
        """Add rows that its program does not show: somebody may have meant to leave them out."""
        if rows:
            message = (
                "rows that a filter or somebody has hidden; they were read like the others: remove them if not wanted"
            )
            count = f"{len(rows)} row{'s' if len(rows) > 1 else ''}"
            self.problems.add("note", "hidden_rows", message, file=self.label, row=rows[0], value=count)

    def _blocks_are_alike(self, grid: _Grid, blocks: list[Block]) -> bool:
        """Refuse a sheet without blocks, with rows above the first, or with a block that has other columns."""
        above = [number for number in range(self.source.skip_rows, blocks[0].row if blocks else 0) if any(grid[number])]
        if not blocks or above:
            where = above[0] + 1 if above else self.source.skip_rows + 1
            message = (
                "no block begins here; write the line that begins one as `blocks`, or skip the rows above the first"
            )
            self.problems.add("error", "block_unread", message, file=self.label, row=where)
            return False
        depth = self.source.header_rows
        headers = [join_headers(grid[block.row + 1 : block.row + 1 + depth]) for block in blocks]
        other = [block.row + 2 for block, header in zip(blocks, headers, strict=True) if header != headers[0]]
        for row in other:
            message = "the columns of this block are called otherwise than those of the first; give all the same names"
            self.problems.add("error", "block_unread", message, file=self.label, row=row)
        return not other

    def _spread(self, grid: _Grid, merged: tuple[tuple[Place, Place], ...], heads: list[int], titles: set[int]) -> None:
        """Write the content of merged cells into each of them: it holds for all."""
        width = len(grid[0]) if grid else 0
        depth = self.source.header_rows + self.source.units_row
        of_header = {row for head in heads for row in range(head, head + depth)}
        for (top, left), (bottom, right) in merged:
            # Cells may be merged beyond the last that holds anything, where the grid ends.
            outside = top >= len(grid) or left >= width or top < heads[0] or top in titles
            if outside or not grid[top][left]:
                continue
            right = min(right, width - 1)
            for row in grid[top : bottom + 1]:
                row[left : right + 1] = [grid[top][left]] * (right + 1 - left)
            if top in of_header:  # a name that fills two rows of the header stands in it once
                for number in range(top + 1, min(bottom + 1, len(grid))):
                    if number in of_header:
                        grid[number][left : right + 1] = [""] * (right + 1 - left)
            else:
                message = "merged cells, each read as holding the same value"
                self.problems.add("note", "merged_cells", message, file=self.label, row=top + 1)


def _cells(names: list[str], kept: list[tuple[int, list[str]]], blocks: list[Block]) -> pd.DataFrame:
    """Return the rows as columns of text, with whose block each stands in where there are any."""
    columns = zip(*(row for _, row in kept), strict=True) if kept else [()] * len(names)
    cells = pd.DataFrame(
        {name: text_column([_written(cell) for cell in column]) for name, column in zip(names, columns, strict=True)},
        index=range(len(kept)),
    )
    if blocks:
        own = np.searchsorted([block.row for block in blocks], [number - 1 for number, _ in kept]) - 1
        cells.insert(cells.shape[1], BLOCK, pd.Series(text_column([block.person for block in blocks], own)))
    return cells


def _unread(names: list[str], kept: list[tuple[int, list[str]]]) -> dict[tuple[int, str], Unread]:
    return {
        (number, name): cell
        for number, row in kept
        for name, cell in zip(names, row, strict=True)
        if isinstance(cell, Unread)
    }


def _written(cell: str) -> str:
    return "" if isinstance(cell, Unread) else cell
