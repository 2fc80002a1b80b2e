"""Sorted rows fall into runs of the same person, hip or visit; finding them needs no hashing and no groupby."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd


def begins_run(table: pd.DataFrame, columns: Sequence[str]) -> np.ndarray:
    """Whether a row differs from the row above it in any of some columns.

    Parameters
    ----------
    table
        Sorted by these columns; missing values equal each other.

    Returns
    -------
    numpy.ndarray
        Shape (rows,), bool; the first row begins a run.

    Examples
    --------
    >>> begins_run(pd.DataFrame({"patient_id": ["a", "a", "b"]}), ["patient_id"]).tolist()
    [True, False, True]
    """
    begins = np.zeros(len(table), dtype=bool)
    begins[:1] = True
    for name in columns:
        column = table[name]
        if isinstance(column.dtype, pd.CategoricalDtype):
            codes = column.cat.codes.to_numpy()
            begins[1:] |= codes[1:] != codes[:-1]
        else:
            missing, values = column.isna().to_numpy(), column.array
            differs = values[1:] != values[:-1]
            if isinstance(differs, pd.arrays.BooleanArray):
                differs = differs.to_numpy(dtype="bool", na_value=True)
            begins[1:] |= np.asarray(differs, dtype="bool") & ~(missing[1:] & missing[:-1])
    return begins


def run_numbers(table: pd.DataFrame, columns: Sequence[str]) -> np.ndarray:
    """Number the runs of rows that are equal in some columns, from 0."""
    return np.cumsum(begins_run(table, columns)) - 1
