"""Tables in which only the first row of a person, or of a visit, says whose it is: the rows beneath are filled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.intake.mapping import columns_of, used_columns
from analysis.intake.problems import Problems
from analysis.intake.sheet import Sheet
from analysis.intake.study_file import Source


def filled_down(sheet: Sheet, as_read: Sheet, source: Source, problems: Problems) -> Sheet:
    """Return a file's text with the empty cells of some columns filled from above, where the study declares that.

    Nothing is carried from one person to the next: where a column that is listed before holds a word, or another person
    or clinic begins, an empty cell stays empty. A row without anything that is read, such as a remark beneath the
    table, is not filled, nor is a cell that was corrected to be missing.

    Parameters
    ----------
    sheet
        The text of one file, corrected; also the rows that are dropped, which say whose those beneath them are.
    as_read
        The same before its corrections.
    source
        ``fill_down`` lists the columns.
    problems
        Receives a note of each column, those that are not there, and those listed before what says whose a row is.
    """
    wanted = [column for column in source.fill_down if column in sheet.cells]
    for absent in [column for column in source.fill_down if column not in sheet.cells]:
        message = "source.fill_down names a column that the file does not have"
        problems.add("error", "column_missing", message, file=sheet.label, column=absent)
    if not wanted or not len(sheet.rows):
        return sheet
    person, clinic = (_columns_of(source, sheet, name) for name in ("patient_id", "clinic_id"))
    if source.parent is not None:
        person = [*person, source.parent.named_by]  # the row of another table, which says whose this one is
    if not _patient_is_first(wanted, person, clinic):
        message = "source.fill_down: list the columns of the patient first, in the order of patient_id"
        problems.add("error", "fill_down_order", message, file=sheet.label)
    named = [sheet.cells[name].astype("str") for name in person if name in sheet.cells and name not in wanted]
    begins = _differs([*named, *(_last_given(sheet.cells[name]) for name in clinic)], len(sheet.rows))
    others = [name for name in sheet.cells if name in used_columns(source) - {*wanted, *person}]
    holds = (sheet.cells[others] != "").any(axis=1).to_numpy()
    cells = sheet.cells.copy(deep=False)
    for name in wanted:
        given = (sheet.cells[name] != "").to_numpy() | (as_read.cells[name] != "").to_numpy() | _unread(as_read, name)
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


def _patient_is_first(wanted: list[str], person: list[str], clinic: list[str]) -> bool:
    """Whether nothing but clinics is listed before the columns of the patient, and these as ``patient_id`` has them."""
    parts = [name for name in wanted if name in person]
    before = wanted[: wanted.index(parts[-1])] if parts else []
    return {*before} <= {*person, *clinic} and parts == sorted(parts, key=person.index)


def _unread(sheet: Sheet, column: str) -> np.ndarray:
    """Return which cells of a column hold an error, of which the text is empty."""
    rows = [row for row, name in sheet.unread if name == column]
    return sheet.rows.isin(rows).to_numpy()


def _columns_of(source: Source, sheet: Sheet, name: str) -> list[str]:
    return [column for column in columns_of(source.columns.get(name, ())) if column in sheet.cells]


def _last_given(column: pd.Series) -> pd.Series:
    """Return the words of a column, and where it is empty the one above."""
    words = column.astype("str")
    return words.where(words != "").ffill().fillna("")


def _differs(columns: Sequence[pd.Series], rows: int) -> np.ndarray:
    """Return which rows differ from the one above in some column; the first does."""
    changed = np.zeros(rows, dtype=bool)
    changed[0] = True
    for column in columns:
        words = column.to_numpy()
        changed[1:] |= words[1:] != words[:-1]
    return changed
