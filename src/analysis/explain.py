"""The story of one hip, rule by rule, in words a physiotherapist can check."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from analysis.classify import baseline_hips
from analysis.criteria import Answer, pack, unpack
from analysis.decide import Decision, Reasoning, decide
from analysis.pipeline import Tables
from analysis.protocol import Protocol
from analysis.protocol.model import Measure, SimpleCriterion
from analysis.response import ALREADY
from analysis.schema import conform

_SIGNS = {"ge": "at least", "gt": "above", "le": "at most", "lt": "below", "eq": ""}


def explain(tables: Tables, protocol: Protocol, patient: str, side: str) -> str:
    """Tell the story of one hip.

    Parameters
    ----------
    tables
        As :func:`analysis.analyse` returns them.
    protocol
        The rules they were made with.
    patient, side
        The hip; every episode of it is told.

    Returns
    -------
    str
        Plain text, one paragraph a subject.

    Raises
    ------
    LookupError
        There is no such hip.
    """
    visits = conform(tables.assessments, "assessments", protocol)
    visits = visits[(visits["patient_id"] == patient) & (visits["side"] == side)]
    if visits.empty:
        raise LookupError(f"no {side} hip of such a patient; identifiers are text, 001 is not 1")
    hips = baseline_hips(visits, protocol)
    stories = []
    for position, hip in hips.iterrows():
        episode = str(hip["episode"])
        lines = [f"{side.capitalize()} hip of patient {patient}" + (f", episode {episode}" if len(hips) > 1 else "")]
        if protocol.types:
            answers = unpack(pack(hips.loc[[position]], protocol)[0], protocol)
            decision = decide(answers, protocol)
            lines += ["", summary(hip, decision, Reasoning(answers, protocol)), ""]
            lines += _rule_lines(hip, Reasoning(answers, protocol))
        of_hip = {name: _rows(table, patient, side, episode) for name, table in vars(tables).items()}
        lines += _care_lines(of_hip["care"], protocol)
        lines += _response_lines(of_hip["changes"], of_hip["responses"], protocol)
        stories.append("\n".join(lines))
    return "\n\n".join(stories)


def _rows(table: pd.DataFrame, patient: str, side: str, episode: str) -> pd.DataFrame:
    return table[(table["patient_id"] == patient) & (table["side"] == side) & (table["episode"] == episode)]


def summary(hip: pd.Series, decision: Decision, reasoning: Reasoning) -> str:
    """Say in a sentence or two which class a hip has and why.

    Parameters
    ----------
    hip
        Its values at baseline.
    decision, reasoning
        As :mod:`analysis.decide` gives them.
    """
    protocol, state = reasoning.protocol, decision.stretch_type
    reading = "lenient" if decision.certainty == "borderline" else "strict"
    if state in protocol.types:
        kind = protocol.types[state]
        because = _and([_said(name, hip, reasoning, reading) for name in kind.requires])
        text = f"{state}, {decision.certainty}. {kind.label}, because {because}."
        if decision.certainty == "borderline":
            text += f" Only in the lenient reading; the strict reading says {_state(decision.strict_type)}."
        if kind.tier:
            text += f" The presentation beneath is {_state(decision.presentation)}."
            text += f" ({_settle(decision, protocol)})" if decision.presentation == "indeterminate" else ""
        return text
    limited = _said(str(protocol.restricted_by), hip, reasoning, "lenient")
    if state == "not_restricted":
        return f"Not restricted. In either reading {limited}, so no type applies."
    if state == "indeterminate":
        return f"Indeterminate: {_settle(decision, protocol)}"
    misses = [_miss(name, hip, reasoning) for name in protocol.presentations]
    return f"Unclassified, {decision.certainty}. Here {limited}, but no type fits: {'; '.join(misses)}."


def _state(state: str) -> str:
    return state.replace("_", " ")


def _settle(decision: Decision, protocol: Protocol) -> str:
    names = [protocol.measures[name].label.lower() for name in decision.settled_by]
    return f"{decision.reason}. What would settle it: {_and(names)}."


def _miss(kind: str, hip: pd.Series, reasoning: Reasoning) -> str:
    failed = [name for name in reasoning.protocol.types[kind].requires if reasoning.criterion(name, "lenient") is False]
    return f"not {kind}, as {_and([_said(name, hip, reasoning, 'lenient') for name in failed])}"


def _and(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1] if parts else ""


def _said(name: str, hip: pd.Series, reasoning: Reasoning, reading: str) -> str:
    """Say a criterion the way it turned out, with the value that decided it."""
    rule, met = reasoning.protocol.criteria[name], reasoning.criterion(name, reading)
    if not isinstance(rule, SimpleCriterion):
        # A compound is said by the parts that decided it.
        parts = [part for part in rule.of if reasoning.criterion(part, reading) is met]
        return _and([_said(part, hip, reasoning, reading) for part in parts])
    words = rule.label if met else rule.negation
    measure = reasoning.protocol.measures[rule.measure]
    numeric = measure.kind in ("angle", "count")
    return f"{words} ({measure.name} {value_text(hip[rule.measure], measure)})" if numeric else words


def value_text(value: object, measure: Measure) -> str:
    """Return a measured value as it is read aloud, or ``not recorded``."""
    if value is None or pd.isna(value):  # type: ignore[call-overload]
        return "not recorded"
    if measure.kind == "answer":
        return "yes" if value else "no"
    if measure.kind == "level":
        return str(value)
    number = f"{float(value):.1f}".removesuffix(".0").replace("-", "−")  # type: ignore[arg-type]
    return number + ("°" if measure.unit == "degrees" else "")


def _rule_lines(hip: pd.Series, reasoning: Reasoning) -> Iterator[str]:
    protocol = reasoning.protocol
    for name, kind in protocol.types.items():
        yield f"{name}  {kind.label}"
        for criterion in kind.requires:
            yield from _criterion_lines(criterion, hip, reasoning, "")
        for criterion in kind.supporting:
            yield from _criterion_lines(criterion, hip, reasoning, "  (counted, not required)")
    where = [
        protocol.measures[m].short
        for m in (protocol.compensations.measures if protocol.compensations else ())
        if hip[m] is not pd.NA and not pd.isna(hip[m]) and bool(hip[m])
    ]
    if where:
        yield f"The body finds the motion elsewhere: {_and(where)}."
    decision = decide(reasoning.answers, protocol)
    for flag in decision.flags:
        if flag in protocol.flags:
            yield f"Note: {protocol.flags[flag].label}."
        else:
            tier = flag.removesuffix("_not_excluded")
            yield f"Note: {tier} cannot be excluded; whether the stretch is felt is not recorded."


def _criterion_lines(name: str, hip: pd.Series, reasoning: Reasoning, note: str) -> Iterator[str]:
    rule = reasoning.protocol.criteria[name]
    if not isinstance(rule, SimpleCriterion):
        for part in rule.of:
            yield from _criterion_lines(part, hip, reasoning, f"  ({rule.label}){note}")
        return
    answer = reasoning.answers[name]
    measure = reasoning.protocol.measures[rule.measure]
    verdict = {
        Answer.MET: "yes    ",
        Answer.LENIENT: "lenient",
        Answer.NOT_MET: "no     ",
        Answer.UNDECIDED: "neither",
        Answer.MISSING: "missing",
    }[answer]
    recorded = value_text(hip[rule.measure], measure)
    if recorded == "not recorded" and measure.derived and answer is not Answer.MISSING:
        angle = measure.derived.measure
        recorded = f"from an angle of {value_text(hip[angle], reasoning.protocol.measures[angle])}"
    yield f"    {verdict}  {rule.label}: {measure.name} {recorded}{_needs(rule, measure)}{note}"


def _needs(rule: SimpleCriterion, measure: Measure) -> str:
    if rule.op == "eq":
        return ""
    strict, lenient = (value_text(rule.cutoff(r), measure) for r in ("strict", "lenient"))
    other = f", leniently {lenient}" if lenient != strict else ""
    return f", needs {_SIGNS[rule.op]} {strict}{other}"


def _care_lines(care: pd.DataFrame, protocol: Protocol) -> Iterator[str]:
    if care.empty:
        return
    hip = care.iloc[0]
    yield ""
    if protocol.indication is not None:
        said = {
            "yes": "yes",
            "lenient": "in the lenient reading only",
            "no": "no",
            "unknown": "cannot be told",
        }
        yield f"Was a stretch indicated? {said[str(hip['indicated'])].capitalize()}. {protocol.indication.prose}"
    for name, measure in protocol.measures_of("interventions").items():
        if not pd.isna(hip[name]):
            yield f"{measure.label}: {value_text(hip[name], measure)}" + (
                f" ({hip['match']} to the class)" if name == "stretch_given" and not pd.isna(hip["match"]) else ""
            )
    for event in str(hip["safety_events"]).split("; "):
        if event:
            yield f"SAFETY: {protocol.safety[event].label}. {protocol.safety[event].prose}"


def _response_lines(changes: pd.DataFrame, responses: pd.DataFrame, protocol: Protocol) -> Iterator[str]:
    said = {"responder": "yes", "non_responder": "no", "not_evaluable": "cannot be judged"}
    for pair in changes.to_dict("records"):
        comparison = protocol.comparisons[str(pair["comparison"])]
        yield ""
        yield f"{comparison.label} ({comparison.start} to {comparison.end})"
        for column in [c for c in pair if str(c).endswith("_before")]:
            name = str(column).removesuffix("_before")
            measure = protocol.measures[name]
            before, after = value_text(pair[column], measure), value_text(pair[f"{name}_after"], measure)
            if {before, after} != {"not recorded"}:
                yield f"    {measure.label}: {before} → {after}{_moved(pair, name, measure)}"
        for row in responses[responses["comparison"] == pair["comparison"]].itertuples():
            why = f" ({row.reason})" if row.reason else ""
            chance = "" if pd.isna(row.chance) else f"; by chance alone {row.chance:.0%}"
            mark = chance if row.outcome != "not_evaluable" else ""
            reason = why if row.reason != ALREADY else f" (the test was already met before: {ALREADY})"
            yield f"    {protocol.responses[str(row.response)].label}: {said[str(row.outcome)]}{reason}{mark}"


def _moved(pair: dict, name: str, measure: Measure) -> str:
    moved = pair.get(f"{name}_change")
    if moved is None or pd.isna(moved):
        return "" if pair["comparable"] else f" (not compared: {pair['differs_in']} differs)"
    text = f", change {'+' if moved > 0 else ''}{value_text(moved, measure)}"
    beyond = pair.get(f"{name}_beyond_error")
    if beyond is None or pd.isna(beyond):
        return text
    return text + (", beyond measurement error" if beyond else ", within measurement error")
