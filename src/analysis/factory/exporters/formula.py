"""Formulas in TeX as vector pictures, drawn by matplotlib: no LaTeX, no script in the page, the same on paper."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

SIZE = 16  # pixels of one em, as browsers set text
# The middle of a small letter above the line it stands on, in em; browsers and typst align to it.
_AXIS = 0.25
LONGEST = 1000
_LETTERS = {1: "M", 2: "L", 3: "Q", 4: "C", 79: "Z"}


@dataclass(frozen=True)
class Formula:
    """A formula as a picture.

    Attributes
    ----------
    tex : str
        Its source, which is also what those hear who cannot see it.
    svg : str
        The picture; the middle of small letters is at half its height.
    height : int
        Its height in thousandths of the size of the text around it.
    """

    tex: str
    svg: str
    height: int


def bare_tex(source: str) -> str | None:
    r"""Take a formula out of its signs; None when there is more than one formula in it.

    Examples
    --------
    >>> bare_tex(r"$\displaystyle x^2$"), bare_tex(r"$$\frac{a}{b}$$"), bare_tex("a table of $x$")
    ('x^2', '\\frac{a}{b}', None)
    """
    found = re.fullmatch(r"\s*(\$\$?|\\\[)(?:\\displaystyle)?(?P<tex>[^$]+?)(\$\$?|\\\])\s*", source, re.DOTALL)
    return found["tex"].strip() if found else None


@lru_cache(maxsize=512)
def draw(tex: str, *, block: bool = False) -> Formula | None:
    r"""Draw a formula.

    Parameters
    ----------
    tex : str
        TeX without dollar signs, of the part that matplotlib knows.
    block : bool
        Whether it stands on a line of its own, with fractions at full size.

    Returns
    -------
    Formula or None
        None when it cannot be drawn; the reader then gets its source.

    Examples
    --------
    >>> draw(r"\frac{a}{b}").svg.startswith("<svg"), draw(r"\nonsense{a}")
    (True, None)
    """
    # Only a report with formulas has to wait for it.
    from matplotlib.font_manager import FontProperties
    from matplotlib.mathtext import MathTextParser
    from matplotlib.textpath import TextPath

    source = " ".join(tex.split())
    # matplotlib wants braces around the parts of a fraction.
    drawn = re.sub(r"(\\[dt]?frac) ?(\d)(\d)", r"\1{\2}{\3}", source)
    drawn = drawn.replace("\\frac", "\\dfrac") if block else drawn
    drawn = drawn.replace("\\tfrac", "\\frac")  # the one that matplotlib draws small
    # matplotlib would draw a dummy for a letter that its mathematical fonts lack.
    foreign = any(unicodedata.category(letter) == "Lo" for letter in source)
    if not source or "$" in source or foreign or len(source) > LONGEST:
        return None
    font = FontProperties(size=SIZE, math_fontfamily="stix")
    try:
        width, height, depth, *_ = MathTextParser("path").parse(f"${drawn}$", dpi=72, prop=font)
        path = TextPath((0, 0), f"${drawn}$", size=SIZE, prop=font)
    except (ValueError, RuntimeError, RecursionError):
        return None
    axis = _AXIS * SIZE
    half = max(height - depth - axis, depth + axis) + 1
    box = f"0 {-axis - half:.2f} {width + 1:.2f} {2 * half:.2f}"
    size = f'width="{width + 1:.2f}" height="{2 * half:.2f}"'
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="{box}"><path d="{_outline(path)}"/></svg>'
    return Formula(source, svg, round(1000 * 2 * half / SIZE))


def _outline(path: Any) -> str:
    """Write a path of matplotlib, whose y goes up, as one of SVG, whose y goes down."""
    parts = []
    for points, code in path.iter_segments(simplify=False):
        pairs = points.reshape(-1, 2) * (1, -1)
        parts.append("Z" if code == 79 else _LETTERS[int(code)] + " ".join(f"{x:.2f} {y:.2f}" for x, y in pairs))
    return "".join(parts)
