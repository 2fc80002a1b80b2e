"""Python values as typst literals, so that nothing in the data can become typst markup or code.

Text enters a typst document only as a quoted string. Inside quotes "#", "$", "@" and "*" mean
themselves, and the two characters that do not (the quote and the backslash) are escaped here.
"""

import re
from collections.abc import Sequence
from typing import TypeAlias

TYPST_MIME = "text/vnd.typst"

Literal: TypeAlias = "str | int | Sequence[Literal] | None"

# No font draws these: controls other than tab and line feed, halves of surrogate pairs, non-characters.
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef"
    + "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0x110000, 0x10000))
    + "]"
)
_ASCII_CONTROLS = dict.fromkeys([*range(0x09), *range(0x0B, 0x20), 0x7F], "\ufffd")
_STRING = r'"(?:[^"\\]++|\\.)*+"'
_DISPLAY_CALL = re.compile(
    rf"#(?P<call>capsule-(?:table|figure)\((?:{_STRING}|[a-z]+: |none|[0-9]+|[(),\s])*+)", re.DOTALL
)


def printable(text: str) -> str:
    r"""Replace what no font can draw by U+FFFD, the replacement character.

    Parameters
    ----------
    text : str
        Any text, also with NUL or half a surrogate pair.

    Returns
    -------
    str
        Text that encodes as UTF-8 and that PDF/UA accepts. Every kind of line end has become a line feed.

    Examples
    --------
    >>> ascii(printable("a\x00b\r\nc"))
    "'a\\ufffdb\\nc'"
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    # A figure is a hundred thousand ASCII letters, which a table of letters passes ten times faster.
    return text.translate(_ASCII_CONTROLS) if text.isascii() else _UNPRINTABLE.sub("\ufffd", text)


def typst_string(text: str) -> str:
    r"""Quote text as a typst string literal.

    Parameters
    ----------
    text : str
        Any text; what no font can draw becomes U+FFFD.

    Returns
    -------
    str
        The literal with its quotes.

    Examples
    --------
    >>> print(typst_string('#read("/etc/passwd") \\ $x$'))
    "#read(\"/etc/passwd\") \\ $x$"
    """
    return '"' + printable(text).replace("\\", "\\\\").replace('"', '\\"') + '"'


def typst_literal(value: Literal) -> str:
    """Write text, a whole number, None or a sequence of these as a typst literal.

    Parameters
    ----------
    value : str, int, None or sequence of these
        None becomes `none`; a sequence becomes an array.

    Returns
    -------
    str
        The literal.

    Examples
    --------
    >>> typst_literal(["a", 2, None, ["b"]])
    '("a", 2, none, ("b",))'
    """
    if value is None:
        return "none"
    if isinstance(value, str):
        return typst_string(value)
    if isinstance(value, int):
        return str(value)
    items = [typst_literal(item) for item in value]
    # An array of one needs its comma, or typst reads plain brackets.
    return f"({items[0]},)" if len(items) == 1 else f"({', '.join(items)})"


def typst_call(function: str, **arguments: Literal) -> str:
    """Write a call of a function of the report template, with literals only.

    Parameters
    ----------
    function : str
        Name in the template, such as `capsule-table`.
    **arguments : str, int, None or sequence of these
        Named arguments.

    Returns
    -------
    str
        One expression of typst markup.

    Examples
    --------
    >>> typst_call("capsule-figure", title="Rate, %", alt="A plot")
    '#capsule-figure(title: "Rate, %", alt: "A plot")'
    """
    return f"#{function}({', '.join(f'{name}: {typst_literal(value)}' for name, value in arguments.items())})"


def display_call(source: str) -> str | None:
    """Recognize a call made by `typst_call` for a table or a figure, and nothing else.

    A notebook's output is data: it may name the two display functions of the template, with literals, but
    may not carry code that imports a package or reads a file.

    Parameters
    ----------
    source : str
        Typst markup found in a notebook.

    Returns
    -------
    str or None
        The call as an expression for typst's code mode, or None when there is anything else in it.

    Examples
    --------
    >>> display_call('#capsule-table(caption: "#1")')
    'capsule-table(caption: "#1")'
    >>> display_call('#capsule-table(caption: read("secret"))') is None
    True
    """
    found = _DISPLAY_CALL.fullmatch(source.strip())
    return found["call"] if found else None
