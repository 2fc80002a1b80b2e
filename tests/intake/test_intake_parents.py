"""Rows of a repeated part get what stands in the row of the form that they name; never by their order."""

import openpyxl
import pytest

from analysis import load, read_study
from analysis.intake.start import start_study
from study_folders import found

TOML = """name = "Form"
[[source]]
file = "hips.csv"
parent = { file = "people.csv", key = "KEY", named_by = "PARENT_KEY" }
[source.columns]
patient_id = "code"
sex = "sex"
side = "side"
timepoint = "when"
hip_ir_deg = "ir"
"""
PEOPLE = "KEY,code,sex,side\nu1,a,female,x\nu2,b,male,x\n"
HIPS = "side,when,ir,PARENT_KEY,KEY\nleft,baseline,12,u2,1\nright,baseline,14,u1,2\n"


@pytest.fixture
def form(tmp_path):
    def written(people=PEOPLE, hips=HIPS, toml=TOML):
        (tmp_path / "people.csv").write_text(people)
        (tmp_path / "hips.csv").write_text(hips)
        (tmp_path / "study.toml").write_text(toml)
        return tmp_path

    return written


def who(folder):
    visits = load(folder).assessments
    return visits[["patient_id", "sex", "side", "hip_ir_deg"]].astype("object").values.tolist()


def test_a_row_gets_its_parent_by_the_key_and_not_by_its_place(form):
    assert who(form()) == [["a", "female", "right", 14], ["b", "male", "left", 12]]


def test_the_order_of_the_parents_changes_nothing(form):
    head, first, second = PEOPLE.splitlines()
    assert who(form(people=f"{head}\n{second}\n{first}\n")) == [["a", "female", "right", 14], ["b", "male", "left", 12]]


def test_rows_without_a_parent_are_errors_that_name_them(form):
    orphans = HIPS + "left,post,15,u9,3\nleft,post,16,,4\n"
    problems = [problem for problem in found(form(hips=orphans)) if problem[0] == "error"]
    assert problems == [
        ("error", "parent_missing", "hips.csv", 4, "PARENT_KEY", "u9"),
        ("error", "parent_missing", "hips.csv", 5, "PARENT_KEY", ""),
    ]


def test_two_parents_with_one_key_are_an_error(form):
    problems = [problem for problem in found(form(people=PEOPLE + "u1,c,male,x\n")) if problem[0] == "error"]
    assert problems == [("error", "parent_twice", "people.csv", 4, "KEY", "u1")]


def test_parents_to_whom_no_row_belongs_are_warned_of(form):
    problems = [problem for problem in found(form(people=PEOPLE + "u3,c,male,x\n")) if problem[0] == "warning"]
    assert ("warning", "parent_without_rows", "people.csv", 4, "", "1 row") in problems


def test_a_fault_of_a_parent_is_named_where_it_stands_and_corrected_there(form):
    folder = form(people=PEOPLE.replace("male,x\n", "mail,x\n").replace("femail", "female"))
    assert [p for p in found(folder) if p[0] == "error"] == [("error", "unknown_word", "people.csv", 3, "sex", "mail")]
    (folder / "corrections.toml").write_text(
        '[[correction]]\nfile = "people.csv"\nrow = 3\ncolumn = "sex"\nold = "mail"\nnew = "male"\n'
        'reason = "asked"\ndate = 2026-03-02\n'
    )
    assert who(folder) == [["a", "female", "right", 14], ["b", "male", "left", 12]]


def test_a_column_of_the_parents_that_nothing_uses_is_named_where_it_stands(form):
    assert ("note", "unused_column", "people.csv", None, "side", "") in found(form())


def test_a_column_that_both_have_is_marked_as_the_parents(form):
    toml = TOML.replace('side = "side"', 'side = "side (parent)"')
    people = PEOPLE.replace(",x", ",left")
    assert [row[2] for row in who(form(people=people, toml=toml))] == ["left", "left"]


@pytest.mark.parametrize("name", ["key", "named_by"])
def test_a_key_that_is_no_column_is_an_error(form, name):
    toml = TOML.replace({"key": '"KEY"', "named_by": '"PARENT_KEY"'}[name], '"nothing"')
    assert any(problem[1] == "column_missing" and problem[4] == "nothing" for problem in found(form(toml=toml)))


def test_a_change_of_the_parents_changes_the_fingerprint(form):
    before = load(form()).fingerprint
    assert load(form(people=PEOPLE.replace("female", "male"))).fingerprint != before


def test_an_error_of_the_spreadsheet_in_a_parent_is_named_once_with_its_address(tmp_path):
    book = openpyxl.Workbook()
    book.active.title = "Form"
    for row in [["code", "sex", "_index"], ["a", "#DIV/0!", 1], ["b", "male", 2]]:
        book["Form"].append(row)
    book["Form"]["B2"].data_type = "e"
    page = book.create_sheet("hips")
    for row in [["side", "when", "ir", "_parent_index"], ["left", "pre", 9, 2], ["left", "pre", 9, 1],
                ["right", "pre", 8, 1]]:  # fmt: skip
        page.append(row)
    book.save(tmp_path / "hips.csv.xlsx")
    toml = TOML.replace('"hips.csv"', '"hips.csv.xlsx"\nsheet = "hips"').replace(
        'file = "people.csv"', 'sheet = "Form"'
    )
    toml = toml.replace('"KEY"', '"_index"').replace('"PARENT_KEY"', '"_parent_index"')
    (tmp_path / "study.toml").write_text(toml + '[source.values.timepoint]\nbaseline = ["pre"]\n')
    errors = [problem for problem in found(tmp_path) if problem[0] == "error"]
    assert errors == [("error", "cell_error", "hips.csv.xlsx Form!B2", 2, "sex", "#DIV/0!")]


def test_a_parent_outside_the_study_is_refused(form):
    from analysis import StudyError

    with pytest.raises(StudyError, match="inside the study folder"):
        read_study(form(toml=TOML.replace("people.csv", "../people.csv")))


def test_repeats_within_repeats_reach_the_person(tmp_path):
    """As KoboToolbox numbers them: the rows of every sheet from 1 on, so that only the name tells whose they are."""
    sheets = {
        "Form": [["participant_id", "_index"], ["a", 1], ["b", 2]],
        "hip": [["side", "_index", "_parent_table_name", "_parent_index"],
                ["left", 1, "Form", 2], ["right", 2, "Form", 1], ["left", 3, "Form", 1]],
        "reading": [["when", "ir", "_index", "_parent_table_name", "_parent_index"],
                    ["pre", 10, 1, "hip", 3], ["post", 16, 2, "hip", 3],
                    ["pre", 20, 3, "hip", 1], ["pre", 9, 4, "hip", 2]],
    }  # fmt: skip
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        page = book.create_sheet(name)
        for row in rows:
            page.append(row)
    book.save(tmp_path / "kobo.xlsx")
    start_study([tmp_path / "kobo.xlsx"], tmp_path / "study")
    assert read_study(tmp_path / "study").errors["message"].tolist() == []
    visits = load(tmp_path / "study").assessments
    rows = visits[["patient_id", "side", "timepoint", "hip_ir_deg"]].astype("object").values.tolist()
    assert rows == [
        ["a", "left", "baseline", 10], ["a", "left", "post", 16], ["a", "right", "baseline", 9],
        ["b", "left", "baseline", 20],
    ]  # fmt: skip


def test_a_marked_copy_marks_the_cell_of_the_parent(form, capsule):
    folder = form(people=PEOPLE.replace(",male", ",mail"))
    assert capsule("check", folder, "--mark", folder / "marked.html")[0] == 1
    page = (folder / "marked.html").read_text()
    assert page.index("people.csv") < page.index("mail")
    assert "hips.csv" in page
