"""What change counts: the responder rules, of single tests and of several together, and the asymmetry of the sides."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Annotated, Literal

from pydantic import AfterValidator, Discriminator, Field, Tag

from analysis.protocol.measures import Code, Reading, Side, asked_by
from analysis.protocol.tomlmodel import Part
from analysis.protocol.types import by_of

_SHARE = re.compile(r"\d+(\.\d+)? ?%")


def _a_threshold(asked: float | str) -> float | str:
    if isinstance(asked, str) and asked != "mdc95" and not _SHARE.fullmatch(asked):
        raise ValueError('write a number in the unit of the measure, "mdc95", or a share such as "20 %"')
    return asked


Threshold = Annotated[float | str, AfterValidator(_a_threshold)]


class GainRule(Part):
    """A change towards the better side of a measure, against a threshold.

    The threshold is a number in the unit of the measure, ``mdc95``, or a text such as "20 %": a share of the first
    reading. A hip whose first reading is 0 or less has no such share; it is not judged, and not missing either.
    """

    measure: str
    op: Literal["ge", "gt"]
    strict: Threshold
    lenient: Threshold | None = None

    def asked(self, reading: Reading) -> float | str:
        """Return what one reading of the rule asks for."""
        return asked_by(reading, self.strict, self.lenient)

    def share(self, reading: Reading) -> Fraction | None:
        """Return the share of the first reading that is asked for, as it is written; None where a number is."""
        return share_of(self.asked(reading))


def share_of(asked: object) -> Fraction | None:
    """Return "20 %" as one fifth; None for what is no share.

    Examples
    --------
    >>> share_of("20 %"), share_of("12.5%"), share_of("mdc95"), share_of(5.0)
    (Fraction(1, 5), Fraction(1, 8), None, None)
    """
    return Fraction(asked.rstrip(" %")) / 100 if isinstance(asked, str) and asked.endswith("%") else None


class BecomesRule(Part):
    """A test that turns from one level to another. ``lenient_already``: there from the start is met.

    ``latent`` names the angle that lies behind the level; its SEM and SD tell how often the level
    turns by chance.
    """

    measure: str
    latent: str | None = None
    start: str = Field(alias="from")
    end: str = Field(alias="to")
    lenient_already: bool = False


def _by_from(value: object) -> str:
    has_from = "from" in value if isinstance(value, dict) else hasattr(value, "start")
    return "from a level" if has_from else "of a gain"


ResponseRule = Annotated[
    Annotated[GainRule, Tag("of a gain")] | Annotated[BecomesRule, Tag("from a level")], Discriminator(_by_from)
]


class TestResponse(Part):
    """When one test counts as improved: the first rule whose readings were recorded both times."""

    __test__ = False  # a clinical test, not one for pytest
    label: str
    code: Code = ""
    rules: tuple[ResponseRule, ...] = Field(min_length=1)
    prose: str
    source: str


class CompositeResponse(Part):
    """At least so many of several tests improved."""

    label: str
    code: Code = ""
    of: tuple[str, ...] = Field(min_length=2)
    at_least: int = Field(ge=1)
    prose: str
    source: str


Response = Annotated[
    Annotated[TestResponse, Tag("without parts")] | Annotated[CompositeResponse, Tag("with parts")],
    Discriminator(by_of),
]


class Anchor(Part):
    """The person's own rating of change, by which the least important change of a measure is told.

    ``measure``: a level, its levels from the worst to the best. ``improved_from``: the first level that says improved;
    who chose just this one improved by the least.
    """

    measure: str
    improved_from: str


class Asymmetry(Part):
    """Which side is expected to be worse, in which measure, and by how much it counts.

    ``expected_by`` names who says so, as in "the article"; reports then say it.
    """

    label: str
    measure: str
    worse: Side
    strict: float | Literal["mdc95"]
    lenient: float | Literal["mdc95"]
    expected_by: str = ""
    prose: str
    source: str
