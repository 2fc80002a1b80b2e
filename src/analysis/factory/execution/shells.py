"""The near end of a shell: in a fork of this very process when it is warm, else of a warm one beside it."""

import atexit
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from nbclient.exceptions import DeadKernelError

from analysis.factory import let_checker_be_found
from analysis.machine import processes
from analysis.machine.processes import may_fork
from analysis.outputs.private import private_folder

let_checker_be_found()  # nbclient has loaded nbformat

WARM = "analysis.factory.execution.warm"
# Seconds a killed shell may take to be gone.
_GRACE = 10.0


@dataclass(frozen=True)
class Request:
    """What a shell starts with: its folder, a folder for its own files, its seed, the bytes it may add to memory."""

    folder: str
    scratch: str
    seed: int | None
    memory: int | None

    def encode(self) -> bytes:
        """Write it as a warm process reads it."""
        return json.dumps(asdict(self)).encode()


class Shell:
    """A shell that answers through a pipe."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._pid: int | None = None
        self._ended = False

    def send(self, source: str) -> None:
        """Have a cell executed."""
        try:
            self._connection.send_bytes(source.encode("utf-8", "surrogatepass"))
        except OSError:
            raise DeadKernelError("Kernel died") from None

    def receive(self, deadline: float | None) -> dict[str, Any] | None:
        """Return the next message and its size in bytes, or None when the deadline has passed."""
        try:
            if deadline is not None and not self._connection.poll(max(0.0, deadline - time.monotonic())):
                return None
            data = self._connection.recv_bytes()
        except (EOFError, OSError):
            self._ended = True
            raise DeadKernelError("Kernel died") from None
        message: dict[str, Any] = json.loads(data.decode("utf-8", "surrogatepass"))
        if message["msg_type"] == "ended":
            self._ended = True
            raise DeadKernelError("Kernel died")
        header = {"msg_type": message["msg_type"]}
        return {"header": header, "parent_header": {}, "metadata": {}, "size": len(data), **message}

    def await_start(self, seconds: float) -> None:
        """Wait until the shell answers."""
        message = self.receive(time.monotonic() + seconds)
        if message is None:
            raise RuntimeError("Kernel didn't respond in time")
        self._pid = message["content"]["pid"]

    def end(self) -> None:
        """Kill the shell and all it started in its session, and wait until it is gone."""
        if self._pid is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._pid, signal.SIGKILL)


class _Forked(Shell):
    """A fork of this process."""

    def __init__(self, request: Request) -> None:
        here, there = multiprocessing.Pipe()
        self._child = sys.modules[WARM].fork_shell(there, request)
        there.close()
        super().__init__(here)

    def end(self) -> None:
        super().end()
        self._connection.close()
        with suppress(ChildProcessError):
            os.waitpid(self._child, 0)


class _Borrowed(Shell):
    """A fork of a warm process beside this one, which is started once and ends with this process."""

    _beside: subprocess.Popen[bytes] | None = None
    _pipe: Connection
    _kept: ExitStack

    def __init__(self, request: Request) -> None:
        if _Borrowed._beside is None or _Borrowed._beside.poll() is not None:
            self._start()
        super().__init__(_Borrowed._pipe)
        self._connection.send_bytes(request.encode())

    def end(self) -> None:
        super().end()
        if self._ended:
            return
        deadline = time.monotonic() + _GRACE
        with suppress(DeadKernelError):
            while self.receive(deadline):
                pass
        if not self._ended:
            self._stop()

    @classmethod
    def _start(cls) -> None:
        here, there = multiprocessing.Pipe()
        kept = ExitStack()
        _Borrowed._beside = processes.start(WARM, there.fileno(), kept.enter_context(private_folder()))
        _Borrowed._pipe, _Borrowed._kept = here, kept
        there.close()
        atexit.register(cls._stop)

    @classmethod
    def _stop(cls) -> None:
        if _Borrowed._beside is not None:
            _Borrowed._pipe.close()
            _Borrowed._beside.kill()
            _Borrowed._beside.wait()
            _Borrowed._kept.close()
            _Borrowed._beside = None


@contextmanager
def open_shell(seed: int | None, memory: int | None, start_timeout: float) -> Iterator[Shell]:
    """Give a fresh shell in the current folder, and end it.

    Parameters
    ----------
    seed : int or None
        Of ``random`` and ``numpy.random``; None draws one.
    memory : int or None
        Bytes the notebook may use beyond what is loaded.
    start_timeout : float
        Seconds the shell may take to answer.
    """
    with private_folder() as scratch:
        request = Request(str(Path.cwd()), str(scratch), seed, memory)
        is_warm = WARM in sys.modules and sys.modules[WARM].is_warm() and may_fork()
        shell = _Forked(request) if is_warm else _Borrowed(request)
        try:
            shell.await_start(start_timeout)
            yield shell
        finally:
            shell.end()
