"""The shell that runs a notebook's cells in a fork: IPython as a kernel has it, with a pipe for sockets.

The messages are those of a Jupyter kernel, written by ipykernel's own shell, so that whoever reads them
cannot tell the difference; what falls away is five sockets, their threads and the start of a process.
"""

import asyncio
import builtins
import fcntl
import getpass
import io
import json
import os
import random
import resource
import signal
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from ipykernel.compiler import XCachingCompiler, get_tmp_hash_seed, murmur2_x86
from ipykernel.jsonutil import json_clean
from ipykernel.zmqshell import ZMQInteractiveShell
from IPython.core.error import StdinNotImplementedError, UsageError
from IPython.core.interactiveshell import ExecutionResult
from jupyter_client.jsonutil import json_default
from jupyter_client.session import Session
from traitlets.config import Config

from analysis.factory.execution.shells import Request
from analysis.machine.processes import die_with_parent

# A long print is sent on in pieces, so that a cap on output can be kept while the cell still runs.
_PIECE = 8192


def serve(connection: Connection, request: Request) -> None:
    """Run the cells that come in and send the messages of each out, until the other end hangs up.

    To be called in a fresh fork, which it makes its own: session, streams, seeds, limits.

    Parameters
    ----------
    connection : Connection
        Receives cells' sources, sends messages in JSON.
    request : Request
        The shell's surroundings.
    """
    os.setsid()
    die_with_parent()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
    _close_all_but(connection.fileno())
    os.chdir(request.folder)
    # Last, so that a helper beside the notebook is found and a file named as a library is not run in its place.
    sys.path.append("")
    # What the notebook leaves in temporary files goes with it.
    tempfile.tempdir = os.environ["TMPDIR"] = request.scratch
    random.seed(request.seed)
    # Notebooks may use the old global generator; a fork must not share its state with its sisters.
    np.random.seed(None if request.seed is None else request.seed % 2**32)  # noqa: NPY002
    _limit_memory(request.memory)

    below = [_Descriptor(1, "stdout"), _Descriptor(2, "stderr")]

    def send(message: dict[str, Any]) -> None:
        # What was written past Python stands before what Python says next.
        written = [stream for descriptor in below for stream in descriptor.written()]
        for one in [*written, message]:
            connection.send_bytes(json.dumps(one, default=json_default).encode("utf-8", "surrogatepass"))

    shell = _start_shell(send, request.scratch)
    send({"msg_type": "ready", "content": {"pid": os.getpid()}})
    while True:
        try:
            source = connection.recv_bytes().decode("utf-8", "surrogatepass")
        except EOFError:
            return
        _run_cell(shell, source, send)
        if shell.exit_now:
            return


def _run_cell(shell: "_Shell", source: str, send: Callable[[dict[str, Any]], None]) -> None:
    send({"msg_type": "status", "content": {"execution_state": "busy"}})
    count = {"code": source, "execution_count": shell.execution_count}
    send({"msg_type": "execute_input", "content": count})
    reply = _reply(shell, shell.run_cell(source, store_history=True))
    sys.stdout.flush()
    sys.stderr.flush()
    send({"msg_type": "execute_reply", "content": json_clean(reply)})
    send({"msg_type": "status", "content": {"execution_state": "idle"}})


def _reply(shell: "_Shell", result: ExecutionResult) -> dict[str, Any]:
    """Say how a cell went, in the words of a kernel's execute_reply."""
    count = {"execution_count": shell.execution_count - 1}
    if result.success and not shell._last_traceback_during_displayhook:
        return {"status": "ok", **count}
    error = result.error_before_exec or result.error_in_exec
    traceback = shell._last_traceback or []
    return {"status": "error", "ename": type(error).__name__, "evalue": str(error), "traceback": traceback, **count}


class _Shell(ZMQInteractiveShell):
    """ipykernel's shell without an event loop for windows."""

    def enable_gui(self, gui: Any = None) -> None:
        if gui not in (None, "inline"):
            raise UsageError(f"a report has no windows; {gui} cannot be used")


class _Compiler(XCachingCompiler):
    """Names a cell's file, which warnings quote, without the folder and the process: no two runs agree on them."""

    def get_code_name(self, raw_code: str, code: str, number: int) -> str:
        return f"ipykernel_0/{murmur2_x86(raw_code, get_tmp_hash_seed())}.py"


class _PipeSession(Session):
    """Gives every message to a function; where a kernel has a socket stands that function."""

    def send(self, stream: Any, msg_or_type: Any, content: Any = None, *args: Any, **kwargs: Any) -> dict[str, Any]:
        message = self.msg(msg_or_type, content) if isinstance(msg_or_type, str) else msg_or_type
        stream({"msg_type": message["msg_type"], "content": message["content"]})
        return message


class _Stream(io.TextIOBase):
    """What a cell prints, as messages."""

    encoding = "utf-8"
    errors = "replace"

    def __init__(self, name: str, descriptor: int, send: Callable[[dict[str, Any]], None]) -> None:
        self.name = name
        self._descriptor = descriptor
        self._send = send
        self._pieces: list[str] = []
        self._length = 0

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text)}")
        self._pieces.append(text)
        self._length += len(text)
        if self._length >= _PIECE:
            self.flush()
        return len(text)

    def flush(self) -> None:
        text, self._pieces, self._length = "".join(self._pieces), [], 0
        if text:
            self._send({"msg_type": "stream", "content": {"name": self.name, "text": text}})

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._descriptor


class _Descriptor:
    """What was written past Python, by a C library or another program, into one of the standard streams."""

    def __init__(self, number: int, name: str) -> None:
        self.name = name
        self._file = os.memfd_create(name)
        fcntl.fcntl(self._file, fcntl.F_SETFL, os.O_APPEND)
        os.dup2(self._file, number)

    def written(self) -> Iterator[dict[str, Any]]:
        """Take out what was written since the last time, as a message."""
        if size := os.fstat(self._file).st_size:
            text = os.pread(self._file, size, 0).decode("utf-8", "replace")
            os.ftruncate(self._file, 0)
            yield {"msg_type": "stream", "content": {"name": self.name, "text": text}}


def _start_shell(send: Callable[[dict[str, Any]], None], scratch: str) -> _Shell:
    config = Config()
    # The history is a database with a thread of its own.
    config.HistoryManager.enabled = False
    with warnings.catch_warnings(action="ignore"):
        asyncio.set_event_loop(asyncio.new_event_loop())
    sys.stdout = _Stream("stdout", 1, send)
    sys.stderr = _Stream("stderr", 2, send)
    shell = _Shell.instance(
        config=config, ipython_dir=scratch, kernel=SimpleNamespace(eventloop=None), compiler_class=_Compiler
    )
    part: Any
    for part in (shell.displayhook, shell.display_pub):
        part.session = _PipeSession()
        part.pub_socket = send
    builtins.input = getpass.getpass = _refuse_input
    return shell


def _refuse_input(*_: Any, **__: Any) -> str:
    raise StdinNotImplementedError("raw_input was called, but this frontend does not support input requests.")


def _close_all_but(descriptor: int) -> None:
    """Leave the notebook none of the factory's files and pipes."""
    os.closerange(3, descriptor)
    os.closerange(descriptor + 1, resource.getrlimit(resource.RLIMIT_NOFILE)[0])


def _limit_memory(added: int | None) -> None:
    """Cap the private memory of this process at what it has and `added` bytes more."""
    if added is None:
        return
    status = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    now = next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmData"))
    resource.setrlimit(resource.RLIMIT_DATA, (now + added, now + added))
