"""Parquet, SPSS, Stata and SAS: columns that have types become text as it would be typed."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import parquet

from analysis.intake.mapping import used_columns
from analysis.intake.problems import Problems
from analysis.intake.sheet import Sheet, cell_text, header_is_usable, name_columns, text_column
from analysis.intake.study_file import Source

_BROKEN = "not a whole file of its kind, or a damaged one; export it again"
# Extension types of Arrow whose values are text or answers.
_READ_EXTENSIONS = ("arrow.uuid", "arrow.json", "arrow.bool8")
_UNPACKED = 4 * 1024**3
_COMPRESSED_SPSS = b"$FL3"
_APART = Path(__file__).with_name("apart.py")


def read_parquet(content: bytes, source: Source, problems: Problems) -> Sheet | None:
    """Read a Parquet file; ``None`` when it cannot be."""
    try:
        file = _opened(content)
        groups = [file.metadata.row_group(number) for number in range(file.metadata.num_row_groups)]
        if sum(group.total_byte_size for group in groups) > _UNPACKED:
            message = "unpacks to more than 4 GB; divide it into several files"
            problems.add("error", "unpacks_too_large", message, file=source.file)
            return None
        table = file.read()
        table.validate(full=True)
    except (pa.ArrowException, OSError, ValueError):
        problems.add("error", "file_broken", _BROKEN, file=source.file)
        return None
    columns = [_arrow_text(column, table.schema.field(n), source.decimal) for n, column in enumerate(table.columns)]
    used = used_columns(source) | set(source.where)
    for name, field, text in zip(table.column_names, table.schema, columns, strict=True):
        if text is None:
            kind = f"a column of type {_type_in_words(field)} cannot be read"
            if name.strip() in used:
                message = f"{kind}; save it as text, numbers, dates or yes and no"
                problems.add("error", "column_kind", message, file=source.file, column=name)
            else:
                problems.add("note", "column_kind", f"{kind}; it was left out", file=source.file, column=name)
    empty = text_column([""] * table.num_rows)
    read = [
        (name, text)
        for name, text in zip(table.column_names, columns, strict=True)
        if text is not None or name.strip() in used
    ]
    return _typed_sheet(
        source,
        [name for name, _ in read],
        [empty if text is None else text for _, text in read],
        table.num_rows,
        problems,
    )


def _opened(content: bytes) -> parquet.ParquetFile:
    """Open a Parquet file.

    Whole numbers of 128 bits, which Polars writes, are unknown to the library, and one such column makes the file
    unreadable. What its writer says of the types beyond Parquet's own is then passed over.
    """
    try:
        return parquet.ParquetFile(pa.BufferReader(content))
    except pa.ArrowNotImplementedError:
        plain = content.replace(b"ARROW:schema", b"ARROW-schema")
        return parquet.ParquetFile(pa.BufferReader(plain))


def _type_in_words(field: pa.Field) -> str:
    """Name the type that the writer of the file meant; where nothing knows it, it arrives as what it is kept in."""
    return (field.metadata or {}).get(b"ARROW:extension:name", b"").decode("utf-8", "replace") or str(field.type)


def _arrow_text(column: pa.ChunkedArray, field: pa.Field, decimal: str) -> pd.Categorical | None:
    """Return the text of a column; ``None`` where it holds lists, bytes or what else is no text, number or date."""
    kind = column.type
    of_bytes = (pa.types.is_binary, pa.types.is_large_binary, pa.types.is_fixed_size_binary, pa.types.is_binary_view)
    known = isinstance(kind, pa.BaseExtensionType) and kind.extension_name in _READ_EXTENSIONS
    unknown = isinstance(kind, pa.BaseExtensionType) or b"ARROW:extension:name" in (field.metadata or {})
    if pa.types.is_nested(kind) or any(test(kind) for test in of_bytes) or (unknown and not known):
        return None
    try:
        return _distinct_text(column.combine_chunks(), decimal)
    except pa.ArrowNotImplementedError:
        return text_column([cell_text(value, decimal) for value in column.to_pylist()])
    except (OverflowError, ValueError):  # an instant in a year of six digits
        return None


def _distinct_text(plain: pa.Array, decimal: str) -> pd.Categorical:
    if pa.types.is_dictionary(plain.type):
        plain = plain.cast(plain.type.value_type)
    # A single and a double of the same number are told apart by their type, which a Python float has lost.
    single = pa.types.is_float32(plain.type) or pa.types.is_float16(plain.type)
    words = plain.dictionary_encode()
    distinct = [np.float32(v) if single and v is not None else v for v in words.dictionary.to_pylist()]
    codes = words.indices.fill_null(len(distinct)).to_numpy(zero_copy_only=False)
    return text_column([*(cell_text(value, decimal) for value in distinct), ""], codes)


def read_statistics(content: bytes, source: Source, problems: Problems) -> Sheet | None:
    """Read an SPSS, Stata or SAS file, with the labels of its values if asked for; ``None`` when it cannot be."""
    kind = Path(source.file).suffix.lower()
    reader = {".sav": "read_sav", ".zsav": "read_sav", ".dta": "read_dta"}.get(kind, "read_sas7bdat")
    labels = {} if kind == ".sas7bdat" else {"apply_value_formats": source.labels, "formats_as_category": False}
    try:
        read = _read_apart if content.startswith(_COMPRESSED_SPSS) else _read_here
        frame, storages, formats = read(content, reader, labels)
        spans = [name for name, form in formats.items() if reader == "read_sav" and re.match("D?TIME[0-9]", form)]
        if spans:  # as times of the day they would lose their days
            seconds, *_ = read(content, reader, {"usecols": spans, "disable_datetime_conversion": True})
            frame = frame.assign(**{name: seconds[name].map(_hours, na_action="ignore") for name in spans})
    except Exception:  # the library raises plain exceptions of many kinds for damaged files
        problems.add("error", "file_broken", _BROKEN, file=source.file)
        return None
    singles = {name for name, storage in storages.items() if storage == "float"}
    for name, form in formats.items():
        if reader == "read_sav" and (period := re.match("(MOYR|QYR|WKYR)[0-9]", form)):
            frame = frame.assign(**{name: frame[name].map(_PERIODS[period[1]], na_action="ignore")})
    columns = [_values_text(frame[name], name in singles, source.decimal) for name in frame]
    return _typed_sheet(source, [str(name) for name in frame], columns, len(frame), problems)


# A table, how its numbers are stored, and the formats in which its program shows them.
_Read = tuple[pd.DataFrame, dict[str, str], dict[str, str]]


def _read_here(content: bytes, reader: str, options: dict[str, Any]) -> _Read:
    import pyreadstat  # takes long to load, and few tables come from SPSS or Stata

    frame, meta = getattr(pyreadstat, reader)(io.BytesIO(content), **options)
    return frame, meta.readstat_variable_types or {}, meta.original_variable_types or {}


def _read_apart(content: bytes, reader: str, options: dict[str, Any]) -> _Read:
    """Read in a process of its own, which the library may crash: it trusts the offsets in a compressed SPSS file."""
    command = [sys.executable, "-P", str(_APART), reader, json.dumps(options)]
    ended = subprocess.run(command, input=content, capture_output=True, check=True)
    table = pa.ipc.open_stream(ended.stdout).read_all()
    table.validate(full=True)
    kept = {name: json.loads(table.schema.metadata[name]) for name in (b"storages", b"formats")}
    columns = {name: _values_of(table[name]) for name in table.column_names}
    frame = pd.DataFrame({name: pd.Series(values, dtype="object") for name, values in columns.items()})
    return frame, kept[b"storages"], kept[b"formats"]


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


def _hours(seconds: float) -> str:
    """Return a span of time as hours, minutes and seconds, however many hours.

    Examples
    --------
    >>> _hours(2 * 86400 + 3 * 3600), _hours(-90)
    ('51:00:00', '-0:01:30')
    """
    minutes, rest = divmod(abs(round(seconds)), 60)
    return f"{'-' if seconds < 0 else ''}{minutes // 60}:{minutes % 60:02d}:{rest:02d}"


def _values_text(column: pd.Series, single: bool, decimal: str) -> pd.Categorical:
    values: Sequence[object] = column.tolist()
    if single:
        values = [np.float32(value) if isinstance(value, float) else value for value in values]
    return text_column([cell_text(value, decimal) for value in values])


def _typed_sheet(
    source: Source, header: list[str], columns: list[pd.Categorical], rows: int, problems: Problems
) -> Sheet | None:
    if not header_is_usable([name.strip() for name in header], source.file, 1, problems):
        return None
    names, repeated = name_columns([name.strip() for name in header])
    cells = pd.DataFrame(dict(zip(names, columns, strict=True)), index=range(rows))
    return Sheet(source.file, cells, pd.Series(range(1, rows + 1), dtype="int64"), repeated=repeated, typed=True)
