"""HTML of an output, with what a report can show of it, and a line wherever it cannot."""

import base64
import re
from html import escape, unescape

from analysis.factory.exporters.bitmaps import as_png
from analysis.factory.exporters.clean import IMAGE_SOURCE
from analysis.factory.exporters.pictures import can_be_read, held_picture, standing_alone
from analysis.factory.exporters.unshown import BROKEN, NETWORK, note, what_is_unshown

UNSHOWN = "unshown"
_NOT_CONTENT = re.compile(r"<(script|style|template)\b.*?</\1\s*>|<!--.*?-->", re.DOTALL | re.IGNORECASE)
_DRAWN = re.compile(r"<svg\b.*?</svg\s*>", re.DOTALL | re.IGNORECASE)
_PLAYED = re.compile(
    r"<(iframe|video|audio|canvas|object)\b.*?(?:</\1\s*>|\Z)|<embed\b[^>]*>", re.DOTALL | re.IGNORECASE
)
_PICTURE = re.compile(r"<img\b(?:[^>\"']|\"[^\"]*\"|'[^']*')*>", re.DOTALL | re.IGNORECASE)
_ATTRIBUTE = r"\b{}\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>]+))"
# A whole output that a script draws, whatever words stand around it.
_DRAWN_BY_SCRIPT = re.compile(
    r"plotly-graph-div|data-root-id|bk-root|title=\"bokeh\.|altair-viz-|vega-embed|Loading ITables|bk-notebook-logo"
)


def readable_html(html: str) -> str:
    """Replace what a report cannot show of HTML: drawings within it by pictures, all else by a line that says so.

    Parameters
    ----------
    html : str
        HTML of an output, not cleaned.

    Returns
    -------
    str
        HTML, still to be cleaned; empty when nothing can be seen of it.
    """
    if _DRAWN_BY_SCRIPT.search(html):
        return ""
    content = _NOT_CONTENT.sub("", html)
    content = _DRAWN.sub(lambda drawn: _drawing(drawn[0]), content)
    content = _PICTURE.sub(lambda found: _picture(found[0]), content)
    content = _PLAYED.sub(lambda found: line(what_is_unshown((), found[0])), content)
    seen = re.sub(r"<(?!img\b)[^>]*>", "", content, flags=re.IGNORECASE).strip()
    return content if seen or "<table" in content else ""


def line(said: str) -> str:
    """Write what is said in place of something that cannot be shown."""
    return f'<p class="{UNSHOWN}">{escape(said)}</p>'


def _drawing(svg: str) -> str:
    svg = standing_alone(svg)
    if not can_be_read("image/svg+xml", svg):
        return line(BROKEN)
    title = re.search(r"<title[^>]*>([^<]*)</title>", svg)
    return f'<img alt="{title[1] if title else ""}" src="data:image/svg+xml;base64,{_base64(svg)}">'


def _picture(tag: str) -> str:
    source, words = (_attribute(tag, name) for name in ("src", "alt"))
    if held_picture(source):
        return tag
    kind, _, content = source.partition(";base64,")
    if kind.startswith("data:image/") and (png := as_png(content)):
        return f'<img alt="{escape(words)}" src="data:image/png;base64,{png}">'
    if IMAGE_SOURCE.fullmatch(source):
        return line(BROKEN)
    named = f"A picture ({words})" if words else "A picture"
    return line(note(named, "Save it as PNG or SVG." if source.startswith("data:") else NETWORK))


def _attribute(tag: str, name: str) -> str:
    found = re.search(_ATTRIBUTE.format(name), tag, re.IGNORECASE)
    return unescape(next(filter(None, found.groups()), "")) if found else ""


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
