"""Commands that build and verify reports."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, TypeAlias

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from analysis.cli.app import (
    DATA_FAILED,
    DONE,
    MACHINE_FAILED,
    WRONG_USAGE,
    JsonFile,
    Stop,
    StudyFolder,
    app,
    error,
    put,
)
from analysis.cli.notebooks import notebook_folders, own_notebooks, report_notebooks, shipped_notebooks
from analysis.factory.factory import Outcome, Summary, build_reports
from analysis.factory.parameters import Value, read_parameters
from analysis.factory.plan import FORMATS, PAPERS, PERSON
from analysis.factory.publishing.index import unshown_in_words
from analysis.factory.publishing.lock import OutputInUse, refuse_if_in_use
from analysis.factory.publishing.tag import read_key
from analysis.factory.publishing.verify import verify
from analysis.hips.classify import attributes_of
from analysis.report.ledger import take_back, waits_since
from analysis.report.scope import check_scope, fingerprints, needs_ledger, person_codes, person_of, prepare

Groups: TypeAlias = tuple[Mapping[str, Mapping[str, str]], str]

Key: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--key",
        metavar="FILE",
        exists=True,
        dir_okay=False,
        help="A file of 16 secret bytes or more, kept elsewhere; tags the journal, so that forgery shows.",
    ),
]

_STRANGE = (
    "neither among the project's notebooks nor in the study's folder. A notebook is a program: it may do all that you "
    "may, such as read, change or send patients' data. Read it; then add --trust, or copy it to notebooks/"
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


def _of_one_person(notebooks: list[Path], named: bool) -> list[Path]:
    """Return the notebooks about one person; refuse others that were asked for by name."""
    own = [path for path in notebooks if PERSON in read_parameters(path)]
    if named and len(own) < len(notebooks):
        raise Stop(WRONG_USAGE, "only notebooks with a parameter person, such as patient, are made of one person")
    return own


def _people(study: Path, internal: bool, period: str, comparison: str) -> Groups:
    """Return what the page of each person is made from, by a code; refuse it where numbers are withheld."""
    loaded, tables = prepare(study)
    check_scope(loaded, tables, period, comparison)
    made_from = fingerprints(loaded, tables, "patient_id", period, comparison)
    for name in list(made_from)[:1]:
        person_of(study, loaded, tables, name, internal)
    codes = person_codes(study, made_from)
    return {code: made_from[name] for code, name in codes.items()}, "Person"


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
    wanted = [name.strip() for name in formats.split(",") if name.strip()]
    if unknown := sorted(set(wanted) - set(FORMATS)) or not wanted:
        raise Stop(WRONG_USAGE, f"--format {unknown or formats!r}: it can be {', '.join(FORMATS)}")
    if paper not in PAPERS:
        raise Stop(WRONG_USAGE, f"--paper {paper!r}: it can be {', '.join(PAPERS)}")
    if study_url and not scheduler:
        raise Stop(WRONG_USAGE, "--study-url is for the workers of a cluster; give its --scheduler too")
    notebooks = _notebooks(notebook or [], study, trust)
    parameters: dict[str, Value] = {"period": period, "comparison": comparison, "internal": internal}
    settings = _settings(setting or [], {"study", "clinic_id", "group", *parameters})
    if by == "patient_id" or PERSON in settings:
        notebooks = _of_one_person(notebooks, bool(notebook))
    if by == "patient_id":
        by, (groups, group_name) = PERSON, _people(study, internal, period, comparison)
    else:
        groups, group_name = _groups(study, by, period, comparison)
    if PERSON in settings:
        loaded, tables = prepare(study)
        name = person_of(study, loaded, tables, settings[PERSON], internal)
        settings[PERSON] = next(iter(person_codes(study, [name])))
    elif by != PERSON and not (notebooks := [path for path in notebooks if PERSON not in read_parameters(path)]):
        raise Stop(WRONG_USAGE, "a page of one person: add --by patient_id, or --set person= and an identifier")
    if unseen and not dry_run and needs_ledger(study):
        take_back(study, unseen.date())
    # A service manager stops a run as a person does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with _Teller() as teller, _in_use():
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
        _say(summary, dry_run)
    if not (internal or dry_run) and needs_ledger(study) and (day := waits_since(study)):
        error(
            f"too few patients have come since {day} for the study's rate to be shown anew: reports are made from the "
            f"visits of that day, or withhold it where readings were changed. Where nobody has seen the reports of "
            f"that day, build again with --unseen {day}"
        )
    if json:
        put(_document(summary), json, lambda: None, private=False)
    return _exit_code(summary)


@contextmanager
def _in_use() -> Iterator[None]:
    try:
        yield
    except OutputInUse as busy:
        raise Stop(MACHINE_FAILED, str(busy)) from None


def _exit_code(summary: Summary) -> int:
    """Tell reports that failed by their own fault from a machine that failed them."""
    if any(outcome.failure and outcome.failure.by_machine for outcome in summary.failed):
        return MACHINE_FAILED
    return DATA_FAILED if summary.failed else DONE


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


def _document(summary: Summary) -> dict[str, Any]:
    """Say what a run did, fit for alerting: numbers, places and classes of errors, never values."""
    failed = [
        {"report": str(outcome.job.stem), **asdict(outcome.failure)} for outcome in summary.failed if outcome.failure
    ]
    planned = [{"report": str(outcome.job.stem), "reason": outcome.reason} for outcome in summary.planned]
    return {
        "built": len(summary.built),
        "up_to_date": len(summary.skipped),
        "failed": failed,
        "planned": planned,
        "gone": summary.gone,
        "unshown": [{"report": stem, "outputs": number} for stem, number in summary.unshown.items()],
        "seconds": round(summary.seconds, 1),
        "exit_code": _exit_code(summary),
        "index": str(summary.index),
    }


def _say(summary: Summary, dry_run: bool) -> None:
    for outcome in summary.planned if dry_run else summary.failed:
        why = outcome.failure.message if outcome.failure else outcome.reason
        (print if dry_run else error)(f"{outcome.job.stem}: {why}")
    if dry_run:
        print(f"{len(summary.planned)} would be built, {len(summary.skipped)} are up to date")
        return
    for stem, number in summary.unshown.items():
        error(f"{stem}: {unshown_in_words(number)}")
    gone = f", {summary.gone} of groups no longer in the data" if summary.gone else ""
    print(f"{len(summary.built)} built, {len(summary.skipped)} up to date, {len(summary.failed)} failed{gone}")
    print(summary.index)


@app.command(name="verify")
def verify_reports(
    folder: Annotated[Path, typer.Argument(metavar="DIR", exists=True, file_okay=False, help="Where reports are.")],
    key: Key = None,
    json: JsonFile = None,
) -> int:
    """Compare every file of an output folder with its journal and manifests.

    Without a key this finds accidents, not forgery: whoever may write to the folder can write a journal that fits.
    With the key that the reports were made with (capsule report --key FILE) it finds forgery too.
    """
    with _in_use():
        refuse_if_in_use(folder.resolve())
        findings = verify(folder.resolve(), read_key(key, folder) if key else None)

    def show() -> None:
        for finding in findings:
            print(f"{finding.file}: {finding.message}")
        sure = "with the key" if key else "accidents would show, forgery only with --key"
        good = f"every file is as it was written ({sure})"
        print(f"{len(findings)} files are not as they were written" if findings else good)

    put({"findings": [asdict(finding) for finding in findings], "with_key": bool(key)}, json, show, private=False)
    return DATA_FAILED if findings else DONE
