"""Open a workbook so that whatever the library underneath makes of it, a fault is one plain sentence."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from python_calamine import CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

from analysis.intake.compound import hangs_together, is_compound
from analysis.intake.ods import OdsBook
from analysis.intake.page import Page, SheetEntry
from analysis.intake.unreadable import BROKEN, MAX_CELLS, TOO_FAR, UnreadableFile, is_protected
from analysis.intake.xls_scan import scan_xls
from analysis.intake.xlsx_scan import Scan, scan_xlsx


class Book:
    """A workbook; ``sheets`` lists its sheets.

    Raises
    ------
    UnreadableFile
        Damaged, protected, or too large.
    """

    def __init__(self, content: bytes, suffix: str) -> None:
        if is_compound(content) and not hangs_together(content):
            raise UnreadableFile("file_broken", BROKEN)
        with _in_plain_words():
            is_ods = suffix == ".ods" and content.startswith(b"PK")
            self._book = OdsBook(content) if is_ods else _CalamineBook(content)
            self.sheets = self._book.sheets

    def read(self, name: str, rows: int | None = None) -> Page:
        """Return a sheet, or its first rows."""
        with _in_plain_words():
            return self._book.read(name, rows)


class _CalamineBook:
    """An Excel file: the library gives the values, a scan of the file what the library keeps to itself."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        self.sheets = [
            SheetEntry(item.name, item.visible == SheetVisibleEnum.Visible, item.typ == SheetTypeEnum.WorkSheet)
            for item in self._book.sheets_metadata
        ]

    def read(self, name: str, rows: int | None) -> Page:
        scan = self._scan(name)
        if scan.cells > MAX_CELLS:
            raise UnreadableFile("unpacks_too_large", TOO_FAR)
        sheet = self._book.get_sheet_by_name(name)
        values = sheet.to_python(skip_empty_area=False, nrows=rows)
        # The library ends the sheet before cells that it takes to be empty, and an error is such a cell.
        unread = {place: cell for place, cell in scan.formulas.unread().items() if rows is None or place[0] < rows}
        height = max([len(values), *(row + 1 for row, _ in unread)])
        width = max([*map(len, values[:1]), *(column + 1 for _, column in unread)], default=0)
        values = [row + [""] * (width - len(row)) for row in values]
        values += [[""] * width for _ in range(height - len(values))]
        for (row, column), cell in unread.items():
            values[row][column] = cell
        return Page(values, tuple(sheet.merged_cell_ranges or ()), scan.hidden_rows)

    def _scan(self, name: str) -> Scan:
        if is_compound(self._content):
            return scan_xls(self._content, [sheet.name for sheet in self.sheets].index(name))
        return scan_xlsx(self._content, name)


@contextmanager
def _in_plain_words() -> Iterator[None]:
    """Turn every fault into one; what the library shouts past Python when it panics is not for a person."""
    sys.stderr.flush()
    loud, silence = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 2)
    try:
        yield
    except UnreadableFile:
        raise
    except PasswordError:
        raise is_protected() from None
    except BaseException as fault:  # a panic is no Exception
        if isinstance(fault, KeyboardInterrupt | SystemExit | MemoryError):
            raise
        raise UnreadableFile("file_broken", BROKEN) from None
    finally:
        os.dup2(loud, 2)
        os.close(loud)
        os.close(silence)
