"""Write a small workbook with what goes wrong in real ones: ``odd.py FILE openpyxl|xlsxwriter``.

Merged cells (A2:A3), an error (D3, E5), formulas (a true 0 in G2, text in G5 and G6), dates with and without a time, a
blank row (4), a hidden row (6), a row of totals (7), a hidden sheet.
"""

import sys
from datetime import date, datetime

import openpyxl
import xlsxwriter

ROWS = [
    ["ID", "Hip", "Visit", "IR", "Half", "Day", "Zero"],
    ["001", "left", "baseline", 12, "=D2/2", date(2024, 3, 2), "=D2-12"],
    [None, "right", "baseline", "=1/0", "=D2", date(2024, 3, 2), 0],
    [],
    ["002", "left", "baseline", 15.5, "=NA()", datetime(2024, 3, 4, 10, 5), '=IF(D5>0,"","x")'],
    ["003", "left", "baseline", 14, 7, None, '=D5&"t"'],
    ["Total", None, None, "=SUM(D2,D5:D6)"],
]


def with_openpyxl(path: str) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Visits"
    for row in ROWS:
        sheet.append(row)
    sheet.merge_cells("A2:A3")
    sheet.row_dimensions[6].hidden = True
    book.create_sheet("Lists").sheet_state = "hidden"
    book.save(path)


def with_xlsxwriter(path: str) -> None:
    with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd hh:mm"}) as book:
        sheet = book.add_worksheet("Visits")
        for number, row in enumerate(ROWS):
            sheet.write_row(number, 0, row)
        sheet.merge_range("A2:A3", "001")
        sheet.set_row(5, options={"hidden": True})
        book.add_worksheet("Lists").hide()


if __name__ == "__main__":
    {"openpyxl": with_openpyxl, "xlsxwriter": with_xlsxwriter}[sys.argv[2]](sys.argv[1])
