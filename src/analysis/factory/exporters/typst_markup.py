"""Blocks of a report as typst source in which all text stands in string literals.

The source is written in typst's code mode: calls, literals and braces. There is no markup mode in which a
character of the data could mean something.
"""

import base64
from collections.abc import Callable, Container, Iterable
from dataclasses import replace
from html import escape
from itertools import zip_longest

from analysis.factory.exporters.document import UNDESCRIBED, Block, Document, Error, Markdown, Output, Stream, Unshown
from analysis.factory.exporters.formula import bare_tex
from analysis.factory.exporters.html_parts import Part, Picture, Remark, read_parts
from analysis.factory.exporters.html_tables import fit_to_page
from analysis.factory.exporters.lengths import LINES_ON_PAPER, ROWS_ON_PAPER, on_paper
from analysis.factory.exporters.markdown import Outline
from analysis.factory.exporters.typst_markdown import TypstMarkdown, formula
from analysis.factory.exporters.unshown import NOT_ON_PAPER, what_is_unshown
from analysis.show.typst_literals import TYPST_MIME, display_call, typst_call, typst_string

_A_FEW_LETTERS, _AN_ANSWER = 300, 900  # about three lines and nine; more may be parted by the end of a page


class TypstWriter:
    """Writes a document as typst source.

    Attributes
    ----------
    files : dict of str to bytes
        Bitmap figures the source refers to, by file name; they have to lie beside it.
    pictures : list of (str, str)
        The kind and the content of the pictures that came with the notebook, in order.
    unshown : int
        How many of them have a line in their place.

    Parameters
    ----------
    refused : container of str
        Contents of pictures that typst cannot read.
    """

    def __init__(self, refused: Container[str] = ()) -> None:
        self.files: dict[str, bytes] = {}
        self.pictures: list[tuple[str, str]] = []
        self.unshown = 0
        self._refused = refused
        self._prose = TypstMarkdown(Outline(), self._held).write
        self._renderers: dict[str, Callable[[str], str | None]] = {
            TYPST_MIME: display_call,
            "image/svg+xml": lambda svg: self._figure("svg+xml", svg),
            "image/png": lambda data: self._figure("png", data),
            "image/jpeg": lambda data: self._figure("jpeg", data),
            "text/markdown": self._prose,
            "text/html": self._html,
            "text/latex": _latex,
            "text/plain": _preformatted,
        }

    def write(self, document: Document, paper: str, undrawn: str = "") -> str:
        """Write the source.

        Parameters
        ----------
        document : Document
            The report.
        paper : str
            Typst's name of the paper.
        undrawn : str
            What the reader has to know about characters that no font here has.

        Returns
        -------
        str
            Typst source that needs the report template beside it as `report.typ`.
        """
        cover = typst_call(
            "report.with",
            title=document.title,
            subtitle=document.subtitle,
            study=document.study,
            marks=document.marks,
            provenance=document.provenance,
            undrawn=undrawn,
            lang=document.lang,
            paper=paper,
        )
        pairs = zip_longest(document.blocks, document.blocks[1:])
        blocks = (self._with_what_follows(*pair) for pair in pairs)
        body = "\n".join(f"#{{\n{block}\n}}" for block in blocks)
        return f'#import "report.typ": *\n#show: {cover.removeprefix("#")}\n{body}\n'

    def _with_what_follows(self, block: Block, following: Block | None) -> str:
        """Keep a few words about a figure or table on its page, a heading's with what they open, an answer whole."""
        heading, words = _heading_and_words(block)
        few, shown = len(words) <= _A_FEW_LETTERS, isinstance(following, Output) and not _words(following)
        together, whole = few and bool(shown or heading), isinstance(block, Output) and len(words) <= _AN_ANSWER
        if not words or not (together or whole):
            return self._block(block)
        # Not the heading, which stays with what follows by itself, and has more room above it than a block.
        how = f"sticky: {str(together).lower()}, breakable: {str(not whole).lower()}"
        pictures = block.pictures if isinstance(block, Markdown) else {}
        return f"{self._prose(heading)}\nblock({how}, {{\n{self._prose(words, pictures)}\n}})"

    def _block(self, block: Block) -> str:
        match block:
            case Markdown(source, pictures):
                return self._prose(source, pictures)
            case Output(forms) if TYPST_MIME in forms and forms.get("text/html", "").count("<tr") > ROWS_ON_PAPER:
                return self._parts(read_parts(forms["text/html"]))
            case Output(forms):
                words = block.render(self._renderers) or self._parts(read_parts(forms.get("text/html", "")))
                return words or _unshown(what_is_unshown(forms))
            case Unshown(message):
                return _unshown(message)
            case Stream(text):
                return _preformatted(text)
            case Error():
                return f"failure({typst_string(block.message)})"

    def _figure(self, kind: str, content: str, alt: str = UNDESCRIBED) -> str:
        self.pictures.append((kind, content))
        if content in self._refused:
            self.unshown += 1
            return _unshown(NOT_ON_PAPER)
        if kind == "svg+xml":
            return typst_call("capsule-figure", svg=content, alt=alt).removeprefix("#")
        name = f"figure-{len(self.files) + 1}.{'jpg' if kind == 'jpeg' else kind}"
        self.files[name] = base64.b64decode(content)
        return typst_call("capsule-figure", file=name, alt=alt).removeprefix("#")

    def _held(self, source: str, words: str) -> str:
        """Set a picture within a line of prose, from the address that holds it."""
        (picture,) = read_parts(f'<img src="{source}" alt="{escape(words or UNDESCRIBED)}">')
        written = self._part(picture)[0]
        if written.startswith("unshown("):
            return f"emph({typst_string(words)})\nunshown-words({typst_string(f' ({NOT_ON_PAPER})')})"
        return written.replace("capsule-figure(", "capsule-pasted(", 1)

    def _html(self, html: str) -> str | None:
        """Set the tables, pictures and words of HTML; without a table or a picture a plain form does better."""
        parts = read_parts(html)
        return None if all(isinstance(part, str) for part in parts) else self._parts(parts)

    def _parts(self, parts: Iterable[Part]) -> str:
        return "\n".join(line for part in parts for line in self._part(part))

    def _part(self, part: Part) -> list[str]:
        match part:
            case str():
                return [f"par({typst_string(part)})"]
            case Remark(message):
                return [_unshown(message)]
            case Picture(kind=kind):
                content = part.svg if kind == "svg+xml" else part.content
                return [self._figure(kind, content, part.alt or UNDESCRIBED)]
            case _:
                rows, said = on_paper(part.rows)
                short = replace(part, rows=rows, notes=[*part.notes, *filter(None, [said])])
                return [table.typst.removeprefix("#") for table in fit_to_page(short)]


def _words(block: Block) -> str:
    """Return the prose of a block, empty if it is something else."""
    match block:
        case Markdown(source):
            return source
        case Output(forms):
            return forms.get("text/markdown", "")
        case _:
            return ""


def _heading_and_words(block: Block) -> tuple[str, str]:
    """Part prose into the heading that it begins with and the rest; no words if it can only be set as one."""
    words = _words(block).strip()
    heading, _, rest = words.partition("\n") if words.startswith("#") else ("", "", words)
    return heading, "" if "\n#" in rest or "[^" in words else rest


def _unshown(message: str) -> str:
    return f"unshown({typst_string(message)})"


def _latex(source: str) -> str | None:
    return formula(tex, block=True) if (tex := bare_tex(source)) else None


def _preformatted(text: str) -> str:
    lines, said = on_paper(text.split("\n"), LINES_ON_PAPER, "lines")
    written = f"raw(block: true, {typst_string(chr(10).join(lines))})"
    return f"{written}\n{_unshown(said)}" if said else written
