"""Parts of a study that have reports of their own, and what is counted of them among what is counted of the whole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd

from analysis.disclosure.counted import Shown
from analysis.disclosure.printed import row_key
from analysis.pipeline import Tables, in_group, in_period


class PartOfStudy(NamedTuple):
    """A group of a study, a period of it, or a group in a period; all of it where these are empty.

    Examples
    --------
    >>> part = PartOfStudy.named("sex=female, 2026Q1")
    >>> part.labels
    {'sex': 'female', 'within': '2026Q1'}
    >>> part.name
    'sex=female, 2026Q1'
    """

    column: str = ""
    level: str = ""
    period: str = ""
    dated: bool = False

    @classmethod
    def named(cls, name: str, dated: bool = False) -> PartOfStudy:
        """Return the part of this name; ``dated`` where the whole study has rates of the same quarters."""
        *group, last = name.rsplit(", ", 1)
        group, period = (group, last) if _is_period(last) else ([name], "")
        column, _, level = (group[0] if group else "").partition("=")
        return cls(column, level, period, dated)

    @property
    def name(self) -> str:
        """What it is called in the ledger; empty for all of the study."""
        return ", ".join(filter(None, [f"{self.column}={self.level}" if self.column else "", self.period]))

    @property
    def labels(self) -> dict[str, str]:
        """What a row of it is about, beside what its own table says."""
        period = "period" if self.dated and "Q" in self.period else "within"
        about = {self.column: self.level, period: self.period}
        return {name: level for name, level in about.items() if level}

    def of(self, tables: Tables) -> Tables:
        """Return the tables of the hips in it."""
        return in_period(in_group(tables, self.column, self.level), self.period)

    def with_others(self, tables: Tables) -> list[PartOfStudy]:
        """Return the parts that have reports where this one has: one for each level of its column."""
        if not self.column:
            return [self]
        levels = tables.changes[self.column].dropna().astype("str").unique()
        return [self._replace(level=level) for level in sorted(levels)]

    def keys_in_all(self, counts: pd.DataFrame) -> dict[str, str]:
        """Return by the key of each row that of the row of the whole study that says of which part it is.

        In a group by arm, the row of its own arm is the one that the whole study has of it; that of another is of
        nobody, and left out.
        """
        rows = counts[["family", "key", "labels"]].drop_duplicates("key").itertuples(index=False)
        own = self.labels
        return {key: row_key(family, labels | own) for family, key, labels in rows if (labels | own) == (own | labels)}

    def in_all(self, shown: Shown) -> Shown:
        """Return what is shown of the part as rows of the whole study."""
        key = self.keys_in_all(shown.counts)
        counts = shown.counts[shown.counts["key"].isin(key)]
        labels = [labels | self.labels for labels in counts["labels"]]
        counts = counts.assign(labels=labels, key=counts["key"].map(key), like=counts["like"].map(key))
        rows = frozenset((clinic, key[own]) for clinic, own in shown.rows if own in key)
        cells = frozenset((clinic, key[own], column) for clinic, own, column in shown.cells if own in key)
        return Shown(counts.drop_duplicates(["clinic", "key"]), rows, cells, shown.on)

    def of_all(self, counts: pd.DataFrame, shown: Shown) -> Shown:
        """Return the counts of the part, with what is withheld of them as rows of the whole study."""
        own: dict[str, list[str]] = {}
        for key, in_all in self.keys_in_all(counts).items():
            own.setdefault(in_all, []).append(key)
        rows = frozenset((clinic, key) for clinic, in_all in shown.rows for key in own.get(in_all, ()))
        cells = frozenset((clinic, key, name) for clinic, in_all, name in shown.cells for key in own.get(in_all, ()))
        return Shown(counts, rows, cells, shown.on)


def _is_period(name: str) -> bool:
    """Return whether it is written as a year, a quarter or a month is: 2026, 2026Q1 or 2026-03."""
    year, rest = name[:4], name[4:]
    return len(year) == 4 and year.isdecimal() and (not rest or (rest[0] in "Q-" and rest[1:].isdecimal()))


ALL_OF_IT = PartOfStudy()


def together(shown: Sequence[Shown]) -> Shown:
    """Return what was shown in one state of the data; what two tell, one of them may withhold in vain."""
    if len(shown) == 1:
        return shown[0]
    places = [set(zip(one.counts["clinic"], one.counts["key"], strict=True)) for one in shown]
    rows = {place for one in shown for place in one.rows}
    rows -= {place for one, own in zip(shown, places, strict=True) for place in own - one.rows}
    cells = {
        cell
        for one in shown
        for cell in one.cells
        if not any(cell[:2] in own and not other.withheld(*cell) for other, own in zip(shown, places, strict=True))
    }
    counts = pd.concat([one.counts for one in shown], ignore_index=True).drop_duplicates(["clinic", "key"])
    return Shown(counts.reset_index(drop=True), frozenset(rows), frozenset(cells), shown[-1].on)
