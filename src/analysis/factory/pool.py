"""Build many reports at once; whatever dies takes no other report with it."""

import multiprocessing
import signal
import socket
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

from analysis.factory.build_server import DIED, Result, Settings, Task
from analysis.factory.failure import Failure
from analysis.factory.fingerprints import of_value
from analysis.factory.limits import Limits
from analysis.factory.plan import Job
from analysis.factory.publishing.place import place, record_failure
from analysis.machine import processes
from analysis.machine.processes import ON_LINUX
from analysis.outputs.private import private_folder

Done = Callable[[Job, Failure | None], None]
# Builds jobs of one study into the output folder, within limits, and tells of each as it ends.
Builder = Callable[[Sequence[Job], Path, Limits, Done], None]
# How often a job may have been under way when its build server died.
_GOES = 2


class BuildServerDied(RuntimeError):
    """The build server is gone, with all jobs it had."""


def local_builder(workers: int) -> Builder:
    """Return a builder that builds on this machine, `workers` reports at a time."""

    def build(jobs: Sequence[Job], out: Path, limits: Limits, done: Done) -> None:
        most = min(workers, len(jobs))
        if ON_LINUX:
            study, others = jobs[0].study, _for_others(jobs)
            settings = Settings(study, out, most, limits, others, several=len(jobs) > 1, program=_program(jobs[0]))
            _build_on_presses(dict(enumerate(jobs)), settings, out, done)
        else:
            _build_without_forks(jobs, out, most, limits, done)

    return build


def _for_others(jobs: Sequence[Job]) -> bool:
    return not all(job.internal for job in jobs)


def _program(job: Job) -> str:
    return of_value([job.inputs["package"], job.inputs["library versions"]])


def _build_on_presses(jobs: dict[int, Job], settings: Settings, out: Path, done: Done) -> None:
    """Build on one build server, and on another with what is left should it die."""
    goes: Counter[int] = Counter()
    while jobs:
        under_way: set[int] = set()
        try:
            with open_build_server(settings) as server:
                for result in _feed(server, deque(jobs), jobs, under_way, 2 * settings.workers):
                    job, failure = jobs.pop(result.number), result.outcome
                    if isinstance(failure, Failure) and failure.error in ("WorkerDied", "WallClock"):
                        record_failure(job, failure, out)
                    done(job, failure if isinstance(failure, Failure) else None)
        except BuildServerDied:
            goes.update(under_way)
            for number in [number for number in under_way if goes[number] >= _GOES]:
                job = jobs.pop(number)
                done(job, record_failure(job, DIED, out))


def _feed(
    server: Connection, waiting: deque[int], jobs: dict[int, Job], under_way: set[int], most: int
) -> Iterator[Result]:
    """Keep a build server busy; what it has at a time is bounded, so that neither end waits for the other to read."""
    try:
        while waiting or under_way:
            while waiting and len(under_way) < most:
                number = waiting.popleft()
                server.send(Task(number, jobs[number]))
                under_way.add(number)
            result: Result = server.recv()
            under_way.discard(result.number)
            yield result
    except (EOFError, OSError) as error:
        raise BuildServerDied from error


@contextmanager
def open_build_server(settings: Settings) -> Iterator[Connection]:
    """Start a build server and give the socket to it; hanging up ends the build server and all it has under way."""
    here, there = socket.socketpair()
    with private_folder() as scratch:
        process = processes.start("analysis.factory.build_server", there.fileno(), scratch, own_session=True)
        there.close()
        connection = Connection(here.detach())
        try:
            try:
                connection.send(settings)
            except OSError as error:
                raise BuildServerDied from error
            yield connection
        finally:
            connection.close()
            process.wait()


def _build_without_forks(jobs: Sequence[Job], out: Path, workers: int, limits: Limits, done: Done) -> None:
    """Build in processes started afresh, with a plain kernel each, where no process can be forked."""
    from analysis.factory.build import make_report

    spawn, begin = multiprocessing.get_context("spawn"), partial(_begin, _for_others(jobs))
    with ProcessPoolExecutor(workers, mp_context=spawn, initializer=begin) as pool:
        futures = {pool.submit(make_report, job, limits): job for job in jobs}
        try:
            for future in as_completed(futures):
                job = futures[future]
                try:
                    done(job, place(job, future.result(), out))
                except BrokenProcessPool:
                    done(job, record_failure(job, DIED, out))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _begin(for_others: bool) -> None:
    from analysis.report.scope import publish

    if for_others:
        publish()
    # Ctrl-C reaches the whole group of processes; the run alone decides.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
