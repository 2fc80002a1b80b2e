"""What a reader and a script are told: the five sentences, the tables, what is withheld, the JSON document."""

import json
import sys
from functools import cache

import pytest

from analysis.cli import main
from analysis.cli import sensitivity as command
from analysis.sensitivity import Sensitivity
from analysis.show import figures, sentences, tables
from analysis.show.display import Figure, Nothing
from analysis.show.sentences.sensitivity import classes_answer
from analysis.show.words import WITHHELD
from tests_support import bath, rows_of, small_study, write_study


def sensitivity(report, internal=False):
    return Sensitivity(report._study, report._tables, report.comparison, internal)


@cache
def known(patients, internal):
    """What is worked out once is kept, so the tests share it."""
    return sensitivity(small_study(patients), internal)


@pytest.fixture(scope="module")
def two_dozen():
    return known(24, False)


def test_there_are_five_sentences(two_dozen):
    lines = sentences.five_sentences(two_dozen).markdown.splitlines()
    assert [line[:5] for line in lines] == ["1. **", "2. **", "3. **", "4. **", "5. **"]
    # 12 of 48 hips respond under every reading that judges anybody, whatever the rules say.
    assert "the responder rate is 25 % throughout" in lines[1]


def test_a_study_without_types_or_alternatives_says_so():
    report = bath()
    said = sentences.five_sentences(sensitivity(report)).markdown
    for words in ("defines no types", "lists no other readings", "states no claims"):
        assert words in said
    assert isinstance(figures.specification_curve_figure(sensitivity(report)), Nothing)
    # Of those who pass, an expected share truly changed by 5 degrees or more; see test_sensitivity_criterion.
    assert "for rotation (5° or more)" in said


def test_few_people_are_withheld_unless_internal():
    found = known(4, False)
    assert found.withholds
    assert "withheld" in classes_answer(found)
    assert found.readings["rate"].isna().all()
    for table in (tables.confusion_table(found), tables.criteria_error_table(found), tables.claims_table(found)):
        assert WITHHELD in table.plain
    assert "No reading gives an answer that may be shown" in tables.flips_table(found).why
    open_to_all = known(4, True)
    assert WITHHELD not in tables.confusion_table(open_to_all).plain
    assert open_to_all.readings["rate"].notna().any()


def test_rates_of_readings_leave_in_whole_per_cent(two_dozen):
    shown = two_dozen.readings["rate"].dropna()
    assert len(shown)
    assert (shown == shown.round(2)).all()


def test_the_curve_says_in_words_what_it_shows(two_dozen):
    figure = figures.specification_curve_figure(two_dozen)
    assert isinstance(figure, Figure)
    assert "in this report 25 %" in figure.alt


def test_tables_have_a_row_for_every_decision_claim_and_rule(two_dozen):
    assert len(tables.decisions_table(two_dozen).rows) == len(two_dozen.protocol.alternatives)
    assert len(tables.claims_table(two_dozen).rows) == len(two_dozen.protocol.claims)
    assert [row[0] for row in tables.criteria_error_table(two_dozen).rows] == ["IR", "SLR", "Ober angle"]


@pytest.fixture
def capsule(monkeypatch, capsys):
    """Run the command, which takes what is known of as many people in place of working it out again."""

    def as_asked(study, tables, comparison, internal, release=None):
        patients = study.assessments["patient_id"].nunique()
        assert (len(tables.classifications), comparison) == (2 * patients, "immediate")
        return known(patients, internal)

    monkeypatch.setattr(command, "Sensitivity", as_asked)

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["capsule", "sensitivity", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capsys.readouterr()
        return ended.value.code, captured.out, captured.err

    return run


def test_the_document_of_the_command(capsule, tmp_path):
    study = write_study(tmp_path, rows_of(4))
    code, out, err = capsule(study, "--json", "-", "--hips")
    document = json.loads(out)
    assert [code, err] == [0, ""]
    assert list(document) == [
        "class_probabilities",
        "readings",
        "chance",
        "own_error",
        "criteria",
        "claims",
        "provenance",
    ]
    assert document["class_probabilities"]["n_hips"] == len(document["class_probabilities"]["hips"]) == 8
    assert document["readings"]["n_readings"] == len(document["readings"]["each"]) == 6_912
    decisions = [row["id"] for row in document["readings"]["decisions"]]
    assert set(decisions) <= set(document["readings"]["each"][0])
    assert document["own_error"] == []  # nobody was read twice
    assert document["claims"][0]["claim"] == "left_worse"
    assert {row["response"] for row in document["chance"]} == {"all", "ir", "slr", "ober", "two_of_three"}


def test_the_command_shows_a_person_every_part(capsule, tmp_path):
    code, out, err = capsule(write_study(tmp_path, rows_of(4)))
    assert [code, err] == [0, ""]
    for heading in ("truly of each class", "6,912 readings", "against chance", "measurement error", "The claims"):
        assert heading in out


def test_the_command_refuses_what_it_cannot_do(capsule, tmp_path):
    study = write_study(tmp_path, rows_of(1))
    assert capsule(study, "--comparison", "x")[::2] == (
        2, "capsule: comparison is 'x'; it can be drills, immediate, retained, reread\n"
    )  # fmt: skip
    code, _, err = capsule(study, "--hips", "--safe")
    assert code == 2
    assert "--safe withholds" in err


def test_safe_withholds_what_few_people_stand_behind(capsule, tmp_path):
    code, out, _ = capsule(write_study(tmp_path, rows_of(4)), "--json", "-", "--safe")
    document = json.loads(out)
    assert code == 0
    assert "hips" not in document["class_probabilities"]
    assert document["class_probabilities"]["n_hips"] is None
    assert all(row["rate"] is None for row in document["readings"]["each"])
