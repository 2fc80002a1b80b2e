"""Commands that build reports and open the notebooks."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

import analysis
from analysis.cli.app import DATA_FAILED, WRONG_USAGE, Stop, StudyFolder, app, error
from analysis.intake import load
from analysis.reporting.factory import Outcome, Summary, build_reports
from analysis.reporting.parameters import Value
from analysis.reporting.plan import FORMATS


def notebook_folder() -> Path:
    """Return the folder of the notebooks: of the project one stands in, else of the one that is installed."""
    for root in (Path.cwd(), *Path(analysis.__file__).resolve().parents):
        if (root / "notebooks").is_dir() and (root / "pyproject.toml").is_file():
            return root / "notebooks"
    raise Stop(WRONG_USAGE, "no notebooks/ folder here; run capsule in the project's folder")


def _notebooks(names: list[str]) -> list[Path]:
    folder = notebook_folder()
    known = sorted(path for path in folder.glob("*.ipynb"))
    if not names:
        return known
    found = {path.stem: path for path in known}
    if unknown := [name for name in names if name.removesuffix(".ipynb") not in found]:
        raise Stop(WRONG_USAGE, f"no notebook {', '.join(unknown)}; there is {', '.join(found)}")
    return [found[name.removesuffix(".ipynb")] for name in names]


def _groups(study: Path, by: str | None) -> list[str]:
    if by is None:
        return []
    loaded = load(study)
    if by not in loaded.protocol.attributes and by != "clinic_id":
        known = ", ".join(dict.fromkeys(["clinic_id", *loaded.protocol.attributes]))
        raise Stop(WRONG_USAGE, f"--by {by}: not something that reports can be divided by; there is {known}")
    return sorted(loaded.assessments[by].dropna().astype("str").unique())


@app.command()
def report(
    study: StudyFolder,
    notebook: Annotated[list[str] | None, typer.Option(help="Only this notebook; may be repeated.")] = None,
    by: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="Also one report per level, such as clinic_id.")
    ] = None,
    period: Annotated[str, typer.Option(help="Only visits in 2026, 2026Q1 or 2026-03.")] = "",
    comparison: Annotated[str, typer.Option(help="Which pair of timepoints.")] = "",
    internal: Annotated[bool, typer.Option("--internal", help="Withhold nothing; every page says so.")] = False,
    formats: Annotated[str, typer.Option("--format", help="html, pdf or both, with a comma.")] = "html,pdf",
    jobs: Annotated[int, typer.Option(min=1, help="How many at a time.")] = os.cpu_count() or 1,
    out: Annotated[Path, typer.Option(help="Where the reports go; studies may share it.")] = Path("reports"),
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be built, and why.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Build also what has not changed.")] = False,
) -> int:
    """Build every report that is missing or out of date, and the index page."""
    wanted = [name.strip() for name in formats.split(",") if name.strip()]
    if unknown := sorted(set(wanted) - set(FORMATS)) or not wanted:
        raise Stop(WRONG_USAGE, f"--format {unknown or formats!r}: it can be {', '.join(FORMATS)}")
    notebooks = _notebooks(notebook or [])
    groups = _groups(study, by)
    parameters: dict[str, Value] = {"period": period, "comparison": comparison, "internal": internal}
    with _Teller() as teller:
        summary = build_reports(
            study.resolve(),
            notebooks,
            out,
            by=by,
            groups=groups,
            formats=wanted,
            parameters=parameters,
            jobs=jobs,
            force=force,
            dry_run=dry_run,
            progress=teller.tell,
        )
    _say(summary, dry_run)
    return DATA_FAILED if summary.failed else 0


class _Teller:
    """A progress bar on a terminal, plain lines otherwise."""

    def __init__(self) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        self.bar = Progress(*columns) if sys.stderr.isatty() else None
        self.task = self.bar.add_task("Reports", total=None) if self.bar else None

    def __enter__(self) -> _Teller:
        if self.bar:
            self.bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.bar:
            self.bar.stop()

    def tell(self, done: int, total: int, outcome: Outcome) -> None:
        """Say that one more report is done."""
        if self.bar and self.task is not None:
            self.bar.update(self.task, completed=done, total=total)
        else:
            print(f"{done}/{total} {outcome.status} {outcome.job.stem}", file=sys.stderr)


def _say(summary: Summary, dry_run: bool) -> None:
    for outcome in summary.planned if dry_run else summary.failed:
        why = outcome.failure.message if outcome.failure else outcome.reason
        (print if dry_run else error)(f"{outcome.job.stem}: {why}")
    if dry_run:
        print(f"{len(summary.planned)} would be built, {len(summary.skipped)} are up to date")
        return
    print(f"{len(summary.built)} built, {len(summary.skipped)} up to date, {len(summary.failed)} failed")
    print(summary.index)


@app.command()
def lab() -> None:
    """Open JupyterLab on the notebooks, ready to run."""
    folder = notebook_folder()
    os.execv(sys.executable, [sys.executable, "-m", "jupyterlab", str(folder)])
