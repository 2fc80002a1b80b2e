"""An executed notebook as a tagged PDF, set by typst in this process."""

from collections.abc import Container
from dataclasses import dataclass

from analysis.factory.exporters.document import Document, Output
from analysis.factory.exporters.typeset import PDFExportError, set_with_note
from analysis.factory.exporters.typst_markup import TypstWriter


@dataclass(frozen=True)
class Paper:
    """A PDF, and how many pictures that the page shows have a line in their place on it."""

    pdf: bytes
    unshown: int


def write_pdf(document: Document, paper: str = "a4") -> bytes:
    """Set a report on paper; raise PDFExportError if typst refuses it.

    Typst keeps a pool of threads once it has compiled, and a process forked after that hangs in its first
    compilation. A program that forks must fork first and set the report in the children.
    """
    return set_on_paper(document, paper).pdf


def set_on_paper(document: Document, paper: str = "a4") -> Paper:
    """Set a report on paper, with a line in place of each picture that typst refuses.

    Parameters
    ----------
    document : Document
        The report.
    paper : str
        Typst's name of the paper.

    Raises
    ------
    PDFExportError
        If typst refuses the report for another reason.
    """
    try:
        return _set(document, paper)
    except PDFExportError:
        if not (refused := _refused_pictures(document, paper)):
            raise
    return _set(document, paper, refused)


def _set(document: Document, paper: str, refused: Container[str] = ()) -> Paper:
    unshown = 0

    def write(undrawn: str) -> tuple[str, dict[str, bytes]]:
        nonlocal unshown
        writer = TypstWriter(refused)
        source = writer.write(document, paper, undrawn)
        unshown = writer.unshown
        return source, writer.files

    return Paper(set_with_note(write), unshown)


def _refused_pictures(document: Document, paper: str) -> frozenset[str]:
    """Try each picture by itself; only a report that typst has refused has to wait for it."""
    writer = TypstWriter()
    writer.write(document, paper)
    return frozenset(content for kind, content in dict.fromkeys(writer.pictures) if not _can_be_set(kind, content))


def _can_be_set(kind: str, content: str) -> bool:
    alone = Document("T", "", "", (), (), (Output({f"image/{kind}": content}),))
    try:
        _set(alone, "a4")
    except PDFExportError:
        return False
    return True
