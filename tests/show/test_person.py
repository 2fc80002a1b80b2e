"""One person's page: what stands in the rows of one person stands on it, and nothing where numbers are withheld."""

import json
import re

import pytest

from analysis.report import open_report
from analysis.report.scope import person_codes
from analysis.show import person as page
from analysis.show.figures import timelines_figure
from analysis.usererror import UserError
from notebook_runs import shown_by
from tests_support import ROOT, preloaded, write_private

DEMO = ROOT / "data/raw/demo"
NOTEBOOK = ROOT / "notebooks/patient.ipynb"


@pytest.fixture(scope="module")
def one():
    report = open_report(DEMO, person="P00001")
    return report.one_person(), report.protocol


@pytest.fixture(scope="module")
def private(tmp_path_factory):
    return preloaded(write_private(tmp_path_factory.mktemp("private") / "study", 12, 1, clinics=2))


def _rows(table):
    return {row[0]: row[1:] for row in table.rows}


def test_it_says_whose_it_is_and_what_class_each_hip_has(one):
    said = page.person_answer(*one).plain
    assert said.startswith("**Patient P00001** (clinic C01, sex female, age 33 years, height 160 cm, weight 71 kg, ")
    assert "Left hip: not restricted (definite)." in said
    assert "Right hip: type 1: anterior tilt, femur turned out (borderline)." in said
    assert said.endswith("Nothing here is advice for one patient.")


def test_a_rule_stands_with_what_was_read_and_whether_it_is_met(one):
    rows = _rows(page.rules_table(*one))
    assert rows["Class"] == ["Not restricted", "Type 1: anterior tilt, femur turned out"]
    label = "– internal rotation is limited (below 20°, leniently below 30°)"
    assert rows[label] == ["no: 30°", "only leniently: 25°"]  # IR pre of P00001 in hips.csv: 30 and 25


def test_changes_stand_against_error_and_what_is_missing_is_said(one):
    table = page.changes_table(*one)
    after = table.rows[table.rows.index(["Immediately after the stretch (baseline to post)"]) :]
    assert after[1] == ["– hip internal rotation", "30° → 35° (+5°, within error)", "25° → not recorded"]
    last = table.rows[table.rows.index(["At the later visit (baseline to followup)"]) :]
    assert (
        "20° → 30° (+10°, beyond error)" in {row[0]: row[1] for row in last[1:] if len(row) > 1}["– Ober's test, angle"]
    )


def test_beneath_an_escalation_it_is_the_type_that_is_open():
    """Both hips of P00081 are surely escalated, and their tilt is neither anterior nor posterior."""
    report = open_report(DEMO, person="P00081")
    said = page.again_answer(report.one_person(), report.protocol).plain
    assert said.startswith("Left hip: tilt would settle the type beneath the class. Right hip: tilt would settle the ")
    report = open_report(DEMO, person="P00002")
    assert "would settle the class." in page.again_answer(report.one_person(), report.protocol).plain


def test_the_timelines_say_every_reading(one):
    figure = timelines_figure(*one)
    assert figure.alt.endswith(
        "Left: intake 25°, baseline 30°, post 35°, followup 30°. Right: intake 25°, baseline 25°, followup 25°."
    )


def test_a_study_without_types_has_changes_and_no_rules():
    report = open_report(ROOT / "data/raw/bath-hips", person="1")
    rows = _rows(page.changes_table(report.one_person(), report.protocol))
    assert rows["– hip rotation"] == ["35° → 37° (+2°, within error)", "25° → 36° (+11°, beyond error)"]
    assert "No rules" in page.rules_table(report.one_person(), report.protocol).why


def test_where_numbers_are_withheld_there_is_no_page(private):
    with pytest.raises(UserError, match="for those who treat"):
        open_report(private, person="P00003")
    words = " ".join(getattr(item, "plain", "") for item in shown_by(NOTEBOOK, study=str(private)))
    assert "for those who treat" in words
    assert "P000" not in words


def test_nobody_is_not_somebody(private):
    with pytest.raises(UserError, match="no such patient"):
        open_report(private, internal=True, person="3")


def test_a_code_is_always_the_same_and_tells_no_identifier(private):
    codes = person_codes(private, ["P00003", "P00001"])
    assert codes == person_codes(private, ["P00001", "P00003"])
    assert all(re.fullmatch(r"[0-9a-f]{12}", code) for code in codes)
    assert set(codes) != set(person_codes(DEMO, codes.values()))  # the study's own secret is in it
    (code,) = person_codes(private, ["P00003"])
    assert open_report(private, internal=True, person=code).person == "P00003"


@pytest.mark.parametrize("asked", [["--by", "patient_id"], ["--notebook", "patient", "--set", "person=P00003"]])
def test_only_an_internal_run_plans_pages_and_names_nobody(capsule, private, tmp_path, asked):
    code, _, err = capsule("report", private, *asked, "--dry-run", "--out", tmp_path)
    assert code == 2
    assert "--internal" in err
    code, said, err = capsule("report", private, *asked, "--internal", "--dry-run", "--out", tmp_path, "--json", "-")
    assert (code, err) == (0, "")
    planned = json.loads(said)["planned"]
    assert len(planned) == (12 if "--by" in asked else 1)
    assert "P000" not in said


def test_a_page_of_nobody_is_not_made(capsule, private, tmp_path):
    code, _, err = capsule("report", private, "--notebook", "patient", "--internal", "--dry-run", "--out", tmp_path)
    assert code == 2
    assert "--by patient_id" in err
