"""Identifiers that may be of one person, or of several, by how a program or a person wrote them."""

import openpyxl
import pytest

from analysis import read_study
from analysis.intake.problems import shown
from analysis.intake.start import start_study


def _problems(folder, text):
    (folder / "sent.csv").write_text(text)
    start_study([folder / "sent.csv"], folder / "study", None)
    return read_study(folder / "study").problems


@pytest.mark.parametrize(
    ("one", "other", "warned"),
    [("P1", "p1", True), ("P 1", "P1", True), ("001", "1", True), ("P01", "P1", True), ("1-12", "11-2", False),
     ("P1", "P10", False), ("1.1", "1.10", False), ("0", "00", True), ("P1", "P1*", True), ("1 11", "11 1", False),
     ("1 02", "10 2", False), ("1 02", "1 2", True), ("P 1 2", "P1 2", True), ("A 1 *", "a1", True),
     ("A01-1", "A1-01", True), ("0001", "1000", False), ("A01", "a01", True), ("\u00e91", "e\u03011", True),
     ("P-1", "P1", True), ("P-01", "P_1", True), ("1-A", "1A", True), ("1.0", "1", True), ("1-2", "1/2", True),
     ("1-2", "12", False), ("1.1", "11", False), ("A-B1", "AB1", True), ("10", "1.0", False), ("P-", "P", True),
     ("A\u00a01", "A 1", True), ("A1", "A1\u200b", True), ("\u00e91", "e1", False)],
)  # fmt: skip
def test_identifiers_that_may_be_one_patient_are_a_warning_at_each(tmp_path, one, other, warned):
    problems = _problems(tmp_path, f"ID,Side,IR pre,IR post\n{one},L,12,20\n{other},R,22,25\n")
    named = problems.loc[problems["rule"] == "identifiers_alike", "value_shown"].tolist()
    assert sorted(named) == (sorted(map(shown, [one, other])) if warned else [])


@pytest.mark.parametrize(
    ("identifiers", "warned"),
    [
        (["1.23E+15", "1.24E+15"], ["1.23E+15", "1.24E+15"]),
        (["1E+20", "7"], ["1E+20"]),
        (["1234567890123450", "1234567890123460"], ["1234567890123450", "1234567890123460"]),
        (["1234567890123450", "1234567890123461"], []),
        (["12345678901234570"], ["12345678901234570"]),
        (["1E5", "12345678"], []),
    ],
)
def test_identifiers_that_a_spreadsheet_has_rounded_are_a_warning(tmp_path, identifiers, warned):
    rows = "".join(f"{name},{side},12,20\n" for name in identifiers for side in "LR")
    problems = _problems(tmp_path, "ID,Side,IR pre,IR post\n" + rows)
    assert problems.loc[problems["rule"] == "identifier_rounded", "value_shown"].tolist() == warned


def test_numbers_that_begin_anew_on_each_sheet_are_told_what_to_do(tmp_path):
    book = openpyxl.Workbook()
    for name, reading in (("Hamburg", 12), ("Bremen", 15)):
        page = book.create_sheet(name)
        for row in (["Nr", "Seite", "IR vorher", "IR nachher"], [1, "li", reading, 20], [1, "re", reading + 8, 24]):
            page.append(row)
    book.save(tmp_path / "sent.xlsx")
    start_study([tmp_path / "sent.xlsx"], tmp_path / "study", None)
    messages = read_study(tmp_path / "study").errors["message"].tolist()
    assert len(messages) == 2
    assert all("If identifiers begin anew in each file or sheet, these are two people" in one for one in messages)
