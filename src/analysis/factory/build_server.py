"""The build server: a warm process beside the run that builds each report in a fork of its own.

`analysis.factory.pool` starts it and is the other end of its socket.
"""

import contextlib
import os
import signal
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from pathlib import Path

from analysis.factory.failure import Failure
from analysis.factory.limits import Limits
from analysis.factory.plan import Job
from analysis.factory.publishing.place import Made
from analysis.machine.processes import adopt_orphans, die_with_parent, end_children

DIED = Failure("WorkerDied", "The process building the report died; was it out of memory?")


@dataclass(frozen=True)
class Settings:
    """What a build server works with: the study it reads once, and how reports are built.

    Without `out` reports are sent back and not put in place. `workers` is how many are built at a time. `for_others`
    says whether what they show is noted in the study's ledger: that of internal reports is not. `several` says whether
    more than one report may be asked for. `program` is a fingerprint of the code and libraries, if it is known.
    """

    study: Path
    out: Path | None
    workers: int
    limits: Limits
    for_others: bool = True
    several: bool = True
    program: str = ""


@dataclass(frozen=True)
class Task:
    """A job and the number by which its result is known."""

    number: int
    job: Job


@dataclass(frozen=True)
class Result:
    """What came of a task: a failure or nothing when the build server put the report in place, else the report."""

    number: int
    outcome: Failure | Made | None


@dataclass(frozen=True)
class _Running:
    task: Task
    process: int
    deadline: float


def main(descriptor: int) -> None:
    """Take tasks from a socket and send results until the other end hangs up."""
    # Ctrl-C reaches the whole group of processes; the run alone decides, and says so by hanging up.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    adopt_orphans()
    work = Connection(descriptor)
    try:
        settings: Settings = work.recv()
        _prepare(settings)
        BuildServer(work, settings).run()
    except (EOFError, BrokenPipeError, ConnectionResetError):
        pass
    finally:
        end_children()
    os._exit(0)  # the memory goes back at once; to take all apart first takes a twentieth of the time


def _prepare(settings: Settings) -> None:
    from analysis.factory.build import rehearse
    from analysis.factory.execution import warm
    from analysis.report.scope import preload, publish
    from analysis.report.states import get_ready

    def more() -> None:
        if settings.for_others:
            publish(settings.program)
        preload(settings.study)
        get_ready(settings.study)
        rehearse()

    warm.warm_up(more, for_several=settings.several)


class BuildServer:
    """Runs tasks side by side, each in a fork, and sees them to their end."""

    def __init__(self, work: Connection, settings: Settings) -> None:
        self._work = work
        self._settings = settings
        self._waiting: deque[Task] = deque()
        self._running: dict[Connection, _Running] = {}
        self._redone: set[int] = set()

    def run(self) -> None:
        """Work until the other end hangs up, which raises EOFError."""
        while True:
            for ready in wait([self._work, *self._running], self._next_deadline()):
                if ready is self._work:
                    self._waiting.append(self._work.recv())
                elif isinstance(ready, Connection):
                    self._finish(ready)
            self._end_overdue()
            while self._waiting and len(self._running) < self._settings.workers:
                self._start(self._waiting.popleft())

    def _next_deadline(self) -> float | None:
        if not self._running:
            return None
        return max(0.0, min(running.deadline for running in self._running.values()) - time.monotonic())

    def _start(self, task: Task) -> None:
        here, there = Pipe(duplex=False)
        process = os.fork()
        if process == 0:
            with _ending():
                here.close()
                there.send(_build(task.job, self._settings))
        there.close()
        deadline = time.monotonic() + self._settings.limits.wall_seconds
        self._running[here] = _Running(task, process, deadline)

    def _finish(self, connection: Connection) -> None:
        running = self._running.pop(connection)
        try:
            outcome = connection.recv()
        except (EOFError, OSError):
            self._redo(running.task)
        else:
            self._send(running.task, outcome)
        self._bury(connection, running)

    def _redo(self, task: Task) -> None:
        """Give a job whose process died a second go; what kills it may have been meant for another."""
        if task.number in self._redone:
            self._send(task, DIED)
        else:
            self._redone.add(task.number)
            self._waiting.append(task)

    def _end_overdue(self) -> None:
        limit = self._settings.limits.wall_seconds
        for connection, running in list(self._running.items()):
            if running.deadline <= time.monotonic():
                os.kill(running.process, signal.SIGKILL)
                del self._running[connection]
                self._send(running.task, Failure("WallClock", f"The report took longer than {limit:g} s."))
                self._bury(connection, running)

    def _bury(self, connection: Connection, running: _Running) -> None:
        connection.close()
        os.waitpid(running.process, 0)
        # What a notebook started and left behind has come to this process as its child.
        end_children(but={other.process for other in self._running.values()})

    def _send(self, task: Task, outcome: Failure | Made | None) -> None:
        self._work.send(Result(task.number, outcome))


def _build(job: Job, settings: Settings) -> Failure | Made | None:
    from analysis.factory.build import build_report, make_report

    if settings.out is None:
        return make_report(job, settings.limits)
    return build_report(job, settings.out, settings.limits)


@contextlib.contextmanager
def _ending() -> Iterator[None]:
    """Do a fork's work and end it, without a word to the parent's files."""
    code = 1
    try:
        die_with_parent()
        yield
        code = 0
    finally:
        os._exit(code)
