"""What a clinic's report is made from: its own rows, and of the whole study only what it shows."""

import shutil
from pathlib import Path

import pandas as pd
import pytest

from analysis.report import open_report
from analysis.scope import fingerprints, narrow, preload, prepare

DEMO = Path(__file__).parents[1] / "data" / "raw" / "demo"


def changed(folder: Path, alter) -> set[str]:
    """Return the clinics whose fingerprints differ after `alter` has changed the demo study's file."""
    study = folder / "demo"
    study.mkdir()
    shutil.copy(DEMO / "study.toml", study)
    rows = pd.read_csv(DEMO / "hips.csv", dtype=str, keep_default_na=False)
    alter(rows).to_csv(study / "hips.csv", index=False)
    before, after = (fingerprints(*prepare(place), "clinic_id") for place in (DEMO, study))
    return {clinic for clinic in before if before[clinic] != after.get(clinic)}


def later_reading(rows: pd.DataFrame) -> pd.DataFrame:
    mine = rows.index[(rows["Clinic"] == "C01") & (rows["IR post"] != "")][0]
    rows.loc[mine, "IR post"] = "1" if rows.loc[mine, "IR post"] == "2" else "2"
    return rows


def another_order(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.sort_values("Clinic", kind="stable", ascending=False)


def all_first_readings(rows: pd.DataFrame) -> pd.DataFrame:
    mine = (rows["Clinic"] == "C01") & (rows["IR pre"] != "")
    rows.loc[mine, "IR pre"] = "1"
    return rows


def test_later_reading_of_one_clinic_changes_that_clinic_alone(tmp_path):
    assert changed(tmp_path, later_reading) == {"C01"}


def test_order_of_the_file_changes_nothing(tmp_path):
    assert changed(tmp_path, another_order) == set()


def test_first_readings_of_one_clinic_change_others_where_a_shown_chance_moves(tmp_path):
    assert len(changed(tmp_path, all_first_readings)) > 6


def test_group_is_printed_with_the_fingerprint_of_its_rows_by_which_it_is_planned():
    study, tables = prepare(DEMO)
    planned = fingerprints(study, tables, "clinic_id")
    for clinic in ("C01", "C12"):
        assert narrow(study, tables, "clinic_id", clinic)[0].fingerprint == planned[clinic]["rows of the clinic_id"]
    assert open_report(DEMO, "C01").study.assessments["clinic_id"].unique().tolist() == ["C01"]


def test_preloaded_study_is_used_until_its_files_change(tmp_path):
    study = tmp_path / "demo"
    shutil.copytree(DEMO, study)
    preload(study)
    first, again = prepare(study), prepare(study)
    assert first[1] is again[1]
    with (study / "study.toml").open("a") as file:
        file.write("# changed\n")
    assert prepare(study)[1] is not first[1]


@pytest.mark.parametrize("period", ["", "2026Q1"])
def test_groups_are_those_of_the_data(period):
    study, tables = prepare(DEMO)
    assert set(fingerprints(study, tables, "clinic_id", period)) <= set(study.assessments["clinic_id"])
