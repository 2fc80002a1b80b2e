"""Workbooks: cells with types, merged cells, both calendars, and what is not shown."""

import io
import zipfile
from datetime import date, datetime

import openpyxl
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from analysis import load, read_study
from analysis.intake.sheet import cell_text, name_columns
from study_folders import TIDY, found


def _study(folder, rows, source="", columns="", change=lambda book: None, header=("ID", "Hip", "Visit", "IR", "Day")):
    book = openpyxl.Workbook()
    change(book)
    book.active.title = "S"
    for row in [header, *rows]:
        book.active.append(list(row))
    folder.mkdir(exist_ok=True)
    book.save(folder / "visits.xlsx")
    toml = TIDY.format(source=source, columns=columns, more="").replace("visits.csv", "visits.xlsx")
    (folder / "study.toml").write_text(toml)
    return folder


def test_columns_without_a_name_are_numbered_in_no_time():
    names, repeated = name_columns(["ID", *[""] * 60_000])
    assert (len(set(names)), names[-1], repeated) == (60_001, "(no name) (60000)", ())


DAY = 'date = "Day"'
WHEN = datetime(2024, 3, 2, 10, 5)


@pytest.mark.parametrize(
    ("cell", "identifier"), [(1, "1"), (1.0, "1"), ("001", "001"), ("1e5", "1e5"), ("NA", "NA"), (True, "true")]
)
def test_identifiers_are_text(tmp_path, cell, identifier):
    visits = read_study(_study(tmp_path, [(cell, "left", "baseline", 12)])).assessments
    assert visits["patient_id"].tolist() == [identifier]


@pytest.mark.parametrize("cell", [12, 12.0, "12", " 12 "])
@pytest.mark.parametrize("source", ["", 'decimal = ","'])
def test_readings_may_be_numbers_or_text(tmp_path, cell, source):
    assert load(_study(tmp_path, [("a", "left", "baseline", cell)], source)).assessments["hip_ir_deg"].tolist() == [12]


def test_a_number_is_a_number_whatever_decimal_mark_text_has(tmp_path):
    rows = [("a", "left", "baseline", 12.5), ("b", "left", "baseline", "13,5")]
    visits = load(_study(tmp_path, rows, 'decimal = ","')).assessments
    assert visits["hip_ir_deg"].tolist() == [12.5, 13.5]


@pytest.mark.parametrize("epoch", [None, CALENDAR_MAC_1904])
@pytest.mark.parametrize("cell", [date(2024, 3, 2), WHEN])
@pytest.mark.parametrize("source", ["", 'date_format = "%d/%m/%Y"'])
def test_dates_are_dates_in_both_calendars(tmp_path, epoch, cell, source):
    def change(book):
        book.epoch = epoch or book.epoch

    folder = _study(tmp_path, [("a", "left", "baseline", 12, cell)], source, DAY, change)
    assert str(load(folder).assessments["date"].iloc[0].date()) == "2024-03-02"


@pytest.mark.parametrize(
    ("form", "number"), [("excel", 45353), ("excel", 45353.4), ("excel1904", 43891), ("excel", "45353")]
)
def test_day_numbers_are_dates_where_declared(tmp_path, form, number):
    folder = _study(tmp_path, [("a", "left", "baseline", 12, number)], f'date_format = "{form}"', DAY)
    assert str(load(folder).assessments["date"].iloc[0].date()) == "2024-03-02"


def test_text_that_two_forms_read_differently_is_no_date(tmp_path):
    folder = _study(tmp_path, [("a", "left", "baseline", 12, "2024-03-02")], 'date_format = "%Y-%d-%m"', DAY)
    assert found(folder) == [("error", "not_a_date", "visits.xlsx S!E2", 2, "Day", "2024-03-02")]


def test_merged_identifiers_hold_for_both_rows(tmp_path):
    rows = [("a", "left", "baseline", 12), (None, "right", "baseline", 15)]
    folder = _study(tmp_path, rows)
    book = openpyxl.load_workbook(folder / "visits.xlsx")
    book["S"].merge_cells("A2:A3")
    book.save(folder / "visits.xlsx")
    study = load(folder)
    assert study.assessments["patient_id"].tolist() == ["a", "a"]
    assert ("note", "merged_cells", "visits.xlsx S", 2, "", "") in found(folder)


@pytest.mark.parametrize("place", ["D2:H2", "A9:B9", "H1:I1"])
def test_cells_merged_beyond_the_last_that_holds_anything(tmp_path, place):
    folder = _study(tmp_path, [("a", "left", "baseline", 12)], header=("ID", "Hip", "Visit", "IR"))
    book = openpyxl.load_workbook(folder / "visits.xlsx")
    book["S"].merge_cells(place)
    book.save(folder / "visits.xlsx")
    assert load(folder).assessments["hip_ir_deg"].tolist() == [12.0]


def test_blank_rows_are_passed_over_and_rows_counted_as_shown(tmp_path):
    rows = [("a", "left", "baseline", 12), (), ("b", "left", "baseline", "x")]
    problem = ("error", "not_a_number", "visits.xlsx S!D4", 4, "IR", "x")
    assert problem in found(_study(tmp_path, rows))


def test_one_of_several_sheets(tmp_path):
    folder = _study(
        tmp_path, [("a", "left", "baseline", 12)], 'sheet = "S"', change=lambda book: book.create_sheet("T")
    )
    assert load(folder).assessments["source_file"].tolist() == ["visits.xlsx S"]


def test_a_correction_of_a_cell_of_a_workbook(tmp_path):
    folder = _study(tmp_path, [("a", "left", "baseline", 213)])
    (folder / "corrections.toml").write_text(
        '[[correction]]\nfile = "visits.xlsx"\nrow = 2\ncolumn = "IR"\nold = "213"\nnew = "21"\n'
        'reason = "form"\ndate = 2026-01-31\n'
    )
    assert load(folder).assessments["hip_ir_deg"].tolist() == [21]


@pytest.mark.parametrize(
    ("value", "text"),
    [(40 / 3, "13.3333333333333"), (1e-7, "0.0000001"), (float("inf"), "inf"), (WHEN, "2024-03-02 10:05:00")],
)
def test_cell_text(value, text):
    assert cell_text(value) == text


def _ods(rows):
    """The smallest ODS file with one sheet; a cell is a number or text."""

    def cell(value):
        if isinstance(value, str):
            return f'<table:table-cell office:value-type="string"><text:p>{value}</text:p></table:table-cell>'
        return f'<table:table-cell office:value-type="float" office:value="{value}"/>'

    names = "".join(
        f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    body = "".join(f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in rows)
    sheet = f'<office:spreadsheet><table:table table:name="S">{body}</table:table></office:spreadsheet>'
    content = f"<office:document-content{names}><office:body>{sheet}</office:body></office:document-content>"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
    return buffer.getvalue()


def test_an_ods_file_with_a_header_over_two_columns(tmp_path):
    """ODS does not tell which cells are merged: an upper header reaches to the next one."""
    rows = [["ID", "Hip", "IR", ""], ["", "", "pre", "post"], ["001", "left", 12, 18.5]]
    (tmp_path / "visits.ods").write_bytes(_ods(rows))
    (tmp_path / "study.toml").write_text("""
        name = "S"
        [[source]]
        file = "visits.ods"
        header_rows = 2
        [source.columns]
        patient_id = "ID"
        side = "Hip"
        [source.timepoints.baseline]
        hip_ir_deg = "IR pre"
        [source.timepoints.post]
        hip_ir_deg = "IR post"
    """)
    visits = load(tmp_path).assessments
    assert visits[["patient_id", "hip_ir_deg"]].values.tolist() == [["001", 12], ["001", 18.5]]
