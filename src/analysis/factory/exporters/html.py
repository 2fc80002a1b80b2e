"""An executed notebook as one self-contained HTML page, with no script but our own where readings can be tried."""

import base64
import re
from collections.abc import Callable, Mapping
from functools import cache
from html import escape
from importlib.resources import files
from types import MappingProxyType
from typing import Any

import jinja2
import mistune
from markupsafe import Markup
from pydantic import ValidationError

from analysis.factory.exporters.clean import clean_html, scroll_region
from analysis.factory.exporters.content_policy import policy_hash
from analysis.factory.exporters.document import (
    UNDESCRIBED,
    Block,
    Document,
    Error,
    Markdown,
    Output,
    Stream,
    Unshown,
)
from analysis.factory.exporters.foreign_html import UNSHOWN, line
from analysis.factory.exporters.formula import bare_tex, draw
from analysis.factory.exporters.lengths import short_html
from analysis.factory.exporters.markdown import PLUGINS, Outline, picture_in, picture_words, unparted
from analysis.factory.exporters.unshown import elsewhere, what_is_unshown
from analysis.show.display import POINTS
from analysis.show.readings import READINGS_MIME, Readings, script

TEMPLATES = files("analysis.factory.exporters") / "templates"


def write_page(document: Document) -> str:
    """Write a report as a page."""
    style = _style(document)
    live = any(isinstance(block, Output) and READINGS_MIME in block.forms for block in document.blocks)
    own_script = script() if live else ""
    return template().render(
        document=document,
        style=Markup(style),
        style_hash=policy_hash(style),
        script=Markup(own_script),
        script_hash=policy_hash(own_script),
        body=Markup("\n").join(map(Markup, _BodyWriter().blocks(document.blocks))),
    )


def _style(document: Document) -> str:
    """Give the styles of the page, with margins that repeat the marks on every printed sheet."""
    marks = _css_string(" · ".join(document.marks))
    styles = (TEMPLATES / "report.css").read_text(encoding="utf-8")
    return styles + f"@page {{ @top-right {{ content: {marks}; color: #7a3b00; font: 650 8.5pt sans-serif }} }}\n"


def _css_string(text: str) -> str:
    """Quote text for CSS; everything but letters and digits is written as its number."""
    letters = (c if c.isascii() and c.isalnum() else f"\\{ord(c):x} " for c in text)
    return f'"{"".join(letters)}"'


@cache
def template() -> jinja2.Template:
    """Give the page's frame."""
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    return environment.from_string((TEMPLATES / "report.html.j2").read_text(encoding="utf-8"))


class _BodyWriter:
    """Writes blocks as HTML; the outline of the headings runs through all of them."""

    def __init__(self) -> None:
        self._renderer = _HTMLMarkdown(Outline())
        self._markdown = mistune.create_markdown(renderer=self._renderer, plugins=list(PLUGINS))
        self._renderers: dict[str, Callable[[str], str | None]] = {
            READINGS_MIME: _readings,
            "text/html": _cell_html,
            "image/svg+xml": lambda svg: _image("svg+xml", base64.b64encode(svg.encode()).decode()),
            "image/png": lambda data: _image("png", data),
            "image/jpeg": lambda data: _image("jpeg", data),
            "text/markdown": self._prose,
            "text/latex": _latex,
            "text/plain": _preformatted,
        }

    def blocks(self, blocks: tuple[Block, ...]) -> list[str]:
        return [self._block(block) for block in blocks]

    def _block(self, block: Block) -> str:
        match block:
            case Markdown(source, pictures):
                return self._prose(source, pictures)
            case Output():
                return block.render(self._renderers) or line(what_is_unshown(block.forms))
            case Unshown(message):
                return line(message)
            case Stream(text):
                return _preformatted(text)
            case Error():
                return f'<p class="failure">{escape(block.message)}</p>'

    def _prose(self, source: str, pictures: Mapping[str, str] = MappingProxyType({})) -> str:
        self._renderer.pictures = pictures
        return clean_html(short_html(str(self._markdown(source))))


def _cell_html(html: str) -> str:
    """Clean the HTML of an output; its headings become text, as they know nothing of the report's outline."""
    html = short_html(html)
    if 'class="table-scroll"' not in html:
        html = re.sub(r"<table.*?</table>", lambda table: scroll_region(table[0]), html, flags=re.DOTALL)
    return clean_html(re.sub(r"<(/?)h[1-6]\b", r"<\1p", html), points=f'<svg class="{POINTS}"' in html)


def _readings(source: str) -> str | None:
    """Write the form anew from what it holds: a notebook may hand over numbers and words, never HTML or a script."""
    try:
        return Readings.model_validate_json(source).html
    except ValidationError:
        return None


def _image(kind: str, data: str) -> str:
    source = f"data:image/{kind};base64,{escape(data)}"
    return clean_html(f'<figure class="figure"><img alt="{UNDESCRIBED}" src="{source}"></figure>')


def _latex(source: str) -> str | None:
    return _formula(tex, block=True) if (tex := bare_tex(source)) else None


def _formula(tex: str, *, block: bool = False) -> str:
    """Draw a formula; its source stands for one that cannot be drawn."""
    if (formula := draw(tex, block=block)) is None:
        return f"<code>{escape(tex)}</code>"
    source = base64.b64encode(formula.svg.encode()).decode()
    kind = "formula-block" if block else "formula"
    return f'<img class="{kind}" alt="{escape(formula.tex)}" src="data:image/svg+xml;base64,{source}">'


def _preformatted(text: str) -> str:
    return f'<pre class="output" tabindex="0">{escape(text)}</pre>'


class _HTMLMarkdown(mistune.HTMLRenderer):
    """Markdown to HTML: raw HTML is shown as text, and pictures from elsewhere as their words with a remark."""

    def __init__(self, outline: Outline) -> None:
        super().__init__(escape=True)
        self._outline = outline
        self.pictures: Mapping[str, str] = {}
        # Footnotes are numbered through the report; markdown numbers those of one cell.
        self._notes_before = 0
        self._marked: set[int] = set()

    def text(self, text: str) -> str:
        return super().text(unparted(text))

    def heading(self, text: str, level: int, **attrs: Any) -> str:
        if not text.strip():
            return ""
        rank = min(self._outline.depth(level) + 1, 6)
        return f"<h{rank}>{text}</h{rank}>\n"

    def image(self, text: str, url: str, title: str | None = None) -> str:
        words = picture_words(text, url)
        if held := picture_in(url, self.pictures):
            return f'<img class="pasted" alt="{words or UNDESCRIBED}" src="{held}">'
        return f'<em>{words}</em> <span class="{UNSHOWN}">{elsewhere(url)}</span>'

    def block_code(self, code: str, info: str | None = None) -> str:
        return f'<pre tabindex="0"><code>{escape(code)}</code></pre>\n'

    def inline_math(self, text: str) -> str:
        return _formula(text)

    def block_math(self, text: str) -> str:
        return f"<p>{_formula(text, block=True)}</p>\n"

    def footnote_ref(self, key: str, index: int) -> str:
        number = self._notes_before + index
        place = "" if number in self._marked else f' id="note-{number}-back"'
        self._marked.add(number)
        return f'<sup><a href="#note-{number}"{place}>{number}</a></sup>'

    def footnotes(self, text: str) -> str:
        first = self._notes_before + 1
        self._notes_before = max(self._marked)
        return f'<ol class="footnotes" start="{first}">\n{text}</ol>\n'

    def footnote_item(self, text: str, key: str, index: int) -> str:
        number = self._notes_before + index
        back = f'<a href="#note-{number}-back" aria-label="Back to the text of note {number}">↩</a>'
        return f'<li id="note-{number}">{text}{back}</li>\n'

    def table(self, text: str) -> str:
        return scroll_region(f"<table>{text}</table>")

    def table_cell(self, text: str, align: str | None = None, head: bool = False) -> str:
        tag, scope = ("th", ' scope="col"') if head else ("td", "")
        return f'<{tag}{scope} class="align-{align or "left"}">{text}</{tag}>'
