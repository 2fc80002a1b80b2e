"""The command that attacks a folder before somebody else does."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from analysis.cli.app import DATA_FAILED, DONE, JsonFile, app, put
from analysis.factory.identifiers import identifiers_of
from analysis.factory.publishing.audit import told_by
from analysis.factory.publishing.handed_out import read_folder
from analysis.intake import load
from analysis.protocol import builtin
from analysis.report.held import shown_before


@app.command()
def audit(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", exists=True, file_okay=False, help="What is about to be handed out.")
    ],
    study: Annotated[
        Path | None,
        typer.Option(exists=True, file_okay=False, help="The study, for its words, policy, ledger and identifiers."),
    ] = None,
    json: JsonFile = None,
) -> int:
    """Try to work out counts of few patients from everything in a folder; exit 1 where that succeeds or cannot be told.

    It reads tables and sentences of our pages, exports and JSON files, and tables that others made, and subtracts as a
    reader would. With --study it adds what earlier releases have shown.
    """
    loaded = load(study) if study else None
    names = identifiers_of(loaded) if loaded else frozenset()
    found = read_folder(folder, loaded.protocol if loaded else builtin(), names)
    if loaded and loaded.policy.withholds:
        found.fewest = loaded.policy.minimum
    earlier = shown_before(study) if study else []
    told = told_by(found, earlier, loaded.name if loaded else "")

    def show() -> None:
        for leak in told.leaks:
            place = ": ".join(filter(None, [leak.file, leak.table, leak.row, leak.column]))
            print(f"{place}: {leak.how}")
        for file, why in found.unread:
            print(f"not read: {file}: {why}")
        for file in told.contradicting:
            print(f"numbers contradict each other, so what they tell together was not looked for: {file}")
        if told.contradicting and not study:
            print("where the study has a protocol of its own, its words are needed to add up: --study STUDY")
        files = f"{found.n_files} files, and {len(earlier)} earlier releases" if earlier else f"{found.n_files} files"
        narrow = "" if told.narrowest is None else f"; the narrowest range left of the others is {told.narrowest} wide"
        print(f"{files}: {told.withheld} counts are withheld, {told.recovered} of them follow{narrow}")
        rest = "the rest" if told.contradicting else "what was read" if found.unread else ""
        clean = f"no leak found in {rest}" if rest else "no leak found"
        print(f"{len(told.leaks)} places tell of fewer than {found.fewest} patients" if told.leaks else clean)

    document = {
        "leaks": [leak._asdict() for leak in told.leaks],
        "not_read": [unread._asdict() for unread in found.unread],
        "withheld": told.withheld,
        "recovered": told.recovered,
        "narrowest": told.narrowest,
        "contradicting": told.contradicting,
        "fewest": found.fewest,
    }
    put(document, json, show)
    return DATA_FAILED if told.leaks or told.contradicting else DONE
