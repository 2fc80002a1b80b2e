"""Put a report where readers find it, or note why there is none; an older report stays until then."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Any

from analysis.factory import fingerprints
from analysis.factory.failure import Failure
from analysis.factory.plan import Job
from analysis.factory.publishing import journal
from analysis.factory.publishing.manifest import SUFFIX, FailureRecord, Manifest, read_manifest
from analysis.machine.files import publish
from analysis.show.typst_literals import printable

FAILED = ".failed"
NOTHING: Mapping[str, bytes] = MappingProxyType({})


@dataclass(frozen=True)
class Made:
    """What came of a job before any of it is written.

    Attributes
    ----------
    files : mapping of str to bytes
        The report by suffix; empty when it failed.
    manifest : Manifest
        What lies beside it.
    private : mapping of str to bytes
        What may show patients' values, for the owner of the output folder only.
    failure : Failure or None
        Why there are no files.
    """

    files: Mapping[str, bytes]
    manifest: Manifest
    private: Mapping[str, bytes] = field(default_factory=dict)
    failure: Failure | None = None


def place(job: Job, made: Made, out: Path) -> Failure | None:
    """Write what was made of a job below the output folder.

    Parameters
    ----------
    job : Job
        The job.
    made : Made
        What came of it.
    out : Path
        The output folder, locked by the caller.

    Returns
    -------
    Failure or None
        None when a whole report is in place. A failed notebook is kept with its traceback in ``.failed``
        below `out`.
    """
    try:
        if made.failure:
            _keep_private(job, made.private, out)
            _note(job, made.manifest, out, made.private)
            return made.failure
        old = read_manifest(job.file(out, SUFFIX))
        files = {job.file(out, suffix): content for suffix, content in made.files.items()}
        publish(out, files, private=made.manifest.internal)
        write_manifest(job.stem, made.manifest, out)
        _remove_superseded(job, old, files, out)
    except OSError as error:
        name = Path(error.filename).name if isinstance(error.filename, str) else str(job.stem)
        message = f"Could not write {name}: {error.strerror}."
        return record_failure(job, Failure(type(error).__name__, message, by_machine=True), out)
    return None


def record_failure(job: Job, failure: Failure, out: Path) -> Failure:
    """Note a failure of which nothing else is known, and return it."""
    # Where even the manifest cannot be written, the caller still reports the failure.
    with suppress(OSError):
        _note(job, failed_manifest(job, failure, datetime.now(UTC)), out)
    return failure


def failed_manifest(job: Job, failure: Failure, started: datetime, **known: Any) -> Manifest:
    """Write the manifest of a report that there never was."""
    note = FailureRecord(error=failure.error, message=failure.message, cell=failure.cell, at=datetime.now(UTC))
    return manifest_of(job, started, status="failed", failure=note, **known)


def manifest_of(job: Job, started: datetime, **known: Any) -> Manifest:
    """Write down what a job was made from; `known` adds what came of it."""
    fields = {
        "key": job.key,
        "inputs": dict(job.inputs),
        "notebook": job.notebook.name,
        "title": job.title,
        "study": job.study_name,
        "group_by": job.group_by,
        "group": _encodable(job.group),
        "group_label": _encodable(job.group_label),
        "parameters": {name: _encodable(value) for name, value in job.parameters.items()},
        "seed": job.seed,
        "versions": dict(job.versions),
        "git_commit": job.git_commit,
        "started": started,
        "finished": datetime.now(UTC),
    }
    return Manifest(**{**fields, **known})


def _note(job: Job, manifest: Manifest, out: Path, private: Mapping[str, bytes] = NOTHING) -> None:
    """Note a failure, keeping an older report and all that is known of it."""
    path = job.file(out, SUFFIX)
    old = read_manifest(path)
    if old and old.files:
        manifest = old.model_copy(update={"status": "stale", "failure": manifest.failure})
    write_manifest(job.stem, manifest, out, private)


def write_manifest(stem: PurePosixPath, manifest: Manifest, out: Path, private: Mapping[str, bytes] = NOTHING) -> None:
    """Write a manifest after its line in the journal: a run killed in between builds the report again."""
    content = _json(manifest)
    journal.append(
        out,
        "report",
        report=str(stem),
        status=manifest.status,
        manifest=fingerprints.of_bytes(content),
        files={file.name: file.sha256 for file in manifest.files.values()},
        private={suffix: fingerprints.of_bytes(kept) for suffix, kept in private.items()},
        error=manifest.failure.error if manifest.failure else None,
        cell=manifest.failure.cell if manifest.failure else None,
    )
    publish(out, {out / stem.with_name(stem.name + SUFFIX): content}, private=manifest.internal)


def _encodable(value: Any) -> Any:
    """Replace what UTF-8 cannot hold, such as half a surrogate pair out of a broken file."""
    return printable(value) if isinstance(value, str) else value


def _json(manifest: Manifest) -> bytes:
    return manifest.model_dump_json(indent=2).encode()


def _keep_private(job: Job, private: Mapping[str, bytes], out: Path) -> None:
    folder = out / FAILED
    publish(out, {job.file(folder, suffix): content for suffix, content in private.items()}, private=True)


def _remove_superseded(job: Job, old: Manifest | None, files: Mapping[Path, bytes], out: Path) -> None:
    """Remove an earlier failure and formats no longer made: page and paper must not disagree."""
    outdated = {job.file(out, SUFFIX).with_name(file.name) for file in old.files.values()} if old else set()
    failed = {job.file(out / FAILED, suffix) for suffix in (".ipynb", ".txt")}
    for path in (outdated - set(files)) | failed:
        path.unlink(missing_ok=True)
