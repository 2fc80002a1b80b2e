"""CSV and TSV: bytes become a rectangle of text, and every line that does not fit is named."""

from __future__ import annotations

import codecs
import csv
import io
import sys

import pandas as pd
import pyarrow as pa
from pyarrow import csv as arrow_csv

from analysis.intake.no_patient import note_beneath
from analysis.intake.problems import Problems
from analysis.intake.sheet import (
    Sheet,
    header_is_usable,
    join_headers,
    name_columns,
    text_column,
    without_nameless,
)
from analysis.intake.study_file import Source

_BOMS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_Columns = list[pd.Categorical]


def read_delimited(content: bytes, source: Source, problems: Problems, usual: str = ",") -> Sheet | None:
    """Read delimited text, by its usual mark where none is declared; ``None`` when nothing can be used."""
    try:
        text = decode(content, source.encoding)
    except (LookupError, UnicodeError) as fault:
        problems.add("error", "encoding", f"{fault}; declare the right `encoding`, such as cp1252", file=source.file)
        return None
    delimiter = source.delimiter or usual
    # A line ends with CR, LF or CRLF alike.
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _Rectangle(source, delimiter, problems).read(text)


def decode(content: bytes, encoding: str) -> str:
    """Decode with the declared encoding; a byte order mark is unmistakable and goes before it.

    Raises
    ------
    UnicodeError, LookupError
        Not text in that encoding, with the line; no such encoding.
    """
    for mark, name in _BOMS.items():
        if content.startswith(mark):
            encoding = name
            break
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as fault:
        line = len((content[: fault.start] + b".").splitlines())
        raise UnicodeError(f"line {line} is not {encoding} text") from None
    except (LookupError, ValueError):  # a name with a NUL in it is a ValueError
        raise LookupError(f"{encoding!r} is not a known encoding") from None


class _Rectangle:
    """The reading of one file, whose lines are counted as they stand in it."""

    def __init__(self, source: Source, delimiter: str, problems: Problems) -> None:
        self.source, self.delimiter, self.problems = source, delimiter, problems

    def read(self, text: str) -> Sheet | None:
        lines = io.StringIO(text)
        for _ in range(self.source.skip_rows):
            lines.readline()
        reader = csv.reader(lines, delimiter=self.delimiter, strict=True)
        before, start = self.source.skip_rows, self.source.skip_rows + 1
        try:
            head = [next(reader, []) for _ in range(self.source.header_rows)]
            width = max(map(len, head))
            if any(len(row) != width for row in head):
                self._refuse("field_count", "the rows of the header have different numbers of fields", start)
                return None
            header = join_headers(head)
            start = before + reader.line_num + 1
            units = next(reader, []) if self.source.units_row else []
            for _ in range(self.source.rows_below_header):
                next(reader, [])
            start = before + reader.line_num + 1
            if not header_is_usable(header, self.source.file, before + 1, self.problems):
                return None
            body = lines.read()
            columns, rows = self._plain(body, len(header), start) or self._careful(body, len(header), start)
        except _BrokenCSV as fault:
            self._refuse("csv_syntax", str(fault), fault.line)
            return None
        except csv.Error as fault:
            self._refuse("csv_syntax", str(_BrokenCSV(fault, start)), start)
            return None
        names, repeated = name_columns(header)
        cells = pd.DataFrame(dict(zip(names, columns, strict=True)), index=range(len(rows)))
        return Sheet(
            self.source.file,
            without_nameless(cells),
            pd.Series(rows, dtype="int64"),
            units={name: unit.strip() for name, unit in zip(names, units, strict=False)},
            repeated=repeated,
        )

    def _refuse(self, rule: str, message: str, row: int) -> None:
        self.problems.add("error", rule, message, file=self.source.file, row=row)

    def _plain(self, body: str, width: int, start: int) -> tuple[_Columns, range] | None:
        """Read a body without quotes and blank lines at once; ``None`` where the careful way must say what is wrong."""
        if self.source.last_row is not None or '"' in body or "\n\n" in body or body.startswith("\n") or not body:
            return None
        word = pa.dictionary(pa.int32(), pa.string())
        names = [str(number) for number in range(width)]
        try:
            table = arrow_csv.read_csv(
                io.BytesIO(body.encode()),
                arrow_csv.ReadOptions(column_names=names, use_threads=False, block_size=1 << 24),
                arrow_csv.ParseOptions(delimiter=self.delimiter, quote_char=False, double_quote=False),
                arrow_csv.ConvertOptions(
                    column_types=dict.fromkeys(names, word), null_values=[], strings_can_be_null=False
                ),
            )
        except (pa.ArrowInvalid, UnicodeEncodeError):
            return None
        columns = [chunked.unify_dictionaries().combine_chunks() for chunked in table.columns]
        texts = [column if isinstance(column, pa.DictionaryArray) else column.chunk(0) for column in columns]
        cells = [text_column(text.dictionary.to_pylist(), text.indices.to_numpy()) for text in texts]
        return cells, range(start, start + table.num_rows)

    def _careful(self, body: str, width: int, start: int) -> tuple[_Columns, list[int]]:
        """Read line by line. pandas' own reader would shift extra fields silently."""
        reader = csv.reader(io.StringIO(body), delimiter=self.delimiter, strict=True)
        kept: list[list[str]] = []
        numbers: list[int] = []
        line, end = start, self.source.last_row or sys.maxsize
        try:
            for fields in reader:
                if line > end:
                    break
                if len(fields) == width:
                    kept.append(fields)
                    numbers.append(line)
                elif fields:
                    # The notes beneath a table are seldom as wide as it.
                    hint = "; if the table ends above it, declare last_row" if len(fields) < width else ""
                    message = f"{len(fields)} fields where the header has {width}; the row was not read{hint}"
                    self._refuse("field_count", message, line)
                line = start + reader.line_num
        except csv.Error as fault:
            if line <= end:
                raise _BrokenCSV(fault, line) from None
        beneath = enumerate(body.split("\n")[line - start :] if line > end else (), start=line)
        note_beneath(self.source.file, [n for n, text in beneath if text.strip(f'{self.delimiter} "')], self.problems)
        columns = list(zip(*kept, strict=True)) if kept else [()] * width
        return [text_column(column) for column in columns], numbers


class _BrokenCSV(Exception):
    """A file that is no CSV from some line on."""

    def __init__(self, fault: csv.Error, line: int) -> None:
        super().__init__(f"not valid CSV ({fault}): look for a quote that is not closed; the file was not read")
        self.line = line
