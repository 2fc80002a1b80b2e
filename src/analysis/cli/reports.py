"""The command that builds reports."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Collection, Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from analysis.cli.app import (
    WRONG_USAGE,
    JsonFile,
    Stop,
    StudyFolder,
    app,
    error,
    put,
)
from analysis.cli.notebooks import notebook_folders, own_notebooks, report_notebooks, shipped_notebooks
from analysis.cli.run_summary import Teller, exit_code, say_summary, summary_document
from analysis.cli.verify import Key, in_use
from analysis.factory.factory import build_reports
from analysis.factory.parameters import Value, read_parameters
from analysis.factory.plan import FORMATS, PAPERS, PERSON
from analysis.factory.publishing.tag import read_key
from analysis.report.declared import needs_ledger
from analysis.report.ledger import take_back, waits_since

# What counts is imported where it is asked for: a run that only builds leaves pandas to the build server.
Groups: TypeAlias = tuple[Mapping[str, Mapping[str, str]], str]

_STRANGE = (
    "neither among the project's notebooks nor in the study's folder. A notebook is a program: it may do all that you "
    "may, such as read, change or send patients' data. Read it; then add --trust, or copy it to notebooks/"
)
_WAITS = (
    "too few patients have come since {day} for the study's rate to be shown anew: reports are made from the visits of "
    "that day, or withhold it where readings were changed. Where nobody has seen the reports of that day, build again "
    "with --unseen {day}"
)


def _notebooks(names: list[str], study: Path, trust: bool) -> list[Path]:
    """Find the notebooks: each the name of a report notebook of the project or the path of one anywhere.

    One that lies neither where the program or the project keeps its notebooks nor in the study needs to be trusted.
    """
    found = _named(names)
    own = [folder.resolve() for folder in (study, own_notebooks(), shipped_notebooks())]
    strange = [path for path in found if not any(path.resolve().is_relative_to(folder) for folder in own)]
    if strange and not trust:
        raise Stop(WRONG_USAGE, f"{', '.join(path.name for path in strange)}: {_STRANGE}")
    return found


def _named(names: list[str]) -> list[Path]:
    known = report_notebooks(*notebook_folders())
    if not names:
        return known
    found = {path.stem: path for path in known}
    found |= {name: Path(name).resolve() for name in names if name.endswith(".ipynb") and Path(name).is_file()}
    found |= {f"{path.stem}.ipynb": path for path in known}
    if unknown := [name for name in names if name not in found]:
        there = ", ".join(path.stem for path in known)
        raise Stop(WRONG_USAGE, f"no report notebook {', '.join(unknown)}; there is {there}, or give a file's path")
    return [found[name] for name in names]


def _groups(study: Path, by: str | None, period: str, comparison: str) -> Groups:
    """Return the values of a column and what the reports of each are made from, and the column in words.

    Period and comparison are held against the study before anything runs.
    """
    if not (by or period or comparison):
        return {}, ""
    from analysis.hips.classify import attributes_of
    from analysis.report.scope import check_scope, fingerprints, prepare

    loaded, tables = prepare(study)
    check_scope(loaded, tables, period, comparison)
    if by is None:
        return {}, ""
    attributes = attributes_of(loaded.protocol, dividing=True)
    known = [name for name in attributes if tables.changes[name].notna().any()]
    there = f"there is {', '.join(known)}" if known else "this study has no such column"
    if by not in attributes:
        raise Stop(WRONG_USAGE, f"--by {by}: not something that reports can be divided by; {there}")
    groups = fingerprints(loaded, tables, by, period, comparison)
    if not groups:
        raise Stop(WRONG_USAGE, f"--by {by}: it is recorded for no hip that is asked for; {there}")
    attribute = loaded.protocol.attributes.get(by)
    label = attribute.label if attribute else "Clinic"
    if tables.changes[by].isna().any():
        hips = loaded.protocol.words.hips
        line = f"{label} is not recorded for some {hips}: they count in reports of all, and in no report of one group"
        print(line, file=sys.stderr)
    return groups, label


def _about(notebooks: list[Path], one_person: bool, named: bool) -> list[Path]:
    """Return the notebooks about one person, or those about many; refuse what was asked for by name and is neither."""
    found = [path for path in notebooks if (PERSON in read_parameters(path)) == one_person]
    if one_person and named and len(found) < len(notebooks):
        raise Stop(WRONG_USAGE, "only notebooks with a parameter person, such as patient, are made of one person")
    if not (one_person or found):
        raise Stop(WRONG_USAGE, "a page of one person: add --by patient_id, or --set person= and an identifier")
    return found


def _people(study: Path, internal: bool, period: str, comparison: str) -> Groups:
    """Return what the page of each person is made from, by a code; refuse it where numbers are withheld."""
    from analysis.report.scope import check_scope, fingerprints, person_codes, person_of, prepare

    loaded, tables = prepare(study)
    check_scope(loaded, tables, period, comparison)
    made_from = fingerprints(loaded, tables, "patient_id", period, comparison)
    for name in list(made_from)[:1]:
        person_of(study, loaded, tables, name, internal)
    codes = person_codes(study, made_from)
    return {code: made_from[name] for code, name in codes.items()}, "Person"


def _code_of(person: str, study: Path, internal: bool) -> str:
    """Return the code of a person who is named by an identifier or by a code."""
    from analysis.report.scope import person_codes, person_of, prepare

    loaded, tables = prepare(study)
    return next(iter(person_codes(study, [person_of(study, loaded, tables, person, internal)])))


def _say_what_waits(study: Path) -> None:
    if day := waits_since(study):
        error(_WAITS.format(day=day))


def _settings(given: list[str], taken: Collection[str]) -> dict[str, str]:
    """Split NAME=VALUE; what has an option of its own is asked for by that."""
    settings = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not (name.isidentifier() and equals):
            raise Stop(WRONG_USAGE, f"--set {text!r}: it must be NAME=VALUE, such as target=0.6")
        if name in taken:
            raise Stop(WRONG_USAGE, f"--set {text!r}: {name} is given by the study, --by or an option of its own")
        if name in settings:
            raise Stop(WRONG_USAGE, f"--set {text!r}: {name} is given twice; give it once")
        settings[name] = value
    return settings


def _formats(formats: str, paper: str) -> list[str]:
    """Split the kinds of file; refuse one, or a size of sheets, that cannot be made."""
    wanted = [name.strip() for name in formats.split(",") if name.strip()]
    if unknown := sorted(set(wanted) - set(FORMATS)) or not wanted:
        raise Stop(WRONG_USAGE, f"--format {unknown or formats!r}: it can be {', '.join(FORMATS)}")
    if paper not in PAPERS:
        raise Stop(WRONG_USAGE, f"--paper {paper!r}: it can be {', '.join(PAPERS)}")
    return wanted


@app.command()
def report(
    study: StudyFolder,
    notebook: Annotated[
        list[str] | None, typer.Option(help="Only this notebook, by name or path; may be repeated.")
    ] = None,
    trust: Annotated[
        bool, typer.Option("--trust", help="Run notebooks from elsewhere too; they may do all that you may.")
    ] = False,
    by: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="Also one report per level, such as clinic_id.")
    ] = None,
    period: Annotated[str, typer.Option(help="Only visits in 2026, 2026Q1 or 2026-03.")] = "",
    comparison: Annotated[str, typer.Option(help="Which pair of timepoints.")] = "",
    internal: Annotated[bool, typer.Option("--internal", help="Withhold nothing; every page says so.")] = False,
    formats: Annotated[str, typer.Option("--format", help="html, pdf or both, with a comma.")] = "html,pdf",
    paper: Annotated[str, typer.Option(help="Sheets of the PDF: a4 or us-letter.")] = PAPERS[0],
    setting: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="NAME=VALUE", help="A parameter of a notebook, such as target=0.6; may be repeated."
        ),
    ] = None,
    jobs: Annotated[int, typer.Option(min=1, help="How many at a time.")] = os.cpu_count() or 1,
    scheduler: Annotated[
        str | None, typer.Option(metavar="URL", help="A Dask scheduler, such as tcp://host:8786, to build on.")
    ] = None,
    study_url: Annotated[
        str | None,
        typer.Option("--study-url", metavar="URL", help="Where workers without a shared disk fetch the study."),
    ] = None,
    out: Annotated[Path, typer.Option(help="Where the reports go; studies may share it.")] = Path("reports"),
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be built, and why.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Rebuild unchanged reports too.")] = False,
    unseen: Annotated[
        datetime | None,
        typer.Option(
            "--unseen",
            metavar="DAY",
            formats=["%Y-%m-%d"],
            help="Nobody has seen reports of that day and later: build them anew, held against those before.",
        ),
    ] = None,
    key: Key = None,
    json: JsonFile = None,
) -> int:
    """Build every report that is missing or out of date, and the index page."""
    wanted = _formats(formats, paper)
    if study_url and not scheduler:
        raise Stop(WRONG_USAGE, "--study-url is for the workers of a cluster; give its --scheduler too")
    notebooks = _notebooks(notebook or [], study, trust)
    parameters: dict[str, Value] = {"period": period, "comparison": comparison, "internal": internal}
    settings = _settings(setting or [], {"study", "clinic_id", "group", *parameters})
    notebooks = _about(notebooks, by == "patient_id" or PERSON in settings, bool(notebook))
    if by == "patient_id":
        by, (groups, group_name) = PERSON, _people(study, internal, period, comparison)
    else:
        groups, group_name = _groups(study, by, period, comparison)
    if PERSON in settings:
        settings[PERSON] = _code_of(settings[PERSON], study, internal)
    if unseen and not dry_run and needs_ledger(study):
        take_back(study, unseen.date())
    # A service manager stops a run as a person does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with Teller() as teller, in_use():
        summary = build_reports(
            study.resolve(),
            notebooks,
            out,
            by=by,
            groups=groups,
            group_name=group_name,
            formats=wanted,
            paper=paper,
            parameters=parameters,
            settings=settings,
            jobs=jobs,
            scheduler=scheduler,
            study_url=study_url,
            force=force or unseen is not None,
            dry_run=dry_run,
            key=read_key(key, out) if key else None,
            progress=teller.tell,
        )
    if json != "-":
        say_summary(summary, dry_run)
    if not (internal or dry_run) and needs_ledger(study):
        _say_what_waits(study)
    if json:
        put(summary_document(summary), json, lambda: None, private=False)
    return exit_code(summary)
