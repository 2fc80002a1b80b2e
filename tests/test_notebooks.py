"""Every notebook runs on every kind of study, and what it says is in the tables."""

import ast
from pathlib import Path

import matplotlib
import nbformat
import pytest

from analysis.display import Sentinel, Table, Text
from analysis.reporting.parameters import read_parameters
from analysis.simulate import simulate
from analysis.simulate import write_study as write_cohort
from tests_support import NOTEBOOKS, ROOT, rows_of, write_study

BATH = str(ROOT / "data/raw/bath-hips")
matplotlib.use("agg")


def shown_by(notebook: Path, **parameters: object) -> list[object]:
    """Run the code cells of a notebook here and return what each would show.

    A clinic is kept from a notebook that is about all of them, as the report factory does.
    """
    if "clinic_id" not in read_parameters(notebook):
        parameters.pop("clinic_id", None)
    names: dict[str, object] = {}
    shown = []
    for cell in nbformat.read(notebook, as_version=4).cells:
        if cell.cell_type != "code":
            continue
        tree = ast.parse(cell.source)
        last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, notebook.name, "exec"), names)
        if "parameters" in cell.metadata.get("tags", []):
            assert set(parameters) <= set(names), "a parameter the notebook does not know"
            names.update(parameters)
        if last is not None:
            shown.append(eval(compile(ast.Expression(last.value), notebook.name, "eval"), names))
    return shown


def study(kind: str, folder: Path) -> Path:
    """Make a study of an unusual kind."""
    made = {
        "one patient": rows_of(1),
        "all left": rows_of(12, sides=("left",)),
        "nobody seen after": rows_of(12, post=False),
        "one hip": rows_of(1, sides=("right",)),
        "two dozen": rows_of(24),
    }
    return write_study(folder, made[kind])


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
@pytest.mark.parametrize("internal", [True, False])
@pytest.mark.parametrize("kind", ["one patient", "all left", "nobody seen after", "one hip", "two dozen"])
def test_unusual_studies_give_a_report_without_a_false_word(notebook, kind, internal, tmp_path):
    shown = shown_by(notebook, study=str(study(kind, tmp_path)), internal=internal)
    assert isinstance(shown[-1], Sentinel)
    words = " ".join(item.plain for item in shown if isinstance(item, Text | Table))
    assert "nan" not in words.lower()
    assert "<NA>" not in words
    if kind in ("one patient", "one hip") and not internal:
        assert "withheld" in words or "could be judged" in words


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
@pytest.mark.parametrize("seed", [3, 4])
def test_random_cohorts_and_their_clinics(notebook, seed, tmp_path):
    write_cohort(simulate(40, seed), tmp_path / "cohort", "Forty people")
    for clinic in ("", "C01"):
        for comparison in ("", "retained"):
            shown = shown_by(notebook, study=str(tmp_path / "cohort"), clinic_id=clinic, comparison=comparison)
            one = clinic and "clinic_id" in read_parameters(notebook)
            assert shown[-1].document["subtitle"].startswith("Clinic C01" if one else "All clinics, 20")


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_bath_trial_is_not_said_to_lack_a_control_group(notebook):
    words = " ".join(item.plain for item in shown_by(notebook, study=BATH) if isinstance(item, Text))
    assert "no control group" not in words
    if "cannot_show" in notebook.read_text(encoding="utf-8"):
        assert "were allocated to the arms" in words


def test_the_tour_runs_to_its_end():
    shown = shown_by(ROOT / "notebooks/explore.ipynb", folder=str(ROOT / "data/raw/demo"), own_folder=BATH)
    assert shown[-1]["n_responders"].tolist() == [13, 21]
