"""The counts of a release, and of those before it, as one linear system."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from analysis.answers.counting import NOT_RECORDED
from analysis.disclosure.door import protect
from analysis.disclosure.printed import WHOLE
from analysis.disclosure.release import FOREMOST, System
from analysis.disclosure.roles import Column, declared
from analysis.disclosure.sums import MISSING, NO_NEWS, WHOLES, WITHIN, Row, Rows, sums_of
from analysis.protocol import Protocol

ABOUT = ["family", "key", "labels", "clinic", "like"]
# Sizes of groups that stand in several tables.
_SIZES = {("", "n_patients"): "people", ("", "n_hips"): "hips"}
_SIZES |= {("classes", "n_yes"): "hips", ("classes", "n_patients_with"): "people"}
# What reports lead with is withheld for the sake of another only where it would tell who came since a release before.
_FOREMOST = ("rates", "in_scope", "sides")
_Sum = tuple[int, list[int]]


class Shown(NamedTuple):
    """What a release printed, and when.

    Attributes
    ----------
    counts
        As :func:`analysis.disclosure.printed.printed_counts` returns them.
    rows, cells
        What of them was withheld: rows by clinic and key, counts alone by clinic, key and column.
    on
        The day, as in 2026-11-29.
    """

    counts: pd.DataFrame
    rows: frozenset[tuple[str, str]]
    cells: frozenset[tuple[str, str, str]]
    on: str = ""

    def withheld(self, clinic: str, key: str, column: str) -> bool:
        """Return whether a row, or a count that is withheld alone, was withheld."""
        return (clinic, key) in self.rows or (clinic, key, column) in self.cells


class Counted:
    """The counts as one linear system.

    Attributes
    ----------
    system
        See :class:`analysis.disclosure.release.System`.
    hidden
        Of each unit, whether few people stand behind it; of an earlier release, whether it was withheld.
    units
        Of each unit its clinic, key and, where it is withheld alone, column.
    first
        The place of the first unit of this release; those before it were printed or withheld earlier.

    Notes
    -----
    What was added since the release before is a count too, and a secret where few were added. A row that did not
    change keeps its counts: a reader is taken to know that nobody was added to it.
    """

    def __init__(
        self, counts: pd.DataFrame, protocol: Protocol, comparison: str, minimum: int, before: Sequence[Shown] = ()
    ) -> None:
        self._value: list[int] = []
        self._small: list[bool] = []
        self._minimum = minimum
        self._nobody = self._new(0)
        self.units: list[tuple[str, str, str]] = [(WHOLE, "nobody", "")]
        hidden, cost, cells = [False], [float(np.inf)], [(self._nobody, 0)]
        few_added = _few_added(counts, before, minimum)
        few = [one | other for one, other in zip(_primary(counts, minimum), few_added, strict=True)]
        sums: list[_Sum] = []
        rows: Rows = {}
        for shown in (*before, Shown(counts, frozenset(), frozenset())):
            last, rows = rows, self._number(shown.counts, rows)
            sums += [*self._sums_of(rows), *self._growth(last, rows)]
            self.first = len(self.units)
            now = shown.counts is counts
            for row, withheld in zip(rows.values(), few if now else [set[str]()] * len(rows), strict=True):
                own: dict[str, int] = {}
                worth = _worth(row, protocol, comparison) if now else np.inf
                for column, role in declared(row.family, row.counts).items():
                    name = alone(column, role)
                    if name not in own:
                        own[name] = len(self.units)
                        self.units.append((row.clinic, row.key, name))
                        is_few = "" in withheld or name in withheld or row.clinic == NOT_RECORDED
                        hidden.append(is_few if now else shown.withheld(row.clinic, row.key, name))
                        cost.append(worth / 2 if name else worth)
                    cells.append((row.counts[column], own[name]))
        count, unit = np.array(cells).T
        matrix = self._matrix(sums)
        self.hidden = np.array(hidden)
        self.system = System(np.array(self._value), np.array(self._small), count, unit, matrix, np.array(cost))

    def _number(self, counts: pd.DataFrame, last: Rows) -> Rows:
        """Give every count a number: the same to groups of as many people or hips in the whole and in every clinic."""
        columns: list[str] = [str(name) for name in counts if name not in ABOUT]
        about = [dict(zip(ABOUT, row, strict=True)) for row in counts[ABOUT].itertuples(index=False)]
        numbers = [
            {name: int(value) for name, value in zip(columns, row, strict=True) if value == value}
            for row in counts[columns].to_numpy(dtype="float64").tolist()
        ]
        for row in numbers:
            for whole, parts, rest in WITHIN:
                if rest and {whole, *parts} <= set(row):
                    row[rest] = row[whole] - sum(row[part] for part in parts)
        alike: dict[tuple[str, str], list[tuple[str, int]]] = {}
        for who, row in zip(about, numbers, strict=True):
            for name, value in row.items():
                alike.setdefault((who["like"], name), []).append((who["clinic"], value))
        seen: dict[tuple[Any, ...], int] = {}
        rows = {}
        for who, row in zip(about, numbers, strict=True):
            place = who["clinic"], who["key"]
            old = last[place].counts if place in last else {}
            same = {name: number for name, number in old.items() if row.get(name) == self._value[number]}
            if len(same) < len(row):
                same = {name: number for name, number in same.items() if _size(who["family"], name)}
            found = {}
            for name, value in row.items():
                size, alikes = _size(who["family"], name), tuple(alike[who["like"], name])
                of = (size, alikes, who["clinic"]) if size and value else (who["like"], name, who["clinic"])
                if name in same:
                    seen.setdefault(of, same[name])
                if of not in seen:
                    seen[of] = self._new(value, self._few(who["family"], name, row))
                found[name] = seen[of]
            rows[place] = Row(counts=found, **who)
        return rows

    def _few(self, family: str, name: str, row: Mapping[str, int]) -> bool:
        """Return whether few stand behind a count; none are few only where any could have been."""
        wholes = () if family in NO_NEWS else WHOLES.get(name, ())
        anyone = row[name] or any(row.get(whole, 0) for whole in wholes)
        return name not in MISSING and row[name] < self._minimum and bool(anyone)

    def _new(self, value: int, small: bool = False) -> int:
        self._value.append(value)
        self._small.append(small)
        return len(self._value) - 1

    def _growth(self, last: Rows, rows: Rows) -> Iterator[_Sum]:
        """Yield what was added to each count since the release before, and the sums of what was added.

        Of a count that became smaller, by a correction, no more is said than by how much.
        """
        added: Rows = {}
        known: dict[tuple[int, int], int] = {}
        for place in rows.keys() & last.keys():
            row, old = rows[place], last[place].counts
            grown: dict[str, int] = {}
            change = {
                name: abs(self._value[new] - self._value[old[name]]) for name, new in row.counts.items() if name in old
            }
            for name, new in row.counts.items():
                if name not in old or old[name] == new:
                    grown |= {name: self._nobody} if name in old else {}
                    continue
                more = self._value[new] - self._value[old[name]]
                if (old[name], new) not in known:
                    known[old[name], new] = self._new(abs(more), self._few(row.family, name, change))
                came = known[old[name], new]
                yield (new, [old[name], came]) if more >= 0 else (old[name], [new, came])
                grown |= {name: came} if more >= 0 else {}
            added[place] = replace(row, counts=grown)
        yield from self._sums_of(added)

    def _sums_of(self, rows: Rows) -> Iterator[_Sum]:
        for whole, parts, *_ in sums_of(rows):
            parts = [part for part in parts if part != self._nobody]
            if parts:
                yield whole, parts

    def _matrix(self, sums: list[tuple[int, list[int]]]) -> csr_array:
        """Return sums, each a whole and its parts, as a matrix; what a sum lacks, or has twice, is a count too."""
        entries: list[tuple[int, int, int]] = []
        distinct = {(whole, tuple(sorted(parts))) for whole, parts in sums if parts != [whole]}
        for row, (whole, parts) in enumerate(sorted(distinct)):
            entries += [(row, whole, -1), *((row, part, 1) for part in parts)]
            if lacks := self._value[whole] - sum(self._value[part] for part in parts):
                entries.append((row, self._new(abs(lacks)), 1 if lacks > 0 else -1))
        where = np.array(entries, dtype="int64").reshape(-1, 3).T
        matrix = csr_array((where[2], (where[0], where[1])), shape=(len(distinct), len(self._value)))
        matrix.sum_duplicates()
        matrix.eliminate_zeros()
        return matrix


def _size(family: str, name: str) -> str | None:
    return _SIZES.get((family, name)) or _SIZES.get(("", name))


def _behind_the_door(counts: pd.DataFrame, minimum: int) -> Iterator[tuple[pd.DataFrame, pd.Series, pd.DataFrame]]:
    """Yield the rows of each family, which of them are withheld by themselves, and where a number is withheld alone."""
    for family, rows in counts.groupby("family", sort=False):
        table = rows.drop(columns=ABOUT).dropna(axis=1, how="all").astype("int64")
        shown = protect(table, str(family), minimum=minimum)
        anyone = (table > 0).any(axis=1)
        yield rows, shown["suppressed"] & anyone, shown.isna().where(anyone, False)


def _withheld(rows: pd.Series, alone: pd.DataFrame) -> Iterator[tuple[int, str]]:
    """Yield what is withheld: the place of a row with a column, or with nothing for the whole row."""
    yield from ((int(row), "") for row in rows.index[rows])
    for row, name in zip(*np.nonzero(alone.to_numpy() & ~rows.to_numpy()[:, None]), strict=True):
        yield int(alone.index[row]), str(alone.columns[name])


def _primary(counts: pd.DataFrame, minimum: int) -> list[set[str]]:
    """Return of each row what the door withholds by itself: columns, and "" for the whole row."""
    withheld: list[set[str]] = [set() for _ in range(len(counts))]
    people = counts[counts["family"] == "in_scope"].set_index("clinic")["n_patients"]
    for rows, few, alone in _behind_the_door(counts, minimum):
        anyone = (rows.drop(columns=ABOUT) > 0).any(axis=1)
        # Beside a group of few, one without anybody would tell in which groups they are not.
        beside = few.groupby(rows["clinic"]).transform("any") & ~anyone
        for row, column in _withheld(few | beside | (rows["clinic"].map(people) < minimum), alone):
            withheld[row].add(column)
    return withheld


def _few_added(counts: pd.DataFrame, before: Sequence[Shown], minimum: int) -> list[set[str]]:
    """Return of each row what is withheld because few people came to it, or left it, since it was shown."""
    withheld: list[set[str]] = [set() for _ in range(len(counts))]
    place, numbers = ["clinic", "key"], [name for name in counts if name not in ABOUT]
    now, parts = counts.set_index(place)[numbers], []
    for shown in before:
        was = shown.counts.set_index(place).reindex(columns=numbers)
        added = (now - was.reindex(now.index)).abs().reset_index(drop=True)
        printed = np.array([one not in shown.rows for one in now.index])
        parts.append(counts[ABOUT].join(added)[printed & added.notna().any(axis=1)])
    if not parts:
        return withheld
    added = pd.concat(parts).reset_index(names="row")
    for _, few, alone in _behind_the_door(added.drop(columns="row"), minimum):
        for row, column in _withheld(few, alone):
            withheld[added["row"][row]].add(column)
    return withheld


def alone(column: str, role: Column) -> str:
    """Return the column by which a count is withheld alone; nothing where it goes with its row."""
    return column if role.few == "alone" else next((name for name in role.follows if name != "all rows"), "")


def _worth(row: Row, protocol: Protocol, comparison: str) -> float:
    """Return what a row is worth to a reader: the less, the finer its group."""
    usual = {"response": protocol.primary_response, "comparison": comparison}
    aside = sum(row.labels.get(name, value) != value for name, value in usual.items())
    groups = sum(name not in usual for name in row.labels)
    if row.family in _FOREMOST and not (groups or aside or row.clinic):
        return FOREMOST * (1 if row.family == "sides" else 2)
    return float(1000 / 8 ** (groups + aside + bool(row.clinic)))
