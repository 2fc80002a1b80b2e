"""Codes that a clinic explains on another sheet, in another file, or in the name of a column mean what it says."""

import openpyxl
import pytest

from analysis import load
from analysis.intake.start import start_study

DATA = [["ID", "Side", "Visit", "IR", "Tilt"],
        ["a", 1, 1, 12, 1], ["a", 1, 2, 20, 1], ["a", 2, 1, 22, 2], ["a", 2, 2, 25, 2]]  # fmt: skip
LISTS = {
    "a row each": [["Variable", "Code", "Meaning"], ["Side", 1, "right"], ["Side", 2, "left"], ["Visit", 1, "before"],
                   ["Visit", 2, "after"], ["Tilt", 1, "anterior"], ["Tilt", 2, "posterior"]],
    "named once": [["Variable", "Label", "Value", "Value label"], ["SIDE", "Hip", 1, "right"], [None, None, 2, "left"],
                   ["Visit", None, 1, "before"], [None, None, 2, "after"],
                   ["Tilt", "of the pelvis", 1, "anterior"], [None, None, 2, "posterior"]],
    "in one cell": [["Side", "1 = right, 2 = left"], ["Visit", "1 = before; 2 = after"],
                    ["Tilt", "1=anterior 2=posterior"]],
    "without names": [["Side", 1, "right"], ["Side", 2, "left"], ["Visit", 1, "before"],
                      ["Visit", 2, "after"], ["Tilt", 1, "anterior"], ["Tilt", 2, "posterior"]],
}  # fmt: skip
EXPECTED = {("right", "baseline"): (12, "anterior"), ("right", "post"): (20, "anterior"),
            ("left", "baseline"): (22, "posterior"), ("left", "post"): (25, "posterior")}  # fmt: skip


def _book(path, sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        page = book.create_sheet(name)
        for row in rows:
            page.append(row)
    book.save(path)
    return path


def _visits(folder):
    table = load(folder).assessments
    keys = zip(table["side"], table["timepoint"], strict=True)
    return dict(zip(keys, zip(table["hip_ir_deg"], table["pelvic_tilt"], strict=True), strict=True))


@pytest.mark.parametrize("listed", LISTS)
def test_a_sheet_of_codes(tmp_path, listed):
    sent = _book(tmp_path / "sent.xlsx", {"Data": DATA, "Codes": LISTS[listed]})
    text = start_study([sent], tmp_path / "study").read_text()
    assert _visits(tmp_path / "study") == EXPECTED
    assert 'what codes mean was taken from "sent.xlsx Codes"' in text
    assert "which of" not in text


def test_a_file_of_codes(tmp_path):
    (tmp_path / "data.csv").write_text("\n".join(",".join(map(str, row)) for row in DATA))
    (tmp_path / "codes.csv").write_text("\n".join(",".join(map(str, row)) for row in LISTS["a row each"]))
    start_study([tmp_path / "data.csv", tmp_path / "codes.csv"], tmp_path / "study")
    assert _visits(tmp_path / "study") == EXPECTED


def test_codes_in_the_name_of_a_column(tmp_path):
    header = "ID,Side (1 = right; 2 = left),When [0=pre 1=post],IR"
    (tmp_path / "sent.csv").write_text(f"{header}\na,1,0,12\na,2,1,25\n")
    start_study([tmp_path / "sent.csv"], tmp_path / "study")
    visits = load(tmp_path / "study").assessments
    assert visits[["side", "timepoint", "hip_ir_deg"]].values.tolist() == [
        ["left", "post", 25],
        ["right", "baseline", 12],
    ]


def test_codes_of_clinics_become_their_names(tmp_path):
    data = [["ID", "Site", "Side", "IR pre"], ["a", 1, "L", 12], ["b", 2, "L", 14]]
    sites = [["Site", "Code", "Name"], ["Site", 1, "North"], [None, 2, "South"]]
    start_study([_book(tmp_path / "sent.xlsx", {"Data": data, "Sites": sites})], tmp_path / "study")
    assert load(tmp_path / "study").assessments["clinic_id"].tolist() == ["North", "South"]


@pytest.mark.parametrize(
    "other",
    [
        [["ID", "Side", "SLR"], ["a", "L", 60], ["a", "R", 70]],  # another table of patients
        [["Visit", "n", "Mean"], ["before", 2, 17], ["after", 2, 22.5]],  # a summary
        [["Side"], ["see the letter of 3 May"]],
        [["Side", "1 = right, 2 = left"], ["ID", "Side", "SLR"], ["a", 1, 60], ["a", 2, 70]],
    ],
)
def test_other_sheets_are_no_lists_of_codes(tmp_path, other):
    sent = _book(tmp_path / "sent.xlsx", {"Data": DATA, "Other": other})
    assert "what codes mean" not in start_study([sent], tmp_path / "study").read_text()


CODED = {
    "one list": {"Codes": [*LISTS["a row each"], ["Side", 1, "left"]]},
    "two lists": {"Codes": LISTS["a row each"], "Old": [["Variable", "Code", "Meaning"], ["Side", 1, "left"],
                                                        ["Side", 2, "right"]]},
}  # fmt: skip


@pytest.mark.parametrize("sheets", CODED)
def test_codes_of_which_two_things_are_said_mean_neither(tmp_path, sheets):
    text = start_study([_book(tmp_path / "sent.xlsx", {"Data": DATA, **CODED[sheets]})], tmp_path / "study").read_text()
    assert '# ? two things are said of the codes of "Side"' in text
    assert '# ? which of left, right are "1", "2"?' in text
    assert 'anterior = ["1"]' in text  # of which one thing is said


@pytest.mark.parametrize(("first", "disputed"), [("R", False), ("right", False), ("L", True)])
def test_the_name_of_a_column_and_a_list_may_contradict_each_other(tmp_path, first, disputed):
    second = "L" if first != "L" else "R"
    name = f"Side (1={first}, 2={second})"
    codes = [["Variable", "Code", "Meaning"], [name, 1, "right"], [None, 2, "left"]]
    data = [[name if cell == "Side" else cell for cell in row] for row in DATA]
    sent = _book(tmp_path / "sent.xlsx", {"Data": data, "Codes": codes})
    text = start_study([sent], tmp_path / "study").read_text()
    assert ("two things are said" in text, 'right = ["1"]' in text) == (disputed, not disputed)


def test_readings_that_name_their_measure_are_no_list_of_codes(tmp_path):
    """Each row names a column of the other table, and has a patient and a number: P1 is no code of IR."""
    (tmp_path / "wide.csv").write_text("ID,Side,Visit,IR,SLR\nP1,L,pre,20,70\nP2,R,pre,22,75\n")
    (tmp_path / "long.csv").write_text("Parameter,ID,Value\nIR,P1,20\nIR,P2,22\nSLR,P1,70\nSLR,P2,75\n")
    text = start_study([tmp_path / "wide.csv", tmp_path / "long.csv"], tmp_path / "study").read_text()
    assert "what codes mean" not in text
    assert 'file = "long.csv"' in text
