"""The demo gives the same tables to the byte in every kind of file that has a writer here."""

import gzip
import json
import zipfile

import pandas as pd
import pyreadstat
import pytest

from analysis import load


@pytest.fixture(scope="module")
def demo(repository):
    return repository / "data/raw/demo"


@pytest.fixture(scope="module")
def table(demo):
    return pd.read_csv(demo / "hips.csv", dtype="str", keep_default_na=False)


@pytest.fixture(scope="module")
def of_the_demo(demo):
    return tables(demo)


def tables(folder):
    """Both tables as bytes, but for the file and row that each line of them came from."""
    study = load(folder)
    return [
        t.drop(columns=["source_file", "source_row"]).to_parquet() for t in (study.assessments, study.interventions)
    ]


def typed(table):
    """Numbers as numbers and missing as missing, as workbooks and statistics programs keep them."""
    columns = {name: pd.to_numeric(table[name].replace("", None), errors="coerce") for name in table}
    plain = {name: table[name].replace("", None) for name in table}
    return pd.DataFrame(
        {name: columns[name] if columns[name].notna().equals(plain[name].notna()) else plain[name] for name in table}
    )


def tabbed(table, path):
    table.to_csv(path, sep="\t", index=False)


def packed(table, path):
    path.write_bytes(gzip.compress(table.to_csv(index=False).encode()))


def zipped(table, path):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("hips.csv", table.to_csv(index=False))


def workbook(table, path):
    typed(table).to_excel(path, index=False)


def parquet(table, path):
    typed(table).to_parquet(path)


def dataset_json(table, path):
    columns = [{"itemOID": name, "name": name, "label": name, "dataType": "string"} for name in table]
    head = {"datasetJSONVersion": "1.1.0", "records": len(table), "columns": columns}
    path.write_text(json.dumps({**head, "rows": table.values.tolist()}))


def short(table):
    """Names as SPSS, Stata and SAS allow them; the words stay."""
    return typed(table).rename(columns={name: f"v{n}" for n, name in enumerate(table)})


def spss(table, path):
    pyreadstat.write_sav(short(table), path)


def stata(table, path):
    pyreadstat.write_dta(short(table), path)


def transport(table, path):
    pyreadstat.write_xport(short(table), path, file_format_version=5)


def transport_8(table, path):
    pyreadstat.write_xport(short(table), path, file_format_version=8)


KINDS = [
    (tabbed, "hips.txt"), (packed, "hips.csv.gz"), (zipped, "hips.zip"), (workbook, "hips.xlsx"),
    (parquet, "hips.parquet"), (dataset_json, "hips.json"), (spss, "hips.sav"), (stata, "hips.dta"),
    (transport, "hips.xpt"), (transport_8, "hips.xpt"),
]  # fmt: skip


@pytest.mark.parametrize(("write", "name"), KINDS, ids=lambda part: getattr(part, "__name__", ""))
def test_the_demo_in_every_kind_gives_the_same_tables(write, name, demo, table, of_the_demo, tmp_path):
    write(table, tmp_path / name)
    toml = (demo / "study.toml").read_text().replace("hips.csv", name)
    if write in (spss, stata, transport, transport_8):
        for number, header in enumerate(table):
            toml = toml.replace(f'= "{header}"', f'= "v{number}"')
    (tmp_path / "study.toml").write_text(toml)
    assert tables(tmp_path) == of_the_demo
