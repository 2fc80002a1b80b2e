"""What is wrong with the data, for a person, for a program, and in a copy of the files."""

import json

import pytest

from analysis.intake import processed
from analysis.outputs import store
from study_folders import HEADER, write_tidy


@pytest.fixture
def study(tmp_path):
    return write_tidy(tmp_path / "clean", HEADER + "a,left,baseline,12\na,left,post,18\n")


def test_check_of_a_clean_study(capsule, study):
    code, out, err = capsule("check", study)
    assert [code, err] == [0, ""]
    assert out == "A study: 1 patient, 2 assessments; 0 errors, 0 warnings, 0 notes.\n"


def test_check_of_a_processed_folder_goes_block_by_block(capsule, tmp_path, monkeypatch):
    """The three of five visits that have a reading are counted, though all tables would not fit into memory."""
    rows = "a,left,baseline,12\na,left,post,75\nb,left,baseline,\nc,left,baseline,12\nc,left,post,\n"
    study = write_tidy(tmp_path / "study", HEADER + rows)
    monkeypatch.setattr(store, "_ROWS", 3)
    assert capsule("process", study, "--out", tmp_path / "out", "--data-only")[0] == 0
    monkeypatch.setattr(processed, "A_VISIT", 10**15)
    found = capsule("check", tmp_path / "out")
    assert found == capsule("check", study)
    assert found[1].splitlines()[-1].startswith("A study: 3 patients, 3 assessments; 0 errors, ")


def test_check_of_a_study_with_errors_lists_them_and_is_1(capsule, tmp_path):
    folder = write_tidy(tmp_path, HEADER + "a,left,baseline,25°\na,left,baseline,75\n")
    code, out, err = capsule("check", folder)
    assert [code, err] == [1, ""]
    assert out.splitlines()[:4] == [
        "Errors, which stop the analysis:",
        "  visits.csv, IR, row 2 (25°): not a number with decimal mark '.'; correct it, or declare na_values, decimal"
        " or a pattern (not_a_number)",
        "Warnings, which travel into every report:",
        "  visits.csv, IR, row 3 (75): Hip internal rotation is rarely outside −5 to 70; check the sign, the unit and"
        " the reading (unusual_value)",
    ]
    assert out.splitlines()[-1] == "A study: 1 patient, 1 assessment; 1 error, 1 warning, 0 notes."


def test_check_as_json(capsule, tmp_path):
    folder = write_tidy(tmp_path, HEADER + "a,left,baseline,25°\na,left,post,75\n")
    code, out, err = capsule("check", folder, "--json", "-")
    assert [code, err] == [1, ""]
    problems = json.loads(out)["problems"]
    assert [(p["severity"], p["rule"], p["file"], p["row"], p["column"], p["value_shown"]) for p in problems] == [
        ("error", "not_a_number", "visits.csv", 2, "IR", "25°"),
        ("warning", "unusual_value", "visits.csv", 3, "IR", "75"),
    ]


def test_check_as_a_json_file(capsule, study, tmp_path):
    code, out, err = capsule("check", study, "--json", tmp_path / "x.json")
    assert [code, out, err] == [0, "", ""]
    assert json.loads((tmp_path / "x.json").read_text(encoding="utf-8"))["problems"] == []


def test_check_of_a_study_file_that_cannot_be_used_is_1(capsule, tmp_path):
    (tmp_path / "study.toml").write_text('name = "S"\n[[source]]\nfile = "../a.csv"\n')
    assert capsule("check", tmp_path) == (
        1,
        "",
        "capsule: study.toml: source.0.file: must lie inside the study folder\n",
    )


def test_errors_alone(capsule, tmp_path):
    folder = write_tidy(tmp_path, HEADER + "a,left,baseline,25°\na,left,baseline,75\n")
    _, out, _ = capsule("check", folder, "--errors-only")
    assert [line[:6] for line in out.splitlines()] == ["Errors", "  visi", "A stud"]


def test_a_marked_copy_is_private_new_and_of_a_kind_that_opens(capsule, tmp_path):
    folder = write_tidy(tmp_path / "study", HEADER + "a,left,baseline,25°\n")
    code, out, _ = capsule("check", folder, "--mark", tmp_path / "marked.html")
    assert code == 1
    assert "marked.html: written; it holds patients' data" in out
    assert (tmp_path / "marked.html").stat().st_mode & 0o777 == 0o600
    code, _, err = capsule("check", folder, "--mark", folder / "visits.csv")
    assert (code, err) == (2, "capsule: visits.csv: name a file that ends in .xlsx or .html\n")
    code, _, err = capsule("check", folder, "--mark", tmp_path / "marked.html")
    assert (code, err) == (2, "capsule: marked.html is there already and was left as it is; name another file\n")
