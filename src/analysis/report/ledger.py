"""The ledger of a study: what its reports have shown so far, in a private file beside the study's folder.

A line is a record in JSON; lines are only added. The first holds the study's secret, with which fingerprints of its
data are keyed. Each other line is a release: every count of it, and which of them were withheld; or it takes back what
was made since a day, which nobody has seen. It holds counts of few people, so it belongs where the
data are, and never among the reports.
"""

from __future__ import annotations

import hmac
import json
import os
import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import pandas as pd

from analysis.disclosure.counted import Shown
from analysis.disclosure.plan import Release, plan
from analysis.disclosure.printed import ABOUT
from analysis.intake.processed import ledger_beside
from analysis.protocol import Protocol
from analysis.protocol.policies import Policy
from analysis.usererror import UserError

CAPSULE_LEDGERS = "CAPSULE_LEDGERS"


def ledger_of(study: Path) -> Path:
    """Return where the ledger of a study lies: beside its folder, or in the folder that CAPSULE_LEDGERS names.

    A processed folder has that of the study it was made from, where that is still in its place.
    """
    study = study.resolve()
    own = (study / ledger_beside(study)).resolve() if ledger_beside(study) else study.parent / f".{study.name}.ledger"
    if kept := os.environ.get(CAPSULE_LEDGERS):
        return Path(kept) / own.name
    return own if own.parent.is_dir() else study.parent / own.name


def held_release(
    study: Path,
    series: str,
    counts: pd.DataFrame,
    protocol: Protocol,
    comparison: str,
    policy: Policy,
    data: str = "",
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
        As :func:`analysis.disclosure.printed.printed_counts` returns them.
    protocol, comparison, policy
        Of the study.
    data
        The fingerprint of the study's files.
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
    counts = counts.reset_index(drop=True).astype({"clinic": "str"})
    with _opened(study) as (file, lines):
        before = [record for record in _seen(lines) if record["series"] == series]
        last = before[-1] if before else None
        if not (last and _same(last, counts, policy)):
            release = plan(counts, protocol, comparison, policy.minimum, [_shown(record) for record in before])
            last = _record(series, counts, release, policy, data)
            if note:
                _add(file, last | {"visits": visits().hex()})
    return replace(_release(last), first=all(record is last for record in before))


def shown_before(study: Path) -> list[Shown]:
    """Return the releases of a study that count as shown, the oldest first; none where there is no ledger.

    Rows of a release of a group or of a period say so among their labels: they are not about everybody.
    """
    if not ledger_of(study).exists():
        return []
    with _opened(study) as (_, lines):
        return [_shown(_with_part(record)) for record in _seen(lines)]


def _with_part(record: dict[str, Any]) -> dict[str, Any]:
    part = record["series"].partition("; ")[2]
    if not part:
        return record
    *group, last = part.rsplit(", ", 1)
    group, period = (group, last) if re.fullmatch(r"\d{4}(Q\d|-\d\d)?", last) else ([part], "")
    labels = dict([one.split("=", 1)[:2] for one in group]) | ({"within": period} if period else {})
    return record | {"counts": [[*row[:2], row[2] | labels, *row[3:]] for row in record["counts"]]}


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
    with _opened(study) as (_, lines):
        seen = [record for record in _seen(lines) if record["series"] == series]
    return [
        Earlier(_release(record), bytes.fromhex(record.get("visits", "")), record["counts"], record["on"])
        for record in reversed(seen)
    ]


def take_back(study: Path, since: date) -> None:
    """Forget what was shown of a study on that day and later, for nobody has seen it."""
    with _opened(study) as (file, _):
        _add(file, {"unseen": since.isoformat()})


def waits_since(study: Path) -> str:
    """Return the day on which what a report leads with was last shown, if now it waits for more people; else nothing.

    A mended error is the usual cause: whoever has the earlier report could tell whose hip it was.
    """
    with _opened(study) as (_, lines):
        seen = _seen(lines)
    for last in {record["series"]: record for record in seen}.values():
        shown = [record["on"] for record in seen if record["series"] == last["series"] and _shows_lead(record)]
        if shown and last["data"] == seen[-1]["data"] and not _shows_lead(last):
            return str(shown[-1])
    return ""


def _shows_lead(record: dict[str, Any]) -> bool:
    return ["", record["lead"]] not in record["rows"]


def _seen(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the releases without those that were taken back."""
    seen: list[dict[str, Any]] = []
    for line in lines[1:]:
        seen = [record for record in seen if record["on"] < line["unseen"]] if "unseen" in line else [*seen, line]
    return seen


def keyed(study: Path) -> Callable[[str], str]:
    """Return what puts fingerprints under the study's own secret: they tell change, and nothing else can be guessed."""
    with _opened(study) as (_, lines):
        secret = bytes.fromhex(lines[0]["secret"])
    return lambda fingerprint: hmac.new(secret, fingerprint.encode(), "sha256").hexdigest()


@contextmanager
def _opened(study: Path) -> Iterator[tuple[BinaryIO, list[dict[str, Any]]]]:
    """Open the ledger for one process at a time and read it; a new one gets its secret."""
    path = ledger_of(study)
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
    except OSError as fault:
        why = f"{fault.strerror}; the ledger of what was shown must be kept: name a folder for it in {CAPSULE_LEDGERS}"
        raise OSError(fault.errno, why, str(path)) from None
    with os.fdopen(descriptor, "r+b") as file:
        with suppress(ImportError):  # Windows has no such lock
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX)
        lines = _read(file, path.name)
        if not lines:
            lines = [{"secret": secrets.token_hex(32)}]
            _add(file, lines[0])
        yield file, lines


def _read(file: BinaryIO, name: str) -> list[dict[str, Any]]:
    """Read the lines; what a power cut left of a last one is removed: it was never shown."""
    content = file.read()
    whole = content[: content.rfind(b"\n") + 1]
    file.truncate(len(whole))
    try:
        lines: list[dict[str, Any]] = [json.loads(line) for line in whole.splitlines()]
        if lines:
            bytes.fromhex(lines[0]["secret"])
    except (ValueError, KeyError, TypeError):
        raise UserError(f"{name}: this ledger of what was shown is damaged; put a copy of it back") from None
    return lines


def _add(file: BinaryIO, record: dict[str, Any]) -> None:
    file.seek(0, os.SEEK_END)
    file.write(json.dumps(record).encode() + b"\n")
    file.flush()
    os.fsync(file.fileno())


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
