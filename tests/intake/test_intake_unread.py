"""Errors and formulas without a result, in every kind of workbook: never read as empty or as 0 in silence."""

import io
import re
import zipfile

import pytest

from analysis import load, read_study
from ods_files import ods
from study_folders import TIDY, found
from xlsx_files import cell, xlsx

HEADER = ["ID", "Hip", "Visit", "IR", "Spare"]
ERROR = "the cell holds an error of the spreadsheet"


def _study(folder, content, suffix=".xlsx", source="", more="", corrections=""):
    (folder / f"visits{suffix}").write_bytes(content)
    toml = TIDY.format(source=source, columns="", more=more).replace("visits.csv", f"visits{suffix}")
    (folder / "study.toml").write_text(toml)
    if corrections:
        (folder / "corrections.toml").write_text(corrections)
    return folder


def _rows(*readings, spare=("x", "x")):
    return [
        HEADER,
        *(["a", side, "baseline", r, s] for side, r, s in zip(("left", "right"), readings, spare, strict=False)),
    ]


def _correction(old, new="18"):
    return (
        f'[[correction]]\nfile = "visits.xlsx"\nrow = 2\ncolumn = "IR"\nold = "{old}"\nnew = "{new}"\n'
        'reason = "paper form"\ndate = 2026-03-02\n'
    )


DIV = cell("#DIV/0!", kind="e", formula="1/0")
EMPTY = cell(None, formula="B2+6")


@pytest.mark.parametrize("places", [True, False])
@pytest.mark.parametrize(
    ("reading", "rule", "shown"), [(DIV, "cell_error", "#DIV/0!"), (EMPTY, "formula_without_value", "=B2+6")]
)
def test_an_unread_cell_is_an_error_with_its_address(tmp_path, reading, rule, shown, places):
    """Some programs write no addresses: cells follow each other."""
    folder = _study(tmp_path, xlsx(_rows(12, reading), places=places))
    assert found(folder)[0] == ("error", rule, "visits.xlsx S!D3", 3, "IR", shown)


@pytest.mark.parametrize("old", ["", "#DIV/0!"])
def test_an_unread_cell_can_be_corrected(tmp_path, old):
    folder = _study(tmp_path, xlsx(_rows(DIV, 12)), corrections=_correction(old))
    assert load(folder).assessments["hip_ir_deg"].tolist() == [18, 12]


def test_a_correction_of_another_old_value_is_refused(tmp_path):
    folder = _study(tmp_path, xlsx(_rows(DIV, 12)), corrections=_correction("15"))
    assert [rule for severity, rule, *_ in found(folder) if severity == "error"] == [
        "correction_out_of_date",
        "cell_error",
    ]


def test_an_error_in_a_column_that_nothing_uses_is_a_note(tmp_path):
    folder = _study(tmp_path, xlsx(_rows(12, 13, spare=(DIV, DIV))))
    assert load(folder).assessments["hip_ir_deg"].tolist() == [12, 13]
    assert ("note", "cell_error", "visits.xlsx S!E2", 2, "Spare", "2 cells") in found(folder)


def test_an_error_in_a_row_that_is_not_asked_for_is_none_but_in_the_column_that_asks_it_is(tmp_path):
    where = '[source.where]\nSpare = ["x"]'
    folder = _study(tmp_path, xlsx(_rows(12, DIV, spare=("x", "sum"))), more=where)
    assert load(folder).assessments["hip_ir_deg"].tolist() == [12]
    folder = _study(tmp_path, xlsx(_rows(12, 13, spare=("x", DIV))), more=where)
    assert found(folder)[0] == ("error", "cell_error", "visits.xlsx S!E3", 3, "Spare", "#DIV/0!")


ZERO, ONE = cell("0", formula="C2-12"), cell("1", formula="C2-11")


@pytest.mark.parametrize(
    ("readings", "chain", "asks", "refused"),
    [
        ((ZERO, ZERO), False, True, 2),  # as XlsxWriter and its kin write what they have not calculated
        ((ZERO, ONE), False, True, 1),  # and where its user gave some results
        ((ZERO, ZERO), False, False, 2),  # such a file saved by LibreOffice, which does not calculate it
        ((ZERO, ONE), False, False, 0),  # LibreOffice, Gnumeric, Google: calculated
        ((ZERO, DIV), False, False, 0),
        ((ZERO, ZERO), True, False, 0),  # Excel: calculated
        ((ZERO, ZERO), True, True, 2),  # Excel's, changed by a program that cannot calculate
        ((0, 0), False, True, 0),  # no formulas
    ],
)
def test_a_result_of_0_counts_only_where_the_file_was_calculated(tmp_path, readings, chain, asks, refused):
    folder = _study(tmp_path, xlsx(_rows(*readings), chain=chain, asks=asks))
    assert [rule for _, rule, *_ in found(folder)].count("formula_without_value") == refused


def test_text_that_is_the_result_of_a_formula_is_read(tmp_path):
    """``=IF(A2>0,"","x")``: an empty text is a result."""
    empty, word = cell("", kind="str", formula='IF(1,"","x")'), cell("12", kind="str", formula='"12"')
    folder = _study(tmp_path, xlsx(_rows(word, empty)))
    assert load(folder).assessments["hip_ir_deg"].dropna().tolist() == [12]


@pytest.mark.parametrize(
    ("xml", "rule"),
    [
        ('table:formula="of:=1/0" office:value-type="string" calcext:value-type="error"><text:p>#NV</text:p>', "error"),
        ('table:formula="of:=1/0" office:value-type="string" office:string-value="#DIV/0!"><text:p>#DIV/0!</text:p>',
         "error"),  # Gnumeric
        ('table:formula="of:=1/0" office:value-type="float" office:value="0"><text:p>#DIV/0!</text:p>', "error"),
        ('table:formula="of:=[.B2]+6">', "formula"),
        ('table:formula="of:=[.B2]+6" office:value-type="float" office:value="0"><text:p>0</text:p>', "formula"),
    ],
)  # fmt: skip
def test_unread_cells_of_ods(tmp_path, xml, rule):
    folder = _study(tmp_path, ods(_rows(12, f"<table:table-cell {xml}</table:table-cell>")), ".ods")
    rules = {"error": "cell_error", "formula": "formula_without_value"}
    assert [item[1:4] for item in found(folder) if item[0] == "error"] == [(rules[rule], "visits.ods S!D3", 3)]


def test_an_empty_result_in_ods_is_a_result(tmp_path):
    xml = '<table:table-cell table:formula="of:=IF(1;&quot;&quot;;1)"><text:p/></table:table-cell>'
    assert not len(read_study(_study(tmp_path, ods(_rows(12, xml)), ".ods")).errors)


def test_a_declared_entity_is_refused(tmp_path):
    content = ods(_rows(12, 13))
    laughs = "<!DOCTYPE a [<!ENTITY b 'c'>]>"
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in old.namelist():
            new.writestr(name, re.sub(r"^", laughs, old.read(name).decode(), count=1))
    assert found(_study(tmp_path, buffer.getvalue(), ".ods"))[0][1] == "file_broken"
