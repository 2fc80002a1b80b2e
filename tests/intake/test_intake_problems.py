"""Problems can be printed anywhere and are in an order that finds them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import read_study
from analysis.intake.problems import COLUMNS, Problems, shown
from study_folders import write_tidy


@given(st.text())
def test_shown_is_one_printable_line_of_at_most_40_characters(text):
    assert shown(text).isprintable()
    assert len(shown(text)) <= 40


@pytest.mark.parametrize(
    ("value", "text"),
    [("\x1b[31m", "\\x1b[31m"), ("a\0b", "a\\x00b"), ("\u202eabc", "\\u202eabc"), ("é°", "é°"), (3.5, "3.5"), ("", "")],
)
def test_shown(value, text):
    assert shown(value) == text


def test_control_characters_of_a_file_reach_no_terminal(tmp_path):
    csv = "ID,Hip,Visit,IR,\x1b[2J\x07\n\x1b[2J,left,baseline,\x1b]0;x\x07\n"
    problems = read_study(write_tidy(tmp_path, csv)).problems
    assert len(problems) > 1
    assert all(str(cell).isprintable() for cell in problems.to_numpy().ravel())


def test_errors_come_first_then_file_row_and_column():
    problems = Problems()
    problems.add("note", "n", "m", file="a.csv", row=1)
    problems.add("error", "e", "m", file="b.csv", row=10)
    problems.add("error", "e", "m", file="b.csv", row=9, column="y")
    problems.add("error", "e", "m", file="b.csv", row=9, column="x")
    problems.add("error", "e", "m", file="b.csv")
    table = problems.table()
    assert table[["severity", "file", "column"]].values.tolist() == [
        ["error", "b.csv", ""],
        ["error", "b.csv", "x"],
        ["error", "b.csv", "y"],
        ["error", "b.csv", ""],
        ["note", "a.csv", ""],
    ]
    assert table["row"].astype("object").fillna(0).tolist() == [0, 9, 9, 10, 1]


def test_the_same_fault_is_listed_once():
    problems = Problems()
    for _ in range(2):
        problems.add("error", "e", "m", file="a.csv", row=2, column="x", value="1")
    assert len(problems.table()) == 1


def test_no_problem_is_an_empty_table_with_the_same_columns():
    assert Problems().table().columns.tolist() == COLUMNS
