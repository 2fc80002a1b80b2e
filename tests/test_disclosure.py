"""Nothing of a group that too few patients stand behind may leave."""

import numpy as np
import pandas as pd
import pytest

from analysis import compare_sides, rates
from analysis.disclosure import protect
from analysis.protocol import builtin
from analysis.report import open_report
from analysis.sensitivity import Sensitivity
from analysis.show.display import Nothing
from analysis.show.figures import asymmetry_figure
from analysis.show.sentences import asymmetry_answer, safety_answer, scope_sentence
from analysis.show.tables import asymmetry_table
from response_tables import NO, YES, group, hips, people
from tests_support import preloaded, rows_of, small_study, write_private, write_study


@pytest.mark.parametrize(
    ("responders", "others", "suppressed"),
    [
        (5, 5, False),
        (4, 5, True),
        (5, 4, True),
        (0, 10, True),
        (10, 0, True),
        (0, 1, True),
        (40, 40, False),
    ],
)
def test_fewer_than_five_people_behind_a_number_or_its_complement(responders, others, suppressed):
    assert protect(rates(group(responders, others)))["suppressed"].tolist() == [suppressed]


def test_people_count_not_hips():
    table = rates(group(4, 4, hips_each=2))
    assert table["n_responders"].tolist() == [8]
    assert protect(table)["suppressed"].tolist() == [True]


def test_the_threshold_can_be_raised():
    table = rates(group(9, 9))
    assert protect(table, minimum=9)["suppressed"].tolist() == [False]
    assert protect(table, minimum=10)["suppressed"].tolist() == [True]


def test_a_suppressed_row_keeps_its_group_and_no_number():
    table = rates(group(4, 5), by=["side"])
    row = protect(table).iloc[0]
    assert row["side"] == "left"
    numbers = table.select_dtypes("number").columns
    assert len(numbers) == 24
    assert row[numbers].isna().all()


def test_an_empty_group_stays_zero():
    row = protect(rates(group(5, 5), by=["side"])).iloc[1]
    assert row["side"] == "right"
    assert not row["suppressed"]
    assert row[["n_patients", "n_hips", "n_evaluable", "n_responders"]].tolist() == [0, 0, 0, 0]
    assert pd.isna(row["rate"])


def test_an_empty_group_beside_a_withheld_one_would_tell_where_the_few_are():
    table = protect(rates(group(4, 5), by=["side"]))
    assert table["suppressed"].tolist() == [True, True]
    assert table["n_patients"].isna().all()


def test_nothing_is_shown_of_fewer_than_five_people_not_even_that_none_has_it():
    nobody = rates(group(0, 0), by=["side"])
    assert not protect(nobody)["suppressed"].any()
    assert not protect(nobody, people=0)["suppressed"].any()
    assert not protect(nobody, people=5)["suppressed"].any()
    assert protect(nobody, people=4)["suppressed"].all()


def test_people_of_whom_nobody_could_be_judged_are_people_too():
    row = protect(rates(group(0, 0, unknown=3))).iloc[0]
    assert row["suppressed"]
    assert pd.isna(row["n_patients"])
    assert pd.isna(row["n_missing"])


def test_a_row_that_may_be_shown_keeps_every_number():
    table = rates(group(5, 6), by=["side"])
    shown = protect(table).drop(columns="suppressed").astype(table.dtypes)
    pd.testing.assert_frame_equal(shown, table)


@pytest.mark.parametrize(
    ("alone", "shown"), [((5, 5), True), ((4, 9), False), ((9, 0), False)], ids=["enough", "few did", "all did"]
)
def test_a_rate_per_person_tells_how_people_with_one_hip_fared(alone, shown):
    both, one = group(6, 6, hips_each=2), group(*alone)
    one["patient_id"] = one["patient_id"] + " alone"
    table = rates(pd.concat([both, one]))
    row = protect(table).iloc[0]
    assert row["n_evaluable"] == 24 + sum(alone)
    assert pd.notna(row["rate_per_person"]) == shown


def test_the_input_is_not_changed():
    table = rates(group(4, 5))
    before = table.copy(deep=True)
    protect(table)
    pd.testing.assert_frame_equal(table, before)


@pytest.mark.parametrize(("of_class", "others", "shown"), [(12, 0, True), (0, 12, True), (3, 9, False), (9, 3, False)])
def test_a_class_of_all_or_of_nobody_is_shown_and_one_of_few_is_not(of_class, others, shown):
    row = {"answer": ["T1"], "n_known": [24], "n_yes": [2 * of_class], "n_patients": [12]}
    table = pd.DataFrame(row | {"n_patients_with": [of_class], "n_patients_without": [others]})
    assert protect(table, "classes")["suppressed"].tolist() == [not shown]


@pytest.mark.parametrize(("cells", "suppressed"), [((5, 5, 5, 5), False), ((5, 4, 5, 5), True), ((5, 0, 5, 5), True)])
def test_a_paired_table_needs_five_people_in_every_cell(cells, suppressed):
    table = compare_sides(people(*cells))
    shown = protect(table, "sides")
    assert shown["suppressed"].tolist() == [suppressed]
    numbers = table.select_dtypes("number").columns
    assert shown[numbers].isna().all(axis=None) == suppressed


def test_people_with_one_hip_are_withheld_where_nobody_has_two():
    shown = protect(compare_sides(hips(("a", "left", YES), ("b", "right", NO))), "sides")
    assert shown["suppressed"].tolist() == [True]
    assert shown["one_hip_left"].isna().all()


@pytest.mark.parametrize(
    ("left", "right", "shown"), [((5, 5), (6, 9), True), ((4, 9), (6, 9), False), ((0, 9), (6, 9), False)]
)
def test_people_with_one_hip_need_five_of_every_kind(left, right, shown):
    """Responders and others of whom only the left, or only the right hip was judged."""
    alone = [
        (f"{side}{n}", side, YES if n < yes else NO)
        for side, (yes, no) in (("left", left), ("right", right))
        for n in range(yes + no)
    ]
    whole = pd.concat([people(5, 5, 5, 5), hips(*alone)], ignore_index=True)
    row = protect(compare_sides(whole), "sides").iloc[0]
    assert row["n"] == 20
    assert row[["one_hip_left", "one_hip_right"]].tolist() == [sum(left), sum(right)]
    of_one_hip = row[["one_hip_left_responders", "one_hip_difference", "one_hip_high", "one_hip_behind"]]
    assert of_one_hip.notna().all() == of_one_hip.notna().any() == shown


def test_missing_is_not_a_number_in_disguise():
    shown = protect(rates(group(4, 5)))
    for name in shown.select_dtypes("number").columns:
        assert shown[name].astype("object").map(pd.isna).all(), name
        assert np.nansum(shown[name].to_numpy(dtype="float64", na_value=np.nan)) == 0


def test_a_small_count_beside_the_number_is_withheld_alone():
    row = pd.DataFrame({"n_patients_evaluable": [20], "n_patients_with": [9], "n_patients_without": [12]})
    beside = {"n_missing": [8], "rate_if_none": [0.3], "rate_if_all": [0.6], "rate": [0.45]}
    shown = protect(row.assign(**beside)).iloc[0]
    assert not shown["suppressed"]
    assert shown["rate"] == 0.45
    assert shown[["n_missing", "rate_if_none", "rate_if_all"]].isna().all()
    nine_hips_are_five_people = protect(row.assign(**beside | {"n_missing": [9]})).iloc[0]
    assert nine_hips_are_five_people["n_missing"] == 9
    assert protect(row.assign(**beside | {"n_missing": [0]})).iloc[0]["n_missing"] == 0


@pytest.mark.parametrize(
    ("hips", "shown"), [((9, 9), True), ((18, 0), True), ((10, 8), False), ((8, 10), False), ((17, 1), False)]
)
def test_firm_and_borderline_hips_of_a_class_are_withheld_together(hips, shown):
    row = pd.DataFrame({"n_patients_evaluable": [40], "n_patients_with": [12], "n_patients_without": [30]})
    table = protect(row.assign(n_definite=hips[0], n_borderline=hips[1]), "classes").iloc[0]
    assert not table["suppressed"]
    assert table[["n_definite", "n_borderline"]].notna().tolist() == [shown] * 2


@pytest.mark.parametrize(("up", "shown"), [(0, False), (8, False), (9, True), (11, True), (12, False), (20, False)])
def test_hips_that_changed_are_withheld_where_few_did_or_few_did_not(up, shown):
    row = pd.DataFrame({"n_patients": [12], "n_hips": [20], "n_up": [up], "mean": [2.5], "ci_low": [1.0]})
    table = protect(row, "mean_changes").iloc[0]
    assert pd.notna(table["n_up"]) == shown
    assert table["mean"] == 2.5


def test_words_and_answers_of_a_withheld_row_are_withheld_too():
    said = {"special": [True], "notes": "n", "against_chance": "a"}
    row = rates(group(4, 5)).assign(**said)
    assert protect(row, "over_time")[list(said)].isna().all(axis=None)
    assert protect(rates(group(5, 5)).assign(**said), "over_time")[list(said)].notna().all(axis=None)


def test_a_column_of_which_nothing_is_declared_is_not_shown():
    row = rates(group(40, 40), by=["side"]).assign(mystery=3)
    assert "mystery" not in protect(row)
    assert "side" in protect(row)
    assert "kind" not in protect(rates(group(40, 40).assign(kind="A"), by=["kind"]))
    assert "kind" in protect(rates(group(40, 40).assign(kind="A"), by=["kind"]), "rates", ["kind"])


@pytest.mark.parametrize(("part", "whole"), [(8, 40), (32, 40), (0, 40), (40, 40)])
def test_a_part_is_few_where_it_or_the_rest_is(part, whole):
    row = pd.DataFrame({"n_patients": [30], "n_hips": [whole], "n_up": [part], "n_down": [12]})
    assert protect(row, "mean_changes")[["n_up", "n_down"]].notna().values.tolist() == [[False, True]]


@pytest.mark.parametrize(("hips", "shown"), [(0, True), (1, False), (8, False), (9, True)])
def test_few_hips_of_which_it_is_not_known_are_withheld_alone(hips, shown):
    row = pd.DataFrame({"n_patients_evaluable": [40], "n_patients_with": [12], "n_patients_without": [30]})
    table = protect(row.assign(n_yes=20, n_not_known=hips), "care").iloc[0]
    assert pd.notna(table["n_not_known"]) == shown
    assert table["n_yes"] == 20


@pytest.mark.parametrize(("people", "shown"), [(0, True), (4, False), (5, True)])
def test_the_error_seen_in_few_people_is_withheld_alone(people, shown):
    row = pd.DataFrame({"n_patients": [20], "n_pairs_here": [2 * people], "n_patients_here": [people], "sem_here": 2.5})
    table = protect(row.assign(passed_true=0.4), "criteria").iloc[0]
    assert table[["n_pairs_here", "n_patients_here", "sem_here"]].notna().tolist() == [shown] * 3
    assert table["passed_true"] == 0.4


def test_the_verdict_on_a_claim_is_withheld_with_its_numbers():
    report = small_study(12)
    claims = Sensitivity(report._study, report._tables, report.comparison).claims
    withheld = claims[claims["suppressed"]]
    assert set(claims["suppressed"]) == {True, False}
    assert withheld[["verdict", "compared", "reason", "n_patients"]].isna().all(axis=None)


def test_a_claim_that_few_people_can_answer_counts_them():
    report = small_study(4, internal=True)
    claims = Sensitivity(report._study, report._tables, report.comparison, internal=True).claims.set_index("claim")
    assert claims.loc["left_worse", "n_patients"] == 4


def test_classes_of_few_hips_are_withheld_under_every_reading(tmp_path):
    rows = [row.replace("anterior", "posterior") if int(row[:3]) < 4 else row for row in rows_of(12)]
    report = open_report(write_study(tmp_path, rows))
    table = Sensitivity(report._study, report._tables, report.comparison).readings
    assert table["rate"].notna().any()
    assert table.filter(like="hips_").isna().all(axis=None)
    assert table["typed"].isna().all()


@pytest.fixture(scope="module")
def dozen(tmp_path_factory):
    """The folder of 12 people whom the program takes for real."""
    return preloaded(write_private(tmp_path_factory.mktemp("dozen") / "study", 12, seed=1, clinics=2))


def test_a_mean_over_enough_people_is_shown_where_few_differ_beyond_error(dozen):
    report = open_report(dozen)
    table = report.asymmetry()
    row = table[table["timepoint"] == "baseline"].iloc[0]
    assert not row["suppressed"]
    assert row["n"] == 12
    assert pd.notna(row["mean_difference"])
    counted = [name for name in table if "showing" in name or "worse" in name or "within" in name]
    assert len(counted) == 12
    assert row[counted].isna().all()
    said = asymmetry_answer(table, report.protocol).plain
    assert "12 people). The number that differ beyond measurement error is withheld." in said
    shown = asymmetry_table(table, report.protocol)
    assert all(cells[3:] == ["withheld"] * 4 for cells in shown.rows)
    assert any("It does not mean 0" in note for note in shown.notes)
    assert isinstance(asymmetry_figure(table, report.protocol), Nothing)


def test_whom_a_report_is_about_is_told_where_the_rate_is_withheld():
    report = small_study(6)
    assert report.rates()["suppressed"].all()
    assert scope_sentence(report.in_scope(), report.scope, builtin()).plain.endswith(": 6 patients with 12 hips.")
    few = small_study(4)
    assert scope_sentence(few.in_scope(), few.scope, builtin()).plain.endswith(
        "the numbers of patients and hips are withheld."
    )


@pytest.mark.parametrize(("left_out", "suppressed"), [(0, False), (1, True), (4, True), (5, False)])
def test_the_few_who_were_not_asked_do_not_follow_from_those_who_were(left_out, suppressed):
    table = rates(group(9, 9)).assign(n_patients_left_out=left_out)
    assert protect(table, "care")["suppressed"].tolist() == [suppressed]


@pytest.mark.parametrize(("low", "suppressed"), [(1.0, False), (np.nan, True)])
def test_a_mean_of_people_who_are_all_alike_is_withheld(low, suppressed):
    table = pd.DataFrame({"n": [20], "mean_difference": [-5.0], "ci_low": [low], "ci_high": [low]})
    assert protect(table, "asymmetry")["suppressed"].tolist() == [suppressed]


def test_the_first_and_last_quarter_are_not_told_where_few_people_were_seen_in_them(dozen):
    assert open_report(dozen).scope == "All clinics"
    assert open_report(dozen, internal=True).scope.startswith("All clinics, 20")


def asked(left_out=0, **counts):
    """One question: asked of 12 people with a hip each, of whom 12 answered, 6 with yes, unless told otherwise."""
    usual = {"n_patients": 12, "n_hips": 12, "n_known": 12, "n_yes": 6, "n_not_known": 0}
    people = {"n_patients_evaluable": 12, "n_patients_with": 6, "n_patients_without": 6}
    return pd.DataFrame([{"answer": "Q", **usual, **people, "n_patients_left_out": left_out, **counts}])


NOBODY_ANSWERED = dict.fromkeys(
    ["n_known", "n_yes", "n_patients_evaluable", "n_patients_with", "n_patients_without"], 0
)
NOBODY_ASKED = NOBODY_ANSWERED | {"n_patients": 0, "n_hips": 0}


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (asked(), "Q in 6 of 12 hips (50"),
        (asked(**NOBODY_ANSWERED, n_not_known=12), "Q: not recorded for any of 12 hips"),
        (asked(left_out=12, **NOBODY_ASKED), "Q: no hip was at risk"),
        (asked(n_yes=2, n_patients_with=2), "Q: withheld"),
        (asked(**NOBODY_ANSWERED | {"n_patients": 4, "n_hips": 4, "n_not_known": 4}), "Q: withheld"),
        (asked(left_out=4, **NOBODY_ASKED), "Q: withheld"),
    ],
)
def test_not_recorded_and_nobody_at_risk_and_withheld_are_three_answers(row, said):
    shown = protect(row.assign(share=0.5, ci_low=0.2, ci_high=0.8), "safety")
    assert said in safety_answer(shown, builtin()).plain
