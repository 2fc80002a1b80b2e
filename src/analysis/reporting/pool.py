"""Build many reports at once in processes of their own; one that dies takes no other report with it."""

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any

from analysis.reporting.build import Attempt, build_report, record_failure
from analysis.reporting.execute import Failure
from analysis.reporting.plan import Job

# Fresh interpreters: a fork of a process that has compiled typst, or that runs threads, can hang.
_SPAWN = multiprocessing.get_context("spawn")
# Seconds a worker has to shut down its kernel.
_GRACE = 15.0

_building = threading.Event()
_stopping = threading.Event()


def build_all(jobs: Sequence[Job], out: Path, workers: int, done: Callable[[Job, Failure | None], None]) -> None:
    """Build reports on `workers` processes and call `done` in this process as each ends.

    An interrupt stops the workers and their kernels before it goes on.

    Parameters
    ----------
    jobs : sequence of Job
        What to build.
    out : Path
        The output folder, locked by the caller.
    workers : int
        How many reports are built at a time.
    done : function of Job and Failure or None
        Called once per job, in the order the jobs end.
    """
    for job in _build_together(jobs, out, workers, done):
        # A worker's death breaks the whole pool; alone again, only the job to blame dies again.
        for guilty in _build_together([job], out, 1, done):
            failure = Failure("WorkerDied", "The process building the report died; was it out of memory?")
            record_failure(Attempt(guilty, out), failure)
            done(guilty, failure)


def _build_together(
    jobs: Sequence[Job], out: Path, workers: int, done: Callable[[Job, Failure | None], None]
) -> list[Job]:
    """Build reports in one pool; return the jobs that were lost because a worker died."""
    if not jobs:
        return []
    lost = []
    others = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(min(workers, len(jobs)), mp_context=_SPAWN, initializer=_prepare_worker)
    try:
        futures = {pool.submit(_build, job, out): job for job in jobs}
        for future in as_completed(futures):
            try:
                failure = future.result()
            except BrokenProcessPool:
                lost.append(futures[future])
            else:
                done(futures[future], failure)
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        for worker in set(multiprocessing.active_children()) - others:
            worker.terminate()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
    return lost


def _prepare_worker() -> None:
    # Ctrl-C reaches the whole group of processes; the parent alone decides, and says so by SIGTERM.
    signal.signal(signal.SIGINT, lambda *_: None)
    signal.signal(signal.SIGTERM, _stop)
    threading.Thread(target=_follow_parent, daemon=True).start()


def _build(job: Job, out: Path) -> Failure | None:
    if _stopping.is_set():
        raise KeyboardInterrupt
    _building.set()
    try:
        return build_report(job, out)
    finally:
        _building.clear()


def _stop(*_: Any) -> None:
    """End the report under way, once: a second signal must not cut the shutdown of its kernel short."""
    again = _stopping.is_set()
    _stopping.set()
    if _building.is_set() and not again:
        raise KeyboardInterrupt


def _follow_parent() -> None:
    """Stop when the parent is gone, however it went; a pool's worker would wait for work for ever."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return
    wait([parent.sentinel])
    os.kill(os.getpid(), signal.SIGTERM)
    deadline = time.monotonic() + _GRACE
    while _building.is_set() and time.monotonic() < deadline:
        time.sleep(0.05)
    os._exit(1)
