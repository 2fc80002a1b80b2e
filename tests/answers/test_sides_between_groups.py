"""Whether left against right differs between groups, from hips that can be counted on the page."""

import numpy as np
import pandas as pd
import pytest

from analysis.answers.sides import sides_between_groups
from analysis.disclosure import protect
from analysis.stats.interaction import side_by_group
from response_tables import NO, UNKNOWN, YES, hips


def _study(groups):
    """Responses of people with two hips each, by group: how many of (left, right) answers."""
    rows, of = [], {}
    for group, people in groups.items():
        for (left, right), n in people.items():
            for number in range(n):
                name = f"{group}{left}{right}{number}"
                rows += [(name, "left", left), (name, "right", right)]
                of[name] = group
    table = hips(*rows)
    return table.assign(arm=table["patient_id"].map(of))


LEFT, RIGHT, BOTH, NEITHER = (YES, NO), (NO, YES), (YES, YES), (NO, NO)


def test_opposite_differences_in_two_groups_are_told_apart():
    # T: left 9 of 12, right 3 of 12; C the other way round.
    table = sides_between_groups(
        _study({"T": {LEFT: 8, RIGHT: 2, BOTH: 1, NEITHER: 1}, "C": {LEFT: 2, RIGHT: 8, BOTH: 1, NEITHER: 1}}), "arm"
    )
    assert table["arm"].tolist() == ["C", "T"]
    counts = ["left_responders", "n_left", "right_responders", "n_right", "both", "left_only", "right_only", "neither"]
    assert table[counts].values.tolist() == [[3, 12, 9, 12, 1, 2, 8, 1], [9, 12, 3, 12, 1, 8, 2, 1]]
    assert table["difference"].tolist() == pytest.approx([(3 - 9) / 12, (9 - 3) / 12])
    assert (table["ci_low"] < table["difference"]).all()
    assert (table["difference"] < table["ci_high"]).all()
    assert table[["df_groups", "df_clusters"]].values.tolist() == [[1, 20]] * 2
    assert (table["p_interaction"] < 0.01).all()
    assert (table[["not_estimable", "no_test"]] == "").all(axis=None)


def test_hips_are_counted_by_side_also_of_people_with_one():
    both = _study({"T": {LEFT: 3, RIGHT: 1, NEITHER: 2}})
    alone = hips(("x", "left", YES), ("y", "left", NO), ("z", "right", UNKNOWN)).assign(arm="T")
    row = sides_between_groups(pd.concat([both, alone], ignore_index=True), "arm").iloc[0]
    counts = ["n_left", "left_responders", "n_right", "right_responders", "both", "left_only", "right_only", "neither"]
    assert row[counts].tolist() == [8, 4, 6, 1, 0, 3, 1, 2]


def test_equal_differences_are_not():
    people = {LEFT: 4, RIGHT: 2, BOTH: 3, NEITHER: 3}
    row = sides_between_groups(_study({"T": people, "C": people}), "arm").iloc[0]
    assert row["f_statistic"] == pytest.approx(0, abs=1e-12)
    assert row["p_interaction"] == pytest.approx(1)


def test_it_is_the_test_of_the_statistics_module():
    table = _study({"T": {LEFT: 5, RIGHT: 1, BOTH: 2, NEITHER: 4}, "C": {LEFT: 2, RIGHT: 3, BOTH: 1, NEITHER: 6}})
    judged = table[table["outcome"] != "not_evaluable"]
    wanted = side_by_group(
        judged["outcome"] == "responder", judged["side"] == "left", judged["arm"], judged["patient_id"]
    )
    found = sides_between_groups(table, "arm")
    assert found["p_interaction"].tolist() == pytest.approx([wanted.p_value] * 2)
    assert found["ci_low"].tolist() == pytest.approx([group.interval.low for group in wanted.groups])


@pytest.mark.parametrize(
    ("groups", "why"),
    [
        ({"T": {LEFT: 4, RIGHT: 2, BOTH: 3, NEITHER: 3}}, "only one group has an estimate"),
        ({"T": {NEITHER: 9}, "C": {NEITHER: 9}}, "no group has an estimate"),
    ],
)
def test_where_there_is_no_test_the_reason_is_said(groups, why):
    row = sides_between_groups(_study(groups), "arm").iloc[0]
    assert row["no_test"] == why
    assert np.isnan(row["p_interaction"])


def test_hips_without_a_group_are_left_out():
    table = _study({"T": {LEFT: 4, RIGHT: 2, BOTH: 3, NEITHER: 3}, "C": {LEFT: 2, RIGHT: 4, BOTH: 3, NEITHER: 3}})
    more = _study({"lost": {LEFT: 20}}).assign(arm=None)
    both = pd.concat([table, more], ignore_index=True)
    pd.testing.assert_frame_equal(sides_between_groups(both, "arm"), sides_between_groups(table, "arm"))


def test_only_the_groups_asked_for_are_compared_in_that_order_and_the_empty_one_says_why():
    people = {LEFT: 4, RIGHT: 2, BOTH: 3, NEITHER: 3}
    table = _study({"T1": people, "T2": people, "indeterminate": {LEFT: 9, NEITHER: 3}})
    found = sides_between_groups(table, "arm", ["T2", "T1", "T3"])
    assert found["arm"].tolist() == ["T2", "T1", "T3"]
    assert found["not_estimable"].tolist() == ["", "", "no left hip is evaluable"]
    assert found[["n_left", "n_right"]].values.tolist() == [[12, 12], [12, 12], [0, 0]]
    without = table[table["arm"] != "indeterminate"]
    assert found["p_interaction"].iloc[0] == sides_between_groups(without, "arm")["p_interaction"].iloc[0]


@pytest.mark.parametrize(
    ("responses", "why"),
    [
        (hips(), "no group has an estimate"),
        (hips(("a", "left", YES), ("b", "left", NO), ("c", "left", YES)), "no group has an estimate"),
        (hips(("a", "left", YES), ("a", "right", NO)), "no group has an estimate"),
    ],
    ids=["nobody", "all left", "one person"],
)
def test_studies_without_a_comparison(responses, why):
    for arm in ("A", None):
        found = sides_between_groups(responses.assign(arm=arm), "arm")
        assert found["no_test"].tolist() == [why]
        assert found["difference"].isna().all()


def test_a_withheld_group_takes_the_test_with_it():
    enough, few = dict.fromkeys([LEFT, RIGHT, BOTH, NEITHER], 5), {LEFT: 5, RIGHT: 5, BOTH: 4, NEITHER: 5}
    shown = protect(sides_between_groups(_study({"A": enough, "B": few}), "arm"), "sides_between_groups", ["arm"])
    assert shown["suppressed"].tolist() == [False, True]
    assert shown["difference"].isna().tolist() == [False, True]
    assert shown[["f_statistic", "df_clusters", "p_interaction", "no_test"]].isna().all(axis=None)
    whole = protect(sides_between_groups(_study({"A": enough, "B": enough}), "arm"), "sides_between_groups", ["arm"])
    assert whole[["f_statistic", "df_clusters", "p_interaction"]].notna().all(axis=None)


def test_why_a_withheld_group_has_no_estimate_is_withheld():
    shown = protect(sides_between_groups(_study({"A": {NEITHER: 3}}), "arm"), "sides_between_groups", ["arm"])
    assert shown["not_estimable"].isna().all()
