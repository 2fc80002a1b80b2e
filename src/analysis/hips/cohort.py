"""A cohort as one row per hip in whole numbers, from which every table and every count is made.

A reading is a number of steps of its measure, a level or a word its place in a list, an answer 0 or 1; each takes one
to four bytes. Visits are looked up by the number of their hip, once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from analysis.protocol import Protocol
from analysis.protocol.measures import Measure
from analysis.protocol.steps import round_to_steps

_NEVER = -1


def missing_of(kind: np.dtype) -> int:
    """Return the number that stands for "not recorded": the lowest of its type."""
    return int(np.iinfo(kind).min)


def is_known(values: np.ndarray) -> np.ndarray:
    """Return which whole numbers stand for something recorded."""
    return values != missing_of(values.dtype)


def numbered(column: pd.Series) -> tuple[np.ndarray, pd.Index]:
    """Return the place of each value among the sorted distinct ones, −1 where missing, and these."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.cat.codes.to_numpy(), column.cat.categories
    values = column.array
    if column.dtype == "str" and column.notna().all():
        new = np.concatenate([[len(values) > 0], np.asarray(values[1:] != values[:-1], dtype=bool)])[: len(values)]
        words = values[new]
        if (words[1:] > words[:-1]).all():  # in order already, as patients are in our own tables
            return np.cumsum(new, dtype="int32") - 1, pd.Index(words)
    codes, words = pd.factorize(column, sort=True)
    return codes, pd.Index(words)


def whole_numbers(column: pd.Series, measure: Measure | None = None) -> np.ndarray:
    """Return a column in whole numbers of as few bytes as hold it; see :func:`is_known`.

    Parameters
    ----------
    column
        Readings of a measure, or words.
    measure
        Whose; left out, the values are words, numbered in their order.
    """
    if measure is not None and measure.kind in ("angle", "count"):
        return steps_of(column, measure.step)
    if measure is not None and measure.kind == "answer":
        given = column.astype("boolean").array
        return np.where(given.isna(), np.int8(missing_of(np.dtype("int8"))), given.to_numpy(dtype="int8", na_value=0))
    if measure is not None:
        column = column.astype(pd.CategoricalDtype(list(measure.levels), ordered=True))
    codes, _ = numbered(column)
    return _smallest(codes, codes >= 0)


def steps_of(readings: pd.Series, step: float) -> np.ndarray:
    """Return readings as whole numbers of a step."""
    values = readings.to_numpy(dtype="float64", na_value=np.nan)
    known = ~np.isnan(values)
    if not known.any():
        return np.full(len(values), missing_of(np.dtype("int8")), dtype="int8")
    return _smallest(round_to_steps(values, step), known)


def _smallest(values: np.ndarray, known: np.ndarray) -> np.ndarray:
    largest = max(np.fmax.reduce(values, initial=0), -np.fmin.reduce(values, initial=0))
    kind = next((kind for kind in ("int8", "int16", "int32") if largest <= np.iinfo(kind).max), "int64")
    with np.errstate(invalid="ignore"):  # what is not known is NaN
        whole = values.astype(kind)
    whole[~known] = missing_of(whole.dtype)
    return whole


@dataclass(frozen=True)
class Hips:
    """The hips of a cohort in the order of patient, side and episode, and where their visits stand.

    Attributes
    ----------
    person, side, episode
        Whole numbers (hips,): the person in the order of their identifiers; 0 for left, 1 for right; the episode by
        its place in ``episodes``.
    rows
        By timepoint, the row of each hip's visit, int32; −1 where there was none.
    """

    person: np.ndarray
    side: np.ndarray
    episode: np.ndarray
    episodes: pd.Index
    rows: dict[str, np.ndarray]

    def __len__(self) -> int:
        return len(self.person)

    @cached_property
    def some_row(self) -> np.ndarray:
        """A row of each hip, whichever."""
        return np.maximum.reduce(list(self.rows.values()))

    def first_known(self, known: np.ndarray) -> np.ndarray:
        """Return the row of the first visit of each hip at which something is known; −1 where none is."""
        found = np.full(len(self), _NEVER)
        for rows in reversed(self.rows.values()):
            found = np.where((rows >= 0) & known[rows], rows, found)
        return found


class Read:
    """The readings of a table in whole numbers; each column is made when it is first asked for."""

    def __init__(self, table: pd.DataFrame, protocol: Protocol) -> None:
        self._table, self._measures = table, protocol.measures
        self._whole: dict[str, np.ndarray] = {}

    def __call__(self, name: str, rows: np.ndarray | None = None) -> np.ndarray:
        """Return a measure in all rows, or in some; missing where there is no row (−1)."""
        if name not in self._whole:
            values = whole_numbers(self._table[name], self._measures[name])
            self._whole[name] = np.append(values, values.dtype.type(missing_of(values.dtype)))
        return self._whole[name][:-1] if rows is None else self._whole[name][rows]


def hips_of(visits: pd.DataFrame) -> Hips:
    """Find the hips of a conformed table of assessments, and where the visits of each stand."""
    person, people = numbered(visits["patient_id"])
    episode, episodes = numbered(visits["episode"])
    timepoint = visits["timepoint"].cat
    side = visits["side"].cat.codes.to_numpy()
    size = 2 * len(people) * max(len(episodes), 1)
    number = person.astype("int32" if size < 2**31 else "int64")  # four bytes of each visit are gone through faster
    number = (number * 2 + side) * max(len(episodes), 1) + episode
    numbers, hip = without_gaps(number, size)
    rows = np.full(len(timepoint.categories) * len(numbers), _NEVER, dtype="int32")
    rows[timepoint.codes.to_numpy().astype("intp") * len(numbers) + hip] = np.arange(len(hip), dtype="int32")
    whose, episode_of = np.divmod(numbers, max(len(episodes), 1))
    return Hips(
        (whose // 2).astype("int32"),
        (whose % 2).astype("int8"),
        episode_of.astype("int32"),
        episodes,
        dict(zip(timepoint.categories, rows.reshape(len(timepoint.categories), -1), strict=True)),
    )


def or_none(codes: np.ndarray) -> np.ndarray:
    """Return codes with one more, missing, at the end: what is looked up where there is no row (−1)."""
    return np.append(codes, codes.dtype.type(-1))  # a plain −1 would make eight bytes of each


def without_gaps(number: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the numbers that occur, in order, and which of them each is; all are from 0 and below the size.

    Examples
    --------
    >>> [part.tolist() for part in without_gaps(np.array([5, 0, 5, 3]), 6)]
    [[0, 3, 5], [2, 0, 2, 1]]
    """
    if size > 64 * len(number) + 64:
        return np.unique(number, return_inverse=True)
    found = np.zeros(size, dtype=bool)  # few numbers do not occur: they need no sorting
    found[number] = True
    numbers = np.flatnonzero(found)
    place = np.empty(size, dtype="int32")
    place[numbers] = np.arange(len(numbers), dtype="int32")
    return numbers, place[number]


def after_each_other(numbers: Sequence[np.ndarray], sizes: Sequence[int]) -> np.ndarray:
    """Return numbers of things of several tables as those in the tables put together; each has so many things.

    Examples
    --------
    >>> after_each_other([np.array([0, 1]), np.array([1, 0])], [3, 2]).tolist()
    [0, 1, 4, 3]
    """
    begin = np.cumsum([0, *sizes[:-1]])
    return np.concatenate([number + start for number, start in zip(numbers, begin, strict=True)])


def taken(column: pd.Series, rows: np.ndarray) -> pd.api.extensions.ExtensionArray:
    """Return the values of a column at some rows; missing where there is no row (−1)."""
    return column.array.take(rows, allow_fill=bool((rows < 0).any()))


def words_of(words: Sequence[str], codes: np.ndarray) -> pd.Categorical:
    """Return text of which there are few different ones as categories: rows of it are picked out many times as fast."""
    places, distinct = pd.factorize(np.array(words, dtype="object"))
    return pd.Categorical.from_codes(places[codes], pd.Index(distinct, dtype="str"))


def at_visit(visits: pd.DataFrame, rows: np.ndarray, columns: Sequence[str]) -> pd.DataFrame:
    """Return some columns at some rows; missing where there is no row (−1)."""
    return pd.DataFrame({name: taken(visits[name], rows) for name in columns}, copy=False)
