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
from functools import cache
from importlib import import_module
from pathlib import Path

from analysis.factory.execution.processes import die_with_parent, environment


class Started:
    """A process begun by the one that has everything loaded, with as much of `subprocess.Popen` as is asked of it."""

    def __init__(self, module: str, there: int, scratch: Path, *, own_session: bool = False) -> None:
        self._end, held = os.pipe()  # which tells of its end
        order = json.dumps([module, environment(scratch), str(Path.cwd()), own_session]).encode()
        socket.send_fds(_loaded(), [order], [there, held, 1, 2])
        os.close(held)
        self.pid = int(_loaded().recv(64))

    def poll(self) -> int | None:
        """Return None while it runs."""
        return 0 if select.select([self._end], [], [], 0)[0] else None

    def __del__(self) -> None:
        os.close(self._end)

    def kill(self) -> None:
        """Kill it if it runs."""
        if self.poll() is None:
            os.kill(self.pid, signal.SIGKILL)

    def wait(self) -> int:
        """Wait until it has ended."""
        select.select([self._end], [], [])
        return 0


@cache
def _loaded() -> socket.socket:
    """Start the process that loads everything, once, and return what it takes orders from."""
    here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    code = f"import sys; sys.path.append({str(Path(__file__).parent)!r}); from {__name__} import main; main()"
    process = subprocess.Popen(
        [sys.executable, "-P", "-c", code], env=environment(Path("/tmp")), stdin=there, start_new_session=True
    )
    there.close()
    atexit.register(process.wait)
    atexit.register(here.close)
    return here


def main() -> None:
    """Load what reports need, and fork for each order until nobody is left to give one."""
    from analysis.factory.build import rehearse
    from analysis.factory.execution import warm

    die_with_parent()
    sys.path.pop()
    orders = socket.socket(fileno=os.dup(0))
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    import_module("analysis.factory.build_server")
    warm.warm_up(rehearse)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody here waits for the forks
    while True:
        order, descriptors, *_ = socket.recv_fds(orders, 2**16, 4)
        if not order:
            return
        if not (pid := os.fork()):
            try:
                orders.close()
                _become(json.loads(order), *descriptors)
            finally:
                os._exit(0)
        for descriptor in descriptors:
            os.close(descriptor)
        orders.send(str(pid).encode())


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
