"""What is measured, in which unit and how exactly, and what is compared: the nouns of a protocol."""

from __future__ import annotations

from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, Field, model_validator

from analysis.protocol.tomlmodel import Part

Operator = Literal["ge", "gt", "le", "lt", "eq"]
Quantifier = Literal["all", "any"]
Reading = Literal["strict", "lenient"]
Side = Literal["left", "right"]
Level = bool | int | float | str
T = TypeVar("T")


def asked_by(reading: Reading, strict: T, lenient: T | None) -> T:
    """Return what a reading of a rule asks for: the lenient one what the strict one does, where nothing else is said.

    Examples
    --------
    >>> asked_by("lenient", 10, 5), asked_by("lenient", 10, None), asked_by("strict", 10, 5)
    (5, 10, 10)
    """
    return strict if reading == "strict" or lenient is None else lenient


def _no_repeats(names: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(names)) < len(names):
        raise ValueError("a name stands twice")
    return names


Names = Annotated[tuple[str, ...], AfterValidator(_no_repeats)]
# What a file with names of eight letters calls something: such as PARAMCD of analysis data, or a variable of SAS.
Code = Annotated[str, Field(pattern="^([A-Z][A-Z0-9_]{0,7})?$")]


class Condition(Part):
    """How a reading was taken. Two readings that differ in a ``must_match`` condition are no pair."""

    label: str
    code: Code = ""
    levels: Names = ()
    must_match: bool = True
    source: str = ""


class Cut(Part):
    """One slice of an angle that stands for a level."""

    level: str
    op: Operator
    value: float


class Derived(Part):
    """A level read off an angle where the level itself was not recorded."""

    measure: str
    cuts: tuple[Cut, ...]
    otherwise: str
    source: str = ""


def _usual_step(given: dict[str, object]) -> float:
    return 1.0 if given.get("kind") == "count" else 0.1


class Measure(Part):
    """One thing that is measured or asked, with its unit, its limits and its measurement error.

    ``step`` is the smallest difference between two readings, in the unit; left out, 0.1 or, where a rule has a
    finer cut-off, that of the cut-off (a count always has 1).
    Readings, gains and cut-offs are whole numbers of it, and exact. An ``angle`` is a reading on a scale, in any unit.
    ``sem`` is the standard error of one reading, ``sem_range`` the smallest and the largest that sources give: a
    verdict on chance is held against both.
    ``code`` is its name in files whose names have at most eight letters; left out, its own name in capitals.
    """

    label: str
    short: str = ""
    code: Code = ""
    kind: Literal["angle", "count", "level", "answer"]
    unit: str = ""
    step: float = Field(default_factory=_usual_step, ge=0.000001)
    better: Literal["higher", "lower", ""] = ""
    levels: Names = ()
    undecided: tuple[str, ...] = ()
    usual: tuple[float, float] | None = None
    usual_in: dict[str, dict[str, tuple[float, float]]] = {}
    usual_source: str = ""
    possible: tuple[float, float] | None = None
    sem: float | None = Field(default=None, gt=0)
    sem_range: tuple[float, float] | None = None
    sem_source: str = ""
    sd: float | None = Field(default=None, gt=0)
    sd_source: str = ""
    table: Literal["assessments", "interventions"] = "assessments"
    derived: Derived | None = None
    note: str = ""

    @property
    def name(self) -> str:
        """The short name where there is one."""
        return self.short or self.label

    @property
    def unit_sign(self) -> str:
        """What stands after a number of this measure."""
        return "°" if self.unit == "degrees" else f" {self.unit}".rstrip()

    @model_validator(mode="after")
    def _levels_where_needed(self) -> Measure:
        if (self.kind == "level") != bool(self.levels):
            raise ValueError('levels: needed when kind = "level", and only then')
        if unknown := set(self.undecided) - set(self.levels):
            raise ValueError(f"undecided: {sorted(unknown)} is not among the levels")
        if self.kind == "count" and self.step != 1:
            raise ValueError("step: a count has a step of 1; use an angle for readings between whole numbers")
        if self.usual_in and self.kind != "angle":
            raise ValueError("usual_in: only for angles")
        if self.sem and self.sd and self.sem >= self.sd:
            raise ValueError("sd: must be above the sem, which is a part of it")
        if self.sem_range and not (self.sem and 0 < self.sem_range[0] <= self.sem <= self.sem_range[1]):
            raise ValueError("sem_range: the smallest error, then the largest, and the sem within them")
        return self


class Comparison(Part):
    """Two timepoints that are compared.

    ``unchanged``: nothing was done between them, so that they tell how far two readings of one hip differ by error.
    ``same_day``: both belong to one session, so that dates on two days are a warning.
    """

    label: str
    start: str = Field(alias="from")
    end: str = Field(alias="to")
    unchanged: bool = False
    same_day: bool = False
