"""Matched against mismatched hips: what is compared, what may be shown, and what is said."""

import numpy as np
import pandas as pd
import pytest

from analysis import analyse, load
from analysis.answers.made_alike import made_alike
from analysis.answers.matching import METHODS, MatchedHips, compare_matched, match_balance, matched_hips
from analysis.disclosure import protect
from analysis.protocol import builtin
from analysis.show.sentences import matched_answer
from analysis.show.tables import balance_table, matched_table
from analysis.simulate import simulate, write_study
from tests_support import small_study


@pytest.fixture(scope="module")
def cohort(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cohort") / "study"
    write_study(simulate(400, 5), folder, "Four hundred people")
    study = load(folder)
    tables = analyse(study)
    found = matched_hips(tables.responses, tables.changes, study.protocol, "ir")
    return tables, found, compare_matched(found)


def of(found, hips):
    """The same comparison of other hips."""
    hips = hips.reset_index(drop=True)
    return found._replace(hips=hips, beside=made_alike(hips, builtin()))


def test_only_judged_hips_of_which_the_match_is_known_are_compared(cohort):
    tables, (hips, names, *_), _ = cohort
    rows = tables.responses.query("response == 'ir' and comparison == 'immediate'")
    wanted = rows[(rows["outcome"] != "not_evaluable") & rows["match"].notna()]
    assert len(hips) == len(wanted)
    assert hips["responded"].sum() == (wanted["outcome"] == "responder").sum()
    assert [*names] == [
        "Hip internal rotation",
        "Straight leg raise",
        "Ober's test, angle",
        "Left side",
        "Age in years",
    ]


def test_the_crude_rates_are_the_plain_fractions(cohort):
    _, (hips, *_), table = cohort
    crude = table.set_index("method").loc["crude"]
    assert crude["rate_matched"] == pytest.approx(hips.loc[hips["matched"], "responded"].mean())
    assert crude["rate_mismatched"] == pytest.approx(hips.loc[~hips["matched"], "responded"].mean())
    assert list(table["method"]) == list(METHODS)


def test_the_simulated_advantage_of_matching_is_found_and_called_observational(cohort):
    text = matched_answer(cohort[2].assign(suppressed=False), protocol=builtin()).plain
    alike = "With class, clinic, first IR, first SLR, first Ober angle, side and age made alike"
    assert f"{alike}, **matched hips responded more often**" in text
    assert text.endswith("it does not show that matching is the cause.")


def test_weighting_makes_the_groups_alike(cohort):
    table = match_balance(cohort[1])
    assert [*table["covariate"].tail(4)] == ["Type 1", "Type 2", "Escalation", "Clinic that differs most"]
    assert table["difference"].abs().max() > 0.2
    assert table["weighted_difference"].abs().max() < 0.1


def test_one_sided_data_are_not_estimable_and_say_why(cohort):
    found = cohort[1]
    table = compare_matched(of(found, found.hips[found.hips["matched"]].head(30)))
    assert table["difference"].isna().all()
    assert (table["not_estimable"] != "").all()
    assert "cannot be compared" in matched_answer(table.assign(suppressed=False), protocol=builtin()).plain


def test_few_mismatched_patients_are_withheld(cohort):
    table = cohort[2].assign(n_patients_mismatched_with=4)
    shown = protect(table, "matched")
    assert shown["suppressed"].all()
    assert shown.select_dtypes(np.number).isna().all(axis=None)
    assert "withheld" in matched_answer(shown, builtin()).plain


def test_a_rate_of_one_group_that_few_people_stand_behind_is_withheld(cohort):
    found = cohort[1]
    table = compare_matched(of(found, found.hips[found.hips["matched"] | ~found.hips["responded"]]))
    people = table.filter(like="n_patients_").loc[0]
    assert people.index[people < 5].tolist() == ["n_patients_mismatched_with"]
    assert protect(table, "matched")["suppressed"].all()


def test_the_share_of_left_hips_is_withheld_where_few_are_left(cohort):
    found = cohort[1]
    hips = found.hips
    people = hips.loc[hips["matched"] & (hips["Left side"] == 1), "patient_id"].unique()
    few = hips[~(hips["matched"] & (hips["Left side"] == 1) & hips["patient_id"].isin(people[4:]))]
    table = match_balance(of(found, few)).set_index("covariate")["n_patients_behind"]
    assert table["Left side"] == 4
    assert table["Hip internal rotation"] > 4


def test_a_share_that_few_people_stand_behind_is_withheld_in_the_table(monkeypatch):
    found = pd.DataFrame({"covariate": ["Left side", "Age in years"], "mean_matched": 0.1, "mean_mismatched": 0.5,
                          "difference": -0.9, "weighted_difference": 0.0, "not_estimable": "",
                          "n_patients_behind": [4, 20]})  # fmt: skip
    monkeypatch.setattr("analysis.report.matching.match_balance", lambda *_: found)
    shown = small_study(12).match_balance(pd.DataFrame({"suppressed": [False]}))
    assert balance_table(shown, builtin()).rows == [
        ["Left side", *["withheld"] * 4],
        ["Age in years", "0.1", "0.5", "−0.90", "0.00"],
    ]


def test_no_types_no_match():
    assert (
        matched_answer(pd.DataFrame(), builtin()).plain
        == "The rules of this study call for no stretch, so none can match."
    )


def confounded(seed, people=400, clinics=8):
    """Hips whose class decides who is matched and who responds, so that the match does nothing."""
    rng = np.random.default_rng(seed)
    person = np.repeat(np.arange(people), 2)
    kind, clinic = rng.integers(0, 2, people)[person], person % clinics
    matched = rng.random(2 * people) < np.where(kind == 0, 0.8, 0.3)
    responded = rng.random(2 * people) < np.where(kind == 0, 0.6, 0.2) + 0.02 * (clinic % 4)
    start = rng.normal(12, 4, 2 * people)
    hips = pd.DataFrame(
        {"patient_id": person, "clinic_id": [f"C{n}" for n in clinic], "stretch_type": np.array(["T1", "T2"])[kind],
         "responded": responded, "matched": matched, "Hip internal rotation": start}
    )  # fmt: skip
    return MatchedHips(hips, {"Hip internal rotation": "first IR"}, made_alike(hips, builtin()), 0)


def test_where_the_class_decides_who_is_matched_and_who_responds_matching_has_no_part_in_it():
    table = compare_matched(confounded(seed=1))
    crude, best = (table.set_index("method").loc[name] for name in ("crude", "doubly_robust"))
    assert crude["ci_low"] > 0.1
    assert best["ci_low"] < 0 < best["ci_high"]
    assert abs(best["difference"]) < 0.04
    said = matched_answer(table.assign(suppressed=False), builtin()).plain
    assert "With class, clinic and first IR made alike, **the data do not tell them apart**" in said


@pytest.mark.parametrize(("gone", "word"), [(False, "mismatched"), (True, "matched")])
def test_a_class_without_hips_of_one_kind_is_refused_by_name(gone, word):
    found, reason = confounded(seed=2), f"no hip of Type 2 counted here was {word}"
    hips = found.hips[~((found.hips["stretch_type"] == "T2") & (found.hips["matched"] == gone))]
    table = compare_matched(of(found, hips))
    assert [*table["not_estimable"]] == ["", *[reason] * 3]
    assert table["difference"].notna().tolist() == [True, False, False, False]
    why = f"The two groups could not be made comparable ({reason})."
    assert why in matched_answer(table.assign(suppressed=False), builtin()).plain
    alike = match_balance(of(found, hips))
    assert alike["weighted_difference"].isna().all()
    assert set(alike["not_estimable"]) == {reason}
    assert f"No weighting: {reason}." in balance_table(alike.assign(suppressed=False), builtin()).notes


@pytest.mark.parametrize(("gone", "word"), [(False, "mismatched"), (True, "matched")])
def test_hips_that_could_not_be_judged_are_not_said_to_be_none(gone, word):
    found = confounded(seed=2)
    table = compare_matched(of(found, found.hips[found.hips["matched"] != gone]))
    assert set(table["not_estimable"]) == {f"no hip counted here was {word}"}


def test_a_refused_class_of_few_people_is_not_named():
    found = confounded(seed=3)
    rare = found.hips["stretch_type"] == "T2"
    few = found.hips[
        ~rare | (found.hips["matched"] & found.hips["patient_id"].isin(found.hips["patient_id"][rare][:6]))
    ]
    shown = protect(compare_matched(of(found, few)), "matched")
    assert shown["suppressed"].tolist() == [False, True, True, True]
    said = matched_answer(shown, builtin()).plain
    assert said.endswith("The comparison with what was measured made alike is withheld.")
    assert "Type 2" not in said


def test_clinics_are_taken_together_or_left_out_with_the_reason():
    found = confounded(seed=4)
    hips, clinic = found.hips, found.hips["clinic_id"]
    assert found.beside.note == ""
    small = of(found, hips[~clinic.isin(["C0", "C1"]) | (hips["patient_id"] < 40)])
    assert (
        small.beside.note
        == "Clinics with fewer than 5 patients with matched and 5 with mismatched hips are taken together."
    )
    assert small.beside.words == ["class", "clinic"]
    assert compare_matched(small)["difference"].notna().all()
    apart = of(found, hips[hips["matched"] == (clinic == "C0")])
    assert apart.beside.note.startswith("Clinic is not made alike: the clinics cannot be divided")
    assert apart.beside.words == ["class"]
    nowhere = of(found, hips.assign(clinic_id=None))
    assert nowhere.beside.note == "Clinic is not made alike: none is recorded."
    assert of(found, hips[clinic == "C0"]).beside.note == ""  # one clinic is alike


def test_hips_without_a_reading_are_counted():
    found = confounded(seed=5)._replace(n_left_out=12)
    table = matched_table(compare_matched(found).assign(suppressed=False), builtin())
    assert "Left out, because a first reading or the age is missing: 12 hips." in table.notes
    assert any("people of one clinic may be alike" in note for note in table.notes)


@pytest.mark.parametrize(
    ("left_out", "beside"),
    [
        (12, ", leaving out 12 hips of which a first reading or the age is missing. "),
        (1, ", leaving out 1 hip of which a first reading or the age is missing. "),
        (pd.NA, ", leaving out hips of which a first reading or the age is missing. "),
        (0, ". "),
    ],
)
def test_the_rates_say_which_hips_they_leave_out(left_out, beside):
    table = compare_matched(confounded(seed=5)).assign(suppressed=False, n_left_out=left_out)
    assert f"of the mismatched hips responded{beside}With class" in matched_answer(table, builtin()).plain


def test_no_note_says_what_a_refused_model_made_alike():
    found = confounded(seed=2)._replace(n_left_out=3)
    hips = found.hips[(found.hips["stretch_type"] != "T2") | found.hips["matched"]]
    notes = matched_table(compare_matched(of(found, hips)).assign(suppressed=False), builtin()).notes
    assert not any(note.startswith(("Made alike", "Clinic")) for note in notes)
    assert "Left out, because a first reading or the age is missing: 3 hips." in notes


def test_a_limit_beside_more_often_is_not_printed_as_0():
    table = compare_matched(confounded(seed=1)).assign(suppressed=False, difference=0.15, ci_low=0.0047, ci_high=0.302)
    said = matched_answer(table, builtin()).plain
    assert "**matched hips responded more often** (+15 percentage points; 95 % CI 0.5 to 30.2)" in said
    assert matched_table(table, builtin()).rows[-1][3] == "+15 (0.5 to 30.2)"


def test_where_nothing_is_made_alike_no_note_says_so():
    table = compare_matched(confounded(seed=5)).assign(suppressed=False)
    for words, said in (("side; age", ["Made alike: side and age."]), ("", [])):
        notes = matched_table(table.assign(made_alike=words), builtin()).notes
        assert [note for note in notes if note.startswith("Made alike")] == said
