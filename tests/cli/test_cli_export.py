"""``capsule export``: what is written, and what is refused."""

import json
from unittest.mock import Mock

import pandas as pd
import pytest

from analysis.cli import export as cli
from analysis.outputs import export
from analysis.report import scope
from tests_support import rows_of, write_study


@pytest.fixture
def rates_alone(monkeypatch):
    """The other tables are exported in test_export and test_docs."""
    monkeypatch.setattr(export, "result_tables", lambda report: {"rates": report.rates_of_each_test()})


def test_results_are_written_and_named(capsule, tmp_path, rates_alone):
    study = write_study(tmp_path, rows_of(4))
    code, out, _ = capsule("export", study, "--out", tmp_path / "out", "--format", "csv, xlsx")
    assert code == 0
    assert "rates.csv" in out
    assert (tmp_path / "out/results.xlsx").is_file()
    assert {oct(path.stat().st_mode)[-3:] for path in (tmp_path / "out").iterdir()} == {"600"}
    assert oct((tmp_path / "out").stat().st_mode)[-3:] == "700"
    rates = pd.read_csv(tmp_path / "out/rates.csv")
    assert (rates["suppressed"].any(), rates["n_responders"].iloc[0]) == (False, 2)


def test_safe_withholds(capsule, tmp_path, rates_alone):
    study = write_study(tmp_path, rows_of(4))
    assert capsule("export", study, "--out", tmp_path / "out", "--safe")[0] == 0
    rates = pd.read_csv(tmp_path / "out/rates.csv")
    assert rates["suppressed"].all()
    assert rates["n_responders"].isna().all()
    (tmp_path / "usual").touch()
    assert (tmp_path / "out/rates.csv").stat().st_mode == (tmp_path / "usual").stat().st_mode


@pytest.mark.parametrize("safe", [["--safe"], []])
def test_what_is_exported_safely_counts_as_shown(capsule, tmp_path, monkeypatch, safe):
    """Where this process publishes, a release is noted in the ledger."""
    noted = []
    monkeypatch.setattr(cli, "open_report", lambda *_, **__: noted.append(scope.publishing()) or Mock(on=""))
    monkeypatch.setattr(cli, "write_results", lambda *_: ["rates.csv"])
    assert capsule("export", tmp_path, "--out", tmp_path, *safe)[0] == 0
    assert noted == [bool(safe)]


def test_an_export_says_of_which_day_it_is(capsule, tmp_path, monkeypatch):
    monkeypatch.setattr(cli, "open_report", lambda *_, **__: Mock(on="2026-03-01"))
    monkeypatch.setattr(cli, "write_results", lambda *_: ["rates.csv"])
    said = capsule("export", tmp_path, "--out", tmp_path, "--safe")[1]
    assert "of the visits of 1 March 2026, as too few patients have come since" in said


def test_an_unknown_format_is_wrong_usage(capsule, tmp_path):
    code, _, err = capsule("export", write_study(tmp_path, rows_of(4)), "--out", tmp_path / "out", "--format", "doc")
    assert (code, err) == (2, "capsule: format is doc; it can be csv, parquet, xlsx, docx, md, xpt, json, sav, dta\n")


def test_analysis_data_are_their_owners_and_results_are_not_made_for_them(capsule, tmp_path, monkeypatch):
    monkeypatch.setattr(export, "result_tables", None)
    code, out, _ = capsule(
        "export", write_study(tmp_path, rows_of(4)), "--out", tmp_path / "out", "--format", "xpt,json"
    )
    assert (code, out) == (0, f"{tmp_path / 'out'}: adbds.xpt, adbds.json, manifest.json\n")
    assert {oct(path.stat().st_mode)[-3:] for path in (tmp_path / "out").iterdir()} == {"600"}
    assert json.loads((tmp_path / "out/adbds.json").read_text())["studyOID"] == tmp_path.name


@pytest.mark.parametrize("kind", ["xpt", "json", "sav", "dta"])
def test_single_patients_are_refused_with_safe_whatever_else_is_asked(capsule, tmp_path, kind):
    study = write_study(tmp_path, rows_of(4))
    code, _, err = capsule("export", study, "--out", tmp_path / "out", "--format", f"csv,{kind}", "--safe")
    assert (code, err) == (2, f"capsule: {kind}: analysis data tell of single patients; leave out --safe\n")
    assert not (tmp_path / "out").exists()
