"""Which counts of a release are of few, and which are sums of others."""

import pandas as pd
import pytest

from analysis.disclosure.numbered import Numbered
from analysis.disclosure.printed import ABOUT, row_key
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


def test_what_was_added_to_a_whole_was_added_to_its_parts():
    """Four hips came to clinic A, none of them judged; of those in B three more were."""

    def release(**sizes):
        rows = [["rates", "rates", {}, clinic.strip("_"), "rates", *counts] for clinic, counts in sizes.items()]
        return pd.DataFrame(rows, columns=[*ABOUT, "n_hips", "n_evaluable"])

    numbered = Numbered(MINIMUM_PATIENTS)
    before = numbered.add(release(_=(40, 20), A=(20, 10), B=(20, 10)))
    after = numbered.add(release(_=(44, 23), A=(24, 10), B=(20, 13)))
    n_counts = len(numbered.value)
    sums = [dict(zip(row.indices.tolist(), row.data.tolist(), strict=True)) for row in numbered.matrix()]
    assert len(numbered.value) == n_counts  # no sum lacks anything
    # A reader knows of a count that it did not become smaller, also of one that is as large as it was.
    old, new = (rows["A", "rates"].counts["n_evaluable"] for rows in (before, after))
    assert [times[old] for times in sums if times.get(new) == -1 and old in times] == [1]
    # Of all hips, and of A's, some are judged and some not; all are A's, and nobody's of B; all judged are A's or B's.
    shown = {number for row in (*before.values(), *after.values()) for number in row.counts.values()}
    added = [times for times in sums if not shown & times.keys()]
    assert sorted(sorted(of * numbered.value[number] for number, of in times.items()) for times in added) == [
        [-4, 0, 4], [-4, 1, 3], [-4, 4], [-3, 0, 3]
    ]  # fmt: skip


def test_a_row_has_the_counts_that_it_has_whatever_others_lack():
    rows = [["rates", "rates", {}, clinic, "rates", n, judged] for clinic, n, judged in (("", 40, 20), ("A", 30, None))]
    found = Numbered(MINIMUM_PATIENTS).add(pd.DataFrame(rows, columns=[*ABOUT, "n_hips", "n_evaluable"]))
    assert [{*row.counts} for row in found.values()] == [{"n_hips", "n_evaluable", "unjudged"}, {"n_hips"}]


def test_where_a_class_is_of_all_hips_the_others_are_known_to_be_of_nobody():
    """The hips of T1 are the same count as all hips, so what the sum over classes says is that T2 has none."""
    labels = [{}, {"stretch_type": "T1"}, {"stretch_type": "T2"}]
    keys = [row_key("rates", about) for about in labels]
    rows = [["rates", key, about, "", key, n] for key, about, n in zip(keys, labels, (40, 40, 0), strict=True)]
    numbered = Numbered(MINIMUM_PATIENTS)
    found = numbered.add(pd.DataFrame(rows, columns=[*ABOUT, "n_hips"]))
    all_hips, first, second = (found["", key].counts["n_hips"] for key in keys)
    assert first == all_hips != second
    assert [row.indices.tolist() for row in numbered.matrix()] == [[second]]


@pytest.mark.parametrize(("hips", "alike"), [(1, False), (4, False), (5, True)])
def test_two_groups_of_few_are_not_taken_for_the_same(hips, alike):
    """Else what one of them prints would count as known of the other."""
    labels = [{}, {"stretch_type": "T1"}, {"stretch_type": "T2"}]
    keys = [row_key("rates", about) for about in labels]
    rows = [["rates", key, about, "", key, n] for key, about, n in zip(keys, labels, (40, hips, hips), strict=True)]
    found = Numbered(MINIMUM_PATIENTS).add(pd.DataFrame(rows, columns=[*ABOUT, "n_hips"]))
    first, second = (found["", key].counts["n_hips"] for key in keys[1:])
    assert (first == second) == alike


def test_the_fewest_behind_several_numbers_are_no_sum_of_those_in_clinics():
    rows = {(clinic, "sides"): Row("sides", "sides", {}, clinic, "sides", {"n": place, "one_hip_behind": place + 1})
            for place, clinic in zip((0, 2, 4), ("", "A", "B"), strict=True)}  # fmt: skip
    assert [one.column for one in sums_of(rows) if one.over] == ["n"]
