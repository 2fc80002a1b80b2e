"""An executed notebook as a tagged PDF, set by typst in this process."""

from collections.abc import Container
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

import matplotlib
import typst
from matplotlib.ft2font import FT2Font

from analysis.factory.exporters.document import Document, Output
from analysis.factory.exporters.typst_markup import TypstWriter
from analysis.outputs.private import private_folder

FONTS = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
# The name of the font that draws a box for what no other font has, as a PDF spells it.
LAST_RESORT = b"LastResortHE"
TEMPLATE = files("analysis.factory.exporters") / "templates" / "report.typ"


class PDFExportError(RuntimeError):
    """A report that typst cannot set, for instance because a figure in it is broken."""


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
    writer = TypstWriter(refused)
    source = writer.write(document, paper)
    pdf, unshown = compile_pdf(source, writer.files), writer.unshown
    if LAST_RESORT in pdf:
        writer = TypstWriter(refused)
        pdf = compile_pdf(writer.write(document, paper, undrawn_note(source)), writer.files)
    return Paper(pdf, unshown)


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


def undrawn_note(source: str) -> str:
    """Say which characters of a report stand as boxes, because no font that comes with it has them.

    Parameters
    ----------
    source : str
        The report's typst source.

    Returns
    -------
    str
        A sentence that names up to eight of them by their Unicode numbers.

    Examples
    --------
    >>> undrawn_note("\u9acb \u9acb").partition(".")[0]
    'Characters that no font of this PDF has stand as boxes that name their script: U+9ACB'
    """
    missing = sorted({letter for letter in source if ord(letter) not in drawn_characters() and not letter.isspace()})
    names = ", ".join(f"U+{ord(letter):04X}" for letter in missing[:8])
    more = f" and {len(missing) - 8} more" if len(missing) > 8 else ""
    return (
        f"Characters that no font of this PDF has stand as boxes that name their script: {names}{more}. "
        "The web page of this report shows them."
    )


@cache
def drawn_characters() -> frozenset[int]:
    """Give the characters that the widest of the fonts have, as their Unicode numbers."""
    return frozenset().union(*(FT2Font(FONTS / name).get_charmap() for name in ("DejaVuSans.ttf", "STIXGeneral.ttf")))


def compile_pdf(source: str, bitmaps: dict[str, bytes]) -> bytes:
    """Compile typst source beside the report template.

    Parameters
    ----------
    source : str
        Source that imports `report.typ`.
    bitmaps : dict of str to bytes
        Other files it refers to, by name.

    Returns
    -------
    bytes
        A PDF/UA-1 file.

    Raises
    ------
    PDFExportError
        If typst refuses the source.
    """
    with private_folder() as root:
        # The folder is all that typst can read.
        (root / "report.typ").write_text(TEMPLATE.read_text(encoding="utf-8"), encoding="utf-8")
        (root / "main.typ").write_text(source, encoding="utf-8")
        for name, content in bitmaps.items():
            (root / name).write_bytes(content)
        try:
            return typst.compile(root / "main.typ", root=root, font_paths=fonts(), pdf_standards=["ua-1"])
        except typst.TypstError as error:
            # The diagnostic quotes the source, and so the data; the message does not.
            raise PDFExportError(f"The report cannot be set as PDF: {error.message}") from None
        except BaseException as error:
            # A fault inside typst, which no `except Exception` sees, would end the process without a word.
            if type(error).__name__ != "PanicException":
                raise
            raise PDFExportError("The report cannot be set as PDF: typst stopped at it") from None


@cache
def fonts() -> typst.Fonts:
    """Give typst's own fonts and those of matplotlib, never those of the machine."""
    return typst.Fonts(include_system_fonts=False, font_paths=[FONTS])
