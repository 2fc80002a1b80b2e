"""Whatever is wrong between the parts of a protocol: names that point nowhere, rules that do not fit their measure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from analysis.protocol.admission import AdmissionRule
from analysis.protocol.alternatives import alternative_faults
from analysis.protocol.care import DrillRule
from analysis.protocol.claims import claim_faults
from analysis.protocol.measures import Level, Measure
from analysis.protocol.model import Protocol
from analysis.protocol.responses import Asymmetry, BecomesRule, CompositeResponse, GainRule, share_of
from analysis.protocol.steps import cut_in_steps, decimals
from analysis.protocol.types import CompoundCriterion, SimpleCriterion

# Columns and states that every study has.
_KEYS = ("patient_id", "side", "episode", "timepoint", "date", "source_file", "source_row")
_NO_TYPES = ("unclassified", "not_restricted", "indeterminate")
_STRETCHES = "levels of stretch_given"
_TIGHTER = "the lenient reading must let in at least what the strict one does"


def protocol_faults(protocol: Protocol) -> Iterator[str]:
    """Every name that points nowhere, and every rule that does not fit its measure."""
    yield from _name_faults(protocol)
    yield from _attribute_faults(protocol)
    yield from _timepoint_faults(protocol)
    yield from admission_faults(protocol)
    yield from _criterion_faults(protocol)
    yield from _response_faults(protocol)
    yield from _care_faults(protocol)
    yield from alternative_faults(protocol, protocol_faults)
    yield from claim_faults(protocol)


def _unknown(key: str, names: str | Iterable[str], known: Iterable[str], what: str) -> Iterator[str]:
    listed = list(known)
    for name in [names] if isinstance(names, str) else names:
        if name not in listed:
            yield f"{key}: {name!r} is not one of the {what}: {', '.join(listed) or 'none defined'}"


def _not_usable(
    key: str, names: str | Iterable[str], protocol: Protocol, table: str, kinds: Sequence[str] = ()
) -> Iterator[str]:
    """Measures that are not there, or are not of the table and the kinds that a rule can work with."""
    for name in [names] if isinstance(names, str) else names:
        measure = protocol.measures.get(name)
        if measure is None:
            yield from _unknown(key, name, protocol.measures, "measures")
        elif measure.table != table:
            yield f"{key}: {name} is one of the {measure.table}; this rule looks at the {table}"
        elif kinds and measure.kind not in kinds:
            yield f"{key}: {name} is of kind {measure.kind}; this rule needs {' or '.join(kinds)}"


def _name_faults(protocol: Protocol) -> Iterator[str]:
    """Names that would be two columns, or two states, at once."""
    parts = ("attributes", "conditions", "measures")
    columns = Counter([*_KEYS, *(name for part in parts for name in getattr(protocol, part))])
    for part in parts:
        yield from (f"{part}.{n}: the name is taken; choose another" for n in getattr(protocol, part) if columns[n] > 1)
    yield from (f"types.{name}: the name is taken; choose another" for name in protocol.types if name in _NO_TYPES)


def _attribute_faults(protocol: Protocol) -> Iterator[str]:
    """What an attribute is worked out from: a number above it, so that none can go round in a circle."""
    numbers: list[str] = []
    for name, attribute in protocol.attributes.items():
        key = f"attributes.{name}.of"
        yield from _unknown(key, attribute.of, numbers, "numbers above it")
        units = tuple(protocol.attributes[source].unit for source in attribute.of if source in numbers)
        if attribute.kind == "number" and len(units) == 2 and units != ("kg", "cm"):
            yield f"{key}: a weight in kg, then a height in cm; these are in {' and '.join(map(repr, units))}"
        if attribute.kind == "number":
            numbers.append(name)


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
        if comparison.unchanged and name == protocol.primary_comparison:
            yield f"comparisons.{name}.unchanged: between the visits of the primary comparison something was done"
    for name, measure in protocol.measures.items():
        for condition, ranges in measure.usual_in.items():
            key = f"measures.{name}.usual_in"
            yield from _unknown(key, condition, protocol.conditions, "conditions")
            if condition in protocol.conditions:
                yield from _unknown(f"{key}.{condition}", ranges, protocol.conditions[condition].levels, "levels")
        if measure.derived is None:
            continue
        key = f"measures.{name}.derived"
        yield from _not_usable(f"{key}.measure", measure.derived.measure, protocol, "assessments", ["angle"])
        for cut in measure.derived.cuts if measure.derived.measure in protocol.measures else ():
            yield from _between_steps(f"{key}.cuts", measure.derived.measure, cut.value, protocol)
        levels = [cut.level for cut in measure.derived.cuts] + [measure.derived.otherwise]
        yield from _unknown(key, levels, measure.levels, "levels")


def admission_faults(protocol: Protocol) -> Iterator[str]:
    """What of the admission does not fit the measures and timepoints; also of one that the study declares."""
    rule = protocol.admission
    if not isinstance(rule, AdmissionRule):
        return
    faults = list(_not_usable("admission.measure", rule.measure, protocol, "assessments", ["angle"]))
    yield from faults or _between_steps("admission.value", rule.measure, rule.value, protocol)
    yield from _unknown("admission.at", rule.at or protocol.classify_at, protocol.timepoints, "timepoints")


def _criterion_faults(protocol: Protocol) -> Iterator[str]:
    seen: list[str] = []  # a compound may only name criteria above it, so that none can go round in a circle
    for name, criterion in protocol.criteria.items():
        key = f"criteria.{name}"
        if isinstance(criterion, CompoundCriterion):
            yield from _unknown(f"{key}.of", criterion.of, seen, "criteria above it")
            if (criterion.quantifier("strict"), criterion.quantifier("lenient")) == ("any", "all"):
                yield f"{key}.lenient: {_TIGHTER}"
        else:
            yield from _simple_faults(key, criterion, protocol)
        seen.append(name)
    for name, kind in protocol.types.items():
        yield from _unknown(f"types.{name}.requires", kind.requires, protocol.criteria, "criteria")
        yield from _unknown(f"types.{name}.supporting", kind.supporting, protocol.criteria, "criteria")
        yield from _unknown(f"types.{name}.stretches", kind.stretches, _stretches(protocol), _STRETCHES)
        yield from _unknown(f"types.{name}.options", kind.options, _stretches(protocol), _STRETCHES)
    for name, flag in protocol.flags.items():
        yield from _unknown(f"flags.{name}.of", flag.of, protocol.criteria, "criteria")
    if protocol.types and protocol.restricted_by is None:
        yield "restricted_by: needed where types are defined: the criterion that says a hip is limited at all"
    if protocol.restricted_by is not None:
        yield from _unknown("restricted_by", protocol.restricted_by, protocol.criteria, "criteria")


def _simple_faults(key: str, criterion: SimpleCriterion, protocol: Protocol) -> Iterator[str]:
    faults = list(_not_usable(f"{key}.measure", criterion.measure, protocol, "assessments"))
    for reading in ("strict", "lenient") if not faults else ():
        value = criterion.cutoff(reading)
        faults += _value_faults(f"{key}.{reading}", criterion.measure, criterion.op, value, protocol)
    if not faults and _is_tighter(criterion.op, criterion.strict, criterion.cutoff("lenient")):
        faults.append(f"{key}.lenient: {_TIGHTER}")
    yield from faults


def _value_faults(key: str, name: str, op: str, value: Level, protocol: Protocol) -> Iterator[str]:
    """A value that its measure can never take, or cannot be compared with in this way."""
    measure = protocol.measures[name]
    deciding = [level for level in measure.levels if level not in measure.undecided]
    if measure.kind == "answer" and not (isinstance(value, bool) and op == "eq"):
        yield f'{key}: {name} is a yes or no: use op = "eq" with true or false'
    elif measure.kind == "level" and not (value in deciding and op == "eq"):
        yield f'{key}: use op = "eq" with one of the levels {", ".join(deciding)}'
    elif measure.kind in ("angle", "count") and (isinstance(value, bool) or not isinstance(value, int | float)):
        yield f"{key}: {name} needs a number"
    elif measure.kind in ("angle", "count"):
        yield from _between_steps(key, name, value, protocol)


def _between_steps(key: str, name: str, value: Level | None, protocol: Protocol) -> Iterator[str]:
    """A number that no reading can have, as it lies between two steps of its measure; ``mdc95`` may lie anywhere."""
    measure = protocol.measures[name]
    if not isinstance(value, int | float) or cut_in_steps(value, measure.step).is_integer():
        return
    if measure.kind == "count":
        yield f"{key}: {value:g} is no whole number, and {name} is a count"
    else:
        finer = f"{10.0 ** -decimals(abs(value)):g}"
        yield (
            f"{key}: {value:g} lies between two steps of {name}, which are {measure.step:g}; "
            f"if it is read more finely, declare measures.{name}.step, such as {finer}"
        )


def _is_tighter(op: str, strict: Level, lenient: Level) -> bool:
    """Whether a lenient cut-off keeps out what the strict one lets in; only numbers can."""
    shares = share_of(strict), share_of(lenient)
    if shares[0] is not None and shares[1] is not None:
        return shares[1] > shares[0]
    if isinstance(strict, bool | str) or isinstance(lenient, bool | str):
        return False
    return {
        "ge": lenient > strict,
        "gt": lenient > strict,
        "le": lenient < strict,
        "lt": lenient < strict,
    }.get(op, lenient != strict)


def _stretches(protocol: Protocol) -> tuple[str, ...]:
    given = protocol.measures.get("stretch_given")
    return given.levels if given else ()


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
    kinds = ["level"] if isinstance(rule, BecomesRule) else ["angle", "count"]
    if faults := list(_not_usable(f"{key}.measure", rule.measure, protocol, "assessments", kinds)):
        yield from faults
        return
    measure = protocol.measures[rule.measure]
    if isinstance(rule, BecomesRule):
        yield from _unknown(f"{key}.from", rule.start, measure.levels, f"levels of {rule.measure}")
        yield from _unknown(f"{key}.to", rule.end, measure.levels, f"levels of {rule.measure}")
        latent = [rule.latent] if rule.latent else []
        yield from _not_usable(f"{key}.latent", latent, protocol, "assessments", ["angle"])
        return
    if not measure.better:
        yield f'{key}.measure: {rule.measure} needs better = "higher" or "lower" before a gain can be counted'
    if "mdc95" in (rule.strict, rule.lenient) and measure.sem is None:
        yield f"{key}: mdc95 needs measures.{rule.measure}.sem"
    yield from _share_faults(key, rule, measure)
    if rule.lenient is not None and _is_tighter(rule.op, rule.strict, rule.lenient):
        yield f"{key}.lenient: {_TIGHTER}"
    yield from _both_between_steps(key, rule.measure, rule, protocol)


def _share_faults(key: str, rule: GainRule, measure: Measure) -> Iterator[str]:
    """A share that says nothing, or that no hip can reach."""
    shares = [rule.share(reading) for reading in ("strict", "lenient")]
    if (shares[0] is None) != (shares[1] is None):
        yield f"{key}: write both readings as a share, or neither: which lets in more would differ from hip to hip"
    if 0 in shares:
        yield f"{key}: 0 % of a reading is no change; ask for more"
    if measure.better == "lower" and any(share is not None and share > 1 for share in shares):
        yield f"{key}: {rule.measure} cannot fall by more than 100 % of its first reading"


def _both_between_steps(
    key: str, name: str, rule: GainRule | DrillRule | Asymmetry, protocol: Protocol
) -> Iterator[str]:
    for reading in ("strict", "lenient"):
        yield from _between_steps(f"{key}.{reading}", name, getattr(rule, reading), protocol)


def _care_faults(protocol: Protocol) -> Iterator[str]:
    if (rule := protocol.indication) is not None:
        yield from _unknown("indication.comparison", rule.comparison, protocol.comparisons, "comparisons")
        key, drills = "indication.drills", rule.drills
        faults = list(_not_usable(f"{key}.measure", drills.measure, protocol, "assessments", ["angle", "count"]))
        yield from faults or _both_between_steps(key, drills.measure, drills, protocol)
        if drills.lenient is not None and _is_tighter(drills.op, drills.strict, drills.lenient):
            yield f"{key}.lenient: {_TIGHTER}"
        yield from _unknown("indication.unchanged.of", rule.unchanged.of, protocol.responses, "responses")
    for name, event in protocol.safety.items():
        key = f"safety.{name}"
        faults = list(_not_usable(f"{key}.measure", event.measure, protocol, "interventions"))
        yield from faults or _value_faults(f"{key}.value", event.measure, event.op, event.value, protocol)
        yield from _unknown(f"{key}.only_for", event.only_for, _stretches(protocol), _STRETCHES)
    if protocol.own_it is not None:
        yield from _not_usable("own_it.measure", protocol.own_it.measure, protocol, "interventions", ["answer"])
    if protocol.compensations is not None:
        signs = protocol.compensations.measures
        yield from _not_usable("compensations.measures", signs, protocol, "assessments", ["answer"])
    if (anchor := protocol.anchor) is not None:
        faults = list(_not_usable("anchor.measure", anchor.measure, protocol, "assessments", ["level"]))
        better = () if faults else protocol.measures[anchor.measure].levels[1:]
        yield from faults or _unknown("anchor.improved_from", anchor.improved_from, better, "levels above the worst")
    if (pattern := protocol.asymmetry) is not None:
        faults = list(_not_usable("asymmetry.measure", pattern.measure, protocol, "assessments", ["angle"]))
        if not faults and "mdc95" in (pattern.strict, pattern.lenient) and not protocol.measures[pattern.measure].sem:
            faults.append(f"asymmetry: mdc95 needs measures.{pattern.measure}.sem")
        yield from faults or _both_between_steps("asymmetry", pattern.measure, pattern, protocol)
