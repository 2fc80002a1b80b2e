"""What the reports of a study withhold together: first few people, then what would give them away."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from analysis.answers.counting import NOT_RECORDED
from analysis.disclosure.door import protect
from analysis.disclosure.printed import WHOLE, printed_counts, row_key
from analysis.disclosure.release import System, withhold_more
from analysis.disclosure.roles import Column, declared
from analysis.pipeline import Tables
from analysis.protocol import Protocol
from analysis.schema import SIDES

_ABOUT = ["family", "key", "labels", "clinic", "like"]
# Within a row: a whole, its parts, and what the parts lack of it, which is not printed itself.
_WITHIN = (
    ("n_hips", ("n_evaluable",), "unjudged"),
    ("n_hips", ("n_known",), "unjudged"),
    ("n_evaluable", ("n_responders",), "others"),
    ("n_known", ("n_yes",), "others"),
    ("n", ("both", "left_only", "right_only", "neither"), ""),
    ("one_hip_left", ("one_hip_left_responders",), "left_others"),
    ("one_hip_right", ("one_hip_right_responders",), "right_others"),
)
# Sizes of groups that stand in several tables.
_SIZES = {("", "n_patients"): "people", ("", "n_hips"): "hips"}
_SIZES |= {("classes", "n_yes"): "hips", ("classes", "n_patients_with"): "people"}
# Rows that reports lead with are never withheld for the sake of another.
_FOREMOST = ("rates", "in_scope", "sides")
_ASKED = ("response", "comparison")
# Withheld alone, though the number of hips beside the number judged may tell them; see docs/decisions/withholding.md.
_MISSING = ("n_missing", "n_not_known", "unjudged")


@dataclass(frozen=True)
class Release:
    """What is withheld in the reports of a study and of its clinics.

    Attributes
    ----------
    rows
        Rows that are withheld, each as its clinic (empty for the whole study) and its key.
    cells
        Counts that are withheld alone, each as clinic, key and column.
    lead
        The key of the row that a report leads with.
    clinic
        Whose report sees it.
    """

    rows: frozenset[tuple[str, str]] = frozenset()
    cells: frozenset[tuple[str, str, str]] = frozenset()
    lead: str = ""
    clinic: str = WHOLE

    def of(self, clinic: str) -> Release:
        """Return the release as the report of one clinic, or of the whole study, sees it."""
        return replace(self, clinic=clinic)

    def besides(self, table: pd.DataFrame, name: str, groups: Iterable[str] = ()) -> dict[str, pd.Series]:
        """Return what of a table is withheld, as :func:`analysis.disclosure.protect` takes it."""
        if name == "readings":  # one of them is the reading of the report
            return {"": pd.Series((self.clinic, self.lead) in self.rows, index=table.index)}
        known = set(map(str, table.columns))
        rows = [
            self._withheld(_keys(name, labels), known) | self._of_a_part(labels)
            for labels in _labels(table, name, groups)
        ]
        columns = {column for found in rows for column in found}
        return {column: pd.Series([column in found for found in rows], index=table.index) for column in columns}

    def _withheld(self, keys: list[tuple[str, str]], columns: set[str]) -> set[str]:
        places = [(clinic or self.clinic, key) for clinic, key in keys]
        alone = {column for column in columns for place in places if (*place, column) in self.cells}
        return alone | ({""} if any(place in self.rows for place in places) else set())

    def _of_a_part(self, labels: Mapping[str, str]) -> set[str]:
        """Return what only the whole study shows: rates per person of its parts are not held against its own."""
        return {"rate_per_person"} if self.clinic or labels[""] or set(labels) - {"", *_ASKED} else set()


_FAMILIES = dict.fromkeys(["rates", "clinics", "over_time", "missing_outcomes", "own_error"], "rates")
_FAMILIES |= {"sides": "sides", "sides_between_groups": "sides"}
_NO_GROUPS = ("clinic_id", "suppressed", "interval", "measure", "method", "timepoint", "reason", "step", "quantity")


def _labels(table: pd.DataFrame, name: str, groups: Iterable[str]) -> list[dict[str, str]]:
    """Return what each row is about, and under "" its clinic where it names one."""
    roles = declared(name, map(str, table.columns))
    known = [column for column, role in roles.items() if role.role == "label"]
    used = [column for column in map(str, table.columns) if column in {*known, *groups} and column not in _NO_GROUPS]
    text = {str(column): table[column].astype("str").tolist() for column in used if name != "flow"}
    text[""] = table["clinic_id"].astype("str").tolist() if "clinic_id" in table else [""] * len(table)
    return [dict(zip(text, row, strict=True)) for row in zip(*text.values(), strict=True)]


def _keys(name: str, labels: dict[str, str]) -> list[tuple[str, str]]:
    """Return the rows of the release, each with its clinic where the table names one, that a row would tell of."""
    own = {column: value for column, value in labels.items() if column}
    keys = [(labels[""], row_key(_FAMILIES.get(name, name), own))]
    if name == "sides_between_groups":
        keys += [(labels[""], row_key("rates", {**own, "side": side})) for side in SIDES]
    return keys


@dataclass(frozen=True)
class _Row:
    """A row of a table: what it is about, and the number of each count in it."""

    family: str
    key: str
    labels: Mapping[str, str]
    clinic: str
    like: str
    counts: dict[str, int]


def plan_release(tables: Tables, protocol: Protocol, comparison: str, minimum: int) -> Release:
    """Return what the reports of the whole study and of every clinic withhold.

    Parameters
    ----------
    tables, protocol, comparison
        Of the whole study, or of a period of it.
    minimum
        The fewest patients.
    """
    return plan(printed_counts(tables, protocol, comparison), protocol, comparison, minimum)


def plan(counts: pd.DataFrame, protocol: Protocol, comparison: str, minimum: int) -> Release:
    """Return what is withheld of these counts; see :func:`analysis.disclosure.printed.printed_counts`."""
    release = Counted(counts.reset_index(drop=True), protocol, comparison, minimum)
    hidden = withhold_more(release.system, release.hidden, minimum)
    found = [unit for unit, is_hidden in zip(release.units, hidden, strict=True) if is_hidden]
    return Release(
        frozenset((clinic, key) for clinic, key, column in found if not column),
        frozenset(unit for unit in found if unit[2]),
        row_key("rates", {"response": protocol.primary_response, "comparison": comparison}),
    )


class Counted:
    """The counts as one linear system.

    Attributes
    ----------
    system
        See :class:`analysis.disclosure.release.System`.
    hidden
        Of each unit, whether few people stand behind it.
    units
        Of each unit its clinic, key and, where it is withheld alone, column.
    rows
        Every row of every table.
    """

    def __init__(self, counts: pd.DataFrame, protocol: Protocol, comparison: str, minimum: int) -> None:
        self._value: list[int] = []
        self._small: list[bool] = []
        self.rows = self._number(counts, minimum)
        shown = _primary(counts, minimum)
        self.units: list[tuple[str, str, str]] = []
        hidden: list[bool] = []
        cost: list[float] = []
        cells: list[tuple[int, int]] = []
        for row, withheld in zip(self.rows, shown, strict=True):
            roles = declared(row.family, row.counts)
            worth = _worth(row, protocol, comparison)
            own: dict[str, int] = {}
            for column, role in roles.items():
                name = _alone(column, role)
                if name not in own:
                    own[name] = len(self.units)
                    self.units.append((row.clinic, row.key, name))
                    hidden.append("" in withheld or name in withheld or row.clinic == NOT_RECORDED)
                    cost.append(worth / 2 if name else worth)
                cells.append((row.counts[column], own[name]))
        sums = self._matrix([*self._within_rows(), *self._over_groups(), *self._of_both_sides()])
        count, unit = np.array(cells).T
        self.hidden = np.array(hidden)
        self.system = System(np.array(self._value), np.array(self._small), count, unit, sums, np.array(cost))

    def _number(self, counts: pd.DataFrame, minimum: int) -> list[_Row]:
        """Give every count a number: the same to groups of as many people or hips in the whole and in every clinic."""
        columns: list[str] = [str(name) for name in counts if name not in _ABOUT]
        about = [dict(zip(_ABOUT, row, strict=True)) for row in counts[_ABOUT].itertuples(index=False)]
        numbers = [
            {name: int(value) for name, value in zip(columns, row, strict=True) if value == value}
            for row in counts[columns].to_numpy(dtype="float64").tolist()
        ]
        for row in numbers:
            for whole, parts, rest in _WITHIN:
                if rest and {whole, *parts} <= set(row):
                    row[rest] = row[whole] - sum(row[part] for part in parts)
        alike: dict[tuple[str, str], list[tuple[str, int]]] = {}
        for who, row in zip(about, numbers, strict=True):
            for name, value in row.items():
                alike.setdefault((who["like"], name), []).append((who["clinic"], value))
        seen: dict[tuple[Any, ...], int] = {}
        rows = []
        for who, row in zip(about, numbers, strict=True):
            judged, found = any(row.get(name, 0) for name in ("n_evaluable", "n_known", "n")), {}
            for name, value in row.items():
                same = tuple(alike[who["like"], name])
                size = _SIZES.get((who["family"], name)) or _SIZES.get(("", name))
                of = (size, same, who["clinic"]) if size and value else (who["like"], name, who["clinic"])
                if of not in seen:
                    secret = name not in _MISSING and value < minimum
                    seen[of] = self._new(value, secret and (judged or value > 0))
                found[name] = seen[of]
            rows.append(_Row(counts=found, **who))
        return rows

    def _new(self, value: int, small: bool = False) -> int:
        self._value.append(value)
        self._small.append(small)
        return len(self._value) - 1

    def _within_rows(self) -> Iterator[tuple[int, list[int]]]:
        for row in self.rows:
            for whole, parts, rest in _WITHIN:
                if {whole, *parts} <= set(row.counts):
                    yield row.counts[whole], [row.counts[part] for part in (*parts, *filter(None, [rest]))]

    def _of_both_sides(self) -> Iterator[tuple[int, list[int]]]:
        """Yield what pairs, and people with one judged hip, tell of the hips that were judged and responded."""
        place = {(row.clinic, row.key): row for row in self.rows}
        for row in self.rows:
            if row.family != "sides":
                continue
            n, hips = row.counts, place.get((row.clinic, row_key("rates", row.labels)))
            alone = ["one_hip_left", "one_hip_right"]
            if hips:
                yield hips.counts["n_evaluable"], [n[name] for name in ("n", "n", *alone)]
                of_responders = ("both", "both", "left_only", "right_only", *(f"{name}_responders" for name in alone))
                yield hips.counts["n_responders"], [n[name] for name in of_responders]
            for side in SIDES:
                if hips := place.get((row.clinic, row_key("rates", {**row.labels, "side": side}))):
                    yield hips.counts["n_evaluable"], [n["n"], n[f"one_hip_{side}"]]
                    parts = [n["both"], n[f"{side}_only"], n[f"one_hip_{side}_responders"]]
                    yield hips.counts["n_responders"], parts

    def _over_groups(self) -> Iterator[tuple[int, list[int]]]:
        """Yield the sums over clinics, and over the levels of every other group."""
        place = {(row.clinic, row.key): row for row in self.rows}
        parts: dict[tuple[str, str, str], list[_Row]] = {}
        for row in self.rows:
            if row.clinic != WHOLE:
                parts.setdefault((WHOLE, row.key, "clinic"), []).append(row)
            for name in row.labels:
                if name not in _ASKED:
                    rest = {other: value for other, value in row.labels.items() if other != name}
                    parts.setdefault((row.clinic, row_key(row.family, rest), name), []).append(row)
        for (clinic, key, _), group in parts.items():
            if whole := place.get((clinic, key)):
                for name in whole.counts:
                    if all(name in row.counts for row in group):
                        yield whole.counts[name], [row.counts[name] for row in group]

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


def _primary(counts: pd.DataFrame, minimum: int) -> list[set[str]]:
    """Return of each row what the door withholds by itself: columns, and "" for the whole row."""
    withheld: list[set[str]] = [set() for _ in range(len(counts))]
    people = counts[counts["family"] == "in_scope"].set_index("clinic")["n_patients"]
    for family, rows in counts.groupby("family", sort=False):
        table = rows.drop(columns=_ABOUT).dropna(axis=1, how="all").astype("int64")
        shown = protect(table, str(family), minimum=minimum)
        anyone = (table > 0).any(axis=1)
        few = shown["suppressed"] & anyone
        # Beside a group of few, one without anybody would tell in which groups they are not.
        beside = few.groupby(rows["clinic"]).transform("any") & ~anyone
        hidden = few | beside | (rows["clinic"].map(people) < minimum)
        for row, name in zip(*np.nonzero(shown.isna().to_numpy() & ~hidden.to_numpy()[:, None]), strict=True):
            withheld[int(rows.index[row])].add(str(shown.columns[name]))
        for row in rows.index[hidden]:
            withheld[int(row)].add("")
    return withheld


def _alone(column: str, role: Column) -> str:
    """Return the column by which a count is withheld alone; nothing where it goes with its row."""
    return column if role.few == "alone" else next((name for name in role.follows if name != "all rows"), "")


def _worth(row: _Row, protocol: Protocol, comparison: str) -> float:
    """Return what a row is worth to a reader: the less, the finer its group."""
    usual = {"response": protocol.primary_response, "comparison": comparison}
    aside = sum(row.labels.get(name, value) != value for name, value in usual.items())
    groups = sum(name not in usual for name in row.labels)
    if row.family in _FOREMOST and not (groups or aside or row.clinic):
        return float(np.inf)
    return float(1000 / 8 ** (groups + aside + bool(row.clinic)))
