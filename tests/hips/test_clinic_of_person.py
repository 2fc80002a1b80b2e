"""Somebody seen in several clinics counts with the first of them, with the same one in every table."""

import numpy as np
import pandas as pd

from analysis import change, compare_sides, rates
from analysis.answers.agreement import agreement
from analysis.answers.asymmetry import asymmetry
from analysis.answers.change_of_asymmetry import change_of_asymmetry
from analysis.answers.classes import class_shares
from analysis.answers.degrees import gain_curves, hip_changes, mean_changes
from analysis.answers.gains import adjusted_gains, gains_by_group, with_match
from analysis.answers.matching import compare_matched, matched_hips
from analysis.answers.parts import asked_for
from analysis.answers.rates_of_visits import rates_of_visits
from analysis.answers.repeatability import repeatability
from analysis.answers.sides import sides_between_groups
from analysis.answers.trajectories import trajectories
from analysis.hips.clinic_of_person import clinic_of_person, clusters_of, with_clinic_of_person
from analysis.hips.cohort import Read, hips_of
from analysis.protocol import builtin
from analysis.schema import HIP
from analysis.sensitivity.claims import judge_claims
from analysis.sensitivity.under_each import _Block, _clinic_of_person
from builders import T1, analysed, assessments, visit

RULES = builtin()


def test_it_is_that_of_the_first_episode_where_one_is_recorded():
    rows = pd.DataFrame(
        {
            "patient_id": ["a", "a", "b", "b", "b", "c"],
            "side": ["left", "right", "left", "left", "right", "left"],
            "episode": ["2", "1", "9", "10", "9", "1"],
            "clinic_id": ["North", "South", None, "East", "West", None],
        }
    )
    assert clinic_of_person(rows).tolist()[:5] == ["South", "South", "West", "West", "West"]
    assert clinic_of_person(rows).isna().tolist() == [False] * 5 + [True]
    assert clinic_of_person(rows[["patient_id"]]) is None


def test_it_is_said_that_somebody_moved_and_no_table_forgets_it():
    rows = pd.DataFrame({"patient_id": list("aabcdef"), "clinic_id": list("AXBCDEF"), "episode": list("1211111")})
    later = with_clinic_of_person(rows)[1:]  # such as those with a reading: a is left with X
    found = clusters_of(np.arange(6), later)
    assert found.clinic.tolist() == [0, 1, 2, 3, 4, 5]
    assert found.note == "people of one clinic may be alike, those seen in several clinics count with the first"
    assert "several" not in clusters_of(np.arange(5), later[1:]).note
    assert clusters_of(np.arange(6), later[["patient_id"]]).clustered_by == "person"


def _visits():
    """Thirty people of six clinics; every third comes back in another one, some with the other hip alone.

    Of first episodes much is missing.
    """
    draw, rows = np.random.default_rng(1), []
    for number in range(30):
        for episode in ("1", "2") if number % 3 == 0 else ("1",):
            for side in ("left", "right") if number % 6 else (("right",) if episode == "1" else ("left",)):
                who = {"patient": f"{number:02}", "side": side, "episode": episode}
                who["clinic_id"] = "ABCDEF"[(number + (number % 2 + 1) * (episode == "2")) % 6]
                first = dict(zip(("hip_ir_deg", "slr_deg"), draw.integers(8, 24, 2), strict=True), ober="positive")
                moved = draw.integers(-1, 13, (3, 2)) * (1, 2)
                for at, more in zip(("baseline", "post", "followup"), moved, strict=True):
                    gone = episode == "1" and at != "baseline" and draw.random() < 0.4
                    readings = {} if gone else {"hip_ir_deg": first["hip_ir_deg"], "slr_deg": 40 + first["slr_deg"]}
                    readings = {name: value + more[place] for place, (name, value) in enumerate(readings.items())}
                    ober = {"ober": "negative" if draw.random() < 0.6 and at != "baseline" else "positive"}
                    rows.append(visit(at, **who, **{**T1, "hip_ir_deg": None, "slr_deg": None}, **ober) | readings)
                again = first["hip_ir_deg"] + int(draw.integers(-2, 3))
                rows.append(visit("reread", **who, hip_ir_deg=None if episode == "1" and number % 6 else again))
    return assessments(*rows)


VISITS = _visits()
CARE = VISITS[HIP].drop_duplicates()
CARE = CARE.assign(stretch_given=np.resize(["T1", "T2", "T1", "T1", "T2"], len(CARE)))


def _answers(visits):
    """The numbers of every table whose intervals have clinics as clusters."""
    made = analysed(visits, CARE)
    changes, responses = with_match(made.changes, made.care), made.responses
    tables = {
        "rates": rates(responses, ["side"], "ir"),
        "rates of blocks": rates_of_visits([visits], asked_for([["side"]], "ir", None, RULES))[0],
        "sides": compare_sides(responses, response="slr", comparison="retained"),
        "sides between groups": sides_between_groups(responses, "stretch_given", response="ir"),
        "classes": class_shares(made.classifications, RULES),
        "matched": compare_matched(matched_hips(responses, changes, RULES, "ir"))[:1],
        "mean changes": mean_changes(changes, RULES, "immediate"),
        "gains": gains_by_group(changes, RULES, "immediate", "side"),
        "curves": gain_curves(hip_changes(changes, RULES, "immediate")),
        "adjusted": adjusted_gains(changes, RULES, "immediate").query("contrast == 'side'"),
        "trajectories": trajectories(visits, changes, RULES, "side"),
        "asymmetry": asymmetry(visits, RULES),
        "change of asymmetry": change_of_asymmetry(visits, RULES, "immediate", changes),
        "agreement": agreement(visits, changes, RULES),
        "repeatability": repeatability(visits, changes, RULES),
        "claims": judge_claims(made, RULES).query("claim != 'matching_matters'"),
    }
    return {name: table.select_dtypes("number") for name, table in tables.items()}


def test_every_table_takes_a_person_with_the_first_clinic():
    settled = _answers(VISITS.assign(clinic_id=clinic_of_person(VISITS)))
    for name, table in _answers(VISITS).items():
        assert len(table), name
        pd.testing.assert_frame_equal(table, settled[name], obj=name)


def test_hips_under_each_reading_have_the_clinic_of_their_person_too():
    hips = hips_of(VISITS)
    of_hip = _clinic_of_person(_Block(VISITS, hips, Read(VISITS, RULES)))
    first = VISITS.assign(first=clinic_of_person(VISITS)).drop_duplicates(HIP)
    assert list(of_hip) == first["first"].tolist()


def test_every_note_of_clinics_says_that_somebody_moved():
    visits = VISITS.assign(clinic_id=VISITS["clinic_id"].mask(VISITS["timepoint"] == "post", "G"))
    visits["hip_ir_deg"] = visits["hip_ir_deg"].fillna(12)
    changes = change(visits)
    tables = [
        asymmetry(visits, RULES),
        change_of_asymmetry(visits, RULES, "immediate", changes),
        agreement(visits, changes, RULES),
        trajectories(visits, changes, RULES, "side"),
    ]
    notes = [table["cluster_note"].iloc[0] for table in tables]
    assert ["those seen in several clinics count with the first" in note for note in notes] == [True] * 4
