"""CSV and TSV: bytes become a rectangle of text, and every line that does not fit is named."""

from __future__ import annotations

import codecs
import csv
import io
import sys
from collections.abc import Iterator

import pandas as pd
import pyarrow as pa
from pyarrow import csv as arrow_csv

from analysis.intake.no_patient import note_beneath
from analysis.intake.problems import Problems
from analysis.intake.quotes import enclose_fields
from analysis.intake.sheet import (
    Sheet,
    any_row_is_blank,
    encoded_column,
    header_is_usable,
    join_headers,
    name_columns,
    text_column,
    without_nameless,
)
from analysis.intake.study_file import Source

_BOMS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_SAME_IN_ASCII = ("utf-8", "utf8", "utf-8-sig", "ascii", "cp1252", "windows-1252", "latin-1", "iso-8859-1")
_Columns = list[pd.Categorical]


def read_delimited(content: bytes, source: Source, problems: Problems, usual: str = ",") -> Sheet | None:
    """Read delimited text, by its usual mark where none is declared; ``None`` when nothing can be used."""
    try:
        lines = _Lines(_as_utf8(content, source.encoding))
    except (LookupError, UnicodeError) as fault:
        problems.add("error", "encoding", f"{fault}; declare the right `encoding`, such as cp1252", file=source.file)
        return None
    return _Rectangle(source, source.delimiter or usual, problems).read(lines)


def decode(content: bytes, encoding: str) -> str:
    """Decode with the declared encoding; a byte order mark is unmistakable and goes before it.

    Raises
    ------
    UnicodeError, LookupError
        Not text in that encoding, with the line; no such encoding.
    """
    encoding = next((name for mark, name in _BOMS.items() if content.startswith(mark)), encoding)
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as fault:
        line = len((content[: fault.start] + b".").splitlines())
        raise UnicodeError(f"line {line} is not {encoding} text") from None
    except (LookupError, ValueError):  # a name with a NUL in it is a ValueError
        raise LookupError(f"{encoding!r} is not a known encoding") from None


def _as_utf8(content: bytes, encoding: str) -> bytes:
    """Return the text in UTF-8 with LF at the end of each line, which may be CR, LF or CRLF in the file.

    Plain ASCII is the same bytes in most encodings, and most files are such; these are not written anew.
    """
    if not (content.isascii() and encoding.lower() in _SAME_IN_ASCII):
        text = decode(content, encoding)
        try:
            content = text.encode()
        except UnicodeEncodeError as fault:  # a few encodings can write the halves of a character
            line = len((text[: fault.start] + ".").splitlines())
            raise UnicodeError(f"line {line} holds half of a character") from None
    return content.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in content else content


class _Lines:
    """The lines of a text in UTF-8, of which the first are taken one by one and the rest at once."""

    def __init__(self, text: bytes) -> None:
        self.text, self.at = text, 0

    def __iter__(self) -> Iterator[str]:
        while self.at < len(self.text):
            begin, self.at = self.at, 1 + self.text.find(b"\n", self.at) or len(self.text)
            yield self.text[begin : self.at].decode()

    def rest_holds(self, mark: bytes) -> bool:
        """Whether some bytes are in what has not been taken."""
        return self.text.find(mark, self.at) >= 0

    def rest(self) -> pa.Buffer:
        """Return what has not been taken; nothing is copied."""
        return pa.py_buffer(self.text).slice(self.at)


class _Rectangle:
    """The reading of one file, whose lines are counted as they stand in it."""

    def __init__(self, source: Source, delimiter: str, problems: Problems) -> None:
        self.source, self.delimiter, self.problems = source, delimiter, problems

    def read(self, text: _Lines) -> Sheet | None:
        lines = iter(text)
        for _ in range(self.source.skip_rows):
            next(lines, "")
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
            columns, rows = self._plain(text, len(header), start) or self._careful(text, len(header), start)
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

    def _plain(self, text: _Lines, width: int, start: int) -> tuple[_Columns, range] | None:
        """Read lines that any reader takes alike at once; ``None`` where the careful way must say what is wrong."""
        if self.source.last_row is not None or width == 1 or not (body := text.rest()).size:
            return None
        quoted = text.rest_holds(b'"')
        if quoted and not enclose_fields(text.text, text.at, self.delimiter):
            return None
        names = [str(number) for number in range(width)]
        try:
            table = arrow_csv.read_csv(
                pa.BufferReader(body),
                arrow_csv.ReadOptions(column_names=names, use_threads=False, block_size=1 << 24),
                # A blank line becomes a row of empty cells.
                arrow_csv.ParseOptions(
                    delimiter=self.delimiter,
                    quote_char='"' if quoted else False,
                    double_quote=False,
                    ignore_empty_lines=False,
                ),
                arrow_csv.ConvertOptions(
                    check_utf8=False,  # it was decoded, or is ASCII
                    column_types=dict.fromkeys(names, pa.string()),
                    null_values=[],
                    strings_can_be_null=False,
                ),
            )
        except pa.ArrowInvalid:
            return None
        # Different cells are numbered here in two thirds of the time that the reader takes for it.
        columns = [encoded_column(chunked.dictionary_encode().combine_chunks()) for chunked in table.columns]
        if any_row_is_blank(columns):
            return None
        return columns, range(start, start + table.num_rows)

    def _careful(self, text: _Lines, width: int, start: int) -> tuple[_Columns, list[int]]:
        """Read line by line. pandas' own reader would shift extra fields silently."""
        body = text.rest().to_pybytes().decode()
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
                    fields_in_words = "1 field" if len(fields) == 1 else f"{len(fields)} fields"
                    message = f"{fields_in_words} where the header has {width}; the row was not read{hint}"
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
