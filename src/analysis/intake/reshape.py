"""One file, in whichever layout, becomes one row per patient, side, episode and timepoint."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

import pandas as pd

from ..protocol import Protocol
from ..schema import HIP, SIDES, VISIT, column_types
from .parse import parse_column
from .problems import Problems
from .readers import Sheet
from .study_file import Column, PerSide, Source


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
        Mapped columns that are not there, names that mean nothing, unused columns, and every cell
        that cannot be read.

    Returns
    -------
    pandas.DataFrame
        One row per row of the file, timepoint and side, in our names, with ``source_file`` and
        ``source_row``. Rows without a patient or a side are refused; a visit at which nothing was
        measured is left out of the assessments later, not here.
    """
    known = column_types(protocol, "assessments") | column_types(protocol, "interventions")
    known = {name: kind for name, kind in known.items() if not name.startswith("source_")}
    usable = _Mapping(sheet, source, list(known), problems)
    constants = {name: sheet_constant(value, len(sheet.rows)) for name, value in source.set.items() if name in known}
    with_constants = Sheet(sheet.file, sheet.cells.assign(**{f"[source.set] {n}": c for n, c in constants.items()}), sheet.rows)
    parsed: dict[tuple[str, str], pd.Series] = {}

    def values(name: str, column: str) -> pd.Series:
        if (name, column) not in parsed:
            parsed[name, column] = parse_column(with_constants, column, name, source, protocol, problems)
        return parsed[name, column]

    pieces = []
    for timepoint in source.timepoints or [None]:
        mapping = usable.at(timepoint) | {name: f"[source.set] {name}" for name in constants}
        for side in SIDES if source.sides_are_columns else [None]:
            piece = {name: values(name, _for_side(column, side)) for name, column in mapping.items()}
            fixed = {"timepoint": timepoint, "side": side}
            frame = pd.DataFrame(piece, index=sheet.rows.index).assign(**{k: v for k, v in fixed.items() if v})
            frame["visited"] = _anything_measured(frame, usable.at_visit(timepoint), protocol)
            pieces.append(frame.assign(source_file=sheet.file, source_row=sheet.rows))
    return _with_keys(pd.concat(pieces, ignore_index=True), problems)


def sheet_constant(value: str, length: int) -> pd.Series:
    """Return a constant of ``[source.set]`` as a column of text."""
    return pd.Series([value] * length, dtype="str")


def _for_side(column: Column, side: str | None) -> str:
    return getattr(column, side) if isinstance(column, PerSide) and side else str(column)


def _anything_measured(frame: pd.DataFrame, names: list[str], protocol: Protocol) -> pd.Series:
    measures = [name for name in names if name in protocol.measures_of("assessments")]
    return frame[measures].notna().any(axis=1)


class _Mapping:
    """The declared columns that exist and mean something; the rest is reported once."""

    def __init__(self, sheet: Sheet, source: Source, known: list[str], problems: Problems) -> None:
        self.source, self.known = source, known
        self.headers = set(sheet.cells.columns)
        used = set()
        for key, mapping in self._all():
            for name, column in mapping.items():
                columns = [column.left, column.right] if isinstance(column, PerSide) else [column]
                used |= set(columns)
                if name not in known:
                    near = difflib.get_close_matches(name, known, 1)
                    hint = f"; did you mean {near[0]}?" if near else f"; the names are {', '.join(known)}"
                    message = f"{key}.{name}: not a name of this protocol{hint}"
                    problems.add("error", "unknown_name", message, file="study.toml", column=name)
                for missing in [c for c in columns if c not in self.headers]:
                    message = f"{key}.{name} names a column that the file does not have; it has: {', '.join(sheet.cells)}"
                    problems.add("error", "column_missing", message, file=sheet.file, column=missing)
        for unused in [c for c in sheet.cells if c and c not in used]:
            problems.add("note", "unused_column", "not named in study.toml; kept, not used", file=sheet.file, column=unused)

    def _all(self) -> Iterator[tuple[str, dict[str, Column]]]:
        yield "source.columns", self.source.columns
        for timepoint, mapping in self.source.timepoints.items():
            yield f"source.timepoints.{timepoint}", mapping
        yield "source.set", {}

    def _usable(self, mapping: dict[str, Column]) -> dict[str, Column]:
        def there(column: Column) -> bool:
            columns = {column.left, column.right} if isinstance(column, PerSide) else {column}
            return columns <= self.headers

        return {name: column for name, column in mapping.items() if name in self.known and there(column)}

    def at(self, timepoint: str | None) -> dict[str, Column]:
        """Every usable column at a timepoint."""
        return self._usable(self.source.columns | self.source.timepoints.get(timepoint or "", {}))

    def at_visit(self, timepoint: str | None) -> list[str]:
        """The names whose values show that the visit took place."""
        return list(self._usable(self.source.timepoints[timepoint] if timepoint else self.source.columns))


def _with_keys(frame: pd.DataFrame, problems: Problems) -> pd.DataFrame:
    """Refuse rows that belong to no hip."""
    if "episode" not in frame:
        frame["episode"] = "1"
    frame["episode"] = frame["episode"].fillna("1")
    for name in ("patient_id", "side"):
        if name not in frame:
            problems.add("error", "key_missing", f"nothing is mapped to {name}; name its column in [source.columns]")
            return frame.iloc[:0].assign(**{key: "" for key in HIP})
        for file, row in frame.loc[frame[name].isna(), ["source_file", "source_row"]].drop_duplicates().itertuples(index=False):
            problems.add("error", "key_missing", f"no {name}; the row was not read", file=file, row=int(row), column=name)
        frame = frame[frame[name].notna()]
    return frame


def split_tables(rows: pd.DataFrame, protocol: Protocol, problems: Problems) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Divide rows into assessments (visits at which something was measured) and interventions (one a hip)."""
    has_timepoint = rows["timepoint"].notna() if "timepoint" in rows else pd.Series(False, index=rows.index)
    for file, row in rows.loc[rows["visited"] & ~has_timepoint, ["source_file", "source_row"]].itertuples(index=False):
        problems.add("error", "key_missing", "no timepoint; the row was not read", file=file, row=int(row), column="timepoint")
    assessments = _once(rows[rows["visited"] & has_timepoint], VISIT, problems)
    measures = [name for name in protocol.measures_of("interventions") if name in rows]
    treated = rows[rows[measures].notna().any(axis=1)] if measures else rows.iloc[:0]
    treated = treated[[*HIP, *measures, "source_file", "source_row"]]
    for name in measures:
        several = treated.groupby(HIP)[name].transform("nunique") > 1
        for file, row, value in treated.loc[several, ["source_file", "source_row", name]].itertuples(index=False):
            message = "rows of one hip and episode disagree about the treatment; number the episodes or correct it"
            problems.add("error", "treatments_disagree", message, file=file, row=int(row), column=name, value=value)
    return assessments, treated.groupby(HIP, as_index=False, sort=False).first()


def _once(rows: pd.DataFrame, key: list[str], problems: Problems) -> pd.DataFrame:
    """Keep the first of visits that stand twice, and report the others."""
    if not set(key) <= set(rows.columns):
        return rows.assign(**{name: pd.Series(dtype="str") for name in key if name not in rows})
    again = rows.duplicated(key)
    for file, row in rows.loc[again, ["source_file", "source_row"]].itertuples(index=False):
        message = "this patient, side, episode and timepoint was read before; number the episodes or remove one"
        problems.add("error", "visit_twice", message, file=file, row=int(row))
    return rows[~again]
