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
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from analysis.usererror import UserError

CAPSULE_LEDGERS = "CAPSULE_LEDGERS"


def ledger_of(study: Path) -> Path:
    """Return where the ledger of a study lies: beside its folder, or in the folder that CAPSULE_LEDGERS names.

    A processed folder has that of the study it was made from, where that is still in its place.
    """
    study = study.resolve()
    beside = _ledger_beside(study)
    own = (study / beside).resolve() if beside else study.parent / f".{study.name}.ledger"
    if kept := os.environ.get(CAPSULE_LEDGERS):
        return Path(kept) / own.name
    return own if own.parent.is_dir() else study.parent / own.name


def _ledger_beside(study: Path) -> str:
    if (study / "study.toml").exists():
        return ""
    from analysis.intake.processed import ledger_beside  # loads all that reads studies

    return ledger_beside(study)


class Ledger(NamedTuple):
    """An open ledger: its name and file, the study's secret, and the lines after that, which few questions need."""

    name: str
    file: BinaryIO
    secret: bytes
    lines: list[bytes]

    def add(self, record: dict[str, Any]) -> None:
        """Add a record, and see it on the disk."""
        _add(self.file, record)

    def seen(self) -> list[dict[str, Any]]:
        """Return the releases, the oldest first, without those that were taken back.

        Raises
        ------
        UserError
            The ledger is damaged.
        """
        seen: list[dict[str, Any]] = []
        with _damage_told(self.name):
            for line in map(json.loads, self.lines):
                seen = [one for one in seen if one["on"] < line["unseen"]] if "unseen" in line else [*seen, line]
        return seen


def take_back(study: Path, since: date) -> None:
    """Forget what was shown of a study on that day and later, for nobody has seen it."""
    with opened(study) as ledger:
        ledger.add({"unseen": since.isoformat()})


def waits_since(study: Path) -> str:
    """Return the day on which what a report leads with was last shown, if now it waits for more people; else nothing.

    A mended error is the usual cause: whoever has the earlier report could tell whose hip it was.
    """
    with opened(study) as ledger:
        seen = ledger.seen()
    for last in {record["series"]: record for record in seen}.values():
        shown = [record["on"] for record in seen if record["series"] == last["series"] and _shows_lead(record)]
        if shown and last["data"] == seen[-1]["data"] and not _shows_lead(last):
            return str(shown[-1])
    return ""


def _shows_lead(record: dict[str, Any]) -> bool:
    return ["", record["lead"]] not in record["rows"]


def keyed(study: Path) -> Callable[[str], str]:
    """Return what puts fingerprints under the study's own secret: they tell change, and nothing else can be guessed."""
    with opened(study) as ledger:
        secret = ledger.secret
    return lambda fingerprint: hmac.new(secret, fingerprint.encode(), "sha256").hexdigest()


@contextmanager
def opened(study: Path) -> Iterator[Ledger]:
    """Open the ledger for one process at a time; a new one gets its secret.

    Raises
    ------
    OSError
        The ledger cannot be written; nothing may be shown then.
    UserError
        It has no secret: it is damaged.
    """
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
        lines = _whole_lines(file)
        if not lines:
            _add(file, {"secret": secrets.token_hex(32)})
            file.seek(0)
            lines = _whole_lines(file)
        with _damage_told(path.name):
            secret = bytes.fromhex(json.loads(lines[0])["secret"])
        yield Ledger(path.name, file, secret, lines[1:])


def _whole_lines(file: BinaryIO) -> list[bytes]:
    """Read the lines; what a power cut left of a last one is removed: it was never shown."""
    content = file.read()
    whole = content[: content.rfind(b"\n") + 1]
    file.truncate(len(whole))
    return whole.splitlines()


@contextmanager
def _damage_told(name: str) -> Iterator[None]:
    try:
        yield
    except (ValueError, KeyError, TypeError):
        raise UserError(f"{name}: this ledger of what was shown is damaged; put a copy of it back") from None


def _add(file: BinaryIO, record: dict[str, Any]) -> None:
    file.seek(0, os.SEEK_END)
    file.write(json.dumps(record).encode() + b"\n")
    file.flush()
    os.fsync(file.fileno())
