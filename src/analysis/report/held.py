"""What a release withholds, held against those before it, which the ledger of the study keeps."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import pandas as pd

from analysis.disclosure.counted import Shown
from analysis.disclosure.parts import PartOfStudy, together
from analysis.disclosure.plan import Release, plan
from analysis.disclosure.printed import ABOUT
from analysis.protocol import Protocol
from analysis.protocol.policies import Policy
from analysis.report.ledger import ledger_of, opened

Record: TypeAlias = dict[str, Any]


def held_release(
    study: Path,
    series: str,
    counts: pd.DataFrame,
    protocol: Protocol,
    comparison: str,
    policy: Policy,
    data: str = "",
    made_from: str = "",
    visits: Callable[[], bytes] = bytes,
    note: bool = True,
    whole: Shown | None = None,
    others: Mapping[str, pd.DataFrame] | None = None,
) -> Release:
    """Return what a release withholds, held against those before it, and note it as shown.

    Parameters
    ----------
    study
        The study's folder.
    series
        What the release is about; the same words mean that it follows the one before.
    counts
        As :func:`analysis.disclosure.printed.printed_counts` returns them.
    protocol, comparison, policy
        Of the study.
    data
        The fingerprint of the study's files.
    made_from
        A fingerprint of all that the counts hang on; see :func:`shown_again`.
    visits
        Returns the marks of the visits it is made from, as :func:`analysis.report.visits.marks_of` does.
    note
        Whether it is shown; a person who only looks at the study shows nothing to others.
    whole
        Of a part of the study: what is shown of the whole, which stays as it is.
    others
        Of a group: the counts of the other groups by series, which are planned and noted with it, so that it withholds
        the same whichever of them is asked for first.

    Raises
    ------
    OSError
        The ledger cannot be written; nothing may be shown then.
    UserError
        The ledger is damaged.
    """
    asked = {name: _of_clinics(table) for name, table in {series: counts, **(others or {})}.items()}
    with opened(study) as ledger:
        seen = [record for record in ledger.seen() if _pair(record) == comparison]
        before, stays = _held_against(seen, asked, comparison, policy, data, whole)
        if series not in stays:
            new = {name: table for name, table in asked.items() if name not in stays}
            for name, table, release in _planned(new, before, stays, protocol, comparison, policy):
                stays[name] = _record(name, table, release, policy, data) | {"made_from": made_from}
                if note:
                    ledger.add(stays[name] | {"visits": visits().hex()})
    last = stays[series]
    return replace(_release(last), first=all(record is last for record in seen if record["series"] == series))


def shown_again(study: Path, series: str, made_from: str, policy: Policy) -> tuple[pd.DataFrame, Release] | None:
    """Return the counts of the last release and what it withheld, where the next would be made from the same.

    ``made_from`` is a fingerprint of the data and of the program, empty where these are not known.
    """
    with opened(study) as ledger:
        seen = [record for record in ledger.seen() if record["series"] == series]
    if not seen or not made_from or (made_from, policy.minimum) != (seen[-1].get("made_from"), seen[-1]["minimum"]):
        return None
    return _shown(seen[-1]).counts, replace(_release(seen[-1]), first=len(seen) == 1)


def shown_before(study: Path) -> list[Shown]:
    """Return what counts as shown of each state of a study, the oldest first; nothing where there is no ledger.

    Rows of a group or of a period say so among their labels: they are not about everybody.
    """
    if not ledger_of(study).exists():
        return []
    with opened(study) as ledger:
        seen = ledger.seen()
    pairs = dict.fromkeys(map(_pair, seen))
    states = [state for pair in pairs for state in _states([record for record in seen if _pair(record) == pair])]
    return [_state(state) for state in states]


def _pair(record: Record) -> str:
    return str(record["series"].partition("; ")[0])


def _part(series: str, dated: bool = False) -> PartOfStudy:
    return PartOfStudy.named(series.partition("; ")[2], dated)


def _held_against(
    seen: Sequence[Record],
    asked: Mapping[str, pd.DataFrame],
    comparison: str,
    policy: Policy,
    data: str,
    whole: Shown | None,
) -> tuple[list[dict[str, Record]], dict[str, Record]]:
    """Return the states of the data that were shown before, and what is shown of this one and stays as it is."""
    before = [{}, *_states(seen)]
    now = before.pop()
    if whole:
        record = _record(comparison, _of_clinics(whole.counts), Release(whole.rows, whole.cells), policy, data)
        if comparison not in now or not _same(now[comparison], record["counts"], policy):
            before, now = [*before, now], {}
        now = {comparison: record} | now
    stays: dict[str, Record] = {}
    for name, record in now.items():
        if name in asked:
            is_as_it_was = _same(record, _plain(asked[name]), policy)
        else:
            is_as_it_was = comparison not in asked and (name == comparison or record["data"] == data)
        stays |= {name: record} if is_as_it_was else {}
    return [state for state in (*before, now if now.keys() - stays else {}) if state], stays


def _states(records: Sequence[Record]) -> list[dict[str, Record]]:
    """Return what was shown of each state of the data, by series: of the whole study, and then of parts of it."""
    states: list[dict[str, Record]] = []
    for record in records:
        pair, series = _pair(record), record["series"]
        if not states or series == pair:
            states.append({})
        elif series in states[-1]:  # a part changed, and the whole did not
            states.append({name: other for name, other in states[-1].items() if name == pair})
        states[-1][series] = record
    return states


def _planned(
    new: Mapping[str, pd.DataFrame],
    before: Sequence[Mapping[str, Record]],
    beside: Mapping[str, Record],
    protocol: Protocol,
    comparison: str,
    policy: Policy,
) -> Iterator[tuple[str, pd.DataFrame, Release]]:
    """Plan what is new of one state of the data together, and yield of each series its counts and what is withheld."""
    dated = comparison == protocol.primary_comparison
    stays = _state(beside, dated) if beside else None
    tables = [_part(name, dated).in_all(Shown(table, frozenset(), frozenset())).counts for name, table in new.items()]
    counts = pd.concat(tables, ignore_index=True)
    if stays:  # a row that the whole study has too
        places, known = (pd.MultiIndex.from_frame(of[["clinic", "key"]]) for of in (counts, stays.counts))
        counts = counts[~places.isin(known)]
    states = [_state(state, dated) for state in before]
    found = plan(counts, protocol, comparison, policy.minimum, states, stays)
    withheld = Shown(counts, found.rows, found.cells)
    if stays:
        withheld = Shown(counts, found.rows | stays.rows, found.cells | stays.cells)
    for name, table in new.items():
        of_part = _part(name, dated).of_all(table, withheld)
        yield name, table, replace(found, rows=of_part.rows, cells=of_part.cells)


def _state(records: Mapping[str, Record], dated: bool = False) -> Shown:
    return together([_shown(record, dated) for record in records.values()])


class Earlier(NamedTuple):
    """A release that was shown: what it withheld, the marks of its visits, its counts and the day."""

    release: Release
    visits: bytes
    counts: list[list[Any]]
    on: str

    def led(self, *clinics: str) -> bool:
        """Return whether the reports of these clinics, "" for the whole study, showed what they lead with."""
        counted = {(row[3], row[1]) for row in self.counts}
        shown = counted - self.release.rows
        return all((clinic, self.release.lead) in shown for clinic in clinics)

    def knows(self, clinic: str) -> bool:
        """Return whether anything was counted of a clinic."""
        return any(row[3] == clinic for row in self.counts)

    def has(self, counts: pd.DataFrame) -> bool:
        """Return whether these are its counts."""
        return self.counts == _plain(_of_clinics(counts))


def earlier_releases(study: Path, series: str) -> list[Earlier]:
    """Return what was shown of a series, the newest first."""
    with opened(study) as ledger:
        seen = [record for record in ledger.seen() if record["series"] == series]
    return [
        Earlier(_release(record), bytes.fromhex(record.get("visits", "")), record["counts"], record["on"])
        for record in reversed(seen)
    ]


def _record(series: str, counts: pd.DataFrame, release: Release, policy: Policy, data: str) -> Record:
    return {
        "series": series,
        "data": data,
        "on": datetime.now(UTC).date().isoformat(),
        "minimum": policy.minimum,
        "counts": _plain(counts),
        "rows": sorted(release.rows),
        "cells": sorted(release.cells),
        "told": release.told,
        "lead": release.lead,
    }


def _plain(counts: pd.DataFrame) -> list[list[Any]]:
    """Return each row as what it is about and its counts, as they are read back from the ledger."""
    numbers = [name for name in counts if name not in ABOUT]
    rows = [
        [*about, {name: int(value) for name, value in zip(numbers, row, strict=True) if value == value}]
        for about, row in zip(
            counts[ABOUT].to_numpy().tolist(), counts[numbers].to_numpy("float64").tolist(), strict=True
        )
    ]
    read: list[list[Any]] = json.loads(json.dumps(rows))
    return read


def _of_clinics(counts: pd.DataFrame) -> pd.DataFrame:
    return counts.reset_index(drop=True).astype({"clinic": "str"})


def _same(record: Record, counts: list[list[Any]], policy: Policy) -> bool:
    """Return whether a release shows what the last one did."""
    return bool(record["minimum"] == policy.minimum and record["counts"] == counts)


def _release(record: Record) -> Release:
    return Release(*_withheld(record), record["lead"], told=record["told"], first=False)


def _shown(record: Record, dated: bool = False) -> Shown:
    """Return what was shown as rows of the whole study."""
    rows = [dict(zip(ABOUT, row, strict=False)) | row[-1] for row in record["counts"]]
    return _part(record["series"], dated).in_all(Shown(pd.DataFrame(rows), *_withheld(record), record["on"]))


def _withheld(record: Record) -> tuple[frozenset[tuple[str, str]], frozenset[tuple[str, str, str]]]:
    return frozenset(map(tuple, record["rows"])), frozenset(map(tuple, record["cells"]))
