"""What a clinic's report is made from: its own rows, and of the whole study only what it shows."""

import shutil
from pathlib import Path

import pandas as pd
import pytest

from analysis.report import open_report
from analysis.report.scope import check_scope, fingerprints, narrow, preload, prepare
from analysis.simulate import simulate, write_study
from analysis.usererror import UserError

DEMO = Path(__file__).parents[2] / "data" / "raw" / "demo"
BATH = DEMO.with_name("bath-hips")


@pytest.fixture(scope="module")
def cohort(tmp_path_factory):
    """The folder of 60 made-up people in 12 clinics, and what its reports by clinic are made from."""
    folder = write_study(simulate(60, 1), tmp_path_factory.mktemp("sixty") / "cohort", "Sixty people")
    return folder, fingerprints(*prepare(folder), "clinic_id")


def changed(cohort, folder: Path, alter) -> set[str]:
    """Return the clinics whose fingerprints differ after `alter` has changed the study's file."""
    original, before = cohort
    study = folder / "changed"
    study.mkdir()
    shutil.copy(original / "study.toml", study)
    rows = pd.read_csv(original / "hips.csv", dtype=str, keep_default_na=False)
    alter(rows).to_csv(study / "hips.csv", index=False)
    after = fingerprints(*prepare(study), "clinic_id")
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


def test_later_reading_of_one_clinic_changes_that_clinic_alone(cohort, tmp_path):
    assert changed(cohort, tmp_path, later_reading) == {"C01"}


def test_order_of_the_file_changes_nothing(cohort, tmp_path):
    assert changed(cohort, tmp_path, another_order) == set()


def test_first_readings_of_one_clinic_change_others_where_a_shown_chance_moves(cohort, tmp_path):
    assert len(changed(cohort, tmp_path, all_first_readings)) > 6


def test_group_is_printed_with_the_fingerprint_of_its_rows_by_which_it_is_planned():
    study, tables = prepare(DEMO)
    planned = fingerprints(study, tables, "clinic_id")
    for clinic in ("C01", "C12"):
        assert narrow(study, tables, "clinic_id", clinic)[0].fingerprint == planned[clinic]["rows of the clinic_id"]
    assert open_report(DEMO, "C01")._study.assessments["clinic_id"].unique().tolist() == ["C01"]


def test_preloaded_study_is_used_until_its_files_change(tmp_path):
    study = tmp_path / "trial"
    shutil.copytree(BATH, study)
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


@pytest.mark.parametrize(
    ("folder", "order", "message"),
    [
        (DEMO, {"comparison": "imediate"}, "comparison is 'imediate'; it can be drills, immediate, retained"),
        (
            DEMO,
            {"period": "2031"},
            r"period is '2031', and no hip .*; the study has visits from .*Q\d to",
        ),
        (DEMO, {"period": "26"}, "period is '26'; write it like 2026, 2026Q1 or 2026-03"),
        (DEMO, {"period": "2026Q5"}, "period is '2026Q5'; write it like"),
        (DEMO, {"period": "NaT"}, "period is 'NaT'; write it like"),
        (DEMO, {"period": "2026-03-01"}, "write it like 2026, 2026Q1 or 2026-03"),
        (BATH, {"period": "1987"}, "period is '1987', and no .*; no visit of the study has a date"),
    ],
)
def test_a_scope_with_nothing_in_it_is_refused_with_what_there_is(folder, order, message):
    with pytest.raises(UserError, match=message):
        check_scope(*prepare(folder), **order)
    with pytest.raises(UserError, match=message):
        open_report(folder, **order)


def test_groups_may_be_those_that_the_protocol_itself_compares():
    study, tables = prepare(BATH)
    assert study.protocol.group_by == "arm"
    assert list(fingerprints(study, tables, "arm")) == ["control", "treatment"]
    assert fingerprints(study, tables, "clinic_id") == {}


def test_a_report_of_one_group_has_its_rows_alone():
    report = open_report(BATH, group="arm=treatment")
    assert report.scope == "Arm treatment"
    # 27 of the 39 people were given the stretches (Bulstrode et al. 1987).
    assert report._study.assessments["patient_id"].nunique() == 27
    assert set(report._tables.changes["arm"]) == {"treatment"}
    for wrong, message in [("arm", "no hip of this study has such a arm"), ("leg=left", "there is arm")]:
        with pytest.raises(UserError, match=message):
            open_report(BATH, group=wrong)
