"""Changes become responses: which tests improved, under which rule, and which cannot be judged and why."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.hips.by_chance import ERRORS, chance_of_gain, chance_of_turning, errors_of, threshold
from analysis.hips.change import comparison_order, measure_columns
from analysis.hips.criteria import OPERATORS
from analysis.hips.usual import with_errors_tried
from analysis.protocol import CompositeResponse, Protocol, builtin
from analysis.protocol.measures import Measure
from analysis.protocol.responses import BecomesRule, GainRule, TestResponse
from analysis.protocol.steps import cut_in_steps, in_steps
from analysis.schema import OUTCOMES, PAIR, READINGS, TableError, ordered, sort_hips
from analysis.stats.chance import at_least
from analysis.usererror import UserError

RESPONDER, NON_RESPONDER, NOT_EVALUABLE = range(3)
ALREADY = "no room to improve"  # the only reason that is no missing measurement


@dataclass
class _Judged:
    """One rule's answer for every row: codes into OUTCOMES, the reason where there is none, the chance.

    ``chance`` has a column for each error tried, ``unknown`` says why chance is not known, else it is empty.
    """

    outcome: np.ndarray
    reason: np.ndarray
    chance: np.ndarray
    unknown: np.ndarray


def respond(changes: pd.DataFrame, protocol: Protocol | None = None, reading: str = "strict") -> pd.DataFrame:
    """Judge every change by every responder rule.

    Parameters
    ----------
    changes
        As :func:`analysis.change` returns them, of the whole cohort: its first readings tell what chance does.
    protocol
        The rules; the built-in capsule protocol if left out.
    reading
        ``"strict"``, or ``"lenient"``: a test that had no room to improve from the start then counts as met.

    Returns
    -------
    pandas.DataFrame
        One row per patient, side, episode, comparison and response, with the columns of ``changes`` that
        hips are grouped by, and

        - ``response``: the rule's id; the primary one is the first category
        - ``outcome``: responder, non_responder or not_evaluable
        - ``reason``: why it is not evaluable, else empty
        - ``chance``: the probability of "responder" for this hip if nothing had truly changed; ``chance_least`` and
          ``chance_most``: the same at the smallest and the largest measurement error tried
        - ``chance_unknown``: why it cannot be told, where who was enrolled decides; ``chance_errors``: the errors tried

    Raises
    ------
    TableError
        The table is no table of changes.
    ValueError
        ``reading`` is neither strict nor lenient.

    Notes
    -----
    A missing reading is never a non-responder. A composite is evaluable only when each of its tests is:
    if a hip counted as soon as one test had failed, failures would be counted more often than successes.

    Examples
    --------
    >>> from analysis import change
    >>> visits = pd.DataFrame({"patient_id": "a", "side": "left", "timepoint": ["baseline", "post"],
    ...                        "hip_ir_deg": [12.3, 17.3]})
    >>> respond(change(visits)).set_index("response")["outcome"].to_dict()["ir"]
    'responder'
    """
    protocol = protocol or builtin()
    if reading not in READINGS:
        raise UserError(f"reading is {reading!r}; it can be strict or lenient")
    if "comparison" not in changes:
        raise TableError("changes: no column comparison; give what change() returns, tables.changes")
    protocol = with_errors_tried(changes, protocol)
    names = sorted(protocol.responses, key=lambda name: name != protocol.primary_response)
    carried = [column for column in changes if column not in measure_columns(protocol)]
    pieces = []
    for _, rows in changes.groupby("comparison", observed=True, sort=False):
        rows = rows.reset_index(drop=True)
        judged = {
            name: _judge_test(rows, rule, reading, protocol)
            for name, rule in protocol.responses.items()
            if isinstance(rule, TestResponse)
        }
        for name, rule in protocol.responses.items():
            if isinstance(rule, CompositeResponse):
                judged[name] = _judge_composite([judged[part] for part in rule.of], rule.at_least)
        pieces += [_table(rows[carried], name, judged[name], protocol) for name in names]
    if not pieces:
        pieces = [_table(changes[carried], names[0], _nobody(changes), protocol)]
    responses = pd.concat(pieces, ignore_index=True)
    responses["response"] = responses["response"].astype(ordered(names))
    responses["comparison"] = responses["comparison"].astype(ordered(comparison_order(protocol)))
    return sort_hips(responses, [*PAIR, "response"])


def _table(rows: pd.DataFrame, name: str, judged: _Judged, protocol: Protocol) -> pd.DataFrame:
    return rows.assign(
        response=name,
        outcome=pd.Categorical.from_codes(judged.outcome, dtype=ordered(OUTCOMES)),
        reason=pd.Series(judged.reason, index=rows.index, dtype="str"),
        **{f"chance{error}": judged.chance[:, place] for place, error in enumerate(ERRORS)},
        chance_unknown=pd.Series(judged.unknown, index=rows.index, dtype="str"),
        chance_errors=_errors_tried(name, protocol),
    )


def _errors_tried(name: str, protocol: Protocol) -> str:
    """Return the ranges of measurement error behind a response: "hip_ir_deg 1.9 to 3.6"; empty where there is none."""
    response = protocol.responses[name]
    parts = response.of if isinstance(response, CompositeResponse) else (name,)
    tests = [protocol.responses[part] for part in parts]
    rules = [rule for test in tests if isinstance(test, TestResponse) for rule in test.rules]
    angles = dict.fromkeys(rule.latent or "" if isinstance(rule, BecomesRule) else rule.measure for rule in rules)
    known = {angle: protocol.measures[angle] for angle in angles if angle and protocol.measures[angle].sem}
    ranges = {angle: errors_of(measure)[1:] for angle, measure in known.items()}
    return "; ".join(f"{angle} {low:.3g} to {high:.3g}" for angle, (low, high) in ranges.items() if low < high)


def _nobody(rows: pd.DataFrame) -> _Judged:
    """Return an answer for every row that there is none."""
    nothing = np.full(len(rows), "", dtype=object)
    return _Judged(
        np.full(len(rows), NOT_EVALUABLE), nothing, np.full((len(rows), len(ERRORS)), np.nan), nothing.copy()
    )


def _judge_test(rows: pd.DataFrame, test: TestResponse, reading: str, protocol: Protocol) -> _Judged:
    """Judge by the first rule whose readings were recorded both times."""
    result = _nobody(rows)
    result.reason[:] = _why_missing(rows)
    free = rows["comparable"].to_numpy().copy()
    unread = np.ones(len(rows), dtype=bool)
    for rule in test.rules:
        before, after = (rows[f"{rule.measure}_{when}"].notna().to_numpy() for when in ("before", "after"))
        usable = free & before & after
        judge = _judge_turn if isinstance(rule, BecomesRule) else _judge_gain
        judged = judge(rows, rule, reading, protocol)  # type: ignore[arg-type]
        # Without room to improve from the start, a later reading could have changed nothing: none is missing.
        result.reason[unread & before & (judged.reason == ALREADY)] = ALREADY
        unread &= ~before
        for name in ("outcome", "reason", "chance", "unknown"):
            getattr(result, name)[usable] = getattr(judged, name)[usable]
        free &= ~usable
    return result


def _why_missing(rows: pd.DataFrame) -> np.ndarray:
    reason = np.full(len(rows), "not measured both times", dtype=object)
    reason[~rows["comparable"].to_numpy()] = "measured in different ways"
    reason[~rows["has_end"].to_numpy()] = "no later visit"
    reason[~rows["has_start"].to_numpy()] = "no earlier visit"
    return reason


def _judge_gain(rows: pd.DataFrame, rule: GainRule, reading: str, protocol: Protocol) -> _Judged:
    measure = protocol.measures[rule.measure]
    before, after = (in_steps(rows[f"{rule.measure}_{when}"], measure.step)[0] for when in ("before", "after"))
    gain = after - before if measure.better == "higher" else before - after
    met = OPERATORS[rule.op](gain, cut_in_steps(threshold(rule, reading, protocol), measure.step))
    outcome = np.where(met, RESPONDER, NON_RESPONDER)
    chance = chance_of_gain(rows, rule, reading, protocol)
    unknown = np.full(len(rows), chance.unknown, dtype=object)
    stuck = before == _best_grade(measure)
    if reading == "lenient":
        judged = np.where(stuck & (gain == 0), RESPONDER, outcome)
        return _Judged(judged, np.full(len(rows), "", dtype=object), chance.probability, unknown)
    reason = np.where(stuck, ALREADY, "").astype(object)
    chances = np.where(stuck[:, None], np.nan, chance.probability)
    return _Judged(np.where(stuck, NOT_EVALUABLE, outcome), reason, chances, unknown)


def _best_grade(measure: Measure) -> float:
    """Return the grade, in steps, from which a test cannot improve; no angle has one."""
    if measure.kind != "count" or measure.possible is None:
        return np.nan
    return cut_in_steps(measure.possible[0 if measure.better == "lower" else 1], measure.step)


def _judge_turn(rows: pd.DataFrame, rule: BecomesRule, reading: str, protocol: Protocol) -> _Judged:
    before = rows[f"{rule.measure}_before"].astype("object")
    after = rows[f"{rule.measure}_after"].astype("object")
    could_turn = (before == rule.start).to_numpy() | (reading == "lenient" and rule.lenient_already)
    turned = np.where((after == rule.end).to_numpy(), RESPONDER, NON_RESPONDER)
    return _Judged(
        np.where(could_turn, turned, NOT_EVALUABLE),
        np.where(could_turn, "", ALREADY).astype(object),
        np.where(could_turn[:, None], chance_of_turning(rows, rule, protocol).probability, np.nan),
        np.full(len(rows), "", dtype=object),
    )


def _judge_composite(parts: list[_Judged], at_least_so_many: int) -> _Judged:
    codes = np.array([part.outcome for part in parts])
    evaluable = (codes != NOT_EVALUABLE).all(axis=0)
    enough = (codes == RESPONDER).sum(axis=0) >= at_least_so_many
    outcome = np.where(~evaluable, NOT_EVALUABLE, np.where(enough, RESPONDER, NON_RESPONDER))
    # A test without room to improve is named before a missing reading: it alone keeps the hip from being judged.
    reason = np.full(len(evaluable), "", dtype=object)
    for part in reversed(parts):
        reason[part.reason != ""] = part.reason[part.reason != ""]
    reason[np.logical_or.reduce([part.reason == ALREADY for part in parts])] = ALREADY
    chance = np.full(parts[0].chance.shape, np.nan)
    for place in range(len(ERRORS)):
        known = np.array([part.chance[:, place] for part in parts]).T
        sure = evaluable & ~np.isnan(known).any(axis=1)
        chance[sure, place] = at_least(known[sure], at_least_so_many)
    unknown = np.full(len(outcome), "", dtype=object)
    for part in reversed(parts):
        unknown[part.unknown != ""] = part.unknown[part.unknown != ""]
    return _Judged(outcome, reason, chance, unknown)
