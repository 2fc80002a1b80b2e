"""Workbooks: cells with types, merged cells, both calendars, and what is not shown."""

from datetime import date, datetime

import openpyxl
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from analysis import load, read_study
from analysis.intake.book import Book
from analysis.intake.sheet import cell_text, name_columns
from analysis.intake.unreadable import UnreadableFile
from ods_files import ods
from study_folders import TIDY, found
from xlsx_files import xlsx


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


@pytest.mark.parametrize("span", [' table:number-columns-spanned="2"', ""])
def test_an_ods_file_with_a_header_over_two_columns(tmp_path, span):
    """A header that is merged over two columns names both; one that is not names its own."""
    above = f'<table:table-cell office:value-type="string"{span}><text:p>IR</text:p></table:table-cell>'
    rows = [["ID", "Hip", above, COVERED], ["", "", "pre", "post"], ["001", "left", 12, 18.5]]
    (tmp_path / "visits.ods").write_bytes(ods(rows))
    later = "IR post" if span else "post"
    (tmp_path / "study.toml").write_text(f"""
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
        hip_ir_deg = "{later}"
    """)
    visits = load(tmp_path).assessments
    assert visits[["patient_id", "hip_ir_deg"]].values.tolist() == [["001", 12], ["001", 18.5]]


COVERED = "<table:covered-table-cell/>"
MERGED = (
    '<table:table-cell office:value-type="string" table:number-columns-spanned="1" table:number-rows-spanned="3">'
    "<text:p>a</text:p></table:table-cell>"
)


def _ods_study(folder, rows, **options):
    (folder / "visits.ods").write_bytes(ods([["ID", "Hip", "Visit", "IR"], *rows], **options))
    toml = TIDY.format(source="", columns="", more="").replace("visits.csv", "visits.ods")
    (folder / "study.toml").write_text(toml)
    return folder


def test_merged_identifiers_of_ods_hold_for_every_row(tmp_path):
    rows = [[MERGED, "left", "baseline", 12], [COVERED, "right", "baseline", 15], [COVERED, "left", "post", 18]]
    folder = _ods_study(tmp_path, rows)
    assert load(folder).assessments["patient_id"].tolist() == ["a", "a", "a"]
    assert found(folder) == [("note", "merged_cells", "visits.ods S", 2, "", "")]


@pytest.mark.parametrize("between", ["", "\n  "])
def test_ods_with_and_without_blanks_between_its_elements(tmp_path, between):
    """Gnumeric writes them, and the library that reads Excel's files calls the file damaged then."""
    folder = _ods_study(tmp_path, [["a", "left", "baseline", 12]], between=between)
    assert load(folder).assessments["hip_ir_deg"].tolist() == [12]


def test_the_text_of_an_ods_cell_is_all_of_it_without_its_comment(tmp_path):
    words = (
        '<table:table-cell office:value-type="string"><office:annotation><text:p>who?</text:p></office:annotation>'
        '<text:p>a<text:s text:c="2"/><text:span>b</text:span></text:p><text:p>c</text:p></table:table-cell>'
    )
    (tmp_path / "a.ods").write_bytes(ods([[words]]))
    assert Book((tmp_path / "a.ods").read_bytes(), ".ods").read("S").values == [["a  b\nc"]]


def test_an_ods_file_that_repeats_itself_is_unpacked_within_limits(tmp_path):
    far = '<table:table-cell office:value-type="float" office:value="1" table:number-columns-repeated="2000000000"/>'
    assert found(_ods_study(tmp_path, [[far]]))[0][1] == "unpacks_too_large"


def test_an_ods_file_with_a_password_is_said_to_have_one(tmp_path):
    (tmp_path / "a.ods").write_bytes(ods([["ID"]], manifest="<manifest><encryption-data/></manifest>"))
    with pytest.raises(UnreadableFile, match="protected by a password"):
        Book((tmp_path / "a.ods").read_bytes(), ".ods")


def test_hidden_rows_are_read_and_said_to_be(tmp_path):
    header, left, right = ["ID", "Hip", "Visit", "IR"], ["a", "left", "baseline", 12], ["a", "right", "baseline", 15]
    folder = _ods_study(tmp_path, [left, right], hidden=(3,))
    assert len(load(folder).assessments) == 2
    assert found(folder) == [("note", "hidden_rows", "visits.ods S", 3, "", "1 row")]
    folder = _study(tmp_path, [])
    (folder / "visits.xlsx").write_bytes(xlsx([header, left, right], hidden=(2, 3)))
    assert found(folder) == [("note", "hidden_rows", "visits.xlsx S", 2, "", "2 rows")]
