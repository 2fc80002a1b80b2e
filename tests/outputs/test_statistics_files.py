"""Analysis data as files of other programs, read back by their readers: the same table, or an error that says what."""

import json
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pyreadstat
import pytest
from jsonschema import Draft202012Validator

from analysis.intake import load
from analysis.outputs.analysis_data import analysis_data
from analysis.outputs.dataset import Dataset, Variable
from analysis.outputs.dataset_json import dataset_json
from analysis.outputs.export import ANALYSIS_FORMATS, export
from analysis.outputs.statistics_files import spss_file, stata_file, xport_file
from analysis.report import open_report
from analysis.simulate import CohortParameters, simulate
from analysis.simulate import write_study as write_cohort
from tests_support import ROOT, small_study


@pytest.fixture(scope="module")
def cohort(tmp_path_factory):
    folder = tmp_path_factory.mktemp("forty")
    write_cohort(simulate(40, 3, CohortParameters(reread_share=0.3)), folder, "Forty people")
    return analysis_data(open_report(folder, internal=True))


@pytest.fixture(scope="module")
def trial():
    return analysis_data(open_report(ROOT / "data/raw/bath-hips", internal=True))


def few(**changes):
    rows = pd.DataFrame({
        "STUDYID": pd.Series(["s", "s"], dtype="object"),
        "ID": pd.Series(["01", "NA"], dtype="object"),
        "SIDE": [1.0, np.nan],
        "DAY": pd.Series([date(1959, 12, 31), None], dtype="object"),
        "X": [-0.1, np.nan],
    })  # fmt: skip
    variables = [
        Variable("STUDYID", "Study", key=1),
        Variable("ID", "Person", key=2),
        Variable("SIDE", "Side", "whole", values={1: "LEFT", 2: "RIGHT"}),
        Variable("DAY", "Day", "date"),
        Variable("X", "Reading", "number"),
    ]
    return replace(Dataset("FEW", "Few rows", variables, rows), **changes)


def as_read_back(dataset):
    """What these files hold of it: missing text is empty, a number is a float."""
    return dataset.rows.assign(
        **{each.name: dataset.rows[each.name].fillna("") for each in dataset.variables if each.kind == "text"}
    )


def by_pyreadstat(kind, content, folder):
    file = folder / f"file.{kind}"
    file.write_bytes(content)
    reader = {"xpt": "read_xport", "sav": "read_sav", "dta": "read_dta"}[kind]
    return getattr(pyreadstat, reader)(file)


def by_pandas(kind, folder):
    """Read with pandas, which gives days of SAS as their numbers, days of Stata as moments, and a 0 of SAS as 5e-79."""
    file = folder / f"file.{kind}"
    if kind == "xpt":
        return pd.read_sas(file, format="xport", encoding="ascii").replace(2.0**-260, 0.0)
    if kind == "dta":
        return pd.read_stata(file, convert_categoricals=False)
    return pd.read_spss(file, convert_categoricals=False)


def plain(table, dataset):
    """Bring days to dates, whichever way a reader gives them."""
    days = {}
    for each in dataset.variables:
        if each.kind == "date":
            column = table[each.name]
            if pd.api.types.is_numeric_dtype(column):
                column = pd.Timestamp("1960-01-01") + pd.to_timedelta(column, unit="D")
            days[each.name] = [None if pd.isna(day) else pd.Timestamp(day).date() for day in column]
    return table.assign(**{name: pd.Series(values, dtype="object") for name, values in days.items()})


@pytest.mark.parametrize("kind", ["xpt", "sav", "dta"])
@pytest.mark.parametrize("which", ["cohort", "trial", "few"])
def test_two_readers_give_the_same_table(kind, which, request, tmp_path):
    dataset = few() if which == "few" else request.getfixturevalue(which)
    read, about = by_pyreadstat(kind, ANALYSIS_FORMATS[kind](dataset), tmp_path)
    for table in (read, by_pandas(kind, tmp_path)):
        assert list(table) == [each.name for each in dataset.variables]
        pd.testing.assert_frame_equal(
            plain(table, dataset), as_read_back(dataset), check_dtype=False, check_exact=True, check_column_type=False
        )
    assert about.column_labels == [each.label for each in dataset.variables]
    assert (about.file_label, about.table_name or dataset.name) == (dataset.label, dataset.name)


@pytest.mark.parametrize("kind", ["sav", "dta"])
def test_numbers_say_what_they_stand_for(kind, cohort, tmp_path):
    _, about = by_pyreadstat(kind, ANALYSIS_FORMATS[kind](cohort), tmp_path)
    labels = about.variable_value_labels
    assert labels["LATN"] == {1: "LEFT", 2: "RIGHT"}
    assert labels["AVISITN"] == {-1: "intake", 0: "baseline", 1: "reread", 2: "post", 3: "followup"}
    assert labels["CRIT1FN"] == {0: "N", 1: "Y"}
    rows = cohort.rows.drop_duplicates("PARAMN")
    assert labels["PARAMN"] == dict(zip(rows["PARAMN"], rows["PARAM"], strict=True))
    if kind == "dta":
        sides = pd.read_stata(tmp_path / "file.dta")["LATN"]
        assert sides.astype("object").tolist() == cohort.rows["LAT"].tolist()


def test_stata_of_every_edition_reads_the_file(cohort):
    assert stata_file(cohort).startswith(b"<stata_dta><header><release>118</release>")


@pytest.mark.parametrize("kind", list(ANALYSIS_FORMATS))
def test_the_same_data_give_the_same_bytes_at_any_hour(kind):
    content = ANALYSIS_FORMATS[kind](few())
    assert ANALYSIS_FORMATS[kind](few()) == content
    assert str(date.today().year).encode() not in content
    assert f"{date.today():%d%b%y}".upper().encode() not in content


# The parts of the schema of Dataset-JSON 1.1 that a dataset with rows must meet.
SCHEMA = {
    "type": "object",
    "required": ["datasetJSONCreationDateTime", "datasetJSONVersion", "itemGroupOID", "records", "name", "label",
                 "columns"],
    "properties": {
        "datasetJSONVersion": {"pattern": r"^1\.1(\.(0|[1-9]\d*))?$"},
        "records": {"type": "integer", "minimum": 0},
        "columns": {"items": {
            "required": ["itemOID", "name", "label", "dataType"],
            "additionalProperties": False,
            "properties": {
                "itemOID": {"type": "string"}, "name": {"type": "string"}, "label": {"type": "string"},
                "dataType": {"enum": ["string", "integer", "decimal", "float", "double", "boolean", "datetime", "date",
                                      "time", "URI"]},
                "targetDataType": {"enum": ["integer", "decimal"]},
                "length": {"type": "integer", "minimum": 1},
                "displayFormat": {"type": "string"},
                "keySequence": {"type": "integer", "minimum": 1},
            },
        }},
        "rows": {"items": {"type": "array", "items": {"type": ["string", "number", "boolean", "null"]}}},
    },
}  # fmt: skip


def test_dataset_json_is_as_its_specification_says(cohort):
    document = json.loads(dataset_json(cohort))
    Draft202012Validator(SCHEMA).validate(document)
    assert document["records"] == len(document["rows"]) == len(cohort.rows)
    assert len({column["itemOID"] for column in document["columns"]}) == len(document["columns"])
    table = pd.DataFrame(document["rows"], columns=[column["name"] for column in document["columns"]])
    dated = cohort.rows.assign(ADT=[day and day.isoformat() for day in cohort.rows["ADT"]])
    pd.testing.assert_frame_equal(table.astype("object"), dated.astype("object").where(dated.notna(), None),
                                  check_dtype=False, check_exact=True, check_column_type=False)  # fmt: skip
    kinds = {column["name"]: column["dataType"] for column in document["columns"]}
    assert [kinds[name] for name in ("AVAL", "AVISITN", "ADT", "PARAM")] == ["double", "integer", "date", "string"]
    assert type(document["rows"][0][list(kinds).index("AVISITN")]) is int


READ_BACK = """
name = "Read back"
synthetic = true
admission = "none"
[[source]]
file = "adbds.{kind}"
[source.where]
PARAMCD = ["HIPIR"]
[source.columns]
patient_id = "SUBJID"
clinic_id = "SITEID"
side = "LAT"
episode = "EPISODE"
timepoint = "AVISIT"
date = "ADT"
hip_ir_deg = "AVAL"
device = "DEVICE"
[source.values.side]
left = ["LEFT"]
right = ["RIGHT"]
"""


@pytest.mark.parametrize("kind", list(ANALYSIS_FORMATS))
def test_our_own_intake_reads_what_was_exported(kind, tmp_path):
    study = tmp_path / "study"
    write_cohort(simulate(40, 3, CohortParameters()), study, "Forty people")
    report = open_report(study, internal=True)
    export(report, tmp_path / "out", [kind])
    (tmp_path / "out/study.toml").write_text(READ_BACK.format(kind=kind))
    again = load(tmp_path / "out").assessments
    own = report._study.assessments
    keys = ["patient_id", "side", "episode", "timepoint"]
    wanted = [*keys, "clinic_id", "hip_ir_deg", "device", "date"]
    own, again = (table.loc[table["hip_ir_deg"].notna(), wanted].set_index(keys).sort_index() for table in (own, again))
    assert len(own) > 250
    pd.testing.assert_frame_equal(own, again)


def renamed(name):
    variables = [*few().variables[:-1], Variable(name, "Reading", "number")]
    return few(variables=variables, rows=few().rows.rename(columns={"X": name}))


def with_text(text):
    return few(rows=few().rows.assign(ID=[text, "b"]))


@pytest.mark.parametrize(
    ("dataset", "fault"),
    [
        (renamed("STRAIGHTLEG"), "the name STRAIGHTLEG is no 8 capital letters"),
        (renamed("1X"), "the name 1X is no 8 capital letters"),
        (few(label="x" * 41), "the label of FEW has 41 bytes of at most 40"),
        (
            few(variables=[*few().variables[:-1], Variable("X", "Größe", "number")]),
            "the label of X is not in plain ASCII",
        ),
        (few(variables=[*few().variables[:-1], Variable("ID", "Again")]), "2 variables are named ID"),
        (with_text("y" * 201), r"text of ID is too long in 1 rows \(at most 200 bytes\)"),
        (with_text("Zürich"), "text of ID is not in plain ASCII in 1 rows"),
        (with_text("a "), "text of ID ends in a blank in 1 rows"),
        (with_text("a\x00b"), "text of ID holds a mark that is no letter in 1 rows"),
    ],
)
def test_what_a_transport_file_cannot_hold_is_said_and_never_cut(dataset, fault):
    with pytest.raises(ValueError, match=fault):
        xport_file(dataset)


def test_what_just_fits_is_written_whole(tmp_path):
    dataset = with_text("y" * 200)
    dataset = replace(dataset, variables=[*dataset.variables[:-1], Variable("X", "z" * 40, "number")])
    read, about = by_pyreadstat("xpt", xport_file(dataset), tmp_path)
    assert (read["ID"].tolist(), about.column_labels[-1]) == (["y" * 200, "b"], "z" * 40)


def test_a_fault_names_no_value_of_a_person():
    with pytest.raises(ValueError, match="ID") as caught:
        xport_file(with_text("Müller, Jörg"))
    assert "ller" not in str(caught.value)


def test_other_letters_are_kept_where_the_file_says_how_it_writes_them(tmp_path):
    for kind, write in (("sav", spss_file), ("dta", stata_file)):
        read, _ = by_pyreadstat(kind, write(with_text("Zürich 東京")), tmp_path)
        assert read["ID"].tolist() == ["Zürich 東京", "b"]
        assert by_pandas(kind, tmp_path)["ID"].tolist() == ["Zürich 東京", "b"]
    with pytest.raises(ValueError, match="ends in a blank"):
        spss_file(with_text("a "))
    with pytest.raises(ValueError, match=r"a value label of SIDE has 121 bytes of at most 120"):
        spss_file(few(variables=[*few().variables[:-1], Variable("SIDE", "Side", "whole", values={1: "v" * 121})]))
    with pytest.raises(ValueError, match="the label of X has 81 bytes of at most 80"):
        stata_file(few(variables=[*few().variables[:-1], Variable("X", "x" * 81, "number")]))


def test_only_the_owner_may_read_them_and_nothing_is_written_where_one_does_not_fit(tmp_path):
    report = small_study(12, internal=True)
    names = export(report, tmp_path / "out", ["xpt", "json"])
    assert names == ["adbds.xpt", "adbds.json", "manifest.json"]
    assert {oct((tmp_path / "out" / name).stat().st_mode)[-3:] for name in names} == {"600"}
    with pytest.raises(ValueError, match="single patients"):
        export(small_study(12), tmp_path / "safe", ["csv", "xpt"])
    assert not (tmp_path / "safe").exists()
