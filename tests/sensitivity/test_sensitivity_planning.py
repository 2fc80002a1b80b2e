"""How many patients are needed: the fit by hand, then a few cohorts through the whole chain."""

import json
import math

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from analysis.cli.app import app
from analysis.sensitivity import planning
from analysis.sensitivity.planning import patients_needed


def made_up(slope, spread, sizes, seed=1):
    multiple = slope * np.sqrt(sizes) + spread * np.random.default_rng(seed).standard_normal(len(sizes))
    return pd.DataFrame({"patients": sizes, "multiple": multiple, "shown": multiple > 1, "estimate": 3.0})


def test_fit_of_cohorts_without_luck():
    # 25 patients give a multiple of 0.5 and 100 give 1: λ = 0.1, s = 0, so 100 patients give any power.
    cohorts = pd.DataFrame({"patients": [25, 100], "multiple": [0.5, 1.0]})
    slope, spread = planning._fit(cohorts)
    assert [slope, spread] == pytest.approx([0.1, 0.0])
    assert planning._needed(slope, spread, 0.8) == pytest.approx(100)


def test_needed_patients_by_hand():
    # z.80 = 0.8416: (1 + 0.5 · 0.8416)/0.1 = 14.208 patients to the root, squared 201.87.
    assert planning._needed(0.1, 0.5, 0.8) == pytest.approx(201.87, abs=0.01)
    assert planning._needed(-0.1, 0.5, 0.8) == math.inf


def test_limits_hold_the_truth_as_often_as_they_say():
    truth, sizes = 201.87, np.tile([140, 200, 280], 67)
    plans = [planning._plan(made_up(0.1, 0.5, sizes, seed), 0.8, 2_000) for seed in range(12)]
    assert sum(plan.low <= truth + 1 and truth <= plan.high for plan in plans) >= 10
    assert all(plan.high / plan.low < 1.35 for plan in plans)


def test_more_than_the_most_is_said_and_not_guessed():
    plan = planning._plan(made_up(0.01, 0.5, np.full(50, 500)), 0.8, 500)
    assert [plan.patients, plan.high] == [None, None]
    assert plan.sizes[["patients", "cohorts"]].values.tolist() == [[500, 50]]


@pytest.fixture(scope="module")
def plan():
    seen = []
    found = patients_needed("sides", 6, cohorts=40, seed=2, most=60, progress=lambda done, of: seen.append((done, of)))
    assert seen == [(done, 40) for done in range(1, 41)]
    return found


def test_a_large_difference_needs_few_patients(plan):
    assert 10 <= plan.patients < 60
    assert plan.low <= plan.patients <= plan.high
    assert plan.sizes["cohorts"].sum() == 40
    assert (plan.sizes["power"] == plan.sizes["shown"] / plan.sizes["cohorts"]).all()
    assert plan.sizes["mean_estimate"].iloc[-1] == pytest.approx(6, abs=1)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["age", "--difference", "3"], "question is 'age'; it can be sides, matched"),
        (["sides", "--difference", "3", "--power", "1"], "power is 1.0"),
        (["sides", "--difference", "3", "--cohorts", "3"], "at least 40 cohorts"),
    ],
)
def test_what_cannot_be_planned_is_said(arguments, words):
    fault = CliRunner().invoke(app, ["plan", *arguments]).exception
    assert words in str(fault)


def test_the_command_gives_json_alone(plan, monkeypatch):
    monkeypatch.setattr("analysis.cli.sensitivity.patients_needed", lambda *args, **kwargs: plan)
    answer = CliRunner().invoke(app, ["plan", "sides", "--difference", "6", "--json", "-"])
    document = json.loads(answer.stdout)
    assert document["patients"] == plan.patients
    assert document["asked"]["question"] == "sides"
    assert len(document["sizes"]) == len(plan.sizes)
