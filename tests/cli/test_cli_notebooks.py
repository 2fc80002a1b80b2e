"""A new notebook is a report notebook from its first minute; the tour is none."""

import os
import shutil
import sys
import tomllib
from pathlib import Path

import nbformat
import pytest

from analysis.cli import notebooks
from tests_support import NOTEBOOKS, ROOT, rows_of, write_study

CELL_WIDTH = tomllib.loads((ROOT / "notebooks/.ruff.toml").read_text(encoding="utf-8"))["line-length"]


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project without notebooks, to stand in."""
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "pyproject.toml").touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_new_notebook_becomes_a_report(capsule, project):
    (project / "study").mkdir()
    write_study(project / "study", rows_of(24))
    assert capsule("new-notebook", "stiff_hips")[0] == 0
    nbformat.validate(nbformat.read(project / "notebooks/stiff_hips.ipynb", as_version=4))
    code, out, err = capsule("report", "study", "--format", "html", "--jobs", "1", "--out", "reports")
    assert (code, out.splitlines()[0]) == (0, "1 built, 0 up to date, 0 failed"), err
    page = (project / "reports/study/stiff_hips.html").read_text(encoding="utf-8")
    assert "<h1>Stiff hips</h1>" in page
    assert "12 of 48 hips responded (25 %; 95 % CI 14–40)" in page.replace("&nbsp;", " ")


def test_a_new_notebook_lies_in_the_project_one_stands_in_though_deep_within(capsule, project, monkeypatch):
    monkeypatch.chdir(project / "notebooks")
    assert capsule("new-notebook", "mine")[1].startswith(f"{project / 'notebooks/mine.ipynb'}\n")


def test_nothing_is_overwritten(capsule, project):
    capsule("new-notebook", "mine")
    before = (project / "notebooks/mine.ipynb").read_bytes()
    code, _, err = capsule("new-notebook", "mine.ipynb")
    assert (code, err) == (2, "capsule: notebooks/mine.ipynb is there already; choose another name\n")
    assert (project / "notebooks/mine.ipynb").read_bytes() == before


@pytest.mark.parametrize("name", ["../mine", "", "1st", "a b", "ä"])
def test_a_name_that_is_no_plain_file_name_is_refused(capsule, project, name):
    code, _, err = capsule("new-notebook", name)
    assert code == 2
    assert "cannot name a notebook" in err
    assert list((project / "notebooks").iterdir()) == []


def test_a_notebook_from_anywhere_becomes_a_report(capsule, project):
    (project / "study").mkdir()
    write_study(project / "study", rows_of(4))
    (project / "elsewhere").mkdir()
    ending = (
        "from analysis.show.display import Sentinel\n"
        "Sentinel({'title': 'T', 'subtitle': '', 'study': '', 'marks': [], 'provenance': {}})"
    )
    cells = [nbformat.v4.new_code_cell("study: str = ''", metadata={"tags": ["parameters"]})]
    mine = nbformat.v4.new_notebook(cells=[*cells, nbformat.v4.new_code_cell(ending)])
    nbformat.write(mine, project / "elsewhere/mine.ipynb")
    order = ("report", "study", "--format", "html", "--jobs", "1", "--out", "reports", "--notebook")
    code, out, err = capsule(*order, "elsewhere/mine.ipynb")
    assert (code, out) == (2, "")
    assert err.startswith("capsule: mine.ipynb: neither among the project's notebooks nor in the study's folder. ")
    assert "send patients' data" in err
    assert "--trust" in err
    assert not (project / "reports").exists()
    code, out, err = capsule(*order, "elsewhere/mine.ipynb", "--trust")
    assert (code, out.splitlines()[0]) == (0, "1 built, 0 up to date, 0 failed"), err
    assert capsule(*order, "elsewhere/none.ipynb")[0] == 2


def test_where_a_notebook_lies_decides_whether_it_is_trusted_not_its_name(capsule, project):
    (project / "study").mkdir()
    write_study(project / "study", rows_of(1))
    capsule("new-notebook", "mine")
    mine, stranger = project / "notebooks/mine.ipynb", project / "clinic.ipynb"
    shutil.copyfile(mine, project / "study/theirs.ipynb")
    shutil.copyfile(mine, stranger)
    order = ("report", "study", "--out", "reports", "--dry-run", "--notebook")
    assert [capsule(*order, path)[0] for path in (mine, NOTEBOOKS[0], "study/theirs.ipynb", stranger)] == [0, 0, 0, 2]
    (project / "notebooks/linked.ipynb").symlink_to(stranger)
    code, _, err = capsule(*order[:-1])  # a run of all notebooks does not take it in unseen
    assert (code, err.startswith("capsule: linked.ipynb: neither ")) == (2, True)


def test_what_came_with_the_program_is_trusted_away_from_a_project(capsule, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_study(tmp_path, rows_of(1))
    assert capsule("report", ".", "--out", tmp_path.parent / "reports", "--dry-run", "--format", "html")[0] == 0


def test_the_tour_is_no_report(capsule):
    assert "explore" not in [path.stem for path in NOTEBOOKS]
    assert (ROOT / "notebooks/explore.ipynb").is_file()
    code, _, err = capsule("report", ROOT / "data/raw/bath-hips", "--notebook", "explore")
    assert code == 2
    assert "no report notebook explore" in err


def test_lab_opens_the_tour_and_asks_no_server_elsewhere(capsule, monkeypatch):
    started = []
    monkeypatch.setattr(os, "execve", lambda *command: started.append(command))
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", "/theirs")
    capsule("lab")
    ((program, arguments, environment),) = started
    assert program == sys.executable
    assert {f"--ServerApp.root_dir={ROOT}", "--LabApp.default_url=/lab/tree/notebooks/explore.ipynb"} <= set(arguments)
    assert set(notebooks.OFFLINE) <= set(arguments)
    settings, theirs = environment["JUPYTER_CONFIG_PATH"].split(os.pathsep)
    assert (Path(settings) / "labconfig/default_setting_overrides.json").is_file()
    assert theirs == "/theirs"
    assert (Path(environment["JUPYTER_PATH"].split(os.pathsep)[0]) / "kernels/python3/kernel.json").is_file()
    assert environment["PATH"].split(os.pathsep)[0] == str(Path(sys.executable).parent)
    assert environment["HOME"] == os.environ["HOME"]


def test_lab_passes_on_options_of_jupyterlab_in_place_of_its_own(capsule, monkeypatch):
    started = []
    monkeypatch.setattr(os, "execve", lambda *command: started.append(command))
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert capsule("lab", "--no-browser", "--port", "9999", "--ServerApp.root_dir=/elsewhere")[0] == 0
    arguments = started[0][1]
    assert arguments[-4:] == ["--no-browser", "--port", "9999", "--ServerApp.root_dir=/elsewhere"]
    assert [option for option in arguments if "root_dir" in option] == ["--ServerApp.root_dir=/elsewhere"]
    assert "--allow-root" in arguments


def test_lab_away_from_a_project_brings_the_notebooks(capsule, monkeypatch, tmp_path):
    started = []
    monkeypatch.setattr(os, "execve", lambda *command: started.append(command))
    monkeypatch.chdir(tmp_path)
    code, said, _ = capsule("lab")
    assert code == 0
    brought = {path.name for path in (tmp_path / "notebooks").iterdir()}
    assert brought == {path.name for path in (ROOT / "notebooks").glob("*.ipynb")} >= {notebooks.TOUR, "patient.ipynb"}
    assert "capsule simulate --patients 300 --out data/raw/demo" in said
    (tmp_path / "notebooks/explore.ipynb").write_text("mine")
    assert capsule("lab")[1] == ""
    assert (tmp_path / "notebooks/explore.ipynb").read_text() == "mine"
    assert f"--ServerApp.root_dir={tmp_path}" in started[1][1]


def test_lab_without_a_tour_opens_the_notebooks(project):
    assert "--LabApp.default_url=/lab/tree/notebooks" in notebooks.lab_command(project / "notebooks")


def test_a_new_notebook_fits_its_cells(capsule, project):
    capsule("new-notebook", "stiff_hips")
    cells = nbformat.read(project / "notebooks/stiff_hips.ipynb", as_version=4).cells
    lines = [line for cell in cells if cell.cell_type == "code" for line in cell.source.splitlines()]
    assert [line for line in lines if len(line) > CELL_WIDTH] == []


def test_linear_algebra_in_lab_has_one_thread_unless_somebody_says_otherwise(monkeypatch):
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    monkeypatch.setenv("OMP_NUM_THREADS", "4")
    found = notebooks.lab_environment()
    assert (found["OPENBLAS_NUM_THREADS"], found["OMP_NUM_THREADS"]) == ("1", "4")
