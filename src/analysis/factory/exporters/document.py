"""What of an executed notebook a reader sees; the one front half of the HTML and the PDF exporter.

Code, warnings and tracebacks stay behind: a reader gets prose, results and the cover that the sentinel of
the last cell describes.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from nbformat import NotebookNode

from analysis.factory.exporters.comments import without_comments
from analysis.factory.exporters.foreign_html import UNSHOWN
from analysis.factory.exporters.forms import picture_source, readable_forms, text_of
from analysis.factory.exporters.markdown import first_heading, picture_in, picture_urls
from analysis.factory.exporters.printed import is_progress, last_state
from analysis.factory.exporters.widgets import outputs_in
from analysis.show.display import NOTHING_MIME, SENTINEL_MIME
from analysis.show.facts import Fact
from analysis.show.typst_literals import TYPST_MIME, printable

UNDESCRIBED = "Figure without a description"
WIDGET_MIME = "application/vnd.jupyter.widget-view+json"
WIDGETS_MIME = "application/vnd.jupyter.widget-state+json"
# What Jupyter Book and nbconvert call them, with - or _. Nothing can be unfolded on paper, so hidden is left out.
_CELL_LEFT_OUT = {"remove-cell", "hide-cell"}
_OUTPUT_LEFT_OUT = _CELL_LEFT_OUT | {"remove-output", "remove-outputs", "remove-all-outputs", "hide-output"}


@dataclass(frozen=True)
class Markdown:
    """Prose of the author of the notebook, and the pictures pasted into it: addresses that hold them, by name."""

    source: str
    pictures: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Output:
    """One displayed object in all its forms, by mime type."""

    forms: Mapping[str, str]

    def render(self, renderers: Mapping[str, Callable[[str], str | None]]) -> str | None:
        """Render the first form that can be.

        Parameters
        ----------
        renderers : mapping of mime type to function
            In order of preference; what is not listed is never shown. A function gives None for a form it
            cannot use.

        Returns
        -------
        str or None
            The rendered form; None when there is none.
        """
        for mime, render in renderers.items():
            if mime in self.forms and (rendered := render(self.forms[mime])) is not None:
                return rendered
        return None


@dataclass(frozen=True)
class Unshown:
    """An output of which no form can be shown, and what the reader is told in its place."""

    message: str


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


Block: TypeAlias = Markdown | Output | Unshown | Stream | Error


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
    glance : tuple of Fact
        What the overview shows of it, not part of the body.
    lang : str
        Its language.
    """

    title: str
    subtitle: str
    study: str
    marks: tuple[str, ...]
    provenance: tuple[tuple[str, str], ...]
    blocks: tuple[Block, ...]
    glance: tuple[Fact, ...] = ()
    lang: str = "en"

    @property
    def unshown(self) -> int:
        """How many outputs and pictures cannot be shown; a line says so in the place of each."""
        return sum(map(_unshown_in, self.blocks))


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
    read, cover = _read_cells(notebook)
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
        glance=tuple(Fact.model_validate(fact) for fact in cover.get("glance", ())),
    )


def _read_cells(notebook: NotebookNode) -> tuple[list[Block | Silence], Mapping[str, Any]]:
    """Return what the cells show, and what the last sentinel among their outputs says of the report."""
    cover: Mapping[str, Any] = {}
    read: list[Block | Silence] = []
    widgets = notebook.metadata.get("widgets", {}).get(WIDGETS_MIME, {}).get("state", {})
    for cell in notebook.cells:
        tagged = {tag.replace("_", "-") for tag in cell.metadata.get("tags", ())}
        if cell.cell_type == "markdown" and not tagged & _CELL_LEFT_OUT:
            pictures = {name: picture_source(bundle) for name, bundle in cell.get("attachments", {}).items()}
            shown = {name: source for name, source in pictures.items() if source}
            read.append(Markdown(without_comments(printable(cell.source)), shown))
        for output in _joined(cell.get("outputs", ())):
            cover = output.get("data", {}).get(SENTINEL_MIME, cover)
            if not tagged & _OUTPUT_LEFT_OUT:
                read.extend(_read_output(output, widgets))
    return read, cover


def _joined(outputs: Iterable[NotebookNode]) -> list[NotebookNode]:
    """Join what was printed in pieces, which may write over one another, and leave out warnings."""
    joined: list[NotebookNode] = []
    for output in outputs:
        match output:
            case {"output_type": "stream", "name": "stdout", "text": text}:
                before = joined.pop()["text"] if joined and joined[-1]["output_type"] == "stream" else ""
                joined.append(NotebookNode(output, text=before + "".join(text)))
            case {"output_type": "stream"}:
                pass
            case _:
                joined.append(output)
    return joined


def _read_output(output: NotebookNode, widgets: Mapping[str, Any]) -> Iterable[Block | Silence]:
    match output:
        case {"output_type": "stream", "name": "stdout", "text": text}:
            # Before text is made printable: that makes line feeds of carriage returns.
            if printed := text_of(last_state(text)).strip("\n"):
                yield Stream(printed)
        case {"output_type": "error", "ename": name}:
            # The name of an error class is code; anything else in its place might be a value.
            yield Error(name if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_.]*", name) else "Error")
        case {"output_type": "display_data" | "execute_result", "data": data}:
            if NOTHING_MIME in data:
                yield Silence()
            elif caught := _displayed_in_widget(data, widgets):
                for inner in caught:
                    yield from _read_output(inner, widgets)
            elif SENTINEL_MIME not in data:
                forms, unshown = readable_forms(data)
                if forms or unshown:
                    yield Output(forms) if forms else Unshown(unshown)


def _displayed_in_widget(data: Mapping[str, Any], widgets: Mapping[str, Any]) -> list[NotebookNode]:
    if WIDGET_MIME not in data or is_progress(text_of(data.get("text/plain", ""))):
        return []
    return outputs_in(data[WIDGET_MIME].get("model_id", ""), widgets)


def _unshown_in(block: Block) -> int:
    match block:
        case Unshown():
            return 1
        case Markdown(source, pictures):
            return sum(picture_in(url, pictures) is None for url in picture_urls(source))
        case Output(forms):
            said = forms.get("text/html", "").count(f'class="{UNSHOWN}"') if TYPST_MIME not in forms else 0
            return said + sum(picture_in(url, {}) is None for url in picture_urls(forms.get("text/markdown", "")))
        case _:
            return 0


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
