"""The one door through which counts leave in a report: a loop over what is declared of each column."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from functools import reduce
from operator import or_
from typing import Any

import numpy as np
import pandas as pd

from analysis.disclosure.roles import ALL_ROWS, Column, declared
from analysis.protocol.policies import MINIMUM_PATIENTS
from analysis.schema import TableError

# Every page says at its end how many are too few.
WHY_WITHHELD = (
    "too few patients stand behind it or its complement, too few have come to it since it was last shown, "
    "or it would give away such a number"
)


def need_marks(columns: Container[Any]) -> None:
    """Refuse a table, or a row, that did not come through this door: nobody knows what of it may be shown.

    Raises
    ------
    TableError
        There is no ``suppressed`` among its columns.
    """
    if "suppressed" not in columns:
        raise TableError("figures and printed tables show what a report gives, such as open_report(STUDY).rates([…])")


def protect(
    table: pd.DataFrame,
    name: str = "rates",
    groups: Iterable[str] = (),
    minimum: int = MINIMUM_PATIENTS,
    people: int | None = None,
    besides: Mapping[str, pd.Series] | None = None,
    all_or_none: bool = False,
) -> pd.DataFrame:
    """Withhold the numbers of groups that too few patients stand behind.

    Parameters
    ----------
    table
        A table of counts, such as :func:`analysis.rates` returns.
    name
        Under which its columns are declared (``columns.toml`` beside this file).
    groups
        Columns of the study's own that tell which group a row is about.
    minimum
        The fewest *patients*, not hips, that may stand behind a number and behind its complement.
    people
        How many patients the table is about, where that is known; of fewer than the minimum nothing is shown.
    besides
        What else is withheld, so that nothing else of the release tells what is: rows under "", single counts under
        the names of their columns; see :mod:`analysis.disclosure.plan`.
    all_or_none
        Whether with one row all are withheld: the release counts no such groups, so that others would tell it.

    Returns
    -------
    pandas.DataFrame
        With ``suppressed``, and without any column that is not declared. A suppressed row keeps its group and no
        number: they are missing, never 0. A group without any patient stays 0 while no other row is withheld; beside
        one, it would tell in which groups the few are not. A small count beside the number (missing outcomes, people
        with one judged hip) is withheld alone, with what follows from it. With a row withheld, so is what follows from
        all rows: adjusted p values, and a test between the groups.

    Notes
    -----
    By itself this is primary suppression: a withheld number may still follow by subtraction from a total that is
    shown. ``besides`` is what a release as a whole withholds more.

    Examples
    --------
    >>> row = pd.DataFrame({"side": ["left"], "n_patients_evaluable": [6], "n_patients_with": [2],
    ...                     "n_patients_without": [4], "rate": [1 / 3]})
    >>> protect(row)[["side", "suppressed", "rate"]].values.tolist()
    [['left', True, nan]]
    """
    roles = _roles(table, name, groups)
    withheld = withheld_in(table, roles, minimum, people, besides)
    if all_or_none and withheld[""].any():
        every = {"": pd.Series(True, index=table.index)}
        withheld = withheld_in(table, roles, minimum, people, every)
    shown = {name: _without(table[name], withheld[name]) if name in withheld else table[name] for name in roles}
    return pd.DataFrame(shown, index=table.index).assign(suppressed=withheld[""])


def withheld_in(
    table: pd.DataFrame,
    roles: Mapping[str, Column],
    minimum: int,
    people: int | None = None,
    besides: Mapping[str, pd.Series] | None = None,
) -> dict[str, np.ndarray]:
    """Return where the columns of a table are withheld, and under "" which rows; see :func:`protect`."""
    some = [_numbers(table, name) > 0 for name, role in roles.items() if role.counts]
    anyone = np.logical_or.reduce(some) if some else np.zeros(len(table), dtype=bool)
    few = {name: is_few(table, name, role, minimum) & anyone for name, role in roles.items() if role.few}
    more = {name: told.reindex(table.index).to_numpy(dtype=bool) for name, told in (besides or {}).items()}
    rows = _rows(table, roles, few, anyone) | more.get("", False)
    if people is not None and 0 < people < minimum:
        rows[:] = True
    few = {name: column for name, column in few.items() if roles[name].few == "alone"}
    for column, withheld in more.items():
        few[column] = few.get(column, False) | withheld
    few[ALL_ROWS] = np.full(len(table), rows.any())
    return {"": rows} | {
        column: reduce(or_, (few[source] for source in (column, *role.follows) if source in few), rows)
        for column, role in roles.items()
        if role.role != "label"
    }


def _numbers(table: pd.DataFrame, name: str) -> np.ndarray:
    """Return a column of counts, NaN where one is missing: a comparison with it is False."""
    return table[name].to_numpy(dtype="float64", na_value=np.nan)


def _roles(table: pd.DataFrame, name: str, groups: Iterable[str]) -> dict[str, Column]:
    """Return what each column is, in the order of the table; those of which nothing is declared are left out."""
    own = {group: Column("label", group) for group in groups}
    known = declared(name, map(str, table.columns)) | own
    return {column: known[column] for column in map(str, table.columns) if column in known}


def _rows(
    table: pd.DataFrame, roles: Mapping[str, Column], few: Mapping[str, np.ndarray], anyone: np.ndarray
) -> np.ndarray:
    """Return which rows too few people stand behind."""
    rows = np.zeros(len(table), dtype=bool)
    for name, role in roles.items():
        if role.few == "row":
            rows |= few[name]
        if role.needs in table:
            rows |= (table[name].notna() & table[role.needs].isna()).to_numpy()
    return rows | ~anyone if rows.any() else rows


def is_few(table: pd.DataFrame, name: str, role: Column, minimum: int) -> np.ndarray:
    """Return where fewer than the fewest people surely stand behind a count, or behind the rest of its whole.

    So many hips are at least half as many people, rounded up.

    Examples
    --------
    >>> part = pd.DataFrame({"n_up": [8, 9, 12], "n_hips": [20, 20, 20]})
    >>> is_few(part, "n_up", Column("hips", "", of="n_hips"), 5).tolist()
    [True, False, True]
    """
    least = minimum if role.role == "people" else 2 * minimum - 1
    count = _numbers(table, name)
    few: np.ndarray = count < least
    if not role.zero_is_few:
        few &= count > 0
    if role.among in table:
        few &= _numbers(table, role.among) > 0
    if role.of:
        few |= _numbers(table, role.of) - count < least
    return few


def _without(column: pd.Series, withheld: np.ndarray) -> pd.Series:
    """Return a column in which what is withheld is missing."""
    if pd.api.types.is_bool_dtype(column):
        column = column.astype("boolean")
    elif pd.api.types.is_integer_dtype(column):
        column = column.astype("Int64")
    return column.mask(withheld) if withheld.any() else column


def withhold_rows(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table about single hips without any of them: rows never leave by a report that withholds.

    Examples
    --------
    >>> len(withhold_rows(pd.DataFrame({"patient_id": ["a"], "gain": [7.0]})))
    0
    """
    return table.iloc[:0]
