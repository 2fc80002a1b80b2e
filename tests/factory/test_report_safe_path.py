"""A file that happens to lie in the current folder, or beside a notebook, is not run in place of a library."""

import re
from pathlib import Path

import pytest

import analysis
from analysis.factory.execution.execute import execute
from analysis.factory.notebook import read_notebook
from report_desk import Desk, write_notebook

SOURCE = "import fractions, helper\nprint('helper' in helper.__file__, fractions.Fraction(1, 2))"


@pytest.fixture
def trap(tmp_path, monkeypatch):
    """A current folder with a module named as one of Python's, and a package named as ours."""
    folder = tmp_path / "trap"
    (folder / "analysis").mkdir(parents=True)
    for path in (folder / "colorsys.py", folder / "fractions.py", folder / "analysis" / "__init__.py"):
        path.write_text("raise RuntimeError('run by accident')")
    (folder / "helper.py").touch()
    monkeypatch.chdir(folder)
    return folder


def test_reports_are_built_in_such_a_folder(trap, tmp_path):
    desk = Desk(tmp_path)
    summary = desk.build(by=None, groups={}, formats=["html"])
    assert [outcome.job.notebook.stem for outcome in summary.failed] == []


@pytest.mark.parametrize("forks", [True, False])
def test_notebook_finds_a_helper_beside_it_but_not_in_place_of_a_library(trap, monkeypatch, forks):
    monkeypatch.setattr("analysis.factory.execution.engine.ON_LINUX", forks)
    run = execute(read_notebook(write_notebook(trap / "n.ipynb", SOURCE)), {}, trap)
    assert run.failure is None
    assert run.notebook.cells[-2].outputs[0].text == "True 1/2\n"


def test_every_child_starts_with_the_safe_path():
    sources = [path.read_text(encoding="utf-8") for path in Path(analysis.__file__).parent.rglob("*.py")]
    starts = [start for source in sources for start in re.findall(r"\[sys\.executable,[^\]]*", source)]
    assert len(starts) >= 4
    assert all(start.startswith('[sys.executable, "-P"') for start in starts)
