"""SPSS, Stata and SAS: columns of typed values become text as it would be typed."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
import warnings
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from analysis.intake.columnar import BROKEN, typed_sheet, typed_text
from analysis.intake.problems import Problems
from analysis.intake.sheet import Sheet
from analysis.intake.study_file import Source

PROGRAMS = {
    **dict.fromkeys((".sav", ".zsav"), "read_sav"),
    ".por": "read_por",
    ".dta": "read_dta",
    ".sas7bdat": "read_sas7bdat",
    ".xpt": "read_xport",
}
_OF_SPSS = ("read_sav", "read_por")
_WITH_LABELS = (*_OF_SPSS, "read_dta")
_COMPRESSED_SPSS = b"$FL3"
_TABLE_OF_XPORT = re.compile(rb"HEADER RECORD\*{7}MEMB(?:ER |V8 ) HEADER RECORD!{7}")
_APART = Path(__file__).with_name("apart.py")


def read_statistics(content: bytes, source: Source, problems: Problems, reader: str) -> Sheet | None:
    """Read a file by one of the library's functions, with the labels of its values if asked for.

    ``None`` when it cannot be.
    """
    if reader == "read_xport" and (tables := len(_TABLE_OF_XPORT.findall(content))) > 1:
        message = f"the file holds {tables} tables; save the one that is wanted in a file of its own"
        problems.add("error", "file_kind", message, file=source.file)
        return None
    labels = {"apply_value_formats": source.labels, "formats_as_category": False} if reader in _WITH_LABELS else {}
    read = _read_apart if content.startswith(_COMPRESSED_SPSS) else _read_here
    try:
        frame, storages, formats, words = read(content, reader, labels)
        spans = [name for name, form in formats.items() if reader in _OF_SPSS and re.match("D?TIME[0-9]", form)]
        if spans:  # as times of the day they would lose their days
            seconds, *_ = read(content, reader, {"usecols": spans, "disable_datetime_conversion": True})
            frame = frame.assign(**{name: seconds[name].map(_hours, na_action="ignore") for name in spans})
    except Exception:  # the library raises plain exceptions of many kinds for damaged files
        problems.add("error", "file_broken", BROKEN, file=source.file)
        return None
    if reader in _OF_SPSS:
        frame = _with_periods(frame, formats)
    singles = {name for name, storage in storages.items() if storage == "float"}
    columns = [typed_text(frame[name], source.decimal, name in singles) for name in frame]
    sheet = typed_sheet(source, _as_written(list(map(str, frame))), columns, len(frame), problems)
    return sheet and replace(sheet, labels=words)


def _as_written(names: list[str]) -> list[str]:
    """Take off what the library adds to a name that stands twice, as names do that a program has cut to 8 letters."""
    numbered = [re.fullmatch(r"(.+)_duplicated\d+", name) for name in names]
    return [found[1] if found and found[1] in names else name for found, name in zip(numbered, names, strict=True)]


# A table, how its numbers are stored, the formats in which its program shows them, and the words for columns.
_Read = tuple[pd.DataFrame, dict[str, str], dict[str, str], dict[str, str]]


def _read_here(content: bytes, reader: str, options: dict[str, Any]) -> _Read:
    import pyreadstat  # takes long to load, and few tables come from SPSS or Stata

    with warnings.catch_warnings(action="ignore", category=UserWarning):  # of names that stand twice
        frame, meta = getattr(pyreadstat, reader)(io.BytesIO(content), **options)
    kept = (meta.readstat_variable_types, meta.original_variable_types, meta.column_names_to_labels)
    storages, formats, words = ({name: text for name, text in (part or {}).items() if text} for part in kept)
    return frame, storages, formats, words


def _read_apart(content: bytes, reader: str, options: dict[str, Any]) -> _Read:
    """Read in a process of its own, which the library may crash: it trusts the offsets in a compressed SPSS file."""
    command = [sys.executable, "-P", str(_APART), reader, json.dumps(options)]
    ended = subprocess.run(command, input=content, capture_output=True, check=True)
    table = pa.ipc.open_stream(ended.stdout).read_all()
    table.validate(full=True)
    kept = {name: json.loads(table.schema.metadata[name]) for name in (b"storages", b"formats", b"words")}
    columns = {name: _values_of(table[name]) for name in table.column_names}
    frame = pd.DataFrame({name: pd.Series(values, dtype="object") for name, values in columns.items()})
    return frame, kept[b"storages"], kept[b"formats"], kept[b"words"]


def _values_of(column: pa.ChunkedArray) -> list[object]:
    """Return the values; those of a column of several types stand each under the name of its own."""
    rows = column.to_pylist()
    if not pa.types.is_struct(column.type):
        return list(rows)
    return [row and next((value for value in row.values() if value is not None), None) for row in rows]


def _day_of_spss(seconds: float) -> datetime:
    return datetime(1582, 10, 14) + timedelta(seconds=seconds)


# SPSS keeps a month, a quarter and a week as the seconds of their first day; a week begins as the year does.
_PERIODS = {
    "MOYR": lambda seconds: f"{_day_of_spss(seconds):%Y-%m}",
    "QYR": lambda seconds: f"{(day := _day_of_spss(seconds)).year} Q{(day.month + 2) // 3}",
    "WKYR": lambda seconds: f"{(day := _day_of_spss(seconds)).year} W{(day.timetuple().tm_yday + 6) // 7:02d}",
}


def _with_periods(frame: pd.DataFrame, formats: dict[str, str]) -> pd.DataFrame:
    """Write months, quarters and weeks as SPSS shows them."""
    kinds = {name: re.match("(MOYR|QYR|WKYR)[0-9]", form) for name, form in formats.items()}
    written = {name: _PERIODS[kind[1]] for name, kind in kinds.items() if kind}
    return frame.assign(**{name: frame[name].map(write, na_action="ignore") for name, write in written.items()})


def _hours(seconds: float) -> str:
    """Return a span of time as hours, minutes and seconds, however many hours.

    Examples
    --------
    >>> _hours(2 * 86400 + 3 * 3600), _hours(-90)
    ('51:00:00', '-0:01:30')
    """
    minutes, rest = divmod(abs(round(seconds)), 60)
    return f"{'-' if seconds < 0 else ''}{minutes // 60}:{minutes % 60:02d}:{rest:02d}"
