"""What a run knows of a study without loading what reads studies, and that it loads nothing else."""

import subprocess
import sys

import pytest

from analysis.factory import declared
from analysis.report import scope
from tests_support import ROOT

SOURCE = '[[source]]\nfile = "hips.csv"\n[source.columns]\npatient_id = "P"\nside = "S"\n'
NAMED = f'name = "Spring"\n{SOURCE}'


@pytest.mark.parametrize(
    ("first", "asks"),
    [
        ("synthetic = true", False),
        ("public = true", False),
        ('public = true\npolicy = ""', False),
        ("public = true\nsynthetic = false", False),
        ("public = true\nno_such_key = 1", False),
        ("", True),
        ("public = false", True),
        ('public = "true"', True),
        ('public = true\npolicy = "suppress-5"', True),
        ('synthetic = true\npolicy = "internal"', True),
        ('synthetic = true\npolicy = "unheard-of"', True),
        ("synthetic = true\nnot toml", True),
        ("synthetic = 1", True),
    ],
)
def test_an_open_study_is_known_without_reading_it_as_a_study_and_never_wrongly(tmp_path, first, asks, monkeypatch):
    (tmp_path / "study.toml").write_text(f"{first}\n{NAMED}")
    (tmp_path / "hips.csv").write_text("P,S\n")
    asked = []
    truth = scope.needs_ledger(tmp_path)
    monkeypatch.setattr(scope, "needs_ledger", lambda folder: asked.append(folder) or truth)
    assert declared.needs_ledger(tmp_path) == truth
    assert bool(asked) == asks


def test_a_folder_without_a_study_file_is_asked_of_what_reads_studies(tmp_path):
    assert declared.study_name(tmp_path) == tmp_path.name
    assert declared.needs_ledger(tmp_path) == scope.needs_ledger(tmp_path)


def test_a_run_that_builds_an_open_study_loads_no_pandas_itself(tmp_path):
    """The build server loads it; a run that finds nothing to do needs it nowhere."""
    heavy = {"pandas", "scipy", "matplotlib", "nbformat", "papermill", "rich"}
    asked = ["report", "data/raw/demo", "--notebook", "responders", "--format", "html", "--out", str(tmp_path / "out")]
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
