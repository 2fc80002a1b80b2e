"""Sheets in which only the first row of a person says who it is, and when."""

import pytest

from analysis import load, read_study
from analysis.intake.questions import nobody
from analysis.intake.start import start_study
from analysis.usererror import StudyError
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
PARENT = """[source.parent]
file = "people.csv"
key = "No"
named_by = "Form"
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
    others = ("unused_column", "not_of_one_session")
    assert [one for one in found(tmp_path / "gaps") if one[1] not in others] == expected


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
    line = '# fill_down = ["Patient", "Visit", "Date"]  # ? does an empty cell mean the same as the one above?'
    assert (line in drafted) == asked


def _people(study):
    return study.assessments.set_index(["patient_id", "timepoint", "side"])["hip_ir_deg"].to_dict()


def test_a_row_that_is_dropped_still_says_whose_those_beneath_it_are(tmp_path):
    folder = _study(tmp_path, GAPS)
    drop = '[[drop]]\nfile = "visits.csv"\nrow = 5\nreason = "slipped"\ndate = 2026-05-01\nholds = {"Date" = ""}\n'
    (folder / "corrections.toml").write_text(drop)
    expected = {("a", "baseline", "left"): 12, ("a", "baseline", "right"): 14, ("a", "post", "left"): 18}
    assert _people(load(folder)) == expected | {("b", "baseline", "right"): 21}


def test_what_was_corrected_to_be_missing_stays_so(tmp_path):
    folder = _study(tmp_path, GAPS)
    cell = '[[correction]]\nfile = "visits.csv"\nrow = 4\ncolumn = "Date"\nold = "2026-03-05"\nnew = ""\n'
    (folder / "corrections.toml").write_text(cell + 'reason = "slipped"\ndate = 2026-05-01\n')
    dates = load(folder).assessments.set_index(["timepoint", "side"])["date"]
    assert dates["post"].isna().all()
    assert dates["baseline"].notna().sum() == 2


def test_no_identifier_goes_on_to_another_clinic(tmp_path):
    toml = TOML.replace("[source.columns]", '[source.columns]\nclinic_id = "Clinic"').format(columns=ALL)
    rows = "A,1,2026-03-01,baseline,left,12,\nA,,,,right,14,\nB,,2026-04-01,post,left,20,\n"
    folder = write(tmp_path, toml, visits="Clinic," + HEADER + rows)
    assert [(rule, row) for kind, rule, _, row, *_ in found(folder) if kind == "error"] == [("key_missing", 4)]


def test_where_rows_number_people_nothing_can_be_filled(tmp_path):
    toml = TOML.replace("[source.columns]", "rows_per_person = 1\n[source.columns]").format(columns='["Date"]')
    with pytest.raises(StudyError, match=r"rows_per_person.*fill_down"):
        read_study(write(tmp_path, toml.replace('patient_id = "Patient"\n', ""), visits=HEADER + GAPS))


def test_nothing_goes_on_to_rows_of_another_row_of_the_table_above(tmp_path):
    toml = TOML.replace("[source.columns]", PARENT + "[source.columns]").format(columns='["Date"]')
    rows = "1,2026-03-01,baseline,left,12,\n1,,baseline,right,14,\n2,,baseline,left,20,\n"
    header = HEADER.replace("Patient", "Form")
    dates = load(write(tmp_path, toml, visits=header + rows, people="No,Patient\n1,a\n2,b\n")).assessments
    assert dates.groupby("patient_id")["date"].count().to_dict() == {"a": 2, "b": 0}


@pytest.mark.parametrize("columns", ['["Date", "Patient"]', '["Patient", "Note"]'])
def test_a_list_in_which_the_patient_comes_late_or_in_another_order_is_refused(tmp_path, columns):
    toml = TOML.replace('patient_id = "Patient"', 'patient_id = ["Note", "Patient"]').format(columns=columns)
    rows = "a,2026-03-01,baseline,left,12,x\n,,baseline,left,20,y\n"
    assert ("error", "fill_down_order", "visits.csv", None, "", "") in found(
        write(tmp_path, toml, visits=HEADER + rows)
    )
