"""The class of a hip in words: a physiotherapist should be able to sign each sentence."""

import pytest

from analysis.hips.classify import baseline_hips
from analysis.hips.criteria import answers_of, by_hip
from analysis.hips.decide import Reasoning, decide
from analysis.protocol import builtin
from analysis.show.explain import explain
from analysis.show.summary import join_words, summary
from analysis.show.words import value_text
from builders import T1, T2, analysed, every_hip, hip

NOT_FELT = {"feels_stretch": False}


def class_of(**values):
    """The sentences about the class."""
    hips = baseline_hips(hip(**values), builtin())
    (answers,) = by_hip(answers_of(hips, builtin()), builtin())
    return summary(hips.iloc[0], decide(answers, builtin()), Reasoning(answers, builtin()))


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (
            T1,
            "T1, definite (Type 1: anterior tilt, femur turned out). Internal rotation is limited (IR 12°), "
            "pelvic tilt is anterior and the femur is turned out (ER 44°).",
        ),
        (
            T1 | {"hip_ir_deg": 25},
            "T1, borderline (Type 1: anterior tilt, femur turned out). Internal rotation is limited (IR 25°), "
            "pelvic tilt is anterior and the femur is turned out (ER 44°). "
            "This holds in the lenient reading only; in the strict reading the hip is not restricted.",
        ),
        (
            T2,
            "T2, definite (Type 2: posterior tilt or swayback). Internal rotation is limited (IR 12°), "
            "pelvic tilt is posterior, internal rotation is markedly limited (IR 12°) "
            "and straight leg raise is limited (SLR 42°).",
        ),
        (
            T2 | {"swayback": True, "hip_ir_deg": 17.5},
            "T2, borderline (Type 2: posterior tilt or swayback). Internal rotation is limited (IR 17.5°), "
            "pelvic tilt is posterior, posture is swayback, internal rotation is markedly limited (IR 17.5°) "
            "and straight leg raise is limited (SLR 42°). "
            "This holds in the lenient reading only; in the strict reading the hip is unclassified.",
        ),
        (
            T1 | NOT_FELT | {"hip_ir_deg": -3},
            "T3, definite (Escalation: extremely limited). Internal rotation is limited (IR −3°), "
            "there is almost no internal rotation (IR −3°) and the stretch is not felt. "
            "The presentation beneath is T1.",
        ),
        (
            T1 | NOT_FELT,
            "T3, borderline (Escalation: extremely limited). Internal rotation is limited (IR 12°) "
            "and the stretch is not felt. "
            "This holds in the lenient reading only; in the strict reading the hip is T1. "
            "The presentation beneath is T1.",
        ),
        (
            {"hip_ir_deg": 3, "pelvic_tilt": "posterior", "slr_deg": 60},
            "T3, borderline (Escalation: extremely limited). Internal rotation is limited (IR 3°) "
            "and there is almost no internal rotation (IR 3°). "
            "This holds in the lenient reading; in the strict reading it is open (not known: feels the stretch). "
            "The presentation beneath is unclassified.",
        ),
        (
            T1 | NOT_FELT | {"hip_ir_deg": 3, "pelvic_tilt": "neutral"},
            "T3, definite (Escalation: extremely limited). Internal rotation is limited (IR 3°), "
            "there is almost no internal rotation (IR 3°) and the stretch is not felt. "
            "The presentation beneath is indeterminate: tilt is neutral, which decides neither way. "
            "What would settle it: pelvic tilt.",
        ),
        (
            T1 | {"hip_er_deg": 20},
            "Unclassified, definite. Internal rotation is limited (IR 12°), but no type fits: "
            "not T1, as the femur is not turned out (ER 20°); not T2, as pelvic tilt is not posterior, "
            "posture is not swayback and straight leg raise is not limited (SLR 66°).",
        ),
        (
            T2 | {"hip_ir_deg": 20},
            "Unclassified, borderline. Internal rotation is limited (IR 20°), but no type fits: "
            "not T1, as pelvic tilt is not anterior; not T2, as internal rotation is not markedly limited (IR 20°). "
            "This holds in the lenient reading only; in the strict reading the hip is not restricted.",
        ),
        (
            T1 | {"hip_ir_deg": 30},
            "Not restricted. Internal rotation is not limited (IR 30°) in either reading, so no type applies.",
        ),
        (
            T1 | {"hip_er_deg": None, "pelvic_tilt": None},
            "Indeterminate: tilt is not recorded; ER is not recorded. "
            "What would settle it: pelvic tilt and hip external rotation.",
        ),
    ],
)
def test_class_in_words(values, sentence):
    assert class_of(**values) == sentence


@pytest.mark.parametrize(
    ("values", "notes"),
    [
        (T1, []),
        (T1 | {"feels_stretch": None}, ["Note: T3 cannot be excluded (not known: feels the stretch)."]),
        (T1 | NOT_FELT | {"hip_ir_deg": None}, ["Note: T3 cannot be excluded (not known: IR)."]),
        ({}, ["Note: T3 cannot be excluded (not known: IR and feels the stretch)."]),
        (
            T1 | {"slr_deg": 40, "swayback": True},
            [
                f"Note: {builtin().flags['anterior_tilt_with_limited_slr'].label}.",
                "Note: anterior tilt together with swayback: signs of both types.",
            ],
        ),
    ],
)
def test_notes(values, notes):
    story = explain(analysed(hip(**values)), builtin(), "p1", "left")
    assert [line for line in story.splitlines() if line.startswith("Note")] == notes


def test_sentence_agrees_with_the_class_for_every_hip_there_can_be():
    """Each of the 1,944 hips: the state comes first, and a reading or an open question is named when there is one."""
    hips = baseline_hips(every_hip()[1], builtin())
    every = by_hip(answers_of(hips, builtin()), builtin())
    for (_, values), answers in zip(hips.iterrows(), every, strict=True):
        decision, reasoning = decide(answers, builtin()), Reasoning(answers, builtin())
        text = summary(values, decision, reasoning)
        said = "Not restricted" if decision.stretch_type == "not_restricted" else decision.stretch_type.capitalize()
        assert text.startswith(said), text
        assert ("borderline" in text) == (decision.certainty == "borderline"), text
        assert ("lenient reading" in text) == (decision.certainty == "borderline"), text
        assert ("What would settle it" in text) == (decision.presentation == "indeterminate"), text
        for slip in ("  ", " .", " ,", ", and", "()", "nan", "None", "<NA>"):
            assert slip not in text, text
        assert text.endswith("."), text


@pytest.mark.parametrize(
    ("value", "measure", "text"),
    [
        (12.0, "hip_ir_deg", "12°"),
        (12.34, "hip_ir_deg", "12.3°"),
        (-2.0, "pelvic_tilt_deg", "−2°"),
        (3, "ir_drills_tried", "3"),
        (True, "swayback", "yes"),
        (False, "swayback", "no"),
        ("neutral", "pelvic_tilt", "neutral"),
        (None, "swayback", "not recorded"),
        (float("nan"), "hip_ir_deg", "not recorded"),
    ],
)
def test_values_are_read_aloud(value, measure, text):
    assert value_text(value, builtin().measures[measure]) == text


def test_lists_in_a_sentence():
    assert [join_words(parts) for parts in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == [
        "",
        "a",
        "a and b",
        "a, b and c",
    ]
