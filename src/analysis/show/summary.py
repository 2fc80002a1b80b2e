"""The class of one hip in a sentence or two, in words a physiotherapist can check."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from analysis.hips.decide import Decision, Reasoning
from analysis.protocol import Protocol
from analysis.protocol.measures import Measure, Reading
from analysis.protocol.types import SimpleCriterion
from analysis.protocol.words import within_sentence
from analysis.show.words import value_text


def summary(hip: pd.Series, decision: Decision, reasoning: Reasoning) -> str:
    """Say in a sentence or two which class a hip has and why.

    Parameters
    ----------
    hip
        Its values at baseline.
    decision, reasoning
        As :mod:`analysis.hips.decide` gives them.
    """
    protocol, state = reasoning.protocol, decision.stretch_type
    reading: Reading = "lenient" if decision.certainty == "borderline" else "strict"
    if state in protocol.types:
        kind = protocol.types[state]
        text = f"{state}, {decision.certainty} ({kind.label}). {_because(kind.requires, hip, reasoning, reading)}."
        if decision.certainty == "borderline":
            text += f" {_strict_instead(state, decision, reasoning)}"
        if kind.tier:
            text += f" The presentation beneath is {_state(decision.presentation)}"
            text += f": {_settle(decision, protocol)}" if decision.presentation == "indeterminate" else "."
        return text
    limited = _because([str(protocol.restricted_by)], hip, reasoning, "lenient")
    if state == "not_restricted":
        return f"Not restricted. {limited} in either reading, so no type applies."
    if state == "indeterminate":
        return f"Indeterminate: {_settle(decision, protocol)}"
    misses = [_miss(name, hip, reasoning) for name in protocol.presentations]
    text = f"Unclassified, {decision.certainty}. {limited}, but no type fits: {'; '.join(misses)}."
    return f"{text} {_strict_instead(state, decision, reasoning)}" if decision.certainty == "borderline" else text


def _state(state: str) -> str:
    return state.replace("_", " ")


def _strict_instead(state: str, decision: Decision, reasoning: Reasoning) -> str:
    """Say what the strict reading makes of a hip that is borderline."""
    noun = reasoning.protocol.words
    if state in reasoning.protocol.types and reasoning.fits(state, "strict") is None:
        unknown = not_recorded(state, "strict", reasoning)
        return f"This holds in the lenient reading; in the strict reading it is open ({unknown})."
    strict = f"in the strict reading the {noun.hip} is {_state(decision.strict_type)}"
    return f"This holds in the lenient reading only; {strict}."


def not_recorded(kind: str, reading: Reading, reasoning: Reasoning) -> str:
    """Name the measures for want of which a type stays open under a reading."""
    protocol = reasoning.protocol
    unknown = [part for name in protocol.types[kind].requires for part in reasoning.unknown_parts(name, reading)]
    return f"not known: {join_words(list(dict.fromkeys(_measure(part, protocol).name for part in unknown)))}"


def _measure(criterion: str, protocol: Protocol) -> Measure:
    rule = protocol.criteria[criterion]
    assert isinstance(rule, SimpleCriterion)  # only these are ever unknown of themselves
    return protocol.measures[rule.measure]


def _settle(decision: Decision, protocol: Protocol) -> str:
    names = [within_sentence(protocol.measures[name].label) for name in decision.settled_by]
    return f"{decision.reason}. What would settle it: {join_words(names)}."


def _miss(kind: str, hip: pd.Series, reasoning: Reasoning) -> str:
    failed = [name for name in reasoning.protocol.types[kind].requires if reasoning.criterion(name, "lenient") is False]
    return f"not {kind}, as {join_words([said for name in failed for said in _said(name, hip, reasoning, 'lenient')])}"


def _because(criteria: Iterable[str], hip: pd.Series, reasoning: Reasoning, reading: Reading) -> str:
    said = join_words([part for name in criteria for part in _said(name, hip, reasoning, reading)])
    return said[:1].upper() + said[1:]


def join_words(parts: list[str]) -> str:
    """Return parts as a list within a sentence: one, two and three."""
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1] if parts else ""


def _said(name: str, hip: pd.Series, reasoning: Reasoning, reading: Reading) -> list[str]:
    """Say a criterion the way it turned out, with the value that decided it; a compound by its parts."""
    rule, met = reasoning.protocol.criteria[name], reasoning.criterion(name, reading)
    if not isinstance(rule, SimpleCriterion):
        parts = [part for part in rule.of if reasoning.criterion(part, reading) is met]
        return [said for part in parts for said in _said(part, hip, reasoning, reading)]
    words = rule.label if met else rule.negation
    measure = reasoning.protocol.measures[rule.measure]
    numeric = measure.kind in ("angle", "count")
    return [f"{words} ({measure.name} {value_text(hip[rule.measure], measure)})" if numeric else words]
