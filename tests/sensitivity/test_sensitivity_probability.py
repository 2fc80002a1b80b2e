"""Class probabilities against draws of the true angles, classified by the rules themselves."""

import numpy as np
import pytest
from scipy.stats import norm

from analysis.hips.criteria import OPERATORS, Answer, simple_criteria
from analysis.hips.decide import decide
from analysis.protocol import builtin
from analysis.sensitivity.class_sums import class_sums, expected_confusion
from analysis.sensitivity.probability import PREFIX, class_probabilities
from analysis.sensitivity.reading_error import (
    Prior,
    chance_next_below,
    chance_true_below,
    cohort_prior,
    step_codes,
)
from builders import T1, T2, assessments, hip, visit

IR = builtin().measures["hip_ir_deg"]

SEM = {name: builtin().measures[name].sem for name in ("hip_ir_deg", "hip_er_deg", "slr_deg")}
DRAWS = 200_000
TOLERANCE = 0.004  # 3.5 standard errors of a share of 0.5 from 200,000 draws
NEAR_CUTS = [
    T1 | {"hip_ir_deg": 18.3, "hip_er_deg": 27.4},
    T1 | {"hip_ir_deg": 6.1, "feels_stretch": False},
    T2 | {"hip_ir_deg": 14.2, "slr_deg": 43.7},
    T1 | {"hip_ir_deg": 28.7, "pelvic_tilt": "neutral"},
    T2 | {"hip_ir_deg": 17.1, "slr_deg": None},
]


def shares(reading: dict, step: float) -> dict[str, float]:
    """Draw true angles around the readings and let the rules classify each; answers and levels stay."""
    rng = np.random.default_rng(7)
    true = {
        name: np.full(DRAWS, np.nan)
        if reading[name] is None
        else reading[name] + step * (rng.random(DRAWS) - 0.5) + sem * rng.standard_normal(DRAWS)
        for name, sem in SEM.items()
    }
    answers = []
    for rule in simple_criteria(builtin()).values():
        if rule.measure in true:
            met = {r: OPERATORS[rule.op](true[rule.measure], rule.cutoff(r)) for r in ("strict", "lenient")}
            code = np.where(met["strict"], Answer.MET, np.where(met["lenient"], Answer.LENIENT, Answer.NOT_MET))
            answers.append(np.where(np.isnan(true[rule.measure]), Answer.MISSING, code))
        else:
            answers.append(np.full(DRAWS, fixed_answer(reading.get(rule.measure), rule)))
    shape = [len(Answer)] * len(answers)
    found, counts = np.unique(np.ravel_multi_index(answers, shape), return_counts=True)
    result: dict[str, float] = {}
    for combination, n in zip(np.transpose(np.unravel_index(found, shape)), counts, strict=True):
        given = dict(zip(simple_criteria(builtin()), map(Answer, combination), strict=True))
        state = decide(given, builtin()).stretch_type
        result[state] = result.get(state, 0) + n / DRAWS
    return result


def fixed_answer(value, rule):
    if value is None:
        return Answer.MISSING
    if value == "neutral":
        return Answer.UNDECIDED
    return Answer.MET if value == rule.strict else Answer.NOT_MET


@pytest.mark.parametrize("reading", NEAR_CUTS)
@pytest.mark.parametrize("step", [0.1, 5])
def test_probabilities_agree_with_draws(reading, step):
    if step == 5:
        reading = {k: 5 * round(v / 5) if k in SEM and v is not None else v for k, v in reading.items()}
    found = class_probabilities(hip(**reading), prior="none").iloc[0]
    expected = shares(reading, step)
    for name in ("T1", "T2", "T3", "unclassified", "not_restricted", "indeterminate"):
        assert found[PREFIX + name] == pytest.approx(expected.get(name, 0), abs=TOLERANCE), name


def test_one_cut_off_is_one_normal_tail():
    # 28.1 ± 3: P(true < 30) = Φ(1.9/3) = 0.737, from any table of the normal distribution.
    found = class_probabilities(hip(**T1 | {"hip_ir_deg": 28.1}), prior="none").iloc[0]
    assert found["p_T1"] == pytest.approx(norm.cdf(1.9 / 3), abs=1e-3)


def test_without_an_angle_there_is_no_doubt_about_it():
    found = class_probabilities(hip(**T1 | {"hip_ir_deg": None, "feels_stretch": True})).iloc[0]
    assert [found["stretch_type"], found["p_indeterminate"]] == ["indeterminate", 1]


def test_a_tilt_read_off_an_angle_carries_the_error_of_the_angle():
    # The tilt is anterior above 2 degrees; at 3.0 with SEM 2 that is sure at Φ(1/2) = 0.69.
    recorded = class_probabilities(hip(**T1), prior="none").iloc[0]
    derived = class_probabilities(hip(**T1 | {"pelvic_tilt": None, "pelvic_tilt_deg": 3.1}), prior="none").iloc[0]
    assert recorded["p_T1"] == pytest.approx(1, abs=0.02)
    assert derived["p_T1"] == pytest.approx(norm.cdf(1.1 / 2), abs=0.01)


def test_the_prior_agrees_with_draws_of_truth_and_reading():
    rng, prior, sem = np.random.default_rng(8), Prior(20.0, 49.0), 3.0
    for step in (1.0, 5.0):
        true = rng.normal(prior.mean, prior.variance**0.5, 2_000_000)
        reading = np.round((true + sem * rng.standard_normal(len(true))) / step) * step
        again = np.round((true + sem * rng.standard_normal(len(true))) / step) * step
        for value in (15.0, 20.0, 30.0):
            at = reading == value
            error = 4 * 0.5 / at.sum() ** 0.5
            below = chance_true_below(22.0, np.array([value]), step, sem, prior)[0]
            assert below == pytest.approx((true[at] < 22).mean(), abs=error)
            below = chance_next_below(round(20 / step), np.array([value]), step, sem, prior)[0]
            assert below == pytest.approx((again[at] < 20).mean(), abs=error)


@pytest.mark.parametrize(("step", "edge"), [(5.0, 17.5), (1.0, 19.5), (0.1, 19.95)])
def test_the_next_reading_is_below_20_from_half_a_step_below(step, edge):
    # Without a prior the next reading lies around this one with two errors: √2·3, and rounding of this one.
    rng = np.random.default_rng(9)
    drawn = 20 + step * (rng.random(400_000) - 0.5) + np.sqrt(2) * 3 * rng.standard_normal(400_000)
    assert chance_next_below(round(20 / step), np.array([20.0]), step, 3.0, None)[0] == pytest.approx(
        (drawn < edge).mean(), abs=0.003
    )


def test_step_is_told_by_all_readings_of_a_person():
    visits = assessments(
        visit(patient="a", hip_ir_deg=20), visit(patient="a", side="right", hip_ir_deg=25),
        visit(patient="b", hip_ir_deg=20), visit("post", patient="b", hip_ir_deg=21),
        visit(patient="c", hip_ir_deg=20.5),
    )  # fmt: skip
    assert step_codes(visits, "hip_ir_deg", 0.1).to_dict() == {"a": 2, "b": 1, "c": 0}


def test_prior_of_a_cohort():
    """Three readings of 10, 20 and 30 degrees vary by 100; two that are alike by no less than their error."""
    assert cohort_prior(np.array([200]), np.array([1]), IR) is None
    assert cohort_prior(np.array([300, 100, 200]), np.array([1, 1, 1]), IR) == Prior(20, 91)
    assert cohort_prior(np.array([200, 201]), np.array([1, 1]), IR).variance == 9


def test_the_angle_to_measure_again_is_the_one_next_to_a_cut_off():
    visits = assessments(
        visit(patient="a", **T1 | {"hip_ir_deg": 29.9}), visit(patient="b", **T1 | {"hip_er_deg": 25.2}),
        visit(patient="c", **T1 | {"hip_ir_deg": None}),
    )  # fmt: skip
    table = class_probabilities(visits, prior="none")
    assert table["repeat_measure"].fillna("-").tolist() == ["hip_ir_deg", "hip_er_deg", "-"]
    # 29.9 read again is 30 or more about half the time; a person whose angle is missing gains nothing.
    assert table["p_repeat_changes"].iloc[0] == pytest.approx(0.5, abs=0.02)
    assert np.isnan(table["p_repeat_changes"].iloc[2])


def test_expected_confusion_adds_up_to_the_hips():
    table = class_probabilities(assessments(*(visit(patient=str(n), **reading) for n, reading in enumerate(NEAR_CUTS))))
    confusion = expected_confusion(class_sums(table))
    assert confusion["n_hips"].sum() == len(NEAR_CUTS)
    assert confusion.filter(like="expected_").sum(axis=1).tolist() == pytest.approx(confusion["n_hips"].tolist())


def test_a_protocol_without_types_gives_no_rows():
    protocol = builtin().model_copy(update={"types": {}})
    assert class_probabilities(hip(**T1), protocol).empty


def test_an_unknown_prior_is_refused():
    with pytest.raises(ValueError, match="prior is 'flat'; it can be cohort or none"):
        class_probabilities(hip(**T1), prior="flat")
