"""Parquet: columns that have types become text as it would be typed, as in other files of such columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from analysis.intake.mapping import used_columns
from analysis.intake.problems import Problems
from analysis.intake.sheet import Sheet, cell_text, encoded_column, header_is_usable, name_columns, text_column
from analysis.intake.study_file import Source

if TYPE_CHECKING:
    from pyarrow import parquet

BROKEN = "not a whole file of its kind, or a damaged one; export it again"
# Extension types of Arrow whose values are text or answers.
_READ_EXTENSIONS = ("arrow.uuid", "arrow.json", "arrow.bool8")
_UNPACKED = 4 * 1024**3
_BEGINNING = 10_000


def read_parquet(content: bytes, source: Source, problems: Problems) -> Sheet | None:
    """Read a Parquet file; ``None`` when it cannot be."""
    try:
        file = _opened(content)
        if words := _of_text(file.schema_arrow):
            file = _opened(content, words)  # each word once, as the file itself keeps them
        groups = [file.metadata.row_group(number) for number in range(file.metadata.num_row_groups)]
        if sum(group.total_byte_size for group in groups) > _UNPACKED:
            message = "unpacks to more than 4 GB; divide it into several files"
            problems.add("error", "unpacks_too_large", message, file=source.file)
            return None
        table = file.read()
        table.validate(full=True)
    except (pa.ArrowException, OSError, ValueError):
        problems.add("error", "file_broken", BROKEN, file=source.file)
        return None
    columns = [
        _type_in_words(field) if (text := _arrow_text(column, field, source.decimal)) is None else text
        for column, field in zip(table.columns, table.schema, strict=True)
    ]
    return typed_sheet(source, table.column_names, columns, table.num_rows, problems)


def _opened(content: bytes, words: Sequence[str] = ()) -> parquet.ParquetFile:
    """Open a Parquet file, some columns of which are read as each word once.

    Whole numbers of 128 bits, which Polars writes, are unknown to the library, and one such column makes the file
    unreadable. What its writer says of the types beyond Parquet's own is then passed over.
    """
    from pyarrow import parquet  # takes long to load, and few tables are such files

    try:
        return parquet.ParquetFile(pa.BufferReader(content), read_dictionary=list(words))
    except pa.ArrowNotImplementedError:
        plain = content.replace(b"ARROW:schema", b"ARROW-schema")
        return parquet.ParquetFile(pa.BufferReader(plain), read_dictionary=list(words))


def _of_text(schema: pa.Schema) -> list[str]:
    """Return the columns of plain text; a path with a point would be that of a part of a column."""
    text = (pa.types.is_string, pa.types.is_large_string)
    return [field.name for field in schema if any(test(field.type) for test in text) and "." not in field.name]


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
        return _distinct_text(column, decimal)
    except pa.ArrowNotImplementedError:
        return text_column([cell_text(value, decimal) for value in column.to_pylist()])
    except (OverflowError, ValueError):  # an instant in a year of six digits
        return None


def _distinct_text(column: pa.ChunkedArray, decimal: str) -> pd.Categorical:
    kept_once = pa.types.is_dictionary(column.type)
    kind = column.type.value_type if kept_once else column.type
    words = _joined(column if kept_once else column.dictionary_encode())
    if kept_once and not _as_they_come(words):
        words = _joined(column.cast(kind).dictionary_encode())
    of_text = pa.types.is_string(kind) or pa.types.is_large_string(kind)
    if of_text and not words.null_count and not words.dictionary.null_count:
        return encoded_column(words)
    # A single and a double of the same number are told apart by their type, which a Python float has lost.
    single = pa.types.is_float32(kind) or pa.types.is_float16(kind)
    distinct = [np.float32(v) if single and v is not None else v for v in words.dictionary.to_pylist()]
    codes = words.indices.fill_null(len(distinct)).to_numpy(zero_copy_only=False)
    return text_column([*(cell_text(value, decimal) for value in distinct), ""], codes)


def _joined(words: pa.ChunkedArray) -> pa.DictionaryArray:
    whole = words.unify_dictionaries().combine_chunks()
    return whole.chunk(0) if isinstance(whole, pa.ChunkedArray) else whole


def _as_they_come(words: pa.DictionaryArray) -> bool:
    """Whether each word stands once, in the order of the rows; a file may keep words that no row holds."""
    codes, n = (words.indices.drop_null() if words.null_count else words.indices).to_numpy(), len(words.dictionary)
    for rows in (codes[:_BEGINNING], codes):  # few words have all come after the first rows
        seen = np.maximum.accumulate(rows)
        if not (len(seen) and seen[0] == 0 and (seen[1:] - seen[:-1] <= 1).all()):
            return False
        if seen[-1] == n - 1:
            return _differ(words.dictionary)
    return False


def _differ(words: pa.Array) -> bool:
    """Whether no word stands twice; identifiers, which are many, mostly ascend, and that is quickly seen."""
    ascend = pc.all(pc.less(words[:-1], words[1:]), skip_nulls=False).as_py()
    return bool(ascend or pc.count_distinct(words, mode="all").as_py() == len(words))


def typed_sheet(
    source: Source, header: Sequence[str], columns: Sequence[pd.Categorical | str], rows: int, problems: Problems
) -> Sheet | None:
    """Return a sheet of columns that have types; ``None`` when their names cannot be used.

    A column that cannot be read is given as the words for its type. It is an error where it is used, and is else left
    out.
    """
    used, read = used_columns(source) | set(source.where), []
    for name, text in zip(map(str.strip, header), columns, strict=True):
        if not isinstance(text, str):
            read.append((name, text))
        elif name in used:
            message = f"a column of type {text} cannot be read; save it as text, numbers, dates or yes and no"
            problems.add("error", "column_kind", message, file=source.file, column=name)
            read.append((name, text_column([""] * rows)))
        else:
            message = f"a column of type {text} cannot be read; it was left out"
            problems.add("note", "column_kind", message, file=source.file, column=name)
    if not header_is_usable([name for name, _ in read], source.file, 1, problems):
        return None
    names, repeated = name_columns([name for name, _ in read])
    cells = pd.DataFrame({name: text for name, (_, text) in zip(names, read, strict=True)}, index=range(rows))
    return Sheet(source.file, cells, pd.Series(range(1, rows + 1), dtype="int64"), repeated=repeated, typed=True)


def typed_text(values: Sequence[object] | pd.Series, decimal: str, single: bool = False) -> pd.Categorical:
    """Return the text of typed values; ``single``: of floats that were kept with half the digits.

    Of a column whose values are of one type each distinct one is written once; in others 1, 1.0 and true are alike to
    a dictionary, and each value is written for itself.
    """
    column = values if isinstance(values, pd.Series) else pd.Series(list(values), dtype="object")
    of_one_type = column.dtype != "object" or pd.api.types.infer_dtype(column, skipna=True) in _OF_ONE_TYPE
    if not of_one_type:
        return text_column([cell_text(_halved(value, single), decimal) for value in column.tolist()])
    codes, distinct = pd.factorize(column)
    words = [cell_text(_halved(value, single), decimal) for value in distinct.tolist()]
    return text_column([*words, ""], codes)


_OF_ONE_TYPE = ("string", "floating", "integer", "date", "datetime", "empty")


def _halved(value: object, single: bool) -> object:
    return np.float32(value) if single and isinstance(value, float) else value
