"""Build reports on the workers of a Dask cluster; they come back as bytes and are put in place here."""

import threading
from collections.abc import Sequence
from contextlib import ExitStack
from functools import cache
from multiprocessing.connection import Connection
from pathlib import Path

from analysis.reporting import fingerprints
from analysis.reporting.failure import Failure
from analysis.reporting.limits import Limits
from analysis.reporting.plan import Job
from analysis.reporting.pool import Builder, Done, PressDied, open_press
from analysis.reporting.press import DIED, Result, Settings, Task
from analysis.reporting.publishing.place import Made, place, record_failure

_busy = threading.Lock()


def cluster_builder(scheduler: str) -> Builder:
    """Return a builder that sends jobs to the workers of a Dask scheduler.

    Parameters
    ----------
    scheduler : str
        Such as ``tcp://10.0.0.1:8786``. Workers need this version of the package and its libraries, and the
        study and the notebooks under the same paths. What a lost worker had is done again by another.

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
            futures = {client.submit(make_here, job, limits, pure=False, retries=1): job for job in jobs}
            for future in as_completed(futures):
                job = futures[future]
                made = future.result() if future.status == "finished" else DIED
                future.release()
                done(job, place(job, made, out) if isinstance(made, Made) else record_failure(job, made, out))

    return build


def make_here(job: Job, limits: Limits) -> Made | Failure:
    """Make one report on this worker; called by Dask.

    A worker keeps one warm press, and builds one report at a time: start workers with one thread each.
    """
    if job.versions != fingerprints.versions() or job.inputs["package"] != fingerprints.of_package():
        return Failure("OtherVersion", "The worker has another version of this program or of a library.", None, True)
    if not job.study.is_dir() or not job.notebook.is_file():
        return Failure("NoSuchPath", "The worker does not see the study or the notebook under its path.", None, True)
    with _busy:
        press, _ = _press(job.study, limits)
        try:
            press.send(Task(0, job))
            result: Result = press.recv()
        except (EOFError, OSError):
            _press.cache_clear()
            raise PressDied from None
    assert result.outcome is not None  # a press without a folder sends every report back
    return result.outcome


@cache
def _press(study: Path, limits: Limits) -> tuple[Connection, ExitStack]:
    """Start the press of this worker; it hears of the worker's end by the closing of the socket."""
    kept = ExitStack()
    return kept.enter_context(open_press(Settings(study, None, 1, limits))), kept
