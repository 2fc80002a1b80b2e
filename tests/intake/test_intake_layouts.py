"""The Bath trial gives the same tables to the byte, however it is written."""

import pytest

from analysis import load, read_study
from bath_forms import FORMS
from bath_layouts import BATH, LAYOUTS, write_layout


def _tables(folder):
    """Both tables as bytes, but for the file and row that each line of them came from."""
    study = load(folder)
    return [
        t.drop(columns=["source_file", "source_row"]).to_parquet() for t in (study.assessments, study.interventions)
    ]


@pytest.fixture(scope="module")
def published():
    return _tables(BATH)


@pytest.mark.parametrize("layout", [*LAYOUTS, *FORMS], ids=lambda layout: layout.__name__)
def test_every_layout_gives_the_same_tables(layout, published, tmp_path):
    folder = write_layout(layout, tmp_path)
    assert _tables(folder) == published
    assert len(load(folder).assessments) == 156


@pytest.mark.parametrize("layout", [*LAYOUTS, *FORMS], ids=lambda layout: layout.__name__)
def test_nothing_is_wrong_with_any(layout, tmp_path):
    assert set(read_study(write_layout(layout, tmp_path)).problems["rule"]) <= {"unused_column", "rows_left_out"}


def test_rows_are_those_a_spreadsheet_shows(tmp_path):
    workbook = next(layout for layout in LAYOUTS if layout.__name__ == "workbook")
    visits = load(write_layout(workbook, tmp_path)).assessments
    first = visits[(visits["patient_id"] == "1") & (visits["side"] == "right") & (visits["timepoint"] == "baseline")]
    assert first[["source_file", "source_row"]].values.tolist() == [["hips.xlsx Hips", 6]]
