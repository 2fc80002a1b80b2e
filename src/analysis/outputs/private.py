"""Temporary folders for patients' data: they go with the process that made them, however it ends."""

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_PREFIX = "capsule-outcomes-"
_NAME = re.compile(_PREFIX + r"[a-z0-9_]{8}")  # as mkdtemp makes it


@contextmanager
def private_folder() -> Iterator[Path]:
    """Give a new folder for this process alone, and remove it; should the process be killed, the next run does.

    While the process lives it holds a lock on the folder, by which `remove_abandoned` knows.
    """
    folder = Path(tempfile.mkdtemp(prefix=f".{_PREFIX}"))
    descriptor = _hold(folder)
    # Under this name others look for abandoned folders, so it is given when the lock is there.
    folder = folder.rename(folder.with_name(folder.name.removeprefix(".")))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if descriptor is not None:
            os.close(descriptor)


def remove_abandoned() -> None:
    """Remove the folders of this account's processes that were killed."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with suppress(OSError):
            if _NAME.fullmatch(folder.name) and _is_ours(folder) and (descriptor := _hold(folder)) is not None:
                shutil.rmtree(folder, ignore_errors=True)
                os.close(descriptor)


def _is_ours(folder: Path) -> bool:
    return os.name != "nt" and folder.is_dir() and not folder.is_symlink() and folder.stat().st_uid == os.getuid()


def _hold(folder: Path) -> int | None:
    """Lock a folder until its descriptor is closed; None when another process has it, or where folders cannot be."""
    if os.name == "nt":
        return None
    import fcntl

    descriptor = os.open(folder, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor
