"""The Bath trial written as clinics write their data: the same 78 hips in five kinds of file."""

import shutil
from pathlib import Path

import openpyxl
import pandas as pd
import pyreadstat

BATH = Path(__file__).parents[1] / "data/raw/bath-hips"
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
    dialect = "skip_rows = 2\nheader_rows = 2\nunits_row = true"
    return "hips.xlsx", TOML.format(file="hips.xlsx", dialect=dialect, columns=TWO_HEADERS)


def one_row_a_person(folder: Path) -> tuple[str, str]:
    wide = rows().pivot(index=["person", "grp"], columns="side", values=["fbef", "faft", "rbef", "raft"])
    wide.columns = [f"{name} {side[0].upper()}" for name, side in wide.columns]
    wide.reset_index().to_csv(folder / "people.csv", index=False)
    return "people.csv", TOML.format(file="people.csv", dialect="", columns=FOUR_A_MEASURE)


def spss(folder: Path) -> tuple[str, str]:
    """Codes with labels, as SPSS keeps words."""
    table = rows()
    codes = {"grp": {1.0: "treat", 2.0: "control"}, "side": {1.0: "left", 2.0: "right"}}
    for name, labels in codes.items():
        table[name] = table[name].map({label: code for code, label in labels.items()})
    pyreadstat.write_sav(table.astype("float64"), folder / "hips.sav", variable_value_labels=codes)
    return "hips.sav", TOML.format(file="hips.sav", dialect="", columns=AS_PRINTED)


LAYOUTS = [cr_only, decimal_comma, workbook, one_row_a_person, spss]


def write_layout(layout, folder: Path) -> Path:
    """Write a study folder in one of the layouts."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(BATH / "protocol.toml", folder)
    _, toml = layout(folder)
    (folder / "study.toml").write_text(toml, encoding="utf-8")
    return folder
