"""A file and what it packs: the bytes of one table in it and their kind, whatever was sent to fill the machine."""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from collections.abc import Collection
from pathlib import Path, PurePosixPath

from analysis.intake.unreadable import UnreadableFile
from analysis.protocol.tomlmodel import quoted

# A machine with 8 GB must survive any file; what is larger is no clinic's spreadsheet.
MAX_UNPACKED = 1024**3
MAX_RATIO = 200
_ALWAYS_ALLOWED = 100 * 1024**2
_TOO_TIGHT = "unpacks to far more than a spreadsheet holds; it was not opened. Save it anew from its program"
_BROKEN = "not a whole archive, or a damaged one; pack it again, or take the table out of it"
_WITHIN = "an archive within an archive is not opened; unpack the outer one, and name a file that was in it"
PACKED = (".gz", ".zip")
_LISTED = 9  # names of tables in a message


def packed_in(path: Path) -> tuple[Path, str]:
    """Divide a path into a file and the table within it, which is empty unless that file is a ``.zip``.

    Examples
    --------
    >>> packed_in(Path("visits.csv"))[1]  # of "export.zip/visits.csv" the table would be "visits.csv"
    ''
    """
    for above in reversed(path.parents):
        if above.suffix.lower() == ".zip" and not above.is_dir():
            return above, path.relative_to(above).as_posix()
    return path, ""


def tables_in(path: Path, kinds: Collection[str]) -> list[Path]:
    """Return the paths of the tables in a ``.zip`` that holds several; any other file is one by itself.

    Raises
    ------
    UnreadableFile
        Damaged, or unpacking to too much.
    """
    if path.suffix.lower() != ".zip" or not path.is_file():
        return [path]
    content = path.read_bytes()
    refuse_if_packed_too_tightly(content)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = sorted({_name(item) for item in _tables(archive, kinds)})
    except (zipfile.BadZipFile, EOFError, NotImplementedError, ValueError, OSError):
        raise UnreadableFile("file_broken", _BROKEN) from None
    return [path / name for name in names] if len(names) > 1 else [path]


def unpack(content: bytes, name: str, kinds: Collection[str], table: str = "") -> tuple[bytes, str]:
    """Return the bytes of a table and their kind, such as ``.csv``.

    Parameters
    ----------
    content, name
        A file. ``.gz`` and ``.zip`` are unpacked, once; every other is returned as it is.
    kinds
        Kinds of table that can be read.
    table
        Which table of a ``.zip``; may be left out where it holds one.

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
        content, path = _one_table(content, name, kinds, table)
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


def _one_table(content: bytes, name: str, kinds: Collection[str], table: str) -> tuple[bytes, PurePosixPath]:
    if any(part.suffix.lower() in PACKED for part in (PurePosixPath(table), *PurePosixPath(table).parents)):
        raise UnreadableFile("file_kind", _WITHIN)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            item = _chosen(archive, name, kinds, table)
            if item.flag_bits & 1:
                raise UnreadableFile("file_protected", "the archive has a password; take the table out of it")
            with archive.open(item) as packed:
                unpacked = packed.read(MAX_UNPACKED + 1)
    except UnreadableFile:
        raise
    except (zipfile.BadZipFile, EOFError, NotImplementedError, ValueError, OSError, zlib.error):
        raise UnreadableFile("file_broken", _BROKEN) from None
    refuse_if_too_much(len(unpacked), len(content))
    return unpacked, PurePosixPath(item.filename.lower())


def _tables(archive: zipfile.ZipFile, kinds: Collection[str]) -> list[zipfile.ZipInfo]:
    # macOS adds a shadow of each file, whose name begins so.
    names = [item for item in archive.infolist() if not PurePosixPath(_name(item)).name.startswith("._")]
    return [item for item in names if PurePosixPath(_name(item)).suffix.lower() in kinds and not item.is_dir()]


def _name(item: zipfile.ZipInfo) -> str:
    return item.filename.replace("\\", "/")  # some programs of Windows write these


def _chosen(archive: zipfile.ZipFile, name: str, kinds: Collection[str], table: str) -> zipfile.ZipInfo:
    """Return the table that is named, or the only one."""
    tables = _tables(archive, kinds)
    chosen = [item for item in tables if _name(item) == table] if table else tables
    if len(chosen) == 1:
        return chosen[0]
    if not tables:
        within = any(_name(item).lower().endswith(PACKED) for item in archive.infolist())
        more = f"; {_WITHIN}" if within else "; take the one that is wanted out of it"
        raise UnreadableFile("file_kind", f"the archive holds no table{more}")
    if len(chosen) > 1 and table:
        raise UnreadableFile("file_kind", "the archive holds two tables of this name; pack it again with one of them")
    names = [f"{name}/{_name(item)}" for item in tables]
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    listed = ", ".join(map(quoted, names[:_LISTED])) + more
    if table:
        raise UnreadableFile("file_missing", f"no such table in the archive; it holds {listed}")
    raise UnreadableFile("file_kind", f"the archive holds {len(tables)} tables; name one as `file`: {listed}")


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
