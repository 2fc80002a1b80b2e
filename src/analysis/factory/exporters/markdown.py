"""Markdown as both exporters read it: one parser, one rule for heading levels."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias, cast
from urllib.parse import unquote

import mistune

from analysis.factory.exporters.markdown_tables import tables
from analysis.factory.exporters.pictures import held_picture

Token: TypeAlias = dict[str, Any]

PLUGINS = (tables, "strikethrough", "footnotes", "math", "url")


def parse_markdown(source: str) -> list[Token]:
    """Parse markdown.

    Parameters
    ----------
    source : str
        Markdown.

    Returns
    -------
    list of dict
        Tokens as mistune names them: `type` with `raw` or `children`, and `attrs`.
    """
    tokens = mistune.create_markdown(renderer=None, plugins=list(PLUGINS))(source)
    return cast(list[Token], tokens)


class Outline:
    """Depths of headings below the title, without gaps.

    Authors skip levels and start over in every cell; assistive technology and PDF/UA want an unbroken
    outline. Depth 1 is a section of the report, which markdown writes as ``##``.

    Examples
    --------
    >>> outline = Outline()
    >>> [outline.depth(level) for level in (2, 4, 3, 1)]
    [1, 2, 2, 1]
    """

    def __init__(self) -> None:
        self._depth = 0

    def depth(self, level: int) -> int:
        """Place the next heading.

        Parameters
        ----------
        level : int
            Its markdown level, 1 to 6.

        Returns
        -------
        int
            Its depth, at most one more than that of the heading before.
        """
        self._depth = min(max(level - 1, 1), self._depth + 1)
        return self._depth


def unparted(source: str) -> str:
    r"""Keep a number and its per cent sign on one line.

    Examples
    --------
    >>> ascii(unparted("95 % of 12 hips"))
    "'95\\xa0% of 12 hips'"
    """
    return re.sub(r"(?<=\d) (?=%)", "\u00a0", source)


def first_heading(source: str) -> str:
    r"""Find the first heading.

    Parameters
    ----------
    source : str
        Markdown.

    Returns
    -------
    str
        Its text without markup; empty when there is none.

    Examples
    --------
    >>> first_heading("Some words.\n\n## How *often*?")
    'How often?'
    """
    headings = (token for token in parse_markdown(source) if token["type"] == "heading")
    return next((plain_text(heading["children"]) for heading in headings), "")


def picture_urls(source: str) -> list[str]:
    """Return the addresses of the pictures in markdown, in order."""

    def urls(tokens: Iterable[Token]) -> list[str]:
        found: list[str] = []
        for token in tokens:
            found += [token["attrs"]["url"]] if token["type"] == "image" else urls(token.get("children", ()))
        return found

    return urls(parse_markdown(source)) if "![" in source else []


def picture_in(url: str, pictures: Mapping[str, str]) -> str | None:
    """Return the address that holds a picture of a cell; None for one that lies elsewhere.

    Parameters
    ----------
    url : str
        As markdown names it: ``attachment:`` and the name of a pasted picture, or an address that holds it.
    pictures : mapping of str to str
        Addresses that hold the pasted pictures, by name.
    """
    held = pictures.get(unquote(url.removeprefix("attachment:"))) if url.startswith("attachment:") else url
    return held if held and held_picture(held) else None


def picture_words(words: str, url: str) -> str:
    """Return the words of a picture; none where JupyterLab put the name of the pasted file in their place."""
    return "" if words in ("image.png", unquote(url.removeprefix("attachment:"))) else words


def plain_text(tokens: Iterable[Token]) -> str:
    """Join the words of inline tokens.

    Parameters
    ----------
    tokens : iterable of dict
        Tokens of the parser.

    Returns
    -------
    str
        Text on one line.
    """
    words = (token.get("raw") or plain_text(token.get("children", ())) or " " for token in tokens)
    return " ".join("".join(words).split())
