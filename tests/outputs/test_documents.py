"""JSON documents: their spelling, missing as null, and nothing withheld that leaks."""

import json

import numpy as np
import pandas as pd
import pytest

from analysis import asymmetry, classify, compare_sides, load, rates
from analysis.answers.change_of_asymmetry import change_of_asymmetry
from analysis.answers.sides import sides_between_groups
from analysis.disclosure import protect
from analysis.outputs.documents import (
    check_document,
    classify_document,
    plain,
    provenance,
    rates_document,
    records,
    sides_document,
    to_text,
)
from response_tables import COHORT, group, in_clinics
from study_folders import HEADER, write_tidy


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    rows = "a,left,baseline,12\na,right,baseline,75\n=cmd(),left,baseline,12\n"
    return load(write_tidy(tmp_path_factory.mktemp("study"), HEADER + rows))


@pytest.mark.parametrize("missing", [None, np.nan, pd.NA, pd.NaT, np.float64("nan")])
def test_missing_is_null(missing):
    assert plain(missing) is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (np.int64(3), 3),
        (np.float64(0.5), 0.5),
        (np.bool_(True), True),
        (pd.Timestamp("2024-03-02"), "2024-03-02"),
        ("NA", "NA"),
        ("", ""),
        (0, 0),
    ],
)
def test_values_become_plain(value, expected):
    assert plain(value) == expected
    assert json.loads(to_text({"x": plain(value)})) == {"x": expected}


def test_records_of_every_kind_of_column():
    table = pd.DataFrame(
        {
            "count": pd.array([1, None], dtype="Int64"),
            "yes": pd.array([True, None], dtype="boolean"),
            "level": pd.Categorical(["a", None]),
            "day": pd.to_datetime(["2024-03-02", None]),
            "text": ["x", None],
        }
    )
    assert records(table) == [
        {"count": 1, "yes": True, "level": "a", "day": "2024-03-02", "text": "x"},
        dict.fromkeys(table.columns),
    ]


def test_a_number_that_json_cannot_hold_is_refused_not_written():
    with pytest.raises(ValueError, match="JSON"):
        to_text({"x": np.inf})


def test_the_rates_document_is_the_contract(study):
    document = rates_document(study, rates(COHORT, by=["side"]).assign(suppressed=False), safe=False)
    assert list(document) == ["rates", "method", "provenance"]
    row = document["rates"][0]
    contract = [
        "side",
        "n_patients",
        "n_hips",
        "n_evaluable",
        "n_responders",
        "rate",
        "ci_low",
        "ci_high",
        "chance_rate",
        "suppressed",
    ]
    assert set(contract) <= set(row)
    assert row["rate"] == 2 / 3
    assert row["suppressed"] is False
    assert [document["method"]["response"], document["method"]["comparison"]] == ["ir", "first"]
    assert json.loads(to_text(document)) == document


def test_an_empty_group_has_null_for_its_rate_and_zero_for_its_counts(study):
    document = rates_document(study, rates(COHORT, by=["clinic", "side"]).assign(suppressed=False), safe=False)
    empty = next(row for row in document["rates"] if row["clinic"] == "not recorded" and row["side"] == "left")
    assert [empty["n_hips"], empty["rate"], empty["chance_rate"]] == [0, None, None]


def test_a_safe_rates_document_holds_no_number_of_a_suppressed_row(study):
    document = rates_document(study, protect(rates(group(4, 5), by=["side"])), safe=True)
    known = [{name: value for name, value in row.items() if value is not None} for row in document["rates"]]
    assert known == [{"side": side, "suppressed": True} for side in ("left", "right")]


def test_a_rates_document_without_a_row(study):
    document = rates_document(study, protect(rates(COHORT.iloc[:0], by=["clinic"])), safe=True)
    assert document["rates"] == []


def test_the_sides_document_is_the_contract(study):
    overall, groups = compare_sides(COHORT), compare_sides(COHORT, by=["clinic"])
    degrees, closer = asymmetry(study.assessments), change_of_asymmetry(study.assessments)
    between = sides_between_groups(COHORT.assign(stretch_type="T1"), "stretch_type", ["T1", "T2"])
    document = sides_document(study, overall, groups, between, degrees, closer)
    assert list(document["paired"]) == ["both", "left_only", "right_only", "neither", "n"]
    assert document["paired"] == {"both": 1, "left_only": 1, "right_only": 0, "neither": 0, "n": 2}
    assert document["difference"] == 1 / 2
    for name in ("newcombe", "tango"):
        low, high = document[name]
        assert low < 1 / 2 < high
    assert document["lead"] == {
        "method": "McNemar",
        "ci": document["tango"],
        "p": document["p_score"],
        "clustered_by": "person",
        "note": "people are taken as independent",
    }
    assert document["by_clinic"] == {
        "ci": [None, None], "p": None, "df": None, "not_estimable": "no clinic is recorded"
    }  # fmt: skip
    assert set(document["gee"]) == {"difference", "ci", "odds_ratio", "or_ci", "p", "clustered_by"}
    assert set(document["clinics"]) == {"n", "obuchowski", "durkalski", "not_estimable"}
    assert document["clinics"]["durkalski"] == {"difference": None, "ci": [None, None], "p": None}
    assert document["clinics"]["not_estimable"] == "no clinic is recorded"
    assert document["p_benjamini_hochberg"] == document["p_holm"] == document["p_score"]
    assert document["one_hip"] | {"ci": None} == {
        "left": 1, "right": 1, "left_responders": 0, "right_responders": 0, "difference": 0, "ci": None
    }  # fmt: skip
    assert len(document["one_hip"]["ci"]) == 2
    assert document["asymmetry"][0]["n"] == 1
    assert [row["quantity"] for row in document["asymmetry_change"]] == ["difference", "size", "showing", "showing_any"]
    interaction = document["interaction"]
    assert [interaction["by"], interaction["p"]] == ["stretch_type", None]
    assert interaction["not_estimable"] == "only one group has an estimate"
    assert [group["stretch_type"] for group in interaction["groups"]] == ["T1", "T2"]
    assert interaction["groups"][0]["left"] == {"n_responders": 2, "n_evaluable": 3}
    assert interaction["groups"][0]["right"] == {"n_responders": 1, "n_evaluable": 3}
    assert [row["clinic"] for row in document["groups"]] == ["North", "South", "not recorded"]
    assert json.loads(to_text(document)) == document


def test_the_sides_document_holds_the_answers_over_clinics(study):
    overall = compare_sides(in_clinics([3, 1, 4, 2, 3], [1, 2, 2, 0, 1], [4, 5, 10, 8, 9]))
    between = sides_between_groups(COHORT.assign(stretch_type="T1"), "stretch_type", ["T1"])
    document = sides_document(study, overall, None, between, pd.DataFrame(), pd.DataFrame())
    clinics, row = document["clinics"], overall.iloc[0]
    assert [clinics["n"], clinics["not_estimable"]] == [5, ""]
    assert clinics["obuchowski"]["difference"] == document["difference"] == 7 / 36
    for name in ("obuchowski", "durkalski"):
        assert clinics[name]["ci"] == [row[f"{name}_low"], row[f"{name}_high"]]
        assert clinics[name]["p"] == row[f"p_{name}"]
    assert document["gee"]["p"] == row["p_gee"]


def test_the_check_document_is_the_contract(study):
    (problem,) = check_document(study)["problems"]
    assert list(problem) == ["severity", "rule", "file", "row", "column", "value_shown", "message"]
    assert [problem["severity"], problem["row"], problem["value_shown"]] == ["warning", 3, "75"]


def test_the_classify_document_has_lists_and_identifiers_as_they_are(study):
    rows = classify_document(study, classify(study.assessments))["classifications"]
    assert {row["patient_id"] for row in rows} == {"a", "=cmd()"}
    assert all(isinstance(row[name], list) for row in rows for name in ("criteria_met", "settled_by", "flags"))
    assert rows[0]["criteria_failed"] != [""]


def test_provenance_names_study_rules_and_program(study):
    document = provenance(study)
    assert document["study"] == "A study"
    assert document["protocol"]["id"] == "capsule"
    assert document["warnings"] == 1
    assert provenance(study, safe=True)["warnings"] is None
    assert document["program"]["name"] == "capsule-outcomes"
