"""Build reports on the workers of a Dask cluster; they come back as bytes and are put in place here."""

import tempfile
import threading
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import cache
from multiprocessing.connection import Connection
from pathlib import Path

from analysis.factory import fingerprints
from analysis.factory.build_server import DIED, Result, Settings, Task
from analysis.factory.failure import Failure
from analysis.factory.limits import Limits
from analysis.factory.plan import Job
from analysis.factory.pool import Builder, BuildServerDied, Done, open_build_server
from analysis.factory.publishing.place import Made, place, record_failure
from analysis.report.declared import needs_ledger
from analysis.usererror import UserError

_busy = threading.Lock()


@dataclass(frozen=True)
class Shipment:
    """What a worker without a shared disk needs of a job.

    Attributes
    ----------
    url : str
        Where the study lies, as fsspec reads it.
    fingerprint : str
        SHA-256 over the study; a copy with another is refused.
    notebook : bytes
        The notebook itself.
    """

    url: str
    fingerprint: str
    notebook: bytes


def cluster_builder(scheduler: str, study_url: str | None = None) -> Builder:
    """Return a builder that sends jobs to the workers of a Dask scheduler.

    Parameters
    ----------
    scheduler : str
        Such as ``tcp://10.0.0.1:8786``. Workers need this version of the package and its libraries, and the
        study and the notebooks under the same paths. What a lost worker had is done again by another.
    study_url : str, optional
        For workers without a shared disk: the study's folder as fsspec reads it, such as ``s3://bucket/spring``.
        Every worker fetches it once, and gets the notebooks with the jobs.

    Raises
    ------
    ValueError
        ``dask.distributed`` is not installed.
    """
    try:
        from distributed import Client, as_completed
    except ImportError:
        raise ValueError("--scheduler needs dask.distributed: pip install 'capsule-outcomes[cluster]'") from None

    def build(jobs: Sequence[Job], out: Path, limits: Limits, done: Done) -> None:
        with Client(scheduler) as client:
            shipments = _shipments(jobs, study_url)
            futures = {
                client.submit(make_here, job, limits, shipment, pure=False, retries=1): job
                for job, shipment in zip(jobs, shipments, strict=True)
            }
            for future in as_completed(futures):
                job = futures[future]
                made = future.result() if future.status == "finished" else DIED
                future.release()
                done(job, place(job, made, out) if isinstance(made, Made) else record_failure(job, made, out))

    return build


def _shipments(jobs: Sequence[Job], study_url: str | None) -> list[Shipment | None]:
    if study_url is None:
        return [None] * len(jobs)
    if needs_ledger(jobs[0].study) and not all(job.parameters.get("internal") for job in jobs):
        raise UserError(
            "--study-url: these workers do not see the ledger beside the study, which reports that withhold are held "
            "against; use workers that share the disk"
        )
    fingerprint = fingerprints.of_folder(jobs[0].study)
    notebooks = {path: path.read_bytes() for path in {job.notebook for job in jobs}}
    return [Shipment(study_url, fingerprint, notebooks[job.notebook]) for job in jobs]


def make_here(job: Job, limits: Limits, shipment: Shipment | None = None) -> Made | Failure:
    """Make one report on this worker; called by Dask.

    A worker keeps one warm build server, and builds one report at a time: start workers with one thread each.
    """
    if job.versions != fingerprints.versions() or job.inputs["package"] != fingerprints.of_package():
        return Failure("OtherVersion", "The worker has another version of this program or of a library.", None, True)
    if shipment:
        try:
            job = _unpack(job, shipment)
        except (OSError, ValueError, ImportError) as error:
            return Failure(type(error).__name__, "The worker could not fetch the study from its address.", None, True)
        if fingerprints.of_folder(job.study) != shipment.fingerprint:
            return Failure("OtherData", "The study at the address is not the one the run was planned on.", None, True)
    if not job.study.is_dir() or not job.notebook.is_file():
        return Failure("NoSuchPath", "The worker does not see the study or the notebook under its path.", None, True)
    with _busy:
        server, _ = _build_server(job.study, limits)
        try:
            server.send(Task(0, job))
            result: Result = server.recv()
        except (EOFError, OSError):
            _build_server.cache_clear()
            raise BuildServerDied from None
    assert result.outcome is not None  # a build server without a folder sends every report back
    return result.outcome


def _unpack(job: Job, shipment: Shipment) -> Job:
    """Give a job the study and the notebook as they lie on this worker."""
    folder = _fetch(shipment.url, shipment.fingerprint, job.study.name)
    notebook = folder / fingerprints.of_bytes(shipment.notebook) / job.notebook.name
    notebook.parent.mkdir(exist_ok=True)
    notebook.write_bytes(shipment.notebook)
    return replace(job, study=folder / job.study.name, notebook=notebook)


@cache
def _fetch(url: str, fingerprint: str, name: str) -> Path:
    """Copy a study into the worker's own folder, which Dask removes with the worker, and return where."""
    import fsspec
    from distributed import get_worker

    folder = Path(tempfile.mkdtemp(prefix="study-", dir=get_worker().local_directory))
    files, path = fsspec.core.url_to_fs(url)
    files.get(path.rstrip("/") + "/", f"{folder / name}/", recursive=True)
    return folder


@cache
def _build_server(study: Path, limits: Limits) -> tuple[Connection, ExitStack]:
    """Start the build server of this worker; it hears of the worker's end by the closing of the socket."""
    kept = ExitStack()
    return kept.enter_context(open_build_server(Settings(study, None, 1, limits))), kept
