"""Patients' data in temporary files go with the process, or with the next run where the process was killed."""

import subprocess
import sys
from pathlib import Path

import pytest

from analysis.factory import private
from analysis.factory.private import private_folder, remove_abandoned

HOLD = """
import sys
from analysis.factory.private import private_folder
with private_folder() as folder:
    (folder / "patients").write_text("Jane Doe")
    print(folder, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    monkeypatch.setattr(private.tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_folder_is_for_its_owner_alone_and_goes(temporary):
    with private_folder() as folder:
        assert folder.stat().st_mode & 0o077 == 0
        (folder / "patients").write_text("Jane Doe")
        remove_abandoned()
        assert (folder / "patients").exists()
    assert list(temporary.iterdir()) == []


def test_folder_of_a_killed_process_is_removed_and_that_of_a_living_one_stays(temporary):
    command = [sys.executable, "-P", "-c", HOLD]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "env": {"TMPDIR": str(temporary)}}
    with subprocess.Popen(command, **pipes) as living, subprocess.Popen(command, **pipes) as killed:
        kept, left = (Path(process.stdout.readline().strip()) for process in (living, killed))
        killed.kill()
        killed.wait()
        assert (left / "patients").exists()
        remove_abandoned()
        assert not left.exists()
        assert (kept / "patients").exists()
        living.stdin.close()
        living.wait()
    assert list(temporary.iterdir()) == []


def test_what_is_not_ours_stays(temporary):
    (temporary / "capsule-outcomes-of-mine").mkdir()
    (temporary / "capsule-outcomes-12345678").touch()
    elsewhere = temporary / "elsewhere"
    elsewhere.mkdir()
    (temporary / "capsule-outcomes-abcdefgh").symlink_to(elsewhere)
    before = set(temporary.iterdir())
    remove_abandoned()
    assert set(temporary.iterdir()) == before
