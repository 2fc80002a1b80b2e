"""Load a protocol file and make sure that its parts agree with each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from analysis.protocol.model import (
    BecomesRule,
    CompositeResponse,
    CompoundCriterion,
    GainRule,
    Protocol,
    SimpleCriterion,
)
from analysis.tomlmodel import read_toml


class ProtocolError(ValueError):
    """A protocol that cannot be used; one line a fault, each naming the key."""


@cache
def builtin() -> Protocol:
    """Return the built-in capsule protocol.

    Examples
    --------
    >>> builtin().criteria["restricted"].strict
    20
    """
    return load_protocol(Path(__file__).with_name("capsule.toml"))


def load_protocol(path: str | Path) -> Protocol:
    """Load a protocol.

    Parameters
    ----------
    path
        A TOML file in the form of ``protocol/capsule.toml``.

    Raises
    ------
    ProtocolError
        Every fault at once, one line each, with the file's name and the key.
    """
    path = Path(path)
    protocol = read_toml(path, Protocol, ProtocolError)
    if faults := list(_faults(protocol)):
        raise ProtocolError("\n".join(f"{path.name}: {fault}" for fault in faults))
    return protocol


def _faults(protocol: Protocol) -> Iterator[str]:
    """Every name that points nowhere, and every rule that does not fit its measure."""
    yield from _timepoint_faults(protocol)
    yield from _criterion_faults(protocol)
    yield from _response_faults(protocol)
    yield from _care_faults(protocol)


def _unknown(key: str, names: str | Iterable[str], known: Iterable[str], what: str) -> Iterator[str]:
    listed = list(known)
    for name in [names] if isinstance(names, str) else names:
        if name not in listed:
            yield f"{key}: {name!r} is not one of the {what}: {', '.join(listed) or 'none defined'}"


def _timepoint_faults(protocol: Protocol) -> Iterator[str]:
    groups = [
        *protocol.attributes,
        *protocol.measures_of("interventions"),
        *(["stretch_type"] if protocol.types else []),
    ]
    yield from _unknown("group_by", protocol.group_by, groups, "groups")
    yield from _unknown("classify_at", protocol.classify_at, protocol.timepoints, "timepoints")
    yield from _unknown("primary_comparison", protocol.primary_comparison, protocol.comparisons, "comparisons")
    for name, comparison in protocol.comparisons.items():
        yield from _unknown(f"comparisons.{name}.from", comparison.start, protocol.timepoints, "timepoints")
        yield from _unknown(f"comparisons.{name}.to", comparison.end, protocol.timepoints, "timepoints")
    for name, measure in protocol.measures.items():
        if measure.derived is None:
            continue
        key = f"measures.{name}.derived"
        yield from _unknown(f"{key}.measure", measure.derived.measure, protocol.measures, "measures")
        levels = [cut.level for cut in measure.derived.cuts] + [measure.derived.otherwise]
        yield from _unknown(key, levels, measure.levels, "levels")


def _criterion_faults(protocol: Protocol) -> Iterator[str]:
    seen: list[str] = []  # a compound may only name criteria above it, so that none can go round in a circle
    for name, criterion in protocol.criteria.items():
        key = f"criteria.{name}"
        if isinstance(criterion, CompoundCriterion):
            yield from _unknown(f"{key}.of", criterion.of, seen, "criteria above it")
        else:
            yield from _simple_faults(key, criterion, protocol)
        seen.append(name)
    for name, kind in protocol.types.items():
        yield from _unknown(f"types.{name}.requires", kind.requires, protocol.criteria, "criteria")
        yield from _unknown(f"types.{name}.supporting", kind.supporting, protocol.criteria, "criteria")
    for name, flag in protocol.flags.items():
        yield from _unknown(f"flags.{name}.of", flag.of, protocol.criteria, "criteria")
    if protocol.types and protocol.restricted_by is None:
        yield "restricted_by: needed where types are defined: the criterion that says a hip is limited at all"
    if protocol.restricted_by is not None:
        yield from _unknown("restricted_by", protocol.restricted_by, protocol.criteria, "criteria")


def _simple_faults(key: str, criterion: SimpleCriterion, protocol: Protocol) -> Iterator[str]:
    if criterion.measure not in protocol.measures:
        yield from _unknown(f"{key}.measure", criterion.measure, protocol.measures, "measures")
        return
    measure = protocol.measures[criterion.measure]
    for reading in ("strict", "lenient"):
        value = criterion.cutoff(reading)
        if measure.kind == "answer" and not (isinstance(value, bool) and criterion.op == "eq"):
            yield f'{key}.{reading}: {criterion.measure} is a yes or no: use op = "eq" with true or false'
        elif measure.kind == "level" and not (value in measure.levels and criterion.op == "eq"):
            yield f'{key}.{reading}: use op = "eq" with one of the levels {", ".join(measure.levels)}'
        elif measure.kind in ("angle", "count") and (isinstance(value, bool) or not isinstance(value, int | float)):
            yield f"{key}.{reading}: {criterion.measure} needs a number"
        elif measure.kind in ("angle", "count") and _loosened_wrongly(criterion):
            yield f"{key}.lenient: the lenient cut-off must let in at least what the strict one does"
            return


def _loosened_wrongly(criterion: SimpleCriterion) -> bool:
    strict, lenient = float(criterion.strict), float(criterion.cutoff("lenient"))
    return {
        "ge": lenient > strict,
        "gt": lenient > strict,
        "le": lenient < strict,
        "lt": lenient < strict,
    }.get(criterion.op, lenient != strict)


def _response_faults(protocol: Protocol) -> Iterator[str]:
    yield from _unknown("primary_response", protocol.primary_response, protocol.responses, "responses")
    tests = [name for name, rule in protocol.responses.items() if not isinstance(rule, CompositeResponse)]
    for name, response in protocol.responses.items():
        key = f"responses.{name}"
        if isinstance(response, CompositeResponse):
            yield from _unknown(f"{key}.of", response.of, tests, "single tests")
            if response.at_least > len(response.of):
                yield f"{key}.at_least: {response.at_least} is more than the {len(response.of)} tests named"
            continue
        for rule in response.rules:
            yield from _rule_faults(f"{key}.rules", rule, protocol)


def _rule_faults(key: str, rule: GainRule | BecomesRule, protocol: Protocol) -> Iterator[str]:
    if rule.measure not in protocol.measures:
        yield from _unknown(f"{key}.measure", rule.measure, protocol.measures, "measures")
        return
    measure = protocol.measures[rule.measure]
    if isinstance(rule, BecomesRule):
        yield from _unknown(f"{key}.from", rule.start, measure.levels, f"levels of {rule.measure}")
        yield from _unknown(f"{key}.to", rule.end, measure.levels, f"levels of {rule.measure}")
        yield from _unknown(f"{key}.latent", [rule.latent] if rule.latent else [], protocol.measures, "measures")
        return
    if not measure.better:
        yield f'{key}.measure: {rule.measure} needs better = "higher" or "lower" before a gain can be counted'
    if "mdc95" in (rule.strict, rule.lenient) and measure.sem is None:
        yield f"{key}: mdc95 needs measures.{rule.measure}.sem"


def _care_faults(protocol: Protocol) -> Iterator[str]:
    known = protocol.measures
    if protocol.indication is not None:
        yield from _unknown(
            "indication.comparison", protocol.indication.comparison, protocol.comparisons, "comparisons"
        )
        yield from _unknown("indication.drills.measure", protocol.indication.drills.measure, known, "measures")
        yield from _unknown(
            "indication.unchanged.of", protocol.indication.unchanged.of, protocol.responses, "responses"
        )
    for name, rule in protocol.safety.items():
        yield from _unknown(f"safety.{name}.measure", rule.measure, known, "measures")
    if protocol.own_it is not None:
        yield from _unknown("own_it.measure", protocol.own_it.measure, known, "measures")
    if protocol.compensations is not None:
        yield from _unknown("compensations.measures", protocol.compensations.measures, known, "measures")
    if protocol.asymmetry is not None:
        yield from _unknown("asymmetry.measure", protocol.asymmetry.measure, known, "measures")
