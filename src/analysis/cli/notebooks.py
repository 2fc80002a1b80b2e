"""Commands for those who work in notebooks: open JupyterLab, begin a new report notebook."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

import analysis
from analysis.cli.app import WRONG_USAGE, Stop, app
from analysis.factory.notebook import read_cells

TOUR = "explore.ipynb"
DEMO = "data/raw/demo"
# Put before Jupyter's own folders. Its settings of the page: never ask the person whether to fetch news. Its kernel:
# no jedi, which takes 20 seconds to complete a name of a DataFrame, while JupyterLab waits one and then shows nothing.
_JUPYTER = Path(__file__).with_name("jupyter")
# JupyterLab would otherwise ask servers elsewhere for news, for updates and for extensions.
OFFLINE = [
    "--LabApp.news_url=None",
    "--LabApp.check_for_updates_class=jupyterlab.handlers.announcements.NeverCheckForUpdate",
    "--LabApp.extension_manager=readonly",
]
# The first import spares JupyterLab, too, the checker of addresses that it takes five seconds to load.
_START = "import analysis.factory, runpy; runpy.run_module('jupyterlab', run_name='__main__', alter_sys=True)"
_PARAMETERS = """\
study: str = "../data/raw/demo"  # the study folder
clinic_id: str = ""  # one clinic; empty for all
period: str = ""  # by the earlier visit: 2026, 2026Q1 or 2026-03; empty for all
comparison: str = ""  # the pair of timepoints; empty for the protocol's primary one
internal: bool = False  # withhold nothing, for those who treat the patients
group: str = ""  # one group, such as sex=female; empty for all"""
_OPEN = """\
from analysis.show import sentences, tables
from analysis.report import open_report

report = open_report(study, clinic_id, period, comparison, internal, group)"""
_ANSWER = """\
rates = report.rates(report.groups)
tables.responder_table(rates, report.groups, report.protocol)"""


def own_notebooks() -> Path:
    """Return where a person's notebooks lie, or would: in the project one stands in, else in ``notebooks`` here."""
    return (_project() or Path.cwd()) / "notebooks"


def notebook_folders() -> list[Path]:
    """Return where notebooks are looked for: a project has its own alone; elsewhere those shipped come second."""
    return [own_notebooks()] if _project() else [own_notebooks(), shipped_notebooks()]


def shipped_notebooks() -> Path:
    """Return the notebooks that came with the program: within the package, or beside its source."""
    package = Path(analysis.__file__).resolve().parent
    within = package / "notebooks"
    return within if within.is_dir() else package.parents[1] / "notebooks"


def _project() -> Path | None:
    here = Path.cwd()
    around = (here, *here.parents)
    return next((at for at in around if (at / "notebooks").is_dir() and (at / "pyproject.toml").is_file()), None)


def report_notebooks(*folders: Path) -> list[Path]:
    """Return the notebooks that make a report, by name: those whose last code cell says ``report.finish(…)``.

    Where folders hold one of the same name, the first folder's is taken.
    """
    found = {
        path.stem: path for folder in reversed(folders) for path in folder.glob("*.ipynb") if _makes_a_report(path)
    }
    return [found[stem] for stem in sorted(found)]


def _makes_a_report(path: Path) -> bool:
    code = [cell.source.strip() for cell in read_cells(path) if cell.cell_type == "code" and cell.source.strip()]
    return bool(code) and any(line.startswith("report.finish(") for line in code[-1].splitlines())


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def lab(context: typer.Context) -> None:
    """Open JupyterLab on the guided tour, with all notebooks beside it.

    Options of JupyterLab may follow, such as --no-browser or --port 9999.
    """
    folder = own_notebooks()
    if not folder.is_dir():
        _put_notebooks(folder)
    os.execve(sys.executable, lab_command(folder, context.args), lab_environment())


def _put_notebooks(folder: Path) -> None:
    """Copy the notebooks that came with the program to where one works: JupyterLab opens what lies there alone."""
    folder.mkdir()
    for path in sorted(shipped_notebooks().glob("*.ipynb")):
        shutil.copyfile(path, folder / path.name)
    print(f"The notebooks were copied to {folder}.")
    if not (folder.parent / DEMO).is_dir():
        print(f"The tour reads {DEMO}; to make such a study: capsule simulate --patients 300 --out {DEMO}", flush=True)


def lab_command(folder: Path, options: Sequence[str] = ()) -> list[str]:
    """Return how JupyterLab starts on the tour, with the whole project in sight: the data lie beside the notebooks."""
    opened = f"{folder.name}/{TOUR}" if (folder / TOUR).is_file() else folder.name
    ours = [f"--ServerApp.root_dir={folder.parent}", f"--LabApp.default_url=/lab/tree/{opened}", *OFFLINE]
    # In a container everything is done as root, which JupyterLab refuses unless told.
    root = ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    given = {option.partition("=")[0] for option in options}
    kept = [option for option in [*ours, *root] if option.partition("=")[0] not in given]
    return [sys.executable, "-P", "-c", _START, *kept, *options]


def lab_environment() -> dict[str, str]:
    """Return the environment JupyterLab starts in: our settings are known to it, and `!capsule` to notebooks.

    Linear algebra has one thread, as in reports, unless whoever starts it says otherwise.
    """
    from analysis.machine.processes import ONE_THREAD  # slow to load, and few commands come here

    first = {"JUPYTER_CONFIG_PATH": _JUPYTER, "JUPYTER_PATH": _JUPYTER, "PATH": Path(sys.executable).parent}
    return (
        ONE_THREAD
        | os.environ
        | {name: os.pathsep.join(filter(None, [str(folder), os.environ.get(name)])) for name, folder in first.items()}
    )


@app.command(name="new-notebook")
def new_notebook(name: Annotated[str, typer.Argument(help="Such as stiff_hips; letters, digits, _ and -.")]) -> None:
    """Begin a report notebook that runs as it is: a question, the parameters, one answer, the end."""
    stem = name.removesuffix(".ipynb")
    if not re.fullmatch(r"[A-Za-z][\w-]*", stem, re.ASCII):
        raise Stop(WRONG_USAGE, f"{name!r} cannot name a notebook; use letters, digits, _ and -, a letter first")
    folder = own_notebooks()
    folder.mkdir(exist_ok=True)
    path = folder / f"{stem}.ipynb"
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
