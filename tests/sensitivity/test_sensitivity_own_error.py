"""Responders beyond chance, with the error of a reading and its doubt taken from the study's own second readings."""

from dataclasses import replace
from math import sqrt

import pytest

from analysis.answers.rates import rates
from analysis.report import open_report
from analysis.sensitivity import Sensitivity
from analysis.sensitivity.own_error import chance_with_own_error
from analysis.show import tables
from analysis.show.display import Nothing
from analysis.simulate import CohortParameters, simulate, write_study
from tests_support import ROOT


def cohort(folder, share, **parameters):
    parameters = CohortParameters(reread_share=share, gross_error_share=0, heaping_share=0, **parameters)
    return open_report(write_study(simulate(300, seed=6, parameters=parameters), folder / "cohort", "Read twice"))


def own(report):
    return chance_with_own_error(report._tables.assessments, report._tables.changes, report.protocol)


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    return cohort(tmp_path_factory.mktemp("many"), 1.0)


def test_the_error_of_the_rules_gives_the_chance_of_the_rules(many):
    table = own(many).set_index("response")
    assert table.index.tolist() == ["ir", "slr"]
    assert table["sem"].tolist() == pytest.approx([3.0, 3.5], rel=0.06)
    assert table["own_chance"].tolist() == pytest.approx(table["chance_rate"].tolist(), abs=0.02)
    assert table["own_excess"].tolist() == pytest.approx((table["rate"] - table["own_chance"]).tolist())


def test_a_larger_error_than_that_of_the_rules_gives_more_by_chance(tmp_path):
    report = cohort(tmp_path, 1.0, ir_sem=5.0)
    row = own(report).set_index("response").loc["ir"]
    assert row["sem"] == pytest.approx(5.0, rel=0.06)
    # Unselected 24 % against 12 %; hips of this cohort are pulled to its mean besides.
    assert row["own_chance"] - row["chance_rate"] == pytest.approx(0.24 - 0.12, abs=0.05)
    assert row["own_excess"] < row["excess"] - 0.05
    # The errors tried beside that of the rules reach over it, as wherever else the rate is told.
    told = ["chance_rate", "chance_low", "chance_high", "chance_errors", "against_chance"]
    assert row[told].tolist() == rates(report._tables.responses, response="ir")[told].iloc[0].tolist()


def test_doubt_about_the_error_is_added_in_squares(tmp_path):
    few = own(cohort(tmp_path, 0.05)).iloc[0]
    below = sqrt((few["rate"] - few["ci_low"]) ** 2 + (few["own_chance_high"] - few["own_chance"]) ** 2)
    assert few["own_excess_low"] == pytest.approx(few["own_excess"] - below)
    assert few["own_chance_low"] < few["own_chance"] < few["own_chance_high"]
    assert few["own_excess_high"] - few["own_excess_low"] > few["ci_high"] - few["ci_low"]


def test_nothing_read_twice_shows_nothing():
    report = open_report(ROOT / "data/raw/demo")
    sure = Sensitivity(report._study, report._tables, report.comparison)
    assert sure.own_error.empty
    assert isinstance(tables.own_error_table(sure), Nothing)


def test_the_table_shows_both_chances_and_withholds_as_others_do(many):
    sure = Sensitivity(many._study, many._tables, many.comparison)
    table, row = tables.own_error_table(sure), sure.own_error.iloc[0]
    label, rate, sem, chance, by_the_rules, beyond = table.rows[0]
    assert label == "IR gained 5° or more"
    assert rate.startswith(f"{row['n_responders']}/{row['n_evaluable']} (")
    assert sem == f"{row['sem']:.1f}° ({row['sem_low']:.1f}–{row['sem_high']:.1f})"
    assert chance.startswith(f"{100 * row['own_chance']:.0f} % (")
    assert by_the_rules == f"{100 * row['chance_rate']:.0f} %"
    assert beyond.startswith(f"+{100 * row['own_excess']:.0f} (")
    sure.__dict__["own_error"] = sure.own_error.assign(suppressed=True)
    assert tables.own_error_table(sure).rows[0][1:] == ["withheld"] * 5


def test_an_error_seen_in_few_people_is_withheld(many):
    people = many._tables.changes["patient_id"].unique()[:4]
    changes = many._tables.changes
    few = changes[(changes["comparison"] != "reread") | changes["patient_id"].isin(people)]
    private = replace(many._study, synthetic=False)
    sure = Sensitivity(private, replace(many._tables, changes=few), many.comparison)
    assert sure.own_error["suppressed"].all()
    assert sure.own_error["sem"].isna().all()
