"""The name of a sheet or file tells the clinic or the person where that is declared; init asks."""

import openpyxl
import pytest

from analysis import load, read_study
from analysis.intake.start import start_study

HIPS = [["ID", "Side", "IR pre", "IR post"], ["1", "L", 12, 20], ["1", "R", 22, 25]]


def _book(folder, sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        page = book.create_sheet(name)
        for row in rows:
            page.append(row)
    book.save(folder / "sent.xlsx")
    return start_study([folder / "sent.xlsx"], folder / "study")


def _people(folder, name="patient_id"):
    table = load(folder / "study").assessments
    return dict(zip(table["patient_id"], table[name], strict=True))


def test_each_sheet_is_a_clinic_whose_numbers_begin_anew(tmp_path):
    south = [HIPS[0], ["1", "L", 15, 20], ["1", "R", 24, 25]]
    file = _book(tmp_path, {"North": HIPS, "South": south})
    (message,) = set(read_study(tmp_path / "study").errors["message"].str.partition(". ")[2])
    assert 'patient_id = ["(sheet)", "ID"]' in message
    text = file.read_text().replace('# clinic_id = "(sheet)"', 'clinic_id = "(sheet)"')
    file.write_text(text.replace('\npatient_id = "ID"', "\n").replace("# patient_id = [", "patient_id = ["))
    assert _people(tmp_path, "clinic_id") == {"North 1": "North", "South 1": "South"}
    assert len(load(tmp_path / "study").assessments) == 8


def test_each_sheet_is_a_person(tmp_path):
    hips = [row[1:] for row in HIPS]
    text = _book(tmp_path, {"P1": hips, "P2": hips}).read_text()
    assert text.count('patient_id = "(sheet)"  # ? is each sheet a person?') == 2
    assert set(_people(tmp_path)) == {"P1", "P2"}


def test_each_file_is_a_person(tmp_path):
    for name in ("P1", "P2"):
        (tmp_path / f"{name}.csv").write_text("Side,IR pre,IR post\nL,12,20\n")
    file = start_study([tmp_path / "P1.csv", tmp_path / "P2.csv"], tmp_path / "study")
    assert 'name = "study"  # ?' in file.read_text()  # and not that of a person
    assert set(_people(tmp_path)) == {"P1", "P2"}


@pytest.mark.parametrize("names", [("Before", "After"), ("IR left", "IR right")])
def test_a_name_that_tells_something_else_is_no_clinic(tmp_path, names):
    assert '"(sheet)"' not in _book(tmp_path, dict.fromkeys(names, HIPS)).read_text()


def test_a_column_of_the_file_that_is_called_so_is_that_column(tmp_path):
    (tmp_path / "v.csv").write_text("ID,(file),Side,IR pre\n1,North,L,12\n")
    file = start_study([tmp_path / "v.csv"], tmp_path / "study")
    file.write_text(file.read_text().replace("[source.columns]", '[source.columns]\nclinic_id = "(file)"'))
    assert _people(tmp_path, "clinic_id") == {"1": "North"}
