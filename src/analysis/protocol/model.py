"""The shape of a protocol file: what may stand in it, and how its parts must agree.

The models are plain data. What the rules *mean* is written in ``classify``, ``change``, ``response``
and ``care``; here it is only made sure that a protocol cannot name something that does not exist.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Discriminator, Field, Tag, model_validator

Operator = Literal["ge", "gt", "le", "lt", "eq"]
Quantifier = Literal["all", "any"]
Level = bool | int | float | str


def _no_repeats(names: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(names)) < len(names):
        raise ValueError("a name stands twice")
    return names


Names = Annotated[tuple[str, ...], AfterValidator(_no_repeats)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Attribute(_Part):
    """Something about the person that hips may be grouped by, such as the clinic or the arm."""

    label: str
    levels: Names = ()


class Condition(_Part):
    """How a reading was taken. Two readings that differ in a ``must_match`` condition are no pair."""

    label: str
    levels: Names = ()
    must_match: bool = True
    source: str = ""


class Cut(_Part):
    """One slice of an angle that stands for a level."""

    level: str
    op: Operator
    value: float


class Derived(_Part):
    """A level read off an angle where the level itself was not recorded."""

    measure: str
    cuts: tuple[Cut, ...]
    otherwise: str
    source: str = ""


class Measure(_Part):
    """One thing that is measured or asked, with its unit, its limits and its measurement error."""

    label: str
    short: str = ""
    kind: Literal["angle", "count", "level", "answer"]
    unit: str = ""
    better: Literal["higher", "lower", ""] = ""
    levels: Names = ()
    undecided: tuple[str, ...] = ()
    usual: tuple[float, float] | None = None
    possible: tuple[float, float] | None = None
    sem: float | None = Field(default=None, gt=0)
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

    @model_validator(mode="after")
    def _levels_where_needed(self) -> Measure:
        if (self.kind == "level") != bool(self.levels):
            raise ValueError('levels: needed when kind = "level", and only then')
        if unknown := set(self.undecided) - set(self.levels):
            raise ValueError(f"undecided: {sorted(unknown)} is not among the levels")
        if self.sem and self.sd and self.sem >= self.sd:
            raise ValueError("sd: must be above the sem, which is a part of it")
        return self


class Comparison(_Part):
    """Two timepoints that are compared."""

    label: str
    start: str = Field(alias="from")
    end: str = Field(alias="to")


class SimpleCriterion(_Part):
    """One measured value against one cut-off, in two readings."""

    label: str
    negation: str
    measure: str
    op: Operator
    strict: Level
    lenient: Level | None = None
    prose: str
    source: str

    def cutoff(self, reading: str) -> Level:
        """The cut-off under a reading; the strict one where no lenient one is given."""
        return self.strict if reading == "strict" or self.lenient is None else self.lenient


class CompoundCriterion(_Part):
    """All of, or any of, several criteria; the readings may differ in which."""

    label: str
    negation: str
    of: tuple[str, ...] = Field(min_length=2)
    strict: Quantifier
    lenient: Quantifier | None = None
    prose: str
    source: str

    def quantifier(self, reading: str) -> Quantifier:
        """``all`` or ``any`` under a reading."""
        return self.strict if reading == "strict" or self.lenient is None else self.lenient


def _by_of(value: object) -> str:
    has_of = "of" in value if isinstance(value, dict) else hasattr(value, "of")
    return "with parts" if has_of else "without parts"


Criterion = Annotated[
    Annotated[SimpleCriterion, Tag("without parts")] | Annotated[CompoundCriterion, Tag("with parts")],
    Discriminator(_by_of),
]


class HipType(_Part):
    """A presentation, or (``tier``) an escalation that stands over the presentations."""

    label: str
    requires: tuple[str, ...] = Field(min_length=1)
    supporting: tuple[str, ...] = ()
    stretches: tuple[str, ...] = ()
    tier: bool = False
    options: dict[str, str] = {}
    prose: str
    source: str


class Flag(_Part):
    """Criteria that do not go together; met at once they are pointed out, never silently resolved."""

    label: str
    of: tuple[str, ...] = Field(min_length=2)


class DrillRule(_Part):
    """How many drills count as "a few"."""

    measure: str
    op: Operator
    strict: float
    lenient: float | None = None


class Unchanged(_Part):
    """Which tests must not have changed."""

    of: tuple[str, ...] = Field(min_length=1)
    strict: Quantifier
    lenient: Quantifier | None = None


class Indication(_Part):
    """When a stretch is indicated: drills were tried, and nothing changed."""

    label: str
    comparison: str
    drills: DrillRule
    unchanged: Unchanged
    prose: str
    source: str


class SafetyRule(_Part):
    """An event that is reported first, by hip, to those who treat the person."""

    label: str
    measure: str
    op: Operator
    value: Level
    only_for: tuple[str, ...] = ()
    prose: str
    source: str


class FollowUpDrill(_Part):
    """The active drill that should follow a stretch at once."""

    label: str
    measure: str
    prose: str
    source: str


class Compensations(_Part):
    """Where the body finds the motion that the hip lacks."""

    label: str
    measures: tuple[str, ...]
    prose: str
    source: str


class Asymmetry(_Part):
    """Which side is expected to be worse, in which measure, and by how much it counts."""

    label: str
    measure: str
    worse: Literal["left", "right"]
    strict: float | Literal["mdc95"]
    lenient: float | Literal["mdc95"]
    prose: str
    source: str


class GainRule(_Part):
    """A change towards the better side of a measure, against a threshold."""

    measure: str
    op: Literal["ge", "gt"]
    strict: float | Literal["mdc95"]
    lenient: float | Literal["mdc95"] | None = None


class BecomesRule(_Part):
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


class TestResponse(_Part):
    """When one test counts as improved: the first rule whose readings were recorded both times."""

    __test__ = False  # a clinical test, not one for pytest
    label: str
    rules: tuple[ResponseRule, ...] = Field(min_length=1)
    prose: str
    source: str


class CompositeResponse(_Part):
    """At least so many of several tests improved."""

    label: str
    of: tuple[str, ...] = Field(min_length=2)
    at_least: int = Field(ge=1)
    prose: str
    source: str


Response = Annotated[
    Annotated[TestResponse, Tag("without parts")] | Annotated[CompositeResponse, Tag("with parts")],
    Discriminator(_by_of),
]


class Option(_Part):
    """One way to take a decision that the source leaves open.

    ``replace`` holds the parts of the protocol that it changes, nested as in the file; ``reading`` is the
    reading of the responder rules; ``only_indicated`` counts only typed hips for which a stretch is indicated.
    """

    label: str
    replace: dict[str, Any] = {}
    reading: Literal["strict", "lenient"] | None = None
    only_indicated: bool | None = None


class Alternative(_Part):
    """A decision that the source leaves open, and every way to take it; each is tried with all the others."""

    label: str
    options: tuple[Option, ...] = Field(min_length=2)
    source: str


class Claim(_Part):
    """Something the source says that a cohort can bear out or contradict.

    ``kind`` names what is compared: the sides (as in ``asymmetry``), the types (``type`` against each of the
    others), the changes of the tests (``of``), matched with mismatched stretches, or the later change with and
    without the drill of ``own_it``.
    """

    label: str
    kind: Literal["worse_side", "most_common", "move_together", "matched", "drill"]
    type: str = ""
    of: tuple[str, ...] = ()
    prose: str
    source: str


class Protocol(_Part):
    """All rules of one study. See ``protocol/capsule.toml`` for the built-in one, with every key in use."""

    id: str
    version: str
    title: str
    source: str
    timepoints: Names = Field(min_length=1)
    classify_at: str
    restricted_by: str | None = None
    group_by: str
    caution: str
    primary_response: str
    primary_comparison: str
    attributes: dict[str, Attribute] = {}
    conditions: dict[str, Condition] = {}
    measures: dict[str, Measure]
    comparisons: dict[str, Comparison]
    criteria: dict[str, Criterion] = {}
    types: dict[str, HipType] = {}
    flags: dict[str, Flag] = {}
    indication: Indication | None = None
    safety: dict[str, SafetyRule] = {}
    own_it: FollowUpDrill | None = None
    compensations: Compensations | None = None
    asymmetry: Asymmetry | None = None
    responses: dict[str, Response]
    alternatives: dict[str, Alternative] = {}
    claims: dict[str, Claim] = {}

    def measures_of(self, table: str) -> dict[str, Measure]:
        """The measures kept in one table, in the order of the file."""
        return {name: measure for name, measure in self.measures.items() if measure.table == table}

    @property
    def presentations(self) -> dict[str, HipType]:
        """The types that are tried in order."""
        return {name: kind for name, kind in self.types.items() if not kind.tier}

    @property
    def tiers(self) -> dict[str, HipType]:
        """The types that stand over the presentations."""
        return {name: kind for name, kind in self.types.items() if kind.tier}
