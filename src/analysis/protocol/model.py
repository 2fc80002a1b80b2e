"""The shape of a protocol file: what may stand in it, and how its parts must agree.

The models are plain data. What the rules *mean* is written in ``classify``, ``change``, ``response``
and ``care``; here it is only made sure that a protocol cannot name something that does not exist.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from analysis.protocol.admission import Admission
from analysis.protocol.attributes import Attribute
from analysis.protocol.care import Compensations, FollowUpDrill, Indication, SafetyRule
from analysis.protocol.measures import Comparison, Condition, Measure, Names, Reading
from analysis.protocol.responses import Anchor, Asymmetry, Response
from analysis.protocol.tomlmodel import Part
from analysis.protocol.types import Criterion, Flag, HipType
from analysis.protocol.words import Words


class Option(Part):
    """One way to take a decision that the source leaves open.

    ``replace`` holds the parts of the protocol that it changes, nested as in the file: criteria, types, the
    indication, responder rules, or which of these is the primary one. A responder rule that is replaced says who
    responds; whether drills had changed anything is still judged by the protocol's own. ``reading`` is the
    reading of the responder rules; ``only_indicated`` counts only typed hips for which a stretch is indicated. With
    none of these it is the rule as it stands.
    """

    label: str
    replace: dict[str, Any] = {}
    reading: Reading | None = None
    only_indicated: bool | None = None


class Alternative(Part):
    """A decision that the source leaves open, and every way to take it; each is tried with all the others.

    One option is what the protocol itself says.
    """

    label: str
    options: tuple[Option, ...] = Field(min_length=2)
    source: str


class Claim(Part):
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


class Protocol(Part):
    """All rules of one study. See ``protocol/capsule.toml`` for the built-in one, with nearly every key in use.

    ``admission`` says who was enrolled because of a reading, "none" that nobody was; one in ``study.toml`` goes first.
    """

    id: str
    version: str
    title: str
    source: str
    timepoints: Names = Field(min_length=1)
    classify_at: str
    restricted_by: str | None = None
    group_by: str
    caution: str
    words: Words = Words()
    primary_response: str
    primary_comparison: str
    admission: Admission | None = None
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
    anchor: Anchor | None = None
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
