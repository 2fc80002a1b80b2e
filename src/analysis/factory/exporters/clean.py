"""The one gate through which HTML of a notebook enters a page: a list of what may pass."""

import re
from typing import Any

import nh3

# What a link may lead to: a page, a letter, or a footnote of this report and back.
LINK = re.compile(r"(https?://|mailto:)\S+|#note-\d+(-back)?", re.IGNORECASE)
OWN_PLACE = re.compile(r"note-\d+(-back)?")
IMAGE_SOURCE = re.compile(r"data:image/(svg\+xml|png|jpeg);base64,[A-Za-z0-9+/=\s]+")

TABLES = {"table", "caption", "colgroup", "col", "thead", "tbody", "tfoot", "tr", "th", "td"}
FIGURES = {"figure", "figcaption", "img"}
BLOCKS = {"div", "p", "pre", "blockquote", "ul", "ol", "li", "dl", "dt", "dd", "hr", "br"}
HEADINGS = {"h2", "h3", "h4", "h5", "h6"}
# The drawing that lies over a figure and says its numbers; it can hold nothing that acts, loads or looks.
POINTS = {"svg", "g", "circle", "rect", "title", "text"}
INLINE = {"a", "span", "strong", "em", "b", "i", "s", "del", "code", "sub", "sup", "small", "abbr"}

ATTRIBUTES = {
    "*": {"class"},
    "a": {"href", "id"},
    "li": {"id"},
    "img": {"src", "alt"},
    "th": {"colspan", "rowspan"},
    "td": {"colspan", "rowspan"},
    "ol": {"start"},
    "div": {"aria-label"},
}
FIXED_VALUES = {
    "div": {"role": {"region"}, "tabindex": {"0"}},
    "pre": {"tabindex": {"0"}},
    "th": {"scope": {"col", "row", "colgroup", "rowgroup"}},
}


def _only_what_is_harmless(tag: str, attribute: str, value: str) -> str | None:
    allowed = {"src": IMAGE_SOURCE, "href": LINK, "id": OWN_PLACE}.get(attribute)
    return value if allowed is None or allowed.fullmatch(value) else None


# Their content is code, not words.
_CODE = {"script", "style", "template", "iframe", "object", "svg", "math"}
_WORDS = TABLES | FIGURES | BLOCKS | HEADINGS | INLINE
_ALIKE: dict[str, Any] = {
    "attribute_filter": _only_what_is_harmless,
    "url_schemes": {"http", "https", "mailto", "data"},
    "url_relative": "pass_through",
}
_PROSE = nh3.Cleaner(
    tags=_WORDS, clean_content_tags=_CODE, attributes=ATTRIBUTES, tag_attribute_values=FIXED_VALUES, **_ALIKE
)
_POINTS = nh3.Cleaner(
    tags=_WORDS | POINTS,
    clean_content_tags=_CODE - POINTS,
    attributes=ATTRIBUTES
    | {
        "svg": {"viewbox", "viewBox", "aria-label"},
        "circle": {"cx", "cy", "r", "fill-opacity"},
        "rect": {"x", "y", "width", "height"},
        "text": {"x", "y"},
    },
    tag_attribute_values=FIXED_VALUES
    | {
        "svg": {"role": {"group"}},
        "g": {"tabindex": {"0"}, "role": {"img"}},
        "rect": {"visibility": {"hidden"}},
        "text": {"text-anchor": {"middle"}, "visibility": {"hidden"}},
    },
    **_ALIKE,
)  # fmt: skip


def clean_html(html: str, points: bool = False) -> str:
    """Keep the tables, figures and text of HTML and drop everything else.

    Scripts, styles, event handlers, frames, forms, headings out of order and addresses of anything but a web
    page or an image inside the page are dropped; unknown tags leave their text.

    Parameters
    ----------
    html : str
        HTML from a notebook.
    points : bool, default False
        Whether drawings may pass that say the numbers of a figure, and hold nothing else.

    Returns
    -------
    str
        Well-formed HTML.

    Examples
    --------
    >>> clean_html('<td>a</td><p onclick="x()">b<script>c</script></p>')
    'a<p>b</p>'
    """
    return (_POINTS if points else _PROSE).clean(html)


def scroll_region(table: str) -> str:
    """Put a table into a region that scrolls on a narrow page and can be reached by keyboard.

    Parameters
    ----------
    table : str
        HTML of a table.

    Returns
    -------
    str
        HTML.
    """
    return f'<div class="table-scroll" role="region" tabindex="0" aria-label="Table">{table}</div>'
