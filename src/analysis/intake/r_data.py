"""R's .rds and .rda: a data frame becomes text as it would be typed, with the words of factors and of labels."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import warnings
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from analysis.intake.columnar import BROKEN, typed_sheet, typed_text
from analysis.intake.problems import Problems
from analysis.intake.sheet import Sheet
from analysis.intake.study_file import Source
from analysis.intake.unpack import MAX_UNPACKED, refuse_if_too_much
from analysis.intake.unreadable import MAX_CELLS, UnreadableFile

_PACKED: dict[bytes, Callable[[io.BytesIO], Any]] = {
    b"\x1f\x8b": lambda packed: gzip.GzipFile(fileobj=packed),
    b"BZh": bz2.BZ2File,
    b"\xfd7zXZ": lzma.LZMAFile,
}
_LATIN_1 = 4
_FIRST, _FIRST_SECOND = date(1970, 1, 1), datetime(1970, 1, 1, tzinfo=UTC)
_Object = Any  # rdata's RObject; the package is loaded only for such a file


def read_r(content: bytes, source: Source, problems: Problems) -> Sheet | None:
    """Read the one data frame of a file that R saved; ``None`` when it cannot be."""
    try:
        frames = list(_frames(content))
        if len(frames) != 1:
            number = f"{len(frames)} data frames" if frames else "no data frame"
            raise UnreadableFile("file_kind", f"the file holds {number}; in R save the one that is wanted by saveRDS")
        table = _columns(frames[0], source)
        (rows,) = {len(values) for _, values in table if not isinstance(values, str)} or {0}
    except UnreadableFile as fault:
        problems.add("error", fault.rule, str(fault), file=source.file)
        return None
    except Exception:  # a damaged file raises whatever its bytes happen to mean
        problems.add("error", "file_broken", BROKEN, file=source.file)
        return None
    columns = [values if isinstance(values, str) else typed_text(values, source.decimal) for _, values in table]
    return typed_sheet(source, [name for name, _ in table], columns, rows, problems)


def _frames(content: bytes) -> Iterator[_Object]:
    """Find the data frames in a file: .rds is one object, .rda a list of named ones."""
    try:
        from rdata.parser import DEFAULT_ALTREP_MAP, parse_data
    except ImportError:
        message = (
            "files of R need the package rdata: pip install 'capsule-outcomes[r]'; or in R write.csv(d, \"d.csv\")"
        )
        raise UnreadableFile("file_kind", message) from None
    compact = {name: _bounded(expand) for name, expand in DEFAULT_ALTREP_MAP.items() if name.startswith(b"compact")}
    content = _unpacked(content)
    extension = ".rda" if content[:3] in (b"RDX", b"RDA") else ".rds"
    with warnings.catch_warnings(action="ignore"):
        root = parse_data(content, altrep_constructor_dict=DEFAULT_ALTREP_MAP | compact, extension=extension).object
    objects = [root] if extension == ".rds" else [value for _, value in _listed(root)]
    yield from (each for each in objects if "data.frame" in _classes(each))


def _bounded(expand: Callable[[_Object], Any]) -> Callable[[_Object], Any]:
    """Refuse a run of numbers that is written in three and would fill the machine."""

    def careful(state: _Object) -> Any:
        if not 0 <= float(state.value[0]) <= MAX_CELLS:
            raise ValueError
        return expand(state)

    return careful


def _unpacked(content: bytes) -> bytes:
    for mark, opened in _PACKED.items():
        if content.startswith(mark):
            try:
                unpacked = opened(io.BytesIO(content)).read(MAX_UNPACKED + 1)
            except (EOFError, OSError, lzma.LZMAError, zlib.error):
                raise UnreadableFile("file_broken", BROKEN) from None
            refuse_if_too_much(len(unpacked), len(content))
            return bytes(unpacked)
    return content


def _listed(pairs: _Object | None) -> Iterator[tuple[str, _Object]]:
    """Return the names and values of one of R's lists of pairs."""
    while pairs is not None and pairs.info.type.name == "LIST":
        tag = pairs.tag.referenced_object or pairs.tag
        yield tag.value.value.decode(), pairs.value[0]
        pairs = pairs.value[1]


def _attributes(each: _Object) -> dict[str, _Object]:
    return dict(_listed(each.attributes))


def _classes(each: _Object) -> list[str | None]:
    attributes = _attributes(each)
    return _texts(attributes["class"]) if "class" in attributes else []


def _texts(each: _Object) -> list[str | None]:
    return [word.value and word.value.decode("latin-1" if word.info.gp & _LATIN_1 else "utf-8") for word in each.value]


def _columns(frame: _Object, source: Source) -> list[tuple[str, list[Any] | str]]:
    """Return names and values of the columns of a data frame; for one that cannot be read, the words for its type."""
    attributes = _attributes(frame)
    names = [name or "" for name in _texts(attributes["names"])]
    columns = [(name, _values(column, source.labels)) for name, column in zip(names, frame.value, strict=True)]
    if attributes["row.names"].info.type.name == "STR":  # somebody may have kept the identifiers there
        columns.insert(0, ("row.names", list(_texts(attributes["row.names"]))))
    return columns


def _values(column: _Object, labels: bool) -> list[Any] | str:
    kind, classes, attributes = column.info.type.name, _classes(column), _attributes(column)
    if kind == "STR":
        return list(_texts(column))
    if kind not in ("INT", "REAL", "LGL") or "dim" in attributes:
        return (classes[0] if classes else kind.lower()) or kind.lower()
    if "integer64" in classes:  # kept in the bits of doubles
        whole = np.asarray(column.value).view("int64")
        return [None if value == np.iinfo("int64").min else int(value) for value in whole]
    meaning = _meaning(classes, attributes, labels)
    return [None if value is np.ma.masked or value != value else meaning(value.item()) for value in column.value]


def _meaning(classes: list[str | None], attributes: dict[str, _Object], labels: bool) -> Callable[[float], Any]:
    """Return what turns a number of a column into what R shows for it: a level, a day, an instant, or a label."""
    if "levels" in attributes:
        words = _texts(attributes["levels"])
        return lambda number: words[int(number) - 1]
    if "Date" in classes:
        return lambda number: _FIRST + timedelta(days=number // 1)
    if "POSIXct" in classes:
        return lambda number: (_FIRST_SECOND + timedelta(seconds=number)).astimezone(_zone(attributes))
    if labels and "labels" in attributes:
        names = _texts(_attributes(attributes["labels"])["names"])
        words_of = dict(zip(attributes["labels"].value.tolist(), names, strict=True))
        return lambda number: words_of.get(number, number)
    return lambda number: number


def _zone(attributes: dict[str, _Object]) -> tzinfo:
    """Return the zone in which R shows an instant; where it names none, the one in which R keeps it."""
    name = (_texts(attributes["tzone"]) or [""])[0] if "tzone" in attributes else ""
    return ZoneInfo(name) if name else UTC
