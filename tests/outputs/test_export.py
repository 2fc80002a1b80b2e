"""The results as files: every column explained, nothing taken for a formula, the same bytes again."""

import json
import re
from hashlib import sha256
from pathlib import Path

import pandas as pd
import pytest
from openpyxl import load_workbook

from analysis.outputs.dictionary import dictionary
from analysis.outputs.export import _csv, _workbook, export, no_formula, result_tables
from analysis.report import open_report
from analysis.simulate import CohortParameters, simulate
from analysis.simulate import write_study as write_cohort
from notebook_runs import open_once
from tests_support import ROOT, bath, rows_of, small_study, write_study


@pytest.fixture(scope="module")
def cohort(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cohort")
    write_cohort(simulate(60, 1, CohortParameters(reread_share=0.5)), folder, "Sixty people")
    return open_once(folder, internal=True)


@pytest.fixture(scope="module")
def trial():
    return open_once(ROOT / "data/raw/bath-hips")


def test_every_results_table_is_there_and_every_column_explained(cohort, trial):
    tables = result_tables(cohort)
    assert list(tables) == [
        "rates", "rates_by_group_and_side", "missing_outcomes", "missing_outcomes_by_group",
        "sides", "sides_by_group", "sides_between_groups", "asymmetry",
        "change_of_asymmetry", "classes", "settled_by", "care", "safety", "compensations", "mean_changes",
        "gains_by_group", "adjusted_gains", "repeatability", "clinics", "over_time",
    ]  # fmt: skip
    for report, results in ((cohort, tables), (trial, result_tables(trial))):
        words = dictionary(results, report.protocol)
        assert len(words) == sum(table.shape[1] for table in results.values())
        assert (words[["meaning", "type", "missing"]] != "").all(axis=None)


def test_a_column_that_nobody_explained_is_a_fault(cohort):
    with pytest.raises(KeyError, match="mystery"):
        dictionary({"rates": pd.DataFrame({"mystery": [1]})}, cohort.protocol)


def test_csv_and_parquet_and_excel_hold_the_same_numbers(tmp_path, trial):
    export(trial, tmp_path, ["csv", "parquet", "xlsx"])
    wanted = trial.rates_of_each_test(["arm", "side"])
    for table in (
        pd.read_csv(tmp_path / "rates_by_group_and_side.csv"),
        pd.read_parquet(tmp_path / "rates_by_group_and_side.parquet"),
        pd.read_excel(tmp_path / "results.xlsx", sheet_name="rates_by_group_and_side", engine="calamine"),
    ):
        assert table["n_responders"].tolist() == wanted["n_responders"].tolist()
        assert table["ci_low"].tolist() == pytest.approx(wanted["ci_low"].tolist(), abs=1e-12)


def test_the_same_results_give_the_same_bytes(tmp_path):
    for name in ("first", "second"):
        export(bath(), tmp_path / name, ["csv", "parquet", "xlsx"])
    files = sorted(path.name for path in (tmp_path / "first").iterdir())
    assert [(tmp_path / "first" / f).read_bytes() for f in files] == [
        (tmp_path / "second" / f).read_bytes() for f in files
    ]


def test_the_manifest_fits_the_files(tmp_path, trial):
    written = export(trial, tmp_path, ["csv"])
    assert sorted(written) == sorted(path.name for path in tmp_path.iterdir())
    manifest = json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))
    for name, digest in manifest["files"].items():
        assert sha256((tmp_path / name).read_bytes()).hexdigest() == digest


@pytest.mark.parametrize("start", ["=1+1", "+1", "-1", "@a", "\t=1", "\r=1", " =1", "−"])
def test_text_that_starts_a_formula(start):
    assert no_formula(start) == (start if start == "−" else f"'{start}")


def test_a_hostile_clinic_is_text_in_every_format(tmp_path):
    formula = "=HYPERLINK(A1)"
    write_study(tmp_path, [row.replace(",A,", f",{formula},") for row in rows_of(12)])
    export(open_report(tmp_path, internal=True), tmp_path / "out", ["csv", "xlsx"])
    lines = (tmp_path / "out/clinics.csv").read_text(encoding="utf-8").splitlines()
    assert lines[1].startswith(f"'{formula},")
    cell = load_workbook(tmp_path / "out/results.xlsx")["clinics"]["A2"]
    assert (cell.value, cell.data_type) == (formula, "s")


def test_small_counts_leave_only_when_asked_for(tmp_path):
    export(small_study(4), tmp_path / "safe", ["csv"])
    safe = pd.read_csv(tmp_path / "safe/rates.csv")
    assert safe["suppressed"].all()
    assert safe["n_responders"].isna().all()
    export(small_study(4, internal=True), tmp_path / "all", ["csv"])
    assert pd.read_csv(tmp_path / "all/rates.csv")["n_responders"].iloc[0] == 2


def test_an_unknown_format_writes_nothing(tmp_path, trial):
    with pytest.raises(ValueError, match="it can be csv, parquet, xlsx"):
        export(trial, tmp_path / "out", ["doc"])
    assert not Path(tmp_path / "out").exists()


def test_every_sheet_can_be_read_and_filtered_as_it_opens(tmp_path, trial):
    export(trial, tmp_path, ["xlsx"])
    for sheet in load_workbook(tmp_path / "results.xlsx"):
        assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", sheet.dimensions)
        columns = sheet.column_dimensions.values()
        width = {place: kind.width for kind in columns for place in range(kind.min, kind.max + 1)}
        for name in sheet[1]:
            assert width[name.column] >= len(name.value) + 4, (sheet.title, name.value)
    words = load_workbook(tmp_path / "results.xlsx")["dictionary"]
    longest = max(len(meaning.value) for meaning in words["C"])
    assert words.column_dimensions["C"].width >= longest > 80


@pytest.mark.parametrize("reader", ["read_csv", "read_excel"])
def test_the_lines_of_the_how_to_keep_clinics_as_they_are_named(tmp_path, monkeypatch, reader):
    howto = (Path(__file__).parents[2] / "docs/howto.md").read_text(encoding="utf-8")
    options = re.search(r"^as_written = .*$", howto, re.MULTILINE)[0]
    line = re.search(rf"^rates = pd\.{reader}\(.*$", howto, re.MULTILINE)[0]
    rates = pd.DataFrame({"clinic_id": ["NA", "null", "None", "01", None], "rate": [0.5, 0.25, 1.0, None, 0.0]})
    (tmp_path / "results").mkdir()
    (tmp_path / "results/rates.csv").write_bytes(_csv(rates))
    (tmp_path / "results/results.xlsx").write_bytes(_workbook({"rates": rates})["results.xlsx"])
    monkeypatch.chdir(tmp_path)
    names = {"pd": pd}
    exec(f"{options}\n{line}", names)
    pd.testing.assert_frame_equal(names["rates"], rates.astype({"clinic_id": "str"}))
