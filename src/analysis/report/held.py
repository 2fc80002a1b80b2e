"""What a release withholds, held against those before it, which the ledger of the study keeps."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from analysis.disclosure.counted import Shown
from analysis.disclosure.plan import Release, plan
from analysis.disclosure.printed import ABOUT
from analysis.protocol import Protocol
from analysis.protocol.policies import Policy
from analysis.report.ledger import ledger_of, opened


def held_release(
    study: Path,
    series: str,
    counts: Callable[[], pd.DataFrame],
    protocol: Protocol,
    comparison: str,
    policy: Policy,
    data: str = "",
    made_from: str = "",
    visits: Callable[[], bytes] = bytes,
    note: bool = True,
) -> Release:
    """Return what a release withholds, held against those before it, and note it as shown.

    Parameters
    ----------
    study
        The study's folder.
    series
        What the release is about; the same words mean that it follows the one before.
    counts
        Returns what :func:`analysis.disclosure.printed.printed_counts` does.
    protocol, comparison, policy
        Of the study.
    data
        The fingerprint of the study's files.
    made_from
        A fingerprint of all that the counts hang on: where the last release has the same, nothing is counted. Empty
        if it is not known.
    visits
        Returns the marks of the visits it is made from, as :func:`analysis.report.visits.marks_of` does.
    note
        Whether it is shown; a person who only looks at the study shows nothing to others.

    Raises
    ------
    OSError
        The ledger cannot be written; nothing may be shown then.
    UserError
        The ledger is damaged.
    """
    with opened(study) as ledger:
        before = [record for record in ledger.seen() if record["series"] == series]
        last = before[-1] if before else None
        if last and made_from and (made_from, policy.minimum) == (last.get("made_from"), last["minimum"]):
            return _again(last, before)
        counted = counts().reset_index(drop=True).astype({"clinic": "str"})
        if not (last and _same(last, counted, policy)):
            release = plan(counted, protocol, comparison, policy.minimum, [_shown(record) for record in before])
            last = _record(series, counted, release, policy, data) | {"made_from": made_from}
            if note:
                ledger.add(last | {"visits": visits().hex()})
    return _again(last, before)


def _again(last: dict[str, Any], before: list[dict[str, Any]]) -> Release:
    return replace(_release(last), first=all(record is last for record in before))


def shown_before(study: Path) -> list[Shown]:
    """Return the releases of a study that count as shown, the oldest first; none where there is no ledger.

    Rows of a release of a group or of a period say so among their labels: they are not about everybody.
    """
    if not ledger_of(study).exists():
        return []
    with opened(study) as ledger:
        return [_shown(_with_part(record)) for record in ledger.seen()]


def _with_part(record: dict[str, Any]) -> dict[str, Any]:
    part = record["series"].partition("; ")[2]
    if not part:
        return record
    *group, last = part.rsplit(", ", 1)
    group, period = (group, last) if re.fullmatch(r"\d{4}(Q\d|-\d\d)?", last) else ([part], "")
    labels = dict([one.split("=", 1)[:2] for one in group]) | ({"within": period} if period else {})
    # In a group by arm, a row of another arm is of nobody.
    own = [row for row in record["counts"] if (row[2] | labels) == (labels | row[2])]
    return record | {"counts": [[*row[:2], row[2] | labels, *row[3:]] for row in own]}


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
        return self.counts == _plain(counts.astype({"clinic": "str"}))


def earlier_releases(study: Path, series: str) -> list[Earlier]:
    """Return what was shown of a series, the newest first."""
    with opened(study) as ledger:
        seen = [record for record in ledger.seen() if record["series"] == series]
    return [
        Earlier(_release(record), bytes.fromhex(record.get("visits", "")), record["counts"], record["on"])
        for record in reversed(seen)
    ]


def _record(series: str, counts: pd.DataFrame, release: Release, policy: Policy, data: str) -> dict[str, Any]:
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


def _same(record: dict[str, Any], counts: pd.DataFrame, policy: Policy) -> bool:
    """Return whether a release shows what the last one did."""
    return bool(record["minimum"] == policy.minimum and record["counts"] == _plain(counts))


def _release(record: dict[str, Any]) -> Release:
    return Release(*_withheld(record), record["lead"], told=record["told"], first=False)


def _shown(record: dict[str, Any]) -> Shown:
    rows = [dict(zip(ABOUT, row, strict=False)) | row[-1] for row in record["counts"]]
    return Shown(pd.DataFrame(rows), *_withheld(record), record["on"])


def _withheld(record: dict[str, Any]) -> tuple[frozenset[tuple[str, str]], frozenset[tuple[str, str, str]]]:
    return frozenset(map(tuple, record["rows"])), frozenset(map(tuple, record["cells"]))
