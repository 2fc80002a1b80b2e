"""The study folder: files, mapping, and what it refuses."""

import tomllib
from dataclasses import replace
from importlib.resources import files

import pandas as pd
import pytest

from analysis.simulate import CohortParameters, simulate, write_study
from analysis.simulate.parameters import parameter_meanings


@pytest.fixture(scope="module")
def cohort():
    return simulate(150, seed=12, parameters=CohortParameters(gross_error_share=0.1))


@pytest.fixture(scope="module")
def folder(cohort, tmp_path_factory):
    return write_study(cohort, tmp_path_factory.mktemp("studies") / "new" / "spring", 'Spring "A"')


@pytest.fixture(scope="module")
def study(folder):
    return tomllib.loads((folder / "study.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def typed(folder):
    """The file as text, cell by cell."""
    return pd.read_csv(folder / "hips.csv", dtype=str, keep_default_na=False)


def mapped_columns(study):
    source = study["source"][0]
    tables = [source["columns"], *source["timepoints"].values()]
    return [(ours, column) for table in tables for ours, column in table.items()]


def test_the_study_says_what_it_is(study):
    assert study["name"] == 'Spring "A"'
    assert study["synthetic"] is True
    assert [source["file"] for source in study["source"]] == ["hips.csv"]
    assert list(study["source"][0]["timepoints"]) == ["intake", "baseline", "post", "followup"]


def test_the_mapping_names_every_column_of_the_file_once(study, typed):
    assert sorted(column for _, column in mapped_columns(study)) == sorted(typed.columns)


def test_the_mapping_uses_the_names_of_the_protocol(study):
    protocol = tomllib.loads(files("analysis.protocol").joinpath("capsule.toml").read_text(encoding="utf-8"))
    known = {"patient_id", "side", "date"}.union(*(protocol[t] for t in ("attributes", "conditions", "measures")))
    assert {ours for ours, _ in mapped_columns(study)} <= known
    assert set(study["source"][0]["timepoints"]) == set(protocol["timepoints"]) - {"reread"}


def test_second_readings_come_with_their_columns_and_leave_the_rest_as_it_was(cohort, tmp_path):
    again = simulate(150, seed=12, parameters=replace(cohort.parameters, reread_share=0.5))
    new = [column for column in again.hips if column not in cohort.hips]
    assert new == ["Date reread", "Rater reread", "Position reread", "Device reread", "IR reread", "SLR reread",
                   "Ober reread", "Ober angle reread", "ER reread", "Tilt reread"]  # fmt: skip
    pd.testing.assert_frame_equal(again.hips.drop(columns=new), cohort.hips)
    study = tomllib.loads((write_study(again, tmp_path / "twice", "B") / "study.toml").read_text(encoding="utf-8"))
    assert list(study["source"][0]["timepoints"]) == ["intake", "baseline", "reread", "post", "followup"]
    people = again.hips.groupby("Patient")["IR reread"].count()
    assert set(people) == {0, 2}
    assert 0.35 < (people == 2).mean() < 0.65


def test_every_word_of_the_file_is_translated_or_already_ours(study, typed):
    words = study["source"][0]["values"]
    assert words["side"] == {"left": ["L"], "right": ["R"]}
    assert words["ober"] == {"positive": ["+"], "negative": ["-"]}
    for ours, column in mapped_columns(study):
        if ours in words:
            allowed = {word for spellings in words[ours].values() for word in spellings}
            assert set(typed[column]) <= allowed | {""}, column
    assert set(typed["Stretch"]) <= {"T1", "T2", "T3S", "T3M", "none"}
    assert set(typed["Motion"]) == {"passive"}


def test_angles_are_typed_as_a_clinic_would(typed):
    assert typed["SLR pre"].str.fullmatch(r"-?\d+(\.\d)?|\d\.\d\d?").all()
    assert typed["IR pre"].str.fullmatch(r"\d+").any()
    assert typed["Date pre"].str.fullmatch(r"20\d\d-\d\d-\d\d").all()
    assert not typed.isin(["nan", "NaN", "<NA>", "-0", "True", "False"]).any(axis=None)
    assert (typed["IR followup"] == "").any()


def test_what_is_read_back_is_what_was_drawn(cohort, folder):
    pd.testing.assert_frame_equal(pd.read_csv(folder / "hips.csv"), cohort.hips, check_dtype=False)
    truth = pd.read_csv(folder / "truth.csv", dtype={"matched": "boolean"})
    pd.testing.assert_frame_equal(truth, cohort.truth, check_dtype=False)


def test_the_readme_tells_seed_parameters_and_columns(folder, cohort):
    readme = (folder / "README.md").read_text(encoding="utf-8")
    assert "SYNTHETIC" in readme
    assert "No person" in readme
    assert "seed 12" in readme
    assert "| gross_error_share | 0.1 |" in readme
    assert all(f"| {name} |" in readme for name in [*parameter_meanings(), *cohort.truth.columns])


def test_the_same_seed_writes_the_same_bytes(cohort, folder, tmp_path):
    again = write_study(simulate(150, seed=12, parameters=cohort.parameters), tmp_path, 'Spring "A"')
    for file in ("study.toml", "hips.csv", "truth.csv", "README.md"):
        assert (again / file).read_bytes() == (folder / file).read_bytes()
        assert b"\r" not in (again / file).read_bytes()


@pytest.mark.parametrize("patients", [1, 2, 13])
def test_small_cohorts_are_written(patients, tmp_path):
    folder = write_study(simulate(patients, seed=1), tmp_path / "small", "Small")
    assert len((folder / "hips.csv").read_text(encoding="utf-8").splitlines()) == 1 + 2 * patients


def test_a_folder_with_content_is_left_alone(cohort, tmp_path):
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(FileExistsError, match="not an empty folder"):
        write_study(cohort, tmp_path, "Again")
    with pytest.raises(FileExistsError, match="not an empty folder"):
        write_study(cohort, tmp_path / "notes.txt", "Again")
    assert [file.name for file in tmp_path.iterdir()] == ["notes.txt"]


@pytest.mark.parametrize("clinic", ["C01", 'St. Mary, "North"'])
def test_the_file_is_what_pandas_would_write(clinic, tmp_path):
    cohort = simulate(30, 3, CohortParameters(reread_share=0.4))
    cohort = replace(cohort, hips=cohort.hips.assign(Clinic=clinic))
    written = write_study(cohort, tmp_path / "study", "Demo") / "hips.csv"
    expected = cohort.hips.to_csv(index=False, float_format="%g", lineterminator="\n")
    assert written.read_bytes().decode() == expected


def test_without_its_truth_a_cohort_is_the_same():
    plain, whole = simulate(5, 2, with_truth=False), simulate(5, 2)
    pd.testing.assert_frame_equal(plain.hips, whole.hips)
    assert list(plain.truth) == list(whole.truth)
    assert plain.truth.empty
