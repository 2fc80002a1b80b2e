"""One file, in whichever layout, becomes one row per patient, side, episode and timepoint."""

from __future__ import annotations

import pandas as pd

from analysis.intake.mapping import check_mapping, for_side, usable
from analysis.intake.parse import parse_column
from analysis.intake.problems import Problems
from analysis.intake.readers import Sheet
from analysis.intake.study_file import Source
from analysis.protocol import Protocol
from analysis.schema import HIP, SIDES, VISIT


def tidy_rows(sheet: Sheet, source: Source, protocol: Protocol, problems: Problems) -> pd.DataFrame:
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

    Returns
    -------
    pandas.DataFrame
        One row per row of the file, timepoint and side, in our names, with ``source_file``,
        ``source_row`` and ``visited``: whether anything was measured. Rows without a patient or a side
        are refused.
    """
    check_mapping(source, sheet, protocol, problems)
    columns = _Columns(sheet, source, protocol, problems)
    timepoints: list[str | None] = [t for t in source.timepoints if t in protocol.timepoints]
    pieces = []
    for timepoint in timepoints or [None]:
        mapping = usable(source, sheet, protocol, timepoint)
        # What stands in the columns of a timepoint shows whether that visit took place.
        visit = [n for n in mapping if n in (source.timepoints[timepoint] if timepoint else mapping)]
        measured = [name for name in visit if name in protocol.measures_of("assessments")]
        for side in SIDES if source.sides_are_columns else [None]:
            piece = {name: columns.read(name, for_side(column, side)) for name, column in mapping.items()}
            piece |= columns.constants()
            frame = pd.DataFrame(piece, index=sheet.rows.index)
            frame["visited"] = frame[measured].notna().any(axis=1)
            if side and "side" in frame:  # a row for one hip, with columns for either: those of its own side count
                frame = frame[frame["side"].isna() | (frame["side"] == side)]
            elif side:
                frame = frame.assign(side=side)
            if timepoint:
                frame = frame.assign(timepoint=timepoint)
            pieces.append(frame.assign(source_file=sheet.file, source_row=sheet.rows))
    return _with_hip(pd.concat(pieces, ignore_index=True), sheet.file, problems)


class _Columns:
    """The columns of one file, each read once however many timepoints and sides use it."""

    def __init__(self, sheet: Sheet, source: Source, protocol: Protocol, problems: Problems) -> None:
        self.sheet, self.source, self.protocol, self.problems = sheet, source, protocol, problems
        self._read: dict[tuple[str, str], pd.Series] = {}

    def read(self, name: str, column: str, sheet: Sheet | None = None) -> pd.Series:
        """Return a column of the file as what ``name`` is."""
        if (name, column) not in self._read:
            place = sheet or self.sheet
            self._read[name, column] = parse_column(place, column, name, self.source, self.protocol, self.problems)
        return self._read[name, column]

    def constants(self) -> dict[str, pd.Series]:
        """Return ``[source.set]`` as columns; each is read as if it stood in every row."""
        result = {}
        for name, value in self.source.set.items():
            label = f"source.set.{name}"
            cells = pd.DataFrame({label: [value] * len(self.sheet.rows)}, index=self.sheet.rows.index, dtype="str")
            nowhere = pd.Series(None, index=self.sheet.rows.index, dtype="object")  # a constant stands in no row
            result[name] = self.read(name, label, Sheet("study.toml", cells, nowhere))
        return result


def no_rows() -> pd.DataFrame:
    """Return a table of visits without any."""
    return pd.DataFrame(columns=[*VISIT, "visited", "source_file", "source_row"])


def _with_hip(rows: pd.DataFrame, file: str, problems: Problems) -> pd.DataFrame:
    """Refuse rows that belong to no hip."""
    episode = rows["episode"] if "episode" in rows else pd.Series(index=rows.index, dtype="str")
    rows = rows.assign(episode=episode.fillna("1"))
    needed = ["patient_id", "side", *(["timepoint"] if rows["visited"].any() else [])]
    if absent := [name for name in needed if name not in rows]:
        for name in absent:
            message = f"no column of the file gives the {name}; name it in [source.columns]"
            problems.add("error", "key_missing", message, file=file, column=name)
        return no_rows()
    for name in ("patient_id", "side"):
        _refuse(rows[rows[name].isna()], name, problems)
        rows = rows[rows[name].notna()]
    return rows


def _refuse(rows: pd.DataFrame, name: str, problems: Problems) -> None:
    for file, row in rows[["source_file", "source_row"]].drop_duplicates().itertuples(index=False):
        message = f"no readable {name}; the row was not used"
        problems.add("error", "key_missing", message, file=file, row=int(row), column=name)


def split_tables(rows: pd.DataFrame, protocol: Protocol, problems: Problems) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Divide rows into assessments (visits at which something was measured) and interventions (one a hip)."""
    if "timepoint" not in rows:
        rows = rows.assign(timepoint=pd.Series(index=rows.index, dtype="str"))
    visited = rows["visited"].astype("bool")
    _refuse(rows[visited & rows["timepoint"].isna()], "timepoint", problems)
    assessments = _once(rows[visited & rows["timepoint"].notna()], problems)
    measures = [name for name in protocol.measures_of("interventions") if name in rows]
    treated = rows.loc[rows[measures].notna().any(axis=1), [*HIP, *measures, "source_file", "source_row"]]
    for name in measures:
        several = treated[treated.groupby(HIP)[name].transform("nunique") > 1]
        for file, row, value in several[["source_file", "source_row", name]].itertuples(index=False):
            message = "rows of one hip and episode disagree; number the episodes or correct it"
            problems.add("error", "treatments_disagree", message, file=file, row=int(row), column=name, value=value)
    return assessments, treated.groupby(HIP, as_index=False, sort=False).first()


def _once(rows: pd.DataFrame, problems: Problems) -> pd.DataFrame:
    """Keep the first of visits that stand twice, and report the others."""
    again = rows.duplicated(VISIT)
    for file, row in rows.loc[again, ["source_file", "source_row"]].itertuples(index=False):
        message = "this patient, side, episode and timepoint was read before; number the episodes or remove one"
        problems.add("error", "visit_twice", message, file=file, row=int(row))
    return rows[~again]
