"""The story of one hip, rule by rule, in words a physiotherapist can check."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from analysis.hips.classify import baseline_hips
from analysis.hips.criteria import Answer, answers_of, by_hip
from analysis.hips.decide import Reasoning, decide
from analysis.hips.pairs import measures_compared
from analysis.pipeline import Tables
from analysis.protocol import Protocol
from analysis.protocol.measures import Measure
from analysis.protocol.types import SimpleCriterion
from analysis.schema import conform
from analysis.sensitivity.probability import class_probabilities
from analysis.show.records import records
from analysis.show.summary import join_words, not_recorded, summary
from analysis.show.words import a_scale, percent, value_text
from analysis.usererror import UserError

_MATCHES = {"matched": "what the class calls for", "mismatched": "not what the class calls for"}
_FIRM = 0.95  # from here on nothing is said of it: errors this rare concern one class in twenty
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
    UserError
        There is no such hip.
    """
    noun = protocol.words
    visits = conform(tables.assessments, "assessments", protocol)
    visits = visits[(visits["patient_id"] == patient) & (visits["side"] == side)]
    if visits.empty:
        raise UserError(f"no {side} {noun.hip} of such a patient; identifiers are text, 001 is not 1")
    hips = baseline_hips(visits, protocol)
    sure = class_probabilities(tables.assessments, protocol)
    stories = []
    for position, hip in hips.iterrows():
        episode = str(hip["episode"])
        lines = [
            f"{side.capitalize()} {noun.hip} of patient {patient}" + (f", episode {episode}" if len(hips) > 1 else "")
        ]
        if protocol.types:
            answers = by_hip(answers_of(hips.loc[[position]], protocol), protocol)[0]
            decision = decide(answers, protocol)
            lines += ["", summary(hip, decision, Reasoning(answers, protocol))]
            lines += [*_firmness_lines(_rows(sure, patient, side, episode), protocol), ""]
            lines += _rule_lines(hip, Reasoning(answers, protocol))
        of_hip = {name: _rows(table, patient, side, episode) for name, table in vars(tables).items()}
        lines += _care_lines(of_hip["care"], protocol)
        lines += _response_lines(of_hip["changes"], of_hip["responses"], protocol)
        stories.append("\n".join(lines))
    return "\n\n".join(stories)


def _rows(table: pd.DataFrame, patient: str, side: str, episode: str) -> pd.DataFrame:
    return table[(table["patient_id"] == patient) & (table["side"] == side) & (table["episode"] == episode)]


def _firmness_lines(sure: pd.DataFrame, protocol: Protocol) -> Iterator[str]:
    """Say how likely a class is the true one, and what to read again, where that is less than nearly certain."""
    for hip in records(sure):
        if hip["p_recorded"] < _FIRM:
            yield (
                f"This class is not firm: given measurement error it is the true one with a probability of "
                f"{percent(hip['p_recorded'])}. Reading {protocol.measures[hip['repeat_measure']].name} once more "
                f"would change it with a probability of {percent(hip['p_repeat_changes'])}."
            )


def _rule_lines(hip: pd.Series, reasoning: Reasoning) -> Iterator[str]:
    protocol = reasoning.protocol
    for name, kind in protocol.types.items():
        yield f"{name}  {kind.label}"
        for criterion in kind.requires:
            yield from _criterion_lines(criterion, hip, reasoning, "")
        for criterion in kind.supporting:
            yield from _criterion_lines(criterion, hip, reasoning, "  (counted, not required)")
    where = [
        protocol.measures[sign].name
        for sign in (protocol.compensations.measures if protocol.compensations else ())
        if not pd.isna(hip[sign]) and hip[sign]
    ]
    if where:
        yield f"The body finds the motion elsewhere: {join_words(where)}."
    decision = decide(reasoning.answers, protocol)
    for flag in decision.flags:
        if flag in protocol.flags:
            yield f"Note: {protocol.flags[flag].label}."
        else:
            tier = flag.removesuffix("_not_excluded")
            yield f"Note: {tier} cannot be excluded ({not_recorded(tier, 'lenient', reasoning)})."


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
        recorded = f"from {a_scale(reasoning.protocol)} of {value_text(hip[angle], reasoning.protocol.measures[angle])}"
    yield f"    {verdict}  {rule.label}: {measure.name} {recorded}{_needs(rule, measure)}{note}"


def _needs(rule: SimpleCriterion, measure: Measure) -> str:
    if rule.op == "eq":
        return ""
    strict, lenient = (value_text(rule.cutoff(r), measure) for r in ("strict", "lenient"))
    other = f", leniently {lenient}" if lenient != strict else ""
    return f", needs {_SIGNS[rule.op]} {strict}{other}"


def _care_lines(care: pd.DataFrame, protocol: Protocol) -> Iterator[str]:
    noun = protocol.words
    if care.empty:
        return
    hip = care.iloc[0]
    yield ""
    if protocol.indication is not None:
        said = {
            "yes": "yes",
            "yes or lenient": "in the lenient reading; in the strict reading it cannot be told",
            "lenient": "in the lenient reading only",
            "lenient or no": "not in the strict reading; in the lenient reading it cannot be told",
            "no": "no",
            "unknown": "cannot be told",
        }
        verdict = said[str(hip["indicated"])].capitalize()
        yield f"Was {noun.a_stretch} indicated? {verdict}. The rule: {protocol.indication.prose}"
    for name, measure in protocol.measures_of("interventions").items():
        if not pd.isna(hip[name]):
            yield f"{measure.label}: {value_text(hip[name], measure)}" + (
                f" ({_MATCHES[hip['match']]})" if name == "stretch_given" and not pd.isna(hip["match"]) else ""
            )
    for event in str(hip["safety_events"]).split("; "):
        if event:
            yield f"SAFETY: {protocol.safety[event].label}. {protocol.safety[event].prose}"


def _response_lines(changes: pd.DataFrame, responses: pd.DataFrame, protocol: Protocol) -> Iterator[str]:
    said = {"responder": "yes", "non_responder": "no", "not_evaluable": "cannot be judged"}
    for pair in records(changes):
        comparison = protocol.comparisons[str(pair["comparison"])]
        yield ""
        yield f"{comparison.label} ({comparison.start} to {comparison.end})"
        if not (pair["has_start"] and pair["has_end"]):
            missed = comparison.end if pair["has_start"] else comparison.start
            yield f"    There was no {missed} visit, so nothing can be compared."
            continue
        for name, measure in measures_compared(protocol).items():
            before, after = (value_text(pair[f"{name}_{when}"], measure) for when in ("before", "after"))
            if {before, after} != {"not recorded"}:
                yield f"    {measure.label}: {before} → {after}{_moved(pair, name, measure)}"
        for row in responses[responses["comparison"] == pair["comparison"]].itertuples():
            why = f" ({row.reason})" if row.reason else ""
            judged = row.outcome != "not_evaluable" and not pd.isna(row.chance)
            chance = f" (chance of a yes with no true change: {row.chance:.0%})" if judged else ""
            yield f"    {protocol.responses[str(row.response)].label}: {said[str(row.outcome)]}{why}{chance}"


def _moved(pair: dict, name: str, measure: Measure) -> str:
    moved = pair.get(f"{name}_change")
    if moved is None or pd.isna(moved):
        return "" if pair["comparable"] else f" (not compared, measured differently: {pair['differs_in']})"
    text = f", change {'+' if moved > 0 else ''}{value_text(moved, measure)}"
    beyond = pair.get(f"{name}_beyond_error")
    if beyond is None or pd.isna(beyond):
        return text
    return text + (", beyond measurement error" if beyond else ", within measurement error")
