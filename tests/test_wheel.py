"""The installed package, away from its source: it carries the notebooks and makes reports in any folder."""

import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tests_support import ROOT, rows_of, write_study

PYTHON = [sys.executable, "-P", "-m"]


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory):
    """A folder with a study and an environment of its own that holds the wheel; the libraries it needs are borrowed."""
    folder = tmp_path_factory.mktemp("elsewhere")
    build = [*PYTHON, "hatchling", "build", "--target", "wheel", "--directory", folder / "dist"]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    subprocess.run([*PYTHON, "venv", "--without-pip", folder / "venv"], check=True)
    python = folder / "venv/bin/python"
    (wheel,) = (folder / "dist").glob("*.whl")
    install = ["pip", "--python", python, "install", "--quiet", "--no-deps", "--disable-pip-version-check", wheel]
    subprocess.run([*PYTHON, *install], check=True)
    # As a plain path: what is installed from the source, by a file there, is not seen through it.
    (site,) = (folder / "venv/lib").glob("python*/site-packages")
    (site / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    (folder / "study").mkdir()
    write_study(folder / "study", rows_of(24))
    return folder


def capsule(folder: Path, *arguments: str) -> str:
    command = [folder / "venv/bin/capsule", *arguments]
    ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def test_the_wheel_makes_the_reports_of_its_own_notebooks_and_of_anybodys(elsewhere):
    assert "It runs as it is" in capsule(elsewhere, "new-notebook", "mine")
    (elsewhere / "far").mkdir()
    (elsewhere / "notebooks/mine.ipynb").rename(elsewhere / "far/away.ipynb")
    wanted = ["--notebook", "responders", "--notebook", "far/away.ipynb", "--trust"]
    said = capsule(elsewhere, "report", "study", *wanted, "--jobs", "2", "--out", "out")
    assert said.splitlines()[0] == "2 built, 0 up to date, 0 failed"
    made = {path.name for path in (elsewhere / "out/study").glob("*.*") if path.suffix in (".html", ".pdf")}
    assert made == {"responders.html", "responders.pdf", "away.html", "away.pdf"}


def test_the_wheel_holds_every_notebook_and_nothing_of_the_project_around(elsewhere):
    (site,) = (elsewhere / "venv/lib").glob("python*/site-packages")
    shipped = {path.name for path in (site / "analysis/notebooks").glob("*.ipynb")}
    assert shipped == {path.name for path in (ROOT / "notebooks").glob("*.ipynb")}
    assert (site / "analysis/py.typed").is_file()
    assert {path.name for path in site.iterdir() if path.is_dir()} == {"analysis", "capsule_outcomes-0.1.0.dist-info"}
