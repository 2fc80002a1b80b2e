"""init, process, classify, explain and simulate."""

import hashlib
import json

import pandas as pd
import pytest

from study_folders import HEADER, write_tidy

ODD = ["001", "NA", "None", "1e5", "=cmd()", "../../x", "<script>", "x" * 300, "a\0b"]


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    rows = [f"{name},{side},{when},12\n" for name in ODD for side in ("right", "left") for when in ("post", "baseline")]
    return write_tidy(tmp_path_factory.mktemp("study"), HEADER + "".join(rows))


def test_process_writes_sorted_tables_with_a_true_manifest_twice_the_same(capsule, study, tmp_path):
    out = tmp_path / "tables"
    code, said, err = capsule("process", study, "--out", out)
    assert [code, err] == [0, ""]
    assert "manifest.json" in said
    first = {path.name: path.read_bytes() for path in out.iterdir()}
    manifest = json.loads(first["manifest.json"])
    for name, entry in manifest["tables"].items():
        assert entry["sha256"] == hashlib.sha256(first[name]).hexdigest()
    assessments = pd.read_parquet(out / "assessments.parquet")
    assert assessments["patient_id"].tolist() == sorted(ODD * 4)
    assert capsule("process", study, "--out", out)[0] == 0
    assert {path.name: path.read_bytes() for path in out.iterdir()} == first


def test_of_a_folder_with_the_data_alone_commands_make_the_same_results(capsule, study, tmp_path):
    folders = [tmp_path / "whole", tmp_path / "data"]
    for folder, options in zip(folders, ([], ["--data-only"]), strict=True):
        assert capsule("process", study, "--out", folder, *options)[0] == 0
    left_out = {path.name for path in folders[0].iterdir()} - {path.name for path in folders[1].iterdir()}
    assert left_out == {f"{name}.parquet" for name in ("classifications", "changes", "responses", "care")}
    for command in ("rates", "sides", "classify"):
        assert len({capsule(command, folder, "--json", "-")[1] for folder in folders}) == 1


def test_no_results_of_an_earlier_run_stay_beside_the_data_alone(capsule, study, tmp_path):
    for options in ([], ["--data-only"]):
        assert capsule("process", study, "--out", tmp_path / "out", *options)[0] == 0
    listed = json.loads((tmp_path / "out" / "manifest.json").read_text())["tables"]
    assert {path.name for path in (tmp_path / "out").iterdir()} == {*listed, "manifest.json"}


def test_a_long_list_of_hips_is_left_to_json(capsule, study, monkeypatch):
    monkeypatch.setattr("analysis.cli.data._MOST_LISTED", 17)
    _, out, _ = capsule("classify", study)
    assert out.startswith("18 hips; --json FILE writes each of them.\n")
    assert "stretch_type" in out


def test_process_of_a_study_with_errors_writes_nothing(capsule, tmp_path):
    folder = write_tidy(tmp_path / "bad", HEADER + "a,left,baseline,25°\n")
    assert capsule("process", folder, "--out", tmp_path / "out")[0] == 1
    assert not (tmp_path / "out").exists()


def test_classify_as_json_keeps_identifiers_as_they_are(capsule, study):
    code, out, err = capsule("classify", study, "--json", "-")
    assert [code, err] == [0, ""]
    rows = json.loads(out)["classifications"]
    assert {row["patient_id"] for row in rows} == set(ODD)
    assert len(rows) == 18


def test_classify_for_a_person(capsule, study):
    code, out, err = capsule("classify", study)
    assert [code, err] == [0, ""]
    assert "stretch_type" in out
    assert "hips" in out


def test_explain(capsule, study):
    code, out, err = capsule("explain", study, "001", "left")
    assert [code, err] == [0, ""]
    assert out.startswith("Left hip of patient 001\n")


def test_explain_does_not_take_1_for_001(capsule, study):
    code, _, err = capsule("explain", study, "1", "left")
    assert code == 2
    assert "001 is not 1" in err


def test_simulate_gives_a_study_that_can_be_checked(capsule, tmp_path):
    for name in ("one", "two"):
        assert capsule("simulate", "--patients", 20, "--seed", 3, "--out", tmp_path / name)[0] == 0
    one, two = (sorted((tmp_path / name).iterdir()) for name in ("one", "two"))
    assert [path.read_bytes() for path in one if path.suffix == ".csv"] == [
        path.read_bytes() for path in two if path.suffix == ".csv"
    ]
    assert capsule("check", tmp_path / "one", "--json", "-")[2] == ""


def test_simulate_reads_some_people_twice_when_asked(capsule, tmp_path):
    assert capsule("simulate", "--patients", 20, "--reread", 0.5, "--out", tmp_path / "twice")[0] == 0
    assert "IR reread" in (tmp_path / "twice/hips.csv").read_text().splitlines()[0]
    assert capsule("simulate", "--patients", 20, "--reread", 2, "--out", tmp_path / "no")[0] == 2


def test_init_writes_a_study_that_can_be_checked(capsule, tmp_path):
    (tmp_path / "visits.csv").write_text(HEADER + "a,left,baseline,12\n")
    code, out, err = capsule("init", tmp_path / "visits.csv", "--out", tmp_path / "study")
    assert [code, err] == [0, ""]
    assert "each marked '# ?'" in out
    assert capsule("check", tmp_path / "study")[0] == 0
    assert (tmp_path / "study/visits.csv").read_text() == (tmp_path / "visits.csv").read_text()


def test_init_never_overwrites(capsule, tmp_path):
    (tmp_path / "visits.csv").write_text(HEADER)
    (tmp_path / "study.toml").write_text("mine")
    code, _, err = capsule("init", tmp_path / "visits.csv")
    assert code == 2
    assert "nothing was written" in err
    assert (tmp_path / "study.toml").read_text() == "mine"


def test_init_of_a_file_that_cannot_be_read_is_1(capsule, tmp_path):
    (tmp_path / "visits.xlsx").write_bytes(b"hello")
    assert capsule("init", tmp_path / "visits.xlsx", "--out", tmp_path / "study")[0] == 1
    assert not (tmp_path / "study").exists()
