"""What a folder shows that somebody is about to hand out: every table and sentence of it, row by row."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from analysis.disclosure.attack import EARLIER, Leak, Seen
from analysis.factory.exporters.html_parts import Picture, read_parts
from analysis.factory.identifiers import shows_any
from analysis.factory.publishing.index import INDEX
from analysis.factory.publishing.journal import JOURNAL
from analysis.factory.publishing.lock import LOCK
from analysis.factory.publishing.manifest import SUFFIX, read_manifest
from analysis.factory.publishing.other_files import read_markdown, read_statistics, read_word
from analysis.factory.publishing.overview_pdf import OVERVIEW
from analysis.factory.publishing.seen import Reader, Scope
from analysis.factory.publishing.tag import TAG
from analysis.protocol import Protocol
from analysis.protocol.policies import POLICIES, USUAL
from analysis.show.display import Table
from analysis.usererror import UserError

MANIFEST = "manifest.json"
_MACHINERY = {JOURNAL, LOCK, TAG, MANIFEST, INDEX, OVERVIEW, "dictionary.csv", "dictionary.parquet"}


# What a page says that is made from an earlier state of a growing study; those beside it may be of now.
_EARLIER = re.compile(rf"{EARLIER}\d{{1,2}} \w+ \d{{4}}")


class Unread(NamedTuple):
    """A file, or a part of it, that was not read, and why."""

    file: str
    why: str


@dataclass
class HandedOut:
    """What a folder shows: its rows by study, what cannot be read, what is plainly not to be handed out."""

    rows: dict[str, list[Seen]] = field(default_factory=dict)
    unread: list[Unread] = field(default_factory=list)
    leaks: list[Leak] = field(default_factory=list)
    fewest: int = USUAL.minimum
    n_files: int = 0


def read_folder(folder: Path, protocol: Protocol, names: Iterable[str] = ()) -> HandedOut:
    """Read every file below a folder.

    Parameters
    ----------
    folder
        Reports and exports, with their manifests, and whatever lies beside them.
    protocol
        Its words tell which groups are the same on pages and in files.
    names
        Identifiers of patients that no file may show.

    Raises
    ------
    UserError
        There is nothing in it that can be read.
    """
    found = HandedOut()
    reader = _Files(folder, Reader(protocol), protocol, frozenset(names), found)
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name not in _MACHINERY and not path.name.endswith(SUFFIX):
            try:
                reader.read(path)
            except UserError as fault:
                found.unread.append(Unread(reader.name(path), str(fault)))
            except (ValueError, OSError, KeyError) as fault:
                found.unread.append(Unread(reader.name(path), f"it cannot be read ({type(fault).__name__})"))
    if not found.n_files:
        raise UserError(f"{folder}: there is no report, export or table here that can be read")
    return found


def _sheets(path: Path) -> dict[str, pd.DataFrame]:
    sheets = pd.read_excel(path, sheet_name=None, engine="calamine", **_AS_TEXT)
    return {str(name): sheet for name, sheet in sheets.items() if name != "dictionary"}


_AS_TEXT: dict[str, Any] = {"dtype": "str", "keep_default_na": False, "na_values": [""]}
# Files of tables alone, by kind: what makes the tables of one by name.
_TABLES: dict[str, Callable[[Path], dict[str, pd.DataFrame]]] = {
    ".csv": lambda path: {path.stem: pd.read_csv(path, **_AS_TEXT)},
    ".tsv": lambda path: {path.stem: pd.read_csv(path, sep="\t", **_AS_TEXT)},
    ".parquet": lambda path: {path.stem: pd.read_parquet(path)},
    **dict.fromkeys((".xlsx", ".ods", ".xls"), _sheets),
    **dict.fromkeys((".xpt", ".sav", ".dta"), lambda path: {path.stem: read_statistics(path)}),
}


def _as_text(part: Table | str) -> str:
    return part.plain if isinstance(part, Table) else part


class _Files:
    def __init__(
        self, folder: Path, reader: Reader, protocol: Protocol, names: frozenset[str], found: HandedOut
    ) -> None:
        self._folder = folder
        self._reader = reader
        self._names = names
        self._found = found
        self._asked = {"response": protocol.primary_response, "comparison": protocol.primary_comparison}

    def name(self, path: Path) -> str:
        return path.relative_to(self._folder).as_posix()

    def read(self, path: Path) -> None:
        """Take one file."""
        study, scope = self._scope(path)
        if scope.labels:  # that there is such a report tells of whom others are not
            size = {"n_patients": None}
            self._take(study, [Seen(scope.file, "in_scope", "", *scope[1:3], "in_scope", scope.labels, size)])
        match path.suffix.lower():
            case kind if kind in _TABLES:
                for name, frame in _TABLES[kind](path).items():
                    self._frame(frame, name, study, scope)
            case ".html":
                html = path.read_text(encoding="utf-8")
                if earlier := _EARLIER.search(html):
                    scope = scope._replace(edition=scope.edition + earlier[0])
                self._page(html, study, scope)
                self._glance(path, study, scope)
            case ".json":
                self._document(json.loads(path.read_text(encoding="utf-8")), study, scope)
            case ".md":
                text = path.read_text(encoding="utf-8")
                self._parts(read_markdown(text), text, study, scope)
            case ".docx":
                parts = list(read_word(path))
                self._parts(parts, "\n".join(map(_as_text, parts)), study, scope)
            case ".pdf" if path.with_suffix(".html").is_file():
                return  # the page says the same
            case ".pdf":
                why = "a PDF is read by its page: put the HTML of the same report beside it"
                self._found.unread.append(Unread(scope.file, why))
                return
            case _:
                self._found.unread.append(Unread(scope.file, "files of this kind are not read"))
                return
        self._found.n_files += 1

    def _scope(self, path: Path) -> tuple[str, Scope]:
        """Return of which study a file is, and what it is about, as its manifest says."""
        root = path.parent
        while root != self._folder and not ((root / JOURNAL).is_file() or (root / MANIFEST).is_file()):
            root = root.parent
        file, labels, asked, clinic, study = self.name(path), {}, dict(self._asked), "", ""
        if manifest := read_manifest(path.with_name(path.stem + SUFFIX)):
            study = manifest.study
            for name in manifest.marks:
                policy = POLICIES.get(name.lower())
                self._found.fewest = max(self._found.fewest, policy.minimum if policy else 0)
            if manifest.internal:
                self._plainly(file, "an internal report withholds nothing")
            if manifest.group_by == "clinic_id":
                clinic = manifest.group or ""
            elif manifest.group_by:
                labels[manifest.group_by] = str(manifest.group)
            labels |= {"within": str(manifest.parameters["period"])} if manifest.parameters.get("period") else {}
            asked |= {"comparison": str(manifest.parameters.get("comparison") or asked["comparison"])}
        elif (root / MANIFEST).is_file():
            said = json.loads((root / MANIFEST).read_text(encoding="utf-8"))
            if file.removeprefix(f"{self.name(root)}/") in said.get("files", ()):
                study = str(said.get("provenance", {}).get("study", ""))
                asked |= {"comparison": str(said.get("comparison") or asked["comparison"])}
                if not said.get("small_counts_withheld", True):
                    self._plainly(file, "an export without --safe withholds nothing")
        return study, Scope(file, root.relative_to(self._folder).as_posix(), clinic, labels, asked)

    def _plainly(self, file: str, how: str) -> None:
        self._found.leaks.append(Leak(file, "", "", "", how))

    def _take(self, study: str, rows: Iterable[Seen]) -> None:
        self._found.rows.setdefault(study, []).extend(row for row in rows if row.counts)

    def _page(self, html: str, study: str, scope: Scope) -> None:
        self._parts(read_parts(html), html, study, scope)

    def _parts(self, parts: Iterable[object], text: str, study: str, scope: Scope) -> None:
        if shows_any(text, self._names):
            self._plainly(scope.file, "an identifier of a patient stands in it")
        said: Counter[str] = Counter()
        for part in parts:
            if isinstance(part, Table):
                self._take(study, self._reader.table(part, scope))
                self._take(study, self._reader.sentences(" ".join([part.caption, *part.notes]), scope, said))
            elif isinstance(part, Picture):
                self._take(study, self._reader.sentences(part.alt, scope, said))
            elif isinstance(part, str):
                self._take(study, self._reader.sentences(part, scope, said))

    def _glance(self, page: Path, study: str, scope: Scope) -> None:
        """Take what the index page says of a report, which stands in its manifest."""
        manifest = read_manifest(page.with_name(page.stem + SUFFIX))
        facts = [fact for fact in (manifest.glance if manifest else ()) if fact.text]
        if facts:
            cells = [["the report", *(fact.text for fact in facts)]]
            table = Table(["Report", *(fact.label for fact in facts)], cells, "At a glance")
            self._take(study, self._reader.table(table, scope._replace(file=scope.file.removesuffix(".html") + SUFFIX)))

    def _frame(self, frame: pd.DataFrame, name: str, study: str, scope: Scope) -> None:
        text = frame.select_dtypes(exclude="number").astype("str")
        if self._reader.holds_people(frame.columns) or shows_any(text.to_csv(), self._names):
            self._plainly(scope.file, "it has a row, or the identifier, of a single patient")
            return
        rows, unknown = self._reader.frame(frame, name, scope)
        self._take(study, rows)
        if unknown:
            self._found.unread.append(Unread(scope.file, f"columns that are not known: {', '.join(unknown)}"))

    def _document(self, document: Any, study: str, scope: Scope) -> None:
        """Take every list of records of a JSON document as a table of its name, and a Dataset-JSON file as one."""
        if isinstance(document, dict) and {"datasetJSONVersion", "columns", "rows"} <= document.keys():
            names = [column["name"] for column in document["columns"]]
            self._frame(pd.DataFrame(document["rows"], columns=names), str(document.get("name", "")), study, scope)
            return
        for name, value in document.items() if isinstance(document, dict) else [("rates", document)]:
            if isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
                self._frame(pd.DataFrame(value), str(name), study, scope)
            elif isinstance(value, dict):
                self._document(value, study, scope)
