"""Whether an .xls file hangs together. From some that do not, the library that reads them would never come back."""

from __future__ import annotations

import struct

import numpy as np

_MAGIC = bytes.fromhex("d0cf11e0a1b11ae1")
_IN_HEADER = 109  # so many parts of the map are named in the header; the others follow in a chain
_STREAM, _ROOT = 2, 5
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
    header = np.frombuffer(content[:512].ljust(512, b"\0"), dtype="<u4")
    size = 4096 if content[30:31] == b"\x0c" else 512
    count = len(content) // size
    directories, fat_sectors, directory, small_map, small_sectors, more, more_sectors = header[
        [10, 11, 12, 15, 16, 17, 18]
    ].tolist()
    if max(directories, fat_sectors, small_sectors, more_sectors) > count:
        return False
    places = header[19 : 19 + _IN_HEADER].tolist()
    followed = 0
    while more < count:
        words = _sector(content, more, size)
        places += words[:-1].tolist()
        more, followed = int(words[-1]), followed + 1
        if followed > count:
            return False
    parts = [_sector(content, place, size) for place in places if place < count]
    fat = np.concatenate(parts) if parts else np.empty(0, dtype="<u4")
    if _goes_round(fat):
        return False
    entries = _chain(content, directory, fat, size).view(np.uint8).reshape(-1, 128)
    streams = entries[np.isin(entries[:, 66], (_STREAM, _ROOT))]
    sizes = np.ascontiguousarray(streams[:, 120:124]).view("<u4")
    if _goes_round(_chain(content, small_map, fat, size)) or (sizes > len(content)).any():
        return False
    large = streams[(sizes >= 4096).ravel()]
    starts = np.ascontiguousarray(large[:, 116:120]).view("<u4").ravel().tolist()
    names = [bytes(entry[:64]).decode("utf-16-le", errors="replace").rstrip("\0") for entry in large]
    return not any(
        _lies_beyond(_chain(content, start, fat, size).tobytes())
        for name, start in zip(names, starts, strict=True)
        if name in ("Workbook", "Book")
    )


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
