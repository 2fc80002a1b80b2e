"""The counts of releases by number, what was added to each since the release before, and which are sums of others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from itertools import chain, count
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from analysis.disclosure.printed import ABOUT, report_of
from analysis.disclosure.sums import MISSING, NO_NEWS, WHOLES, WITHIN, Row, Rows, sums_of

# Sizes of groups that stand in several tables.
_SIZES = {("", "n_patients"): "people", ("", "n_hips"): "hips"}
_SIZES |= {("classes", "n_yes"): "hips", ("classes", "n_patients_with"): "people"}
# Of whom some were asked again, or read at one visit: as many as another group has are not the same people.
_OTHERS = ("agreement", "important_changes", "trajectories")
_NONE = -1
_OfSums: TypeAlias = tuple[np.ndarray, np.ndarray, np.ndarray]  # the whole of each, and of each part which sum it is in


class Numbered:
    """Counts by number, the same number for what is the same count.

    Attributes
    ----------
    value, small, taken
        Of each count; see :class:`analysis.disclosure.release.System`.
    nobody
        The number of a count that a reader knows to be 0.

    Notes
    -----
    What was added since the release before is a count too, and a secret where few were added. A row that did not
    change keeps its counts: a reader is taken to know that nobody was added to it.
    """

    def __init__(self, minimum: int) -> None:
        self._minimum = minimum
        self.value: list[int] = []
        self.small: list[bool] = []
        self.taken: list[bool] = []
        self.nobody = self._new(0)
        self._last: Rows = {}
        self._values: dict[tuple[str, str], dict[str, int]] = {}
        self._sums: list[_OfSums] = []
        self._sums_of: dict[Any, _OfSums] = {}

    def add(self, counts: pd.DataFrame) -> Rows:
        """Give every count of a release its number, and take its sums and those of what was added."""
        rows = self._number(counts)
        self._take(rows, np.fromiter(_numbers(rows), dtype="int64"))
        self._grow({place: row for place, row in rows.items() if place in self._last})
        self._last = rows
        return rows

    def matrix(self) -> csr_array:
        """Return the sums as a matrix; what a sum lacks, or has twice, is a count too: few may be in no part of it."""
        whole, part, of = _distinct(*_together(self._sums), len(self.value))
        value = np.array(self.value)
        lacks = value[whole] - np.bincount(of, value[part], len(whole)).astype("int64")
        lacking = np.flatnonzero(lacks)
        more = [self._new(abs(lack), 0 < lack < self._minimum) for lack in lacks[lacking].tolist()]
        row = np.r_[np.arange(len(whole)), of, lacking]
        times = np.r_[np.full(len(whole), -1), np.ones(len(part), dtype="int64"), np.sign(lacks[lacking])]
        column = np.r_[whole, part, np.array(more, dtype="int64")]
        matrix = csr_array((times, (row, column)), shape=(len(whole), len(self.value)))
        matrix.sum_duplicates()
        matrix.eliminate_zeros()
        return matrix

    def _new(self, value: int, small: bool = False, taken: bool = False) -> int:
        self.value.append(value)
        self.small.append(small)
        self.taken.append(taken)
        return len(self.value) - 1

    def _number(self, counts: pd.DataFrame) -> Rows:
        """Give every count a number: the same to groups of a report of as many people or hips, in every clinic too."""
        alike: dict[tuple[str, str], list[tuple[str, int]]] = {}
        found = list(_read(counts))
        for who, row in found:
            for name in _sizes(who["family"], tuple(row)):
                alike.setdefault((who["like"], name), []).append((who["clinic"], row[name]))
        # Two groups of few are hardly the same, and nobody knows of them.
        same_of = {of: tuple(sizes) for of, sizes in alike.items() if max(n for _, n in sizes) >= self._minimum}
        seen: dict[tuple[Any, ...], int] = {}
        rows, values = {}, {}
        for (who, row), report in zip(found, report_of(counts), strict=True):
            place = who["clinic"], who["key"]
            old = self._last[place].counts if place in self._last else {}
            values[place] = row
            unchanged = self._values.get(place) == row
            numbers = dict(old) if unchanged else {}
            sizes = _sizes(who["family"], tuple(row))
            for name in sizes if unchanged else row:
                value, size = row[name], sizes.get(name)
                alikes = same_of.get((who["like"], name)) if size and value else None
                of = (size, alikes, report) if alikes else (name, who["like"], report)
                if alikes and name in old and self.value[old[name]] == value:
                    seen.setdefault(of, old[name])
                if of not in seen:
                    seen[of] = self._new(value, self._few(who["family"], name, row), name not in MISSING)
                numbers[name] = seen[of]
            rows[place] = Row(counts=numbers, **who)
        self._values = values
        return rows

    def _few(self, family: str, name: str, row: Mapping[str, int]) -> bool:
        """Return whether few stand behind a count; none are few only where any could have been."""
        wholes = () if family in NO_NEWS else WHOLES.get(name, ())
        anyone = row[name] or any(row.get(whole, 0) for whole in wholes)
        return name not in MISSING and row[name] < self._minimum and bool(anyone)

    def _grow(self, rows: Rows) -> None:
        """Take what was added to each count since the release before, and the sums of what was added.

        Of a count that became smaller, by a correction, no more is said than by how much.
        """
        known: dict[tuple[int, int], int] = {}
        grown: list[int] = []
        sums: list[tuple[int, int, int]] = []
        for place, row in rows.items():
            old = self._last[place].counts
            if old == row.counts:
                grown += [self.nobody] * len(row.counts)
                continue
            change = {name: self.value[new] - self.value[old[name]] for name, new in row.counts.items() if name in old}
            by = {name: abs(more) for name, more in change.items()}
            for name, new in row.counts.items():
                if name not in old or old[name] == new:
                    grown.append(self.nobody if name in old else _NONE)
                    continue
                pair = old[name], new
                if pair not in known:
                    known[pair] = self._new(by[name], self._few(row.family, name, by))
                    sums.append((new, old[name], known[pair]) if change[name] >= 0 else (old[name], new, known[pair]))
                grown.append(known[pair] if change[name] >= 0 else _NONE)
        if sums:
            whole, *parts = np.array(sums).T
            self._sums.append((whole, np.ravel(parts, "F"), np.arange(len(whole)).repeat(2)))
        self._take(rows, np.array(grown, dtype="int64"))

    def _take(self, rows: Rows, number: np.ndarray) -> None:
        """Take the sums of rows whose cells have these numbers, but those of which a cell has none.

        Which cells are sums of others is the same of every release with the same rows.
        """
        cells = tuple((place, *row.counts) for place, row in rows.items())
        if cells not in self._sums_of:
            self._sums_of[cells] = _sums_by_cell(rows)
        whole, part, of = self._sums_of[cells]
        whole, part = number[whole], number[part]
        lacks = np.bincount(of, part == _NONE, len(whole)).astype(bool) | (whole == _NONE)
        kept = ~lacks[of] & (part != self.nobody)
        self._sums.append(_renumbered(whole, part[kept], of[kept]))


def _sums_by_cell(rows: Rows) -> _OfSums:
    """Return the sums of rows, with the place of each cell among all for its number."""
    place, cells = count(), {}
    for key, row in rows.items():
        cells[key] = replace(row, counts={name: next(place) for name in row.counts})
    sums = list(sums_of(cells))
    part = np.fromiter(chain.from_iterable(one.parts for one in sums), dtype="int64")
    of = np.repeat(np.arange(len(sums)), [len(one.parts) for one in sums])
    return np.array([one.whole for one in sums], dtype="int64"), part, of


def _numbers(rows: Rows) -> Iterable[int]:
    return chain.from_iterable(row.counts.values() for row in rows.values())


def _renumbered(whole: np.ndarray, part: np.ndarray, of: np.ndarray) -> _OfSums:
    """Leave out sums without parts."""
    left, of = np.unique(of, return_inverse=True)
    return whole[left], part, of


def _together(sums: Sequence[_OfSums]) -> _OfSums:
    before = np.cumsum([0, *(len(whole) for whole, *_ in sums)]).tolist()
    of = [of + n for (*_, of), n in zip(sums, before, strict=False)]
    return np.concatenate([one[0] for one in sums]), np.concatenate([one[1] for one in sums]), np.concatenate(of)


def _distinct(whole: np.ndarray, part: np.ndarray, of: np.ndarray, n_counts: int) -> _OfSums:
    """Leave out what is said twice, and that a count is itself."""
    # A number at random for each count as a whole and as a part; sums that say the same add up to the same.
    as_whole, as_part = np.random.default_rng(0).integers(2**63, size=(2, n_counts), dtype="uint64")
    starts = np.flatnonzero(np.r_[True, of[1:] != of[:-1]])
    said = as_whole[whole] + np.add.reduceat(as_part[part], starts)
    one = np.bincount(of, minlength=len(whole)) == 1
    kept = np.zeros(len(whole), dtype=bool)
    kept[np.unique(said, return_index=True)[1]] = True
    kept &= ~(one & (part[starts] == whole))
    number = np.cumsum(kept) - 1
    return whole[kept], part[kept[of]], number[of[kept[of]]]


def _read(counts: pd.DataFrame) -> Iterable[tuple[dict[str, Any], dict[str, int]]]:
    """Return of each row what it is about, and its counts with what the parts of a whole lack of it."""
    names = [str(name) for name in counts if name not in ABOUT]
    values = counts[names].to_numpy(dtype="float64")
    found: list[dict[str, int]] = [{}] * len(counts)
    kept, kind = np.unique(~np.isnan(values), axis=0, return_inverse=True)
    for number, has in enumerate(kept.tolist()):
        where = np.flatnonzero(kind == number)
        own = [name for name, counted in zip(names, has, strict=True) if counted]
        table = dict(zip(own, values[where][:, has].astype("int64").T, strict=True))
        for whole, parts, rest in WITHIN:
            if rest and {whole, *parts} <= table.keys():
                table[rest] = table[whole] - sum(table[part] for part in parts)
        for place, row in zip(where.tolist(), np.array([*table.values()]).T.tolist(), strict=True):
            found[place] = dict(zip(table, row, strict=True))
    about = (dict(zip(ABOUT, who, strict=True)) for who in counts[ABOUT].itertuples(index=False))
    return zip(about, found, strict=True)


@cache
def _sizes(family: str, names: tuple[str, ...]) -> dict[str, str]:
    if family in _OTHERS:
        return {}
    found = {name: _SIZES.get((family, name)) or _SIZES.get(("", name)) for name in names}
    return {name: size for name, size in found.items() if size}
