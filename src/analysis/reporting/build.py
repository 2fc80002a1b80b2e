"""Build one report: execute, export, publish; what fails is told in a manifest and the old report stays."""

import traceback
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import get_exporter
from nbformat import NotebookNode

from analysis.reporting import fingerprints
from analysis.reporting.document import read_document
from analysis.reporting.execute import INJECTED, Execution, Failure, execute
from analysis.reporting.manifest import SUFFIX, CellRecord, FailureRecord, FileRecord, Manifest, read_manifest
from analysis.reporting.notebook import read_notebook, tags
from analysis.reporting.plan import Job
from analysis.reporting.publish import publish
from analysis.typst_literals import printable

FAILED = ".failed"


@dataclass
class Attempt:
    """One go at a job, filled in as far as it gets."""

    job: Job
    out: Path
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    execution: Execution | None = None


def build_report(job: Job, out: Path) -> Failure | None:
    """Build one report and publish it, or record why it could not be built.

    Parameters
    ----------
    job : Job
        What to build.
    out : Path
        The output folder, locked by the caller.

    Returns
    -------
    Failure or None
        None when the report is in place. A failed notebook is kept with its traceback in ``.failed`` below
        `out`, for the owner's eyes only.
    """
    attempt = Attempt(job, out)
    try:
        failure = _try(attempt)
    except OSError as error:
        place = Path(error.filename).name if isinstance(error.filename, str) else str(job.stem)
        failure = Failure(type(error).__name__, f"Could not write {place}: {error.strerror}.", by_machine=True)
    except Exception as error:  # one report's fault, whatever it is, must not stop the others
        failure = Failure(type(error).__name__, "The report could not be built.")
    if failure:
        record_failure(attempt, failure)
    return failure


def record_failure(attempt: Attempt, failure: Failure) -> None:
    """Note a failure in the report's manifest, keeping an older report and all that is known of it."""
    job, out = attempt.job, attempt.out
    note = FailureRecord(error=failure.error, message=failure.message, cell=failure.cell, at=datetime.now(UTC))
    old = read_manifest(job.file(out, SUFFIX))
    if old and old.files:
        manifest = old.model_copy(update={"status": "stale", "failure": note})
    else:
        manifest = _manifest(attempt, status="failed", failure=note)
    # Where even the manifest cannot be written, the caller still reports the failure.
    with suppress(OSError):
        publish(out, {job.file(out, SUFFIX): _json(manifest)})


def _try(attempt: Attempt) -> Failure | None:
    job, out = attempt.job, attempt.out
    source = read_notebook(job.notebook)
    attempt.execution = execution = execute(source, job.kernel_parameters(), job.notebook.parent)
    if execution.failure:
        _keep_private(attempt, ".ipynb", nbformat.writes(execution.notebook))
        return execution.failure
    report = without_study_path(execution.notebook, job.study)
    files: dict[Path, bytes] = {}
    for kind in job.formats:
        try:
            files[job.file(out, f".{kind}")] = export(report, kind)
        except Exception as error:  # any fault of an exporter is this report's failure, not the run's
            _keep_private(attempt, ".txt", "".join(traceback.format_exception(error)))
            return Failure(type(error).__name__, f"The notebook ran, but its {kind.upper()} could not be made.")
    old = read_manifest(job.file(out, SUFFIX))
    publish(out, files)
    publish(out, {job.file(out, SUFFIX): _json(_fresh_manifest(attempt, report, files))})
    _remove_superseded(attempt, old, files)
    return None


def export(notebook: NotebookNode, kind: str) -> bytes:
    """Export an executed notebook as ``html`` or ``pdf``."""
    body, _ = get_exporter(f"capsule-{kind}")().from_notebook_node(notebook)
    return body.encode() if isinstance(body, str) else body


def without_study_path(notebook: NotebookNode, study: Path) -> NotebookNode:
    """Copy an executed notebook without the injected parameters and the study's path in its outputs."""
    copy = nbformat.from_dict(notebook)
    copy.cells = [cell for cell in copy.cells if INJECTED not in tags(cell)]
    for cell in copy.cells:
        if "outputs" in cell:
            cell.outputs = nbformat.from_dict(_replaced(cell.outputs, str(study), study.name))
    return copy


def _replaced(value: Any, old: str, new: str) -> Any:
    match value:
        case str():
            return value.replace(old, new)
        case Mapping():
            return {key: _replaced(item, old, new) for key, item in value.items()}
        case list():
            return [_replaced(item, old, new) for item in value]
        case _:
            return value


def _fresh_manifest(attempt: Attempt, report: NotebookNode, files: Mapping[Path, bytes]) -> Manifest:
    cover = read_document(report)
    records = {
        path.suffix.lstrip("."): FileRecord(name=path.name, size=len(content), sha256=fingerprints.of_bytes(content))
        for path, content in files.items()
    }
    return _manifest(attempt, status="fresh", files=records, title=cover.title, marks=cover.marks)


def _manifest(attempt: Attempt, **known: Any) -> Manifest:
    job = attempt.job
    cells = attempt.execution.cells if attempt.execution else ()
    fields = {
        "key": job.key,
        "inputs": dict(job.inputs),
        "notebook": job.notebook.name,
        "title": job.title,
        "study": job.study_name,
        "group_by": job.group_by,
        "group": _encodable(job.group),
        "parameters": {name: _encodable(value) for name, value in job.parameters.items()},
        "cells": tuple(CellRecord(**asdict(cell)) for cell in cells),
        "versions": fingerprints.versions(),
        "git_commit": fingerprints.git_commit(job.notebook.parent),
        "started": attempt.started,
        "finished": datetime.now(UTC),
    }
    return Manifest(**{**fields, **known})


def _encodable(value: Any) -> Any:
    """Replace what UTF-8 cannot hold, such as half a surrogate pair out of a broken file."""
    return printable(value) if isinstance(value, str) else value


def _json(manifest: Manifest) -> bytes:
    return manifest.model_dump_json(indent=2).encode()


def _keep_private(attempt: Attempt, suffix: str, content: str) -> None:
    """Keep what may show patients' values where only the owner of the output folder can read it."""
    folder = attempt.out / FAILED
    folder.mkdir(mode=0o700, exist_ok=True)
    folder.chmod(0o700)
    publish(attempt.out, {attempt.job.file(folder, suffix): content.encode("utf-8", "backslashreplace")})


def _remove_superseded(attempt: Attempt, old: Manifest | None, files: Mapping[Path, bytes]) -> None:
    """Remove an earlier failure and formats no longer made: page and paper must not disagree."""
    job, out = attempt.job, attempt.out
    outdated = {job.file(out, SUFFIX).with_name(file.name) for file in old.files.values()} if old else set()
    failed = {job.file(out / FAILED, suffix) for suffix in (".ipynb", ".txt")}
    for path in (outdated - set(files)) | failed:
        path.unlink(missing_ok=True)
