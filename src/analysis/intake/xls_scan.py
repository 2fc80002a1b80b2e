"""What the reader of .xls files does not tell: errors, formulas whose result is 0, hidden rows."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from analysis.intake.compound import workbook_stream
from analysis.intake.page import Formulas
from analysis.intake.xlsx_scan import Scan

# The numbers of records in Microsoft's open specification of the format, MS-XLS.
_BEGIN, _END, _SHEET, _ROW = 0x0809, 0x000A, 0x0085, 0x0208
_FORMULAS, _ERROR_OR_ANSWER = (0x0006, 0x0206, 0x0406), 0x0205
_HIDDEN = 0x20
_WORDS = {0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A"}
_IS_ERROR, _NO_NUMBER = 2, 0xFFFF


def scan_xls(content: bytes, number: int) -> Scan:
    """Look through the records of one sheet of an ``.xls`` file.

    Parameters
    ----------
    content
        The file, which hangs together.
    number
        Of the sheet, in the order of the workbook, counted from 0.
    """
    stream, formulas, hidden = workbook_stream(content), Formulas(), set()
    begins = [struct.unpack_from("<I", record)[0] for kind, record in _records(stream, 0) if kind == _SHEET]
    for kind, record in _records(stream, begins[number]):
        if kind == _ROW and record[12] & _HIDDEN:
            hidden.add(struct.unpack_from("<H", record)[0])
        elif kind == _ERROR_OR_ANSWER and record[7]:
            formulas.errors[struct.unpack_from("<HH", record)] = _WORDS.get(record[6], "#ERROR!")
        elif kind in _FORMULAS:
            _look_at(record, formulas)
    return Scan(formulas=formulas, hidden_rows=frozenset(hidden))


def _look_at(record: bytes, seen: Formulas) -> None:
    """Note the result of a formula: a number, or a kind and what it is."""
    place = struct.unpack_from("<HH", record)
    kind, code, mark = record[6], record[8], struct.unpack_from("<H", record, 12)[0]
    if mark == _NO_NUMBER and kind == _IS_ERROR:
        seen.errors[place] = _WORDS.get(code, "#ERROR!")
    elif mark != _NO_NUMBER and struct.unpack_from("<d", record, 6)[0] == 0:
        seen.zeros[place] = "="
    else:
        seen.any_other = True


def _records(stream: bytes, place: int) -> Iterator[tuple[int, bytes]]:
    """Give the records of one part of the workbook, without those of charts within it."""
    depth = 0
    while place + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, place)
        depth += (kind == _BEGIN) - (kind == _END)
        if depth == 1:
            yield kind, stream[place + 4 : place + 4 + length]
        if depth <= 0:
            return
        place += 4 + length
