"""A dataset as CDISC Dataset-JSON 1.1."""

from __future__ import annotations

import json
from importlib.metadata import version
from typing import Any

import numpy as np

from analysis.outputs.dataset import Dataset, Limits, Variable, refuse_what_does_not_fit

_KINDS = {"text": "string", "number": "double", "whole": "integer", "date": "date"}
_LONG_AGO = "2000-01-01T00:00:00"  # the same results must give the same bytes
_LIMITS = Limits("Dataset-JSON", name=8, label=200, text=1_000_000)


def dataset_json(dataset: Dataset) -> bytes:
    """Return a dataset as Dataset-JSON 1.1: a line for the head, then one for each row; missing is null.

    Parameters
    ----------
    dataset
        The table; its first row names the study.

    References
    ----------
    CDISC, Dataset-JSON 1.1: dates are ISO 8601 text, for SAS numbers of days (``targetDataType``).
    """
    refuse_what_does_not_fit(dataset, _LIMITS)
    head = {
        "datasetJSONCreationDateTime": _LONG_AGO,
        "datasetJSONVersion": "1.1.0",
        "originator": "capsule-outcomes",
        "sourceSystem": {"name": "capsule-outcomes", "version": version("capsule-outcomes")},
        "studyOID": str(dataset.rows["STUDYID"].iloc[0]),
        "itemGroupOID": f"IG.{dataset.name}",
        "records": len(dataset.rows),
        "name": dataset.name,
        "label": dataset.label,
        "columns": [_column(variable, dataset) for variable in dataset.variables],
    }
    columns = [_values(variable, dataset) for variable in dataset.variables]
    rows = ",\n".join(_written(row) for row in zip(*columns, strict=True))
    return f'{_written(head)[:-1]},\n"rows":[\n{rows}\n]}}\n'.encode()


def _column(variable: Variable, dataset: Dataset) -> dict[str, Any]:
    about: dict[str, Any] = {
        "itemOID": f"IT.{dataset.name}.{variable.name}",
        "name": variable.name,
        "label": variable.label,
        "dataType": _KINDS[variable.kind],
    }
    if variable.kind == "date":
        about |= {"targetDataType": "integer", "displayFormat": "DATE9."}
    if variable.kind == "text":
        about["length"] = max((len(text) for text in dataset.rows[variable.name].dropna().unique()), default=1)
    return about | ({"keySequence": variable.key} if variable.key else {})


def _values(variable: Variable, dataset: Dataset) -> list[Any]:
    column = dataset.rows[variable.name]
    if variable.kind == "text":
        return column.tolist()
    if variable.kind == "date":
        return [None if day is None else day.isoformat() for day in column]
    whole = variable.kind == "whole"
    return [None if np.isnan(number) else int(number) if whole else number for number in column.tolist()]


def _written(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
