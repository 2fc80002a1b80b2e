"""Open a workbook so that whatever the library underneath makes of it, a fault is one plain sentence."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from python_calamine import CalamineSheet, CalamineWorkbook, PasswordError

from analysis.intake.compound import hangs_together, is_compound
from analysis.intake.workbook_scan import Scan, scan_workbook

# What a clinic keeps has some hundred thousand cells; a cell in the last corner makes 17 thousand million of them.
_MAX_CELLS = 100_000_000
_BROKEN = "not a whole workbook, or a damaged one; open it in its program and save it again"


class UnreadableBook(ValueError):
    """A workbook that cannot be read, with the rule that says why."""

    def __init__(self, rule: str, message: str) -> None:
        super().__init__(message)
        self.rule = rule


class Book:
    """A workbook; ``sheets`` says what the library knows of each of its sheets.

    Raises
    ------
    UnreadableBook
        Damaged, protected, or too large.
    """

    def __init__(self, content: bytes, suffix: str) -> None:
        self._content, self._marked_up = content, suffix in (".xlsx", ".xlsm")
        if is_compound(content) and not hangs_together(content):
            raise UnreadableBook("file_broken", _BROKEN)
        with _in_plain_words():
            self._book = CalamineWorkbook.from_filelike(io.BytesIO(content))
            self.sheets = self._book.sheets_metadata

    def read(self, name: str, rows: int | None = None) -> tuple[list[list], CalamineSheet, Scan]:
        """Return the values of a sheet from its first cell on, the sheet, and what only its XML tells."""
        with _in_plain_words():
            scan = scan_workbook(self._content, name) if self._marked_up else Scan()
            if scan.cells > _MAX_CELLS:
                message = "a cell far from the others makes the sheet too large; remove what stands beyond the data"
                raise UnreadableBook("unpacks_too_large", message)
            sheet = self._book.get_sheet_by_name(name)
            return sheet.to_python(skip_empty_area=False, nrows=rows), sheet, scan


@contextmanager
def _in_plain_words() -> Iterator[None]:
    """Turn every fault into one; what the library shouts past Python when it panics is not for a person."""
    sys.stderr.flush()
    loud, silence = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 2)
    try:
        yield
    except UnreadableBook:
        raise
    except PasswordError:
        raise UnreadableBook("file_protected", "protected by a password; save it without one") from None
    except BaseException as fault:  # a panic is no Exception
        if isinstance(fault, KeyboardInterrupt | SystemExit | MemoryError):
            raise
        raise UnreadableBook("file_broken", _BROKEN) from None
    finally:
        os.dup2(loud, 2)
        os.close(loud)
        os.close(silence)
