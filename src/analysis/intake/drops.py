"""Rows that should not count, such as a form that was sent twice; the raw file stays as it is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
from pydantic import Field

from analysis.intake.problems import Problems
from analysis.intake.sheet import Sheet
from analysis.protocol.tomlmodel import Part


class Drop(Part):
    """One row of a file that is left out, and why."""

    file: str = Field(description="The file, as study.toml names it.")
    sheet: str | None = Field(None, description="The sheet of a workbook.")
    row: int = Field(gt=0, description="The row, as `capsule check` gives it.")
    holds: dict[str, str] = Field(
        {}, description="What must stand in columns of the row, so that no other is dropped when the file changes."
    )
    reason: str = Field(min_length=1, description="Why it is no reading. Reports show it, so name nobody.")
    date: date


def rows_kept(sheet: Sheet, drops: Sequence[Drop], problems: Problems) -> np.ndarray:
    """Return which rows of a file are not dropped; a drop whose row is no longer there is an error.

    Parameters
    ----------
    sheet
        The text of one file, after its corrections.
    drops
        Those of the study.
    problems
        Receives every drop: as a note when it was made, else as an error.
    """
    kept = np.ones(len(sheet.rows), dtype=bool)
    for item in [item for item in drops if item.file == sheet.file and item.sheet in (None, sheet.part or None)]:
        place = np.flatnonzero((sheet.rows == item.row).to_numpy())
        if not len(place):
            refuse_drop(item, "no such row in the file, or an empty one; look at what `capsule check` names", problems)
        elif not kept[place[0]]:
            refuse_drop(item, "this row is dropped more than once; keep one", problems)
        elif any(c not in sheet.cells or sheet.cells[c].iloc[place[0]] != text for c, text in item.holds.items()):
            refuse_drop(item, "the row no longer holds this; look at the file, then at the drop", problems)
        else:
            kept[place[0]] = False
            message = f"dropped on {item.date}: {item.reason}"
            problems.add("note", "dropped", message, file=sheet.label, row=item.row)
    return kept


def without_copies(sheet: Sheet, declared: str, problems: Problems) -> Sheet:
    """Return a file's text without rows that hold what one before them holds, where the study declares that.

    Parameters
    ----------
    sheet
        The text of one file; empty rows are not in it.
    declared
        "note" leaves them out; with "error" they stay, and are told of where a visit is read twice.
    problems
        Receives a note of each.
    """
    again = sheet.cells.duplicated().to_numpy() if declared == "note" else np.zeros(len(sheet.rows), dtype=bool)
    for row in sheet.rows[again]:
        message = "the same as a row before it, in every column; left out as declared (identical_rows)"
        problems.add("note", "identical_row", message, file=sheet.label, row=int(row))
    return sheet.keep(~again)


def refuse_drop(item: Drop, message: str, problems: Problems) -> None:
    """Add a drop that could not be made."""
    problems.add("error", "drop_without_row", message, file=item.file, row=item.row)
