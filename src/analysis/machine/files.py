"""Put finished files in place: whole or not at all, never through a link, no more open than may be; tell a change."""

import errno
import hashlib
import os
import re
import secrets
from collections.abc import Iterator, Mapping
from pathlib import Path

# Other programs name their temporary files likewise; ours are known by the whole of the name.
_PART = re.compile(r"\.capsule-[0-9a-f]{16}\.part")


def publish(out: Path, files: Mapping[Path, bytes | memoryview], *, private: bool = False) -> None:
    """Write files below a folder so that a reader sees the old or the whole new one, even after a power cut.

    All of them are on the disk under temporary names before the first takes its place.

    Parameters
    ----------
    out : Path
        The output folder; it may itself be a link, nothing below it may.
    files : mapping of Path to bytes
        Target below `out` and content; folders are made as needed.
    private : bool, optional
        Nobody but the owner may read the files and enter folders made for them, from their first moment on. Else the
        machine's settings (umask) decide.

    Raises
    ------
    OSError
        The disk is full, permission is missing, or a symbolic link is in the way; old files are untouched.
    """
    for target in files:
        _refuse_links(out, target)
        make_folder(target.parent, private=private)
    staged: dict[Path, Path] = {}
    try:
        for target, content in files.items():
            staged[target] = target.with_name(f".capsule-{secrets.token_hex(8)}.part")
            _write(staged[target], content, 0o600 if private else 0o666)
        for target, part in staged.items():
            part.replace(target)
    finally:
        for part in staged.values():
            part.unlink(missing_ok=True)
    for folder in {target.parent for target in files}:
        _sync_folder(folder)


def make_folder(folder: Path, *, private: bool = False) -> None:
    """Make a folder and those above it where they are missing; one that is there stays as open as it is."""
    missing = [parent for parent in folder.parents if not parent.exists()]
    for path in (*reversed(missing), folder):
        path.mkdir(0o700 if private else 0o777, exist_ok=True)


def remove_leftovers(folder: Path, *, other: str = "") -> None:
    """Remove what an earlier `publish` that was killed left under temporary names.

    Parameters
    ----------
    folder : Path
        Looked through with all folders below it, so nobody else may be writing there.
    other : str, optional
        The name of a file that marks a folder below as somebody else's; it is passed over.
    """
    for place, folders, names in os.walk(folder):
        if other:
            folders[:] = [name for name in folders if not Path(place, name, other).exists()]
        for name in filter(_PART.fullmatch, names):
            Path(place, name).unlink(missing_ok=True)


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, read piece by piece."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _refuse_links(out: Path, target: Path) -> None:
    for path in _path_down_to(out, target):
        if path.is_symlink():
            reason = "refused to write through a symbolic link; remove it"
            raise OSError(errno.ELOOP, reason, str(path))


def _path_down_to(out: Path, target: Path) -> Iterator[Path]:
    path = out
    for part in target.relative_to(out).parts:
        path = path / part
        yield path


def _write(path: Path, content: bytes | memoryview, mode: int) -> None:
    # "x" fails on anything that is there, a link too. A mode given now holds whatever umask and the folder's own rules
    # for new files would grant; one set later would leave a moment to open the file.
    with open(path, "xb", opener=lambda name, flags: os.open(name, flags, mode)) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """Make the new names last; Windows has no such call and needs none."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
