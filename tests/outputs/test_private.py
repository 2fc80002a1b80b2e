"""Temporary files with patients' data go with their process or the next run; internal reports are their owner's."""

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from analysis.factory import factory
from analysis.outputs import private
from analysis.outputs.private import private_folder, remove_abandoned
from report_desk import pretend

HOLD = """
import sys
from analysis.outputs.private import private_folder
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


@pytest.fixture
def modes(tmp_path, monkeypatch):
    """Run two notebooks of a study, with an umask that allows all, and give the mode of each file and folder."""
    cells = [new_code_cell("study: str = ''\ninternal: bool = False", metadata={"tags": ["parameters"]})]
    cells.append(new_code_cell("print(study, internal)"))
    for name in ("good", "bad"):
        nbformat.write(new_notebook(cells=cells), tmp_path / f"{name}.ipynb")
    (tmp_path / "spring").mkdir()

    def run(internal, marks=()):
        monkeypatch.setattr(factory, "local_builder", pretend(marks=marks))
        out = tmp_path / f"out {internal} {marks}"
        notebooks = [tmp_path / "good.ipynb", tmp_path / "bad.ipynb"]
        usual = os.umask(0)
        try:
            factory.build_reports(tmp_path / "spring", notebooks, out, parameters={"internal": internal})
        finally:
            os.umask(usual)
        return {p.relative_to(out).as_posix(): oct(p.stat().st_mode)[-3:] for p in (out, *out.rglob("*"))}

    return run


FILES = {"journal.jsonl", "index.html", "spring/good.html", "spring/good.manifest.json", "spring/bad.manifest.json"}
KEPT = {".failed": "700", ".failed/spring": "700", ".failed/spring/bad.ipynb": "600"}


def test_internal_reports_and_all_beside_them_are_their_owners_alone(modes):
    assert modes(True) == dict.fromkeys(FILES, "600") | {".": "700", "spring": "700"} | KEPT


def test_reports_that_withhold_are_as_open_as_the_machine_says_but_for_what_is_kept_of_failures(modes):
    wanted = dict.fromkeys(FILES, "666") | {".": "777", "spring": "777", "journal.jsonl": "644"} | KEPT
    assert modes(False) == wanted


def test_a_page_that_says_that_it_is_internal_is_private_though_nobody_asked_for_it(modes):
    found = modes(False, ("INTERNAL",))
    assert [found["spring/good.html"], found["spring/good.manifest.json"], found["index.html"]] == ["600"] * 3
