"""When a stretch is indicated, what is watched for its safety, and what should follow it."""

from __future__ import annotations

from pydantic import Field

from analysis.protocol.measures import Level, Operator, Quantifier
from analysis.protocol.tomlmodel import Part


class DrillRule(Part):
    """How many drills count as "a few"."""

    measure: str
    op: Operator
    strict: float
    lenient: float | None = None


class Unchanged(Part):
    """Which tests must not have changed."""

    of: tuple[str, ...] = Field(min_length=1)
    strict: Quantifier
    lenient: Quantifier | None = None


class Indication(Part):
    """When a stretch is indicated: drills were tried, and nothing changed."""

    label: str
    comparison: str
    drills: DrillRule
    unchanged: Unchanged
    prose: str
    source: str


class SafetyRule(Part):
    """An event that is reported first, by hip, to those who treat the person."""

    label: str
    measure: str
    op: Operator
    value: Level
    only_for: tuple[str, ...] = ()
    prose: str
    source: str


class FollowUpDrill(Part):
    """The active drill that should follow a stretch at once."""

    label: str
    measure: str
    prose: str
    source: str


class Compensations(Part):
    """Where the body finds the motion that the hip lacks."""

    label: str
    measures: tuple[str, ...]
    prose: str
    source: str
