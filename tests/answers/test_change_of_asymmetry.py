"""Whether left and right came closer, of people that can be counted on the page."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t

from analysis.answers.change_of_asymmetry import change_of_asymmetry
from analysis.protocol import builtin
from analysis.stats.paired import PairedTable, newcombe10
from left_and_right import FOUR, right_worse, visits

# Left minus right later: −9 → −3, −8 → −10, +9 → +5, 0 → −1.
LATER = visits(("a", 12, 15), ("b", 10, 20), ("c", 20, 15), ("d", 12, 13), timepoint="post")
TWICE = pd.concat([FOUR, LATER], ignore_index=True)


def _by_quantity(*arguments, **options):
    return change_of_asymmetry(*arguments, **options).set_index("quantity")


def test_change_of_degrees_by_hand():
    table = _by_quantity(TWICE)
    assert (table["n"] == 4).all()
    signed, size = table.loc["difference"], table.loc["size"]
    # Changes 6, −2, −4, −1 with mean −1/4, squared deviations 911/16 in all.
    assert [signed["before"], signed["after"], signed["change"]] == [-8 / 4, -9 / 4, -1 / 4]
    deviations = np.array([6, -2, -4, -1]) + 0.25
    half = t.ppf(0.975, 3) * np.sqrt((deviations**2).sum() / 3 / 4)
    assert [signed["ci_low"], signed["ci_high"]] == pytest.approx([-0.25 - half, -0.25 + half])
    # Sizes 9, 8, 9, 0 → 3, 10, 5, 1.
    assert [size["before"], size["after"], size["change"]] == [26 / 4, 19 / 4, -7 / 4]
    deviations = np.array([-6, 2, -4, 1]) + 7 / 4
    half = t.ppf(0.975, 3) * np.sqrt((deviations**2).sum() / 3 / 4)
    assert [size["ci_low"], size["ci_high"]] == pytest.approx([-7 / 4 - half, -7 / 4 + half])


def test_change_of_the_share_by_hand():
    table = _by_quantity(TWICE)
    beyond, any_difference = table.loc["showing"], table.loc["showing_any"]
    # Beyond 8.3 degrees: a before, b after. By any difference: a and b before; a, b and d after.
    assert beyond[["n_before", "n_after", "before", "after", "change"]].tolist() == [1, 1, 1 / 4, 1 / 4, 0]
    assert [beyond["ci_low"], beyond["ci_high"]] == pytest.approx(list(newcombe10(PairedTable(0, 1, 1, 2))))
    assert any_difference[["n_before", "n_after", "change"]].tolist() == [2, 3, 1 / 4]
    limits = list(newcombe10(PairedTable(both=2, left_only=1, right_only=0, neither=1)))
    assert [any_difference["ci_low"], any_difference["ci_high"]] == pytest.approx(limits)


def test_change_where_the_right_is_expected_to_be_worse():
    table = _by_quantity(TWICE, right_worse())
    assert table.loc["difference", "change"] == -1 / 4  # left minus right, whatever is expected
    assert table.loc["showing", ["n_before", "n_after"]].tolist() == [1, 0]  # c, beyond the error before alone


def test_change_leaves_out_who_was_not_measured_alike_all_four_times():
    other_device = visits(("x", 10, 20)), visits(("x", 20, 20), timepoint="post").assign(device="goniometer")
    seen_once = visits(("y", 10, 30))
    left_only = visits(("z", 10, 30)), visits(("z", 10, 30), timepoint="post").iloc[:1]
    everyone = pd.concat([TWICE, *other_device, seen_once, *left_only], ignore_index=True)
    found, alike = change_of_asymmetry(everyone), change_of_asymmetry(TWICE)
    # What is usual, and so what chance gives, is told by everyone's first readings.
    others = ["n_behind", "by_chance", "by_chance_low", "by_chance_high"]
    pd.testing.assert_frame_equal(found.drop(columns=others), alike.drop(columns=others))


def test_the_fewest_people_behind_a_row():
    """A mean has the 7 people with less on the right behind it, a share the 2 who show the pattern before alone."""
    left, alike, right = (0, 10), (10, 10), (10, 0)
    before = [left] * 8 + [alike] * 9 + [right] * 7
    after = [left] * 6 + [alike] * 2 + [left] * 3 + [alike] * 6 + [right] * 7
    people = [
        visits(*[(f"{number:02}", *degrees) for number, degrees in enumerate(rows)], timepoint=timepoint)
        for timepoint, rows in (("baseline", before), ("post", after))
    ]
    table = _by_quantity(pd.concat(people))
    assert table.loc["showing", ["n_before", "n_after"]].tolist() == [8, 9]
    assert table["n_behind"].tolist() == [7, 7, 2, 2]
    once = visits(*[(f"x{number}", 3, 9) for number in range(3)])
    assert _by_quantity(pd.concat([*people, once]))["n_behind"].tolist() == [3, 3, 2, 2]


@pytest.mark.parametrize("assessments", [FOUR, FOUR.iloc[:0], TWICE[TWICE["side"] == "left"]])
def test_change_of_nobody_is_missing(assessments):
    table = change_of_asymmetry(assessments)
    assert table["n"].tolist() == [0] * 4
    assert table[["before", "after", "change", "ci_low", "ci_high"]].isna().all(axis=None)


def test_change_of_one_person_has_no_interval_in_degrees():
    table = _by_quantity(TWICE[TWICE["patient_id"] == "a"])
    assert table.loc["size", ["before", "after", "change"]].tolist() == [9, 3, -6]
    assert table.loc[["difference", "size"], ["ci_low", "ci_high"]].isna().all(axis=None)
    assert table.loc["showing", ["n_before", "n_after"]].tolist() == [1, 0]


def test_change_needs_a_comparison_of_the_protocol():
    with pytest.raises(ValueError, match=r"^comparison is 'someday'; it can be drills, immediate, retained, reread$"):
        change_of_asymmetry(TWICE, comparison="someday")


def test_no_change_where_the_protocol_names_no_asymmetry():
    assert change_of_asymmetry(TWICE, builtin().model_copy(update={"asymmetry": None})).empty


@pytest.mark.parametrize("turned", [False, True])
def test_few_people_with_less_on_one_side_are_the_fewest_behind_a_change(turned):
    """Six have half a degree less on one side; one has less on the other."""
    people = [(f"{n}", 10.5, 10) for n in range(6)] + [("x", 10, 10.5)]
    people = [(name, *(sides[::-1] if turned else sides)) for name, *sides in people]
    table = change_of_asymmetry(pd.concat([visits(*people), visits(*people, timepoint="post")]))
    assert table["n_behind"].tolist()[:2] == [1, 1]
