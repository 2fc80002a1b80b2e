"""``capsule export``: what is written, and what is refused."""

import pandas as pd
import pytest

from analysis.cli import export as cli
from analysis.report import scope
from tests_support import rows_of, write_study


def test_results_are_written_and_named(capsule, tmp_path):
    study = write_study(tmp_path, rows_of(4))
    code, out, _ = capsule("export", study, "--out", tmp_path / "out", "--format", "csv, xlsx")
    assert code == 0
    assert "rates.csv" in out
    assert (tmp_path / "out/results.xlsx").is_file()
    assert {oct(path.stat().st_mode)[-3:] for path in (tmp_path / "out").iterdir()} == {"600"}
    assert oct((tmp_path / "out").stat().st_mode)[-3:] == "700"
    assert not pd.read_csv(tmp_path / "out/rates.csv")["suppressed"].any()


def test_safe_withholds(capsule, tmp_path):
    study = write_study(tmp_path, rows_of(4))
    assert capsule("export", study, "--out", tmp_path / "out", "--safe")[0] == 0
    assert pd.read_csv(tmp_path / "out/rates.csv")["suppressed"].all()
    (tmp_path / "usual").touch()
    assert (tmp_path / "out/rates.csv").stat().st_mode == (tmp_path / "usual").stat().st_mode


@pytest.mark.parametrize("safe", [["--safe"], []])
def test_what_is_exported_safely_counts_as_shown(capsule, tmp_path, monkeypatch, safe):
    """Where this process publishes, a release is noted in the ledger."""
    noted = []
    monkeypatch.setattr(cli, "open_report", lambda *_, **__: noted.append(scope._publishing()))
    monkeypatch.setattr(cli, "write_results", lambda *_: ["rates.csv"])
    assert capsule("export", tmp_path, "--out", tmp_path, *safe)[0] == 0
    assert noted == [bool(safe)]


def test_an_unknown_format_is_wrong_usage(capsule, tmp_path):
    code, _, err = capsule("export", write_study(tmp_path, rows_of(4)), "--out", tmp_path / "out", "--format", "doc")
    assert (code, err) == (2, "capsule: format is doc; it can be csv, parquet, xlsx\n")
