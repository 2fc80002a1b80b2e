"""Rates from hips that can be counted on the page: the fraction of every rate stands beside it."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import t

from analysis import analyse, compare_sides, rates
from analysis.answers.rates import rates_of_each_rule
from analysis.hips.judge import ALREADY
from analysis.schema import OUTCOMES, SIDES, TableError, ordered
from builders import assessments, study, visit
from response_tables import COHORT, NO, UNKNOWN, YES, group, hips

COUNTS = ["n_patients", "n_hips", "n_evaluable", "n_responders", "n_missing"]


def _row(table, **where):
    for name, value in where.items():
        table = table[table[name] == value]
    assert len(table) == 1
    return table.iloc[0]


def test_all_hips_together():
    row = _row(rates(COHORT))
    assert row[COUNTS].tolist() == [5, 8, 6, 3, 2]
    assert row["rate"] == 3 / 6
    assert row[["n_patients_evaluable", "n_patients_with", "n_patients_without"]].tolist() == [4, 2, 3]


def test_by_side():
    table = rates(COHORT, by=["side"])
    left, right = _row(table, side="left"), _row(table, side="right")
    assert left[COUNTS].tolist() == [4, 4, 3, 2, 1]
    assert right[COUNTS].tolist() == [4, 4, 3, 1, 1]
    assert [left["rate"], right["rate"]] == [2 / 3, 1 / 3]


# Five people with both hips, all responders; twelve with one hip, none. By hip 10 of 22, by person 5 of 17.
UNEVEN = hips(
    *[(f"both{n}", side, YES) for n in range(5) for side in SIDES],
    *[(f"one{n}", "left", NO) for n in range(12)],
)


def test_a_rate_per_hip_and_a_rate_per_person_are_two_numbers():
    row = _row(rates(UNEVEN))
    assert [row["rate"], row["rate_per_person"]] == [10 / 22, 5 / 17]
    assert row["n_patients_behind_person_rate"] == 0  # people with one hip who responded


def test_with_as_many_hips_each_the_rate_per_person_is_the_rate_and_tells_no_more():
    row = _row(rates(group(6, 4, hips_each=2)))
    assert row["rate_per_person"] == row["rate"] == 6 / 10
    assert row["n_patients_behind_person_rate"] == 4


def test_several_episodes_of_a_person_count_as_one_person():
    # One person: left in three episodes, two of which responded; another: none of one. Hips 2 of 4, people (2/3 + 0)/2.
    table = hips(("a", "left", YES), ("a", "left", YES), ("a", "left", NO), ("b", "left", NO))
    row = _row(rates(table.assign(episode=["1", "2", "3", "1"])))
    assert [row["rate"], row["rate_per_person"]] == [2 / 4, pytest.approx((2 / 3) / 2)]


def test_nobody_has_no_rate_per_person():
    assert np.isnan(_row(rates(group(0, 0, unknown=3)))["rate_per_person"])


def test_every_combination_of_levels_has_a_row_in_the_order_of_the_levels():
    table = rates(COHORT, by=["clinic", "side"])
    assert table[["clinic", "side", "n_hips"]].astype("object").values.tolist() == [
        ["North", "left", 2],
        ["North", "right", 2],
        ["South", "left", 2],
        ["South", "right", 1],
        ["not recorded", "left", 0],
        ["not recorded", "right", 1],
    ]


def test_an_empty_group_is_seen_and_its_rate_is_missing_not_zero():
    row = _row(rates(COHORT, by=["clinic", "side"]), clinic="not recorded", side="left")
    assert row[COUNTS].tolist() == [0, 0, 0, 0, 0]
    assert row[["rate", "ci_low", "ci_high", "chance_rate", "rate_if_none", "rate_if_all"]].isna().all()


def test_a_level_that_nobody_has_is_seen():
    types = pd.Categorical(["T1"] * 8, categories=["T1", "T2"], ordered=True)
    assert rates(COHORT.assign(kind=types), by=["kind"])["n_hips"].tolist() == [8, 0]


def test_hips_without_a_group_are_a_group_only_where_there_are_any():
    assert rates(COHORT, by=["clinic"])["clinic"].tolist() == ["North", "South", "not recorded"]
    assert rates(COHORT.dropna(), by=["clinic"])["clinic"].tolist() == ["North", "South"]


def test_a_group_that_was_recorded_for_nobody():
    table = rates(COHORT.assign(clinic=pd.Series([None] * 8, dtype="str")), by=["clinic"])
    assert table[["clinic", "n_hips"]].astype("object").values.tolist() == [["not recorded", 8]]


@pytest.mark.parametrize(
    ("column", "levels"),
    [
        (pd.array([True, None] * 4, dtype="boolean"), ["True", "not recorded"]),
        (pd.array([2, None] * 4, dtype="Int64"), ["2", "not recorded"]),
        (pd.Categorical(["x", None] * 4), ["x", "not recorded"]),
    ],
)
def test_a_group_of_any_kind_is_read_as_text(column, levels):
    table = rates(COHORT.assign(kind=column), by=["kind"])
    assert table["kind"].tolist() == levels
    assert table["n_hips"].tolist() == [4, 4]


def test_a_group_may_be_named_not_recorded_in_the_file_itself():
    frame = COHORT.assign(clinic=["not recorded"] * 4 + [None] * 4)
    table = rates(frame, by=["clinic"])
    assert table[["clinic", "n_hips"]].astype("object").values.tolist() == [["not recorded", 8]]


def test_bounds_had_none_or_all_of_the_unknown_hips_responded():
    frame = hips(
        ("a", "left", YES), ("b", "left", YES), ("c", "left", NO), ("d", "left", UNKNOWN), ("e", "left", UNKNOWN)
    )
    row = _row(rates(frame))
    assert [row["rate"], row["rate_if_none"], row["rate_if_all"]] == [2 / 3, 2 / 5, 4 / 5]


def test_a_hip_with_no_room_to_improve_is_not_a_missing_one():
    frame = hips(("a", "left", YES), ("b", "left", NO), ("c", "left", UNKNOWN)).assign(reason=["", "", ALREADY])
    row = _row(rates(frame))
    assert row[COUNTS].tolist() == [3, 3, 2, 1, 0]
    assert [row["rate_if_none"], row["rate_if_all"]] == [1 / 2, 1 / 2]


def test_where_nobody_can_be_judged_the_bounds_are_0_and_1():
    row = _row(rates(hips(("a", "left", UNKNOWN))))
    assert np.isnan(row["rate"])
    assert [row["rate_if_none"], row["rate_if_all"]] == [0, 1]


@pytest.mark.parametrize(
    ("responders", "n", "low", "high"),
    [(15, 148, 0.0624, 0.1605), (0, 20, 0, 0.1611), (1, 29, 0.0061, 0.1718), (81, 263, 0.2553, 0.3662)],
)
def test_one_hip_a_person_gives_the_plain_wilson_interval(responders, n, low, high):
    """Published 95 % Wilson limits: Newcombe 1998, Stat Med 17:857, table I."""
    row = _row(rates(hips(*[(f"p{i}", "left", YES if i < responders else NO) for i in range(n)])))
    assert [row["ci_low"], row["ci_high"]] == pytest.approx([low, high], abs=5e-5)


def test_two_hips_of_a_person_are_one_person_not_two():
    """Ten people whose hips agree: v = 10/9·10/20² and v/(.25/20) = 20/9, ten times, and the worst case, 2, once."""
    frame = hips(*[(f"p{i}", side, YES if i < 5 else NO) for i in range(10) for side in SIDES])
    row = _row(rates(frame))
    assert row[COUNTS].tolist() == [10, 20, 20, 10, 0]
    spread = t.ppf(0.975, 9) ** 2 * (10 * 20 / 9 + 2) / 11 / 20
    half = np.sqrt(spread * (0.25 + spread / 4)) / (1 + spread)
    assert [row["ci_low"], row["ci_high"]] == pytest.approx([0.5 - half, 0.5 + half])


def test_the_chance_rate_is_the_mean_over_the_hips_that_can_be_judged():
    frame = hips(
        ("a", "left", YES, 0.2), ("b", "left", NO, 0.4), ("c", "left", UNKNOWN, 0.9), ("d", "left", UNKNOWN, np.nan)
    )
    assert _row(rates(frame))["chance_rate"] == pytest.approx((0.2 + 0.4) / 2)


def test_an_unknown_chance_is_not_a_chance_of_zero():
    frame = hips(("a", "left", YES, 0.2), ("b", "left", NO, np.nan), ("c", "right", NO, 0.3))
    table = rates(frame, by=["side"])
    assert np.isnan(_row(table, side="left")["chance_rate"])
    assert _row(table, side="right")["chance_rate"] == 0.3
    assert np.isnan(_row(rates(frame))["chance_rate"])


def test_why_chance_is_not_known_is_said_of_the_groups_that_lack_it_and_of_no_other():
    frame = hips(
        ("a", "left", YES, np.nan), ("b", "left", NO, np.nan), ("c", "left", NO, 0.3), ("d", "left", UNKNOWN, np.nan)
    )
    why = ["nobody else was read", "who was chosen is not known", "", "without a later visit"]
    frame = frame.assign(arm=["A", "B", "C", "D"], chance_unknown=why, chance_errors="3°")
    table = rates(frame, by=["arm"])
    # The last of the reasons in their order stands for all; the hip of D was not judged, so nothing is asked of chance.
    assert table["chance_unknown"].tolist() == [why[1], why[1], "", ""]
    assert table["chance_errors"].tolist() == ["3°"] * 4


def test_every_rule_is_counted_and_the_rows_are_numbered_through():
    other = COHORT.assign(response=pd.Categorical(["slr"] * 8, categories=["ir", "slr"], ordered=True))
    table = rates_of_each_rule(pd.concat([COHORT, other.iloc[:2]]), by=["side"])
    assert table.index.tolist() == [0, 1, 2, 3]
    assert table[["response", "side", "n_hips"]].astype("object").values.tolist() == [
        ["ir", "left", 4], ["ir", "right", 4], ["slr", "left", 1], ["slr", "right", 1]
    ]  # fmt: skip


def test_what_was_counted_stands_beside_it():
    row = _row(rates(COHORT))
    assert [row["response"], row["comparison"]] == ["ir", "first"]


def test_other_responses_and_comparisons_are_not_counted():
    other = COHORT.assign(response=pd.Categorical(["slr"] * 8, categories=["ir", "slr"], ordered=True))
    both = pd.concat([COHORT, other], ignore_index=True)
    both["response"] = both["response"].astype(ordered(["ir", "slr"]))
    assert _row(rates(both))["n_hips"] == 8
    assert _row(rates(both, response="slr"))["response"] == "slr"


def test_the_input_is_not_changed():
    before = COHORT.copy(deep=True)
    rates(COHORT, by=["clinic", "side"])
    pd.testing.assert_frame_equal(COHORT, before)


def test_one_column_may_be_named_as_text_and_twice_is_once():
    expected = rates(COHORT, by=["side"])
    pd.testing.assert_frame_equal(rates(COHORT, by="side"), expected)
    pd.testing.assert_frame_equal(rates(COHORT, by=["side", "side"]), expected)


@pytest.mark.parametrize("name", ["clinc", "patient_id", "outcome", "chance", "reason", "n_hips"])
def test_a_column_that_cannot_be_grouped_by_is_refused_with_those_that_can(name):
    with pytest.raises(
        TableError, match=f"^cannot group by {name}; the columns are side, comparison, episode, clinic$"
    ):
        rates(COHORT, by=["side", name])


def test_hips_are_grouped_by_words_not_by_numbers_of_people():
    with pytest.raises(TableError, match=r"^cannot group by age_years; the columns are .*clinic, age$"):
        rates(COHORT.assign(age_years=33.0, age="30 to under 45"), by=["age_years"])


def test_an_unknown_response_or_comparison_is_refused_with_the_known():
    with pytest.raises(ValueError, match=r"^response is 'knee'; it can be ir, slr$"):
        rates(COHORT, response="knee")
    with pytest.raises(ValueError, match=r"^comparison is ''; it can be first, later$"):
        rates(COHORT, comparison="")


def test_a_study_or_its_tables_give_what_their_responses_give():
    whole = study(assessments(visit(hip_ir_deg=12), visit(timepoint="post", hip_ir_deg=17)))
    tables = analyse(whole)
    expected = rates(tables.responses, by=["side"], response="ir")
    assert expected["n_responders"].tolist() == [1, 0]
    for each in (whole, tables):
        pd.testing.assert_frame_equal(rates(each, by=["side"], response="ir"), expected)
        pd.testing.assert_frame_equal(compare_sides(each), compare_sides(tables.responses))


def test_what_holds_no_responses_is_told_what_to_give():
    with pytest.raises(TableError, match=r"this is a list; give tables\.responses, where tables = analyse"):
        rates([])


def test_another_table_is_refused_with_the_one_that_is_needed():
    with pytest.raises(TableError, match=r"no column response; give what respond\(\) returns, tables\.responses"):
        rates(pd.DataFrame({"patient_id": ["a"], "comparison": ["immediate"]}))


def test_a_comparison_that_nobody_reached_is_an_empty_group_under_its_name():
    row = _row(rates(COHORT, comparison="later"))
    assert row[COUNTS].tolist() == [0, 0, 0, 0, 0]
    assert row["comparison"] == "later"


def test_no_responses_at_all():
    row = _row(rates(COHORT.iloc[:0]))
    assert row[COUNTS].tolist() == [0, 0, 0, 0, 0]
    assert np.isnan(row["rate"])
    assert rates(COHORT.iloc[:0], by=["side"])["n_hips"].tolist() == [0, 0]
    assert rates(COHORT.iloc[:0], by=["clinic"]).empty


ONE_HIP = st.tuples(st.sampled_from("abcde"), st.sampled_from(SIDES), st.sampled_from(OUTCOMES))


@given(st.lists(ONE_HIP, unique_by=lambda row: row[:2], min_size=1), st.randoms())
def test_groups_add_up_and_the_order_of_rows_is_nothing(rows, random):
    table = rates(hips(*rows), by=["side"])
    whole = _row(rates(hips(*rows)))
    added = ["n_hips", "n_evaluable", "n_responders", "n_missing"]
    assert table[added].sum().tolist() == whole[added].tolist()
    assert whole["n_patients"] == len({patient for patient, _, _ in rows})
    shown = table.dropna(subset="rate")
    assert ((shown["ci_low"] <= shown["rate"]) & (shown["rate"] <= shown["ci_high"])).all()
    assert ((table["rate_if_none"] <= table["rate_if_all"]) | table["rate_if_all"].isna()).all()
    shuffled = random.sample(rows, len(rows))
    pd.testing.assert_frame_equal(rates(hips(*shuffled), by=["side"]), table)
