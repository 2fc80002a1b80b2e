import numpy as np
import pandas as pd
import pytest
from scipy.stats import multivariate_normal, norm

from analysis import change
from analysis.hips import by_chance
from analysis.hips.by_chance import threshold
from analysis.hips.pairs import pairs_of
from analysis.hips.usual import reading_step
from analysis.protocol import builtin
from analysis.protocol.responses import BecomesRule, GainRule
from builders import assessments, visit

IR, SLR = (builtin().responses[name].rules[0] for name in ("ir", "slr"))
OBER_SIGN, OBER_GRADE, OBER_ANGLE = builtin().responses["ober"].rules


def chance_of_gain(table, *asked):
    """At the protocol's own measurement error."""
    return by_chance.chance_of_gain(pairs_of(table, asked[-1]), *asked).probability[0]


def chance_of_turning(table, *asked):
    return by_chance.chance_of_turning(pairs_of(table, asked[-1]), *asked).probability[0]


def changes(measure, readings):
    """The immediate changes of one left hip a reading pair, by patient."""
    rows = []
    for number, (before, after) in enumerate(readings):
        who = {"patient": f"{number:02}"}
        rows += [visit(**who, **{measure: before}), visit("post", **who, **{measure: after})]
    table = change(assessments(*rows))
    return table[table["comparison"] == "immediate"].reset_index(drop=True)


def test_thresholds_in_degrees():
    assert threshold(IR, "strict", builtin()) == threshold(IR, "lenient", builtin()) == 5
    assert threshold(SLR, "strict", builtin()) == 10
    assert threshold(OBER_ANGLE, "strict", builtin()) == pytest.approx(1.96 * 2**0.5 * 2.3, abs=1e-3)


@pytest.mark.parametrize(("strict", "lenient", "expected"), [(5, 3, 3), (5, None, 5), (5, "mdc95", 8.3155)])
def test_lenient_threshold(strict, lenient, expected):
    rule = IR.model_copy(update={"strict": strict, "lenient": lenient})
    assert threshold(rule, "lenient", builtin()) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize(
    ("readings", "steps"),
    [
        ([(10, 15)], [5]),
        ([(10, 16)], [1]),
        ([(10, 15.1)], [0.1]),
        ([(10, None)], [5]),
        ([(0, -5)], [5]),
        ([(10, 15), (11, 15), (10.5, 15)], [5, 1, 0.1]),
    ],
)
def test_step_is_the_coarsest_that_all_readings_of_a_person_fit(readings, steps):
    assert reading_step(changes("hip_ir_deg", readings), "hip_ir_deg", 0.1).tolist() == steps


def test_both_hips_of_a_person_are_read_alike():
    table = change(
        assessments(
            visit(hip_ir_deg=10),
            visit("post", hip_ir_deg=15),
            visit(side="right", hip_ir_deg=10),
            visit("post", side="right", hip_ir_deg=12),
        )
    )
    rows = table[table["comparison"] == "immediate"]
    assert reading_step(rows, "hip_ir_deg", 0.1).tolist() == [1, 1]


def test_a_step_so_fine_that_no_table_holds_its_readings_is_told_alike():
    rows = pd.DataFrame(
        {"patient_id": ["a", "b", "c"], "m_before": [10.0, 40.00001, -170.0], "m_after": [170, 30, 1e-6]}
    )
    assert reading_step(rows, "m", 1e-6).tolist() == [5e-5, 1e-5, 1e-6]


def test_chance_of_a_gain_by_hand():
    """Davis 1976: the true value lies at mean + r * (reading - mean), with what is left of the spread."""
    readings = [(8.3, 9.1), (14.2, 14.4), (20.1, 22.2), (26.4, 25.3)]
    before = np.array([before for before, _ in readings])
    error = 3.0**2 + 0.1**2 / 12
    true = before.var(ddof=1) - error
    reliability = true / (true + error)
    expected_later = before.mean() + reliability * (before - before.mean())
    spread = np.sqrt(true * (1 - reliability) + 3.0**2)
    by_hand = norm.sf((before + 5 - 0.05 - expected_later) / spread)
    found = chance_of_gain(changes("hip_ir_deg", readings), IR, "strict", builtin())
    assert found == pytest.approx(by_hand, rel=1e-9)
    assert found[0] > found[3]


def test_more_than_a_gain_is_rarer_than_at_least_it():
    table = changes("hip_ir_deg", [(10, 15), (20, 20), (30, 25)])
    at_least, more, ten = (
        chance_of_gain(table, GainRule(measure="hip_ir_deg", op=op, strict=gain), "strict", builtin())
        for op, gain in [("ge", 5), ("gt", 5), ("ge", 10)]
    )
    assert (more < at_least).all()  # on a grid of 5 degrees, more than 5 is 10
    assert more == pytest.approx(ten)


def test_gain_of_a_measure_that_gets_better_downwards():
    measures = builtin().measures
    fewer = {**measures, "hip_ir_deg": measures["hip_ir_deg"].model_copy(update={"better": "lower"})}
    protocol = builtin().model_copy(update={"measures": fewer})
    rising = chance_of_gain(changes("hip_ir_deg", [(10.3, 9), (20.3, 9), (30.3, 9)]), IR, "strict", builtin())
    falling = chance_of_gain(changes("hip_ir_deg", [(10.3, 9), (20.3, 9), (30.3, 9)]), IR, "strict", protocol)
    assert falling == pytest.approx(rising[::-1])  # the middle reading is the mean, so the others are mirrored


@pytest.mark.parametrize("readings", [[], [(10, 15)], [(10, 15), (None, 12)]])
def test_too_few_first_readings_tell_no_chance(readings):
    found = chance_of_gain(changes("hip_ir_deg", readings), IR, "strict", builtin())
    assert found.shape == (len(readings),)
    assert np.isnan(found).all()


def test_no_measurement_error_known_no_chance():
    found = chance_of_gain(changes("ober_grade", [(2, 1), (3, 1)]), OBER_GRADE, "strict", builtin())
    assert np.isnan(found).all()


def test_hip_without_a_first_reading_has_no_chance():
    found = chance_of_gain(changes("hip_ir_deg", [(10, 15), (None, 12), (20, 21)]), IR, "strict", builtin())
    assert np.isnan(found).tolist() == [False, True, False]


def test_chance_that_a_sign_turns():
    """Two readings of one angle, correlated by its reliability, on either side of a cut."""
    table = changes("ober", [("positive", "negative")] * 3 + [("negative", "negative")] * 7)
    found = chance_of_turning(table, OBER_SIGN, builtin())
    reliability = 1 - 2.3**2 / 7.27**2
    cut = norm.ppf(0.3)
    both_positive = multivariate_normal(cov=[[1, reliability], [reliability, 1]]).cdf([cut, cut])
    assert found[:3] == pytest.approx(1 - both_positive / 0.3, abs=1e-6)
    assert found[3:] == pytest.approx(1 - (0.3 - both_positive) / 0.7, abs=1e-6)


def test_chance_of_turning_adds_up_to_the_share_that_is_always_there():
    table = changes("ober", [("positive", None)] * 4 + [("negative", None)] * 6)
    assert chance_of_turning(table, OBER_SIGN, builtin()).mean() == pytest.approx(0.6)


@pytest.mark.parametrize("latent", [None, "pelvic_tilt_deg"])
def test_turning_without_a_known_angle_behind_it_has_no_chance(latent):
    rule = BecomesRule(**{"measure": "ober", "from": "positive", "to": "negative", "latent": latent})
    assert np.isnan(chance_of_turning(changes("ober", [("positive", "negative")]), rule, builtin())).all()


def test_missing_sign_has_no_chance():
    table = changes("ober", [("positive", "negative"), (None, "negative"), ("negative", None)])
    assert np.isnan(chance_of_turning(table, OBER_SIGN, builtin())).tolist() == [False, True, False]
    assert np.isnan(chance_of_turning(changes("ober", [(None, "negative")]), OBER_SIGN, builtin())).all()


def test_chance_is_told_of_the_hips_asked_about_alone_and_is_that_among_all():
    table = changes("hip_ir_deg", [(10, 15), (None, 12), (20, 21), (30, 31)])
    pairs, asked = pairs_of(table, builtin()), np.array([True, True, False, False])
    every = by_chance.chance_of_gain(pairs, IR, "strict", builtin()).probability
    some = by_chance.chance_of_gain(pairs, IR, "strict", builtin(), asked).probability
    assert np.isnan(every).tolist() == [[False, True, False, False]] * 3
    assert np.isnan(some).tolist() == [[False, True, True, True]] * 3
    assert some[:, 0].tolist() == every[:, 0].tolist()
