"""Markdown as typst source in code mode: calls, literals and braces."""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

from analysis.factory.exporters.formula import draw
from analysis.factory.exporters.lengths import on_paper
from analysis.factory.exporters.markdown import (
    Outline,
    Token,
    parse_markdown,
    picture_in,
    picture_words,
    plain_text,
    unparted,
)
from analysis.factory.exporters.unshown import elsewhere
from analysis.show.typst_literals import typst_call, typst_literal, typst_string

LINKS = ("https://", "http://", "mailto:")


class TypstMarkdown:
    """Turns markdown into typst expressions, one to a line.

    Raw HTML is shown as text, and pictures from elsewhere as their words with a remark, as in the HTML report.

    Parameters
    ----------
    outline : Outline
        Depths of the headings; shared by all markdown of a report.
    figure : function
        Writes a picture, from the address that holds it and its words.

    Examples
    --------
    >>> print(TypstMarkdown(Outline(), lambda held, words: "").write("*#1*"))
    par({[]
    emph({[]
    "#1"
    })
    })
    """

    def __init__(self, outline: Outline, figure: Callable[[str, str], str]) -> None:
        self._outline = outline
        self._figure = figure
        self._pictures: Mapping[str, str] = {}
        # Typst numbers notes through the report; markdown numbers those of one cell.
        self._notes_before = 0
        self._notes: dict[int, list[Token]] = {}

    def write(self, source: str, pictures: Mapping[str, str] = MappingProxyType({})) -> str:
        """Write markdown as typst expressions.

        Parameters
        ----------
        source : str
            Markdown.
        pictures : mapping of str to str
            Addresses that hold the pictures pasted into it, by name.

        Returns
        -------
        str
            Lines for typst's code mode, which joins their values.
        """
        self._pictures = pictures
        tokens = parse_markdown(source)
        items = [item for token in tokens if token["type"] == "footnotes" for item in token["children"]]
        self._notes = {item["attrs"]["index"]: item["children"] for item in items}
        written = "\n".join(self._expression(token) for token in tokens if token["type"] != "footnotes")
        self._notes_before += len(items)
        return written

    def _content(self, tokens: Iterable[Token]) -> str:
        """Join tokens; the empty content in front makes content of them even when there are none."""
        return "\n".join(["{[]", *map(self._expression, tokens), "}"])

    def _expression(self, token: Token) -> str:
        match token:
            case {"type": "text" | "inline_html", "raw": raw}:
                return typst_string(unparted(raw))
            case {"type": "softbreak"}:
                return typst_string(" ")
            case {"type": "linebreak"}:
                return "linebreak()"
            case {"type": "image", "children": children, "attrs": {"url": url}}:
                return self._picture(picture_words(plain_text(children), url), url)
            case {"type": "emphasis", "children": children}:
                return f"emph({self._content(children)})"
            case {"type": "strong", "children": children}:
                return f"strong({self._content(children)})"
            case {"type": "strikethrough", "children": children}:
                return f"strike({self._content(children)})"
            case {"type": "codespan", "raw": raw}:
                return f"raw({typst_string(raw)})"
            case {"type": "inline_math", "raw": raw}:
                return formula(raw)
            case {"type": "footnote_ref", "attrs": {"index": index}}:
                return self._note(index)
            case {"type": "link", "children": children, "attrs": {"url": url}}:
                words = self._content(children)
                return f"link({typst_string(url)}, {words})" if url.lower().startswith(LINKS) else words
            case _:
                return self._block(token)

    def _block(self, token: Token) -> str:
        match token:
            case {"type": "paragraph", "children": children}:
                return f"par({self._content(children)})"
            case {"type": "heading", "children": children} if not plain_text(children):
                return "[]"  # nothing to announce, and PDF/UA allows no empty heading
            case {"type": "heading", "children": children, "attrs": {"level": level}}:
                return f"heading(level: {self._outline.depth(level)}, {self._content(children)})"
            case {"type": "list", "children": items, "attrs": attrs, "tight": tight}:
                start = f"start: {attrs.get('start', 1)}, " if attrs["ordered"] else ""
                arguments = ", ".join(self._content(item["children"]) for item in items)
                return f"{'enum' if start else 'list'}(tight: {str(tight).lower()}, {start}{arguments})"
            case {"type": "block_quote", "children": children}:
                return f"quote(block: true, {self._content(children)})"
            case {"type": "block_code", "raw": raw}:
                return f"raw(block: true, {typst_string(raw.rstrip())})"
            case {"type": "block_html", "raw": raw}:
                return f"par({typst_string(raw.strip())})"
            case {"type": "block_math", "raw": raw}:
                return formula(raw, block=True)
            case {"type": "thematic_break"}:
                return "separator"
            case {"type": "table", "children": [head, *bodies]}:
                return self._table(head, [row for body in bodies for row in body["children"]])
            case _:
                # Blank lines, and the text of a tight list item.
                return self._content(token.get("children", ()))

    def _picture(self, words: str, url: str) -> str:
        if held := picture_in(url, self._pictures):
            return self._figure(held, words)
        return f"emph({typst_string(words)})\nunshown-words({typst_string(' ' + elsewhere(url))})"

    def _note(self, index: int) -> str:
        """Set a footnote where it is first mentioned, also by another note, and its number after that."""
        if children := self._notes.pop(index, None):
            # One paragraph goes on the line of its number.
            only = children[0]["children"] if len(children) == 1 and "children" in children[0] else children
            return f"footnote({self._content(only)})"
        return f"super({typst_string(str(self._notes_before + index))})"

    def _table(self, head: Token, rows: list[Token]) -> str:
        alignment = [cell["attrs"]["align"] or "left" for cell in head["children"]]
        printed, said = on_paper(rows)
        body = "".join(f"{self._cells(row)}, " for row in printed)
        notes = typst_literal([said] if said else [])
        columns = self._cells(head)
        return (
            f"capsule-table(columns: {columns}, rows: ({body}), notes: {notes}, alignment: {typst_literal(alignment)})"
        )

    def _cells(self, row: Token) -> str:
        cells = [self._content(cell["children"]) for cell in row["children"]]
        return f"({', '.join(cells)},)"


def formula(tex: str, *, block: bool = False) -> str:
    """Write a formula as a picture, or as its source when it cannot be drawn."""
    drawn = draw(tex, block=block)
    if drawn is None:
        return f"raw(block: {str(block).lower()}, {typst_string(tex)})"
    function = "capsule-formula-block" if block else "capsule-formula"
    return typst_call(function, svg=drawn.svg, alt=drawn.tex, height=drawn.height).removeprefix("#")
