"""Whether left against right differs between groups, from hips that can be counted on the page."""

import numpy as np
import pandas as pd
import pytest

from analysis.sides_by_group import sides_between_groups
from analysis.stats.interaction import side_by_group
from test_rates import NO, YES, hips


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
    treated, control = {LEFT: 8, RIGHT: 2, BOTH: 1, NEITHER: 1}, {LEFT: 2, RIGHT: 8, BOTH: 1, NEITHER: 1}
    row = sides_between_groups(_study({"T": treated, "C": control}), "arm").iloc[0]
    assert [row["n_patients"], row["n_groups"], row["df_groups"], row["df_clusters"]] == [24, 2, 1, 20]
    assert row["p_value"] < 0.01
    assert row["not_estimable"] == ""


def test_equal_differences_are_not():
    people = {LEFT: 4, RIGHT: 2, BOTH: 3, NEITHER: 3}
    row = sides_between_groups(_study({"T": people, "C": people}), "arm").iloc[0]
    assert row["f_statistic"] == pytest.approx(0, abs=1e-12)
    assert row["p_value"] == pytest.approx(1)


def test_it_is_the_test_of_the_statistics_module():
    table = _study({"T": {LEFT: 5, RIGHT: 1, BOTH: 2, NEITHER: 4}, "C": {LEFT: 2, RIGHT: 3, BOTH: 1, NEITHER: 6}})
    judged = table[table["outcome"] != "not_evaluable"]
    wanted = side_by_group(
        judged["outcome"] == "responder", judged["side"] == "left", judged["arm"], judged["patient_id"]
    )
    assert sides_between_groups(table, "arm")["p_value"].item() == pytest.approx(wanted.p_value)


@pytest.mark.parametrize(
    ("groups", "why"),
    [
        ({"T": {LEFT: 4, RIGHT: 2, BOTH: 3, NEITHER: 3}}, "only one group has an estimate"),
        ({"T": {NEITHER: 9}, "C": {NEITHER: 9}}, "no group has an estimate"),
    ],
)
def test_where_there_is_no_test_the_reason_is_said(groups, why):
    row = sides_between_groups(_study(groups), "arm").iloc[0]
    assert row["not_estimable"] == why
    assert np.isnan(row["p_value"])


def test_hips_without_a_group_are_left_out():
    table = _study({"T": {LEFT: 4, RIGHT: 2, BOTH: 3, NEITHER: 3}, "C": {LEFT: 2, RIGHT: 4, BOTH: 3, NEITHER: 3}})
    more = _study({"lost": {LEFT: 20}}).assign(arm=None)
    both = pd.concat([table, more], ignore_index=True)
    assert sides_between_groups(both, "arm")["p_value"].item() == sides_between_groups(table, "arm")["p_value"].item()
