"""What may stand on the right of a key of ``[[source]]``, where it is more than one word."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag, field_validator, model_validator

from analysis.protocol.tomlmodel import Part


class PerSide(Part):
    """A value with one column for each side."""

    left: str
    right: str


def _by_form(value: object) -> str:
    if isinstance(value, list | tuple):
        return "of several columns"
    return "with parts" if isinstance(value, dict | PerSide) else "without parts"


# Several columns together are one identifier, where numbers begin anew at each site.
Column = Annotated[
    Annotated[str, Tag("without parts")]
    | Annotated[PerSide, Tag("with parts")]
    | Annotated[tuple[str, ...], Tag("of several columns"), Field(min_length=2)],
    Discriminator(_by_form),
]


class Lever(Part):
    """Centimetres of adduction, read at the end of a lever of a known length."""

    lever_cm: Annotated[float, Field(gt=0)]


# How many of the second unit one of the first is.
IN_OTHER_UNITS = {
    ("m", "cm"): 100.0,
    ("inches", "cm"): 2.54,
    ("pounds", "kg"): 0.45359237,
    ("weeks", "months"): 12 / 52.1775,
    ("years", "months"): 12.0,
    ("months", "years"): 1 / 12,
}


def _by_lever(value: object) -> str:
    return "with parts" if isinstance(value, dict | Lever) else "without parts"


Unit = Annotated[
    Annotated[
        Literal["degrees", "radians", "m", "cm", "inches", "kg", "pounds", "weeks", "months", "years"],
        Tag("without parts"),
    ]
    | Annotated[Lever, Tag("with parts")],
    Discriminator(_by_lever),
]


class Window(Part):
    """The days, counted from day 0, within which a reading belongs to a visit, and the day it should have been."""

    nearest: int
    within: tuple[int, int]

    @model_validator(mode="after")
    def _holds_its_day(self) -> Window:
        if not self.within[0] <= self.nearest <= self.within[1]:
            raise ValueError("nearest must lie within the two days, of which the first is the smaller")
        return self


class Parent(Part):
    """The table to whose rows the rows of another belong, as those of the repeated parts of a form do."""

    file: str | None = Field(None, description="The file of the parents; left out: the same.")
    sheet: str | None = Field(None, description="Its sheet, where it has several.")
    key: str = Field(description="The column there that names each row.")
    named_by: str = Field(description="The column here that names the row there.")
    parent: Parent | None = Field(None, description="The table to whose rows the parents belong in turn.")

    @field_validator("file")
    @classmethod
    def _inside_the_study(cls, name: str | None) -> str | None:
        return name and inside_the_study(name)


def inside_the_study(name: str) -> str:
    """Return the name of a file; one that lies elsewhere is refused."""
    if Path(name).is_absolute() or ".." in Path(name).parts:
        raise ValueError("must lie inside the study folder")
    return name
