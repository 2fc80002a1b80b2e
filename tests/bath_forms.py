"""The Bath trial as form tools, registries and packers write it: the same 78 hips, where each keeps them."""

import gzip
import json
import shutil
import zipfile
from pathlib import Path

import openpyxl
import pandas as pd

from bath_layouts import AS_PRINTED, FIXTURES, TOML, rows

READINGS = {"fbef": ("flexion", 0), "faft": ("flexion", 1), "rbef": ("rotation", 0), "raft": ("rotation", 1)}
# Two rows a hip, one a visit, as forms that are filled at each visit give them.
LONG = """side = "side"
timepoint = "visit"
arm = "grp"
hip_flexion_deg = "flexion"
hip_rotation_deg = "rotation"
[source.values.timepoint]
baseline = ["before"]
post = ["after"]
"""


def visits() -> pd.DataFrame:
    """One row a hip and visit."""
    table = rows()
    parts = [
        table[["person", "grp", "side"]].assign(
            visit=visit, **{name: table[c] for c, (name, when) in READINGS.items() if when == n}
        )
        for n, visit in enumerate(("before", "after"))
    ]
    return pd.concat(parts)


def tabs(folder: Path) -> tuple[str, str]:
    rows().to_csv(folder / "hips.txt", sep="\t", index=False)
    return "hips.txt", TOML.format(file="hips.txt", dialect="", columns=AS_PRINTED)


def packed(folder: Path) -> tuple[str, str]:
    (folder / "hips.csv.gz").write_bytes(gzip.compress(rows().to_csv(index=False).encode()))
    return "hips.csv.gz", TOML.format(file="hips.csv.gz", dialect="", columns=AS_PRINTED)


def zipped(folder: Path) -> tuple[str, str]:
    with zipfile.ZipFile(folder / "hips.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("export/hips.csv", rows().to_csv(index=False))
    return "hips.zip", TOML.format(file="hips.zip", dialect="", columns=AS_PRINTED)


def _dataset() -> tuple[dict, list]:
    table = rows().astype(dict.fromkeys((*READINGS, "person"), "int64"))
    columns = [
        {"itemOID": f"IT.{name}", "name": name, "label": name, "dataType": "integer" if kind == "int64" else "string"}
        for name, kind in table.dtypes.astype("object").items()
    ]
    head = {"datasetJSONCreationDateTime": "2026-03-02T10:00:00", "datasetJSONVersion": "1.1.0", "name": "HIPS",
            "itemGroupOID": "IG.HIPS", "records": len(table), "label": "Hips", "columns": columns}  # fmt: skip
    return head, json.loads(table.to_json(orient="values"))


def dataset_json(folder: Path) -> tuple[str, str]:
    head, records = _dataset()
    (folder / "hips.json").write_text(json.dumps({**head, "rows": records}))
    return "hips.json", TOML.format(file="hips.json", dialect="", columns=AS_PRINTED)


def dataset_ndjson(folder: Path) -> tuple[str, str]:
    head, records = _dataset()
    (folder / "hips.ndjson").write_text("\n".join(map(json.dumps, [head, *records])) + "\n")
    return "hips.ndjson", TOML.format(file="hips.ndjson", dialect="", columns=AS_PRINTED)


def odm(folder: Path) -> tuple[str, str]:
    """As odmlib writes it: a visit is an event, a hip a turn of a group that repeats, the arm stands once a form."""
    shutil.copy(FIXTURES / "hips-odmlib.xml", folder / "hips.xml")
    columns = LONG.replace('"visit"', '"StudyEventOID"').replace('"before"', '"SE.BEFORE"')
    columns = columns.replace('"after"', '"SE.AFTER"').replace('"side"', '"IT.SIDE"').replace('"grp"', '"IT.ARM"')
    columns = columns.replace('"flexion"', '"IT.FLEX"').replace('"rotation"', '"IT.ROT"')
    toml = TOML.format(file="hips.xml", dialect="", columns=columns).replace('"person"', '"SubjectKey"')
    return "hips.xml", toml


def fhir(folder: Path) -> tuple[str, str]:
    """As fhir.resources writes it: one measure an Observation, one a component; arms are told in a list of people."""
    shutil.copy(FIXTURES / "hips-fhir.ndjson", folder / "hips.ndjson")
    rows()[["person", "grp"]].drop_duplicates().to_csv(folder / "arms.csv", index=False)
    columns = LONG.replace('arm = "grp"\n', "").replace('"visit"', '"encounter_display"')
    columns = columns.replace('"flexion"', '"FLEX"').replace('"rotation"', '"ROT"')
    toml = TOML.format(file="hips.ndjson", dialect="", columns=columns).replace('"person"', '"subject"')
    toml = toml.split("[source.values.arm]")[0]
    people = '[[source]]\nfile = "arms.csv"\n[source.columns]\npatient_id = "person"\narm = "grp"\n'
    return "hips.ndjson", f'{toml}{people}[source.values.arm]\ntreatment = ["treat"]\n'


def google(folder: Path) -> tuple[str, str]:
    """A form sent for every hip at every visit."""
    named = {"person": "Who?", "grp": "Which arm?", "side": "Which hip?", "visit": "When?",
             "flexion": "Hip flexion (degrees)", "rotation": "Hip rotation (degrees)"}  # fmt: skip
    sent = visits().rename(columns=named)
    sent.insert(0, "Timestamp", "2026/03/02 9:10:05 am GMT+1")
    sent.to_csv(folder / "responses.csv", index=False)
    columns = LONG
    for ours, question in named.items():
        columns = columns.replace(f'= "{ours}"', f'= "{question}"')
    toml = TOML.format(file="responses.csv", dialect="", columns=columns).replace('"person"', '"Who?"')
    return "responses.csv", toml


def microsoft(folder: Path) -> tuple[str, str]:
    """The same as Microsoft Forms keeps it: a workbook whose ID numbers the answers."""
    sent = visits().rename(columns={"side": "Which hip?"})
    sent.insert(0, "ID", range(1, len(sent) + 1))
    sent.insert(1, "Email", "anonymous")
    sent.to_excel(folder / "responses.xlsx", sheet_name="Sheet1", index=False)
    columns = LONG.replace('"side"', '"Which hip?"')
    return "responses.xlsx", TOML.format(file="responses.xlsx", dialect="", columns=columns)


def qualtrics(folder: Path) -> tuple[str, str]:
    """Names, question texts and the ids for an import stand above the answers."""
    table = rows()
    head = [list(table), [f"Please enter {name}" for name in table],
            [json.dumps({"ImportId": f"QID{n}"}) for n in range(len(table.columns))]]  # fmt: skip
    pd.DataFrame([*head, *table.values.tolist()]).to_csv(folder / "survey.csv", index=False, header=False)
    return "survey.csv", TOML.format(file="survey.csv", dialect="rows_below_header = 2", columns=AS_PRINTED)


def _form() -> tuple[pd.DataFrame, pd.DataFrame]:
    """People, and their hips in another order, each with the key of its own."""
    table = rows()
    people = table[["person", "grp"]].drop_duplicates()[::-1].reset_index(drop=True)
    hips = table.merge(people.assign(parent=people.index + 1), on=["person", "grp"])
    return people, hips.sort_values("fbef")


def kobo(folder: Path) -> tuple[str, str]:
    """Hips are a repeated part, in a sheet of its own that names the submission by its number."""
    people, hips = _form()
    book = openpyxl.Workbook()
    book.active.title = "Bath"
    sheets = {"Bath": people.assign(_index=people.index + 1),
              "hips": hips[["side", *READINGS]].assign(_index=range(1, 79), _parent_table_name="Bath",
                                                       _parent_index=hips["parent"])}  # fmt: skip
    for name, table in sheets.items():
        page = book[name] if name in book else book.create_sheet(name)
        for row in [list(table), *table.values.tolist()]:
            page.append(row)
    book.save(folder / "kobo.xlsx")
    dialect = 'sheet = "hips"\nparent = { sheet = "Bath", key = "_index", named_by = "_parent_index" }'
    return "kobo.xlsx", TOML.format(file="kobo.xlsx", dialect=dialect, columns=AS_PRINTED)


def odk(folder: Path) -> tuple[str, str]:
    """The same as ODK Central writes it: two files, and keys of letters."""
    people, hips = _form()
    people.assign(KEY=[f"uuid:{n + 1}" for n in people.index]).to_csv(folder / "bath.csv", index=False)
    own = [f"uuid:{parent}/hips[{n}]" for n, parent in enumerate(hips["parent"], start=1)]
    keys = {"PARENT_KEY": [f"uuid:{parent}" for parent in hips["parent"]], "KEY": own}
    hips[["side", *READINGS]].assign(**keys).to_csv(folder / "bath-hips.csv", index=False)
    dialect = 'parent = { file = "bath.csv", key = "KEY", named_by = "PARENT_KEY" }'
    return "bath-hips.csv", TOML.format(file="bath-hips.csv", dialect=dialect, columns=AS_PRINTED)


def redcap(folder: Path) -> tuple[str, str]:
    """Raw codes: who it is in one row, each hip in a turn of the form that repeats."""
    table = rows()
    codes = {"side": {"left": "1", "right": "2"}, "grp": {"treat": "1", "control": "2"}}
    table = table.assign(**{name: table[name].map(meaning) for name, meaning in codes.items()})
    people = table[["person", "grp"]].drop_duplicates()
    hips = table.drop(columns="grp").assign(redcap_repeat_instrument="hips")
    pd.concat([people, hips]).to_csv(folder / "export.csv", index=False)
    columns = AS_PRINTED.replace('arm = "grp"\n', "") + '[source.values.side]\nleft = ["1"]\nright = ["2"]\n'
    columns += '[source.where]\nredcap_repeat_instrument = ["hips"]\n'
    toml = TOML.format(file="export.csv", dialect="", columns=columns).split("[source.values.arm]")[0]
    people_toml = '[[source]]\nfile = "export.csv"\n[source.columns]\npatient_id = "person"\narm = "grp"\n'
    people_toml += '[source.where]\nredcap_repeat_instrument = [""]\n'
    return "export.csv", f'{toml}{people_toml}[source.values.arm]\ntreatment = ["1"]\ncontrol = ["2"]\n'


FORMS = [
    tabs, packed, zipped, dataset_json, dataset_ndjson, odm, fhir, google, microsoft, qualtrics, kobo, odk, redcap,
]  # fmt: skip
