"""A file and what it packs: the bytes of the one table in it and their kind, whatever was sent to fill the machine."""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from collections.abc import Collection
from pathlib import Path, PurePosixPath

from analysis.intake.unreadable import UnreadableFile

# A machine with 8 GB must survive any file; what is larger is no clinic's spreadsheet.
MAX_UNPACKED = 1024**3
MAX_RATIO = 200
_ALWAYS_ALLOWED = 100 * 1024**2
_TOO_TIGHT = "unpacks to far more than a spreadsheet holds; it was not opened. Save it anew from its program"
_BROKEN = "not a whole archive, or a damaged one; pack it again, or take the table out of it"


def unpack(content: bytes, name: str, kinds: Collection[str]) -> tuple[bytes, str]:
    """Return the bytes of a table and their kind, such as ``.csv``.

    Parameters
    ----------
    content, name
        A file. ``.gz`` and ``.zip`` are unpacked, once; every other is returned as it is.
    kinds
        Kinds of table that can be read.

    Raises
    ------
    UnreadableFile
        Damaged, protected, unpacking to too much, or not one table; the message says what to do.
    """
    path = PurePosixPath(name.lower())
    if path.suffix == ".gz":
        content, path = _gunzipped(content), path.with_suffix("")
    elif path.suffix == ".zip":
        refuse_if_packed_too_tightly(content)
        content, path = _only_table(content, kinds)
    refuse_if_packed_too_tightly(content)
    return content, path.suffix


def _gunzipped(content: bytes) -> bytes:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as packed:
            unpacked = packed.read(MAX_UNPACKED + 1)
    except (EOFError, OSError, zlib.error):
        raise UnreadableFile("file_broken", _BROKEN) from None
    refuse_if_too_much(len(unpacked), len(content))
    return unpacked


def _only_table(content: bytes, kinds: Collection[str]) -> tuple[bytes, PurePosixPath]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            # macOS adds a shadow of each file, whose name begins so.
            names = [item for item in archive.infolist() if not Path(item.filename).name.startswith("._")]
            tables = [item for item in names if Path(item.filename).suffix.lower() in kinds]
            if len(tables) != 1:
                number = f"{len(tables)} tables" if tables else "no table"
                message = f"the archive holds {number}; take the one that is wanted out of it"
                raise UnreadableFile("file_kind", message)
            if tables[0].flag_bits & 1:
                raise UnreadableFile("file_protected", "the archive has a password; take the table out of it")
            with archive.open(tables[0]) as packed:
                unpacked = packed.read(MAX_UNPACKED + 1)
    except UnreadableFile:
        raise
    except (zipfile.BadZipFile, EOFError, NotImplementedError, ValueError, OSError, zlib.error):
        raise UnreadableFile("file_broken", _BROKEN) from None
    refuse_if_too_much(len(unpacked), len(content))
    return unpacked, PurePosixPath(tables[0].filename.lower())


def refuse_if_packed_too_tightly(content: bytes) -> None:
    """Refuse a zip file, as workbooks are, that would fill the machine when it is unpacked."""
    if not content.startswith(b"PK"):
        return
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unpacked = sum(item.file_size for item in archive.infolist())
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError):
        return  # no whole archive: the reader of the file says so
    refuse_if_too_much(unpacked, len(content))


def refuse_if_too_much(unpacked: int, packed: int) -> None:
    """Refuse so many bytes that come out of so few."""
    if unpacked > MAX_UNPACKED or (unpacked > _ALWAYS_ALLOWED and unpacked > MAX_RATIO * packed):
        raise UnreadableFile("unpacks_too_large", _TOO_TIGHT)
