"""What every column of the results means: name, meaning, unit, type, and what a missing value says."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import NamedTuple

import pandas as pd

from analysis.protocol import Protocol


class Column(NamedTuple):
    """One column, for a reader who has only the file."""

    meaning: str
    unit: str = ""
    missing: str = "withheld"


def dictionary(tables: Mapping[str, pd.DataFrame], protocol: Protocol) -> pd.DataFrame:
    """Describe every column of the results.

    Parameters
    ----------
    tables
        As :func:`analysis.outputs.export.result_tables` returns them.
    protocol
        Gives the words for the study's own grouping columns.

    Returns
    -------
    pandas.DataFrame
        One row per table and column: ``table``, ``column``, ``meaning``, ``unit``, ``type``, ``missing`` (what an
        empty cell says).

    Raises
    ------
    KeyError
        A column has no meaning here.
    """
    own = {name: Column(attribute.label, missing="never") for name, attribute in protocol.attributes.items()}
    rows = []
    for name, table in tables.items():
        known = own | _columns("") | _columns(name)
        for column in map(str, table.columns):
            said = known[column]._asdict()
            if column not in own:
                said = {part: protocol.words.tell(text) for part, text in said.items()}
            rows.append({"table": name, "column": column, **said, "type": _type(table[column])})
    return pd.DataFrame(rows, columns=["table", "column", "meaning", "unit", "type", "missing"])


def _type(column: pd.Series) -> str:
    if pd.api.types.is_bool_dtype(column):
        return "yes or no"
    if pd.api.types.is_integer_dtype(column):
        return "whole number"
    return "number" if pd.api.types.is_float_dtype(column) else "text"


@cache
def _columns(table: str) -> dict[str, Column]:
    """Return what ``dictionary.toml`` says of the columns of one table, or of those of any table for no name."""
    found: dict[str, Column] = {}
    for part in _parts():
        if (table in part["tables"]) if table else not part["tables"]:
            found |= {name: Column(**column) for name, column in part["columns"].items()}
    return found


@cache
def _parts() -> list[dict]:
    text = (files("analysis.outputs") / "dictionary.toml").read_text(encoding="utf-8")
    parts: list[dict] = tomllib.loads(text)["part"]
    return parts
