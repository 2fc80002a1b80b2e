"""Changes become responses: which tests improved, under which rule, and which cannot be judged and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.hips.by_chance import ERRORS, Chance, chance_of_gain, chance_of_turning, errors_of, smallest_gain
from analysis.hips.change import comparison_order, measure_columns
from analysis.hips.cohort import is_known, numbered, taken, words_of
from analysis.hips.pairs import Pairs, pairs_of
from analysis.hips.usual import UNKNOWN, with_errors_tried
from analysis.protocol import CompositeResponse, Protocol, builtin
from analysis.protocol.measures import Measure
from analysis.protocol.responses import BecomesRule, GainRule, TestResponse
from analysis.protocol.steps import cut_in_steps
from analysis.schema import OUTCOMES, PAIR, READINGS, TableError, ordered, sort_hips
from analysis.stats.chance import at_least
from analysis.usererror import UserError

RESPONDER, NON_RESPONDER, NOT_EVALUABLE = range(3)
_CODES = np.arange(3, dtype="int8")
ALREADY = "no room to improve"
NO_SHARE = "a first reading of 0 or less"  # of which a rule asks for a share
NOT_MISSING = (ALREADY, NO_SHARE)  # the only reasons that are no missing measurement

# Why a hip has no outcome, the first being that it has one.
REASONS = (
    "", ALREADY, NO_SHARE,
    "not measured both times", "measured in different ways", "no later visit", "no earlier visit",
)  # fmt: skip
_ALREADY, _NO_SHARE, _NOT_BOTH, _DIFFERENTLY, _NO_LATER, _NO_EARLIER = range(1, len(REASONS))


@dataclass(frozen=True)
class Judged:
    """One rule's answer for every hip.

    Attributes
    ----------
    outcome, reason, unknown
        int8 (hips,): places in ``OUTCOMES``, ``REASONS`` and ``UNKNOWN``.
    chance
        float64 (errors, hips): the probability of a responder if nothing had truly changed; NaN where not known.
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
    changes = _in_order(changes, protocol)
    names = response_order(protocol)
    shape = len(changes), len(names)
    outcome, reason, unknown = np.full(shape, NOT_EVALUABLE, "int8"), np.zeros(shape, "int8"), np.zeros(shape, "int8")
    chance = np.full((len(ERRORS), *shape), np.nan)
    which = changes["comparison"].cat.codes.to_numpy()
    for code in np.unique(which[which >= 0]):
        rows = np.flatnonzero(which == code)
        pairs = pairs_of(changes.iloc[rows], protocol)
        for place, judged in enumerate(judge(pairs, protocol, reading, names).values()):
            outcome[rows, place], reason[rows, place] = judged.outcome, judged.reason
            unknown[rows, place], chance[:, rows, place] = judged.unknown, judged.chance
    carried = [column for column in changes if column not in measure_columns(protocol)]
    row, of_each = np.repeat(np.arange(shape[0]), shape[1]), np.tile(np.arange(shape[1]), shape[0])
    return pd.DataFrame(
        {
            **{str(name): taken(changes[name], row) for name in carried},
            "response": pd.Categorical.from_codes(of_each, dtype=ordered(names)),
            "outcome": pd.Categorical.from_codes(outcome.ravel(), dtype=ordered(OUTCOMES)),
            "reason": words_of(REASONS, reason.ravel()),
            **{f"chance{error}": of_error.ravel() for error, of_error in zip(ERRORS, chance, strict=True)},
            "chance_unknown": words_of(UNKNOWN, unknown.ravel()),
            "chance_errors": words_of([errors_in_words(name, protocol) for name in names], of_each),
        },
        copy=False,
    )


def response_order(protocol: Protocol) -> list[str]:
    """Return the responses with the primary one first."""
    return sorted(protocol.responses, key=lambda name: name != protocol.primary_response)


def _in_order(changes: pd.DataFrame, protocol: Protocol) -> pd.DataFrame:
    """Return changes in the order of patient, side, episode and comparison, as :func:`analysis.change` leaves them."""
    changes = changes.assign(comparison=changes["comparison"].astype(ordered(comparison_order(protocol))))
    key = np.zeros(len(changes), dtype="int64")
    for name in PAIR:
        codes, words = numbered(changes[name])
        key = key * max(len(words), 1) + codes
    return changes if (np.diff(key) >= 0).all() else sort_hips(changes, PAIR)


def errors_in_words(name: str, protocol: Protocol) -> str:
    """Return the ranges of measurement error behind a response: "hip_ir_deg 1.9 to 3.6"; empty where there is none."""
    response = protocol.responses[name]
    parts = response.of if isinstance(response, CompositeResponse) else (name,)
    tests = [protocol.responses[part] for part in parts]
    rules = [rule for test in tests if isinstance(test, TestResponse) for rule in test.rules]
    angles = dict.fromkeys(rule.latent or "" if isinstance(rule, BecomesRule) else rule.measure for rule in rules)
    known = {angle: protocol.measures[angle] for angle in angles if angle and protocol.measures[angle].sem}
    ranges = {angle: errors_of(measure)[1:] for angle, measure in known.items()}
    return "; ".join(f"{angle} {low:.3g} to {high:.3g}" for angle, (low, high) in ranges.items() if low < high)


def judge(pairs: Pairs, protocol: Protocol, reading: str, names: Sequence[str]) -> dict[str, Judged]:
    """Judge the hips of one comparison by some responses of a protocol, in the order of these.

    Parameters
    ----------
    pairs
        Of the whole cohort: its first readings tell what chance does.
    protocol
        With the errors tried; see :func:`analysis.hips.usual.errors_tried`.
    reading, names
        Strict or lenient; the responses.
    """
    found: dict[str, Judged] = {}
    for name in names:
        rule = protocol.responses[name]
        for part in rule.of if isinstance(rule, CompositeResponse) else [name]:
            test = protocol.responses[part]
            if part not in found and isinstance(test, TestResponse):
                found[part] = _judge_test(pairs, test, reading, protocol)
        if isinstance(rule, CompositeResponse):
            found[name] = _judge_composite([found[part] for part in rule.of], rule.at_least)
    return {name: found[name] for name in names}


def _judge_test(pairs: Pairs, test: TestResponse, reading: str, protocol: Protocol) -> Judged:
    """Judge by the first rule whose readings were recorded both times."""
    result = Judged(
        np.full(len(pairs), NOT_EVALUABLE, dtype="int8"),
        _why_missing(pairs),
        np.full((len(ERRORS), len(pairs)), np.nan),
        np.zeros(len(pairs), dtype="int8"),
    )
    free, unread = pairs.comparable.copy(), np.ones(len(pairs), dtype=bool)
    for rule in test.rules:
        before = is_known(pairs.readings[rule.measure][0])
        usable = free & pairs.both_read(rule.measure)
        judge_by = _judge_turn if isinstance(rule, BecomesRule) else _judge_gain
        outcome, barred, chance = judge_by(pairs, rule, reading, protocol, usable)  # type: ignore[arg-type]
        # Without room to improve from the start, a later reading could have changed nothing: none is missing.
        np.copyto(result.reason, barred, where=unread & before & (barred != 0))
        unread &= ~before
        np.copyto(result.outcome, outcome, where=usable)
        np.copyto(result.reason, barred, where=usable)
        np.copyto(result.chance, chance.probability, where=usable & (barred == 0))
        np.copyto(result.unknown, np.int8(UNKNOWN.index(chance.unknown)), where=usable)
        free &= ~usable
    return result


def _why_missing(pairs: Pairs) -> np.ndarray:
    reason = np.where(pairs.comparable, np.int8(_NOT_BOTH), np.int8(_DIFFERENTLY))
    reason[~pairs.has_end] = _NO_LATER
    reason[~pairs.has_start] = _NO_EARLIER
    return reason


# The outcome, why a hip could have none whatever the later reading (0: it could), and what chance does.
_Verdict = tuple[np.ndarray, np.ndarray, Chance]


def _judge_gain(pairs: Pairs, rule: GainRule, reading: str, protocol: Protocol, usable: np.ndarray) -> _Verdict:
    measure = protocol.measures[rule.measure]
    before, after = (values.astype("int64") for values in pairs.readings[rule.measure])
    gain = after - before if measure.better == "higher" else before - after
    met, best = gain >= smallest_gain(rule, reading, protocol, before), before == _best_grade(measure)
    barred = np.where((before <= 0) & (rule.share(reading) is not None), np.int8(_NO_SHARE), np.int8(0))
    barred[best] = 0 if reading == "lenient" else _ALREADY
    if reading == "lenient":
        met |= best & (gain == 0)
    outcome = np.where(barred != 0, _CODES[NOT_EVALUABLE], np.where(met, _CODES[RESPONDER], _CODES[NON_RESPONDER]))
    return outcome, barred, chance_of_gain(pairs, rule, reading, protocol, usable & (barred == 0))


def _best_grade(measure: Measure) -> float:
    """Return the grade, in steps, from which a test cannot improve; no angle has one."""
    if measure.kind != "count" or measure.possible is None:
        return np.nan
    return cut_in_steps(measure.possible[0 if measure.better == "lower" else 1], measure.step)


def _judge_turn(pairs: Pairs, rule: BecomesRule, reading: str, protocol: Protocol, _: np.ndarray) -> _Verdict:
    levels = protocol.measures[rule.measure].levels
    before, after = pairs.readings[rule.measure]
    stuck = (before != levels.index(rule.start)) & (not (reading == "lenient" and rule.lenient_already))
    turned = np.where(after == levels.index(rule.end), _CODES[RESPONDER], _CODES[NON_RESPONDER])
    barred = np.where(stuck, np.int8(_ALREADY), np.int8(0))
    return np.where(stuck, _CODES[NOT_EVALUABLE], turned), barred, chance_of_turning(pairs, rule, protocol)


def _judge_composite(parts: list[Judged], at_least_so_many: int) -> Judged:
    evaluable = np.logical_and.reduce([part.outcome != NOT_EVALUABLE for part in parts])
    enough = np.add.reduce([part.outcome == RESPONDER for part in parts], dtype="int8") >= at_least_so_many
    outcome = np.where(enough, _CODES[RESPONDER], _CODES[NON_RESPONDER])
    outcome[~evaluable] = NOT_EVALUABLE
    # A test without room to improve is named before a missing reading: it alone keeps the hip from being judged.
    reason = _first_of([part.reason for part in parts])
    for whatever in (_NO_SHARE, _ALREADY):
        reason[np.logical_or.reduce([part.reason == whatever for part in parts])] = whatever
    chance = np.full(parts[0].chance.shape, np.nan)
    sure = np.flatnonzero(evaluable)
    for place in range(len(ERRORS)):
        chance[place, sure] = at_least(np.stack([part.chance[place][sure] for part in parts]).T, at_least_so_many)
    return Judged(outcome, reason, chance, _first_of([part.unknown for part in parts]))


def _first_of(codes: Sequence[np.ndarray]) -> np.ndarray:
    """Return of each hip the first code that is not 0."""
    found = codes[-1].copy()
    for code in codes[-2::-1]:
        found[code != 0] = code[code != 0]
    return found
