"""Files by real programs (``tests/data/writers/make.sh``): the Bath trial, and a workbook with what goes wrong."""

import re
import shutil

import pytest

from analysis import load
from analysis.intake.book import Book
from analysis.intake.page import Unread
from analysis.intake.sheet import cell_text
from bath_layouts import AS_PRINTED, BATH, FIXTURES, TOML
from study_folders import TIDY, found

WRITERS = FIXTURES.parent / "writers"
HIPS = sorted(path.name for path in WRITERS.glob("hips-*"))
ODD = sorted(path.name for path in WRITERS.glob("odd-*"))
# What openpyxl, XlsxWriter and openxlsx write is calculated by whoever opens it.
NEVER_CALCULATED = ["odd-openpyxl.xlsx", "odd-openxlsx.xlsx", "odd-xlsxwriter.xlsx"]
CALCULATED = [name for name in ODD if name not in NEVER_CALCULATED]


def test_no_writer_is_missing():
    assert (len(HIPS), len(ODD)) == (19, 9)


@pytest.fixture(scope="module")
def published():
    return load(BATH)


@pytest.mark.parametrize("name", HIPS)
def test_the_bath_trial_is_the_same_by_every_writer(name, published, tmp_path):
    shutil.copy(BATH / "protocol.toml", tmp_path)
    shutil.copy(WRITERS / name, tmp_path)
    toml = TOML.format(file=name, dialect="", columns=AS_PRINTED)
    if name.endswith(".por"):  # which knows no small letters
        toml = re.sub(r'"(person|side|grp|[fr](?:bef|aft))"', lambda found: found[0].upper(), toml)
    (tmp_path / "study.toml").write_text(toml)
    ours = load(tmp_path)
    for table in ("assessments", "interventions"):
        a, b = (getattr(study, table).drop(columns=["source_file", "source_row"]) for study in (ours, published))
        assert a.to_parquet() == b.to_parquet()


def _page(name):
    path = WRITERS / name
    return Book(path.read_bytes(), path.suffix).read("Visits")


def _unread(page):
    return {
        f"{'ABCDEFG'[column]}{row + 1}": str(cell)
        for row, cells in enumerate(page.values)
        for column, cell in enumerate(cells)
        if isinstance(cell, Unread)
    }


@pytest.mark.parametrize("name", CALCULATED)
def test_a_workbook_with_everything_is_read_alike(name):
    page = _page(name)
    assert [[cell_text(cell) for cell in row] for row in page.values] == [
        ["ID", "Hip", "Visit", "IR", "Half", "Day", "Zero"],
        ["001", "left", "baseline", "12", "6", "2024-03-02", "0"],  # G2 is a 0 that was calculated
        ["", "right", "baseline", "#DIV/0!", "12", "2024-03-02", "0"],
        [""] * 7,
        ["002", "left", "baseline", "15.5", "#N/A", "2024-03-04 10:05:00", ""],
        ["003", "left", "baseline", "14", "7", "", "15.5t"],
        ["Total", "", "", "41.5", "", "", ""],
    ]
    assert _unread(page) == {"D3": "#DIV/0!", "E5": "#N/A"}
    assert (page.merged, page.hidden_rows) == ((((1, 0), (2, 0)),), {5})


@pytest.mark.parametrize("name", NEVER_CALCULATED)
def test_every_formula_of_a_workbook_that_was_never_calculated_is_unread(name):
    page = _page(name)
    assert set(_unread(page)) == {"D3", "D7", "E2", "E3", "E5", "G2", "G5", "G6"}
    assert page.merged == (((1, 0), (2, 0)),)


@pytest.mark.parametrize("name", ODD)
def test_what_is_said_of_it(name, tmp_path):
    shutil.copy(WRITERS / name, tmp_path)
    toml = TIDY.format(source='sheet = "Visits"', columns='date = "Day"', more="").replace("visits.csv", name)
    (tmp_path / "study.toml").write_text(toml)
    problems = found(tmp_path)
    rule = "formula_without_value" if name in NEVER_CALCULATED else "cell_error"
    assert ("error", rule, f"{name} Visits!D3", 3, "IR") in [problem[:5] for problem in problems]
    assert ("note", "merged_cells", f"{name} Visits", 2, "", "") in problems
    if name != "odd-openxlsx.xlsx":  # it hides a row by a height of 0
        assert ("note", "hidden_rows", f"{name} Visits", 6, "", "1 row") in problems
