"""A sheet with a table for each person; tables on their side or of one reading a row, which must be laid out first."""

import openpyxl
import pytest

from analysis import load, read_study
from analysis.intake.start import start_study
from study_folders import found

READINGS = {
    "01": [[10, 40], [16, 42]],
    "07": [[20, 50], [20, 51]],
    "A3": [[30, 60], [31, 61]],
}  # IR of two sides, by visit


def sheet(path, people=READINGS, titles=(), line="Subject {}", heads=("Visit", "IR")):
    """Merged titles, and headers of two rows of which some cells are merged downwards and others across."""
    book = openpyxl.Workbook()
    page = book.active
    page.title = "Lab"
    row = 1
    for title in titles:
        page.cell(row, 1, title)
        row += 1
    for person, visits in people.items():
        page.cell(row, 1, line.format(person))
        page.merge_cells(start_row=row, end_row=row, start_column=1, end_column=3)
        page.cell(row + 1, 1, heads[0])
        page.merge_cells(start_row=row + 1, end_row=row + 2, start_column=1, end_column=1)
        page.cell(row + 1, 2, heads[1])
        page.merge_cells(start_row=row + 1, end_row=row + 1, start_column=2, end_column=3)
        page.cell(row + 2, 2, "left")
        page.cell(row + 2, 3, "right")
        for number, (visit, readings) in enumerate(zip(("pre", "post"), visits, strict=True)):
            for column, value in enumerate([visit, *readings], start=1):
                page.cell(row + 3 + number, column, value)
        row += 6
    book.save(path)
    return path


def drafted(tmp_path, **changes):
    start_study([sheet(tmp_path / "lab.xlsx", **changes)], tmp_path / "study")
    return tmp_path / "study"


@pytest.mark.parametrize(("titles", "line"), [((), "Subject {}"), (("Hip study", "Spring"), "Proband: {}")])
def test_it_loads_as_it_was_drafted(tmp_path, titles, line):
    folder = drafted(tmp_path, titles=titles, line=line)
    assert f'blocks = "{line}"  # ? does a table of another person begin' in (folder / "study.toml").read_text()
    assert read_study(folder).errors["message"].tolist() == []
    visits = load(folder).assessments
    read = {}
    for person, side, when, reading in visits[["patient_id", "side", "timepoint", "hip_ir_deg"]].values.tolist():
        read[person, side, when] = reading
    assert read == {
        (person, side, when): values[n][m]
        for person, values in READINGS.items()
        for n, when in enumerate(("baseline", "post"))
        for m, side in enumerate(("left", "right"))
    }


def test_no_identifier_of_a_patient_is_in_the_draft(tmp_path):
    text = (drafted(tmp_path) / "study.toml").read_text()
    assert "07" not in text
    assert "A3" not in text


def test_faults_have_the_address_that_the_sheet_shows(tmp_path):
    odd = {**READINGS, "07": [["1o", 50], [20, 51]]}
    assert ("error", "not_a_number", "lab.xlsx Lab!B10", 10, "IR left", "1o") in found(drafted(tmp_path, people=odd))


def test_a_block_with_other_columns_is_an_error_with_its_row(tmp_path):
    folder = drafted(tmp_path)
    book = openpyxl.load_workbook(folder / "lab.xlsx")
    book["Lab"]["B14"] = "ER"
    book.save(folder / "lab.xlsx")
    problems = [problem for problem in found(folder) if problem[1] == "block_unread"]
    assert problems == [("error", "block_unread", "lab.xlsx Lab", 14, "", "")]


def test_rows_above_the_first_block_are_not_passed_over(tmp_path):
    """As where the line of the first person was typed otherwise, so that nobody would miss it."""
    folder = drafted(tmp_path)
    book = openpyxl.load_workbook(folder / "lab.xlsx")
    book["Lab"]["A1"] = "Sbject 01"
    book.save(folder / "lab.xlsx")
    assert [problem[:4] for problem in found(folder) if problem[1] == "block_unread"] == [
        ("error", "block_unread", "lab.xlsx Lab", 1)
    ]


def test_a_line_that_begins_no_block_is_an_error(tmp_path):
    folder = drafted(tmp_path)
    toml = folder / "study.toml"
    toml.write_text(toml.read_text().replace("Subject {}", "Patient {}"))
    assert "block_unread" in read_study(folder).errors["rule"].tolist()


def test_text_has_no_blocks(tmp_path):
    (tmp_path / "a.csv").write_text("Subject 1,\nID,IR\n")
    (tmp_path / "study.toml").write_text('name = "A"\n[[source]]\nfile = "a.csv"\nblocks = "Subject {}"\n')
    assert "save it as .xlsx" in read_study(tmp_path).errors["message"].iloc[0]


ASIDE = "Measure,P01 left,P01 right,P02 left,P02 right\nIR pre,10,11,12,13\nIR post,14,15,16,17\nSLR pre,60,61,62,63\n"
LONG = "id,side,when,parameter,first,second\n" + "".join(
    f"p{n},{side},pre,{name},{12 + n},{13 + n}\n"
    for n in range(3)
    for side in ("left", "right")
    for name in ("IR", "SLR")
)


@pytest.mark.parametrize(
    ("table", "words"), [(ASIDE, "Paste Special, Transpose"), (LONG, "pivot_wider(names_from = `parameter`)")]
)
def test_what_must_be_laid_out_first_is_said_with_the_command(tmp_path, table, words):
    (tmp_path / "a.csv").write_text(table)
    start_study([tmp_path / "a.csv"], tmp_path / "study")
    text = (tmp_path / "study/study.toml").read_text()
    assert words in text
    assert "P01" not in text


def test_a_table_on_its_side_loads_when_it_was_turned(tmp_path):
    rows = [line.split(",") for line in ASIDE.splitlines()]
    turned = [list(row) for row in zip(*rows, strict=True)]
    lines = [["id", "side", *turned[0][1:]]] + [[*row[0].split(), *row[1:]] for row in turned[1:]]
    (tmp_path / "a.csv").write_text("\n".join(",".join(line) for line in lines))
    start_study([tmp_path / "a.csv"], tmp_path / "study")
    assert load(tmp_path / "study").assessments["hip_ir_deg"].tolist() == [10, 14, 11, 15, 12, 16, 13, 17]
