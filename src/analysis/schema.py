"""The tables every module speaks of: their keys, their columns and the types of these.

A hip in one episode of care is the unit that is counted; a person has up to two hips, so every table
carries ``patient_id`` and no rate is ever formed without it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Literal

import numpy as np
import pandas as pd
from pandas.api.extensions import ExtensionArray, ExtensionDtype

from analysis.protocol import Protocol
from analysis.protocol.attributes import COLUMN_TYPES, worked_out
from analysis.protocol.measures import Reading, Side
from analysis.protocol.steps import is_finer
from analysis.usererror import UserError

Outcome = Literal["responder", "non_responder", "not_evaluable"]

SIDES: tuple[Side, Side] = ("left", "right")
HIP = ["patient_id", "side", "episode"]
VISIT = [*HIP, "timepoint"]
PAIR = [*HIP, "comparison"]
STATES = ("T1", "T2", "T3", "unclassified", "not_restricted", "indeterminate")
CERTAINTIES = ("definite", "borderline")
OUTCOMES: tuple[Outcome, Outcome, Outcome] = ("responder", "non_responder", "not_evaluable")
READINGS: tuple[Reading, Reading] = ("strict", "lenient")
GIVEN = ("matched", "mismatched")
NO_STRETCH = "none"  # the level of stretch_given that says that there was none


class TableError(UserError):
    """A table that lacks a column, or names a hip twice."""


def ordered(levels: Sequence[str]) -> pd.CategoricalDtype:
    """Return an ordered category type; its order is the order in which readers meet the levels."""
    return _ordered(tuple(levels))


@cache
def _ordered(levels: tuple[str, ...]) -> pd.CategoricalDtype:
    return pd.CategoricalDtype(list(levels), ordered=True)  # pandas checks the levels each time it makes one


def states(protocol: Protocol) -> tuple[str, ...]:
    """The states a hip can be in: the protocol's types, then the three that are no type."""
    return (*protocol.types, *STATES[3:])


def column_types(protocol: Protocol, table: str) -> dict[str, object]:
    """The columns of ``assessments`` or ``interventions`` in their order, with their pandas types.

    Angles are floats in the unit of their measure that stand for whole steps of it (:mod:`analysis.protocol.steps`);
    counts are nullable integers; a yes or no is a nullable boolean; levels are ordered categories. Missing is missing
    in all of them, never a number and never "no".
    """
    columns: dict[str, object] = {"patient_id": "str", "side": ordered(SIDES), "episode": "str"}
    if table == "assessments":
        columns["timepoint"] = ordered(protocol.timepoints)
        columns["clinic_id"] = "str"
        columns |= {
            name: ordered(attribute.levels) if attribute.levels else COLUMN_TYPES.get(attribute.kind, "str")
            for name, attribute in protocol.attributes.items()
        }
        columns["date"] = "datetime64[s]"
        columns |= {
            name: ordered(condition.levels) if condition.levels else "str"
            for name, condition in protocol.conditions.items()
        }
    kinds = {"angle": "float64", "count": "Int64", "answer": "boolean"}
    for name, measure in protocol.measures_of(table).items():
        columns[name] = ordered(measure.levels) if measure.kind == "level" else kinds[measure.kind]
    return columns | {"source_file": "str", "source_row": "Int64"}


def conform(frame: pd.DataFrame, table: str, protocol: Protocol) -> pd.DataFrame:
    """Give a frame the columns, order and types of a table, and people's groups, which follow from their numbers.

    Parameters
    ----------
    frame
        At least the key columns; ``episode`` may be left out and is then ``"1"``. Columns the table
        does not have are left out, columns the frame does not have are missing throughout.
    table
        ``"assessments"`` or ``"interventions"``.
    protocol
        The rules that name the measures.

    Raises
    ------
    TableError
        A key column is absent or has missing values, a value is not one the column can hold (a level, a
        finite number, a whole count, a yes or no, a date), a reading is finer than the step of its measure, or a
        column or key stands twice.
    """
    columns = column_types(protocol, table)
    key = VISIT if table == "assessments" else HIP
    if "episode" not in frame:
        frame = frame.assign(episode="1")
    if repeated := sorted(set(frame.columns[frame.columns.duplicated()]) & set(columns)):
        raise TableError(f"{table}: column {', '.join(repeated)} stands twice")
    if absent := [name for name in key if name not in frame]:
        raise TableError(f"{table}: no column {', '.join(absent)}; the key is {', '.join(key)}")
    # Columns of a kind that the frame lacks share their memory; pandas copies one of them when it is written to.
    lacking = {kind for name, kind in columns.items() if name not in frame}
    missing = {kind: pd.Series(_missing(len(frame), kind), index=frame.index, copy=False) for kind in lacking}
    typed = {
        name: _cast(frame, name, kind, table) if name in frame else missing[kind] for name, kind in columns.items()
    }
    if table == "assessments":
        typed |= worked_out(typed, protocol.attributes)
    _refuse_finer({name: typed[name] for name in columns if name in frame}, table, protocol)
    result = pd.DataFrame(typed, index=frame.index, copy=False).reset_index(drop=True)
    if incomplete := [name for name in key if typed[name].isna().any()]:
        raise TableError(f"{table}: {', '.join(incomplete)} is missing, or not a known level, in some rows")
    if repeats := _repeats([_compared(frame[name], typed[name]) for name in key]):
        raise TableError(f"{table}: {repeats} rows repeat a key ({', '.join(key)})")
    return result


def _refuse_finer(columns: Mapping[str, pd.Series], table: str, protocol: Protocol) -> None:
    for name, measure in protocol.measures_of(table).items():
        if measure.kind != "angle" or name not in columns:
            continue
        if finer := int(is_finer(columns[name].to_numpy(), measure.step).sum()):
            raise TableError(
                f"{table}: {name} has {finer} readings between two of its steps of {measure.step:g}; round them, or "
                f"declare a finer step of measures.{name} in the protocol"
            )


def was_measured(visits: pd.DataFrame, protocol: Protocol) -> pd.Series:
    """Return at which visits something was measured; a hip that was never read has one row without any reading."""
    measures = (visits[name] for name in protocol.measures_of("assessments"))
    return pd.Series(any_known(measures, len(visits)), index=visits.index, copy=False)


def any_known(columns: Iterable[pd.Series], rows: int) -> np.ndarray:
    """Return in which rows some column holds something; once every row has it, no further column is looked at."""
    known = np.zeros(rows, dtype=bool)
    for column in columns:
        if known.all():
            break
        known |= column.notna().to_numpy()
    return known


def _compared(given: pd.Series, typed: pd.Series) -> tuple[np.ndarray, int]:
    """Number the values of a column, and say how many numbers there may be; categories of text are numbered already."""
    for column in (given, typed):
        if isinstance(column.dtype, pd.CategoricalDtype) and column.cat.categories.dtype == "str":
            return column.cat.codes.to_numpy(), len(column.cat.categories)
    return pd.factorize(typed)[0], len(typed)


def _repeats(key: list[tuple[np.ndarray, int]]) -> int:
    """Count rows that repeat a key. Where the keys only rise, as in our sorted tables, none does."""
    number = np.zeros(len(key[0][0]), dtype="int64")
    for codes, n in key:
        number *= n
        number += codes
    return 0 if (number[1:] > number[:-1]).all() else int(pd.Series(number).duplicated().sum())


@cache
def _dtype(kind: str) -> ExtensionDtype | np.dtype:
    return pd.api.types.pandas_dtype(kind)


_ALL_MISSING: dict[object, Callable[[int], np.ndarray | ExtensionArray]] = {
    "str": lambda rows: pd.array([], dtype="str").take(np.full(rows, -1), allow_fill=True),
    "float64": lambda rows: np.full(rows, np.nan),
    "datetime64[s]": lambda rows: np.full(rows, np.datetime64("NaT", "s")),
    "Int64": lambda rows: pd.arrays.IntegerArray(np.zeros(rows, dtype="int64"), np.ones(rows, dtype=bool)),
    "boolean": lambda rows: pd.arrays.BooleanArray(np.zeros(rows, dtype=bool), np.ones(rows, dtype=bool)),
}


def _missing(rows: int, kind: object) -> np.ndarray | ExtensionArray:
    """Return a column of which every row is missing; most columns of a small study are such."""
    if isinstance(kind, pd.CategoricalDtype):
        return pd.Categorical.from_codes(np.full(rows, -1, dtype="int8"), dtype=kind, validate=False)
    return _ALL_MISSING[kind](rows)


def _cast(frame: pd.DataFrame, name: str, kind: object, table: str) -> pd.Series:
    column = frame[name]
    is_of_kind = column.dtype == (_dtype(kind) if isinstance(kind, str) else kind)
    if is_of_kind and not (kind == "float64" and np.isinf(column.to_numpy()).any()):
        return column
    if isinstance(kind, pd.CategoricalDtype):
        column = column.astype("object")
        if strangers := int((column.notna() & ~column.isin(kind.categories)).sum()):
            raise TableError(f"{table}: {name} has {strangers} values that are none of {', '.join(kind.categories)}")
    if kind == "str" and isinstance(column.dtype, pd.CategoricalDtype):
        # Looking the few words up again is many times faster than turning every row into text.
        words = column.cat.categories.astype("str").array
        return pd.Series(words.take(column.cat.codes.to_numpy(), allow_fill=True), index=column.index)
    try:
        typed = column.astype(kind)  # type: ignore[call-overload]
    except (TypeError, ValueError):
        raise TableError(f"{table}: {name} cannot be read as {kind}") from None
    if kind == "float64" and np.isinf(typed).any():
        raise TableError(f"{table}: {name} is infinite in {int(np.isinf(typed).sum())} rows")
    return typed


def in_first_episode(hips: pd.DataFrame) -> np.ndarray:
    """Return which rows belong to the first episode of their person.

    Where people are counted, or taken as independent of each other, one who came back must not count twice.

    Examples
    --------
    >>> in_first_episode(pd.DataFrame({"patient_id": ["a", "a", "b"], "episode": ["10", "9", "2"]})).tolist()
    [False, True, True]
    """
    place = places_of_episodes(hips["episode"])
    person, people = pd.factorize(hips["patient_id"])
    first = np.full(len(people), place.max(initial=0))
    np.minimum.at(first, person[person >= 0], place[person >= 0])
    found: np.ndarray = (person >= 0) & (place == np.append(first, -1)[person])
    return found


def places_of_episodes(episode: pd.Series) -> np.ndarray:
    """Return the place of the episode of each row among all of them, in order: the tenth comes after the ninth."""
    number, names = pd.factorize(episode.astype("str"))
    order = sorted(range(len(names)), key=lambda one: (len(names[one]), names[one]))
    return np.argsort(order)[number]


def sort_hips(frame: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Sort by a key with a stable order and a fresh index, so that the order of rows in a file is nothing."""
    return frame.sort_values(list(by), kind="stable", ignore_index=True)
