"""Parquet, SPSS, Stata and SAS: columns that have types become text as it would be typed."""

from __future__ import annotations

import io
import json
import pickle
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyreadstat
from pyarrow import parquet

from analysis.intake.problems import Problems
from analysis.intake.sheet import Sheet, cell_text, header_is_usable, name_columns, text_column
from analysis.intake.study_file import Source

_BROKEN = "not a whole file of its kind, or a damaged one; export it again"
_UNPACKED = 4 * 1024**3
_COMPRESSED_SPSS = b"$FL3"
_READ_APART = """
import io, json, pickle, sys
import pyreadstat
frame, meta = getattr(pyreadstat, sys.argv[1])(io.BytesIO(sys.stdin.buffer.read()), **json.loads(sys.argv[2]))
pickle.dump((frame, meta.readstat_variable_types or {}), sys.stdout.buffer)
"""


def read_parquet(content: bytes, source: Source, problems: Problems) -> Sheet | None:
    """Read a Parquet file; ``None`` when it cannot be."""
    try:
        file = parquet.ParquetFile(pa.BufferReader(content))
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
    columns = {}
    for name, column in zip(table.column_names, table.columns, strict=True):
        if pa.types.is_nested(column.type) or pa.types.is_binary(column.type) or pa.types.is_large_binary(column.type):
            message = "a column of lists or bytes cannot be read; the column was left out"
            problems.add("warning", "column_kind", message, file=source.file, column=name)
        else:
            columns[name] = _arrow_text(column, source.decimal)
    return _typed_sheet(source, list(columns), list(columns.values()), table.num_rows, problems)


def _arrow_text(column: pa.ChunkedArray, decimal: str) -> pd.Categorical:
    plain = column.combine_chunks()
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
        frame, storages = read(content, reader, labels)
    except Exception:  # the library raises plain exceptions of many kinds for damaged files
        problems.add("error", "file_broken", _BROKEN, file=source.file)
        return None
    singles = {name for name, storage in storages.items() if storage == "float"}
    columns = [_values_text(frame[name], name in singles, source.decimal) for name in frame]
    return _typed_sheet(source, [str(name) for name in frame], columns, len(frame), problems)


def _read_here(content: bytes, reader: str, options: dict[str, Any]) -> tuple[pd.DataFrame, dict[str, str]]:
    frame, meta = getattr(pyreadstat, reader)(io.BytesIO(content), **options)
    return frame, meta.readstat_variable_types or {}


def _read_apart(content: bytes, reader: str, options: dict[str, Any]) -> tuple[pd.DataFrame, dict[str, str]]:
    """Read in a process of its own, which the library may crash: it trusts the offsets in a compressed SPSS file."""
    command = [sys.executable, "-P", "-c", _READ_APART, reader, json.dumps(options)]
    ended = subprocess.run(command, input=content, capture_output=True, check=True)
    frame, storages = pickle.loads(ended.stdout)
    return frame, storages


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
