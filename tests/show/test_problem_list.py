"""One line for each column and kind of problem, errors first."""

from analysis import read_study
from analysis.intake.problems import Problems
from analysis.show.problem_list import problem_lines
from study_folders import HEADER, write_tidy


def _lines(*found, **more):
    problems = Problems()
    for severity, rule, file, row, column, value in found:
        problems.add(severity, rule, f"the words of {rule}", file=file, row=row, column=column, value=value)
    return list(problem_lines(problems.table(), **more))


def test_one_line_for_a_column_and_a_kind_with_the_first_rows_in_the_order_of_numbers():
    many = [("error", "not_a_number", "a.csv", row, "IR", f"x{row}") for row in (100, 9, 10, 11, 2, 3, 1000)]
    assert _lines(*many) == [
        "Errors, which stop the analysis:",
        "  a.csv, IR, 7 rows: 2, 3, 9, 10, 11 and 2 more (x2, x3, x9, …): the words of not_a_number (not_a_number)",
    ]


def test_cells_of_a_workbook_are_in_the_order_of_its_rows():
    found = [("error", "cell_error", f"a.xlsx Hips!C{row}", row, "IR", "#N/A") for row in (10, 9, 2)]
    assert _lines(*found)[1] == "  a.xlsx Hips, IR, cells C2, C9, C10 (#N/A): the words of cell_error (cell_error)"


def test_errors_come_first_and_may_stand_alone():
    found = [
        ("note", "unused_column", "a.csv", None, "Shoe", ""),
        ("warning", "no_clinic", "", None, "", ""),
        ("error", "key_missing", "b.csv", 4, "ID", ""),
    ]
    assert _lines(*found) == [
        "Errors, which stop the analysis:",
        "  b.csv, ID, row 4: the words of key_missing (key_missing)",
        "Warnings, which travel into every report:",
        "  study.toml: the words of no_clinic (no_clinic)",
        "Notes:",
        "  a.csv, Shoe: the words of unused_column (unused_column)",
    ]
    assert len(_lines(*found, errors_only=True)) == 2


def test_messages_that_differ_are_counted():
    problems = Problems()
    for row in (2, 3):
        problems.add("error", "visit_twice", f"as in row {row + 5}", file="a.csv", row=row, column="ID")
    assert list(problem_lines(problems.table()))[1] == (
        "  a.csv, ID, rows 2, 3: as in row 7; 1 other message, see --json (visit_twice)"
    )


def test_a_word_that_stands_in_many_rows_counts_them_all(tmp_path):
    rows = "".join(f"p{n},{side},baseline,12\n" for n, side in enumerate(["Li", "Re", "Li", "Li"]))
    lines = list(problem_lines(read_study(write_tidy(tmp_path, HEADER + rows)).problems))
    assert lines[1].startswith("  visits.csv, Hip, 4 rows: 2, 3 and 2 more (Li, Re): not a known word for side")
    assert lines[1].endswith("add it under [source.values.side] (unknown_word)")
