"""Which counts of a release are of few, and which are sums of others."""

import pandas as pd
import pytest

from analysis.disclosure.numbered import Numbered
from analysis.disclosure.printed import ABOUT
from analysis.disclosure.sums import Row, sums_of
from analysis.protocol.policies import MINIMUM_PATIENTS


def test_few_who_are_in_no_part_of_a_whole_are_a_count_of_few():
    """A clinic to which the first patient came has no row of its own yet."""
    about = [["rates", "rates", {}, clinic, "rates"] for clinic in ("", "A", "B")]
    for in_none, small in ((0, False), (1, True), (4, True), (5, False)):
        sizes = [40 + in_none, 20, 20]
        numbered = Numbered(MINIMUM_PATIENTS)
        numbered.add(pd.DataFrame([[*who, n] for who, n in zip(about, sizes, strict=True)], columns=[*ABOUT, "n_hips"]))
        n_printed = len(numbered.value)
        numbered.matrix()
        assert numbered.value[n_printed:] == [in_none] * bool(in_none)
        assert numbered.small[n_printed:] == [small] * bool(in_none)


def of_all_hips(**counts):
    """A release of one row."""
    return pd.DataFrame([["rates", "rates", {}, "", "rates", *counts.values()]], columns=[*ABOUT, *counts])


@pytest.mark.parametrize(
    ("judged", "responded", "small"),
    [(0, 0, False), (1, 0, True), (4, 0, True), (20, 0, True), (20, 1, True), (20, 4, True), (20, 5, False)],
)
def test_fewer_than_five_responders_are_few_and_none_only_where_somebody_was_judged(judged, responded, small):
    numbered = Numbered(MINIMUM_PATIENTS)
    rows = numbered.add(of_all_hips(n_hips=40, n_evaluable=judged, n_responders=responded))
    (row,) = rows.values()
    assert numbered.small[row.counts["n_responders"]] == small


def test_what_was_added_is_counted_of_what_was_there_before_and_changed():
    """Four more hips were judged, four fewer were not; who responded is new, and there are as many hips."""
    numbered = Numbered(MINIMUM_PATIENTS)
    numbered.add(of_all_hips(n_hips=40, n_evaluable=20))
    before = len(numbered.value)
    (row,) = numbered.add(of_all_hips(n_hips=40, n_evaluable=24, n_responders=10)).values()
    assert {name: numbered.value[number] for name, number in row.counts.items() if number >= before} == {
        "n_evaluable": 24, "n_responders": 10, "unjudged": 16, "others": 14
    }  # fmt: skip
    assert numbered.value[before + 4 :] == [4, 4]
    assert numbered.small[before:] == [False, False, False, False, True, False]


def test_the_fewest_behind_several_numbers_are_no_sum_of_those_in_clinics():
    rows = {(clinic, "sides"): Row("sides", "sides", {}, clinic, "sides", {"n": place, "one_hip_behind": place + 1})
            for place, clinic in zip((0, 2, 4), ("", "A", "B"), strict=True)}  # fmt: skip
    assert [one.column for one in sums_of(rows) if one.over] == ["n"]
