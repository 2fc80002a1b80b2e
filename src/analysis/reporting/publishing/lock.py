"""One run at a time in an output folder."""

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

LOCK = ".lock"


class OutputInUse(RuntimeError):
    """Another run writes to this output folder."""


@contextmanager
def lock(out: Path) -> Iterator[None]:
    """Hold an output folder for one run.

    A lock whose process is dead is taken over. One of another machine, on a shared disk, cannot be judged
    from here and is respected.

    Parameters
    ----------
    out : Path
        An existing folder.

    Raises
    ------
    OutputInUse
        Another run holds it; the message names its process.
    OSError
        The folder cannot be written to.
    """
    path = out / LOCK
    own = json.dumps(_identity(os.getpid()))
    _acquire(path, own)
    try:
        yield
    finally:
        if _read(path) == own:
            path.unlink()


def refuse_if_in_use(out: Path) -> None:
    """Raise `OutputInUse` when a run that may be alive holds an output folder."""
    path = out / LOCK
    if path.exists() and not _is_dead(owner := _read(path)):
        raise OutputInUse(_sentence(path, owner))


def _acquire(path: Path, own: str) -> None:
    try:
        _create(path, own)
    except FileExistsError:
        owner = _read(path)
        if not _is_dead(owner):
            raise OutputInUse(_sentence(path, owner)) from None
        _bury(path, owner)
        _acquire(path, own)


def _create(path: Path, own: str) -> None:
    with path.open("x", encoding="utf-8") as file:
        file.write(own)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""


def _bury(path: Path, dead: str) -> None:
    """Move a dead run's lock away; put it back if another run took it over since we looked."""
    grave = path.with_name(f"{LOCK}.{os.getpid()}")
    try:
        path.rename(grave)
    except FileNotFoundError:
        return
    if (buried := _read(grave)) != dead:
        grave.replace(path)
        raise OutputInUse(_sentence(path, buried))
    grave.unlink()


def _identity(pid: int) -> dict[str, Any]:
    """Describe a process; its number will be given out again, so the time of its start belongs to it."""
    return {"host": socket.gethostname(), "pid": pid, "started": round(psutil.Process(pid).create_time())}


def _is_dead(owner: str) -> bool:
    try:
        record = json.loads(owner)
        if record["host"] != socket.gethostname():
            return False
        if psutil.Process(record["pid"]).status() == psutil.STATUS_ZOMBIE:
            return True
        # A change of the system's clock may shift the time of a start by a moment.
        return abs(_identity(record["pid"])["started"] - record["started"]) > 2
    except psutil.NoSuchProcess:
        return True
    except (ValueError, KeyError, TypeError):
        return False


def _sentence(path: Path, owner: str) -> str:
    try:
        record = json.loads(owner)
        holder = f"process {record['pid']} on {record['host']}"
    except (ValueError, KeyError, TypeError):
        holder = "an unknown process"
    return f"{path.parent}: {holder} is building reports here; wait, or delete {path} if it no longer runs"
