"""Kinds of file that are read beside text, workbooks and Parquet, and what is said of those that are not."""

import gzip
import io
import json
import sys
import warnings
import zipfile

import numpy as np
import pandas as pd
import pyreadstat
import pytest

from analysis import load, read_study
from analysis.intake import readers, unpack
from analysis.intake.problems import Problems
from analysis.intake.readers import open_file, read_source
from analysis.intake.start import start_study
from analysis.intake.study_file import Source
from analysis.intake.unreadable import UnreadableFile
from bath_layouts import FIXTURES
from study_folders import HEADER, TIDY, found

IDS = {"ids": lambda part: part if isinstance(part, str) else ""}  # packed bytes hold the time
TABLE = (HEADER + "a,left,baseline,12.5\nb,right,baseline,13\n").encode()
TABBED = TABLE.replace(b",", b"\t")


def _zip(**members):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), content)
    return packed.getvalue()


def _study(folder, name, content):
    """A study of one file, which may be a table of an archive."""
    (folder / name.partition("/")[0]).write_bytes(content)
    (folder / "study.toml").write_text(TIDY.format(source="", columns="", more="").replace("visits.csv", name))
    return folder


def _sheet(folder, name, content, **settings):
    (folder / name).write_bytes(content)
    problems = Problems()
    sheet = read_source(folder, Source.model_validate({"file": name, **settings}), problems)
    said = [f"{item['rule']}: {item['message']}" for item in problems.table().to_dict("records")]
    return None if sheet is None else sheet.cells.astype("str").to_dict("list"), said


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("visits.txt", TABBED),
        ("visits.csv.gz", gzip.compress(TABLE)),
        ("visits.tsv.gz", gzip.compress(TABBED)),
        ("visits.zip", _zip(sent__visits_csv=TABLE, __MACOSX__sent__=b"", README_md=b"hello")),
        ("visits.zip", _zip(visits_txt=TABBED)),
    ],
    **IDS,
)
def test_text_by_tabs_and_packed_text_is_read(tmp_path, name, content):
    folder = _study(tmp_path, name, content)
    assert load(folder).assessments["hip_ir_deg"].tolist() == [12.5, 13]
    assert found(folder) == []


def test_faults_in_a_packed_table_name_the_file_and_the_row(tmp_path):
    folder = _study(tmp_path, "visits.csv.gz", gzip.compress(TABLE.replace(b"13", b"x")))
    assert found(folder) == [("error", "not_a_number", "visits.csv.gz", 3, "IR", "x")]


@pytest.mark.parametrize(
    ("name", "content", "rule", "words"),
    [
        (
            "visits.zip",
            _zip(a_csv=TABLE, b_csv=TABLE),
            "file_kind",
            'the archive holds 2 tables; name one as `file`: "visits.zip/a.csv", "visits.zip/b.csv"',
        ),
        ("visits.zip", _zip(a_zip=b"PK"), "file_kind", "an archive within an archive is not opened; unpack the outer"),
        ("visits.zip/a.zip", _zip(a_zip=b"PK"), "file_kind", "an archive within an archive is not opened"),
        ("visits.zip/a.zip/b.csv", _zip(a_zip=b"PK"), "file_kind", "an archive within an archive is not opened"),
        ("visits.zip/a.csv.gz", _zip(a_csv_gz=b"PK"), "file_kind", "an archive within an archive is not opened"),
        (
            "visits.zip/c.csv",
            _zip(a_csv=TABLE, x__b_csv=TABLE),
            "file_missing",
            'no such table in the archive; it holds "visits.zip/a.csv", "visits.zip/x/b.csv"',
        ),
        ("visits.zip/b.csv", _zip(a_csv=TABLE, x__b_csv=TABLE), "file_missing", "no such table in the archive"),
        ("visits.zip/a.pdf", _zip(a_csv=TABLE, a_pdf=b""), "file_kind", "ask for the table as it was before"),
        ("visits.zip", _zip(a_pdf=TABLE), "file_kind", "the archive holds no table"),
        ("visits.zip", b"PK\3\4 cut", "file_broken", "not a whole archive"),
        ("visits.csv.gz", gzip.compress(TABLE)[:-9], "file_broken", "not a whole archive"),
        ("visits.csv.gz", TABLE, "file_broken", "not a whole archive"),
        ("visits.numbers", b"", "file_kind", "in Numbers choose File, Export To, Excel"),
        ("visits.accdb", b"", "file_kind", "in Access choose External Data, Export, Excel"),
        ("visits.pdf", b"", "file_kind", "ask for the table as it was before"),
        ("visits.odd", b"", "file_kind", "save it as one of .csv, .tsv, .txt"),
        ("visits.odd.gz", b"", "file_kind", "save it as one of .csv, .tsv, .txt"),
        ("visits.json", b'{"a": 1}', "file_kind", "neither CDISC Dataset-JSON 1.1"),
        ("visits.json", b'{"a": ', "file_broken", "not a whole file"),
        ("visits.json", b'{"a": 1.0e999999999}', "file_broken", "not a whole file"),
        ("visits.omv", b"PK", "file_broken", "not a whole file"),
        ("visits.rds", b"hello", "file_broken", "not a whole file"),
        ("visits.rds", gzip.compress(b"hello")[:-9], "file_broken", "not a whole file"),
        ("visits.por", b"hello", "file_broken", "not a whole file"),
    ],
    **IDS,
)
def test_what_cannot_be_read_is_said_with_what_to_do(tmp_path, name, content, rule, words):
    (error,) = read_study(_study(tmp_path, name, content)).errors.to_dict("records")
    assert (error["rule"], error["file"]) == (rule, name)
    assert words in error["message"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("visits.csv.gz", gzip.compress(bytes(2_000_000))),
        ("visits.zip", _zip(visits_csv=bytes(2_000_000))),
        ("visits.rds", gzip.compress(bytes(2_000_000))),
    ],
    **IDS,
)
def test_what_unpacks_to_far_more_than_a_table_is_not_opened(tmp_path, monkeypatch, name, content):
    """A small limit stands for the true one."""
    monkeypatch.setattr(unpack, "_ALWAYS_ALLOWED", 1_000_000)
    (tmp_path / name).write_bytes(content)
    problems = Problems()
    assert read_source(tmp_path, Source(file=name), problems) is None
    assert problems.table()["rule"].tolist() == ["unpacks_too_large"]


@pytest.mark.parametrize("table", ["", "/b.csv"])
def test_an_archive_with_a_password_is_refused(tmp_path, table):
    locked = bytearray(_zip(b_csv=TABLE))
    directory = locked.index(b"PK\1\2")
    locked[directory + 8] |= 1
    (tmp_path / "a.zip").write_bytes(locked)
    with pytest.raises(UnreadableFile, match="the archive has a password"):
        open_file(tmp_path / f"a.zip{table}")


SEVERAL = {"visits_csv": TABLE, "more__later_csv": TABLE.replace(b"baseline", b"post").replace(b"12.5", b"x")}


def _of_several(folder, **members):
    (folder / "sent.zip").write_bytes(_zip(**(members or SEVERAL)))
    one = TIDY.format(source="", columns="", more="")
    two = one[one.index("[[source]]") :]
    toml = (
        one.replace("visits.csv", "sent.zip/visits.csv") + "\n" + two.replace("visits.csv", "sent.zip/more/later.csv")
    )
    (folder / "study.toml").write_text(toml)
    return folder


def test_tables_of_an_archive_are_read_by_their_names(tmp_path):
    folder = _of_several(tmp_path)
    assert found(folder) == [("error", "not_a_number", "sent.zip/more/later.csv", 2, "IR", "x")]
    visits = read_study(folder).assessments
    assert visits["timepoint"].astype("str").tolist() == ["baseline", "baseline", "post"]
    assert set(visits["source_file"]) == {"sent.zip/visits.csv", "sent.zip/more/later.csv"}


def test_a_changed_table_of_an_archive_changes_the_fingerprint(tmp_path):
    before = read_study(_of_several(tmp_path)).fingerprint
    assert read_study(tmp_path).fingerprint == before
    _of_several(tmp_path, **SEVERAL | {"visits_csv": TABLE + b"c,left,baseline,9\n"})
    assert read_study(tmp_path).fingerprint != before


def test_two_tables_of_one_name_are_not_guessed(tmp_path):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive, warnings.catch_warnings(action="ignore"):
        for content in (TABLE, TABLE[:40], TABLE):
            archive.writestr("visits.csv", content)
    (error,) = read_study(_study(tmp_path, "a.zip/visits.csv", packed.getvalue())).errors.to_dict("records")
    assert "two tables of this name" in error["message"]


def test_a_large_table_that_is_not_wanted_is_a_danger_too(tmp_path, monkeypatch):
    monkeypatch.setattr(unpack, "_ALWAYS_ALLOWED", 1_000_000)
    folder = _study(tmp_path, "a.zip/visits.csv", _zip(visits_csv=TABLE, other_csv=bytes(2_000_000)))
    assert [rule for _, rule, *_ in found(folder)] == ["unpacks_too_large"]


def test_init_drafts_each_table_of_an_archive(tmp_path):
    sent = tmp_path / "export.zip"
    later = TABLE.replace(b"baseline", b"post")
    slashed = _zip(visits_csv=TABLE, notes_txt=b'"Thank you', list_csv=b"Room,Key\n3,7\n", x__later_csv=later)
    sent.write_bytes(slashed.replace(b"x/later.csv", b"x\\later.csv"))  # as some programs of Windows write it
    text = start_study([sent], tmp_path / "study").read_text()
    assert 'name = "export"' in text
    assert [line for line in text.splitlines() if line.startswith("file")] == [
        'file = "export.zip/visits.csv"', 'file = "export.zip/x/later.csv"']  # fmt: skip
    assert '# ? tables in which no patients were recognised, so not used: "export.zip/list.csv"' in text
    assert '# ? not read, as they are no tables: "export.zip/notes.txt"' in text
    assert len(load(tmp_path / "study").assessments) == 4


def test_init_takes_the_dictionary_in_an_archive(tmp_path):
    head = 'Variable / Field Name,Form Name,Field Type,Field Label,"Choices, Calculations, OR Slider Labels"\n'
    fields = (
        'record_id,a,text,Record,\nhip,a,radio,Side,"1, Left | 2, Right"\nwhen,a,text,Timepoint,\nir,a,text,Hip IR,\n'
    )
    table = b"record_id,hip,when,ir\na,1,baseline,12\nb,2,baseline,13\n"
    (tmp_path / "a.zip").write_bytes(_zip(dict_csv=(head + fields).encode(), table_csv=table))
    text = start_study([tmp_path / "a.zip"], tmp_path / "study").read_text()
    assert 'left = ["1"]' in text
    assert 'taken from "dict.csv"' in text


def test_every_kind_that_is_refused_has_one_sentence_and_is_not_read():
    for kind in ("numbers", "sqlite", "jasp", "pkl", "docx"):
        assert f".{kind}" not in readers.READERS
        assert readers._advice(f".{kind}").startswith(f"a file of the kind .{kind} cannot be read; ")


def test_names_that_were_cut_to_the_same_8_letters_are_an_error(tmp_path):
    """As other programs cut them: the library itself refuses to write such a file."""
    frame = pd.DataFrame({"ID": ["a"], "IR_LEFT1": [12.0], "IR_LEFT2": [18.0]})
    pyreadstat.write_xport(frame, tmp_path / "whole.xpt", file_format_version=5)
    content = (tmp_path / "whole.xpt").read_bytes().replace(b"IR_LEFT2", b"IR_LEFT1")
    columns = {"patient_id": "ID", "hip_ir_deg": "IR_LEFT1"}
    (tmp_path / "a.xpt").write_bytes(content)
    source = {"file": "a.xpt", "columns": columns}
    sheet = read_source(tmp_path, Source.model_validate(source), Problems())
    assert sheet.repeated == ("IR_LEFT1",)
    two = content + content[240:]
    assert _sheet(tmp_path, "b.xpt", two)[1] == [
        "file_kind: the file holds 2 tables; save the one that is wanted in a file of its own"
    ]


def test_what_r_keeps_is_read_as_r_shows_it(tmp_path):
    """Written by R 4.2.2 and haven 2.5.1: `tests/data/writers/kinds.R`."""
    content = (FIXTURES.parent / "writers/kinds-r.rds").read_bytes()
    cells, said = _sheet(tmp_path, "kinds.rds", content)
    assert cells == {
        "row.names": ["p1", "p2", "p3"],
        "ID": ["001", "Zoë", ""],
        "Side": ["left", "right", ""],
        "Day": ["2024-03-02", "", "2024-07-04"],
        "IR": ["12.5", "", "14"],
        "n": ["1", "", "3"],
        "ok": ["true", "", "false"],
        "at": ["2024-03-02 05:05:00-05:00", "", "2024-07-04 06:05:00-04:00"],
        "Lab": ["left", "right", "9"],
        "seq": ["1", "2", "3"],
    }
    assert said == ["column_kind: a column of type vec cannot be read; it was left out"]
    assert _sheet(tmp_path, "kinds.rds", content, labels=False)[0]["Lab"] == ["1", "2", "9"]


def test_a_file_of_r_with_two_tables_is_refused(tmp_path):
    content = (FIXTURES.parent / "writers/two-r.rda").read_bytes()
    assert _sheet(tmp_path, "two.rda", content)[1] == [
        "file_kind: the file holds 2 data frames; in R save the one that is wanted by saveRDS"
    ]


def test_without_its_package_a_file_of_r_says_how_to_install_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "rdata.parser", None)
    (said,) = _sheet(tmp_path, "a.rds", b"X\n")[1]
    assert "pip install 'capsule-outcomes[r]'" in said


FIELDS = [
    {"name": "Filter 1", "columnType": "Filter", "type": "integer", "active": True},
    {"name": "ID", "columnType": "Data", "type": "string"},
    {"name": "Hip", "columnType": "Data", "type": "integer"},
    {"name": "IR", "columnType": "Data", "type": "number", "missingValues": ["== 999"]},
    {"name": "n", "columnType": "Data", "type": "integer", "missingValues": ["== '-9'"]},
]
MISSING = -(2**31)


def _jamovi(**changed):
    columns = [np.array([1, 1, 0], "<i4"), np.array([0, 4, MISSING], "<i4"), np.array([0, 1, MISSING], "<i4")]
    columns += [np.array([12.5, 999, np.nan], "<f8"), np.array([3, -9, MISSING], "<i4")]
    parts = {
        "metadata_json": json.dumps({"dataSet": {"rowCount": 3, "columnCount": 5, "fields": FIELDS}}),
        "xdata_json": json.dumps({"Hip": {"labels": [[0, "left", "left", False], [1, "right", "right", False]]}}),
        "data_bin": b"".join(column.tobytes() for column in columns),
        "strings_bin": b"001\0Zo\xc3\xab\0",
        "index_html": b"<html>",
    }
    return _zip(**(parts | changed))


def test_a_jamovi_file_is_read_with_its_words(tmp_path):
    cells, said = _sheet(tmp_path, "a.omv", _jamovi())
    assert cells == {
        "ID": ["001", "Zoë", ""],
        "Hip": ["left", "right", ""],
        "IR": ["12.5", "", ""],
        "n": ["3", "", ""],
    }
    assert [each.partition(":")[0] for each in said] == ["hidden_rows"]


@pytest.mark.parametrize(
    "changed", [{"data_bin": b"cut"}, {"metadata_json": "[]"}, {"strings_bin": b""}, {"xdata_json": '{"Hip": 1}'}]
)
def test_a_jamovi_file_that_is_cut_is_refused(tmp_path, changed):
    assert _sheet(tmp_path, "a.omv", _jamovi(**changed))[1][0].startswith("file_broken")


COLUMNS = [
    {"itemOID": "IT.ID", "name": "ID", "label": "Patient", "dataType": "string"},
    {"itemOID": "IT.IR", "name": "IR", "label": "Rotation", "dataType": "decimal"},
]
HEAD = {"datasetJSONVersion": "1.1.0", "records": 2, "name": "VS", "label": "Visits", "columns": COLUMNS}


@pytest.mark.parametrize("name", ["a.json", "a.ndjson"])
def test_dataset_json_is_read_with_numbers_as_they_are_written(tmp_path, name):
    rows = '[["001", 12.30], ["b", null]]'
    text = json.dumps(HEAD)[:-1] + f', "rows": {rows}}}'
    lines = json.dumps(HEAD) + '\n["001", 12.30]\n["b", null]\n'
    cells, said = _sheet(tmp_path, name, (text if name == "a.json" else lines).encode())
    assert (cells, said) == ({"ID": ["001", "b"], "IR": ["12.30", ""]}, [])


@pytest.mark.parametrize("rows", [[["a", 1]], [["a", 1], ["b"]], [["a", 1], 3]])
def test_dataset_json_with_other_rows_than_its_head_says_is_refused(tmp_path, rows):
    content = json.dumps({**HEAD, "rows": rows}).encode()
    (said,) = _sheet(tmp_path, "a.json", content)[1]
    assert said.startswith("file_broken: the rows are not as many, or not as long")
