"""Left against right, from people that can be counted on the page."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from scipy.stats import chi2

from analysis import compare_sides
from analysis.disclosure import protect
from analysis.schema import TableError
from analysis.stats.two_proportions import newcombe_unpaired
from response_tables import NO, UNKNOWN, YES, hips, in_clinics, people

CELLS = ["both", "left_only", "right_only", "neither", "n"]


def _compare(responses, **options):
    table = compare_sides(responses, **options)
    assert len(table) == 1
    return table.iloc[0]


def test_published_answers_are_met_from_the_hips_up():
    """Bentur's airway data in Fagerland 2014, Stat Med 33:2850; Newcombe's and Tango's limits there."""
    row = _compare(people(1, 1, 7, 12))
    assert row[CELLS].tolist() == [1, 1, 7, 12, 21]
    assert row["difference"] == pytest.approx((2 - 8) / 21)
    assert [row["newcombe_low"], row["newcombe_high"]] == pytest.approx([-0.5069, -0.0256], abs=5e-5)
    assert [row["tango_low"], row["tango_high"]] == pytest.approx([-0.5172, -0.0260], abs=5e-5)
    assert [row["p_exact"], row["p_midp"]] == pytest.approx([0.0703, 0.0391], abs=5e-5)


def test_with_everyone_measured_on_both_sides_the_gee_difference_is_the_paired_one():
    row = _compare(people(1, 1, 7, 12))
    assert row["gee_difference"] == pytest.approx(-6 / 21)
    assert row["gee_odds_ratio"] == pytest.approx((2 / 19) / (8 / 13))
    assert row["not_estimable"] == ""


def test_mirrored_sides_turn_the_signs_and_leave_the_p_values():
    row, mirrored = _compare(people(3, 2, 6, 4)), _compare(people(3, 6, 2, 4))
    for name in ("difference", "gee_difference"):
        assert row[name] == pytest.approx(-mirrored[name])
    for name in ("newcombe", "tango", "gee"):
        assert row[f"{name}_low"] == pytest.approx(-mirrored[f"{name}_high"])
    for name in ("p_exact", "p_midp"):
        assert row[name] == pytest.approx(mirrored[name])
    assert row["gee_odds_ratio"] == pytest.approx(1 / mirrored["gee_odds_ratio"])


def test_nobody_responded():
    row = _compare(people(neither=6))
    assert row[CELLS].tolist() == [0, 0, 0, 6, 6]
    assert [row["difference"], row["p_exact"], row["p_midp"]] == [0, 1, 1]
    assert row["newcombe_low"] < 0 < row["newcombe_high"]
    assert np.isnan(row["gee_difference"])
    assert row["not_estimable"] == "no left hip responded"


def test_every_pair_agrees():
    row = _compare(people(both=4, neither=5))
    assert [row["difference"], row["p_exact"], row["p_midp"]] == [0, 1, 1]
    assert np.isnan(row["gee_low"])
    assert row["not_estimable"] == "both hips agree in everyone, which leaves no standard error"


def test_one_person():
    row = _compare(people(left_only=1))
    assert row[CELLS].tolist() == [0, 1, 0, 0, 1]
    assert [row["difference"], row["p_exact"]] == [1, 1]
    assert row["not_estimable"] != ""


def test_nobody_has_both_hips():
    row = _compare(
        hips(("a", "left", YES), ("b", "left", NO), ("c", "right", NO), ("d", "right", YES), ("e", "right", NO))
    )
    assert row[CELLS].tolist() == [0, 0, 0, 0, 0]
    assert row[["one_hip_left", "one_hip_right"]].tolist() == [2, 3]
    assert row[["difference", "newcombe_low", "tango_high", "p_exact", "p_midp"]].isna().all()
    assert row["gee_difference"] == pytest.approx(1 / 2 - 1 / 3)
    assert row["not_estimable"] == "no person has both hips evaluable"


def test_people_with_one_hip_are_counted_apart_and_are_in_the_gee_alone():
    lefts, rights = hips(("x", "left", YES), ("y", "left", NO)), hips(("z", "right", YES))
    row = _compare(pd.concat([people(3, 2, 1, 4), lefts, rights], ignore_index=True))
    assert row[CELLS].tolist() == [3, 2, 1, 4, 10]
    assert row[["one_hip_left", "one_hip_right"]].tolist() == [2, 1]
    assert row["difference"] == pytest.approx(5 / 10 - 4 / 10)
    assert row["gee_difference"] != pytest.approx(row["difference"], abs=1e-3)


def test_people_with_one_hip_are_two_groups_of_people():
    alone = [(f"l{n}", "left", YES if n < 6 else NO) for n in range(10)]
    alone += [(f"r{n}", "right", YES if n < 3 else NO) for n in range(12)]
    row = _compare(pd.concat([people(both=4, left_only=2), hips(*alone)], ignore_index=True))
    assert row[["one_hip_left", "one_hip_left_responders"]].tolist() == [10, 6]
    assert row[["one_hip_right", "one_hip_right_responders", "one_hip_behind"]].tolist() == [12, 3, 3]
    assert row["one_hip_difference"] == pytest.approx(6 / 10 - 3 / 12)
    assert (row["one_hip_low"], row["one_hip_high"]) == pytest.approx(newcombe_unpaired(6, 10, 3, 12))


def test_a_hip_that_cannot_be_judged_makes_a_person_of_one_hip():
    row = _compare(hips(("a", "left", YES), ("a", "right", UNKNOWN), ("b", "left", UNKNOWN), ("b", "right", UNKNOWN)))
    assert row[CELLS].tolist() == [0, 0, 0, 0, 0]
    assert row[["one_hip_left", "one_hip_right"]].tolist() == [1, 0]


def test_no_hip_at_all():
    row = _compare(hips())
    assert row["n"] == 0
    assert np.isnan(row["difference"])
    assert row["not_estimable"].startswith("no person has both hips evaluable")


def test_a_person_who_came_back_counts_once_with_the_first_episode():
    first, second = people(left_only=1), people(right_only=1).assign(patient_id="left_only0", episode="2")
    both = pd.concat([second, first], ignore_index=True)
    assert _compare(both)[CELLS].tolist() == [0, 1, 0, 0, 1]


def test_copies_of_everyones_episode_are_no_evidence():
    once = people(both=6, left_only=2, right_only=7, neither=5)
    copies = [once.assign(episode=str(number)) for number in range(1, 12)]
    again = _compare(pd.concat(copies, ignore_index=True))
    for name in ("n", "p_midp", "p_exact", "newcombe_low", "tango_high"):
        assert again[name] == _compare(once)[name], name
    assert again["p_gee"] == pytest.approx(_compare(once)["p_gee"], abs=0.01)


def test_groups_have_a_row_each_also_the_empty_ones():
    kinds = pd.Categorical(["T1"] * 2 + ["T3"] * 2, categories=["T1", "T2", "T3"], ordered=True)
    table = compare_sides(people(left_only=1, right_only=1).assign(kind=kinds), by=["kind"])
    assert table[["kind", "left_only", "right_only", "n"]].astype("object").values.tolist() == [
        ["T1", 1, 0, 1],
        ["T2", 0, 0, 0],
        ["T3", 0, 1, 1],
    ]


def test_two_hips_in_two_groups_are_no_pair_in_either():
    table = compare_sides(people(both=1).assign(kind=["T1", "T2"]), by="kind")
    assert table[["n", "one_hip_left", "one_hip_right"]].values.tolist() == [[0, 1, 0], [0, 0, 1]]


@pytest.mark.parametrize("name", ["clinc", "side", "patient_id"])
def test_a_column_that_cannot_be_grouped_by_is_refused_with_those_that_can(name):
    with pytest.raises(TableError, match=f"^cannot group by {name}; the columns are comparison, episode$"):
        compare_sides(people(both=1), by=[name])


def test_an_unknown_response_is_refused_with_the_known():
    with pytest.raises(ValueError, match=r"^response is 'knee'; it can be ir, slr$"):
        compare_sides(people(both=1), response="knee")


def test_people_of_one_clinic_may_be_alike():
    """Left minus right is 2, -1 and 2 of 4, 5 and 10 people: Σ = 3, Σ of squares = 9; shares .5, -.2, .2."""
    row = _compare(in_clinics([3, 1, 4], [1, 2, 2], [4, 5, 10]))
    assert [row["n_clinics"], row["n"], row["left_only"], row["right_only"]] == [3, 19, 8, 5]
    assert row["p_obuchowski"] == pytest.approx(chi2.sf(2 / 3 * 3**2 / 9, 1))
    assert row["durkalski_difference"] == pytest.approx((0.5 - 0.2 + 0.2) / 3)
    assert row["p_durkalski"] == pytest.approx(chi2.sf(0.5**2 / (0.25 + 0.04 + 0.04), 1))
    # With fewer than 4 clinics neither test can reject, and the limits say so.
    assert row[["obuchowski_low", "durkalski_low", "obuchowski_high", "durkalski_high"]].tolist() == [-1, -1, 1, 1]
    assert row["clinics_not_estimable"] == ""


def test_people_without_a_clinic_are_together_one_more():
    """One blank clinic once switched every method by clinic off."""
    table = in_clinics([3, 1, 4, 2, 5, 1], [1, 2, 2, 2, 1, 0], [4, 5, 10, 8, 9, 6])
    blank = table.assign(clinic_id=table["clinic_id"].where(~table["clinic_id"].isin(["C5"])))
    row, without = _compare(table), _compare(blank)
    numbers = ["p_by_clinic", "p_obuchowski", "p_durkalski", "by_clinic_low", "ci_high", "p", "p_gee"]
    assert without[numbers].tolist() == pytest.approx(row[numbers].tolist())
    assert [row["n_clinics"], without["n_clinics"]] == [6, 5]
    assert without["cluster_note"].endswith("those whose clinic is not recorded count as one more clinic")
    assert "not recorded" not in row["cluster_note"]


def test_from_five_clinics_on_the_mean_by_clinic_answers():
    """Left minus right is 2, -1, 2, 0 and 4 of 4, 5, 10, 8 and 9 people."""
    tables = [[3, 1, 4, 2, 5], [1, 2, 2, 2, 1], [4, 5, 10, 8, 9]]
    row, few = (_compare(in_clinics(*(part[:n] for part in tables))) for n in (5, 4))
    assert [row["method"], row["clustered_by"], row["cluster_note"]] == [
        "Mean by clinic", "clinic", "people of one clinic may be alike"
    ]  # fmt: skip
    n, excess = np.array(tables[2]), np.array([2, -1, 2, 0, 4])
    mean = 7 / 36
    error = np.sqrt(((excess - mean * n) ** 2 / (1 - n / 36)).sum()) / 36  # CR2 of a mean
    assert row["difference"] == pytest.approx(mean)
    t = stats.t.ppf(0.975, row["by_clinic_df"])
    assert (row["ci_low"], row["ci_high"]) == pytest.approx((mean - t * error, mean + t * error))
    assert row["p"] == row["p_by_clinic"] == pytest.approx(2 * stats.t.sf(mean / error, row["by_clinic_df"]))
    assert row["by_clinic_df"] < 4
    assert [few["method"], few["p"], few["ci_low"]] == ["McNemar", few["p_score"], few["tango_low"]]
    assert few["cluster_note"] == "people are taken as independent, so it speaks of these 4 clinics only"
    assert few["by_clinic_not_estimable"] == "fewer than 5 clinics"


def test_five_clinics_alike_in_left_against_right_answer_by_people():
    row = _compare(in_clinics([1] * 5, [0] * 5, [4] * 5))
    assert [row["method"], row["p"]] == ["McNemar", row["p_score"]]
    assert row["cluster_note"].startswith("people are taken as independent; left minus right is the same in every")


def test_one_pair_per_clinic_is_mcnemar():
    row = _compare(in_clinics([1] * 9 + [0] * 6, [0] * 9 + [1] * 2 + [0] * 4, [1] * 15))
    assert row["p_durkalski"] == pytest.approx(chi2.sf((9 - 2) ** 2 / (9 + 2), 1))
    assert row["durkalski_difference"] == pytest.approx(7 / 15)
    assert row["durkalski_low"] < 7 / 15 < row["durkalski_high"]


ALIKE = "left minus right is the same in every clinic"


def _pairs(**clinic):
    return people(left_only=3, right_only=1, neither=4).assign(**clinic)


@pytest.mark.parametrize(
    ("responses", "why"),
    [
        (_pairs(), "no clinic is recorded"),
        (_pairs(clinic_id=None), "no clinic is recorded"),
        (_pairs(clinic_id="A"), "fewer than 2 clinics have pairs"),
        (_pairs(clinic_id="A").iloc[:0], "no person has both hips evaluable"),
        (_pairs(clinic_id="A").iloc[::2], "no person has both hips evaluable"),
        (_pairs(clinic_id="A").iloc[:2], "fewer than 2 clinics have pairs"),
        (
            in_clinics([1, 2], [0, 0], [2, 4]),
            f"{ALIKE}, which leaves no standard error",
        ),
    ],
    ids=[
        "no column",
        "none known",
        "one clinic",
        "nobody",
        "all left",
        "one person",
        "alike",
    ],
)
def test_where_clinics_give_no_answer_the_reason_is_said(responses, why):
    row = _compare(responses)
    assert row["clinics_not_estimable"] == why
    numbers = ["p_obuchowski", "p_durkalski", "durkalski_difference", "obuchowski_low", "durkalski_high"]
    assert row[numbers].isna().all()


def test_a_one_hip_person_without_a_clinic_takes_no_pair_away():
    lone = hips(("x", "left", YES)).assign(clinic_id=None)
    both = pd.concat([in_clinics([3, 1, 4], [1, 2, 2], [4, 5, 10]), lone], ignore_index=True)
    assert _compare(both)["p_durkalski"] == _compare(in_clinics([3, 1, 4], [1, 2, 2], [4, 5, 10]))["p_durkalski"]


def three_groups():
    """Mid-p 2·.5⁵ - .5⁵ = 1/32 for 5 against 0, half that for 6 against 0; and 1 without a discordant person."""
    groups = {"A": people(left_only=5), "B": people(left_only=6), "C": people(both=1), "D": hips(("x", "left", YES))}
    return pd.concat(
        [table.assign(patient_id=table["patient_id"] + name, kind=name) for name, table in groups.items()],
        ignore_index=True,
    )


def test_groups_are_a_family_without_those_that_have_no_pair():
    table = compare_sides(three_groups(), by=["kind"])
    assert table["p_midp"].tolist() == pytest.approx([1 / 32, 1 / 64, 1, np.nan], nan_ok=True)
    # χ² of 5 and of 6 with 1 degree of freedom: .025347 and .014306.
    assert table["p"].tolist() == pytest.approx([0.025347, 0.014306, 1, np.nan], abs=1e-6, nan_ok=True)
    assert table["p_holm"].tolist() == pytest.approx([2 * 0.025347, 3 * 0.014306, 1, np.nan], abs=1e-5, nan_ok=True)
    # Benjamini-Hochberg: 3/1 of the smallest is above 3/2 of the next.
    assert table["p_benjamini_hochberg"].tolist() == pytest.approx(
        [0.038020, 0.038020, 1, np.nan], abs=1e-5, nan_ok=True
    )


def test_adjusted_p_values_go_with_a_withheld_group():
    """Here the adjusted value of a group is the p value of another."""
    shown = protect(compare_sides(three_groups(), by=["kind"]), "sides", ["kind"])
    assert shown["suppressed"].all()
    enough = people(5, 5, 9, 5).assign(kind="E")
    table = compare_sides(pd.concat([three_groups(), enough], ignore_index=True), by=["kind"])
    shown = protect(table, "sides", ["kind"])
    assert shown["p_midp"].notna().tolist() == [False, False, False, False, True]
    assert shown[["p_holm", "p_benjamini_hochberg"]].isna().all(axis=None)
    assert protect(compare_sides(enough, by=["kind"]), "sides", ["kind"])["p_holm"].notna().all()


@pytest.mark.parametrize("sign", [1, -1])
def test_the_limits_by_clinic_end_where_shares_end(sign):
    # In four clinics of five everyone improved on one side alone; the t limits around 0.9 would reach beyond 1.
    one, other = [2, 2, 2, 2, 1], [0] * 5
    row = _compare(in_clinics(*((one, other) if sign == 1 else (other, one)), [2] * 5))
    furthest = row["by_clinic_high"] if sign == 1 else row["by_clinic_low"]
    assert [row["by_clinic_not_estimable"], row["difference"], furthest] == ["", 0.9 * sign, sign]


@pytest.mark.parametrize(("left", "right"), [((5, 1), (3, 3)), ((1, 5), (3, 3)), ((3, 3), (5, 1)), ((3, 3), (1, 5))])
def test_the_fewest_behind_one_hip_are_those_who_responded_or_did_not(left, right):
    rows = [
        (f"{side}{number}", side, YES if number < responders else NO)
        for side, (responders, others) in (("left", left), ("right", right))
        for number in range(responders + others)
    ]
    row = _compare(hips(*rows))
    assert [row["one_hip_left"], row["one_hip_right"], row["one_hip_behind"]] == [6, 6, 1]
