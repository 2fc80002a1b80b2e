"""What the overview shows of a report: the numbers of its frames; what is withheld stays so, arms are not pooled."""

import pandas as pd
import pytest

from analysis.protocol import builtin
from analysis.report import open_report
from analysis.show.glance import at_a_glance
from tests_support import ROOT, write_private

RATE = {
    "n_evaluable": 20,
    "n_responders": 6,
    "rate": 0.3,
    "ci_low": 0.15,
    "ci_high": 0.52,
    "n_missing": 5,
    "chance_rate": 0.02,
    "against_chance": "more than chance",
    "suppressed": False,
}
EVENT = {"answer": "pain", "n_hips": 9, "n_known": 8, "n_yes": 2, "share": 0.25, "suppressed": False}
PLACE = {"clinic_id": "A", "position": "above", "suppressed": False}
QUARTERS = [
    {"period": f"2025Q{n}", "rate": rate, "special": False, "notes": "", "suppressed": False}
    for n, rate in enumerate([0.2, float("nan"), 0.4], start=1)
]


def facts(rate=None, arms=(), safety=EVENT, place=PLACE, periods=QUARTERS, clinic_id="A", on=""):
    frames = [pd.DataFrame([rate or RATE]), pd.DataFrame(list(arms)), pd.DataFrame([safety]), pd.DataFrame([place])]
    found = at_a_glance(*frames, pd.DataFrame(list(periods)), builtin(), clinic_id, on)
    return {fact.label: fact for fact in found}


def test_each_fact_is_the_number_of_its_frame():
    found = facts()
    assert {label: fact.text for label, fact in found.items()} == {
        "Responders": "6/20 (30 %; 95 % CI 15–52)",
        "By chance": "2 %, rate above",
        "Beside all clinics": "above the limits: look again",
        "Over time": "no sign of change",
        "Pain": "2/8 (25 %)",
        "Outcome missing": "5/25 (20 %)",
        "Newest first visit": "2025Q3",
        "Visits as of": "",
    }
    assert [found["Responders"].value, found["Responders"].ends, found["Responders"].beside] == [
        0.3,
        (0.15, 0.52),
        0.02,
    ]
    assert found["Over time"].series == (0.2, None, 0.4)
    assert [label for label, fact in found.items() if fact.stands_out] == ["Beside all clinics"]


def test_a_report_of_an_earlier_day_says_so():
    assert facts(on="2026-03-01")["Visits as of"].text == "1 March 2026"


def test_what_is_withheld_stays_so():
    hidden = {"suppressed": True}
    quarters = [quarter | {"suppressed": quarter["period"] == "2025Q3"} for quarter in QUARTERS]
    found = facts(RATE | hidden, safety=EVENT | hidden, place=PLACE | hidden, periods=quarters)
    assert {
        found[label].text for label in ("Responders", "By chance", "Beside all clinics", "Pain", "Outcome missing")
    } == {"withheld"}
    assert found["Over time"].text == "too few periods"
    assert found["Over time"].series == (0.2, None, None)
    assert {fact.value for fact in found.values()} == {None}


@pytest.mark.parametrize(
    ("label", "changed", "text"),
    [
        ("Responders", {"rate": {"n_evaluable": 0, "n_responders": 0}}, "no hip judged"),
        ("By chance", {"rate": {"chance_rate": float("nan"), "against_chance": ""}}, "–"),
        ("By chance", {"rate": {"against_chance": "fewer than chance"}}, "2 %, rate below"),
        ("Outcome missing", {"rate": {"n_missing": float("nan")}}, "withheld"),
        ("Pain", {"safety": {"n_hips": 0}}, "nobody at risk"),
        ("Pain", {"safety": {"n_known": 0}}, "not recorded"),
        ("Beside all clinics", {"place": {"position": "within"}}, "within the limits"),
        ("Beside all clinics", {"place": {"position": "not judged"}}, "not compared"),
        ("Beside all clinics", {"place": {"clinic_id": "B"}}, ""),
    ],
)
def test_what_cannot_be_said_is_said_so(label, changed, text):
    whole = {"rate": RATE, "safety": EVENT, "place": PLACE}
    assert facts(**{name: whole[name] | part for name, part in changed.items()})[label].text == text


@pytest.mark.parametrize(("notes", "text"), [("", "seems to have changed"), ("few periods", "may have changed")])
def test_a_change_is_said_as_firmly_as_the_chart_says_it(notes, text):
    quarters = [quarter | {"special": quarter["rate"] == 0.4, "notes": notes} for quarter in QUARTERS]
    found = facts(periods=quarters)["Over time"]
    assert [found.text, found.stands_out] == [text, True]


def test_no_dates_no_periods():
    found = facts(periods=())
    assert [found["Over time"].text, found["Newest first visit"].text] == ["too few periods", "no dates"]


def test_arms_lead_and_are_not_pooled():
    report = open_report(ROOT / "data/raw/bath-hips")
    frames = (report.rates(), report.arms(), report.safety(), report.clinics(), report.over_time())
    found = [fact for fact in at_a_glance(*frames, report.protocol) if fact.label.startswith("Responders")]
    assert [fact.label for fact in found] == [f"Responders, {arm}" for arm in ("Control", "Treatment")]
    counts = [(row["n_responders"], row["n_evaluable"]) for row in report.arms().to_dict("records")]
    assert [fact.text.partition(" ")[0] for fact in found] == [f"{yes}/{of}" for yes, of in counts]


def test_of_a_private_study_of_few_nothing_is_told(tmp_path):
    report = open_report(write_private(tmp_path, 3, seed=1, clinics=2))
    frames = (report.rates(), report.arms(), report.safety(), report.clinics(), report.over_time())
    found = at_a_glance(*frames, report.protocol)
    assert not [
        fact for fact in found if any(c.isdigit() for c in fact.text.replace(fact.label, "")) and "Q" not in fact.text
    ]
