"""Where to look first: only for a clinic outside its limits, in order, and nothing that is withheld."""

import pandas as pd
import pytest

from analysis.protocol import builtin
from analysis.show.display import Nothing
from analysis.show.sentences import Part, look_first_answer

REASONS = ("", "without a baseline visit", "with no room to improve", "measured in another way")


def part(hips, missing=3, judged=12, matched=(6, 4), hidden=""):
    flow = pd.DataFrame({"reason": REASONS, "n_hips": hips, "suppressed": [False] * 3 + [hidden == "flow"]})
    rates = pd.DataFrame([{"n_missing": missing, "n_evaluable": judged, "suppressed": hidden == "rates"}])
    match = pd.DataFrame({"match": ["matched", "mismatched"], "n_hips": matched, "suppressed": hidden == "match"})
    return Part(flow, rates, match)


def said(position="above", here=None, everywhere=None):
    clinics = pd.DataFrame([{"clinic_id": "A", "position": position, "suppressed": False}])
    here = here or part([20, 20, 15, 12])
    everywhere = everywhere or part([200, 200, 160, 120], 10, 110, (50, 50))
    return look_first_answer(clinics, "A", here, everywhere, builtin())


def test_each_cause_has_the_clinics_number_and_that_of_all():
    assert said().plain == (
        "**Where to look first**, before the care itself: "
        "measured in another way: 3 of 15 hips (20 %), in all clinics 40 of 160 hips (25 %); "
        "with no room to improve: 5 of 20 hips (25 %), in all clinics 40 of 200 hips (20 %); "
        "outcome missing: 3 of 15 hips (20 %), in all clinics 10 of 120 hips (8 %); "
        "given the stretch that their type calls for: 6 of 10 hips (60 %), in all clinics 50 of 100 hips (50 %)."
    )


@pytest.mark.parametrize("position", ["within", "not judged"])
def test_a_clinic_within_its_limits_needs_no_list(position):
    assert isinstance(said(position), Nothing)


@pytest.mark.parametrize(
    ("hidden", "gone"),
    [("flow", "measured in another way"), ("rates", "outcome missing"), ("match", "given the stretch")],
)
@pytest.mark.parametrize("whose", ["here", "everywhere"])
def test_what_is_withheld_of_either_is_left_out(hidden, gone, whose):
    assert gone not in said(**{whose: part([20, 20, 15, 12], hidden=hidden)}).plain


def test_nobody_is_no_share():
    assert "outcome missing: no hip, in all" in said(here=part([20, 20, 15, 12], 0, 0)).plain
