"""Another default interval is the one that is printed, also where many clinics take part."""

from pathlib import Path

import pandas as pd

import analysis
from analysis.answers.rates import rates

DEMO = Path(__file__).parents[2] / "data" / "raw" / "demo"


def test_an_interval_without_a_form_by_clinic_has_people_as_clusters(monkeypatch):
    responses = analysis.analyse(analysis.load(DEMO)).responses
    default, other = rates(responses, ["side"]), rates(responses, ["side"], interval="jeffreys")
    assert set(default["clustered_by"]) == {"clinic"}
    assert set(other["clustered_by"]) == {"person"}
    monkeypatch.setattr("analysis.answers.counting.DEFAULT_INTERVAL", "jeffreys")
    pd.testing.assert_frame_equal(rates(responses, ["side"], interval="jeffreys"), other)
