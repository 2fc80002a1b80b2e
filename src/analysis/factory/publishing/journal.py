"""The journal of an output folder: every run and every report, in order, each line sealing the one before.

A line is a record in JSON with its own SHA-256 and that of the line before. Lines are only added.
"""

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

JOURNAL = "journal.jsonl"
_START = "0" * 64


class JournalBroken(OSError):
    """A line of the journal is not what was written; the message says which and what to do."""

    def __init__(self, path: Path, fault: str) -> None:
        advice = f"keep a copy of {path}, remove it and run again: a new journal begins"
        super().__init__(None, f"{fault}; {advice}", str(path))
        self.fault = fault


def append(out: Path, event: str, **known: Any) -> None:
    """Add a line to the journal of an output folder; it is on the disk when this returns.

    Parameters
    ----------
    out : Path
        The output folder, locked by this run.
    event : str
        What happened.
    **known
        What is known of it; texts, numbers, lists and dicts.

    Raises
    ------
    JournalBroken
        The last line was changed; nothing is added.
    OSError
        The line could not be written; nothing of it stays.
    """
    with _locked(out / JOURNAL) as file:
        record = {"at": datetime.now(UTC).isoformat(timespec="milliseconds"), "event": event, **known}
        previous = _last_seal(file)
        if previous is None:
            raise JournalBroken(out / JOURNAL, "the last line is not as it was written")
        line = _seal({"previous": previous, **record})
        end = file.seek(0, os.SEEK_END)
        try:
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
        except OSError:
            with suppress(OSError):
                file.truncate(end)
            raise


def repair(out: Path) -> None:
    """Remove what a power cut left of a last line; only under the folder's lock."""
    path = out / JOURNAL
    if path.is_file() and (content := path.read_bytes()) and not content.endswith(b"\n"):
        os.truncate(path, content.rfind(b"\n") + 1)


def read(out: Path) -> list[dict[str, Any]]:
    """Read the journal; empty where there is none.

    Raises
    ------
    JournalBroken
        A line was changed, added, moved or removed.
    """
    records: list[dict[str, Any]] = []
    previous = _START
    try:
        lines = (out / JOURNAL).read_bytes().splitlines(keepends=True)
    except FileNotFoundError:
        return []
    for number, line in enumerate(lines, start=1):
        record = _open(line)
        if record is None or record["previous"] != previous:
            fault = f"line {number} is not as it was written, or a line before it is missing"
            raise JournalBroken(out / JOURNAL, fault)
        previous = record["seal"]
        records.append(record)
    return records


def reports(records: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the last line about each report, by the place of its files."""
    return {record["report"]: record for record in records if record["event"] == "report"}


def _seal(record: dict[str, Any]) -> bytes:
    text = json.dumps(record, sort_keys=True)
    seal = hashlib.sha256(text.encode()).hexdigest()
    return json.dumps({**record, "seal": seal}, sort_keys=True).encode() + b"\n"


def _open(line: bytes) -> dict[str, Any] | None:
    """Read a line, or return None when it is not byte for byte what `_seal` writes."""
    try:
        record = json.loads(line)
        content = {name: value for name, value in record.items() if name != "seal"}
        return record if _seal(content) == line and "previous" in record and "event" in record else None
    except (ValueError, AttributeError):
        return None


def last_line(out: Path) -> bytes:
    """Return the last line of the journal as it stands; empty where there is none."""
    try:
        with (out / JOURNAL).open("rb") as file:
            return _last_line(file)
    except FileNotFoundError:
        return b""


def _last_line(file: BinaryIO) -> bytes:
    """Read the last line from the end."""
    size = file.seek(0, os.SEEK_END)
    tail = b""
    while size and tail.count(b"\n") < 2:
        step = min(4096, size)
        size = file.seek(size - step)
        tail = file.read(step) + tail
    return b"".join(tail.splitlines(keepends=True)[-1:])


def _last_seal(file: BinaryIO) -> str | None:
    """Return the seal of the last line; None when that line is damaged."""
    line = _last_line(file)
    if not line:
        return _START
    record = _open(line)
    return str(record["seal"]) if record else None


@contextmanager
def _locked(path: Path) -> Iterator[BinaryIO]:
    """Open the journal for one writer at a time; reports are placed by several processes of a run."""
    mode = 0o644 if path.parent.stat().st_mode & 0o077 else 0o600  # as open as the folder that internal reports made
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), mode)
    with os.fdopen(descriptor, "r+b") as file:
        # Without this module, as on Windows, only the run itself writes.
        with suppress(ImportError):
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX)
        yield file
