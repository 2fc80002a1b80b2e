"""Whether a picture can be read at all, and drawings as files of their own."""

import base64
import binascii
import io
import re
from functools import lru_cache
from html import unescape
from xml.parsers import expat

from analysis.factory.exporters.clean import IMAGE_SOURCE

PICTURES = ("image/svg+xml", "image/png", "image/jpeg")
_NAMESPACES = {"xmlns": "http://www.w3.org/2000/svg", "xmlns:xlink": "http://www.w3.org/1999/xlink"}


def can_be_read(mime: str, content: str) -> bool:
    """Whether a picture is whole; a browser shows a broken one as an empty frame, and typst refuses the report.

    Parameters
    ----------
    mime : str
        One of `PICTURES`.
    content : str
        The source of an SVG; a bitmap in base64.

    Examples
    --------
    >>> can_be_read("image/svg+xml", "<svg><g/></svg>"), can_be_read("image/svg+xml", "<svg><g>")
    (True, False)
    """
    return _is_drawing(content) if mime == "image/svg+xml" else _is_bitmap(content)


@lru_cache(maxsize=64)
def held_picture(address: str) -> bool:
    """Whether an address holds a whole picture, as in ``data:image/png;base64,…``."""
    found = IMAGE_SOURCE.fullmatch(address)
    if not found:
        return False
    content = address.partition(",")[2]
    try:
        drawn = base64.b64decode(content).decode() if found[1] == "svg+xml" else content
    except (UnicodeDecodeError, binascii.Error):
        return False
    return can_be_read(f"image/{found[1]}", drawn)


def standing_alone(svg: str) -> str:
    r"""Write a drawing out of a web page as a file of its own, which has to name its language and knows few entities.

    Examples
    --------
    >>> standing_alone('<svg xmlns:xlink="x"><text>a&nbsp;&lt;</text></svg>')
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="x"><text>a\xa0&lt;</text></svg>'
    """
    opening = re.search(r"<svg\b[^>]*>", svg)
    if not opening:
        return svg
    given = opening[0]
    missing = [
        f' {name}="{address}"'
        for name, address in _NAMESPACES.items()
        if f"{name}=" not in given and (name == "xmlns" or "xlink:" in svg)
    ]
    svg = svg.replace("<svg", "<svg" + "".join(missing), 1) if missing else svg
    if "<!ENTITY" in svg:
        return svg
    return re.sub(r"&(?!(?:amp|lt|gt|quot|apos);)[A-Za-z]\w*;", lambda found: unescape(found[0]), svg)


def _is_drawing(svg: str) -> bool:
    roots: list[str] = []
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = lambda name, _: roots.append(name)
    try:
        parser.Parse(svg, True)
    except (expat.ExpatError, ValueError):
        return False
    return roots[0].rpartition(" ")[2] == "svg"


def _is_bitmap(content: str) -> bool:
    # matplotlib brings Pillow; only a report with such a picture has to wait for it.
    from PIL import Image

    try:
        with Image.open(io.BytesIO(base64.b64decode(content)), formats=("PNG", "JPEG")) as picture:
            picture.load()
    except (OSError, ValueError, SyntaxError, binascii.Error, Warning, Image.DecompressionBombError):
        return False
    return True
