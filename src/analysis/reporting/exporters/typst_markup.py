"""Blocks of a report as typst source in which all text stands in string literals.

The source is written in typst's code mode: calls, literals and braces. There is no markup mode in which a
character of the data could mean something.
"""

import base64
from collections.abc import Callable

from analysis.reporting.exporters.document import UNDESCRIBED, Block, Document, Error, Markdown, Output, Stream
from analysis.reporting.exporters.html_tables import fit_to_page, read_tables
from analysis.reporting.exporters.markdown import Outline
from analysis.reporting.exporters.typst_markdown import TypstMarkdown
from analysis.typst_literals import TYPST_MIME, display_call, typst_call, typst_string


class TypstWriter:
    """Writes a document as typst source.

    Attributes
    ----------
    files : dict of str to bytes
        Bitmap figures the source refers to, by file name; they have to lie beside it.
    """

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self._prose = TypstMarkdown(Outline()).write
        self._renderers: dict[str, Callable[[str], str | None]] = {
            TYPST_MIME: display_call,
            "image/svg+xml": lambda svg: _figure(svg=svg),
            "image/png": lambda data: self._bitmap("png", data),
            "image/jpeg": lambda data: self._bitmap("jpg", data),
            "text/markdown": self._prose,
            "text/html": _tables,
            "text/plain": _preformatted,
        }

    def write(self, document: Document, paper: str) -> str:
        """Write the source.

        Parameters
        ----------
        document : Document
            The report.
        paper : str
            Typst's name of the paper.

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
            lang=document.lang,
            paper=paper,
        )
        body = "\n".join(f"#{{\n{self._block(block)}\n}}" for block in document.blocks)
        return f'#import "report.typ": *\n#show: {cover.removeprefix("#")}\n{body}\n'

    def _block(self, block: Block) -> str:
        match block:
            case Markdown(source):
                return self._prose(source)
            case Output():
                return block.render(self._renderers)
            case Stream(text):
                return _preformatted(text)
            case Error():
                return f"failure({typst_string(block.message)})"

    def _bitmap(self, extension: str, data: str) -> str:
        name = f"figure-{len(self.files) + 1}.{extension}"
        self.files[name] = base64.b64decode(data)
        return _figure(file=name)


def _figure(**source: str) -> str:
    return typst_call("capsule-figure", **source, alt=UNDESCRIBED).removeprefix("#")


def _tables(html: str) -> str | None:
    parts = [part for table in read_tables(html) for part in fit_to_page(table)]
    return "\n".join(part.typst.removeprefix("#") for part in parts) or None


def _preformatted(text: str) -> str:
    return f"raw(block: true, {typst_string(text)})"
