"""Commands that write what other programs and articles take: every results table, and the methods in words."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from analysis.cli.app import WRONG_USAGE, Safe, Stop, StudyFolder, app, columns
from analysis.machine.files import publish as put_whole
from analysis.outputs.export import ANALYSIS_FORMATS, FORMATS
from analysis.outputs.export import export as write_results
from analysis.report import open_report
from analysis.report.scope import publish
from analysis.show.words import day_in_words


@app.command()
def export(
    study: StudyFolder,
    out: Annotated[Path, typer.Option(help="Folder for the files.")],
    formats: Annotated[str, typer.Option("--format", help=f"{', '.join(FORMATS)}; several with commas.")] = "csv",
    comparison: Annotated[str, typer.Option(help="Which pair of timepoints; left out: the primary one.")] = "",
    safe: Safe = False,
) -> None:
    """Write results with a dictionary (csv, parquet, xlsx), a paper's tables (docx, md), or every hip's readings.

    Readings, one row per hip, parameter and visit, are for SAS, SPSS and Stata (xpt, json, sav, dta). With --safe
    results and tables are as a report would show them, and readings of single hips are refused.
    """
    asked = columns(formats) or [""]
    if safe and (single := [kind for kind in asked if kind in ANALYSIS_FORMATS]):
        raise Stop(WRONG_USAGE, f"{', '.join(single)}: analysis data tell of single patients; leave out --safe")
    if safe:
        publish()
    report = open_report(study, comparison=comparison, internal=not safe)
    written = write_results(report, out, asked)
    print(f"{out}: {', '.join(written)}")
    if report.on:
        print(f"of the visits of {day_in_words(report.on)}, as too few patients have come since")


@app.command()
def methods(
    study: StudyFolder,
    references: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the references here too: .json (CSL) or .bib (BibTeX).")
    ] = None,
    comparison: Annotated[str, typer.Option(help="Which pair of timepoints; left out: the primary one.")] = "",
    internal: Annotated[bool, typer.Option("--internal", help="Withhold nothing.")] = False,
) -> None:
    """Write the methods of a study for an article: rules, errors, statistics, the flow, software and references."""
    from analysis.outputs.methods import methods_of
    from analysis.outputs.references import as_bibtex, as_csl

    written = {".json": as_csl, ".bib": as_bibtex}
    if references and references.suffix not in written:
        raise Stop(WRONG_USAGE, f"--references {references.name}: it must end in {' or '.join(written)}")
    if not internal:
        publish()
    found = methods_of(open_report(study, comparison=comparison, internal=internal))
    if references:
        text = written[references.suffix](found.references)
        place = references.resolve()
        put_whole(place.parent, {place: text.encode()})
    print(found)
