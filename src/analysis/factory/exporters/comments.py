"""Comments in markdown, which are between authors and never for the reader of a report."""

import re

from analysis.factory.exporters.markdown import Token, parse_markdown

# What opens first decides: a fence, a code span or a comment. One that never ends hides the rest, as in a browser.
_FENCE = r"(?P<fence>^[ \t>*+\-\d.)]*?(?P<mark>`{3,}|~{3,})[^\n]*(?:\n(?![ \t>]*(?P=mark))[^\n]*)*(?:\n[^\n]*)?)"
_SPAN = r"(?P<span>(?<!`)(?P<ticks>`+)(?!`)(?:(?!\n[ \t]*\n).)+?(?<!`)(?P=ticks)(?!`))"
_COMMENT = r"(?P<comment><!--(?:-?>|.*?(?:-->|\Z)))"
_CODE_OR_COMMENT = re.compile(f"{_FENCE}|\\\\[`<]|{_SPAN}|{_COMMENT}", re.DOTALL | re.MULTILINE)


def without_comments(source: str) -> str:
    r"""Take the HTML comments out of markdown.

    In code they are text and stay. A comment that fills its lines leaves an empty one, so that it parts the
    paragraphs around it as markdown says; any other leaves nothing.

    Parameters
    ----------
    source : str
        Markdown.

    Returns
    -------
    str
        Markdown without comments.

    Examples
    --------
    >>> without_comments("Rates <!-- ask Dr B --> of `<!-- code -->`")
    'Rates  of `<!-- code -->`'
    """
    if "<!--" not in source:
        return source
    indented = _indented_code(source)

    def kept(found: re.Match[str]) -> str:
        comment = found["comment"]
        return found[0] if comment is None or _lines(comment) in indented else ""

    return _CODE_OR_COMMENT.sub(kept, source)


def _indented_code(source: str) -> str:
    """Return the code that is only indented; what it is depends on all around it, which the parser knows."""

    def code(tokens: list[Token]) -> list[str]:
        found = [token["raw"] for token in tokens if token["type"] == "block_code" and token.get("style") == "indent"]
        return found + [raw for token in tokens for raw in code(token.get("children", []))]

    return "\n".join(map(_lines, code(parse_markdown(source))))


def _lines(text: str) -> str:
    return "\n".join(line.strip() for line in text.splitlines())
