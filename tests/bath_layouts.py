"""The Bath trial written as clinics write their data: the same 78 hips in every kind of file that is read."""

import shutil
from pathlib import Path

import openpyxl
import pandas as pd
import pyreadstat

BATH = Path(__file__).parents[1] / "data/raw/bath-hips"
FIXTURES = Path(__file__).parent / "data/bath"  # kinds of file without a writer here; its README says how they came
TOML = """
name = "Bath hip-stretching trial"
public = true
protocol = "protocol.toml"
[[source]]
file = "{file}"
{dialect}
[source.columns]
patient_id = "person"
{columns}
[source.values.arm]
treatment = ["treat"]
"""
AS_PRINTED = """side = "side"
arm = "grp"
[source.timepoints.baseline]
hip_rotation_deg = "rbef"
hip_flexion_deg = "fbef"
[source.timepoints.post]
hip_rotation_deg = "raft"
hip_flexion_deg = "faft"
"""
TWO_HEADERS = """side = "Side"
arm = "Group"
[source.timepoints.baseline]
hip_rotation_deg = "Rotation before"
hip_flexion_deg = "Flexion before"
[source.timepoints.post]
hip_rotation_deg = "Rotation after"
hip_flexion_deg = "Flexion after"
"""
THREE_HEADS = "skip_rows = 2\nheader_rows = 2\nunits_row = true"
FOUR_A_MEASURE = """arm = "grp"
[source.timepoints.baseline]
hip_rotation_deg = { left = "rbef L", right = "rbef R" }
hip_flexion_deg = { left = "fbef L", right = "fbef R" }
[source.timepoints.post]
hip_rotation_deg = { left = "raft L", right = "raft R" }
hip_flexion_deg = { left = "faft L", right = "faft R" }
"""


def rows() -> pd.DataFrame:
    """The published file, every cell as text."""
    return pd.read_csv(BATH / "hips.csv", dtype="str")


def cr_only(folder: Path) -> tuple[str, str]:
    text = rows().to_csv(index=False, lineterminator="\r")
    (folder / "hips.csv").write_bytes(text.encode("utf-8-sig"))
    return "hips.csv", TOML.format(file="hips.csv", dialect="", columns=AS_PRINTED)


def decimal_comma(folder: Path) -> tuple[str, str]:
    table = rows().assign(note="Größe")
    for name in ("fbef", "faft", "rbef", "raft"):
        table[name] += ",0"
    (folder / "hips.csv").write_bytes(table.to_csv(index=False, sep=";").encode("cp1252"))
    dialect = 'encoding = "cp1252"\ndelimiter = ";"\ndecimal = ","'
    return "hips.csv", TOML.format(file="hips.csv", dialect=dialect, columns=AS_PRINTED)


def workbook(folder: Path) -> tuple[str, str]:
    """Two rows of titles, two of headers with merged cells, one of units; numbers are numbers."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Hips"
    heads = [
        ["Daily hip stretching"],
        ["Royal National Hospital for Rheumatic Diseases"],
        ["person", "Group", "Side", "Flexion", None, "Rotation", None],
        [None, None, None, "before", "after", "before", "after"],
        [None, None, None, *["degrees"] * 4],
    ]
    for row in heads:
        sheet.append(row)
    for place in ("D3:E3", "F3:G3", "A3:A4", "B3:B4", "C3:C4", "A1:G1"):
        sheet.merge_cells(place)
    for hip in rows().to_dict("records"):
        readings = [float(hip[name]) for name in ("fbef", "faft", "rbef", "raft")]
        sheet.append([float(hip["person"]), hip["grp"], hip["side"], *readings])
    book.save(folder / "hips.xlsx")
    return "hips.xlsx", TOML.format(file="hips.xlsx", dialect=THREE_HEADS, columns=TWO_HEADERS)


def xls(folder: Path) -> tuple[str, str]:
    """The workbook above as Excel 97 keeps it."""
    shutil.copy(FIXTURES / "hips.xls", folder)
    return "hips.xls", TOML.format(file="hips.xls", dialect=THREE_HEADS, columns=TWO_HEADERS)


def ods(folder: Path) -> tuple[str, str]:
    """The workbook above as LibreOffice keeps it."""
    shutil.copy(FIXTURES / "hips.ods", folder)
    return "hips.ods", TOML.format(file="hips.ods", dialect=THREE_HEADS, columns=TWO_HEADERS)


def one_row_a_person(folder: Path) -> tuple[str, str]:
    wide = rows().pivot(index=["person", "grp"], columns="side", values=["fbef", "faft", "rbef", "raft"])
    wide.columns = [f"{name} {side[0].upper()}" for name, side in wide.columns]
    wide.reset_index().to_csv(folder / "people.csv", index=False)
    return "people.csv", TOML.format(file="people.csv", dialect="", columns=FOUR_A_MEASURE)


CODES = {"grp": {1.0: "treat", 2.0: "control"}, "side": {1.0: "left", 2.0: "right"}}


def coded() -> pd.DataFrame:
    """Codes for the words, as statistics programs keep them beside their labels."""
    table = rows()
    for name, labels in CODES.items():
        table[name] = table[name].map({label: code for code, label in labels.items()})
    return table.astype("float64")


def spss(folder: Path) -> tuple[str, str]:
    pyreadstat.write_sav(coded(), folder / "hips.sav", variable_value_labels=CODES)
    return "hips.sav", TOML.format(file="hips.sav", dialect="", columns=AS_PRINTED)


def spss_packed(folder: Path) -> tuple[str, str]:
    pyreadstat.write_sav(coded(), folder / "hips.zsav", variable_value_labels=CODES, compress=True)
    return "hips.zsav", TOML.format(file="hips.zsav", dialect="", columns=AS_PRINTED)


def stata(folder: Path) -> tuple[str, str]:
    """Stata labels whole numbers only."""
    whole = {name: {int(code): label for code, label in labels.items()} for name, labels in CODES.items()}
    pyreadstat.write_dta(coded().astype("int32"), folder / "hips.dta", variable_value_labels=whole)
    return "hips.dta", TOML.format(file="hips.dta", dialect="", columns=AS_PRINTED)


def sas(folder: Path) -> tuple[str, str]:
    shutil.copy(FIXTURES / "hips.sas7bdat", folder)
    return "hips.sas7bdat", TOML.format(file="hips.sas7bdat", dialect="", columns=AS_PRINTED)


def parquet(folder: Path) -> tuple[str, str]:
    """Numbers as numbers, words as categories."""
    table = rows().astype({"person": "int16", "rbef": "float32", "grp": "category", "side": "category"})
    table.to_parquet(folder / "hips.parquet")
    return "hips.parquet", TOML.format(file="hips.parquet", dialect="", columns=AS_PRINTED)


LAYOUTS = [
    cr_only, decimal_comma, workbook, xls, ods, one_row_a_person, spss, spss_packed, stata, sas, parquet,
]  # fmt: skip


def write_layout(layout, folder: Path) -> Path:
    """Write a study folder in one of the layouts."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(BATH / "protocol.toml", folder)
    _, toml = layout(folder)
    (folder / "study.toml").write_text(toml, encoding="utf-8")
    return folder
