"""What of an executed notebook a reader sees; the one front half of the HTML and the PDF exporter.

Code, warnings and tracebacks stay behind: a reader gets prose, results and the cover that the sentinel of
the last cell describes.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from nbconvert.filters import strip_ansi
from nbformat import NotebookNode

from analysis.display import NOTHING_MIME, SENTINEL_MIME
from analysis.reporting.exporters.comments import without_comments
from analysis.reporting.exporters.markdown import first_heading
from analysis.typst_literals import printable

UNDESCRIBED = "Figure without a description"


@dataclass(frozen=True)
class Markdown:
    """Prose of the author of the notebook."""

    source: str


@dataclass(frozen=True)
class Output:
    """One displayed object in all its forms, by mime type."""

    forms: Mapping[str, str]

    def render(self, renderers: Mapping[str, Callable[[str], str | None]]) -> str:
        """Render the first form that can be.

        Parameters
        ----------
        renderers : mapping of mime type to function
            In order of preference; what is not listed is never shown. A function gives None for a form it
            cannot use.

        Returns
        -------
        str
            The rendered form, empty when there is none.
        """
        for mime, render in renderers.items():
            if mime in self.forms and (rendered := render(self.forms[mime])) is not None:
                return rendered
        return ""


@dataclass(frozen=True)
class Stream:
    """Printed lines."""

    text: str


@dataclass(frozen=True)
class Error:
    """A cell that failed, without its values or its traceback."""

    name: str

    @property
    def message(self) -> str:
        """What the reader is told."""
        return f"This part of the report failed ({self.name})"


@dataclass(frozen=True)
class Silence:
    """A cell that says it has nothing to add; no document has one."""


Block: TypeAlias = Markdown | Output | Stream | Error


@dataclass(frozen=True)
class Document:
    """The parts of a report.

    Attributes
    ----------
    title, subtitle, study : str
        The cover; `subtitle` and `study` may be empty.
    marks : tuple of str
        What every page has to say, such as "SYNTHETIC".
    provenance : tuple of (str, str)
        Label and value of where the numbers come from, in order.
    blocks : tuple
        The body.
    lang : str
        Its language.
    """

    title: str
    subtitle: str
    study: str
    marks: tuple[str, ...]
    provenance: tuple[tuple[str, str], ...]
    blocks: tuple[Block, ...]
    lang: str = "en"


def read_document(notebook: NotebookNode) -> Document:
    """Read a report from an executed notebook.

    Parameters
    ----------
    notebook : NotebookNode
        An executed notebook. Without a sentinel the title is the first heading, or "Untitled", and there are
        no marks and no provenance.

    Returns
    -------
    Document
        All text in it can be encoded and printed. A heading that repeats the title is left out, and so is a
        section in which every output says that it has nothing to add.
    """
    cover: Mapping[str, Any] = {}
    read: list[Block | Silence] = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            read.append(Markdown(without_comments(printable(cell.source))))
        for output in cell.get("outputs", ()):
            cover = output.get("data", {}).get(SENTINEL_MIME, cover)
            read.extend(_read_output(output))
    blocks = [block for section in _sections(read) for block in _without_silence(section)]

    heading = next(filter(None, (first_heading(b.source) for b in blocks if isinstance(b, Markdown))), "")
    # Pairs keep their order in a notebook file, whose writer sorts mappings.
    provenance = cover.get("provenance", ())
    pairs = provenance.items() if isinstance(provenance, Mapping) else provenance
    title = _line(cover.get("title")) or heading or "Untitled"
    return Document(
        title=title,
        subtitle=_line(cover.get("subtitle")),
        study=_line(cover.get("study")),
        marks=tuple(_line(mark) for mark in cover.get("marks", ())),
        provenance=tuple((_line(label), _line(value)) for label, value in pairs),
        blocks=tuple(_without_title(blocks, title)),
    )


def _read_output(output: NotebookNode) -> Iterable[Block | Silence]:
    match output:
        case {"output_type": "stream", "name": "stdout", "text": text}:
            if printed := _text(text).strip("\n"):
                yield Stream(printed)
        case {"output_type": "error", "ename": name}:
            # The name of an error class is code; anything else in its place might be a value.
            yield Error(name if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_.]*", name) else "Error")
        case {"output_type": "display_data" | "execute_result", "data": data}:
            if NOTHING_MIME in data:
                yield Silence()
            elif SENTINEL_MIME not in data:
                yield Output(_forms({mime: _text(form) for mime, form in data.items() if isinstance(form, str | list)}))


def _forms(forms: dict[str, str]) -> dict[str, str]:
    """Leave out where an object lies in memory, and what says only that there is one: no two runs agree on it."""
    plain = re.sub(r"(<[^<>\n]+) at 0x[0-9a-f]+>", r"\1>", forms.pop("text/plain", ""))
    nameless = re.fullmatch(r"<[\w.]+ object>", plain) and "text/html" in forms
    if "text/markdown" in forms:
        forms["text/markdown"] = without_comments(forms["text/markdown"])
    return {**forms, "text/plain": plain} if plain and not nameless else forms


def _text(value: str | list[str]) -> str:
    """Join what a notebook file may hold as a list of lines, without terminal colours."""
    return printable(strip_ansi(value if isinstance(value, str) else "".join(map(str, value))))


def _line(value: object) -> str:
    return "" if value is None else " ".join(printable(str(value)).split())


def _sections(blocks: Iterable[Block | Silence]) -> list[list[Block | Silence]]:
    """Part blocks before every cell of prose that begins with a heading."""
    sections: list[list[Block | Silence]] = [[]]
    for block in blocks:
        if isinstance(block, Markdown) and block.source.lstrip().startswith("#"):
            sections.append([])
        sections[-1].append(block)
    return sections


def _without_silence(section: list[Block | Silence]) -> list[Block]:
    """Drop what has nothing to add, and the whole section where nothing but its prose is left."""
    rest = [block for block in section if not isinstance(block, Silence)]
    empty = len(rest) < len(section) and all(isinstance(block, Markdown) for block in rest)
    return [] if empty else rest


def _without_title(blocks: list[Block], title: str) -> list[Block]:
    """Drop a first heading that only repeats the cover."""
    for position, block in enumerate(blocks):
        if isinstance(block, Markdown) and (heading := first_heading(block.source)):
            if heading.casefold() != title.casefold():
                return blocks
            shorter = re.sub(r"\A\s*#[^\n]*\n?", "", block.source)
            return [*blocks[:position], Markdown(shorter), *blocks[position + 1 :]]
    return blocks
