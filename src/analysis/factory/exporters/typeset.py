"""Typst source becomes a PDF, in this process and with the fonts that come along."""

from collections.abc import Callable
from functools import cache
from importlib.resources import files
from pathlib import Path

import matplotlib
import typst
from matplotlib.ft2font import FT2Font

from analysis.outputs.private import private_folder

FONTS = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
# The name of the font that draws a box for what no other font has, as a PDF spells it.
LAST_RESORT = b"LastResortHE"
TEMPLATE = files("analysis.factory.exporters") / "templates" / "report.typ"


class PDFExportError(RuntimeError):
    """A report that typst cannot set, for instance because a figure in it is broken."""


def set_with_note(write: Callable[[str], tuple[str, dict[str, bytes]]]) -> bytes:
    """Compile source, and once more with a remark where a character in it is in no font.

    Parameters
    ----------
    write
        From a remark on such characters, which may be empty, to the source and the files that it refers to, by name.
    """
    source, beside = write("")
    pdf = compile_pdf(source, beside)
    return compile_pdf(*write(undrawn_note(source))) if LAST_RESORT in pdf else pdf


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
