"""Notebooks run in this process, without a kernel: what each cell would show."""

import ast
import inspect
from functools import cache
from pathlib import Path
from types import CodeType
from typing import Any
from unittest import mock

import matplotlib
import nbformat
import pandas as pd

from analysis.factory.parameters import read_parameters
from analysis.intake.load import fingerprint_of_files
from analysis.report import Report, open_report, scope
from analysis.show.display import Figure, Sentinel, Table, Text
from tests_support import rows_of, write_study

matplotlib.use("agg")


def shown_by(notebook: Path, names: dict[str, object] | None = None, **parameters: object) -> list[object]:
    """Run the code cells of a notebook here and return what each would show; `names` receives its variables.

    A clinic is kept from a notebook that is about all of them, as the report factory does.
    """
    if "clinic_id" not in read_parameters(notebook):
        parameters.pop("clinic_id", None)
    names = {} if names is None else names
    shown = []
    with mock.patch("analysis.report.open_report", open_once):
        for tagged, body, last in _cells(notebook):
            exec(body, names)
            if tagged:
                assert set(parameters) <= set(names), "a parameter the notebook does not know"
                names.update(parameters)
            if last:
                shown.append(eval(last, names))
    return shown


@cache
def _cells(notebook: Path) -> list[tuple[bool, CodeType, CodeType | None]]:
    """Return of each code cell whether it holds the parameters, what runs, and what is shown in the end."""
    found = []
    for cell in nbformat.read(notebook, as_version=4).cells:
        if cell.cell_type == "code":
            tree = ast.parse(cell.source)
            last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
            shown = compile(ast.Expression(last.value), notebook.name, "eval") if last else None
            tagged = "parameters" in cell.metadata.get("tags", [])
            found.append((tagged, compile(tree, notebook.name, "exec"), shown))
    return found


class Remembered(Report):
    """A report that makes each table once, however many notebooks ask for it."""

    def __getattribute__(self, name: str) -> Any:
        found = super().__getattribute__(name)
        if name.startswith("_") or not inspect.ismethod(found):
            return found
        made = vars(self).setdefault("_made", {})

        def ask(*asked: Any, **named: Any) -> Any:
            if any(isinstance(value, pd.DataFrame) for value in asked):
                return found(*asked, **named)
            given = inspect.signature(found).bind(*asked, **named)
            given.apply_defaults()  # what is left out, or a list for a tuple, asks for the same table
            given = [tuple(value) if isinstance(value, list) else value for value in given.arguments.values()]
            key = f"{name} {given}"
            if key not in made:
                made[key] = found(*asked, **named)
            return made[key].copy() if isinstance(made[key], pd.DataFrame) else made[key]

        return ask


_opened: dict[str, Report] = {}


def open_once(study: str | Path, *asked: Any, **named: Any) -> Report:
    """Open a report, once for all notebooks about it."""
    place, content = Path(study).resolve(), fingerprint_of_files(study)
    known = scope._preloaded.get(place)
    if not known or known[0].fingerprint != content:
        scope.preload(study)
    bound = inspect.signature(open_report).bind(place, *asked, **named)
    bound.apply_defaults()
    if (key := f"{content} {bound}") not in _opened:
        _opened[key] = Remembered(**vars(open_report(study, *asked, **named)))
    return _opened[key]


def check_soundness(shown: list[object]) -> None:
    """Check that a notebook came to its end and let no missing value into its words."""
    assert isinstance(shown[-1], Sentinel)
    words = words_of(shown)
    assert "nan" not in words.lower()
    assert "<NA>" not in words
    titles = [item.caption for item in shown if isinstance(item, Table)]
    titles += [item.title for item in shown if isinstance(item, Figure)]
    assert len(set(titles)) == len(titles), "two tables or figures that differ have one title"


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
