"""Cells of a workbook that hold an error, or a formula whose result never reached the file."""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd

from analysis.intake.page import Unread
from analysis.intake.problems import Problems
from analysis.intake.sheet import Sheet


def refuse_unread(sheet: Sheet, used: Collection[str], problems: Problems) -> None:
    """Add the unread cells of columns that are used: each would be read as empty.

    Parameters
    ----------
    sheet
        The text of one file, after its corrections and without the rows that nothing asks for.
    used
        The columns that ``study.toml`` names.
    problems
        Receives an error for each cell.
    """
    for column, rows, cells in _by_column(sheet):
        if column not in used:
            continue
        for rule, message in dict.fromkeys((cell.rule, cell.message) for cell in cells):
            hit = [(row, cell) for row, cell in zip(rows, cells, strict=True) if cell.message == message]
            lines = pd.Series([row for row, _ in hit])
            problems.add_rows(
                "error",
                rule,
                message,
                files=sheet.places(column, lines),
                rows=lines,
                column=sheet.home(column)[1],
                values=[cell for _, cell in hit],
            )


def note_unread(sheet: Sheet, used: Collection[str], problems: Problems) -> None:
    """Add a note for each column with unread cells that nothing uses."""
    for column, rows, cells in _by_column(sheet):
        if column not in used:
            message = "an error of the spreadsheet or a formula without a result, in a column that nothing uses"
            count = f"{len(rows)} cell{'s' if len(rows) > 1 else ''}"
            place, name = sheet.places(column, pd.Series(rows[:1]))[0], sheet.home(column)[1]
            problems.add("note", cells[0].rule, message, file=place, row=rows[0], column=name, value=count)


def _by_column(sheet: Sheet) -> list[tuple[str, list[int], list[Unread]]]:
    """Return each column with unread cells in the rows that the sheet has, and the rows in which these stand."""
    rows = set(sheet.rows) if sheet.unread else set()
    columns: dict[str, list[tuple[int, Unread]]] = {}
    for (row, column), cell in sheet.unread.items():
        if row in rows:
            columns.setdefault(column, []).append((row, cell))
    found = []
    for column, cells in columns.items():
        at = dict(zip(sheet.rows, sheet.lines(column), strict=True)) if column in sheet.origins else {}
        # A cell of a parent stands once, however many rows belong to it.
        once = {at.get(row, row): cell for row, cell in cells}
        found.append((column, list(once), list(once.values())))
    return found
