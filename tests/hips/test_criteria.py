import pytest

from analysis.hips.criteria import Answer, answer, answers_of, by_hip, simple_criteria
from analysis.protocol import builtin
from builders import assessments, hip, visit

MET, LENIENT, NOT_MET = Answer.MET, Answer.LENIENT, Answer.NOT_MET
MISSING, UNDECIDED = Answer.MISSING, Answer.UNDECIDED


def answered(criterion, **values):
    return Answer(answer(hip(**values), builtin().criteria[criterion], builtin())[0])


# The cut-offs of the article in its two readings: at, just below, just above each, and missing.
@pytest.mark.parametrize(
    ("criterion", "measure", "expected"),
    [
        (
            "restricted",
            "hip_ir_deg",
            {19.9: MET, 20: LENIENT, 20.1: LENIENT, 29.9: LENIENT, 30: NOT_MET, 30.1: NOT_MET},
        ),
        ("ir_markedly_limited", "hip_ir_deg", {14.9: MET, 15: LENIENT, 15.1: LENIENT, 19.9: LENIENT, 20: NOT_MET}),
        ("almost_no_ir", "hip_ir_deg", {-3: MET, 0: MET, 4.9: MET, 5: MET, 5.1: NOT_MET, 10: NOT_MET}),
        ("femur_turned_out", "hip_er_deg", {24.9: NOT_MET, 25: NOT_MET, 25.1: MET}),
        ("slr_limited", "slr_deg", {44.9: MET, 45: NOT_MET, 45.1: NOT_MET}),
        ("tilt_anterior", "pelvic_tilt", {"anterior": MET, "posterior": NOT_MET, "neutral": UNDECIDED}),
        ("tilt_posterior", "pelvic_tilt", {"anterior": NOT_MET, "posterior": MET, "neutral": UNDECIDED}),
        ("stands_in_swayback", "swayback", {True: MET, False: NOT_MET}),
        ("lots_of_lumbar_extension", "lumbar_extension", {True: MET, False: NOT_MET}),
        ("stretch_not_felt", "feels_stretch", {False: MET, True: NOT_MET}),
    ],
)
def test_criterion_at_and_around_its_cut_off(criterion, measure, expected):
    assert {value: answered(criterion, **{measure: value}) for value in expected} == expected
    assert answered(criterion, **{measure: None}) is MISSING
    assert answered(criterion) is MISSING


@pytest.mark.parametrize(
    ("recorded", "angle", "anterior", "posterior"),
    [
        (None, 2.1, MET, NOT_MET),
        (None, 2, UNDECIDED, UNDECIDED),
        (None, 0, UNDECIDED, UNDECIDED),
        (None, -2, UNDECIDED, UNDECIDED),
        (None, -2.1, NOT_MET, MET),
        (None, None, MISSING, MISSING),
        ("anterior", -10, MET, NOT_MET),  # what the clinician wrote stands over the angle
        ("neutral", 10, UNDECIDED, UNDECIDED),
    ],
)
def test_tilt_is_read_off_its_angle_only_where_it_was_not_recorded(recorded, angle, anterior, posterior):
    values = {"pelvic_tilt": recorded, "pelvic_tilt_deg": angle}
    assert answered("tilt_anterior", **values) is anterior
    assert answered("tilt_posterior", **values) is posterior


def test_a_level_stands_as_recorded_where_there_is_no_angle_or_no_rule_to_read_it_off():
    rule, recorded = builtin().criteria["tilt_anterior"], {"pelvic_tilt": "anterior", "pelvic_tilt_deg": -10}
    assert answer(hip(**recorded).drop(columns="pelvic_tilt_deg"), rule, builtin()) == [MET]
    tilt = builtin().measures["pelvic_tilt"].model_copy(update={"derived": None})
    bare = builtin().model_copy(update={"measures": {**builtin().measures, "pelvic_tilt": tilt}})
    assert answer(hip(**recorded), rule, bare) == [MET]
    assert answer(hip(pelvic_tilt=None, pelvic_tilt_deg=10), rule, bare) == [MISSING]


def test_a_cut_off_between_two_tenths_is_not_rounded():
    rule = builtin().criteria["femur_turned_out"].model_copy(update={"op": "ge", "strict": 22.25})
    hips = assessments(visit(patient="a", hip_er_deg=22.2), visit(patient="b", hip_er_deg=22.3))
    assert answer(hips, rule, builtin()).tolist() == [NOT_MET, MET]


@pytest.mark.parametrize(
    ("given", "strict", "lenient"),
    [
        (MET, True, True),
        (LENIENT, False, True),
        (NOT_MET, False, False),
        (MISSING, None, None),
        (UNDECIDED, None, None),
    ],
)
def test_answer_under_each_reading(given, strict, lenient):
    assert (given.under("strict"), given.under("lenient")) == (strict, lenient)


def test_every_hip_has_its_answer_to_every_criterion():
    hips = assessments(
        visit(patient="a", hip_ir_deg=12, pelvic_tilt="neutral", feels_stretch=False),
        visit(patient="b", hip_ir_deg=25, hip_er_deg=25),
        visit(patient="c"),
    )
    each = by_hip(answers_of(hips, builtin()), builtin())
    for name, rule in simple_criteria(builtin()).items():
        assert [hip[name] for hip in each] == answer(hips, rule, builtin()).tolist(), name


def test_no_hips_no_answers():
    assert by_hip(answers_of(assessments(), builtin()), builtin()) == []
