"""jamovi's .omv: an archive of columns of numbers, with the words that they stand for."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator
from typing import Any

import numpy as np

from analysis.intake.columnar import BROKEN, typed_sheet, typed_text
from analysis.intake.problems import Problems
from analysis.intake.sheet import Sheet, cell_text
from analysis.intake.study_file import Source

_MISSING = np.iinfo("int32").min


def read_jamovi(content: bytes, source: Source, problems: Problems) -> Sheet | None:
    """Read the data of a jamovi file; ``None`` when they cannot be."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = {name: archive.read(name) for name in archive.namelist() if re.fullmatch(r"\w+\.(json|bin)", name)}
        table = json.loads(parts["metadata.json"])["dataSet"]
        fields, rows = [{**field, "name": str(field["name"])} for field in table["fields"]], int(table["rowCount"])
        labels = {name: dict(entry[:2] for entry in more["labels"])
                  for name, more in json.loads(parts.get("xdata.json", b"{}")).items()}  # fmt: skip
        columns = list(_columns(fields, rows, parts["data.bin"], parts.get("strings.bin", b""), labels))
    except Exception:  # a damaged archive raises whatever its bytes happen to mean
        problems.add("error", "file_broken", BROKEN, file=source.file)
        return None
    if any(field.get("active") for field in fields if field.get("columnType") == "Filter"):
        message = "jamovi filters some of these rows; they were read like the others: remove them if not wanted"
        problems.add("note", "hidden_rows", message, file=source.file)
    kept = [(field["name"], values) for field, values in zip(fields, columns, strict=True)
            if field.get("columnType") != "Filter"]  # fmt: skip
    texts = [typed_text(values, source.decimal) for _, values in kept]
    return typed_sheet(source, [name for name, _ in kept], texts, rows, problems)


def _columns(
    fields: list[dict[str, Any]], rows: int, data: bytes, strings: bytes, labels: dict[str, dict[int, str]]
) -> Iterator[list[Any]]:
    """Read column after column; text stands in a file of its own, in which a column of numbers points."""
    start = 0
    for field in fields:
        kind = np.dtype("<f8" if field["type"] == "number" else "<i4")
        raw = np.frombuffer(data, kind, rows, start)
        start += rows * kind.itemsize
        words = labels.get(field["name"], {})
        if field["type"] == "number":
            values: list[Any] = raw.tolist()
        elif field["type"] == "string":
            values = [None if place == _MISSING else _text_at(strings, place) for place in raw.tolist()]
        else:
            values = [None if code == _MISSING else words.get(code, code) for code in raw.tolist()]
        missing = set(_declared_missing(field))
        yield [None if cell_text(value) in missing else value for value in values]


def _text_at(strings: bytes, place: int) -> str:
    if not 0 <= place < len(strings):
        raise ValueError("text beyond the end")
    return strings[place : strings.index(b"\0", place)].decode()


def _declared_missing(field: dict[str, Any]) -> Iterator[str]:
    """Return the values that the file declares to be missing, as in ``== 999``."""
    for rule in field.get("missingValues", ()):
        found = re.fullmatch(r"""\s*==\s*(?:'([^']*)'|"([^"]*)"|(-?\d+))\s*""", rule)
        if found is None:
            raise ValueError("missing values by a rule")
        yield next(part for part in found.groups() if part is not None)
