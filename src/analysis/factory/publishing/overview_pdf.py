"""All clinics at a glance on paper: the first tables of the index as a PDF beside it."""

import hashlib
import json
import subprocess
import sys
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

from analysis.factory.publishing.overview import Cell, Overview
from analysis.machine import processes
from analysis.machine.files import sha256_of
from analysis.outputs.private import private_folder
from analysis.show.typst_literals import typst_call

OVERVIEW = "overview.pdf"
TEMPLATE = files("analysis.factory.publishing") / "templates" / "overview.typ"
_MAP_HIGH, _MAP_WIDE = 140, 225  # mm, at most
_NOTE = (
    "Drawn: rates with their 95 % intervals, from 0 to the highest end of the column; the thin line through all rows "
    "is the whole study, the short bar the rate by chance alone."
)
_NOTE_OF_MAPS = "Every group has its place in the map by its place in the table, which is no ranking."


class Sheet(NamedTuple):
    """A study in the overview: its name, its marks, its table, and its maps as SVG."""

    study: str
    marks: Sequence[str]
    overview: Overview
    maps: Sequence[str]


class Kept(NamedTuple):
    """What the journal keeps of an overview: hashes of what it was made from and of the file."""

    made_from: str
    sha256: str


def contents(sheets: Sequence[Sheet], paper: str) -> bytes:
    """Write down all that decides what the PDF looks like; equal contents give equal PDFs."""
    studies = [
        {
            "study": sheet.study,
            "marks": list(sheet.marks),
            "headings": ["About", *sheet.overview.headings],
            "lines": [[[line.group, 0, None, [], []], *map(_on_paper, line.cells)] for line in sheet.overview.lines],
            "maps": [
                [svg, drawn.title, min(_MAP_HIGH, round(_MAP_WIDE * drawn.height / drawn.width))]
                for svg, drawn in zip(sheet.maps, sheet.overview.maps, strict=True)
            ],
            "notes": [" ".join([_NOTE] * sheet.overview.draws + [_NOTE_OF_MAPS] * bool(sheet.maps))],
        }
        for sheet in sheets
    ]
    return json.dumps({"paper": paper, "studies": studies}, sort_keys=True).encode()


def _on_paper(cell: Cell) -> list[Any]:
    """Write a cell as the template takes it: lengths as tenths of a unit."""
    range_ = None
    if cell.low is not None:
        ends = (cell.low, cell.dot, cell.high, cell.tick, cell.reference)
        range_ = [None if end is None else round(10 * end) for end in ends]
    lines = [[_tenths(point.split(",")) for point in line.split(" ")] for line in cell.lines]
    return [cell.text, int(cell.stands_out), range_, lines, [_tenths(dot) for dot in cell.dots]]


def _tenths(point: Sequence[Any]) -> list[int]:
    return [round(10 * float(end)) for end in point]


def made_from(content: bytes) -> str:
    """Return one hash of the contents and of what sets them."""
    from importlib.metadata import version

    from analysis.factory.exporters.typeset import TEMPLATE as REPORT

    parts = [content, TEMPLATE.read_bytes(), REPORT.read_bytes(), version("typst").encode()]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def set_overview(content: bytes) -> bytes | None:
    """Set the contents in a process of its own; None where typst refuses them.

    A program that has run typst must fork no more (see `analysis.factory.exporters.pdf.write_pdf`), and this one may
    be asked for reports again.
    """
    command = [sys.executable, "-P", "-c", f"from {__name__} import main; main()"]
    with private_folder() as scratch:
        done = subprocess.run(
            command, input=content, capture_output=True, env=processes.environment(scratch), check=False
        )
    return done.stdout if done.returncode == 0 else None


def main() -> None:
    """Read contents, and write the PDF: the whole work of the process of its own."""
    from analysis.factory.exporters.typeset import set_with_note

    content = json.loads(sys.stdin.buffer.read())
    beside = {"overview.typ": TEMPLATE.read_bytes()}
    sys.stdout.buffer.write(set_with_note(lambda undrawn: (source(content, undrawn), beside)))


def source(content: dict[str, Any], undrawn: str = "") -> str:
    """Write contents as typst source that needs `overview.typ` and `report.typ` beside it."""
    page = typst_call("sheets.with", paper=content["paper"]).removeprefix("#")
    pages = "\n".join(typst_call("study-pages", **study, undrawn=undrawn) for study in content["studies"])
    return f'#import "overview.typ": *\n#show: {page}\n{pages}\n'


def overview_kept(records: Sequence[dict[str, Any]]) -> Kept | None:
    """Return what a journal keeps of the overview as its last run left it; None where there is none."""
    ends = [record for record in records if record["event"] == "run ended"]
    kept = ends[-1].get("overview") if ends else None
    return Kept(*kept) if kept else None


def kept_in(folder: Path, content: bytes) -> Kept:
    """Return what the journal keeps of the overview that lies in a folder."""
    return Kept(made_from(content), sha256_of(folder / OVERVIEW))
