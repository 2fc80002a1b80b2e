"""Parquet, SPSS and Stata: typed columns become text, and text what the schema says."""

from datetime import date

import pandas as pd
import pyarrow as pa
import pyarrow.parquet
import pyreadstat
import pytest

from analysis import load
from analysis.intake import columnar, readers
from study_folders import HEADER, TIDY, found, write_tidy

TABLE = pd.DataFrame(
    {"ID": [1.0, 2.0], "Hip": ["left", "right"], "Visit": "baseline", "IR": [12.5, None], "SLR": [60.0, 61.0]}
)


def _study(folder, suffix, source="", columns='slr_deg = "SLR"', more=""):
    toml = TIDY.format(source=source, columns=columns, more=more).replace("visits.csv", f"visits{suffix}")
    (folder / "study.toml").write_text(toml)
    return folder


def _written(folder, suffix, table=TABLE):
    path = folder / f"visits{suffix}"
    write = {".parquet": pd.DataFrame.to_parquet, ".sav": pyreadstat.write_sav, ".dta": pyreadstat.write_dta}
    write[suffix](table, path)
    return _study(folder, suffix)


@pytest.mark.parametrize("suffix", [".parquet", ".sav", ".dta"])
def test_numbers_identifiers_and_missing(tmp_path, suffix):
    visits = load(_written(tmp_path, suffix)).assessments
    assert visits["patient_id"].tolist() == ["1", "2"]
    assert visits["hip_ir_deg"].fillna(-1).tolist() == [12.5, -1]
    assert visits["source_row"].tolist() == [1, 2]


@pytest.mark.parametrize("suffix", [".parquet", ".sav", ".dta"])
def test_dates(tmp_path, suffix):
    folder = _written(tmp_path, suffix, TABLE.assign(Day=date(2024, 3, 2)))
    _study(folder, suffix, columns='slr_deg = "SLR"\ndate = "Day"')
    assert load(folder).assessments["date"].dt.date.tolist() == [date(2024, 3, 2)] * 2


def test_single_precision_is_no_noise(tmp_path):
    table = pa.table({**{n: pa.array(TABLE[n]) for n in TABLE}, "IR": pa.array([12.1, 12.3], pa.float32())})
    pyarrow.parquet.write_table(table, tmp_path / "visits.parquet")
    folder = _study(tmp_path, ".parquet")
    assert load(folder).assessments["hip_ir_deg"].tolist() == [12.1, 12.3]
    assert found(folder) == []


def test_answers_of_parquet_are_answers(tmp_path):
    folder = _written(tmp_path, ".parquet", TABLE.assign(Sway=[True, None]))
    _study(folder, ".parquet", columns='slr_deg = "SLR"\nswayback = "Sway"')
    assert load(folder).assessments["swayback"].tolist() == [True, pd.NA]


def test_a_column_of_lists_is_left_out(tmp_path):
    pyarrow.parquet.write_table(pa.table({"L": [[1]], "ID": ["a"]}), tmp_path / "visits.parquet")
    assert ("warning", "column_kind", "visits.parquet", None, "L", "") in found(_study(tmp_path, ".parquet"))


def test_labels_of_values_or_their_codes(tmp_path):
    codes = TABLE.assign(Hip=[1.0, 2.0])
    pyreadstat.write_sav(codes, tmp_path / "visits.sav", variable_value_labels={"Hip": {1.0: "left", 2.0: "right"}})
    assert load(_study(tmp_path, ".sav")).assessments["side"].tolist() == ["left", "right"]
    words = '[source.values.side]\nleft = ["2"]\nright = ["1"]'
    assert load(_study(tmp_path, ".sav", "labels = false", more=words)).assessments["side"].tolist() == [
        "right",
        "left",
    ]


@pytest.mark.parametrize(("limit", "rule"), [("MAX_BYTES", "file_too_large"), ("MAX_ROWS", "file_too_large")])
def test_a_file_beyond_the_limits_is_refused(tmp_path, monkeypatch, limit, rule):
    folder = write_tidy(tmp_path, HEADER + "a,left,baseline,12\nb,left,baseline,12\n")
    monkeypatch.setattr(readers, limit, 1)
    assert found(folder) == [("error", rule, "visits.csv", None, "", "")]


def test_a_compressed_spss_file_that_kills_its_reader_is_a_fault_of_the_file(tmp_path, monkeypatch):
    folder = _study(tmp_path, ".zsav")
    pyreadstat.write_sav(TABLE, folder / "visits.zsav", compress=True)
    assert len(load(folder).assessments) == 2
    monkeypatch.setattr(columnar, "_READ_APART", "import os; os.kill(os.getpid(), 11)")
    assert "file_broken" in [rule for _, rule, *_ in found(folder)]
