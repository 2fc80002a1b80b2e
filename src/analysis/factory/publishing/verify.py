"""Compare an output folder with what its journal and manifests say it holds."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis.factory.publishing import journal
from analysis.factory.publishing.index import INDEX
from analysis.factory.publishing.lock import LOCK
from analysis.factory.publishing.manifest import SUFFIX
from analysis.factory.publishing.overview_pdf import OVERVIEW, overview_kept
from analysis.factory.publishing.place import FAILED
from analysis.factory.publishing.tag import TAG, why_not_ours
from analysis.machine.files import sha256_of

_KEEPS_THE_FOLDER = ".gitkeep"  # the one file of an output folder that git holds


@dataclass(frozen=True)
class Finding:
    """A file that is not as it was written, and how."""

    file: str
    message: str


def verify(out: Path, key: bytes | None = None) -> list[Finding]:
    """Compare every file below an output folder with the journal and the manifests.

    Without a key this finds accidents, not forgery: whoever may write to the folder can write a journal that fits.

    Parameters
    ----------
    out : Path
        The output folder, with no run at work in it.
    key : bytes, optional
        The key with which the journal was tagged (`analysis.factory.publishing.tag`).

    Returns
    -------
    list of Finding
        Empty when every byte is as it was written and nothing is missing or half-written.

    Raises
    ------
    ValueError
        The folder has no journal: it is no output folder. Or it was tagged with another key.
    """
    try:
        records = journal.read(out)
    except journal.JournalBroken as broken:
        return [Finding(journal.JOURNAL, broken.fault)]
    if not records:
        raise ValueError(f"{out}: there is no journal of reports here")
    checks = _Folder(out, journal.reports(records), records)
    forged = why_not_ours(out, key) if key else ""
    return [*([Finding(TAG, forged)] if forged else []), *checks.reports(), *checks.index(), *checks.strangers()]


class _Folder:
    def __init__(self, out: Path, last: dict[str, dict[str, Any]], records: list[dict[str, Any]]) -> None:
        self._out = out
        self._last = last
        self._records = records
        self._known = {out / INDEX, out / journal.JOURNAL, out / TAG}

    def reports(self) -> Iterator[Finding]:
        """Check each report's manifest, files and what was kept of its failure."""
        for stem, record in self._last.items():
            path = self._out / (stem + SUFFIX)
            yield from self._file(path, record["manifest"])
            for name, sha256 in record["files"].items():
                yield from self._file(path.parent / name, sha256)
            for suffix, sha256 in record["private"].items():
                yield from self._file(self._out / FAILED / (stem + suffix), sha256)

    def index(self) -> Iterator[Finding]:
        """Check the index page and the overview on paper against the end of the last run."""
        ends = [record for record in self._records if record["event"] == "run ended"]
        if ends:
            yield from self._file(self._out / INDEX, ends[-1]["index"])
            if kept := overview_kept(self._records):
                yield from self._file(self._out / OVERVIEW, kept.sha256)

    def strangers(self) -> Iterator[Finding]:
        """Find files nobody wrote down."""
        for path in sorted(self._out.rglob("*")):
            written = path in self._known or path.name in (LOCK, _KEEPS_THE_FOLDER)
            if path.is_symlink() or (path.is_file() and not written):
                yield Finding(self._name(path), "no run wrote this file")

    def _file(self, path: Path, sha256: str) -> Iterator[Finding]:
        self._known.add(path)
        if not path.is_file() or path.is_symlink():
            yield Finding(self._name(path), "the file is missing")
        elif sha256_of(path) != sha256:
            yield Finding(self._name(path), "the file is not as it was written")

    def _name(self, path: Path) -> str:
        return path.relative_to(self._out).as_posix()
