"""Whether a hip responded: each test judged by its rules, and responses that are made of several tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.hips.by_chance import smallest_gain
from analysis.hips.cohort import is_known
from analysis.hips.pairs import Pairs
from analysis.protocol import CompositeResponse, Protocol
from analysis.protocol.measures import Measure, Reading
from analysis.protocol.responses import BecomesRule, GainRule, TestResponse
from analysis.protocol.steps import cut_in_steps

Rule = GainRule | BecomesRule
RESPONDER, NON_RESPONDER, NOT_EVALUABLE = range(3)
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
    outcome, reason
        int8 (hips,): places in ``OUTCOMES`` and ``REASONS``.
    rule
        int8 (hips,): the place of the rule that judged, of a test that has several; −1 where none did.
    """

    outcome: np.ndarray
    reason: np.ndarray
    rule: np.ndarray

    @property
    def is_judged(self) -> np.ndarray:
        """Which hips have an outcome."""
        return self.outcome != NOT_EVALUABLE

    @property
    def is_responder(self) -> np.ndarray:
        """Which hips responded."""
        return self.outcome == RESPONDER

    @property
    def lacks_reading(self) -> np.ndarray:
        """Which hips have no outcome for want of a reading."""
        return ~self.is_judged & (self.reason != _ALREADY) & (self.reason != _NO_SHARE)


def judge(pairs: Pairs, protocol: Protocol, reading: Reading, names: Sequence[str]) -> dict[str, Judged]:
    """Judge the hips of one comparison by some responses of a protocol, and by each test that these are made of."""
    found: dict[str, Judged] = {}
    for name in names:
        rule = protocol.responses[name]
        for part in parts_of(name, protocol):
            test = protocol.responses[part]
            if part not in found and isinstance(test, TestResponse):
                found[part] = _judge_test(pairs, test, reading, protocol)
        if isinstance(rule, CompositeResponse):
            found[name] = _judge_composite([found[part] for part in rule.of], rule.at_least)
    return found


def parts_of(name: str, protocol: Protocol) -> Sequence[str]:
    """Return the tests that a response is made of: itself, where it is one."""
    response = protocol.responses[name]
    return response.of if isinstance(response, CompositeResponse) else [name]


def rules_of(name: str, protocol: Protocol) -> list[Rule]:
    """Return the rules of all tests that a response is made of."""
    tests = [protocol.responses[part] for part in parts_of(name, protocol)]
    return [rule for test in tests if isinstance(test, TestResponse) for rule in test.rules]


def _judge_test(pairs: Pairs, test: TestResponse, reading: Reading, protocol: Protocol) -> Judged:
    """Judge by the first rule whose readings were recorded both times."""
    outcome, reason = np.full(len(pairs), NOT_EVALUABLE, dtype="int8"), _why_missing(pairs)
    judged_by = np.full(len(pairs), -1, dtype="int8")
    free, unread = pairs.comparable.copy(), np.ones(len(pairs), dtype=bool)
    for place, rule in enumerate(test.rules):
        before = is_known(pairs.readings[rule.measure][0])
        if not before.any():  # many tests are recorded in one of several ways
            continue
        usable = free & pairs.both_read(rule.measure)
        judge_by = _judge_turn if isinstance(rule, BecomesRule) else _judge_gain
        found, barred = judge_by(pairs, rule, reading, protocol)  # type: ignore[arg-type]
        # Without room to improve from the start, a later reading could have changed nothing: none is missing.
        np.copyto(reason, barred, where=unread & before & (barred != 0))
        unread &= ~before
        np.copyto(outcome, found, where=usable)
        np.copyto(reason, barred, where=usable)
        judged_by[usable] = place
        free &= ~usable
    return Judged(outcome, reason, judged_by)


def _why_missing(pairs: Pairs) -> np.ndarray:
    reason = np.full(len(pairs), _NOT_BOTH, dtype="int8")
    reason[~pairs.comparable] = _DIFFERENTLY
    reason[~pairs.has_end] = _NO_LATER
    reason[~pairs.has_start] = _NO_EARLIER
    return reason


# The outcome, and why a hip could have none whatever the later reading (0: it could).
_Verdict = tuple[np.ndarray, np.ndarray]


def _judge_gain(pairs: Pairs, rule: GainRule, reading: Reading, protocol: Protocol) -> _Verdict:
    measure = protocol.measures[rule.measure]
    before, after = (_with_room(values) for values in pairs.readings[rule.measure])
    gain = after - before if measure.better == "higher" else before - after
    met, best = gain >= smallest_gain(rule, reading, protocol, before), before == _best_grade(measure)
    barred = np.zeros(len(pairs), dtype="int8")
    if rule.share(reading) is not None:
        barred[before <= 0] = _NO_SHARE
    barred[best] = 0 if reading == "lenient" else _ALREADY
    if reading == "lenient":
        met |= best & (gain == 0)
    return _in_codes(met, barred == 0), barred


def _with_room(values: np.ndarray) -> np.ndarray:
    """Return whole numbers of a type that holds their differences."""
    return values.astype("int32" if values.dtype.itemsize < 4 else "int64")


def _in_codes(met: np.ndarray, evaluable: np.ndarray) -> np.ndarray:
    outcome = (~met).view("int8")  # 0 and 1 are the codes of the two; to choose among codes takes many times longer
    outcome[~evaluable] = NOT_EVALUABLE
    return outcome


def _best_grade(measure: Measure) -> float:
    """Return the grade, in steps, from which a test cannot improve; no angle has one."""
    if measure.kind != "count" or measure.possible is None:
        return np.nan
    return cut_in_steps(measure.possible[0 if measure.better == "lower" else 1], measure.step)


def _judge_turn(pairs: Pairs, rule: BecomesRule, reading: Reading, protocol: Protocol) -> _Verdict:
    levels = protocol.measures[rule.measure].levels
    before, after = pairs.readings[rule.measure]
    stuck = (before != levels.index(rule.start)) & (not (reading == "lenient" and rule.lenient_already))
    barred = stuck * np.int8(_ALREADY)
    return _in_codes(after == levels.index(rule.end), barred == 0), barred


def _judge_composite(parts: list[Judged], at_least_so_many: int) -> Judged:
    evaluable = np.logical_and.reduce([part.is_judged for part in parts])
    enough = np.add.reduce([part.outcome == RESPONDER for part in parts], dtype="int8") >= at_least_so_many
    outcome = _in_codes(enough, evaluable)
    # A test without room to improve is named before a missing reading: it alone keeps the hip from being judged.
    reason = first_of([part.reason for part in parts])
    for whatever in (_NO_SHARE, _ALREADY):
        reason[np.logical_or.reduce([part.reason == whatever for part in parts])] = whatever
    return Judged(outcome, reason, np.full(len(outcome), -1, dtype="int8"))


def first_of(codes: Sequence[np.ndarray]) -> np.ndarray:
    """Return of each hip the first code that is not 0."""
    found = codes[-1].copy()
    for code in codes[-2::-1]:
        found[code != 0] = code[code != 0]
    return found
