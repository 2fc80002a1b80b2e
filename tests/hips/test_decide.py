"""The rules of the built-in protocol over every combination of answers to its criteria."""

from itertools import product

import pytest

from analysis.hips.criteria import Answer, simple_criteria
from analysis.hips.decide import Reasoning, all_of, any_of, decide
from analysis.protocol import builtin
from analysis.schema import STATES

MISSING, UNDECIDED, NOT_MET, LENIENT, MET = Answer
WITH_TWO_READINGS = ("restricted", "ir_markedly_limited")
WITH_NEUTRAL = ("tilt_anterior", "tilt_posterior")
CRITERIA = list(simple_criteria(builtin()))


def possible_answers(criterion):
    if criterion == "lots_of_lumbar_extension":
        return [MISSING]  # it supports a type and is required by none; see the test of it below
    if criterion in WITH_TWO_READINGS:
        return [MISSING, NOT_MET, LENIENT, MET]
    if criterion in WITH_NEUTRAL:
        return [MISSING, UNDECIDED, NOT_MET, MET]
    return [MISSING, NOT_MET, MET]


@pytest.fixture(scope="module")
def decided():
    """All 62,208 combinations, also those in which answers about one angle contradict each other.

    No hip gives these today, but an edited protocol may ask each question of another measure.
    """
    combinations = product(*map(possible_answers, CRITERIA))
    return {given: decide(dict(zip(CRITERIA, given, strict=True)), builtin()) for given in combinations}


def fillings(given):
    """The combinations that know one answer more."""
    for position, answer in enumerate(given):
        if answer in (MISSING, UNDECIDED):
            for known in possible_answers(CRITERIA[position]):
                if known > UNDECIDED:
                    yield (*given[:position], known, *given[position + 1 :])


def test_every_combination_has_one_state_and_a_certainty_when_determined(decided):
    assert len(decided) == 62_208
    for given, decision in decided.items():
        assert decision.stretch_type in STATES, given
        assert decision.presentation in set(STATES) - {"T3"}, given
        assert (decision.certainty is None) == (decision.stretch_type == "indeterminate"), given
        assert decision.certainty in (None, "definite", "borderline"), given


def test_every_answer_is_listed_once(decided):
    for given, decision in decided.items():
        listed = [
            *decision.criteria_met,
            *decision.criteria_lenient,
            *decision.criteria_failed,
            *decision.criteria_missing,
        ]
        assert sorted(listed) == sorted(CRITERIA), given


def test_what_a_class_requires_is_met_in_the_reading_it_claims(decided):
    for given, decision in decided.items():
        hip = Reasoning(dict(zip(CRITERIA, given, strict=True)), builtin())
        for state in {decision.stretch_type, decision.presentation} & set(builtin().types):
            assert hip.fits(state, "lenient") is True, given
        if decision.certainty == "definite" and decision.stretch_type in builtin().types:
            assert hip.fits(decision.stretch_type, "strict") is True, given
        if decision.presentation == "not_restricted":
            assert hip.criterion("restricted", "lenient") is False, given
        if decision.presentation == "unclassified":
            assert not any(hip.fits(kind, "lenient") for kind in ("T1", "T2")), given


def test_a_known_presentation_is_changed_by_no_further_answer(decided):
    """One more answer never changes it; so, one after the other, neither do several."""
    for given, decision in decided.items():
        if decision.presentation != "indeterminate":
            for more in fillings(given):
                assert decided[more].presentation == decision.presentation, (given, more)


def test_an_escalation_is_never_taken_back_by_a_further_answer(decided):
    for given, decision in decided.items():
        if decision.stretch_type == "T3":
            for more in fillings(given):
                assert decided[more].stretch_type == "T3", (given, more)
                if decision.certainty == "definite":
                    assert decided[more].certainty == "definite", (given, more)


def test_only_an_escalation_that_was_pointed_out_can_come_later(decided):
    for given, decision in decided.items():
        if decision.stretch_type != "T3" and any(decided[more].stretch_type == "T3" for more in fillings(given)):
            assert "T3_not_excluded" in decision.flags, given


def test_lenient_reading_lets_in_what_the_strict_one_does(decided):
    for given, decision in decided.items():
        if decision.strict_type in builtin().types:
            assert decision.lenient_type in (decision.strict_type, "T3"), given


def test_supporting_criterion_decides_nothing(decided):
    for given, without in decided.items():
        if given[0] is MET and given[-1] is NOT_MET:  # a twelfth of the combinations is plenty
            answers = dict(zip(CRITERIA, given, strict=True))
            assert {
                decide(answers | {"lots_of_lumbar_extension": support}, builtin()).stretch_type
                for support in (NOT_MET, MET)
            } == {without.stretch_type}


@pytest.mark.parametrize(
    ("answers", "both", "either"),
    [
        ([], True, False),
        ([True, True], True, True),
        ([True, False], False, True),
        ([True, None], None, True),
        ([False, None], False, None),
        ([None, None], None, None),
        ([None, False, True], False, True),
    ],
)
def test_three_valued_and_or(answers, both, either):
    assert all_of(answers) is both
    assert any_of(answers) is either
