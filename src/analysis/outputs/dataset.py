"""A table with its variables described, as files of other programs hold it, and whether it fits such a file."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import pandas as pd

from analysis.usererror import UserError

Kind = Literal["text", "number", "whole", "date"]

# What an older file can hold is written so: only in words made from the rules, never in the data.
_IN_ASCII = {"°": " deg", "²": "2", "−": "-", "–": "-", "’": "'", "≥": ">=", "≤": "<="}


@dataclass(frozen=True)
class Variable:
    """One column of a dataset.

    Attributes
    ----------
    name, label
        In capitals; what it means.
    kind
        ``text``, ``number``, ``whole`` (a whole number) or ``date``.
    key
        Its place among the variables that tell rows apart, from 1; 0 for one that is none of these.
    values
        What its numbers stand for.
    """

    name: str
    label: str
    kind: Kind = "text"
    key: int = 0
    values: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Dataset:
    """A table with its variables: text and dates as objects (missing is ``None``), numbers as floats (NaN)."""

    name: str
    label: str
    variables: Sequence[Variable]
    rows: pd.DataFrame


@dataclass(frozen=True)
class Limits:
    """What a kind of file can hold, in bytes; ``padded``: it fills text up with blanks, so none may end in one."""

    file: str
    name: int
    label: int
    text: int
    value_label: int = 0
    ascii_only: bool = False
    padded: bool = False


def in_ascii(text: str) -> str:
    """Return words made from the rules without the signs that a file of plain letters lacks.

    Examples
    --------
    >>> in_ascii("IR gained 5° or more"), in_ascii("kg/m²")
    ('IR gained 5 deg or more', 'kg/m2')
    """
    return "".join(_IN_ASCII.get(letter, letter) for letter in text)


def refuse_what_does_not_fit(dataset: Dataset, limits: Limits) -> None:
    """Raise UserError with all that a kind of file cannot hold: nothing is cut, and no value of a person is named."""
    if faults := list(_faults(dataset, limits)):
        raise UserError(f"{limits.file} cannot hold these data: " + "; ".join(faults))


def _faults(dataset: Dataset, limits: Limits) -> Iterator[str]:
    names = [variable.name for variable in dataset.variables]
    for name, times in Counter(name.upper() for name in names).items():
        if times > 1:
            yield f"{times} variables are named {name}; give each a code of its own in the protocol"
    for name in [dataset.name, *names]:
        if not re.fullmatch(rf"[A-Z_][A-Z0-9_]{{0,{limits.name - 1}}}", name):
            yield f"the name {name} is no {limits.name} capital letters and digits; give it a code in the protocol"
    for owner, label in [(dataset.name, dataset.label), *((each.name, each.label) for each in dataset.variables)]:
        if why := _unfit(label, limits.label, limits.ascii_only):
            yield f"the label of {owner} {why}: {label!r}; shorten it in the protocol"
    for variable in dataset.variables:
        if limits.value_label:
            for text in variable.values.values():
                if why := _unfit(text, limits.value_label):
                    yield f"a value label of {variable.name} {why}: {text!r}"
        if variable.kind == "text":
            yield from _text_faults(variable.name, dataset.rows[variable.name], limits)


def _text_faults(name: str, column: pd.Series, limits: Limits) -> Iterator[str]:
    found = Counter(column.dropna())
    for why in ("is too long", "is not in plain ASCII", "holds a mark that is no letter", "ends in a blank"):
        rows = sum(times for text, times in found.items() if _unfit_text(text, limits) == why)
        if rows:
            yield f"text of {name} {why} in {rows} rows (at most {limits.text} bytes)"


def _unfit(text: str, most: int, ascii_only: bool = False) -> str:
    if len(text.encode()) > most:
        return f"has {len(text.encode())} bytes of at most {most}"
    return "is not in plain ASCII" if ascii_only and not text.isascii() else ""


def _unfit_text(text: str, limits: Limits) -> str:
    if len(text.encode()) > limits.text:
        return "is too long"
    if limits.ascii_only and not text.isascii():
        return "is not in plain ASCII"
    if not text.isprintable():
        return "holds a mark that is no letter"
    return "ends in a blank" if limits.padded and text.endswith(" ") else ""
