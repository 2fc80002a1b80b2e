"""Groups of people, divided by the order of their identifiers."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

_EVERY = 97  # of so many rows one is looked at to find where to divide


def people_between(begin: str | None, end: str | None) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """Return what picks the rows of people from one identifier on and before another; ``None`` sets no limit."""

    def pick(rows: pd.DataFrame) -> pd.DataFrame:
        if "patient_id" not in rows:
            return rows  # which is an error by itself
        column = rows["patient_id"]
        words = column.cat.categories if isinstance(column.dtype, pd.CategoricalDtype) else pd.Index(column)
        inside = np.ones(len(words), dtype=bool)
        if begin is not None:
            inside &= np.asarray(words >= begin, dtype=bool)
        if end is not None:
            inside &= np.asarray(words < end, dtype=bool)
        if isinstance(column.dtype, pd.CategoricalDtype):
            inside = inside[column.cat.codes]
        return rows[inside]

    return pick


class RowsSeen:
    """How much memory the rows of all files take together, and some of their identifiers."""

    def __init__(self) -> None:
        self.n_bytes = self._n_rows = 0
        self._some: list[pd.Series] = []

    def __call__(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Look at rows, and keep none."""
        self.n_bytes += int(rows.memory_usage(index=False).sum())
        if "patient_id" in rows:
            # From file to file it goes on counting: the first people alone of many small files are not typical.
            self._some.append(rows["patient_id"].iloc[-self._n_rows % _EVERY :: _EVERY].astype("str"))
            self._n_rows += len(rows)
        return rows.iloc[:0]

    def cuts(self, n_groups: int) -> Sequence[str]:
        """Return the identifiers at which each group but the first begins, so that groups have about as many rows."""
        some = sorted(pd.concat(self._some, ignore_index=True)) if self._some else []
        places = (number * len(some) // n_groups for number in range(1, n_groups))
        return list(dict.fromkeys(some[place] for place in places)) if some else []
