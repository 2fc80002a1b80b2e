"""The page that leads to every report of an output folder, written from the manifests that lie in it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from analysis.factory.exporters.content_policy import policy_hash
from analysis.factory.publishing.manifest import SUFFIX, Manifest, read_manifest
from analysis.factory.publishing.network_map import MAP_STYLE
from analysis.factory.publishing.overview import HIGH, WHOLE, WIDE, Overview, overview
from analysis.factory.publishing.overview_pdf import OVERVIEW, Kept, Sheet, contents, kept_in, set_overview
from analysis.machine.files import publish
from analysis.show.facts import Fact
from analysis.show.typst_literals import printable

INDEX = "index.html"


@dataclass(frozen=True)
class Link:
    """A published file as the index shows it; `href` is relative to the index."""

    kind: str
    href: str
    size: str


@dataclass(frozen=True)
class Entry:
    """One row of the index."""

    study: str
    title: str
    group: str
    status: str
    note: str
    marks: tuple[str, ...]
    links: tuple[Link, ...]
    built: datetime | None
    glance: tuple[Fact, ...] = ()


@dataclass(frozen=True)
class Listed:
    """The index page, and what the journal keeps of the overview on paper; None where there is none."""

    index: Path
    overview: Kept | None


def build_index(out: Path, paper: str = "a4", kept: Kept | None = None) -> Listed:
    """Write ``index.html``, and ``overview.pdf`` where reports are PDFs too, from all manifests below a folder.

    Parameters
    ----------
    out : Path
        The output folder.
    paper : str
        Typst's name of the paper.
    kept : Kept, optional
        What the journal keeps of the overview that is there: it stays if it would be the same.

    Returns
    -------
    Listed
        The page needs no server and no network; its own script searches, filters and sorts, and it is whole
        without it. It links only to files that are there.
    """
    entries, damaged = [], []
    internal = False
    for path in _manifest_paths(out):
        manifest = read_manifest(path)
        if manifest is None:
            damaged.append(path.relative_to(out).as_posix())
        else:
            entries.append(_entry(manifest, path.parent, out))
            internal |= manifest.internal
    on_paper = any(link.kind == "PDF" for entry in entries if entry.glance for link in entry.links)
    content = contents(_sheets(entries), paper) if on_paper else b""
    kept = _publish_overview(content, out, kept, private=internal)
    link = Link("PDF", OVERVIEW, size_in_words((out / OVERVIEW).stat().st_size)) if kept else None
    page = render(entries, damaged, link, refused=bool(content and not kept))
    publish(out, {out / INDEX: page.encode()}, private=internal)
    return Listed(out / INDEX, kept)


def _publish_overview(content: bytes, out: Path, kept: Kept | None, *, private: bool) -> Kept | None:
    """Put the overview on paper beside the index; one that is as it would be stays, and none is left of no contents."""
    if kept and content and (out / OVERVIEW).is_file() and kept == kept_in(out, content):
        return kept
    if content and (pdf := set_overview(content)):
        publish(out, {out / OVERVIEW: pdf}, private=private)
        return kept_in(out, content)
    (out / OVERVIEW).unlink(missing_ok=True)
    return None


def _sheets(entries: Sequence[Entry]) -> list[Sheet]:
    template = _environment().get_template("map.svg.j2")
    found = []
    for study, rows, seen in _by_study(entries):
        if seen:
            marks = list(dict.fromkeys(mark for row in rows if row.glance for mark in row.marks))
            maps = [template.render(map=drawn, number=0, style=Markup(MAP_STYLE)) for drawn in seen.maps]
            found.append(Sheet(study, marks, seen, maps))
    return found


def _by_study(entries: Sequence[Entry]) -> list[tuple[str, list[Entry], Overview | None]]:
    ordered = sorted(entries, key=_reading_order)
    grouped = [(study, list(rows)) for study, rows in groupby(ordered, key=lambda entry: entry.study)]
    return [(study, rows, _overview(rows)) for study, rows in grouped]


def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("analysis.factory.publishing"),
        autoescape=True,
        finalize=_printable,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render(
    entries: Sequence[Entry], damaged: Sequence[str] = (), on_paper: Link | None = None, *, refused: bool = False
) -> str:
    """Write the page.

    Parameters
    ----------
    entries
        The reports.
    damaged
        Names of manifests that could not be read.
    on_paper
        The overview as PDF, if there is one.
    refused
        Whether there should be one, and typst refused it.
    """
    environment = _environment()
    style, script = (_source(environment, name) for name in ("index.css", "index.js"))
    return environment.get_template("index.html.j2").render(
        studies=_by_study(entries),
        on_paper=on_paper,
        refused=refused,
        damaged=damaged,
        style=Markup(style),
        style_hash=policy_hash(style),
        script=Markup(script),
        script_hash=policy_hash(script),
        whole=WHOLE,
        wide=WIDE,
        high=HIGH,
        now=datetime.now(UTC),
    )


def _overview(rows: Sequence[Entry]) -> Overview | None:
    """Return the first table of a study: its reports that left facts, the whole study first, none that is gone."""
    led = [row for row in rows if row.glance and row.links and row.status != "gone"]
    return overview([(row.group, row.links[0].href, row.status, row.glance) for row in led])


def _source(environment: Environment, name: str) -> str:
    assert environment.loader is not None
    return environment.loader.get_source(environment, name)[0]


def _manifest_paths(out: Path) -> Iterator[Path]:
    for path in sorted(out.rglob(f"*{SUFFIX}")):
        if not any(part.startswith(".") for part in path.relative_to(out).parts):
            yield path


def _entry(manifest: Manifest, folder: Path, out: Path) -> Entry:
    files = {kind: folder / file.name for kind, file in manifest.files.items()}
    links = tuple(
        Link(kind.upper(), path.relative_to(out).as_posix(), size_in_words(path.stat().st_size))
        for kind, path in files.items()
        if path.is_file()
    )
    incomplete = len(links) < len(files)
    return Entry(
        study=manifest.study,
        title=manifest.title,
        group=_group(manifest),
        status="incomplete" if incomplete and manifest.status == "fresh" else manifest.status,
        note=manifest.failure.message if manifest.failure else unshown_in_words(manifest.unshown),
        marks=manifest.marks,
        links=links,
        built=manifest.finished if manifest.files else None,
        glance=manifest.glance,
    )


def unshown_in_words(number: int) -> str:
    """Say how many outputs a report could not show; nothing where it shows all.

    Examples
    --------
    >>> unshown_in_words(0), unshown_in_words(1)
    ('', '1 output could not be shown; a line in its place says how to make it show.')
    """
    if number == 1:
        return "1 output could not be shown; a line in its place says how to make it show."
    return (
        f"{number} outputs could not be shown; a line in the place of each says how to make it show." if number else ""
    )


def _group(manifest: Manifest) -> str:
    if not manifest.group_by:
        return WHOLE
    return manifest.group_label or f"{manifest.group_by} {manifest.group}"


def _reading_order(entry: Entry) -> tuple[object, ...]:
    """Order by study, the whole study before its groups, and groups as people count: 2 before 10."""
    words = [(int(word), "") if word.isdecimal() else (-1, word) for word in re.split(r"(\d+)", entry.group)]
    return entry.study, entry.group != WHOLE, words, entry.title


def size_in_words(size: int) -> str:
    """Write a file's size for people.

    Examples
    --------
    >>> size_in_words(900), size_in_words(204_800), size_in_words(5_400_000)
    ('1 KB', '205 KB', '5.4 MB')
    """
    return f"{max(1, round(size / 1000))} KB" if size < 1_000_000 else f"{size / 1_000_000:.1f} MB"


def _printable(value: object) -> object:
    """Replace control characters in what the page prints; they have no place in HTML, escaped or not."""
    return printable(value) if type(value) is str else value
