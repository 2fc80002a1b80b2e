"""A copy of the files with their problems marked, in which nothing is changed or lost."""

import openpyxl
import pandas as pd
import pyreadstat
import pytest

from analysis import read_study
from analysis.outputs import marked
from analysis.outputs.marked import write_marked_copy
from analysis.usererror import UserError
from study_folders import HEADER, TIDY, write_tidy

ROWS = "a,left,baseline,25°\n<b>,left,baseline,75\n=1+1,left,baseline,12\nd,,baseline,13\n"


def _marked(folder, out):
    write_marked_copy(folder, read_study(folder).problems, out)
    return out


def _colours(page):
    cells = [cell for row in page.iter_rows() for cell in row if cell.fill.fill_type]
    return {cell.coordinate: cell.fill.start_color.rgb[2:] for cell in cells}


def test_each_cell_stands_where_it_stood_and_those_with_problems_are_marked(tmp_path):
    folder = write_tidy(tmp_path / "study", HEADER + ROWS)
    book = openpyxl.load_workbook(_marked(folder, tmp_path / "m.xlsx"))
    assert book.sheetnames == ["Problems", "visits.csv"]
    page = book["visits.csv"]
    assert [[cell.value for cell in row] for row in page.iter_rows()] == [
        ["ID", "Hip", "Visit", "IR"],
        ["a", "left", "baseline", "25°"],
        ["<b>", "left", "baseline", "75"],
        ["=1+1", "left", "baseline", "12"],
        ["d", None, "baseline", "13"],
    ]
    assert page["A4"].data_type == "s"  # text, not a formula
    whole_row = dict.fromkeys(("A5", "C5", "D5"), "F4A6A0")  # which belongs to no hip
    assert _colours(page) == {"D2": "F4A6A0", "D3": "FFE08A", **whole_row}
    assert page["D2"].comment.text.startswith("error: not a number")
    assert book["Problems"]["A1"].value == "Errors, which stop the analysis:"


def test_addresses_of_a_workbook_are_those_of_the_file(tmp_path):
    book = openpyxl.Workbook()
    for row in [["Our hips"], [], [None, "ID", "Hip", None, "Visit", "IR"], [None, "a", "left", None, "baseline", "x"]]:
        book.active.append(row)
    book.save(tmp_path / "visits.xlsx")
    toml = TIDY.format(source="skip_rows = 2", columns="", more="").replace("visits.csv", "visits.xlsx")
    (tmp_path / "study.toml").write_text(toml)
    problems = read_study(tmp_path).problems
    assert problems["file"].iloc[0] == "visits.xlsx Sheet!F4"
    page = openpyxl.load_workbook(_marked(tmp_path, tmp_path / "m.xlsx"))["visits.xlsx Sheet"]
    assert _colours(page) == {"F4": "F4A6A0"}
    assert (page["F3"].value, page["B4"].value) == ("IR", "a")


def test_records_of_a_statistics_program_stand_below_their_names(tmp_path):
    frame = pd.DataFrame({"ID": ["a"], "Hip": ["left"], "Visit": ["baseline"], "IR": [99.0]})
    pyreadstat.write_sav(frame, tmp_path / "visits.sav")
    toml = TIDY.format(source="", columns="", more="").replace("visits.csv", "visits.sav")
    (tmp_path / "study.toml").write_text(toml)
    page = openpyxl.load_workbook(_marked(tmp_path, tmp_path / "m.xlsx"))["visits.sav"]
    assert [[cell.value for cell in row] for row in page.iter_rows()] == [["ID", "Hip", "Visit", "IR"],
                                                                         ["a", "left", "baseline", "99"]]  # fmt: skip
    assert _colours(page) == {"D2": "F4A6A0"}


def test_a_page_has_the_rows_with_problems_and_runs_nothing(tmp_path):
    folder = write_tidy(tmp_path / "study", HEADER + ROWS)
    text = _marked(folder, tmp_path / "m.html").read_text(encoding="utf-8")
    assert "&lt;b&gt;" in text
    assert "<b>" not in text
    assert "=1+1" not in text  # nothing is wrong with this row
    assert '<td class="error">25°<p>error: not a number' in text
    assert '<td class="warning">75<p>warning: ' in text


def test_more_rows_than_excel_has_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(marked, "_ROWS_OF_EXCEL", 3)
    folder = write_tidy(tmp_path / "study", HEADER + ROWS)
    with pytest.raises(UserError, match="more rows than a sheet of Excel has"):
        _marked(folder, tmp_path / "m.xlsx")
    assert not (tmp_path / "m.xlsx").exists()


def test_sheets_of_long_or_odd_names_stay_apart():
    taken = {"problems"}
    names = [marked._sheet_name(label, taken) for label in ("a" * 40 + "1", "a" * 40 + "2", "x[1]/2", "Problems")]
    assert names == ["a" * 28, "a" * 28 + " 2", "x 1  2", "Problems 2"]
