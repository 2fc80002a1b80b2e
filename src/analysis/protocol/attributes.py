"""What is recorded of people: words, numbers and dates, and what is worked out from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, Literal

import numpy as np
import pandas as pd
from pydantic import model_validator

from analysis.protocol.measures import Code, Names
from analysis.protocol.tomlmodel import Part

COLUMN_TYPES = {"number": "float64", "date": "datetime64[s]"}


class Attribute(Part):
    """Something about the person. Hips may be grouped by its words, such as the clinic, the arm or an age group.

    A ``text`` is any word, or one of ``levels``; a ``level`` has ``levels`` in their order; a ``number`` has a unit and
    limits; a ``date`` is a day. ``of`` names what it is worked out from where it is not recorded: a level from a
    number, whose ``groups`` say where each but the first begins, or a body mass index (kg/m²) from a weight in kg and a
    height in cm. ``code`` is its name in files whose names have at most eight letters.
    """

    label: str
    code: Code = ""
    kind: Literal["text", "level", "number", "date"] = "text"
    levels: Names = ()
    unit: str = ""
    usual: tuple[float, float] | None = None
    possible: tuple[float, float] | None = None
    of: Names = ()
    groups: tuple[float, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _named_groups(cls, given: Any) -> Any:
        begins = given.get("groups") if isinstance(given, dict) and "levels" not in given else None
        if isinstance(begins, list) and begins and all(isinstance(each, int | float) for each in begins):
            return given | {"levels": names_of_groups(begins)}
        return given

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Attribute:
        if (self.kind == "level" and not self.levels) or (self.levels and not self.divides):
            raise ValueError('levels: needed when kind = "level", and not for a number or a date')
        if self.kind != "number" and (self.unit or self.usual or self.possible):
            raise ValueError('unit, usual and possible: only when kind = "number"')
        if len(self.of) != (2 * (self.kind == "number") or self.kind == "level") * bool(self.of):
            raise ValueError("of: the number of which a level is a group, or a body mass index's weight and height")
        if bool(self.groups) != (self.kind == "level" and bool(self.of)):
            raise ValueError("groups: needed for a level that is of a number, and only then")
        if any(low >= high for low, high in pairwise(self.groups)):
            raise ValueError("groups: write the beginning of each group but the first, from the lowest")
        if self.groups and len(self.levels) != len(self.groups) + 1:
            raise ValueError("levels: one word for each group, the first of which lies below all of groups")
        return self

    @property
    def divides(self) -> bool:
        """Whether hips can be grouped by it: it is words, not a number or a day."""
        return self.kind in ("text", "level")


def names_of_groups(begins: Sequence[float]) -> list[str]:
    """Return the words for groups of a number, of which the first is all that lies below.

    Examples
    --------
    >>> names_of_groups([18.5, 25])
    ['under 18.5', '18.5 to under 25', '25 or more']
    """
    between = [f"{low:g} to under {high:g}" for low, high in pairwise(begins)]
    return [f"under {begins[0]:g}", *between, f"{begins[-1]:g} or more"]


def worked_out(columns: Mapping[str, pd.Series], attributes: Mapping[str, Attribute]) -> dict[str, pd.Series]:
    """Return the attributes that follow from others, filled in where they are not recorded.

    Parameters
    ----------
    columns
        All attributes of some rows, by name.
    attributes
        What they are; one is worked out after those above it.

    Examples
    --------
    >>> age = {"kind": "number", "label": "Age"}, {"kind": "level", "label": "Group", "of": ["age"], "groups": [30]}
    >>> attributes = dict(zip(["age", "group"], map(Attribute.model_validate, age), strict=True))
    >>> columns = {"age": pd.Series([29.5, 30, None]), "group": pd.Series([None] * 3, dtype="str")}
    >>> worked_out(columns, attributes)["group"].tolist()
    ['under 30', '30 or more', nan]
    """
    found: dict[str, pd.Series] = {}
    for name, attribute in attributes.items():
        sources = [found.get(source, columns[source]) for source in attribute.of]
        lacking = columns[name].isna().to_numpy() if sources else np.array([], dtype=bool)
        for source in sources:
            lacking = lacking & source.notna().to_numpy()
        if lacking.any():
            values = [source[lacking].to_numpy("float64") for source in sources]
            found[name] = columns[name].copy()
            found[name][lacking] = _grouped(values[0], attribute) if attribute.groups else _body_mass_index(*values)
    return found


def _grouped(number: np.ndarray, attribute: Attribute) -> np.ndarray:
    return np.array(attribute.levels, dtype=object)[np.searchsorted(attribute.groups, number, side="right")]


def _body_mass_index(weight_kg: np.ndarray, height_cm: np.ndarray) -> np.ndarray:
    """Return kilograms over squared metres; what the division leaves beyond four places moves nobody over a border."""
    return np.round(10_000 * weight_kg / height_cm**2, 4)
