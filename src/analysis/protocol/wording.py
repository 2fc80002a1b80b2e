"""The numbers in a protocol's words: written from its rules, or refused where they name another.

A label may hold ``{strict}`` and ``{lenient}``, the cut-offs of its own rule; that of a flag or a decision the strict
cut-off of a criterion by its name, as ``{slr_limited}``. A number that is typed must be one that the rule asks for, so
that a rule changed to 8 never prints "5° or more" above its counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

from analysis.protocol.measures import Measure, asked_by
from analysis.protocol.model import Protocol
from analysis.protocol.responses import GainRule, TestResponse, share_of
from analysis.protocol.tomlmodel import Part
from analysis.protocol.types import SimpleCriterion

Rule = TypeVar("Rule", bound=Part)
_SAID = ("label", "negation", "prose")
_PLACE = re.compile(r"\{(\w+)\}")
# Numbers, but not those that are part of a name, such as type 1 or T2.
_NUMBER = re.compile(r"(?<![\w.])(?<![Tt]ype )[-−]?\d+(?:\.\d+)?(?![\w.]*\d)")


def with_numbers(protocol: Protocol) -> Protocol:
    """Return the protocol with each ``{strict}``, ``{lenient}`` and ``{criterion}`` of its words filled in.

    A name that stands for nothing is left, and found by :func:`wording_faults`.
    """
    criteria, responses = (
        {name: _filled(rule, _cut_offs(rule, protocol)) for name, rule in rules.items()}
        for rules in (protocol.criteria, protocol.responses)
    )
    cuts = {name: amount for name, rule in criteria.items() if (amount := _cut_offs(rule, protocol).get("strict"))}
    flags, alternatives = (
        {name: _filled(part, cuts) for name, part in parts.items()} for parts in (protocol.flags, protocol.alternatives)
    )
    update = {"criteria": criteria, "responses": responses, "flags": flags, "alternatives": alternatives}
    return protocol.model_copy(update=update)


def _filled(rule: Rule, amounts: Mapping[str, str]) -> Rule:
    said = {name: getattr(rule, name) for name in _SAID if hasattr(rule, name)}
    return rule.model_copy(
        update={name: _PLACE.sub(lambda at: amounts.get(at[1], at[0]), text) for name, text in said.items()}
    )


def _cut_offs(rule: object, protocol: Protocol) -> dict[str, str]:
    """Return the cut-offs of a rule on one measure, with the unit, by the name of the reading."""
    asked = _asked(rule)
    if asked is None:
        return {}
    measure = protocol.measures.get(asked.measure)
    lenient = asked_by("lenient", asked.strict, asked.lenient)
    values = {"strict": asked.strict, "lenient": lenient}
    said = {name: _amount(value, measure) for name, value in values.items() if measure}
    return {name: text for name, text in said.items() if text}


def _asked(rule: object) -> SimpleCriterion | GainRule | None:
    """Return what a rule asks for in numbers: itself, or the first of its rules on a gain."""
    if isinstance(rule, TestResponse):
        return next((part for part in rule.rules if isinstance(part, GainRule)), None)
    return rule if isinstance(rule, SimpleCriterion) else None


def _amount(value: object, measure: Measure) -> str:
    """Return a cut-off with its unit, or a share with its sign; empty for what is no number, such as a level."""
    if (share := share_of(value)) is not None:
        return f"{float(100 * share):g} %"
    return f"{value:g}".replace("-", "−") + measure.unit_sign if _is_number(value) else ""


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def wording_faults(protocol: Protocol) -> Iterator[str]:
    """Yield a line for every text that names a number its rule does not ask for, or leaves out one that it does."""
    for part, rules in (("criteria", protocol.criteria), ("responses", protocol.responses)):
        for name, rule in rules.items():
            yield from _rule_faults(f"{part}.{name}", rule)
    for name, flag in protocol.flags.items():
        own = {number for part in flag.of if part in protocol.criteria for number in _numbers(protocol.criteria[part])}
        yield from _said_faults(f"flags.{name}.label", flag.label, own)
    everywhere = set(_numbers(protocol.model_dump(include={"criteria", "responses", "indication"})))
    for name, choice in protocol.alternatives.items():
        replaced = set(_numbers([option.replace for option in choice.options]))
        yield from _said_faults(f"alternatives.{name}.label", choice.label, everywhere | replaced)
        for option in choice.options:
            where = f"alternatives.{name}, option {option.label!r}"
            yield from _said_faults(where, option.label, set(_numbers(option.replace)))


def _rule_faults(key: str, rule: Part) -> Iterator[str]:
    own = set(_numbers(rule))
    for name in ("label", "negation"):
        yield from _said_faults(f"{key}.{name}", getattr(rule, name, ""), own)
    prose: str = getattr(rule, "prose", "")
    said = _typed(prose)
    asked = _asked(rule)
    cuts = set(_numbers({"strict": asked.strict, "lenient": asked.lenient})) if asked else set()
    if said and (left_out := cuts - said):
        yield (
            f"{key}.prose: speaks of {_list(said)}, and the rule asks for {_list(left_out)}; "
            "say in the prose what the rule asks for, and in source whose number it is"
        )
    yield from _open_places(f"{key}.prose", prose)


def _said_faults(key: str, text: str, own: set[float]) -> Iterator[str]:
    if other := _typed(text) - own:
        yield f"{key}: names {_list(other)}, which its rule does not ask for; {{strict}} is the rule's own number"
    yield from _open_places(key, text)


def _open_places(key: str, text: str) -> Iterator[str]:
    for name in _PLACE.findall(text):
        yield f"{key}: {{{name}}} stands for no cut-off of this rule; there are {{strict}} and {{lenient}}"


def _typed(text: str) -> set[float]:
    return {float(found.replace("−", "-")) for found in _NUMBER.findall(text)}


def _numbers(part: object) -> Iterator[float]:
    """Yield every number in a rule, however deep."""
    if isinstance(part, Part):
        part = part.model_dump()
    if isinstance(part, Mapping):
        part = [_percent(value) if name in ("strict", "lenient") else value for name, value in part.items()]
    if _is_number(part):
        yield float(part)  # type: ignore[arg-type]
    elif isinstance(part, Iterable) and not isinstance(part, str):
        for item in part:
            yield from _numbers(item)


def _percent(value: object) -> object:
    """Return the number of a share, as words name it: 20 for "20 %"; anything else as it is."""
    share = share_of(value)
    return value if share is None else float(100 * share)


def _list(numbers: Iterable[float]) -> str:
    return " and ".join(f"{number:g}" for number in sorted(numbers))
