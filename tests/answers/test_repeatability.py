"""The error of a reading, found again from second readings of hips to which nothing was done."""

import re
from math import sqrt

import numpy as np
import pandas as pd
import pytest

from analysis import change
from analysis.answers.flow import followed_up
from analysis.answers.repeatability import LESS, MORE, WITHIN, repeatability
from analysis.disclosure import protect
from analysis.hips.reread import unchanged_comparisons
from analysis.protocol import builtin
from analysis.protocol.measures import Comparison
from analysis.report import open_report
from analysis.sensitivity.criterion import criterion_against_error
from analysis.show import sentences, tables
from analysis.show.display import Nothing
from analysis.simulate import CohortParameters, simulate, write_study
from analysis.stats.reliability import reliability
from builders import assessments, visit
from tests_support import ROOT, bath

PROTOCOL = builtin()
SEM = {"hip_ir_deg": 3.0, "hip_er_deg": 3.0, "slr_deg": 3.5, "ober_deg": 2.3, "pelvic_tilt_deg": 2.0}


def read_twice(*pairs, second=None, **first):
    """Left and right hips of people in turn, read twice at the baseline."""
    rows = []
    for number, (before, after) in enumerate(pairs):
        who = {"patient": f"p{number // 2}", "side": ("left", "right")[number % 2]}
        rows += [
            visit(hip_ir_deg=before, **who, **first),
            visit("reread", hip_ir_deg=after, **who, **(second or first)),
        ]
    return assessments(*rows)


def found(visits, protocol=PROTOCOL):
    return repeatability(visits, change(visits, protocol), protocol)


def cohort(folder, patients=400, share=1.0, **parameters):
    parameters = CohortParameters(reread_share=share, gross_error_share=0, **parameters)
    return open_report(write_study(simulate(patients, seed=4, parameters=parameters), folder / "cohort", "Read twice"))


@pytest.fixture(scope="module")
def fine(tmp_path_factory):
    """Everybody is read twice, and to a tenth of a degree."""
    return cohort(tmp_path_factory.mktemp("fine"), heaping_share=0)


def test_the_known_error_of_every_angle_is_found_again(fine):
    table = fine.repeatability()
    assert table["measure"].tolist() == list(SEM)
    assert table["n_hips"].tolist() == [800] * 5
    for row in table.to_dict("records"):
        assert row["sem"] == pytest.approx(SEM[row["measure"]], rel=0.06)
        assert row["sem_low"] < SEM[row["measure"]] < row["sem_high"]
        assert (row["rules"], row["not_estimable"]) == (WITHIN, "")
        assert row["shift_low"] < 0.3
        assert row["mdc95"] == pytest.approx(1.959964 * sqrt(2) * row["sem"])


def test_an_error_that_the_rules_do_not_have_is_pointed_out(tmp_path):
    table = cohort(tmp_path, ir_sem=5.0, slr_sem=2.0).repeatability().set_index("measure")
    assert table.loc["hip_ir_deg", "sem"] == pytest.approx(sqrt(25 + 0.35 * 25 / 12), rel=0.06)
    assert table["rules"].to_dict() == dict.fromkeys(SEM, WITHIN) | {"hip_ir_deg": LESS, "slr_deg": MORE}


def test_rounding_is_no_fault_of_the_rules(tmp_path):
    row = cohort(tmp_path, heaping_share=1.0).repeatability().iloc[0]
    assert row["sem_low"] > 3.0  # rounded to 5 degrees, √(3² + 25/12) = 3.33
    assert row["sem_rounded"] == pytest.approx(3.33, abs=0.01)
    assert row["sem_of_rules"] == 3.0
    assert row["rules"] == WITHIN


def test_three_hips_by_hand():
    # Differences 2, 0, 4: mean 2, Σd²/2n = 20/6.
    row = found(read_twice((10, 12), (20, 20), (30, 34))).iloc[0]
    assert (row["n_hips"], row["n_patients"], row["shift"]) == (3, 2, 2)
    assert row["sem"] == pytest.approx(sqrt(20 / 6))
    assert row["icc_3_1"] == pytest.approx(reliability([[10, 12], [20, 20], [30, 34]]).icc_3_1)


def test_readings_taken_in_another_way_tell_nothing_of_the_error():
    pairs = (10, 12), (20, 20), (30, 34)
    alike = read_twice(*pairs, position="prone")
    assert len(found(alike)) == 1
    assert found(read_twice(*pairs, position="prone", second={"position": "supine"})).empty


def test_two_hips_of_one_person_are_no_two_people():
    rng = np.random.default_rng(3)
    truth = rng.normal(20, 6, 40)
    readings = np.round(truth[:, None] + rng.normal(0, 3, (40, 2)), 1)
    pairs, alone = np.repeat(range(20), 2), range(40)
    of_people, of_hips = reliability(readings, person=pairs), reliability(readings, person=alone)
    assert of_people.sem == of_hips.sem
    assert (of_people.n_people, of_hips.n_people) == (20, 40)
    for name in ("sem_interval", "icc_2_1_interval", "icc_3_1_interval"):
        people, hips = getattr(of_people, name), getattr(of_hips, name)
        assert people.low < hips.low
        assert people.high > hips.high


def test_a_study_may_declare_another_pair_of_visits():
    """Two visits before any drill, in a protocol of one's own."""
    drills = Comparison.model_validate({"label": "Twice", "from": "intake", "to": "baseline", "unchanged": True})
    own = PROTOCOL.model_copy(update={"comparisons": PROTOCOL.comparisons | {"drills": drills}})
    assert unchanged_comparisons(own) == ["drills", "reread"]
    rows = [(f"p{n}", at, value) for n in range(3) for at, value in (("intake", 10.0 + n), ("baseline", 12.0 + n))]
    visits = assessments(*[visit(at, patient=who, hip_ir_deg=value) for who, at, value in rows])
    assert found(visits, own)["comparison"].tolist() == ["drills"]
    assert found(visits).empty


def test_nothing_declared_shows_a_line_and_no_table():
    for report in (bath(), open_report(ROOT / "data/raw/demo")):
        table = report.repeatability()
        assert table.empty
        assert isinstance(tables.repeatability_table(table, report.protocol), Nothing)
        assert "no second readings" in sentences.repeatability_answer(table, report.protocol).plain


@pytest.mark.parametrize(
    ("pairs", "reason"),
    [(((10, 12), (20, 22)), "fewer than 2 people"), (((10, 12),), "fewer than 2 hips with all their readings")],
)
def test_too_little_says_why(pairs, reason):
    table = found(read_twice(*pairs))
    assert table["not_estimable"].tolist() == [reason]
    assert table["rules"].tolist() == [""]
    shown = table.assign(suppressed=False)
    printed = tables.repeatability_table(shown, PROTOCOL)
    assert printed.rows[1][3] == "not estimable"
    assert any(note.startswith("Not estimable: ") and reason in note for note in printed.notes)
    assert "cannot be compared with" in sentences.repeatability_answer(shown, PROTOCOL).plain


def test_few_people_are_withheld():
    table = protect(found(read_twice((10, 12), (20, 20), (30, 34), (15, 14))), "repeatability")
    assert table["suppressed"].tolist() == [True]
    assert pd.isna(table["sem"].iloc[0])
    text = sentences.repeatability_answer(table, PROTOCOL).plain
    assert text.endswith("is withheld.")
    assert not re.search(r"\d", text)
    assert isinstance(tables.repeatability_table(table, PROTOCOL), Nothing)


def test_a_second_reading_is_no_visit_that_anybody_missed(fine):
    labels = followed_up(fine._tables.changes, PROTOCOL)["answer"].tolist()
    assert PROTOCOL.comparisons["reread"].label not in labels
    assert len(labels) == 3


def test_the_error_seen_here_comes_from_second_readings_where_there_are_any(fine):
    row = criterion_against_error(fine._tables.changes, PROTOCOL).iloc[0]
    assert row["n_pairs_here"] == 800
    assert row["sem_here"] == pytest.approx(3.0, rel=0.06)


def test_responders_by_chance_are_as_many_as_foretold(fine):
    """Nothing was done in between, so whoever gained 5 degrees did so by chance."""
    rows = fine._tables.responses
    own = rows[(rows["comparison"] == "reread") & (rows["response"] == "ir") & (rows["outcome"] != "not_evaluable")]
    assert len(own) == 800
    assert (own["outcome"] == "responder").mean() == pytest.approx(own["chance"].mean(), abs=0.04)


def row(measure="hip_ir_deg", sem=3.2, low=2.7, high=3.9, rules=WITHIN, rounded=3.0):
    numbers = {"n_hips": 40, "n_patients": 22, "shift": 0.1, "shift_low": -0.5, "shift_high": 0.7, "mdc95": 8.9}
    limits = {"sem": sem, "sem_low": low, "sem_high": high, "sem_of_rules": 3.0, "sem_rounded": rounded}
    both = {f"icc_{kind}{end}": 0.9 for kind in ("2_1", "3_1") for end in ("", "_low", "_high")}
    words = {"comparison": "reread", "measure": measure, "rules": rules, "not_estimable": "", "suppressed": False}
    return words | numbers | limits | both


def said(*rows):
    return sentences.repeatability_answer(pd.DataFrame(rows), PROTOCOL).plain


def test_the_answer_gives_the_error_its_interval_its_people_and_the_rules():
    assert said(row(), row("slr_deg"), row("ober_deg", 4.0, 3.4, 4.9, LESS), row("pelvic_tilt_deg", rules=MORE)) == (
        "**The study's own error of one reading (SEM) of hip internal rotation is 3.2° (95 % CI 2.7 to 3.9)**, seen in "
        "40 hips of 22 people read again with nothing done in between. The rules assume 3.0°, which agrees with it. "
        "The "
        "rules also agree with it for SLR. They assume too small an error for Ober angle, 3.0° against 4.0° (95 % CI "
        "3.4 to 4.9): chance and error explain more there than the reports say. They assume too large an error for "
        "tilt "
        "angle, 3.0° against 3.2° (95 % CI 2.7 to 3.9): chance and error explain less there than the reports say."
    )


def test_rules_that_do_not_fit_come_with_what_follows():
    assert "which is too small: chance and error explain more than the reports say" in said(row(rules=LESS))
    assert "which is too large: chance and error explain less" in said(row(rules=MORE), row("slr_deg"))
    assert said(row(rules=MORE), row("slr_deg")).endswith("The rules agree with it for SLR.")
    assert "The rules assume 3.0° (3.3° as these readings are rounded), which agrees with it." in said(
        row(rounded=3.33)
    )


def test_the_table_shows_each_angle_under_its_comparison():
    table = tables.repeatability_table(pd.DataFrame([row()]), PROTOCOL)
    assert table.rows == [
        ["On a second reading with nothing done in between"],
        ["IR", "40 (22)", "+0.1° (−0.5 to 0.7)", "0.90 (0.90–0.90)", "0.90 (0.90–0.90)",
         "3.2° (2.7–3.9)", "8.9°", "3.0° (3.0°)"],
    ]  # fmt: skip
