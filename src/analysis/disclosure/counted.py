"""The counts of a release, and of those before it, as one linear system."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis.answers.counting import NOT_RECORDED
from analysis.disclosure.door import withheld_in
from analysis.disclosure.numbered import Numbered
from analysis.disclosure.printed import ABOUT, WHOLE, report_of
from analysis.disclosure.release import FOREMOST, HEADLINE, System
from analysis.disclosure.roles import Column, declared
from analysis.disclosure.sums import Row
from analysis.protocol import Protocol

# What reports lead with is withheld for the sake of another only where it would tell who came since a release before.
_FOREMOST = ("rates", "in_scope", "sides")


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
        Of each unit, whether few people stand behind it.
    units
        Of each unit of this release its clinic, key and, where it is withheld alone, column. Before them stands what
        is known whatever is withheld: nobody, and what earlier releases printed.
    """

    def __init__(
        self,
        counts: pd.DataFrame,
        protocol: Protocol,
        comparison: str,
        minimum: int,
        before: Sequence[Shown] = (),
        beside: Shown | None = None,
    ) -> None:
        numbered = Numbered(minimum)
        self.units: list[tuple[str, str, str]] = [(WHOLE, "nobody", "")]
        hidden, cost, row_of, cells = [False], [float(np.inf)], [0], [(numbered.nobody, 0)]
        for shown in before:
            known = {n for row in numbered.add(shown.counts).values() for n in _printed(row, shown)}
            cells += [(number, 0) for number in sorted(known)]
        few_added = _few_added(counts, before, minimum)
        few = [one | other for one, other in zip(_primary(counts, minimum), few_added, strict=True)]
        every = counts if beside is None else pd.concat([beside.counts, counts], ignore_index=True)
        rows = list(numbered.add(every).values())
        fixed, new = rows[: len(rows) - len(counts)], rows[len(rows) - len(counts) :]
        if beside is not None:
            cells += [(number, 0) for number in sorted({n for row in fixed for n in _printed(row, beside)})]
        for row, withheld in zip(new, few, strict=True):
            own: dict[str, int] = {}
            worth = _worth(row, protocol, comparison)
            for column, name in _alone(row.family, tuple(row.counts)):
                if name not in own:
                    own[name] = len(self.units)
                    self.units.append((row.clinic, row.key, name))
                    hidden.append("" in withheld or name in withheld or row.clinic == NOT_RECORDED)
                    cost.append(worth / 2 if name else worth)
                cells.append((row.counts[column], own[name]))
            row_of += [own.get("", unit) for unit in own.values()]
        matrix = numbered.matrix()
        value, small, taken = (np.array(of_each) for of_each in (numbered.value, numbered.small, numbered.taken))
        count, unit = np.array(cells).T
        self.hidden = np.array(hidden)
        self.system = System(value, small, taken, count, unit, np.array(row_of), matrix, np.array(cost))


def _printed(row: Row, shown: Shown) -> Iterator[int]:
    """Yield the numbers that an earlier release printed."""
    if (row.clinic, row.key) not in shown.rows:
        for column, name in _alone(row.family, tuple(row.counts)):
            if not name or (row.clinic, row.key, name) not in shown.cells:
                yield row.counts[column]


@cache
def _alone(family: str, columns: tuple[str, ...]) -> list[tuple[str, str]]:
    """Return the columns of a table that are declared, each with that by which it is withheld alone."""
    return [(column, alone(column, role)) for column, role in declared(family, columns).items()]


def _behind_the_door(counts: pd.DataFrame, minimum: int) -> Iterator[tuple[pd.DataFrame, pd.Series, pd.DataFrame]]:
    """Yield the rows of each family, which of them are withheld by themselves, and where a number is withheld alone."""
    for family, rows in counts.groupby("family", sort=False):
        # A number that an earlier version did not keep is missing: nothing is said of what was added to it.
        table = rows.drop(columns=ABOUT).dropna(axis=1, how="all").astype("float64")
        withheld = withheld_in(table, declared(str(family), map(str, table.columns)), minimum)
        anyone = (table > 0).any(axis=1)
        yield rows, anyone & withheld.pop(""), pd.DataFrame(withheld, index=table.index).where(anyone, False)


def _withheld(rows: pd.Series, alone: pd.DataFrame) -> Iterator[tuple[int, str]]:
    """Yield what is withheld: the place of a row with a column, or with nothing for the whole row."""
    yield from ((int(row), "") for row in rows.index[rows])
    for row, name in zip(*np.nonzero(alone.to_numpy() & ~rows.to_numpy()[:, None]), strict=True):
        yield int(alone.index[row]), str(alone.columns[name])


def _primary(counts: pd.DataFrame, minimum: int) -> list[set[str]]:
    """Return of each row what the door withholds by itself: columns, and "" for the whole row."""
    withheld: list[set[str]] = [set() for _ in range(len(counts))]
    report = report_of(counts)
    of_all = counts["family"] == "in_scope"
    people = counts[of_all].set_index(report[of_all])["n_patients"]
    for rows, few, alone in _behind_the_door(counts, minimum):
        anyone = (rows.drop(columns=ABOUT) > 0).any(axis=1)
        own = report[rows.index]
        # Beside a group of few, one without anybody would tell in which groups they are not.
        beside = few.groupby(own).transform("any") & ~anyone
        for row, column in _withheld(few | beside | (own.map(people) < minimum), alone):
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
        return FOREMOST if row.family == "sides" else HEADLINE
    return float(1000 / 8 ** (groups + aside + bool(row.clinic)))
