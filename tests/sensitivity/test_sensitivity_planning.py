"""How many patients are needed: a few cohorts through the whole chain, against fresh ones."""

import json

import pandas as pd
import pytest
from scipy.stats import binom
from typer.testing import CliRunner

from analysis.cli.app import app
from analysis.cli.sensitivity import _on_every_core
from analysis.sensitivity.planning import (
    ONE_CLINIC,
    QUESTIONS,
    cohort_with,
    patients_needed,
    simulate_and_judge,
)
from analysis.show.sentences.planning import assumptions
from analysis.simulate import CohortParameters


@pytest.fixture(scope="module")
def plan():
    seen = []
    found = patients_needed("sides", 6, cohorts=40, seed=2, most=60, progress=lambda done, of: seen.append((done, of)))
    assert seen == [(done, 40) for done in (4, 10, 20, 40)]
    return found


def test_a_large_difference_needs_few_patients(plan):
    assert 10 <= plan.patients < 60
    assert plan.low <= plan.patients <= plan.high
    assert plan.sizes["cohorts"].sum() == 40
    assert (plan.sizes["power"] == plan.sizes["shown"] / plan.sizes["cohorts"]).all()
    assert plan.sizes["mean_estimate"].iloc[-1] == pytest.approx(6, abs=1)


@pytest.mark.parametrize(("question", "difference"), [("sides", 6), ("matched", 9)])
def test_fresh_cohorts_show_the_difference_as_often_as_the_plan_says(question, difference, plan):
    if question == "matched":
        plan = patients_needed(question, difference, cohorts=40, seed=3, most=60)
    truth, fresh = cohort_with(question, difference, ONE_CLINIC), 25
    assert plan.low <= plan.patients <= plan.high
    shown = simulate_and_judge(question, truth, [plan.patients] * fresh, range(900, 900 + fresh))["shown"].sum()
    # The plan says 80 %; its 40 cohorts leave some 15 points of that open, and the fresh ones have their own luck.
    assert binom.ppf(0.001, fresh, 0.65) <= shown <= binom.ppf(0.999, fresh, 0.95)


@pytest.mark.parametrize("question", QUESTIONS)
def test_cohorts_that_share_a_file_are_judged_as_each_alone(question):
    truth = cohort_with(question, 6, CohortParameters(clinics=5))
    together = simulate_and_judge(question, truth, [11, 40], [5, 6])
    alone = simulate_and_judge(question, truth, [40], [6])
    pd.testing.assert_frame_equal(together.tail(1).reset_index(drop=True), alone)


def test_one_clinic_changes_nothing_half_way():
    assert (ONE_CLINIC.clinics, ONE_CLINIC.step_ir_gain_deg, ONE_CLINIC.drift_ir_gain_deg) == (1, 0, 0)


def test_what_is_assumed_is_what_is_simulated():
    sides, matched = (" ".join(assumptions(question, cohort_with(question, 6, ONE_CLINIC))) for question in QUESTIONS)
    assert "By chance it does so in 1 % of cohorts. 1 clinic. Both hips" in sides
    assert "errs by 3° (SEM); 35 % of people are read to 5°" in sides
    assert "70 % of the hips" not in sides
    assert "70 % of the hips" in matched


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["age", "--difference", "3"], "question is 'age'; it can be sides, matched"),
        (["sides", "--difference", "3", "--power", "1"], "power is 1.0"),
        (["sides", "--difference", "3", "--cohorts", "3"], "at least 40 cohorts"),
        (["sides", "--difference", "3", "--between", "2"], "give --clinics 2 or more"),
    ],
)
def test_what_cannot_be_planned_is_said(arguments, words):
    fault = CliRunner().invoke(app, ["plan", *arguments]).exception
    assert words in str(fault)


def test_cohorts_are_worked_out_on_every_core_in_their_order():
    with _on_every_core() as each:
        assert list(each(divmod, [7, 8, 9], [2, 3, 4])) == [(3, 1), (2, 2), (2, 1)]


def test_the_command_gives_json_alone(plan, monkeypatch):
    monkeypatch.setattr("analysis.cli.sensitivity.patients_needed", lambda *args, **kwargs: plan)
    answer = CliRunner().invoke(app, ["plan", "sides", "--difference", "6", "--json", "-"])
    document = json.loads(answer.stdout)
    assert document["patients"] == plan.patients
    assert document["assumed"] == assumptions(plan.question, plan.truth)
    assert document["asked"]["question"] == "sides"
    assert len(document["sizes"]) == len(plan.sizes)


def test_how_much_clinics_differ_is_among_what_is_assumed():
    apart = CohortParameters(clinics=6, clinic_left_ir_sd=8, clinic_match_sd=12)
    assert "varies by 8° (SD) between clinics" in " ".join(assumptions("sides", apart))
    assert "varies by 12° (SD) between clinics" in " ".join(assumptions("matched", apart))
    assert "between clinics" not in " ".join(assumptions("matched", ONE_CLINIC))
