"""Sheets in which only the first row of a person says who it is, and when."""

import pytest

from analysis import load, read_study
from analysis.intake.questions import nobody
from analysis.intake.start import start_study
from study_folders import found, write

TOML = """
name = "Blocks"
[[source]]
file = "visits.csv"
fill_down = {columns}
[source.columns]
patient_id = "Patient"
date = "Date"
timepoint = "Visit"
side = "Side"
hip_ir_deg = "IR"
[source.set]
position = "prone"
motion = "passive"
device = "goniometer"
"""
HEADER = "Patient,Date,Visit,Side,IR,Note\n"
WHOLE = """\
a,2026-03-01,baseline,left,12,
a,2026-03-01,baseline,right,14,
a,2026-03-05,post,left,18,
b,,baseline,left,20,
b,,baseline,right,21,
"""
GAPS = """\
a,2026-03-01,baseline,left,12,
,,,right,14,
,2026-03-05,post,left,18,
b,,baseline,left,20,
,,,right,21,
"""
ALL = '["Patient", "Date", "Visit"]'


def _study(folder, rows, columns=ALL):
    return write(folder, TOML.format(columns=columns), visits=HEADER + rows)


def test_gaps_are_read_as_the_cell_above_and_no_date_goes_on_to_the_next_person(tmp_path):
    filled, whole = load(_study(tmp_path / "gaps", GAPS)), load(_study(tmp_path / "whole", WHOLE, "[]"))
    assert filled.assessments.equals(whole.assessments)
    assert filled.assessments.groupby("patient_id")["date"].count().to_dict() == {"a": 3, "b": 0}
    notes = [("Date", "1 cell"), ("Patient", "3 cells"), ("Visit", "2 cells")]
    expected = [("note", "filled_down", "visits.csv", 3, name, n) for name, n in notes]
    assert [one for one in found(tmp_path / "gaps") if one[1] != "unused_column"] == expected


def test_where_each_row_names_the_person_nothing_goes_on_to_the_next_one_either(tmp_path):
    rows = "a,2026-03-01,baseline,left,12,\na,,baseline,right,14,\nb,,baseline,left,20,\n"
    dates = load(_study(tmp_path, rows, '["Date"]')).assessments.set_index(["patient_id", "side"])["date"]
    assert dates.notna().to_dict() == {("a", "left"): True, ("a", "right"): True, ("b", "left"): False}


def test_a_new_visit_without_a_date_has_none(tmp_path):
    rows = "a,2026-03-01,baseline,left,12,\n,,,right,14,\n,,post,left,18,\n"
    columns = '["Patient", "Visit", "Date"]'
    dates = load(_study(tmp_path, rows, columns)).assessments.set_index(["timepoint", "side"])["date"]
    assert dates.isna().to_dict() == {("baseline", "left"): False, ("baseline", "right"): False, ("post", "left"): True}


def test_a_remark_beneath_the_table_is_no_visit_of_the_last_person(tmp_path):
    folder = _study(tmp_path, GAPS + ",,,,,end of list\n")
    assert [(rule, row) for kind, rule, _, row, *_ in found(folder) if kind == "error"] == [("key_missing", 7)]
    assert "declare fill_down" in read_study(folder).errors["message"].iloc[0]


def test_a_column_that_is_not_there_is_named(tmp_path):
    folder = _study(tmp_path, WHOLE, '["Patient", "Day"]')
    assert ("error", "column_missing", "visits.csv", None, "Day", "") in found(folder)


@pytest.mark.parametrize(("rows", "asked"), [(GAPS, True), (WHOLE, False)])
def test_init_asks_whether_a_gap_means_the_cell_above(tmp_path, rows, asked):
    file = tmp_path / "visits.csv"
    file.write_text(HEADER + rows)
    drafted = start_study([file], tmp_path / "study", None, nobody).read_text()
    line = f"# fill_down = {ALL}  # ? does an empty cell mean the same as the one above?"
    assert (line in drafted) == asked
