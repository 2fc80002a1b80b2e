"""One file, in whichever layout, becomes one row per patient, side, episode and timepoint."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from analysis.intake.day_windows import days_of_rows, rows_at_visits
from analysis.intake.joined import joined
from analysis.intake.mapping import check_mapping, for_side, usable, used_columns
from analysis.intake.no_patient import rows_of_patients
from analysis.intake.parse import parse_column
from analysis.intake.problems import Problems
from analysis.intake.sheet import Sheet, text_column
from analysis.intake.source_parts import Column
from analysis.intake.split import refuse_undivided
from analysis.intake.study_file import Source
from analysis.intake.unmeasured import NOBODY, ONE_HIP, PERSON
from analysis.intake.unread import note_unread, refuse_unread
from analysis.protocol import Protocol
from analysis.schema import SIDES, VISIT, any_known, ordered


def tidy_rows(sheet: Sheet, source: Source, protocol: Protocol, problems: Problems, number: int = 1) -> pd.DataFrame:
    """Return every visit in a file as a row.

    Parameters
    ----------
    sheet
        The file's text.
    source
        Its mapping. Sides and timepoints may each be a column or be spread over columns.
    protocol
        Names the measures that may be mapped.
    problems
        Receives what is wrong with the mapping, and every cell that cannot be read.
    number
        Which ``[[source]]`` it is, counted from 1.

    Returns
    -------
    pandas.DataFrame
        One row per row of the file, timepoint and side, in our names, with ``source_file``,
        ``source_row``, ``visited``: whether anything was measured, ``listed``: whom the row lists if not, and
        ``completes``: the number of a source whose rows add to visits of others, else 0. Rows without a patient or a
        side are refused.
    """
    check_mapping(source, sheet, protocol, problems)
    sheet = chosen_rows(sheet, source, problems)
    columns, n = _Columns(sheet, source, protocol, problems), len(sheet.rows)
    every_row: dict[str, Any] = {
        "source_row": sheet.rows,
        **({"day": days_of_rows(sheet, source, protocol, problems)} if source.visits else {}),
        "source_file": _level(sheet.label, [sheet.label], n),
        "completes": np.full(n, number if source.completes_visits else 0, dtype="int16"),
    }
    timepoints: list[str | None] = [each for each in source.timepoints if each in protocol.timepoints]
    sides: Sequence[str | None] = SIDES if source.sides_are_columns else [None]
    pieces = [_piece(columns, timepoint, side, every_row) for timepoint in timepoints or [None] for side in sides]
    rows = pd.concat(pieces, ignore_index=True) if len(pieces) > 1 else pieces[0].reset_index(drop=True)
    if source.visits:
        rows = rows_at_visits(rows.drop(columns="day"), rows["day"], source, protocol, problems)
    return _with_hip(rows, sheet.label, problems)


def _piece(columns: _Columns, timepoint: str | None, side: str | None, every_row: dict[str, Any]) -> pd.DataFrame:
    """Return the visits at one timepoint, or of one side, where a file has columns for each; else all of them."""
    source, protocol, rows = columns.source, columns.protocol, columns.sheet.rows
    mapping = usable(source, columns.sheet, protocol, timepoint)
    # What stands in the columns of a timepoint shows whether that visit took place.
    visit = [name for name in mapping if name in (source.timepoints[timepoint] if timepoint else mapping)]
    measured = [name for name in visit if name in protocol.measures_of("assessments")]
    piece: dict[str, Any] = {name: columns.read(name, for_side(column, side)) for name, column in mapping.items()}
    piece |= columns.constants
    piece["visited"] = any_known((piece[name] for name in measured), len(rows))
    piece["listed"] = np.full(len(rows), _whom_it_lists(source, mapping, bool(measured)), dtype="int8")
    if source.rows_per_person:
        piece["patient_id"] = persons_in_order(len(rows), source.rows_per_person)
    # A row for one hip, with columns for either: those of its own side count.
    own_side = piece["side"].isna() | (piece["side"] == side) if side and "side" in piece else None
    if side and own_side is None:
        piece["side"] = _level(side, SIDES, len(rows))
    if timepoint:
        piece["timepoint"] = _level(timepoint, protocol.timepoints, len(rows))
    frame = pd.DataFrame(piece | every_row, index=rows.index, copy=False)
    return frame if own_side is None else frame[own_side]


def _whom_it_lists(source: Source, mapping: dict[str, Column], has_measures: bool) -> int:
    if not has_measures or source.completes_visits:
        return NOBODY
    return PERSON if source.sides_are_columns and "side" not in mapping else ONE_HIP


def _level(level: str, levels: Sequence[str], n: int) -> pd.Categorical:
    return pd.Categorical.from_codes(np.full(n, levels.index(level), dtype="int8"), dtype=ordered(levels))


def persons_in_order(rows: int, each: int) -> list[str]:
    """Number people by the rows of a file that names nobody: so many rows in a row are one person.

    Examples
    --------
    >>> persons_in_order(4, 2)
    ['1', '1', '2', '2']
    """
    return [str(row // each + 1) for row in range(rows)]


def chosen_rows(sheet: Sheet, source: Source, problems: Problems) -> Sheet:
    """Return the rows that ``[source.where]`` asks for; how many it leaves out is noted.

    Cells that could not be read or divided are added where they matter: all of the columns that choose the rows, and
    of the other columns those in the rows that were chosen.
    """
    refuse_unread(sheet, set(source.where), problems)
    wanted = np.ones(len(sheet.rows), dtype=bool)
    for column, words in source.where.items():
        if column in sheet.cells:
            wanted &= sheet.cells[column].isin(words).to_numpy()
        else:
            message = "source.where names a column that the file does not have"
            problems.add("error", "column_missing", message, file=sheet.label, column=column)
    if not wanted.all():
        message = "rows that [source.where] does not ask for; not used"
        left_out = int((~wanted).sum())
        count = f"{left_out} row{'' if left_out == 1 else 's'}"
        problems.add("note", "rows_left_out", message, file=sheet.label, value=count)
    chosen = rows_of_patients(sheet.keep(wanted), source, problems)
    refuse_undivided(chosen, source, problems)
    used = used_columns(source)
    refuse_unread(chosen, used - set(source.where), problems)
    note_unread(chosen, used | set(source.where), problems)
    return chosen


class _Columns:
    """The columns of one file, each read once however many timepoints and sides use it."""

    def __init__(self, sheet: Sheet, source: Source, protocol: Protocol, problems: Problems) -> None:
        self.sheet, self.source, self.protocol, self.problems = sheet, source, protocol, problems
        self._read: dict[tuple[str, str | tuple[str, ...]], pd.Series] = {}

    def read(self, name: str, column: str | tuple[str, ...]) -> pd.Series:
        """Return a column of the file, or several joined, as what ``name`` is."""
        if isinstance(column, tuple):
            if (name, column) not in self._read:
                self._read[name, column] = joined([self.read(name, part) for part in column])
            return self._read[name, column]
        if (name, column) not in self._read:
            parsed = parse_column(self.sheet, column, name, self.source, self.protocol, self.problems)
            self._read[name, column] = parsed
        return self._read[name, column]

    @cached_property
    def constants(self) -> dict[str, pd.Series]:
        """Return ``[source.set]`` as columns; each is read once and holds for every row."""
        every_row = np.zeros(len(self.sheet.rows), dtype="int64")
        labels = {f"source.set.{name}": name for name in self.source.set}
        written = {label: text_column([self.source.set[name]]) for label, name in labels.items()}
        nowhere = pd.Series([None], dtype="object")  # a constant stands in no row of the file
        sheet = Sheet("study.toml", pd.DataFrame(written, index=[0]), nowhere)
        result = {}
        for label, name in labels.items():
            parsed = parse_column(sheet, label, name, self.source, self.protocol, self.problems)
            result[name] = pd.Series(parsed.array.take(every_row), index=self.sheet.rows.index)
        return result


def no_rows() -> pd.DataFrame:
    """Return a table of visits without any."""
    return pd.DataFrame(columns=[*VISIT, "visited", "listed", "completes", "source_file", "source_row"])


def _with_hip(rows: pd.DataFrame, file: str, problems: Problems) -> pd.DataFrame:
    """Refuse rows that belong to no hip."""
    rows = rows.assign(episode=_numbered(rows["episode"]) if "episode" in rows else _level("1", ["1"], len(rows)))
    needed = ["patient_id", "side", *(["timepoint"] if rows["visited"].any() else [])]
    if absent := [name for name in needed if name not in rows]:
        for name in absent:
            message = f"no column of the file gives the {name}; name it in [source.columns]"
            problems.add("error", "key_missing", message, file=file, column=name)
        return no_rows()
    keep = np.ones(len(rows), dtype=bool)
    for name in ("patient_id", "side"):
        missing = rows[name].isna().to_numpy() & keep
        refuse_rows(rows, missing, name, problems)
        keep &= ~missing
    return rows if keep.all() else rows[keep].reset_index(drop=True)


def _numbered(episode: pd.Series) -> pd.Series:
    """Return episodes in which one without a number is the first."""
    levels = episode.cat.categories
    return episode.cat.set_categories(levels if "1" in levels else levels.insert(0, "1")).fillna("1")


def refuse_rows(rows: pd.DataFrame, where: np.ndarray, name: str, problems: Problems) -> None:
    """Note those of some rows that lack a part of the key."""
    if not where.any():
        return
    hint = ""
    if name == "patient_id":
        hint = "; where only the first row of a person says who it is, declare fill_down; for a legend or means "
        hint += 'beneath the table see last_row and rows_without_patient = "note"'
    places = rows[["source_file", "source_row"]].iloc[np.flatnonzero(where)].drop_duplicates()
    problems.add_rows(
        "error",
        "key_missing",
        f"no readable {name}; the row was not used{hint}",
        files=places["source_file"],
        rows=places["source_row"],
        column=name,
        values=[""] * len(places),
    )


def person_rows(sheet: Sheet, source: Source, protocol: Protocol, problems: Problems) -> pd.DataFrame:
    """Return who the people in a file are: ``patient_id``, attributes, and the row each stands in."""
    check_mapping(source, sheet, protocol, problems)
    sheet = chosen_rows(sheet, source, problems)
    columns = _Columns(sheet, source, protocol, problems)
    mapping = usable(source, sheet, protocol, None)
    values = {name: columns.read(name, for_side(column, None)) for name, column in mapping.items()}
    values |= columns.constants
    rows = pd.DataFrame(values, index=sheet.rows.index).assign(source_file=sheet.label, source_row=sheet.rows)
    if "patient_id" not in rows:
        return rows.assign(patient_id="").iloc[:0]  # the column is missing, which check_mapping has said
    nobody = rows["patient_id"].isna().to_numpy()
    refuse_rows(rows, nobody, "patient_id", problems)
    return rows[~nobody]
