"""What every column of the results means: name, meaning, unit, type, and what a missing value says."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from analysis.disclosure.roles import Column, declared
from analysis.protocol import Protocol

_TOLD = ("meaning", "unit", "missing")


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
    own = {name: Column("label", attribute.label, missing="never") for name, attribute in protocol.attributes.items()}
    rows = []
    for name, table in tables.items():
        known = own | declared(name, map(str, table.columns))
        for column in map(str, table.columns):
            said = {part: getattr(known[column], part) for part in _TOLD}
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
