"""Commands for those who work in notebooks: open JupyterLab, begin a new report notebook."""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

import analysis
from analysis.cli.app import WRONG_USAGE, Stop, app
from analysis.reporting.notebook import read_cells

TOUR = "explore.ipynb"
# Put before Jupyter's own folders. Its settings of the page: never ask the person whether to fetch news. Its kernel:
# no jedi, which takes 20 seconds to complete a name of a DataFrame, while JupyterLab waits one and then shows nothing.
_JUPYTER = Path(__file__).with_name("jupyter")
# JupyterLab would otherwise ask servers elsewhere for news, for updates and for extensions.
OFFLINE = [
    "--LabApp.news_url=None",
    "--LabApp.check_for_updates_class=jupyterlab.handlers.announcements.NeverCheckForUpdate",
    "--LabApp.extension_manager=readonly",
]
_PARAMETERS = """\
study: str = "../data/raw/demo"  # the study folder
clinic_id: str = ""  # one clinic; empty for all
period: str = ""  # by the earlier visit: 2026, 2026Q1 or 2026-03; empty for all
comparison: str = ""  # the pair of timepoints; empty for the protocol's primary one
internal: bool = False  # withhold nothing, for those who treat the patients
group: str = ""  # one group, such as sex=female; empty for all"""
_OPEN = """\
from analysis import sentences, tables
from analysis.report import open_report

report = open_report(study, clinic_id, period, comparison, internal, group)"""
_ANSWER = """\
rates = report.rates(report.groups)
tables.responder_table(rates, report.groups, report.protocol)"""


def notebook_folder() -> Path:
    """Return the folder of the notebooks: of the project one stands in, else of the one that is installed."""
    here = Path.cwd()
    for root in (here, *here.parents, *Path(analysis.__file__).resolve().parents):
        if (root / "notebooks").is_dir() and (root / "pyproject.toml").is_file():
            return root / "notebooks"
    raise Stop(WRONG_USAGE, "no notebooks/ folder here; run capsule in the project's folder")


def report_notebooks(folder: Path) -> list[Path]:
    """Return the notebooks that make a report, by name: those whose last code cell is ``report.finish(…)``."""
    return [path for path in sorted(folder.glob("*.ipynb")) if _makes_a_report(path)]


def _makes_a_report(path: Path) -> bool:
    code = [cell.source.strip() for cell in read_cells(path) if cell.cell_type == "code" and cell.source.strip()]
    return bool(code) and code[-1].startswith("report.finish(")


@app.command()
def lab() -> None:
    """Open JupyterLab on the guided tour, with all notebooks beside it."""
    os.execve(sys.executable, lab_command(notebook_folder()), lab_environment())


def lab_command(folder: Path) -> list[str]:
    """Return how JupyterLab starts on the tour, with the whole project in sight: the data lie beside the notebooks."""
    opened = f"{folder.name}/{TOUR}" if (folder / TOUR).is_file() else folder.name
    places = [f"--ServerApp.root_dir={folder.parent}", f"--LabApp.default_url=/lab/tree/{opened}"]
    return [sys.executable, "-m", "jupyterlab", *places, *OFFLINE]


def lab_environment() -> dict[str, str]:
    """Return the environment JupyterLab starts in: our settings are known to it, and `!capsule` to notebooks."""
    first = {"JUPYTER_CONFIG_PATH": _JUPYTER, "JUPYTER_PATH": _JUPYTER, "PATH": Path(sys.executable).parent}
    return os.environ | {
        name: os.pathsep.join(filter(None, [str(folder), os.environ.get(name)])) for name, folder in first.items()
    }


@app.command(name="new-notebook")
def new_notebook(name: Annotated[str, typer.Argument(help="Such as stiff_hips; letters, digits, _ and -.")]) -> None:
    """Begin a report notebook that runs as it is: a question, the parameters, one answer, the end."""
    stem = name.removesuffix(".ipynb")
    if not re.fullmatch(r"[A-Za-z][\w-]*", stem, re.ASCII):
        raise Stop(WRONG_USAGE, f"{name!r} cannot name a notebook; use letters, digits, _ and -, a letter first")
    path = notebook_folder() / f"{stem}.ipynb"
    text = json.dumps(_new_notebook(stem), indent=1, ensure_ascii=False) + "\n"
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise Stop(WRONG_USAGE, f"notebooks/{path.name} is there already; choose another name") from None
    print(f"{path}\nIt runs as it is: capsule report STUDY --notebook {stem}")


def _new_notebook(stem: str) -> dict[str, Any]:
    title = re.sub(r"[_-]+", " ", stem).strip().capitalize()
    sources = [
        f"# {title}\n\nWhat does this notebook ask? Write the question here.",
        _PARAMETERS,
        _OPEN,
        "## The answer",
        "sentences.responder_answer(report.rates(), report.protocol)",
        _ANSWER,
        "## What this cannot show",
        "sentences.cannot_show(report.protocol)",
        f'report.finish("{title}")',
    ]
    cells = [_cell(f"{stem}-{place:02d}"[-64:], source) for place, source in enumerate(sources)]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def _cell(name: str, source: str) -> dict[str, Any]:
    cell: dict[str, Any] = {"id": name, "metadata": {}, "source": source.splitlines(keepends=True)}
    if source.startswith("#"):
        return {"cell_type": "markdown", **cell}
    if source == _PARAMETERS:
        cell["metadata"] = {"tags": ["parameters"]}
    return {"cell_type": "code", "execution_count": None, "outputs": [], **cell}
