"""The rows of analysis data, one parameter and visit after the other, each with all hips."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from analysis.hips.change import differing
from analysis.hips.cohort import taken
from analysis.hips.judge import REASONS
from analysis.hips.response import respond
from analysis.outputs.analysis_data.source import Source
from analysis.outputs.dataset import in_ascii
from analysis.protocol.measures import Measure, Reading
from analysis.protocol.responses import ResponseRule, TestResponse
from analysis.protocol.steps import from_steps, in_steps
from analysis.schema import HIP, READINGS
from analysis.show.tables.rules import rule_text

NOT_RECORDED, NO_VISIT, NOT_APPLICABLE = "not recorded", "no visit", "not applicable"
_DIFFERENTLY, _NO_EARLIER = REASONS[-3], REASONS[-1]

Block = dict[str, object]


def measure_blocks(source: Source) -> Iterator[Block]:
    """Yield the rows of every measure at every visit at which the study has any reading of it."""
    protocol, hips, visits = source.protocol, source.hips, source.visits
    codes, compared = source.codes(), source.compared()
    criteria = _criteria(source)
    start = hips.rows[source.baseline]
    for place, (name, measure) in enumerate(protocol.measures_of("assessments").items(), start=1):
        base = _values(visits[name], start, measure)
        for at in protocol.timepoints:
            rows, (number, words) = hips.rows[at], _values(visits[name], hips.rows[at], measure)
            known = ~np.isnan(number)
            if not known.any():
                continue
            change, why = _change(source, at, measure, base[0], number)
            block: Block = {
                "_hip": np.arange(len(hips)),
                "_row": np.where(source.measured[at], rows, -1),
                "PARAMCD": codes[f"measures.{name}"],
                "PARAM": in_ascii(f"{measure.label} ({measure.unit})" if measure.unit else measure.label),
                "PARAMN": place,
                "PARAMTYP": None,
                "AVISIT": at,
                "AVISITN": source.number(at),
                "ABLFL": np.where(known & (at == source.baseline), "Y", ""),
                "AVAL": number,
                "AVALC": words,
                "AVALRSN": np.where(known, "", np.where(source.measured[at], NOT_RECORDED, NO_VISIT)),
                "BASE": base[0],
                "BASEC": base[1],
                "CHG": change,
                "CHGRSN": why,
            }
            for n, (text, answers) in enumerate(criteria.get(name, []), start=1):
                block |= _criterion(n, text, answers.get(compared.get(at, "")))
            yield block


def _values(column: pd.Series, rows: np.ndarray, measure: Measure) -> tuple[np.ndarray, np.ndarray]:
    """Return the readings at some rows as numbers, and as words where they are levels or answers."""
    values = pd.Series(taken(column, rows))
    if measure.kind == "level":
        codes = values.cat.codes.to_numpy("float64")
        return np.where(codes < 0, np.nan, codes), values.astype("object").fillna("").to_numpy()
    number = values.to_numpy("float64", na_value=np.nan)
    words = np.where(np.isnan(number), "", np.where(number == 1, "Y", "N")) if measure.kind == "answer" else ""
    return number, np.broadcast_to(words, len(number))


def _change(
    source: Source, at: str, measure: Measure, base: np.ndarray, number: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the change from baseline in exact steps, and why there is none."""
    if measure.kind not in ("angle", "count") or source.number(at) <= 0:
        return np.full(len(number), np.nan), np.full(len(number), NOT_APPLICABLE)
    (first, begun), (last, ended) = (in_steps(pd.Series(values), measure.step) for values in (base, number))
    start, end = source.hips.rows[source.baseline], source.hips.rows[at]
    alike, both = differing(source.visits, start, end, source.protocol) == 0, begun & ended
    change = np.where(both & alike, from_steps(last - first, measure.step), np.nan)
    return change, np.where(~both, NOT_RECORDED, np.where(alike, "", _DIFFERENTLY))


_Answers = dict[str, pd.DataFrame]


def _criteria(source: Source) -> dict[str, list[tuple[str, _Answers]]]:
    """Return by measure its rules in words, with the answer of every hip by comparison."""
    found: dict[str, list[tuple[str, _Answers]]] = {}
    tests = [each for each in source.protocol.responses.values() if isinstance(each, TestResponse)]
    for test in tests:
        for rule in test.rules:
            own = found.setdefault(rule.measure, [])
            for reading in READINGS:
                text = in_ascii(rule_text(rule, reading, source.protocol))
                if text not in [known for known, _ in own]:
                    own.append((text, _answers(source, test, rule, reading)))
    return found


def _answers(source: Source, test: TestResponse, rule: ResponseRule, reading: Reading) -> _Answers:
    """Judge every hip by one rule alone, as the rules of a response judge them one after the other."""
    alone = {"alone": test.model_copy(update={"rules": (rule,)})}
    protocol = source.protocol.model_copy(update={"responses": alone})
    changes = source.report._tables.changes
    return _by_comparison(source, respond(changes, protocol, reading))


def _by_comparison(source: Source, responses: pd.DataFrame) -> _Answers:
    parts = {name: responses[responses["comparison"] == name] for name in source.compared().values()}
    return {name: source.by_hip(part[[*HIP, "outcome", "reason"]]) for name, part in parts.items() if len(part)}


def _verdict(answers: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return 1 for a responder, 0 for a non-responder, else NaN, and why it is neither."""
    number = answers["outcome"].astype("object").map({"responder": 1.0, "non_responder": 0.0}).to_numpy("float64")
    # A hip that was seen at neither of the two visits has no row of its own.
    reason = answers["reason"].astype("object").where(answers["outcome"].notna().to_numpy(), _NO_EARLIER)
    return number, reason.to_numpy()


def _criterion(n: int, text: str, answers: pd.DataFrame | None) -> Block:
    if answers is None:
        return {f"CRIT{n}": text, f"CRIT{n}FL": "", f"CRIT{n}FN": np.nan, f"CRIT{n}RSN": NOT_APPLICABLE}
    number, reason = _verdict(answers)
    flag = np.where(np.isnan(number), "", np.where(number == 1, "Y", "N"))
    return {f"CRIT{n}": text, f"CRIT{n}FL": flag, f"CRIT{n}FN": number, f"CRIT{n}RSN": reason}


def response_blocks(source: Source) -> Iterator[Block]:
    """Yield the rows of every responder rule at every visit that is compared with the baseline."""
    codes, places = source.codes(), len(source.protocol.measures_of("assessments"))
    all_answers = source.report._tables.responses
    for place, (name, response) in enumerate(source.protocol.responses.items(), start=places + 1):
        answers = _by_comparison(source, all_answers[all_answers["response"] == name])
        for at, comparison in source.compared().items():
            if comparison not in answers:
                continue
            number, reason = _verdict(answers[comparison])
            yield {
                "_hip": np.arange(len(source.hips)),
                "_row": np.where(source.measured[at], source.hips.rows[at], -1),
                "PARAMCD": codes[f"responses.{name}"],
                "PARAM": in_ascii(response.label),
                "PARAMN": place,
                "PARAMTYP": "DERIVED",
                "AVISIT": at,
                "AVISITN": source.number(at),
                "AVAL": number,
                "AVALC": np.where(np.isnan(number), "", np.where(number == 1, "Y", "N")),
                "AVALRSN": reason,
                "CHGRSN": NOT_APPLICABLE,
            }
