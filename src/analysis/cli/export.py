"""The command that writes every results table for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from analysis.cli.app import Safe, StudyFolder, app, columns
from analysis.outputs.export import FORMATS
from analysis.outputs.export import export as write_results
from analysis.report import open_report
from analysis.report.scope import publish


@app.command()
def export(
    study: StudyFolder,
    out: Annotated[Path, typer.Option(help="Folder for the files.")],
    formats: Annotated[str, typer.Option("--format", help=f"{', '.join(FORMATS)}; several with commas.")] = "csv",
    comparison: Annotated[str, typer.Option(help="Which pair of timepoints; left out: the primary one.")] = "",
    safe: Safe = False,
) -> None:
    """Write every results table, with a dictionary of the columns; with --safe as a report would show it."""
    if safe:
        publish()
    report = open_report(study, comparison=comparison, internal=not safe)
    written = write_results(report, out, columns(formats) or [""])
    print(f"{out}: {', '.join(written)}")
