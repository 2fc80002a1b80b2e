"""What a notebook shows: tables, figures, sentences and the closing sentinel, in a form for every reader.

IPython asks an object for its forms through `_repr_mimebundle_`. JupyterLab and the HTML report take the
HTML, the PDF report takes the typst form, a terminal takes the plain text; all are written from the same
strings, so that page and paper cannot disagree.
"""

import base64
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from analysis.show.display_table import Table
from analysis.show.typst_literals import TYPST_MIME, typst_call

if TYPE_CHECKING:
    from matplotlib.figure import Figure as MatplotlibFigure

__all__ = ["NOTHING_MIME", "SENTINEL_MIME", "Figure", "Nothing", "Sentinel", "Table", "Text", "Told", "escape_markdown"]

SENTINEL_MIME = "application/vnd.capsule.report+json"
NOTHING_MIME = "application/vnd.capsule.nothing"
POINTS = "figure-points"  # of the drawing that holds what single points say
_LETTER = 4.2  # points that a letter of these words is wide


class Told(NamedTuple):
    """What a point or bar says when it is pointed at or reached by keyboard."""

    x: float
    """Where it is, in points from the left edge of the figure."""
    y: float
    """And from its upper edge."""
    words: str


class Figure:
    """A finished matplotlib figure, kept as vector graphics with words for those who cannot see it.

    The figure is drawn once and closed. The same figure gives the same bytes.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        The figure to draw.
    title : str
        What it shows; stands above it.
    alt : str
        What a reader would see in it, in a sentence or two.
    told : sequence of Told, optional
        What single points say, on a page; paper has the table beside the figure.

    Raises
    ------
    ValueError
        If `title` or `alt` is blank.
    """

    def __init__(self, figure: "MatplotlibFigure", title: str, alt: str, told: Sequence[Told] = ()) -> None:
        if not (title.strip() and alt.strip()):
            raise ValueError("Figure: title and alt are needed, for readers who cannot see the figure")
        self.title = title
        self.alt = alt
        self.told = tuple(told)
        self._size = tuple(72 * figure.get_size_inches())
        self.svg = _draw_svg(figure)

    @property
    def html(self) -> str:
        """The figure as HTML, with its graphics inside, in a region that scrolls when the page is narrow."""
        source, title = base64.b64encode(self.svg.encode()).decode(), escape(self.title)
        return (
            f'<figure class="figure"><figcaption>{title}</figcaption>'
            f'<div class="figure-scroll" role="region" tabindex="0" aria-label="{title}">'
            f'<div class="figure-drawn" style="position: relative; width: fit-content">'
            f'<img alt="{escape(self.alt)}" src="data:image/svg+xml;base64,{source}">'
            f"{self._points()}</div></div></figure>"
        )

    def _points(self) -> str:
        """Return a clear drawing that lies over the figure, with a title for each point: it needs no script."""
        if not self.told:
            return ""
        width, height = self._size
        points = "".join(_point(one, width) for one in self.told)
        return (
            f'<svg class="{POINTS}" viewBox="0 0 {width:g} {height:g}" role="group" aria-label="Single points" '
            f'style="position: absolute; inset: 0; width: 100%; height: 100%">{points}</svg>'
        )

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {
            "text/html": self.html,
            TYPST_MIME: typst_call("capsule-figure", svg=self.svg, title=self.title, alt=self.alt),
            "image/svg+xml": self.svg,
            "text/plain": self.alt,
        }


def _point(told: Told, width: float) -> str:
    """Return what one point says: its title to who points at it, and beside it to who comes by keyboard."""
    words, half = escape(told.words), min(_LETTER * len(told.words) / 2, width / 2)
    at = min(max(told.x, half), width - half)
    above = told.y - 11 if told.y > 24 else told.y + 19
    box = f'x="{at - half - 3:.1f}" y="{above - 9:.1f}" width="{2 * half + 6:.1f}" height="12"'
    return (
        f'<g tabindex="0" role="img"><title>{words}</title>'
        f'<circle cx="{told.x:.1f}" cy="{told.y:.1f}" r="6" fill-opacity="0"></circle>'
        f'<rect {box} visibility="hidden"></rect>'
        f'<text x="{at:.1f}" y="{above:.1f}" text-anchor="middle" visibility="hidden">{words}</text></g>'
    )


def _draw_svg(figure: "MatplotlibFigure") -> str:
    # Whoever holds a figure has matplotlib loaded; a table alone should not have to wait for it.
    from matplotlib import pyplot, rc_context

    no_metadata = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    buffer = io.StringIO()
    with rc_context({"svg.fonttype": "path", "svg.hashsalt": "capsule", "savefig.bbox": None}):
        figure.savefig(buffer, format="svg", metadata=no_metadata)
    pyplot.close(figure)
    return buffer.getvalue()


@dataclass(frozen=True)
class Text:
    """A sentence computed from data.

    Attributes
    ----------
    markdown : str
        Markdown; values from data in it must have passed `escape_markdown`.

    Examples
    --------
    >>> Text(f"Clinic **{escape_markdown('A_1')}** saw 40 patients.").plain
    'Clinic **A_1** saw 40 patients.'
    """

    markdown: str

    @property
    def plain(self) -> str:
        """The markdown without its escapes."""
        return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", self.markdown)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/markdown": self.markdown, "text/plain": self.plain}


@dataclass(frozen=True)
class Nothing:
    """What a cell shows that has nothing to add to what the report has said, such as a figure without data.

    Reports pass over it, and over a section in which there is nothing else; JupyterLab says why.

    Attributes
    ----------
    why : str
        A sentence for whoever runs the notebook.
    """

    why: str

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {NOTHING_MIME: "", "text/plain": self.why}


def escape_markdown(value: object) -> str:
    r"""Escape a value so that markdown shows it as it is.

    Parameters
    ----------
    value : object
        The value; its text is used, on one line.

    Returns
    -------
    str
        Text in which every ASCII punctuation mark is escaped.

    Examples
    --------
    >>> print(escape_markdown("*A* <b>"))
    \*A\* \<b\>
    """
    return re.sub(r"[!-/:-@\[-`{-~]", r"\\\g<0>", " ".join(str(value).split()))


@dataclass(frozen=True)
class Sentinel:
    """The output of a notebook's last cell: that it got there, and what stands on the cover.

    Attributes
    ----------
    document : mapping
        `title`, `subtitle`, `study` (str), `marks` (sequence of str, such as "SYNTHETIC"; they are printed on
        every page) and `provenance` (mapping of label to value); `glance` (sequence of mappings) if it has a row in
        the overview, see :class:`analysis.show.facts.Fact`.

    Raises
    ------
    ValueError
        If a key is missing or unknown.
    """

    document: Mapping[str, Any]

    KEYS: ClassVar = ("title", "subtitle", "study", "marks", "provenance")

    def __post_init__(self) -> None:
        if set(self.document) - {"glance"} != set(self.KEYS):
            raise ValueError(f"Sentinel needs exactly {', '.join(self.KEYS)}; got {', '.join(self.document)}")

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        # Notebook files sort the keys of mappings; pairs keep the order of the provenance.
        provenance = [[str(label), str(value)] for label, value in self.document["provenance"].items()]
        document = {**self.document, "marks": list(self.document["marks"]), "provenance": provenance}
        return {SENTINEL_MIME: document, "text/plain": "Report complete"}
