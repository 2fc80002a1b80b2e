"""Write docs/protocol.md from the models of a protocol file: `python docs/make_protocol_reference.py`."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from analysis.protocol import admission, attributes, care, measures, model, responses, types, words

PLAIN = {str: "text", bool: "true or false", int: "whole number", float: "number"}
HEAD = """\
# The protocol file

A protocol holds the clinical rules of a study as data. The built-in one,
[capsule.toml](../src/analysis/protocol/capsule.toml), has every key in use; to study another reading, copy it into the
study folder, edit it and name it in `study.toml`. Nothing in it is evaluated; what does not fit is refused with its
place.

Operators: `ge` at least, `gt` above, `le` at most, `lt` below, `eq` is. `strict` and `lenient` are two readings of one
cut-off; where `lenient` is left out, both agree.

This page is written by `python docs/make_protocol_reference.py`.
"""


def reference() -> str:
    """Return the page: the whole file first, then each of its parts, in the order of the models."""
    shown = [
        kind
        for module in (words, attributes, measures, types, admission, care, responses, model)
        for kind in vars(module).values()
        if inspect.isclass(kind) and issubclass(kind, BaseModel) and kind.__module__ == module.__name__
    ]
    return "\n".join([HEAD, *[_section(kind) for kind in dict.fromkeys([model.Protocol, *shown])]])


def _section(kind: type[BaseModel]) -> str:
    rows = [
        f"| `{field.alias or name}` | {_kind(field.annotation)} | {_default(name, field)} |"
        for name, field in kind.model_fields.items()
    ]
    about = inspect.cleandoc(kind.__doc__ or "").replace("``", "`")
    head = [f"## {_words(kind.__name__)}", "", about, "", "| key | holds | left out |", "|---|---|---|"]
    return "\n".join([*head, *rows, ""])


def _kind(annotation: Any) -> str:
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _kind(inner[0])
    if origin is Literal:
        return " or ".join(f"`{value}`" if value else "nothing" for value in inner)
    if origin in (Union, UnionType):
        return " or ".join(_kind(part) for part in inner if part is not NoneType)
    if origin is tuple:
        return f"list of {_kind(inner[0])}" if Ellipsis in inner else f"two of {_kind(inner[0])}"
    if origin is dict:
        return f"table of {_kind(inner[1])}"
    if inspect.isclass(annotation) and issubclass(annotation, BaseModel):
        title = _words(annotation.__name__)
        return f"[{title}](#{title.lower().replace(' ', '-')})"
    return PLAIN.get(annotation, "anything")


# What is left out of a part with a default that hangs on its other keys.
BY_KIND = {"step": "`0.1`, of a count `1`"}


def _default(name: str, field: FieldInfo) -> str:
    if field.is_required():
        return "never"
    if field.default_factory is not None:
        return BY_KIND[name]
    return "nothing" if field.default in (None, "", (), {}) else f"`{str(field.default).lower()}`"


def _words(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).capitalize()


if __name__ == "__main__":
    Path(__file__).with_name("protocol.md").write_text(reference(), encoding="utf-8")
