"""The criteria, each in two readings, and the types of hip that they make up."""

from __future__ import annotations

from typing import Annotated

from pydantic import Discriminator, Field, Tag

from analysis.protocol.measures import Level, Operator, Quantifier, Reading, asked_by
from analysis.protocol.tomlmodel import Part


class SimpleCriterion(Part):
    """One measured value against one cut-off, in two readings."""

    label: str
    negation: str
    measure: str
    op: Operator
    strict: Level
    lenient: Level | None = None
    prose: str
    source: str

    def cutoff(self, reading: Reading) -> Level:
        """The cut-off under a reading; the strict one where no lenient one is given."""
        return asked_by(reading, self.strict, self.lenient)


class CompoundCriterion(Part):
    """All of, or any of, several criteria; the readings may differ in which."""

    label: str
    negation: str
    of: tuple[str, ...] = Field(min_length=2)
    strict: Quantifier
    lenient: Quantifier | None = None
    prose: str
    source: str

    def quantifier(self, reading: Reading) -> Quantifier:
        """``all`` or ``any`` under a reading."""
        return asked_by(reading, self.strict, self.lenient)


def by_of(value: object) -> str:
    """Return the tag of a part that is made up of others, or stands alone."""
    has_of = "of" in value if isinstance(value, dict) else hasattr(value, "of")
    return "with parts" if has_of else "without parts"


Criterion = Annotated[
    Annotated[SimpleCriterion, Tag("without parts")] | Annotated[CompoundCriterion, Tag("with parts")],
    Discriminator(by_of),
]


class HipType(Part):
    """A presentation, or (``tier``) an escalation that stands over the presentations."""

    label: str
    requires: tuple[str, ...] = Field(min_length=1)
    supporting: tuple[str, ...] = ()
    stretches: tuple[str, ...] = ()
    tier: bool = False
    options: dict[str, str] = {}
    prose: str
    source: str


class Flag(Part):
    """Criteria that do not go together; met at once they are pointed out, never silently resolved."""

    label: str
    of: tuple[str, ...] = Field(min_length=2)
