"""What Linux offers to keep processes together, and whether this process may be forked at all."""

import ctypes
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import psutil

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36

ON_LINUX = sys.platform == "linux"

ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
}
"""What libraries read when they are loaded.

The tables are small: threads of linear algebra only wait for each other, on a busy machine for most of the time.
Workers would fight over the cores too, and a process with threads cannot be forked.
"""
# Figures come as in any notebook. Sets keep their order from run to run.
_ENVIRONMENT = {
    **ONE_THREAD,
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "PYTHONHASHSEED": "0",
    "PYTHONSTARTUP": "",
    # Never import what happens to lie in the current folder: a file named as a module would be run in its place.
    "PYTHONSAFEPATH": "1",
    "JUPYTER_NO_CONFIG": "1",
}


def environment(scratch: Path) -> dict[str, str]:
    """Return the environment of a process that runs notebooks, or is forked for them.

    Parameters
    ----------
    scratch : Path
        The folder for its temporary files.
    """
    return {**os.environ, **_ENVIRONMENT, "TMPDIR": str(scratch)}


def start(module: str, there: int, scratch: Path, *, own_session: bool = False) -> subprocess.Popen[bytes]:
    """Start a process beside this one, in the usual environment, that hears from this one by a socket.

    It collects no garbage until it has loaded what its forks will use.

    Parameters
    ----------
    module : str
        Whose function `main` it runs.
    there : int
        The descriptor of its end of the socket, which `main` gets.
    scratch : Path
        The folder for its temporary files.
    own_session : bool
        Whether Ctrl-C in the terminal passes it by.
    """
    return subprocess.Popen(
        [sys.executable, "-P", "-c", f"import gc; gc.disable(); from {module} import main; main({there})"],
        env=environment(scratch),
        pass_fds=[there],
        stdin=subprocess.DEVNULL,
        start_new_session=own_session,
    )


def may_fork() -> bool:
    """Whether a fork of this process is sound: on Linux, with no thread but this one.

    A thread may hold a lock at the moment of the fork, which nobody in the child would ever release. On
    macOS the system's own libraries start threads unasked.
    """
    return ON_LINUX and len(list(Path("/proc/self/task").iterdir())) == 1


def die_with_parent() -> None:
    """Have the system kill this process when its parent ends, however it ends; only on Linux."""
    if ON_LINUX:
        _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def adopt_orphans() -> None:
    """Become the parent of all descendants whose own parent ends, so that none escapes; only on Linux."""
    if ON_LINUX:
        _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def end_children(but: set[int] | None = None) -> None:
    """Kill every child of this process, and what it started, except those named."""
    for child in psutil.Process().children():
        if child.pid not in (but or set()):
            with suppress(psutil.Error):
                for process in [*child.children(recursive=True), child]:
                    process.kill()
            with suppress(psutil.Error, ChildProcessError):
                child.wait(timeout=5)


def _prctl(option: int, value: int) -> None:
    if ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl failed")
