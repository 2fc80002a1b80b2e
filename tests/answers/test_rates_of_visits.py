"""Rates straight from visits, in blocks: those of the tables, to the last bit."""

import numpy as np
import pandas as pd
import pytest

from analysis import change, load, rates, respond
from analysis.answers.parts import asked_for
from analysis.answers.rates_of_visits import rates_of_visits
from analysis.protocol import builtin
from analysis.simulate import simulate, write_study


@pytest.fixture(scope="module")
def visits(tmp_path_factory):
    """Forty people: some of clinics not recorded, some with the left hip of another one, one without a baseline."""
    study = load(write_study(simulate(40, 3), tmp_path_factory.mktemp("made") / "study", "Made up"))
    number = pd.factorize(study.assessments["patient_id"])[0]
    clinic = study.assessments["clinic_id"].where(number % 5 != 0)
    moved = (number % 7 == 1) & (study.assessments["side"] == "left")
    kept = ~((number == 3) & (study.assessments["timepoint"] == "baseline"))
    return study.assessments.assign(clinic_id=clinic.mask(moved, "Elsewhere"))[kept].reset_index(drop=True)


@pytest.fixture(scope="module")
def responses(visits):
    return respond(change(visits))


def _blocks(visits, n):
    number = pd.factorize(visits["patient_id"])[0]
    return [visits[number % n == one].reset_index(drop=True) for one in range(n)]


@pytest.mark.parametrize("by", [[], ["side"], ["clinic_id"], ["stretch_type", "side"], ["sex", "clinic_id"]])
@pytest.mark.parametrize(("response", "comparison"), [("all", "immediate"), ("ir", "retained"), ("ober", "immediate")])
def test_they_are_those_of_the_tables(visits, responses, by, response, comparison):
    expected = rates(responses, by, response, comparison)
    for n in (1, 3):
        (found,) = rates_of_visits(_blocks(visits, n), asked_for([by], response, comparison, builtin()))
        pd.testing.assert_frame_equal(found, expected, check_exact=True)


def test_several_groupings_are_counted_in_one_pass(visits, responses):
    found = rates_of_visits([visits], asked_for([["side"], []], "ir", None, builtin()))
    for table, by in zip(found, (["side"], []), strict=True):
        pd.testing.assert_frame_equal(table, rates(responses, by, "ir"), check_exact=True)


def test_a_comparison_that_nobody_reached_counts_nobody(visits):
    early = visits[visits["timepoint"].isin(["baseline", "post"])].reset_index(drop=True)
    asked = asked_for([["side"]], "ir", "retained", builtin())
    (found,) = rates_of_visits(_blocks(early, 2), asked)
    pd.testing.assert_frame_equal(found, rates(respond(change(early)), ["side"], "ir", "retained"), check_exact=True)
    assert np.all(found["n_hips"] == 0)
