"""What a run knows of a study without loading what reads studies, and that it loads nothing else."""

import subprocess
import sys

import pytest

from analysis.report import declared
from tests_support import ROOT, write_private

SOURCE = '[[source]]\nfile = "hips.csv"\n[source.columns]\npatient_id = "P"\nside = "S"\n'
NAMED = f'name = "Spring"\n{SOURCE}'


def write_study(folder, first):
    (folder / "study.toml").write_text(f"{first}\n{NAMED}", encoding="utf-8")
    (folder / "hips.csv").write_text("P,S\n")


@pytest.mark.parametrize(
    ("first", "asks"),
    [
        ("synthetic = true", False),
        ("public = true", False),
        ("public = true\nsynthetic = false", False),
        ("", False),
        ("\ufeff", False),
        ("public = false", False),
        ('public = true\npolicy = "suppress-5"', False),
        ('synthetic = true\npolicy = "internal"', False),
        ('public = "true"', True),
        ("synthetic = 1", True),
        ("synthetic = true\nnot toml", True),
    ],
)
def test_whether_people_stand_behind_a_study_is_known_without_reading_it_as_a_study(tmp_path, first, asks, monkeypatch):
    write_study(tmp_path, first)
    asked = []
    truth = declared._is_of_people(tmp_path)
    monkeypatch.setattr(declared, "_is_of_people", lambda folder: asked.append(folder) or truth)
    assert declared.needs_ledger(tmp_path) == truth
    assert bool(asked) == asks


@pytest.mark.parametrize(
    "first",
    [
        "no_such_key = 1",
        'synthetic = true\npolicy = "unheard-of"',
        "public = true\nnot toml",
        'public = "true"\nno_key = 1',
    ],
)
def test_a_study_file_with_a_fault_gives_away_no_plain_fingerprint(tmp_path, first):
    study = tmp_path / "spring"
    study.mkdir()
    write_study(study, first)
    assert declared.needs_ledger(study)
    assert declared.as_published(study)("a fingerprint") != "a fingerprint"


@pytest.mark.parametrize("first", ["public = true\nno_such_key = 1", 'synthetic = true\npolicy = ""'])
def test_a_public_study_with_another_fault_is_still_public(tmp_path, first):
    write_study(tmp_path, first)
    assert not declared.needs_ledger(tmp_path)


def test_a_processed_folder_with_a_fault_is_of_people(tmp_path):
    (tmp_path / "manifest.json").write_text("{")
    assert declared.needs_ledger(tmp_path)


def test_a_folder_without_a_study_file_is_no_study(tmp_path):
    assert declared.study_name(tmp_path) == tmp_path.name
    assert not declared.needs_ledger(tmp_path)


@pytest.mark.parametrize("of_people", [False, True])
def test_a_run_that_builds_one_report_loads_no_pandas_itself(tmp_path, of_people):
    """The build server loads it; a run that finds nothing to do needs it nowhere."""
    study = write_private(tmp_path / "spring", 12, 1, clinics=1) if of_people else ROOT / "data/raw/demo"
    heavy = {"pandas", "scipy", "matplotlib", "nbformat", "papermill", "rich"}
    asked = ["report", str(study), "--notebook", "responders", "--format", "html", "--out", str(tmp_path / "out")]
    code = f"""
import sys
from analysis.cli import main
sys.argv = ["capsule", *{asked!r}]
try:
    main()
finally:
    print(sorted({heavy!r} & sys.modules.keys()))
"""
    for said in ("1 built, 0 up to date", "0 built, 1 up to date"):
        ended = subprocess.run(
            [sys.executable, "-P", "-c", code], capture_output=True, text=True, check=False, cwd=ROOT
        )
        assert said in ended.stdout, ended.stderr
        assert ended.stdout.splitlines()[-1] == "[]"
