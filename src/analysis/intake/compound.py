"""Whether an .xls file hangs together. From some that do not, the library that reads them would never come back."""

from __future__ import annotations

import struct
from collections.abc import Iterator

import numpy as np

_MAGIC = bytes.fromhex("d0cf11e0a1b11ae1")
_IN_HEADER = 109  # so many parts of the map are named in the header; the others follow in a chain
_STREAM, _ROOT = 2, 5
_SMALL, _SMALL_SECTOR = 4096, 64  # streams of fewer bytes share a stream of sectors of their own
# The records of cells, each of which begins with its row and column; .xls ends at column IV.
_CELLS = {0x0006, 0x00BD, 0x00BE, 0x00D6, 0x00FD, 0x0201, 0x0203, 0x0204, 0x0205, 0x027E}
_COLUMNS = 256


def is_compound(content: bytes) -> bool:
    """Whether the content is a compound file, as ``.xls`` files and workbooks with a password are."""
    return content.startswith(_MAGIC)


def hangs_together(content: bytes) -> bool:
    """Whether no chain of sectors is a circle, no size exceeds the file, and no cell lies beyond the last column.

    A file that is damaged in other ways is left to the reader, which refuses it by itself.

    Notes
    -----
    The format is MS-CFB of Microsoft's open specifications: a header, then sectors of 512 or 4096 bytes; for each
    sector the map (FAT) holds the number of the next one.
    """
    fat = _map(content)
    if fat is None or _goes_round(_small_map(content, fat)):
        return False
    if any(size > len(content) for _, _, size in _streams(content, fat)):
        return False
    return not any(_lies_beyond(stream) for stream in _workbooks(content, fat))


def workbook_stream(content: bytes) -> bytes:
    """Return the records of the workbook in a file that hangs together; none if it holds no workbook."""
    fat = _map(content)
    return next(_workbooks(content, fat), b"") if fat is not None else b""


def _map(content: bytes) -> np.ndarray | None:
    """Return the map of sectors; ``None`` where it is larger than the file or goes round."""
    header, size = _header(content), _sector_size(content)
    count = len(content) // size
    more = int(header[17])
    if header[[10, 11, 16, 18]].max() > count:
        return None
    places = header[19 : 19 + _IN_HEADER].tolist()
    followed = 0
    while more < count:
        words = _sector(content, more, size)
        places += words[:-1].tolist()
        more, followed = int(words[-1]), followed + 1
        if followed > count:
            return None
    parts = [_sector(content, place, size) for place in places if place < count]
    fat = np.concatenate(parts) if parts else np.empty(0, dtype="<u4")
    return None if _goes_round(fat) else fat


def _header(content: bytes) -> np.ndarray:
    return np.frombuffer(content[:512].ljust(512, b"\0"), dtype="<u4")


def _sector_size(content: bytes) -> int:
    return 4096 if content[30:31] == b"\x0c" else 512


def _small_map(content: bytes, fat: np.ndarray) -> np.ndarray:
    return _chain(content, int(_header(content)[15]), fat, _sector_size(content))


def _streams(content: bytes, fat: np.ndarray) -> list[tuple[str, int, int]]:
    """Return name, first sector and size of each stream; that of the root holds the small ones."""
    entries = _chain(content, int(_header(content)[12]), fat, _sector_size(content)).view(np.uint8).reshape(-1, 128)
    names = [bytes(entry[:64]).decode("utf-16-le", errors="replace").rstrip("\0") for entry in entries]
    places = np.ascontiguousarray(entries[:, 116:124]).view("<u4").tolist()
    kinds = entries[:, 66].tolist()
    listed = zip(names, places, kinds, strict=True)
    return [
        ("" if kind == _ROOT else name, start, size) for name, (start, size), kind in listed if kind in (_STREAM, _ROOT)
    ]


def _workbooks(content: bytes, fat: np.ndarray) -> Iterator[bytes]:
    """Give the workbook of each generation that the file holds, the newest first."""
    found = {name: place for name, *place in _streams(content, fat)}
    for start, size in (found[name] for name in ("Workbook", "Book") if name in found):
        if size >= _SMALL:
            yield _chain(content, start, fat, _sector_size(content)).tobytes()[:size]
        elif "" in found:
            small, held = _small_map(content, fat), _chain(content, found[""][0], fat, _sector_size(content)).tobytes()
            parts = []
            while start < len(small):
                parts.append(held[start * _SMALL_SECTOR : (start + 1) * _SMALL_SECTOR])
                start = int(small[start])
            yield b"".join(parts)[:size]


def _lies_beyond(records: bytes) -> bool:
    """Whether a cell has a column that there is not: the library would make room for all up to it."""
    place = 0
    while place + 8 <= len(records):
        kind, length, _, column = struct.unpack_from("<4H", records, place)
        if kind in _CELLS and column >= _COLUMNS:
            return True
        place += 4 + length
    return False


def _sector(content: bytes, number: int, size: int) -> np.ndarray:
    return np.frombuffer(content[(number + 1) * size : (number + 2) * size].ljust(size, b"\0"), dtype="<u4")


def _chain(content: bytes, first: int, fat: np.ndarray, size: int) -> np.ndarray:
    """Return the sectors of one chain, of which it is known that it ends."""
    parts = [np.empty(0, dtype="<u4")]
    while first < len(fat):
        parts.append(_sector(content, first, size))
        first = int(fat[first])
    return np.concatenate(parts)


def _goes_round(following: np.ndarray) -> bool:
    """Whether some chain never leaves the map: each step is doubled until the longest chain must have ended.

    Examples
    --------
    >>> end = 0xFFFFFFFE
    >>> _goes_round(np.array([1, 2, end])), _goes_round(np.array([1, 2, 0])), _goes_round(np.array([0]))
    (False, True, True)
    """
    end = len(following)
    steps = np.append(np.minimum(following, end), end).astype(np.int64)
    for _ in range(end.bit_length()):
        steps = steps[steps]
    return bool((steps != end).any())
