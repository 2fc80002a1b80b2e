"""Matched against mismatched hips: what is compared, what may be shown, and what is said."""

import numpy as np
import pandas as pd
import pytest

from analysis import analyse, load
from analysis.answers.matching import METHODS, compare_matched, match_balance, matched_hips
from analysis.disclosure import protect
from analysis.protocol import builtin
from analysis.show.sentences import matched_answer
from analysis.show.tables import balance_table
from analysis.simulate import simulate, write_study
from tests_support import small_study


@pytest.fixture(scope="module")
def cohort(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cohort") / "study"
    write_study(simulate(400, 5), folder, "Four hundred people")
    study = load(folder)
    tables = analyse(study)
    hips, names = matched_hips(tables.responses, tables.changes, study.protocol, "ir")
    return tables, hips, names, compare_matched(hips, names)


def test_only_judged_hips_of_which_the_match_is_known_are_compared(cohort):
    tables, hips, names, _ = cohort
    rows = tables.responses.query("response == 'ir' and comparison == 'immediate'")
    wanted = rows[(rows["outcome"] != "not_evaluable") & rows["match"].notna()]
    assert len(hips) == len(wanted)
    assert hips["responded"].sum() == (wanted["outcome"] == "responder").sum()
    assert names == ["Hip internal rotation", "Straight leg raise", "Ober's test, angle", "Left side", "Age in years"]


def test_the_crude_rates_are_the_plain_fractions(cohort):
    _, hips, _, table = cohort
    crude = table.set_index("method").loc["crude"]
    assert crude["rate_matched"] == pytest.approx(hips.loc[hips["matched"], "responded"].mean())
    assert crude["rate_mismatched"] == pytest.approx(hips.loc[~hips["matched"], "responded"].mean())
    assert list(table["method"]) == list(METHODS)


def test_the_simulated_advantage_of_matching_is_found_and_called_observational(cohort):
    text = matched_answer(cohort[3].assign(suppressed=False), protocol=builtin()).plain
    assert "**matched hips responded more often**" in text
    assert text.endswith("it does not show that matching is the cause.")


def test_weighting_makes_the_groups_alike(cohort):
    _, hips, names, _ = cohort
    table = match_balance(hips, names)
    assert table["weighted_difference"].abs().max() < 0.1


def test_one_sided_data_are_not_estimable_and_say_why(cohort):
    _, hips, names, _ = cohort
    table = compare_matched(hips[hips["matched"]].head(30), names)
    assert table["difference"].isna().all()
    assert (table["not_estimable"] != "").all()
    assert "cannot be compared" in matched_answer(table.assign(suppressed=False), protocol=builtin()).plain


def test_few_mismatched_patients_are_withheld(cohort):
    table = cohort[3].assign(n_patients_mismatched_with=4)
    shown = protect(table, "matched")
    assert shown["suppressed"].all()
    assert shown.select_dtypes(np.number).isna().all(axis=None)
    assert "withheld" in matched_answer(shown, builtin()).plain


def test_a_rate_of_one_group_that_few_people_stand_behind_is_withheld(cohort):
    _, hips, names, _ = cohort
    nobody = hips[hips["matched"] | ~hips["responded"]]
    table = compare_matched(nobody, names)
    people = table.filter(like="n_patients_").loc[0]
    assert people.ge(5).tolist() == [True, True, False, True]
    assert protect(table, "matched")["suppressed"].all()


def test_the_share_of_left_hips_is_withheld_where_few_are_left(cohort):
    _, hips, names, _ = cohort
    people = hips.loc[hips["matched"] & (hips["Left side"] == 1), "patient_id"].unique()
    few = hips[~(hips["matched"] & (hips["Left side"] == 1) & hips["patient_id"].isin(people[4:]))]
    table = match_balance(few, names).set_index("covariate")["n_patients_behind"]
    assert table["Left side"] == 4
    assert table["Hip internal rotation"] > 4


def test_a_share_that_few_people_stand_behind_is_withheld_in_the_table(tmp_path, monkeypatch):
    found = pd.DataFrame({"covariate": ["Left side", "Age"], "mean_matched": 0.1, "mean_mismatched": 0.5,
                          "difference": -0.9, "weighted_difference": 0.0, "not_estimable": "",
                          "n_patients_behind": [4, 20]})  # fmt: skip
    monkeypatch.setattr("analysis.report.matching.match_balance", lambda *_: found)
    shown = small_study(tmp_path, 12).match_balance(pd.DataFrame({"suppressed": [False]}))
    assert balance_table(shown, builtin()).rows == [
        ["Left side", *["withheld"] * 4],
        ["Age", "0.1", "0.5", "−0.90", "0.00"],
    ]


def test_no_types_no_match():
    assert (
        matched_answer(pd.DataFrame(), builtin()).plain
        == "The rules of this study call for no stretch, so none can match."
    )
