"""One person's two hips beside each other, for those who treat: rule by rule, with what is not firm. No advice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

import pandas as pd

from analysis.hips.classify import baseline_hips
from analysis.hips.criteria import Answer, answers_of, by_hip
from analysis.hips.decide import Reasoning, decide
from analysis.hips.pairs import measures_compared
from analysis.pipeline import Tables
from analysis.protocol import Protocol
from analysis.protocol.measures import Measure
from analysis.protocol.types import SimpleCriterion
from analysis.protocol.words import within_sentence
from analysis.schema import SIDES, conform
from analysis.sensitivity.probability import class_probabilities
from analysis.show.display import Nothing, Table, Text
from analysis.show.records import records
from analysis.show.tables.cells import group_label
from analysis.show.tables.rules import cutoff_text
from analysis.show.words import level, listed, percent, sentence_start, value_text

NOBODY = (
    "This page is about one person and for those who treat: `capsule report STUDY --notebook patient --internal` with "
    "`--by patient_id`, or with `--set person=` and an identifier."
)
_FIRM = 0.95
_VERDICTS = {
    Answer.MET: "yes",
    Answer.LENIENT: "only leniently",
    Answer.NOT_MET: "no",
    Answer.UNDECIDED: "neither",
    Answer.MISSING: "not recorded",
}
_OUTCOMES = {"responder": "yes", "non_responder": "no", "not_evaluable": "cannot be judged"}
Hip = tuple[str, str]  # side and episode


def _hips(tables: Tables) -> list[Hip]:
    """Return the person's hips, left before right, each episode on its own."""
    rows = tables.assessments[["side", "episode"]].astype("str").drop_duplicates()
    return sorted(rows.itertuples(index=False, name=None), key=lambda hip: (len(hip[1]), hip[1], SIDES.index(hip[0])))


def _of(table: pd.DataFrame, hip: Hip) -> pd.DataFrame:
    return table[(table["side"].astype("str") == hip[0]) & (table["episode"].astype("str") == hip[1])]


def _heads(hips: list[Hip]) -> list[str]:
    several = len({episode for _, episode in hips}) > 1
    return [sentence_start(side) + (f", episode {episode}" if several else "") for side, episode in hips]


def person_answer(tables: Tables | None, protocol: Protocol) -> Text:
    """Say whose page it is, and the class of each hip with how firm it is.

    Parameters
    ----------
    tables
        Of one person, as :meth:`analysis.report.Report.one_person` returns them; none where none may be shown.
    protocol
        The rules.
    """
    if tables is None:
        return Text(NOBODY)
    hips, first = _hips(tables), baseline_hips(tables.assessments, protocol).iloc[0]
    about = [
        f"{within_sentence(attribute.label)} {_attribute_text(first[name], attribute.unit)}"
        for name, attribute in {name: each for name, each in protocol.attributes.items() if not each.groups}.items()
        if not pd.isna(first[name])
    ]
    who = f"**Patient {first['patient_id']}**" + (f" ({listed(about)})." if about else ".")
    said = [_class_sentence(_of(tables.classifications, hip).iloc[0], hip, protocol) for hip in hips if protocol.types]
    return Text(" ".join([who, *said, f"{protocol.caution}".strip()]))


def _attribute_text(value: Any, unit: str) -> str:
    if isinstance(value, pd.Timestamp):
        return str(value.date())
    return f"{round(value, 1):g} {unit}".strip() if isinstance(value, float) else level(value)


def _class_sentence(row: pd.Series, hip: Hip, protocol: Protocol) -> str:
    label = within_sentence(group_label("stretch_type", row["stretch_type"], protocol))
    sure = f" ({row['certainty']})" if not pd.isna(row["certainty"]) else ""
    return f"{sentence_start(hip[0])} {protocol.words.hip}: {label}{sure}."


def again_answer(tables: Tables | None, protocol: Protocol) -> Text:
    """Say what to measure, or measure again, to know the class of each hip."""
    if tables is None or not protocol.types:
        return Text("No class is to be settled here.")
    sure = class_probabilities(tables.assessments, protocol)
    said = [line for hip in _hips(tables) for line in _again(tables, sure, hip, protocol)]
    return Text(" ".join(said) or "Every class is firm: no single reading is likely to change it.")


def _again(tables: Tables, sure: pd.DataFrame, hip: Hip, protocol: Protocol) -> Iterator[str]:
    noun, row = protocol.words, _of(tables.classifications, hip).iloc[0]
    missing = [protocol.measures[name].name for name in str(row["settled_by"]).split("; ") if name in protocol.measures]
    if missing:
        # Where the class is an escalation, what is open is the type that it stands over.
        what = "class" if row["stretch_type"] == row["presentation"] else "type beneath the class"
        yield f"{sentence_start(hip[0])} {noun.hip}: {listed(missing)} would settle the {what}."
    for own in records(_of(sure, hip)):
        if own["p_recorded"] < _FIRM:
            yield (
                f"{sentence_start(hip[0])} {noun.hip}: the recorded class is the true one with a probability of "
                f"{percent(own['p_recorded'])}; reading {protocol.measures[own['repeat_measure']].name} once more "
                f"would change it with a probability of {percent(own['p_repeat_changes'])}."
            )


def rules_table(tables: Tables | None, protocol: Protocol) -> Table | Nothing:
    """Show for every rule of the types what each hip has, and whether it meets it."""
    if tables is None or not protocol.types:
        return Nothing("No rules of types are held against a hip here.")
    hips, visits = _hips(tables), conform(tables.assessments, "assessments", protocol)
    read = baseline_hips(visits, protocol)
    reasonings = {}
    for place, answers in enumerate(by_hip(answers_of(read, protocol), protocol)):
        row = read.iloc[place]
        reasonings[str(row["side"]), str(row["episode"])] = row, Reasoning(answers, protocol)
    decisions = [decide(reasonings[hip][1].answers, protocol) for hip in hips]
    rows = [["Class", *[group_label("stretch_type", each.stretch_type, protocol) for each in decisions]]]
    for kind in protocol.types.values():
        rows.append([kind.label])
        for name in dict.fromkeys(
            simple for rule in [*kind.requires, *kind.supporting] for simple in _simple(rule, protocol)
        ):
            rows.append([_rule_label(name, protocol), *[_rule_cell(name, *reasonings[hip]) for hip in hips]])
    return Table(
        columns=["Rule", *_heads(hips)],
        rows=rows,
        caption=f"What each {protocol.words.hip} has of what the types require",
        alignment=["left"] * (1 + len(hips)),
        notes=["Only leniently: met where the source's vague cut-off is read generously."],
    )


def _simple(name: str, protocol: Protocol) -> Iterable[str]:
    rule = protocol.criteria[name]
    return [name] if isinstance(rule, SimpleCriterion) else [part for of in rule.of for part in _simple(of, protocol)]


def _rule_label(name: str, protocol: Protocol) -> str:
    rule = protocol.criteria[name]
    assert isinstance(rule, SimpleCriterion)
    strict, lenient = (cutoff_text(rule, reading, protocol) for reading in ("strict", "lenient"))
    limits = strict if strict == lenient else f"{strict}, leniently {lenient}"
    return f"– {within_sentence(rule.label)}" + ("" if rule.op == "eq" else f" ({limits})")


def _rule_cell(name: str, hip: pd.Series, reasoning: Reasoning) -> str:
    rule = reasoning.protocol.criteria[name]
    assert isinstance(rule, SimpleCriterion)
    measure, answer = reasoning.protocol.measures[rule.measure], reasoning.answers[name]
    recorded = value_text(hip[rule.measure], measure)
    if measure.derived and recorded == "not recorded" and answer is not Answer.MISSING:
        recorded = value_text(hip[measure.derived.measure], reasoning.protocol.measures[measure.derived.measure])
    said = _VERDICTS[answer]
    return said if answer is Answer.MISSING or measure.kind == "answer" else f"{said}: {recorded}"


def changes_table(tables: Tables | None, protocol: Protocol) -> Table | Nothing:
    """Show each change with whether it is beyond measurement error, and each rule of a response."""
    if tables is None or tables.changes.empty:
        return Nothing("No two visits can be compared.")
    hips, rows = _hips(tables), []
    for name, pair in protocol.comparisons.items():
        pairs = [_one(tables.changes, hip, name) for hip in hips]
        if all(each is None for each in pairs):
            continue
        rows.append([f"{pair.label} ({pair.start} to {pair.end})"])
        for measure_name, measure in measures_compared(protocol).items():
            cells = [_change_cell(each, measure_name, measure) for each in pairs]
            rows += [[f"– {within_sentence(measure.label)}", *cells]] if set(cells) != {"–"} else []
        responses = partial(_outcome_cell, tables.responses, name)
        for rule, response in protocol.responses.items():
            rows.append([f"– {within_sentence(response.label)}?", *[responses(hip, rule) for hip in hips]])
    return Table(
        columns=["Change", *_heads(hips)],
        rows=rows,
        caption="Changes against measurement error",
        alignment=["left"] * (1 + len(hips)),
        notes=[
            f"Beyond error: a larger difference than two readings of an unchanged {protocol.words.hip} show in 95 "
            "of 100 cases (MDC95)."
        ],
    )


def _one(table: pd.DataFrame, hip: Hip, comparison: str) -> dict[str, Any] | None:
    rows = _of(table, hip)
    rows = rows[(rows["comparison"] == comparison) & rows["has_start"] & rows["has_end"]]
    return {str(name): value for name, value in rows.iloc[0].items()} if len(rows) else None


def _change_cell(pair: dict[str, Any] | None, name: str, measure: Measure) -> str:
    if pair is None:
        return "–"
    before, after = (value_text(pair[f"{name}_{when}"], measure) for when in ("before", "after"))
    if {before, after} == {"not recorded"}:
        return "–"
    moved, beyond = pair.get(f"{name}_change"), pair.get(f"{name}_beyond_error")
    if moved is None:
        return f"{before} → {after}"
    if pd.isna(moved):
        return f"{before} → {after}" + ("" if pair["comparable"] else ", measured differently")
    verdict = "" if beyond is None or pd.isna(beyond) else ", beyond error" if beyond else ", within error"
    return f"{before} → {after} ({'+' if moved > 0 else ''}{value_text(moved, measure)}{verdict})"


def _outcome_cell(responses: pd.DataFrame, comparison: str, hip: Hip, rule: str) -> str:
    rows = _of(responses, hip)
    rows = rows[(rows["comparison"] == comparison) & (rows["response"] == rule)]
    if rows.empty:
        return "–"
    row = rows.iloc[0]
    return f"{_OUTCOMES[str(row['outcome'])]}" + (f" ({row['reason']})" if row["reason"] else "")
