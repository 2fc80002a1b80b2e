"""Tables in which only the first row of a person, or of a visit, says whose it is: the rows beneath are filled."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.intake.mapping import columns_of, used_columns
from analysis.intake.problems import Problems
from analysis.intake.sheet import Sheet
from analysis.intake.study_file import Source


def filled_down(sheet: Sheet, source: Source, problems: Problems) -> Sheet:
    """Return a file's text with the empty cells of some columns filled from above, where the study declares that.

    Nothing is carried from one person to the next: where a column that is listed before holds a word, or another person
    begins, an empty cell stays empty. A row without anything that is read, such as a remark beneath the table,
    is not filled.

    Parameters
    ----------
    sheet
        The text of one file; empty rows are not in it.
    source
        ``fill_down`` lists the columns.
    problems
        Receives a note of each column, and those that are not there.
    """
    wanted = [column for column in source.fill_down if column in sheet.cells]
    for absent in [column for column in source.fill_down if column not in sheet.cells]:
        message = "source.fill_down names a column that the file does not have"
        problems.add("error", "column_missing", message, file=sheet.label, column=absent)
    if not wanted or not len(sheet.rows):
        return sheet
    person = columns_of(source.columns["patient_id"]) if "patient_id" in source.columns else []
    begins = _differs(sheet.cells[[name for name in person if name in sheet.cells and name not in wanted]])
    others = [name for name in sheet.cells if name in used_columns(source) - {*wanted, *person}]
    holds = (sheet.cells[others] != "").any(axis=1).to_numpy()
    cells = sheet.cells.copy(deep=False)
    for name in wanted:
        given = (sheet.cells[name] != "").to_numpy() | _unread(sheet, name)
        own = np.where(given | begins, np.arange(len(given)), 0)
        filled = ~given & holds
        place = np.where(filled, np.maximum.accumulate(own), np.arange(len(given)))
        cells[name] = cells[name].array.take(place)
        begins = begins | given
        rows = sheet.rows[filled & (cells[name] != "").to_numpy()]
        if len(rows):
            message = "empty cells read as the one above, as declared (fill_down)"
            problems.add("note", "filled_down", message, file=sheet.label, row=int(rows.iloc[0]), column=name,
                         value=f"{len(rows):,} cell{'s' if len(rows) > 1 else ''}")  # fmt: skip
    return replace(sheet, cells=cells)


def _unread(sheet: Sheet, column: str) -> np.ndarray:
    """Return which cells of a column hold an error, of which the text is empty."""
    rows = [row for row, name in sheet.unread if name == column]
    return sheet.rows.isin(rows).to_numpy()


def _differs(columns: pd.DataFrame) -> np.ndarray:
    """Return which rows differ from the one above; the first does."""
    changed = np.zeros(len(columns), dtype=bool)
    changed[0] = True
    for name in columns:
        words = columns[name].astype("str").to_numpy()
        changed[1:] |= words[1:] != words[:-1]
    return changed
