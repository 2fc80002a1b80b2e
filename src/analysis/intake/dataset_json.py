"""CDISC Dataset-JSON 1.1: a table whose columns are described at its head, as one document or line by line."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from decimal import Decimal
from typing import Any

from analysis.intake.columnar import BROKEN, typed_sheet, typed_text
from analysis.intake.fhir import read_fhir
from analysis.intake.problems import Problems
from analysis.intake.sheet import Sheet
from analysis.intake.study_file import Source
from analysis.intake.unreadable import UnreadableFile

_OTHER = "neither CDISC Dataset-JSON 1.1 nor Observations of FHIR, one in a line; save the table as CSV"
_FHIR_IN_ONE = "FHIR is read as NDJSON, one Observation in a line of an .ndjson file; export it so ($export)"
_NOT_AS_TOLD = "the rows are not as many, or not as long, as the head of the file says; export it again"
_DIGITS = 1000
_SINGLE = (str, int, float, Decimal, bool, type(None))


def read_dataset_json(content: bytes, source: Source, problems: Problems, by_line: bool = False) -> Sheet | None:
    """Read a dataset, numbers as they are written; ``None`` when it cannot be."""
    try:
        head, rows = _head_and_rows(content.decode("utf-8-sig"), by_line)
        if by_line and _is_fhir(head):
            return read_fhir([head, *rows], source, problems)
        names, columns = _columns(head, rows)
    except UnreadableFile as fault:
        problems.add("error", fault.rule, str(fault), file=source.file)
        return None
    except (ValueError, RecursionError):
        problems.add("error", "file_broken", BROKEN, file=source.file)
        return None
    texts = [
        typed_text(values, source.decimal) if all(isinstance(value, _SINGLE) for value in values) else "list"
        for values in columns
    ]
    sheet = typed_sheet(source, names, texts, len(rows), problems)
    labels = {str(column["name"]): str(column.get("label", "")) for column in head["columns"]}
    return sheet and replace(sheet, labels=labels)


def _head_and_rows(text: str, by_line: bool) -> tuple[Any, list[Any]]:
    if by_line:
        head, *rows = [_parsed(line) for line in re.split(r"\r?\n", text) if line.strip()] or [None]
        return head, rows
    head = _parsed(text)
    return head, head.get("rows", []) if isinstance(head, dict) else []


def _is_fhir(head: Any) -> bool:
    return isinstance(head, dict) and "resourceType" in head


def _columns(head: Any, rows: list[Any]) -> tuple[list[str], list[list[Any]]]:
    """Return the names and the values of the columns that the head of a file lists."""
    if not (isinstance(head, dict) and str(head.get("datasetJSONVersion", "")).startswith("1.1") and "columns" in head):
        raise UnreadableFile("file_kind", _FHIR_IN_ONE if _is_fhir(head) else _OTHER)
    try:
        names = [str(column["name"]) for column in head["columns"]]
        columns = [[row[n] for row in rows] for n in range(len(names))]
        whole = all(isinstance(row, list) and len(row) == len(names) for row in rows)
    except (LookupError, TypeError):
        whole = False
    if not (whole and head.get("records", len(rows)) == len(rows)):
        raise UnreadableFile("file_broken", _NOT_AS_TOLD)
    return names, columns


def _parsed(text: str) -> Any:
    return json.loads(text, parse_float=_exact)


def _exact(number: str) -> Decimal:
    """Keep a number as it is written; one with a thousand digits before or after its point is none."""
    exact = Decimal(number)
    if not -_DIGITS < exact.adjusted() < _DIGITS or len(number) > _DIGITS:
        raise ValueError
    return exact
