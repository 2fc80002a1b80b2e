"""Notebooks run in this process, without a kernel: what each cell would show."""

import ast
from pathlib import Path

import matplotlib
import nbformat

from analysis.factory.parameters import read_parameters
from analysis.report import scope
from analysis.show.display import Sentinel, Table, Text
from tests_support import rows_of, write_study

matplotlib.use("agg")


def shown_by(notebook: Path, names: dict[str, object] | None = None, **parameters: object) -> list[object]:
    """Run the code cells of a notebook here and return what each would show; `names` receives its variables.

    A clinic is kept from a notebook that is about all of them, as the report factory does.
    """
    if "clinic_id" not in read_parameters(notebook):
        parameters.pop("clinic_id", None)
    if "study" in parameters:
        _load_once(str(parameters["study"]))
    names = {} if names is None else names
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


def _load_once(study: str) -> None:
    """Keep the study in this process, as the report factory does, and no other: notebooks about it come in a row."""
    if Path(study).resolve() not in scope._preloaded:
        scope._preloaded.clear()
        scope.preload(study)


def check_soundness(shown: list[object]) -> None:
    """Check that a notebook came to its end and let no missing value into its words."""
    assert isinstance(shown[-1], Sentinel)
    words = words_of(shown)
    assert "nan" not in words.lower()
    assert "<NA>" not in words


def words_of(shown: list[object]) -> str:
    """Return all words of what a notebook shows, but for those of its figures."""
    return " ".join(item.plain for item in shown if isinstance(item, Text | Table))


ODD = ["one patient", "all left", "nobody seen after", "one hip", "two dozen"]


def odd_study(kind: str, folder: Path) -> Path:
    """Make a study of an unusual kind."""
    made = {
        "one patient": rows_of(1),
        "all left": rows_of(12, sides=("left",)),
        "nobody seen after": rows_of(12, post=False),
        "one hip": rows_of(1, sides=("right",)),
        "two dozen": rows_of(24),
    }
    return write_study(folder, made[kind])
