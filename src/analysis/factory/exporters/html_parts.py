"""HTML of an output, such as pandas or great-tables write, read back into parts for the PDF."""

import base64
import re
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import TypeAlias

from analysis.factory.exporters.clean import IMAGE_SOURCE, INLINE, clean_html
from analysis.factory.exporters.foreign_html import UNSHOWN
from analysis.factory.exporters.html_tables import Cell, Grid, to_table
from analysis.show.display import Table

# Without these a mark of a footnote would read as a digit of the number beside it.
_RAISED = str.maketrans("0123456789+-=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿ")
_CELLS = {"th", "td"}


@dataclass(frozen=True)
class Picture:
    """A picture in HTML: ``svg+xml``, ``png`` or ``jpeg``, its content in base64, and its words."""

    kind: str
    content: str
    alt: str

    @property
    def svg(self) -> str:
        """The source of an SVG."""
        return base64.b64decode(self.content).decode("utf-8", "replace")


@dataclass(frozen=True)
class Remark:
    """What is said in place of something that cannot be shown."""

    message: str


Part: TypeAlias = Table | Picture | Remark | str


def read_parts(html: str) -> list[Part]:
    """Read the tables, pictures and paragraphs of HTML.

    What the page would not show, the paper does not either: the HTML is cleaned first. A list item begins with
    a bullet; headings are paragraphs, as they know nothing of the report's outline.

    Parameters
    ----------
    html : str
        HTML of an output.

    Returns
    -------
    list of Table, Picture, Remark and str
        In the order of the page, without tables that have no cells.

    Examples
    --------
    >>> read_parts("<p>Rates</p><table><tr><th>Side</th></tr><tr><td>left</td></tr></table>")[0]
    'Rates'
    """
    reader = _Reader()
    reader.feed(clean_html(html))
    reader.close()
    reader.end_paragraph()
    return reader.parts


class _Reader(HTMLParser):
    """Reads well-formed HTML; a table within a table is read as words of its cell."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[Part] = []
        self._words = ""
        self._remarks = False
        self._depth = 0
        self._grid = Grid()
        self._cell: Cell | None = None
        self._raised: list[str] = []

    def end_paragraph(self) -> None:
        if words := " ".join(self._words.split()):
            self.parts.append(Remark(words) if self._remarks else words)
        self._words = ""
        self._remarks = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if self._raised or tag == "sup" or "gt_footnote_marks" in given.get("class", ""):
            self._raised.append(tag)
        if tag == "table":
            self._depth += 1
            if self._depth == 1:
                self.end_paragraph()
                self._grid = Grid()
        elif tag == "img":
            self._picture(given)
        elif self._depth == 1 and tag in ("thead", "tbody", "tfoot"):
            self._grid.section = tag
        elif self._depth == 1 and tag == "tr":
            self._grid.add_row()
        elif self._depth == 1 and tag in _CELLS | {"caption"}:
            self._cell = Cell(tag, _span(given, "colspan"), _span(given, "rowspan"))
            self._grid.add(self._cell)
        elif tag not in INLINE:
            self._break()
            if tag == "li":
                self.handle_data("• ")
            self._remarks = UNSHOWN in given.get("class", "").split()

    def handle_data(self, data: str) -> None:
        if self._raised:
            data = data.translate(_RAISED)
        if self._cell is not None:
            self._cell.text += data
        elif not self._depth:
            self._words += data

    def handle_endtag(self, tag: str) -> None:
        if self._raised and self._raised[-1] == tag:
            self._raised.pop()
        if tag == "table":
            self._depth -= 1
            if not self._depth and (table := to_table(self._grid)):
                self.parts.append(table)
        elif self._depth == 1 and tag in _CELLS | {"caption"}:
            self._cell = None
        elif tag not in INLINE:
            self._break()

    def _break(self) -> None:
        if self._cell is not None:
            self._cell.text += " "
        elif not self._depth:
            self.end_paragraph()

    def _picture(self, given: dict[str, str]) -> None:
        found = IMAGE_SOURCE.fullmatch(given.get("src", ""))
        if found and not self._depth:
            self.end_paragraph()
            content = given["src"].partition(",")[2]
            self.parts.append(Picture(found[1], re.sub(r"\s", "", content), given.get("alt", "")))
        elif found:
            self.handle_data(given.get("alt", "") or "(a picture, on the page in HTML)")
        else:
            self.handle_data(given.get("alt", ""))


def _span(given: dict[str, str], name: str) -> int:
    value = given.get(name, "")
    # The most that HTML itself lets a cell span.
    return min(max(int(value), 1), 1000) if value.isascii() and value.isdecimal() else 1
