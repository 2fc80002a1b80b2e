"""Verdicts on the claims: on cohorts of known truth, and on small tables worked out by hand."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from scipy import stats

from analysis.protocol import builtin
from analysis.sensitivity.claim_estimates import move_together
from analysis.sensitivity.claims import CONTRADICTED, HELD, TOO_FEW, judge_claims
from analysis.sensitivity.planning import cohort_with, simulated_tables
from analysis.simulate import CohortParameters
from analysis.stats.least_squares import clustered_coefficient
from analysis.stats.strata import strata_with_both
from builders import T1, analysed, assessments, visit

NULL = CohortParameters(null=True, left_ir_deg=0, gross_error_share=0)


def verdicts(tables):
    return judge_claims(tables, builtin()).set_index("claim")["verdict"].to_dict()


@pytest.mark.parametrize(
    ("question", "difference", "claim", "verdict"),
    [
        ("sides", 6, "left_worse", HELD),
        ("sides", 0, "left_worse", TOO_FEW),
        ("sides", -6, "left_worse", CONTRADICTED),
        ("matched", 6, "matching_matters", HELD),
        ("matched", 0, "matching_matters", TOO_FEW),
    ],
)
def test_verdict_follows_the_truth(question, difference, claim, verdict):
    [tables] = simulated_tables([150], [3], cohort_with(question, difference))
    assert verdicts(tables)[claim] == verdict


def test_in_null_cohorts_nothing_that_needs_a_change_is_held():
    needs_change = ("left_worse", "tests_move_together", "matching_matters", "drill_makes_it_last")
    cohorts = simulated_tables([60] * 3, range(3), NULL)
    held = [verdicts(tables)[claim] == HELD for tables in cohorts for claim in needs_change]
    assert sum(held) == 0


@pytest.fixture(scope="module")
def cohort():
    [tables] = simulated_tables([80], [5], cohort_with("sides", 3))
    return tables


def test_each_claim_says_what_it_could_have_shown(cohort):
    table = judge_claims(cohort, builtin()).set_index("claim")
    assert (table["reason"] == "").all()
    # Five claims at 5 % one-sided together: each at 1 %, so a 98 % interval; two rivals 99 %, three pairs 99.33 %.
    assert table["confidence"].round(4).tolist() == [0.98, 0.99, 0.9933, 0.98, 0.98]
    row = table.loc["left_worse"]
    half = (row["ci_high"] - row["ci_low"]) / 2
    # z.99 + z.80 over z.99 is 1.362 for many people; t of the 8.2 degrees of freedom of 12 unequal clinics: 1.309.
    assert row["smallest_shown"] / half == pytest.approx(1.31, abs=0.01)


def test_sides_are_compared_within_people(cohort):
    visits = cohort.assessments[cohort.assessments["timepoint"] == "baseline"]
    wide = visits.pivot(index="patient_id", columns="side", values="hip_ir_deg").dropna()
    row = judge_claims(cohort, builtin(), "left_worse").iloc[0]
    assert row["estimate"] == pytest.approx((wide["right"] - wide["left"]).mean())


def test_matched_hips_are_compared_as_statsmodels_would(cohort):
    rows = cohort.changes.merge(cohort.care, on=["patient_id", "side", "episode"])
    rows = rows[(rows["comparison"] == "immediate") & rows["match"].notna() & rows["hip_ir_deg_change"].notna()]
    rows = pd.DataFrame(
        {
            "after": rows["hip_ir_deg_after"],
            "before": rows["hip_ir_deg_before"],
            "first": (rows["match"] == "matched").astype(float),
            "kind": rows["stretch_type"].astype(str),
            "clinic": pd.factorize(rows["clinic_id"])[0],
            "level": strata_with_both(rows["clinic_id"].astype(str), rows["match"] == "matched", rows["patient_id"]),
        }
    )
    model = smf.ols("after ~ first + before + C(kind) + C(level)", rows)
    row = judge_claims(cohort, builtin(), "matching_matters").iloc[0]
    assert row["estimate"] == pytest.approx(model.fit().params["first"])
    column = model.exog_names.index("first")
    value, error, df = clustered_coefficient(model.endog, model.exog, rows["clinic"].to_numpy(), column)
    assert row["p"] == pytest.approx(2 * stats.t.sf(value / error, df))


def in_clinics(n_clinics):
    """A person each of so many clinics for each of 4 gains, alike within clinics."""
    rows = []
    for n in range(4 * n_clinics):
        clinic, gain = n % n_clinics, (n % n_clinics) + n // n_clinics % 2
        who = {"patient": f"{n:02}", "clinic_id": f"C{clinic}"}
        rows += [
            visit(**who, hip_ir_deg=20, slr_deg=60),
            visit("post", **who, hip_ir_deg=20 + gain, slr_deg=60 + gain % 3),
        ]
    return analysed(assessments(*rows))


@pytest.mark.parametrize(("n_clinics", "degrees"), [(4, 13), (6, None)])
def test_from_five_clinics_on_tests_move_together_by_clinic(n_clinics, degrees):
    tables = in_clinics(n_clinics)
    found = move_together(tables, builtin().claims["tests_move_together"], builtin())[0]
    change = tables.changes.set_index("patient_id")
    pair = np.array([change["hip_ir_deg_change"], change["slr_deg_change"]], dtype=float)
    r = np.corrcoef(pair)[0, 1]
    assert found.value == pytest.approx(np.arctanh(r))
    if degrees:
        assert (found.degrees_of_freedom, found.standard_error) == (degrees, pytest.approx(1 / np.sqrt(13)))
        return
    one, other = (pair - pair.mean(axis=1, keepdims=True)) / pair.std(axis=1, keepdims=True)
    clinic = pd.factorize(change["clinic_id"])[0]
    slope = clustered_coefficient(other, np.column_stack([np.ones(24), one]), clinic, 1)
    assert found.standard_error == pytest.approx(slope.standard_error / (1 - r**2))
    assert found.degrees_of_freedom < 6


def test_one_clinic_on_one_side_of_a_comparison_is_no_comparison_between_clinics(cohort):
    """Where one clinic alone has mismatched hips its own ways cannot be told from the stretch."""
    care = cohort.care.copy()
    first = cohort.changes.drop_duplicates("patient_id").set_index("patient_id")["clinic_id"]
    alone = care["patient_id"].map(first) == first.value_counts().index[0]
    care["match"] = care["match"].where(care["match"].isna(), np.where(alone, "mismatched", "matched"))
    row = judge_claims(replace(cohort, care=care), builtin(), "matching_matters").iloc[0]
    assert (row["verdict"], row["reason"]) == (TOO_FEW, "only one clinic is on one side of the comparison")


def test_most_common_counts_each_person_once():
    # Six people: four with two T1 hips, two with two hips not restricted; T2 and T3 have none.
    hips = [T1] * 4 + [T1 | {"hip_ir_deg": 45}] * 2
    rows = [visit(patient=str(n), side=side, **values) for n, values in enumerate(hips) for side in ("left", "right")]
    row = judge_claims(analysed(assessments(*rows)), builtin(), "t1_most_common").iloc[0]
    assert row["estimate"] == pytest.approx(4 / 6)
    # Between six people with shares 1, 1, 1, 1, 0, 0: SD² = 4/15, so the standard error is √(4/15/6) = 0.2108.
    assert (row["ci_high"] - row["ci_low"]) / 2 / 4.0321 == pytest.approx(0.2108, abs=1e-4)  # t of 5 at 99.5 %


def test_tests_that_move_apart_contradict_the_claim():
    rows = []
    for n, gain in enumerate(np.linspace(-14.5, 14.5, 30)):
        rows += [visit(patient=f"{n:02}", hip_ir_deg=20, slr_deg=60, ober_deg=20)]
        rows += [visit("post", patient=f"{n:02}", hip_ir_deg=20 + gain, slr_deg=60 - gain, ober_deg=20 + gain % 3)]
    row = judge_claims(analysed(assessments(*rows)), builtin(), "tests_move_together").iloc[0]
    assert [row["verdict"], row["compared"]] == [CONTRADICTED, "IR with SLR"]
    assert row["estimate"] == pytest.approx(-1)


def test_without_people_every_claim_says_why_it_has_no_estimate():
    table = judge_claims(analysed(assessments(visit(**T1))), builtin())
    assert (table["verdict"] == TOO_FEW).all()
    assert table["estimate"].isna().all()
    assert (table["reason"] != "").all()


def test_planned_cohorts_hold_the_difference_asked_for():
    assert cohort_with("sides", -3).left_ir_deg == 3
    truth = cohort_with("matched", 6)
    gains = {kind.matched_ir_gain_deg - truth.mismatched_ir_gain_deg for kind in truth.phenotypes}
    assert gains == {6}
    assert truth.uncalled_ir_gain_deg == truth.mismatched_ir_gain_deg
    with pytest.raises(ValueError, match="question is 'age'; it can be sides, matched"):
        cohort_with("age", 1)


def test_one_comparison_contradicts_a_claim_though_another_cannot_be_made():
    rows = []
    for n, gain in enumerate(np.linspace(-14.5, 14.5, 30)):
        rows += [visit(patient=f"{n:02}", hip_ir_deg=20, slr_deg=60)]
        rows += [visit("post", patient=f"{n:02}", hip_ir_deg=20 + gain, slr_deg=60 - gain)]
    row = judge_claims(analysed(assessments(*rows)), builtin(), "tests_move_together").iloc[0]
    assert [row["verdict"], row["compared"]] == [CONTRADICTED, "IR with SLR"]
