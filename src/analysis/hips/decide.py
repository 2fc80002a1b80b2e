"""From the answers of one hip to its class, in words: the rules as a person would apply them.

Everything is three-valued: yes, no, not known. A type fits when all that it requires is met; while
something it requires is not known, and nothing it requires has failed, the type stays open, and an open
type stops those after it from being chosen. The strict reading speaks first; what only the lenient
reading gives is borderline. An escalation tier stands over the presentations and, once met, names the
class; while it is open it hides nothing, and is pointed out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from analysis.hips.criteria import Answer
from analysis.protocol import Protocol
from analysis.protocol.measures import Reading
from analysis.protocol.types import SimpleCriterion
from analysis.schema import READINGS


@dataclass(frozen=True)
class Decision:
    """The class of a hip and everything that led to it. Names of criteria and measures are the protocol's."""

    stretch_type: str
    certainty: str | None
    presentation: str
    strict_type: str
    lenient_type: str
    criteria_met: tuple[str, ...]
    criteria_lenient: tuple[str, ...]
    criteria_failed: tuple[str, ...]
    criteria_missing: tuple[str, ...]
    settled_by: tuple[str, ...]
    flags: tuple[str, ...]
    reason: str


def all_of(answers: Iterable[bool | None]) -> bool | None:
    """Three-valued "and": one no is no; else one unknown is unknown.

    Examples
    --------
    >>> all_of([True, None]), all_of([False, None])
    (None, False)
    """
    seen = list(answers)
    return False if False in seen else None if None in seen else True


def any_of(answers: Iterable[bool | None]) -> bool | None:
    """Three-valued "or": one yes is yes; else one unknown is unknown."""
    seen = list(answers)
    return True if True in seen else None if None in seen else False


class Reasoning:
    """The answers of one hip, looked at under either reading."""

    def __init__(self, answers: Mapping[str, Answer], protocol: Protocol) -> None:
        self.answers, self.protocol = answers, protocol
        self._known: dict[tuple[str, str], bool | None] = {}  # each criterion is asked for again and again

    def criterion(self, name: str, reading: Reading) -> bool | None:
        """Whether a criterion, simple or compound, is met."""
        if (name, reading) not in self._known:
            self._known[name, reading] = self._met(name, reading)
        return self._known[name, reading]

    def _met(self, name: str, reading: Reading) -> bool | None:
        rule = self.protocol.criteria[name]
        if isinstance(rule, SimpleCriterion):
            return self.answers[name].under(reading)
        combine = all_of if rule.quantifier(reading) == "all" else any_of
        return combine([self.criterion(part, reading) for part in rule.of])

    def fits(self, kind: str, reading: Reading) -> bool | None:
        """Whether all that a type requires is met."""
        return all_of([self.criterion(name, reading) for name in self.protocol.types[kind].requires])

    def presentation(self, reading: Reading) -> str | None:
        """The first presentation that fits; ``None`` while an earlier one is open."""
        for kind in self.protocol.presentations:
            fit = self.fits(kind, reading)
            if fit is not False:
                return kind if fit else None
        restricted = self.criterion(str(self.protocol.restricted_by), reading)
        return None if restricted is None else "unclassified" if restricted else "not_restricted"

    def tier(self, reading: Reading) -> str | None:
        """The tier that is met, if any."""
        return next((kind for kind in self.protocol.tiers if self.fits(kind, reading)), None)

    def open_criteria(self) -> list[str]:
        """The simple criteria that keep a presentation, or "restricted" itself, undecided."""
        found: dict[str, None] = {}
        for reading in READINGS:
            still_open = [str(self.protocol.restricted_by)]
            for kind in self.protocol.presentations:
                if self.fits(kind, reading) is None:
                    still_open += self.protocol.types[kind].requires
            for name in still_open:
                found |= dict.fromkeys(self.unknown_parts(name, reading))
        return list(found)

    def unknown_parts(self, name: str, reading: Reading) -> list[str]:
        """The simple criteria that leave a criterion unknown; none when it is known."""
        if self.criterion(name, reading) is not None:
            return []
        rule = self.protocol.criteria[name]
        if isinstance(rule, SimpleCriterion):
            return [name]
        return [part for member in rule.of for part in self.unknown_parts(member, reading)]


def decide(answers: Mapping[str, Answer], protocol: Protocol) -> Decision:
    """Decide the class of one hip.

    Parameters
    ----------
    answers
        One answer for each simple criterion of the protocol.
    protocol
        The types and how they are read.

    Returns
    -------
    Decision
        Exactly one state, its certainty (none for an indeterminate hip), and why.
    """
    hip = Reasoning(answers, protocol)
    strict, lenient = hip.presentation("strict"), hip.presentation("lenient")
    presentation, certainty = _presentation(strict, lenient, protocol)
    strict_tier, lenient_tier = hip.tier("strict"), hip.tier("lenient")
    tier = strict_tier or lenient_tier
    if tier:
        state, certainty = tier, "definite" if strict_tier else "borderline"
    else:
        state = presentation
    still_open = hip.open_criteria() if presentation == "indeterminate" else []
    return Decision(
        stretch_type=state,
        certainty=certainty,
        presentation=presentation,
        strict_type=strict_tier or strict or "indeterminate",
        lenient_type=lenient_tier or lenient or "indeterminate",
        criteria_met=_with(answers, Answer.MET),
        criteria_lenient=_with(answers, Answer.LENIENT),
        criteria_failed=_with(answers, Answer.NOT_MET),
        criteria_missing=_with(answers, Answer.MISSING, Answer.UNDECIDED),
        settled_by=tuple(dict.fromkeys(_measure(name, protocol) for name in still_open)),
        flags=_flags(hip, protocol),
        reason=_reason(still_open, answers, protocol),
    )


def _presentation(strict: str | None, lenient: str | None, protocol: Protocol) -> tuple[str, str | None]:
    if strict in protocol.types:
        return str(strict), "definite"
    if lenient in protocol.types:
        return str(lenient), "borderline"
    if strict is None or lenient is None:
        return "indeterminate", None
    return lenient, "definite" if strict == lenient else "borderline"


def _with(answers: Mapping[str, Answer], *wanted: Answer) -> tuple[str, ...]:
    return tuple(name for name, answer in answers.items() if answer in wanted)


def _measure(criterion: str, protocol: Protocol) -> str:
    rule = protocol.criteria[criterion]
    assert isinstance(rule, SimpleCriterion)  # only simple criteria are answered
    return rule.measure


def _flags(hip: Reasoning, protocol: Protocol) -> tuple[str, ...]:
    met = [name for name, flag in protocol.flags.items() if all(hip.criterion(part, "lenient") for part in flag.of)]
    is_open = [f"{kind}_not_excluded" for kind in protocol.tiers if hip.fits(kind, "lenient") is None]
    return (*met, *is_open)


def _reason(still_open: list[str], answers: Mapping[str, Answer], protocol: Protocol) -> str:
    """Say in words why a hip is indeterminate; empty for others."""
    said: dict[str, None] = {}
    for name in still_open:
        measure = protocol.measures[_measure(name, protocol)]
        if answers[name] is Answer.UNDECIDED:
            said[f"{measure.name} is {' or '.join(measure.undecided)}, which decides neither way"] = None
        else:
            said[f"{measure.name} is not recorded"] = None
    return "; ".join(said)
