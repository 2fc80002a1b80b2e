import numpy as np
import pandas as pd
import pytest

from analysis import change, respond
from analysis.hips.judge import NON_RESPONDER, NOT_EVALUABLE, REASONS, RESPONDER, Judged, judge
from analysis.hips.pairs import pairs_of
from analysis.protocol import builtin
from analysis.schema import TableError
from builders import AFTER, BEFORE, assessments, judged, judged_all, pair, visit

YES, NO, CANNOT = "responder", "non_responder", "not_evaluable"


def immediate(*visits, reading="strict"):
    responses = respond(change(assessments(*visits)), reading=reading)
    return responses[responses["comparison"] == "immediate"].set_index("response")


# The article: IR gains 5 or more, SLR 10 or more.
@pytest.mark.parametrize(
    ("response", "measure", "gains"),
    [
        ("ir", "hip_ir_deg", {4.9: NO, 5: YES, 5.1: YES, 25: YES, 0: NO, -5: NO}),
        ("slr", "slr_deg", {9.9: NO, 10: YES, 10.1: YES, 30: YES, 0: NO, -10: NO}),
    ],
)
def test_gain_at_and_around_its_threshold(response, measure, gains):
    found = judged_all([({measure: 12.3}, {measure: 12.3 + gain}) for gain in gains])
    assert dict(zip(gains, [hip[response] for hip in found], strict=True)) == gains


@pytest.mark.parametrize(("response", "measure"), [("ir", "hip_ir_deg"), ("slr", "slr_deg")])
def test_missing_reading_is_not_a_no(response, measure):
    found = judged_all(
        [({measure: before}, {measure: after}) for before, after in [(None, 90), (12, None), (None, None)]]
    )
    assert [hip[response] for hip in found] == [CANNOT] * 3


def test_every_gain_of_exactly_five_is_a_gain_of_five():
    before = np.arange(0, 300)
    hips = pd.DataFrame({"patient_id": [f"{n:03}" for n in before], "side": "left"})
    table = pd.concat(
        [hips.assign(timepoint="baseline", hip_ir_deg=before / 10)]
        + [hips.assign(timepoint="post", hip_ir_deg=(before + gain) / 10) for gain in [50]]
    )
    responses = respond(change(table))
    outcome = responses.query("response == 'ir' and comparison == 'immediate'")["outcome"]
    assert len(outcome) == 300
    assert (outcome == YES).all()


@pytest.mark.parametrize(
    ("before", "after", "strict", "lenient"),
    [(8, 9, YES, YES), (9, 10, YES, YES), (10, 10, CANNOT, YES), (10, 9, CANNOT, NO)],
)
def test_where_more_is_better_the_highest_grade_leaves_no_room(before, after, strict, lenient):
    rules = builtin()
    grade = rules.measures["ober_grade"].model_copy(update={"better": "higher"})
    protocol = rules.model_copy(update={"measures": {**rules.measures, "ober_grade": grade}})
    changes = change(pair({"ober_grade": before}, {"ober_grade": after}), protocol)
    for reading, outcome in (("strict", strict), ("lenient", lenient)):
        found = respond(changes, protocol, reading).set_index(["response", "comparison"])["outcome"]
        assert found["ober", "immediate"] == outcome


# Ober: positive to negative; or one grade; or beyond its MDC95 of 1.96 * sqrt(2) * 2.3 = 6.38 degrees.
OBER = [
    # before, after, strict, lenient
    ({"ober": "positive"}, {"ober": "negative"}, YES, YES),
    ({"ober": "positive"}, {"ober": "positive"}, NO, NO),
    ({"ober": "negative"}, {"ober": "negative"}, CANNOT, YES),  # no room to improve; leniently already met
    ({"ober": "negative"}, {"ober": "positive"}, CANNOT, NO),
    ({"ober": None}, {"ober": "negative"}, CANNOT, CANNOT),
    ({"ober": "positive"}, {"ober": None}, CANNOT, CANNOT),
    ({"ober_grade": 2}, {"ober_grade": 1}, YES, YES),
    ({"ober_grade": 0}, {"ober_grade": 0}, CANNOT, YES),  # free from the start: no room to improve
    ({"ober_grade": 0}, {"ober_grade": 1}, CANNOT, NO),
    ({"ober_grade": 2}, {"ober_grade": 2}, NO, NO),
    ({"ober_grade": 1}, {"ober_grade": 2}, NO, NO),
    ({"ober_grade": None}, {"ober_grade": 1}, CANNOT, CANNOT),
    ({"ober_deg": 12}, {"ober_deg": 18.3}, NO, NO),
    ({"ober_deg": 12}, {"ober_deg": 18.4}, YES, YES),
    ({"ober_deg": 12}, {"ober_deg": 5}, NO, NO),
    ({"ober_deg": 12}, {"ober_deg": None}, CANNOT, CANNOT),
    ({}, {}, CANNOT, CANNOT),
    # the sign speaks before the grade, the grade before the angle, each only if recorded both times
    ({"ober": "positive", "ober_deg": 12}, {"ober": "positive", "ober_deg": 22}, NO, NO),
    ({"ober": "positive", "ober_deg": 12}, {"ober": None, "ober_deg": 22}, YES, YES),
    ({"ober_grade": 2, "ober_deg": 12}, {"ober_grade": 2, "ober_deg": 22}, NO, NO),
    ({"ober": None, "ober_grade": 2}, {"ober": "negative", "ober_grade": 1}, YES, YES),
]


@pytest.mark.parametrize(("reading", "column"), [("strict", 2), ("lenient", 3)])
def test_ober(reading, column):
    found = judged_all([row[:2] for row in OBER], reading)
    for row, hip in zip(OBER, found, strict=True):
        assert hip["ober"] == row[column], row


COMPOSITES = [
    # IR, SLR, Ober, all three, two of three
    (YES, YES, YES, YES, YES),
    (YES, YES, NO, NO, YES),
    (NO, YES, YES, NO, YES),
    (YES, NO, NO, NO, NO),
    (NO, NO, NO, NO, NO),
    # listwise: with one test unknown the composite is unknown, also where it could only fail or succeed
    (NO, YES, CANNOT, CANNOT, CANNOT),
    (YES, YES, CANNOT, CANNOT, CANNOT),
    (NO, NO, CANNOT, CANNOT, CANNOT),
    (CANNOT, CANNOT, CANNOT, CANNOT, CANNOT),
]


def test_composites():
    after = {
        "hip_ir_deg": {YES: 17, NO: 12, CANNOT: None},
        "slr_deg": {YES: 70, NO: 60, CANNOT: None},
        "ober": {YES: "negative", NO: "positive", CANNOT: None},
    }
    found = judged_all(
        [(BEFORE, {name: value[row[n]] for n, (name, value) in enumerate(after.items())}) for row in COMPOSITES]
    )
    names = ("ir", "slr", "ober", "all", "two_of_three")
    assert [tuple(hip[name] for name in names) for hip in found] == COMPOSITES


@pytest.mark.parametrize(
    ("visits", "reasons"),
    [
        (
            [visit(**BEFORE), visit("post", **AFTER | {"slr_deg": None})],
            {"all": "not measured both times", "ir": "", "slr": "not measured both times", "ober": ""},
        ),
        (
            [visit(**BEFORE), visit("post", **AFTER | {"ober": None})],
            {"all": "not measured both times", "ir": "", "slr": "", "ober": "not measured both times"},
        ),
        ([visit(**BEFORE)], dict.fromkeys(["all", "ir", "slr", "ober"], "no later visit")),
        ([visit("post", **AFTER)], dict.fromkeys(["all", "ir", "slr", "ober"], "no earlier visit")),
        (
            [visit(**BEFORE, device="phone"), visit("post", **AFTER, device="goniometer")],
            dict.fromkeys(["all", "ir", "slr", "ober"], "measured in different ways"),
        ),
        (
            [visit(**BEFORE | {"ober": "negative"}), visit("post", **AFTER)],
            {"all": "no room to improve", "ir": "", "slr": "", "ober": "no room to improve"},
        ),
        (  # no later reading could have made this hip one to judge, so none is missing for that
            [visit(**BEFORE | {"ober": "negative"}), visit("post", **AFTER | {"hip_ir_deg": None, "ober": None})],
            {
                "all": "no room to improve",
                "ir": "not measured both times",
                "slr": "",
                "ober": "no room to improve",
            },
        ),
        (
            [visit(**BEFORE | {"ober": "negative"})],
            {"all": "no room to improve", "ir": "no later visit", "ober": "no room to improve"},
        ),
        (  # the first form of the test that was recorded before decides whether there was room
            [visit(**BEFORE | {"ober": None, "ober_grade": 0})],
            {"all": "no room to improve", "ober": "no room to improve"},
        ),
    ],
)
def test_reason_is_given_exactly_where_a_hip_cannot_be_judged(visits, reasons):
    rows = immediate(*visits)
    assert rows.loc[list(reasons), "reason"].to_dict() == reasons
    assert ((rows["reason"] != "") == (rows["outcome"] == CANNOT)).all()


def test_nothing_missing_is_ever_a_no():
    """Any one reading taken away: the tests that need it cannot be judged, the others stay as they were."""
    needed = {"hip_ir_deg": "ir", "slr_deg": "slr", "ober": "ober"}
    whole = judged(BEFORE, AFTER)
    assert set(whole.values()) == {YES}
    for measure, response in needed.items():
        unknown = {response, "all", "two_of_three"}
        expected = {name: CANNOT if name in unknown else YES for name in whole}
        found = judged_all([(BEFORE | {measure: None}, AFTER), (BEFORE, AFTER | {measure: None})])
        assert found == [expected, expected]


def test_every_hip_and_comparison_is_judged_by_every_response_in_order():
    responses = respond(change(assessments(visit(**BEFORE), visit("post", **AFTER), visit("followup", **AFTER))))
    assert responses["comparison"].tolist() == ["immediate"] * 5 + ["retained"] * 5
    assert responses["response"].tolist() == ["all", "ir", "slr", "ober", "two_of_three"] * 2
    assert responses["response"].cat.categories[0] == "all"
    assert responses["comparison"].cat.categories[0] == "immediate"


def test_columns_hips_are_grouped_by_are_carried_and_readings_are_not():
    changes = change(pair(BEFORE, AFTER, clinic_id="C1", sex="female")).assign(treated_before="yes")
    responses = respond(changes)
    assert {"clinic_id", "sex", "stretch_type", "treated_before"} <= set(responses)
    assert "hip_ir_deg_before" not in responses


def test_chance_is_known_exactly_where_hips_could_be_judged():
    visits = []
    for patient, ir, sign in [("a", 10, "positive"), ("b", 20, "positive"), ("c", 16, "negative")]:
        visits += pair(
            BEFORE | {"hip_ir_deg": ir, "slr_deg": ir + 40, "ober": sign},
            AFTER | {"hip_ir_deg": None if patient == "b" else 20},
            patient=patient,
        ).to_dict("records")
    rows = respond(change(pd.DataFrame(visits)))
    rows = rows[rows["comparison"] == "immediate"].set_index(["patient_id", "response"])
    assert rows["chance"].notna().equals(rows["outcome"] != CANNOT)
    assert rows["chance"].dropna().between(0, 1).all()
    a = rows.loc["a", "chance"]
    assert a["all"] == pytest.approx(a["ir"] * a["slr"] * a["ober"])


def test_the_errors_tried_are_named_where_there_are_several():
    rules = builtin()
    ir = rules.measures["hip_ir_deg"]
    one = rules.model_copy(
        update={"measures": {**rules.measures, "hip_ir_deg": ir.model_copy(update={"sem_range": None})}}
    )
    for protocol, said in ((rules, f"hip_ir_deg {ir.sem_range[0]:.3g} to {ir.sem_range[1]:.3g}"), (one, "")):
        responses = respond(change(pair(BEFORE, AFTER), protocol), protocol)
        assert set(responses.loc[responses["response"] == "ir", "chance_errors"]) == {said}


def test_chance_is_greater_for_a_hip_that_started_low():
    starts = range(8, 30)
    visits = [visit(at, patient=str(ir), hip_ir_deg=ir + 0.3) for ir in starts for at in ("baseline", "post")]
    chance = respond(change(assessments(*visits))).query("response == 'ir' and comparison == 'immediate'")
    by_start = chance.set_index(chance["patient_id"].astype(int))["chance"].sort_index()
    assert by_start.is_monotonic_decreasing


@pytest.mark.parametrize("reading", ["Strict", "", None])
def test_unknown_reading_is_refused(reading):
    with pytest.raises(ValueError, match="it can be strict or lenient"):
        respond(change(pair(BEFORE, AFTER)), builtin(), reading)


def test_empty_table_has_all_columns():
    empty = respond(change(assessments()))
    assert len(empty) == 0
    assert set(empty) == set(respond(change(pair(BEFORE, AFTER))))


def test_input_is_not_changed():
    changes = change(pair(BEFORE, AFTER))
    before = changes.copy(deep=True)
    respond(changes)
    respond(changes, reading="lenient")
    pd.testing.assert_frame_equal(changes, before)


def test_another_table_is_refused_with_the_one_that_is_needed():
    with pytest.raises(TableError, match=r"no column comparison; give what change\(\) returns"):
        respond(assessments(visit(**BEFORE)))


def test_who_responded_who_was_judged_and_who_lacks_a_reading():
    """No room to improve, and a first reading of which no share can be asked, are no missing measurements."""
    reasons = ["", "", *REASONS[1:]]
    judged = Judged(
        outcome=np.array([RESPONDER, NON_RESPONDER, *[NOT_EVALUABLE] * len(REASONS[1:])], dtype="int8"),
        reason=np.array([REASONS.index(why) for why in reasons], dtype="int8"),
        rule=np.zeros(len(reasons), dtype="int8"),
    )
    assert judged.is_responder.tolist() == [True, *[False] * (len(reasons) - 1)]
    assert judged.is_judged.tolist() == [True, True, *[False] * (len(reasons) - 2)]
    lacking = [why for why, lacks in zip(reasons, judged.lacks_reading, strict=True) if lacks]
    assert lacking == [
        "not measured both times", "measured in different ways", "no later visit", "no earlier visit",
    ]  # fmt: skip


def test_the_first_way_in_which_ober_was_recorded_judges_and_says_why_not():
    """Positive, then no answer: a grade of 0 does not make that a test without room to improve."""
    hips = {  # before, after, which of the three rules judged, why none did
        "a": ({"ober": "positive", "ober_deg": 10}, {"ober": "negative", "ober_deg": 30}, 0, ""),
        "b": ({"ober_deg": 10}, {"ober_deg": 30}, 2, ""),
        "c": ({"ober_grade": 0}, {"hip_ir_deg": 3}, -1, "no room to improve"),
        "d": ({"hip_ir_deg": 1}, {"hip_ir_deg": 3}, -1, "not measured both times"),
        "e": ({"ober": "positive", "ober_grade": 0}, {"hip_ir_deg": 3}, -1, "not measured both times"),
        "f": ({"ober": "negative"}, {"hip_ir_deg": 3}, -1, "no room to improve"),
    }
    visits = [
        visit(at, name, **read) for name, (*seen, _, _) in hips.items()
        for at, read in zip(("baseline", "post"), seen, strict=True)
    ]  # fmt: skip
    changes = change(assessments(*visits))
    pairs = pairs_of(changes[changes["comparison"] == "immediate"], builtin())
    found = judge(pairs, builtin(), "strict", ["ober"])["ober"]
    assert found.rule.tolist() == [rule for *_, rule, _ in hips.values()]
    assert [REASONS[place] for place in found.reason] == [why for *_, why in hips.values()]
