"""Which forms of an output readers get: one decision for page and paper, and words where there is none."""

import base64
import json
import re
from collections.abc import Mapping
from typing import Any

from analysis.factory.exporters.bitmaps import as_png
from analysis.factory.exporters.comments import without_comments
from analysis.factory.exporters.foreign_html import readable_html
from analysis.factory.exporters.formula import bare_tex
from analysis.factory.exporters.pictures import PICTURES, can_be_read, held_picture, standing_alone
from analysis.factory.exporters.printed import is_progress
from analysis.factory.exporters.unshown import BROKEN, what_is_unshown
from analysis.show.readings import READINGS_MIME
from analysis.show.typst_literals import TYPST_MIME, printable

SHOWN = (TYPST_MIME, READINGS_MIME, *PICTURES, "text/html", "text/markdown", "text/latex", "text/plain")
# Only the program's own objects come with these, and they need no second look.
_OWN = {TYPST_MIME, READINGS_MIME}
_TERMINAL = re.compile(r"\x1b\[.*?[@-~]")  # colours and the like


def readable_forms(data: Mapping[str, Any]) -> tuple[dict[str, str], str]:
    """Choose the forms of an output that a report can show.

    Parameters
    ----------
    data : mapping of str to object
        Its forms by mime type, as they stand in a notebook.

    Returns
    -------
    dict of str to str, and str
        The forms, and what is said in its place if there is none. Both are empty for what shows nothing: a
        progress bar, styles, the preparation of a page.
    """
    forms = {mime: text_of(form) for mime, form in data.items() if mime in SHOWN and isinstance(form, str | list)}
    plain = _without_addresses(forms.pop("text/plain", ""))
    if _OWN & set(forms):
        return {**forms, "text/plain": plain}, ""
    html = forms.pop("text/html", "")
    if readable := readable_html(html):
        forms["text/html"] = readable
    if "image/svg+xml" in forms:
        forms["image/svg+xml"] = _steady(standing_alone(forms["image/svg+xml"]))
    broken = [mime for mime in PICTURES if mime in forms and not can_be_read(mime, forms[mime])]
    for mime in broken:
        del forms[mime]
    if "text/markdown" in forms:
        forms["text/markdown"] = without_comments(forms["text/markdown"])
    if not set(PICTURES) & set(forms) and (png := _converted(data)):
        forms["image/png"] = png
    if forms.keys() - {"text/latex"} or bare_tex(forms.get("text/latex", "")):
        nameless = "text/html" in forms and re.fullmatch(r"<[\w.]+ object>", plain)
        return {**forms, "text/plain": plain} if plain and not nameless else forms, ""
    return ({}, BROKEN) if broken else _plain(data, html, plain)


def _plain(data: Mapping[str, Any], html: str, plain: str) -> tuple[dict[str, str], str]:
    """Decide about an output of which no richer form can be shown."""
    if is_progress(plain):
        return {}, ""
    bare = _says_only_what_it_is(plain)
    others = {mime for mime in data if mime != "text/plain"}
    if plain and (not others or not bare):
        return {"text/plain": plain}, ""
    if source := text_of(data.get("text/latex", "")):
        return {"text/plain": source}, ""
    if "application/json" in data:
        return {"text/plain": printable(json.dumps(data["application/json"], indent=2, ensure_ascii=False))}, ""
    return {}, what_is_unshown(data, html)


def _says_only_what_it_is(plain: str) -> bool:
    """Whether a plain form is no more than ``<a.B object>`` or the call that makes it, ``Figure(…)``, whole or cut."""
    return not plain or bool(re.fullmatch(r"<[^\n]*>|[A-Za-z_][\w.]*\(.*[)…]", plain.strip(), re.DOTALL))


def _without_addresses(plain: str) -> str:
    """Leave out where an object lies in memory: no two runs agree on it."""
    return re.sub(r"(<[^<>\n]+) at 0x[0-9a-f]+>", r"\1>", plain)


def _steady(svg: str) -> str:
    """Take the time and the random names out of matplotlib's graphics: no two runs agree on them."""
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    names = dict.fromkeys(re.findall(r'\bid="([a-z][0-9a-f]{10})"', svg))
    steady = {name: f"part-{number}" for number, name in enumerate(names)}
    return re.sub(r"\b[a-z][0-9a-f]{10}\b", lambda found: steady.get(found[0], found[0]), svg)


def picture_source(bundle: Mapping[str, Any]) -> str | None:
    """Write a picture that is pasted into a cell as an address that holds it; None when it cannot be read."""
    for mime, content in bundle.items():
        if mime in PICTURES:
            drawn = text_of(content).lstrip().startswith("<")
            held = base64.b64encode(standing_alone(text_of(content)).encode()).decode() if drawn else text_of(content)
            if held_picture(address := f"data:{mime};base64,{held}"):
                return address
    png = _converted(bundle)
    return f"data:image/png;base64,{png}" if png else None


def _converted(data: Mapping[str, Any]) -> str | None:
    others = (form for mime, form in data.items() if mime.startswith("image/") and mime not in PICTURES)
    return next(filter(None, (as_png(text_of(form)) for form in others if isinstance(form, str | list))), None)


def text_of(value: str | list[str]) -> str:
    """Join what a notebook file may hold as a list of lines, without terminal colours."""
    return printable(_TERMINAL.sub("", value if isinstance(value, str) else "".join(map(str, value))))
