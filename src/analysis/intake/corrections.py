"""``corrections.toml``: what was typed wrongly, put right in the open, while the raw file stays as it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field

from analysis.intake.drops import Drop, refuse_drop
from analysis.intake.problems import Problems
from analysis.intake.sheet import Sheet, text_column
from analysis.protocol.tomlmodel import read_toml
from analysis.usererror import StudyError

CORRECTIONS = "corrections.toml"


class Correction(BaseModel):
    """One cell of a file, what stands in it, what should, and why."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    file: str = Field(description="The file, as study.toml names it.")
    sheet: str | None = Field(None, description="The sheet of a workbook.")
    row: int = Field(gt=0, description="The row, as `capsule check` gives it.")
    column: str = Field(description="The file's own name of the column.")
    old: str = Field(description="What stands in the cell, to the letter; the correction fails when it does not.")
    new: str = Field(description="What it should be; empty for missing.")
    reason: str = Field(min_length=1, description="How it is known. Reports show it, so name nobody.")
    date: date


class Corrections(BaseModel):
    """The content of ``corrections.toml``: cells put right, and rows left out."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    correction: tuple[Correction, ...] = ()
    drop: tuple[Drop, ...] = ()


def read_corrections(folder: Path, problems: Problems) -> Corrections:
    """Read ``corrections.toml`` of a study folder; there need not be one.

    Parameters
    ----------
    folder
        The study folder.
    problems
        Receives cells that are corrected twice.

    Raises
    ------
    StudyError
        The file has faults; each names the key.
    """
    if not (folder / CORRECTIONS).exists():
        return Corrections()
    declared = read_toml(folder / CORRECTIONS, Corrections, StudyError)
    listed = declared.correction
    cells = [(item.file, item.sheet, item.row, item.column) for item in listed]
    for item, cell in zip(listed, cells, strict=True):
        if cells.count(cell) > 1:
            _refuse(item, "corrected_twice", "this cell is corrected more than once; keep one", problems)
    once = tuple(item for item, cell in zip(listed, cells, strict=True) if cells.count(cell) == 1)
    return declared.model_copy(update={"correction": once})


def unused_corrections(corrections: Corrections, files: set[str], problems: Problems) -> None:
    """Add corrections of files that the study does not have."""
    message = "no such file among the sources of study.toml"
    for item in corrections.correction:
        if item.file not in files:
            _refuse(item, "correction_without_cell", message, problems)
    for drop in corrections.drop:
        if drop.file not in files:
            refuse_drop(drop, message, problems)


def apply_corrections(sheet: Sheet, corrections: tuple[Correction, ...], problems: Problems) -> Sheet:
    """Return a file's text with its corrections; one whose old value is no longer there is an error.

    Parameters
    ----------
    sheet
        The text of one file.
    corrections
        Those of the study.
    problems
        Receives every correction: as a note when it was made, else as an error.
    """
    own = [item for item in corrections if item.file == sheet.file and item.sheet in (None, sheet.part or None)]
    cells, unread = sheet.cells, dict(sheet.unread)
    for item in own:
        place = np.flatnonzero((sheet.rows == item.row).to_numpy())
        if item.column not in cells or not len(place):
            message = "no such column or row in the file; look at what `capsule check` names"
            _refuse(item, "correction_without_cell", message, problems)
        elif item.old.strip() not in _in_the_cell(cells, unread, item, place[0]):
            message = "the old value is no longer in this cell; look at the file, then at the correction"
            _refuse(item, "correction_out_of_date", message, problems)
        else:
            unread.pop((item.row, item.column), None)
            cells = cells.assign(**{item.column: _with(cells[item.column], place[0], item.new)})
            message = f"corrected on {item.date}: {item.reason}"
            change = f"{item.old} → {item.new or 'missing'}"
            problems.add("note", "corrected", message, file=sheet.label, row=item.row, column=item.column, value=change)
    return replace(sheet, cells=cells, unread=unread)


def _in_the_cell(
    cells: pd.DataFrame, unread: Mapping[tuple[int, str], str], item: Correction, place: int
) -> tuple[str, ...]:
    """Return what may be said to stand in a cell: its text, and the error or the formula that it shows instead."""
    text = cells[item.column].iloc[place]
    return (text, unread.get((item.row, item.column), text))


def _with(column: pd.Series, place: int, new: str) -> pd.Series:
    words = [*column.cat.categories, new]
    codes = column.cat.codes.to_numpy(dtype="int64", copy=True)
    codes[place] = len(words) - 1
    return pd.Series(text_column(words, codes), index=column.index)


def _refuse(item: Correction, rule: str, message: str, problems: Problems) -> None:
    problems.add("error", rule, message, file=item.file, row=item.row, column=item.column, value=item.old)
