"""One run at a time in an output folder."""

import errno
import json
import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

LOCK = ".lock"
# Windows locks bytes against reading too; this one lies behind all that is ever written.
_BYTE = 1 << 20


class OutputInUse(RuntimeError):
    """Another run writes to this output folder."""


@contextmanager
def lock(out: Path) -> Iterator[None]:
    """Hold an output folder for one run.

    The system lets go of the lock when the process ends, however it ends and on whichever machine, so a lock
    file that a killed run, a full disk or a container left behind stops nobody.

    Parameters
    ----------
    out : Path
        An existing folder.

    Raises
    ------
    OutputInUse
        Another run holds it; the message names its process.
    OSError
        The folder cannot be written to, or its file system cannot lock files.
    """
    with _open_locked(out / LOCK) as file:
        # The lock holds without the words, for which a full disk has no room.
        with suppress(OSError):
            file.truncate(0)
            file.write(json.dumps({"host": socket.gethostname(), "pid": os.getpid()}).encode())
            file.flush()
        try:
            yield
        finally:
            (out / LOCK).unlink(missing_ok=True)


def refuse_if_in_use(out: Path) -> None:
    """Raise `OutputInUse` when a run holds an output folder."""
    with suppress(FileNotFoundError), (out / LOCK).open("r+b") as file:
        if not hold(file):
            raise OutputInUse(_sentence(out, file.read()))


def hold(file: BinaryIO) -> bool:
    """Lock an open file until it is closed; False when another process has it.

    Raises
    ------
    OSError
        The file system cannot lock files.
    """
    try:
        if os.name == "nt":
            import msvcrt

            file.seek(_BYTE)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined, unused-ignore]
            file.seek(0)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in (errno.EWOULDBLOCK, errno.EACCES, errno.EDEADLK):
            return False
        reason = "this file system cannot lock files; choose another output folder"
        raise OSError(error.errno, reason, LOCK) from None
    return True


def _open_locked(path: Path) -> BinaryIO:
    while True:
        with ExitStack() as opened:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o644)
            file = opened.enter_context(os.fdopen(descriptor, "r+b"))
            if not hold(file):
                raise OutputInUse(_sentence(path.parent, file.read()))
            # The run before may have removed this very file between our opening and locking it.
            with suppress(FileNotFoundError):
                if os.path.samestat(os.fstat(descriptor), path.stat()):
                    opened.pop_all()
                    return file


def _sentence(out: Path, owner: bytes) -> str:
    try:
        record = json.loads(owner)
        holder = f"process {record['pid']} on {record['host']}"
    except (ValueError, KeyError, TypeError):
        holder = "another run"
    return f"{out}: {holder} is building reports here; wait until it has ended"
