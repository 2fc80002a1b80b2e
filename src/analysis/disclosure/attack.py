"""What a reader can work out of counts: those that are printed too small, and those that follow from others.

It knows what is printed and that groups add up, and nothing of the study: no number that is withheld.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np

from analysis.disclosure.printed import WHOLE, row_key
from analysis.disclosure.ranges import HIPS, ranges
from analysis.disclosure.roles import tables
from analysis.disclosure.sums import ASKED, MISSING, NO_NEWS, WITHIN, Row, Rows, Sum, sums_of

_SIZES = ("n_hips", "n_patients")  # of a group, the same whatever is asked of it
EARLIER = " as of "  # in the name of a state: which of the pages of one release are of an earlier one
REST = " and the rest"  # of a whole that a table of another program prints beside a part


class Seen(NamedTuple):
    """A row of a table as a reader sees it.

    Attributes
    ----------
    file, table, row
        Where it stands.
    edition
        Which state of the data it is of; what belongs together has the same.
    clinic, family, labels
        What it is about; ``clinic`` is empty for the whole study.
    counts
        Of people or hips, by column; None where it is withheld.
    """

    file: str
    table: str
    row: str
    edition: str
    clinic: str
    family: str
    labels: Mapping[str, str]
    counts: Mapping[str, int | None]


class Leak(NamedTuple):
    """A count of few people that can be told: where it stands, or what it is of, and how it is told."""

    file: str
    table: str
    row: str
    column: str
    how: str


class Told(NamedTuple):
    """What can be told of counts of few people.

    Attributes
    ----------
    leaks
        Those that can be told.
    withheld, recovered
        How many counts are withheld, and how many of these follow.
    narrowest
        How wide the narrowest range of the others is.
    contradicting
        Files whose numbers contradict each other; what they would tell together is not worked out.
    """

    leaks: list[Leak]
    withheld: int
    recovered: int
    narrowest: int | None
    contradicting: list[str]


def attack(rows: Sequence[Seen], fewest: int) -> Told:
    """Return what a reader of all these rows can tell of counts from 1 to ``fewest`` − 1, and of nobody of some.

    Examples
    --------
    Two clinics of three, and all of them together, leave 3 hips to the third:

    >>> hips = {"": 40, "A": 20, "B": 17, "C": None}
    >>> rows = [Seen("rates.csv", "rates", name, "", name, "rates", {}, {"n_hips": n}) for name, n in hips.items()]
    >>> [(leak.row, leak.how) for leak in attack(rows, 5).leaks]
    [('C', 'withheld, and follows from rates.csv')]
    """
    reader = _Reader(fewest)
    clinics: dict[str, set[str]] = {}
    for row in rows:
        clinics.setdefault(row.edition.partition(EARLIER)[0], set()).add(row.clinic)
    for edition in dict.fromkeys(row.edition for row in rows):
        of_edition = clinics[edition.partition(EARLIER)[0]] - {WHOLE}
        reader.read([row for row in rows if row.edition == edition], len(of_edition))
    return reader.told()


class _Reader:
    """Every count by number, what is known of it, and the sums."""

    def __init__(self, fewest: int) -> None:
        self._fewest = fewest
        self._known: list[int | None] = []
        self._places: list[list[tuple[Seen, str]]] = []
        self._column: list[str] = []
        self._whole: dict[int, int] = {}  # of a count of which none tells how all fared: of all
        self._sums: list[Sum] = []
        self._leaks: dict[tuple[str, str, str], Leak] = {}
        self._editions: list[Rows] = []

    def read(self, seen: Sequence[Seen], n_clinics: int) -> None:
        """Take the rows of one state of the data; pages of some of the clinics may be of another."""
        rows: Rows = {}
        for one in seen:
            row = _row_of(rows, one)
            for column, count in one.counts.items():
                if column not in row.counts:
                    row.counts[column] = self._new(column)
                self._note(row.counts[column], count, one, column)
        self._add_withheld(rows)
        for row in list(rows.values()):
            self._add_wholes(rows, row)
        for row in rows.values():
            self._add_rests(row)
        # Who is of none of the groups that have reports of their own stands in no report.
        apart = {name for row in rows.values() if row.family == "in_scope" for name in row.labels}
        for found in sums_of(rows):
            name = found.over[2] if found.over else ""
            some = name in apart or (name == "clinic" and len(found.parts) < n_clinics)
            self._sums.append(found._replace(complete=not some))
        self._sums += self._same_sizes(rows)
        self._editions.append(rows)

    def told(self) -> Told:
        """Work out what follows."""
        self._say_printed()
        low, high, lacking, left_out = ranges(self._known, self._sums)
        for whole, lack in lacking:
            if lack < self._fewest:
                self._say(whole.whole, f"few are in none of the groups of {self._files(whole.parts)}", whole.parts)
        for one, other in combinations(self._editions, 2):
            self._compare(one, other, low, high)
        told = [n for n, known in enumerate(self._known) if known is None and self._is_few(n, low, high)]
        for number, beside in self._beside(told).items():
            self._say_told(number, low, high, beside)
        room = [high[n] - low[n] for n, known in enumerate(self._known) if known is None and self._places[n]]
        left = [int(width) for width in room if width > 0]
        against = sorted({self._files([one.whole, *one.parts]) for one in left_out if self._is_known(one)})
        return Told(list(self._leaks.values()), len(room), len(room) - len(left), min(left, default=None), against)

    def _is_known(self, one: Sum) -> bool:
        """Whether it is of tables that we know; of sentences and other tables, that they add up is a guess."""
        places = (self._places[number] for number in (one.whole, *one.parts))
        return any(seen.family in ("rates", *tables()) for place in places for seen, _ in place)

    def _new(self, column: str, known: int | None = None) -> int:
        self._known.append(known)
        self._places.append([])
        self._column.append(column)
        return len(self._known) - 1

    def _note(self, number: int, count: int | None, seen: Seen, column: str) -> None:
        self._places[number].append((seen, column))
        known = self._known[number]
        if known is None:
            self._known[number] = count
        elif count is not None and 0 < abs(count - known) < self._fewest:
            other = self._places[number][0][0]
            self._say_at(seen, column, f"differs by few from {other.file}")

    def _add_withheld(self, rows: Rows) -> None:
        """Add to each row the counts that it has in another report: one word may stand for several withheld ones."""
        columns: dict[str, dict[str, None]] = {}
        for row in rows.values():
            columns.setdefault(row.key, {}).update(dict.fromkeys(row.counts))
        for row in rows.values():
            for column in columns[row.key]:
                if column not in row.counts:
                    row.counts[column] = self._new(column)

    def _add_wholes(self, rows: Rows, row: Row) -> None:
        """Add the rows of coarser groups that no table prints: a reader can add up too."""
        for name in row.labels:
            if name in ASKED or row.family not in ("rates", "classes"):
                continue
            labels = {other: value for other, value in row.labels.items() if other != name}
            key = row_key(row.family, labels)
            whole = rows.setdefault((row.clinic, key), Row(row.family, key, labels, row.clinic, key, {}))
            for column in HIPS:
                if column in row.counts and column not in whole.counts:
                    whole.counts[column] = self._new(column)
            self._add_wholes(rows, whole)

    def _add_rests(self, row: Row) -> None:
        own = [(whole, (whole.removesuffix(" of"),), whole + REST) for whole in row.counts if whole.endswith(" of")]
        for whole, parts, rest in (*WITHIN, *own):
            if {whole, *parts} <= set(row.counts):
                if rest and rest not in row.counts:
                    row.counts[rest] = self._new(rest)
                if (whole, parts, rest) in own:
                    self._sums.append(Sum(row.counts[whole], [row.counts[parts[0]], row.counts[rest]]))
                elif rest not in MISSING and row.family not in NO_NEWS:
                    self._whole |= {row.counts[name]: row.counts[whole] for name in filter(None, [*parts, rest])}

    def _same_sizes(self, rows: Rows) -> Iterator[Sum]:
        """Yield that a group has as many hips and people whatever is asked of it."""
        first: dict[tuple[str, str, str], int] = {}
        for row in sorted(rows.values(), key=lambda row: row.family != "rates"):
            group = row_key("", {name: value for name, value in row.labels.items() if name not in ASKED})
            for column in _SIZES:
                if row.family in ("rates", "in_scope") and column in row.counts:
                    number = row.counts[column]
                    one = first.setdefault((row.clinic, group, column), number)
                    if one != number:
                        yield Sum(one, [number])

    def _compare(self, one: Rows, other: Rows, low: np.ndarray, high: np.ndarray) -> None:
        """Say where two states of the data differ by few, or where none of those that came did, or all."""
        for place in filter(one.__contains__, other):
            pairs = {name: (one[place].counts[name], new) for name, new in other[place].counts.items()
                     if name in one[place].counts}  # fmt: skip
            change = {name: abs(low[new] - low[old]) for name, (old, new) in pairs.items()
                      if name not in MISSING and low[old] == high[old] and low[new] == high[new]}  # fmt: skip
            for name, more in change.items():
                whole = next((change.get(whole, 0) for whole, *parts in WITHIN if name in (*parts[0], parts[1])), 0)
                if 0 < more < self._fewest or (not more and whole and one[place].family not in NO_NEWS):
                    self._say(pairs[name][0], f"differs by few from {self._files([pairs[name][1]])}")

    def _say_printed(self) -> None:
        for number, known in enumerate(self._known):
            if known is not None and (0 < known < self._fewest or (known == 0 and self._tells_of_all(number))):
                for seen, column in self._places[number]:
                    self._say_at(seen, column, "printed")

    def _tells_of_all(self, number: int) -> bool:
        whole = self._whole.get(number)
        return whole is not None and bool(self._known[whole])

    def _is_few(self, number: int, low: np.ndarray, high: np.ndarray) -> bool:
        if self._column[number] in MISSING:
            return False
        if not high[number]:
            return bool(number in self._whole and low[self._whole[number]] > 0)
        return bool(low[number] < self._fewest and high[number] - low[number] < self._fewest)

    def _beside(self, numbers: Sequence[int]) -> dict[int, list[int]]:
        """Return of each of these counts all that stand in a sum with it, itself among them."""
        found: dict[int, list[int]] = {number: [] for number in numbers}
        for one in self._sums if found else ():
            members = [one.whole, *one.parts]
            for number in found.keys() & members:
                found[number] += members
        return found

    def _say_told(self, number: int, low: np.ndarray, high: np.ndarray, beside: Sequence[int]) -> None:
        files = self._files([other for other in beside if self._known[other] is not None] or beside)
        stands = "withheld, and" if self._places[number] else "not printed, but"
        ends = f"is between {low[number]:.0f} and {high[number]:.0f}, as follows"
        self._say(number, f"{stands} {'follows' if low[number] == high[number] else ends} from {files}", beside)

    def _files(self, numbers: Sequence[int]) -> str:
        files = sorted({seen.file for number in numbers for seen, _ in self._places[number]})
        return " and ".join(files[:3]) + " and others" * (len(files) > 3) or "what others add up to"

    def _say(self, number: int, how: str, beside: Sequence[int] = ()) -> None:
        """Say it of where a count stands, or else of where one beside it does."""
        for other in (number, *beside):
            if self._places[other]:
                seen, column = self._places[other][0]
                self._say_at(seen, column if other == number else self._column[number], how)
                return

    def _say_at(self, seen: Seen, column: str, how: str) -> None:
        self._leaks.setdefault((seen.file, seen.table, seen.row), Leak(*seen[:3], column, how))


def _row_of(rows: Rows, seen: Seen) -> Row:
    key = row_key(seen.family, seen.labels)
    return rows.setdefault((seen.clinic, key), Row(seen.family, key, seen.labels, seen.clinic, key, {}))
