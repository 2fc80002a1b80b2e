"""Processes that build reports, begun as forks of one that has the libraries loaded: an own start takes five seconds.

What tests run as a program of its own, such as `capsule report`, loads them as it does for everyone.
"""

import atexit
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
from contextlib import suppress
from importlib import import_module
from pathlib import Path

from analysis.machine import processes

# Where processes of the tests find the one that has everything loaded.
PLACE = "CAPSULE_TESTS_LOADED"
SOCKET = (socket.AF_UNIX, socket.SOCK_SEQPACKET)


def use() -> None:
    """Have this process start shells and build servers as such forks from now on."""
    processes.start = Started


class Started:
    """A process begun by the one that has everything loaded, with as much of `subprocess.Popen` as is asked of it."""

    def __init__(self, module: str, there: int, scratch: Path, *, own_session: bool = False) -> None:
        self._end, held = os.pipe()  # which tells of its end
        order = json.dumps([module, processes.environment(scratch), str(Path.cwd()), own_session]).encode()
        with socket.socket(*SOCKET) as asked:
            asked.connect(place())
            socket.send_fds(asked, [order], [there, held, 1, 2])
            self.pid = int(asked.recv(64))
        os.close(held)

    def __del__(self) -> None:
        os.close(self._end)

    def poll(self) -> int | None:
        """Return None while it runs."""
        return 0 if select.select([self._end], [], [], 0)[0] else None

    def kill(self) -> None:
        """Kill it if it runs."""
        if self.poll() is None:
            os.kill(self.pid, signal.SIGKILL)

    def wait(self) -> int:
        """Wait until it has ended."""
        select.select([self._end], [], [])
        return 0


def place() -> str:
    """Return where orders are taken."""
    if PLACE not in os.environ:
        os.environ[PLACE] = _load()
    return os.environ[PLACE]


def _load() -> str:
    """Start the process that loads everything, which ends with this one, and return where it takes orders."""
    folder = tempfile.TemporaryDirectory(prefix="capsule-")
    orders_at = f"{folder.name}/orders"
    with socket.socket(*SOCKET) as orders:
        orders.bind(orders_at)
        orders.listen()
        code = f"import sys; sys.path.append({str(Path(__file__).parent)!r}); import {__name__} as own; own.main()"
        process = subprocess.Popen(
            [sys.executable, "-P", "-c", code],
            env=processes.environment(Path(folder.name)),
            stdin=orders,
            start_new_session=True,
        )

    def end() -> None:
        process.terminate()
        process.wait()
        folder.cleanup()

    atexit.register(end)
    return orders_at


def main() -> None:
    """Load what reports need, then fork for each order."""
    from analysis.factory.build import rehearse
    from analysis.factory.execution import warm

    processes.die_with_parent()
    sys.path.pop()
    orders = socket.socket(fileno=os.dup(0))
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    import_module("analysis.factory.build_server")
    warm.warm_up(rehearse)
    signal.signal(signal.SIGCHLD, _bury)
    while True:
        asked, _ = orders.accept()
        order, descriptors, *_ = socket.recv_fds(asked, 2**16, 4)
        if not (pid := os.fork()):
            try:
                asked.close()
                orders.close()
                _become(json.loads(order), *descriptors)
            finally:
                os._exit(0)
        for descriptor in descriptors:
            os.close(descriptor)
        asked.send(str(pid).encode())
        asked.close()


def _bury(*_: object) -> None:
    """Take note of the forks that have ended."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _become(order: list, there: int, _held: int, out: int, err: int) -> None:
    """Make this fork what an own start would be, and run it."""
    module, environ, folder, own_session = order
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    if own_session:
        os.setsid()
    os.environ.clear()
    os.environ.update(environ)
    os.chdir(folder)
    for number, descriptor in ((1, out), (2, err)):
        os.dup2(descriptor, number)
        os.close(descriptor)
    import_module(module).main(there)
