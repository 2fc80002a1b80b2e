"""Left minus right in degrees, from people that can be counted on the page."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from scipy.stats import t

from analysis import asymmetry
from analysis.answers.asymmetry import change_of_asymmetry
from analysis.protocol import builtin
from analysis.stats.paired import PairedTable, newcombe10
from analysis.stats.proportions import wilson


def visits(*rows, timepoint="baseline"):
    """Assessments: (patient, left degrees, right degrees)."""
    return pd.DataFrame(
        [
            {"patient_id": patient, "side": side, "timepoint": timepoint, "hip_ir_deg": degrees, "device": "phone"}
            for patient, left, right in rows
            for side, degrees in (("left", left), ("right", right))
        ]
    )


# Left minus right: −9, −8, +9, 0. The band is the MDC95 of a difference, 1.96·√2·3 = 8.315.
FOUR = visits(("a", 10, 19), ("b", 10, 18), ("c", 20, 11), ("d", 12, 12))


def test_asymmetry_by_hand():
    row = asymmetry(FOUR).iloc[0]
    assert len(asymmetry(FOUR)) == 1
    assert row[["timepoint", "measure", "n"]].tolist() == ["baseline", "hip_ir_deg", 4]
    assert row["mean_difference"] == -8 / 4
    half = t.ppf(0.975, 3) * np.sqrt(70 / 4)  # squares of −7, −6, 11, 2 over 3
    assert [row["ci_low"], row["ci_high"]] == pytest.approx([-2 - half, -2 + half])
    assert row["band"] == pytest.approx(8.3155, abs=1e-4)
    assert row[["n_left_worse", "n_within_error", "n_right_worse", "n_any_left_worse"]].tolist() == [1, 2, 1, 2]


def test_asymmetry_mirrored():
    row = asymmetry(FOUR.replace({"side": {"left": "right", "right": "left"}})).iloc[0]
    assert row["mean_difference"] == 2
    assert row[["n_left_worse", "n_right_worse", "n_any_left_worse"]].tolist() == [1, 1, 1]


def test_asymmetry_leaves_out_people_who_cannot_be_compared():
    others = visits(("other device", 10, 30), ("right not read", 10, np.nan), ("left only", 10, 30))
    others.loc[1, "device"] = "goniometer"
    row = asymmetry(pd.concat([FOUR, others.iloc[:-1]])).iloc[0]
    assert row["n"] == 4
    assert row["mean_difference"] == -2


def test_asymmetry_keeps_a_pair_whose_device_was_not_recorded_both_times():
    others = visits(("e", 10, 12))
    others.loc[1, "device"] = None
    assert asymmetry(pd.concat([FOUR, others])).iloc[0]["n"] == 5


def test_asymmetry_at_each_timepoint_of_everyones_first_episode():
    later = visits(("a", 15, 15), timepoint="post")
    again = visits(("a", 10, 12)).assign(episode="2")
    table = asymmetry(pd.concat([FOUR.assign(episode="1"), later.assign(episode="1"), again]))
    assert table[["timepoint", "n"]].values.tolist() == [["baseline", 4], ["post", 1]]
    assert table["ci_low"].isna().tolist() == [False, True]


def test_people_of_five_clinics_or_more_are_clustered_by_clinic():
    """Two like people in each clinic: by clinic they are worth one."""
    people = visits(*[(f"{clinic}{who}", 10 + clinic % 4, 20) for clinic in range(12) for who in "ab"])
    clinics = people.assign(clinic_id="C" + people["patient_id"].str[:-1])
    row = asymmetry(clinics).iloc[0]
    alone = asymmetry(people[people["patient_id"].str.endswith("a")]).iloc[0]
    assert [row["clustered_by"], alone["clustered_by"]] == ["clinic", "person"]
    assert [row["ci_low"], row["ci_high"]] == pytest.approx([alone["ci_low"], alone["ci_high"]])
    moved = change_of_asymmetry(pd.concat([clinics, clinics.assign(timepoint="post", hip_ir_deg=30.0)]))
    assert moved["clustered_by"].tolist() == ["clinic"] * 4
    few = clinics.assign(clinic_id=clinics["clinic_id"].where(clinics["clinic_id"] < "C3", "C0"))
    assert sorted(set(few["clinic_id"])) == ["C0", "C1", "C10", "C11", "C2"]
    assert asymmetry(few).iloc[0]["clustered_by"] == "clinic"
    fewer = few.assign(clinic_id=few["clinic_id"].where(few["clinic_id"] != "C2", "C0"))
    assert asymmetry(fewer).iloc[0]["clustered_by"] == "person"
    blank = few.assign(clinic_id=few["clinic_id"].where(few["patient_id"] != "0a"))
    assert asymmetry(blank).iloc[0]["cluster_note"].endswith("not recorded count as one more clinic")


def test_the_share_that_shows_the_pattern_is_by_clinic_too():
    """All of three clinics show it and none of three others: six clinics tell no more than six people."""
    people = visits(*[(f"{clinic}{who}", 10 if clinic < 3 else 20, 20) for clinic in range(6) for who in "abcd"])
    row = asymmetry(people.assign(clinic_id="C" + people["patient_id"].str[:-1])).iloc[0]
    # The variance of the rate is 6/5 of 1/4 over 6, so they are worth 5 people, with t of 5 degrees of freedom.
    n, t = 5, stats.t.ppf(0.975, 5)
    half = t * np.sqrt(0.25 / n + t**2 / (4 * n**2)) / (1 + t**2 / n)
    assert [row["showing_low"], row["showing_high"]] == pytest.approx([0.5 - half, 0.5 + half])


def test_asymmetry_of_one_person_has_no_interval():
    row = asymmetry(visits(("a", 10, 12))).iloc[0]
    assert [row["n"], row["mean_difference"]] == [1, -2]
    assert row[["ci_low", "ci_high"]].isna().all()


def test_asymmetry_where_nobody_has_both_sides():
    row = asymmetry(FOUR[FOUR["side"] == "left"]).iloc[0]
    assert row[["n", "n_left_worse", "n_within_error", "n_right_worse"]].tolist() == [0, 0, 0, 0]
    assert np.isnan(row["mean_difference"])


def test_asymmetry_of_nobody_has_no_rows():
    assert asymmetry(FOUR.iloc[:0]).empty


def test_a_protocol_without_asymmetry_gives_no_rows():
    assert asymmetry(FOUR, builtin().model_copy(update={"asymmetry": None})).empty


def right_worse():
    """The built-in rules, had the right been expected to be worse."""
    rules = builtin()
    return rules.model_copy(update={"asymmetry": rules.asymmetry.model_copy(update={"worse": "right"})})


def test_the_share_showing_the_pattern_has_its_fraction_and_interval():
    row = asymmetry(FOUR).iloc[0]
    # Beyond 8.3 degrees: a (−9). By any difference: a and b (−8).
    assert row[["n_showing", "share_showing", "n_showing_any", "share_showing_any"]].tolist() == [1, 1 / 4, 2, 2 / 4]
    assert [row["showing_low"], row["showing_high"]] == pytest.approx(list(wilson(1, 4)))
    assert [row["showing_any_low"], row["showing_any_high"]] == pytest.approx(list(wilson(2, 4)))


def test_the_protocol_says_which_side_is_expected_to_be_worse():
    row = asymmetry(FOUR, right_worse()).iloc[0]
    assert row[["n_left_worse", "n_right_worse", "n_any_left_worse"]].tolist() == [1, 1, 2]  # as before
    assert row[["n_showing", "n_showing_any"]].tolist() == [1, 1]  # c (+9) and, by any difference, c


def test_nobody_shows_no_share():
    row = asymmetry(FOUR[FOUR["side"] == "left"]).iloc[0]
    assert [row["n_showing"], row["n_showing_any"]] == [0, 0]
    assert row[["share_showing", "showing_low", "showing_any_high"]].isna().all()


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


def test_a_difference_of_exactly_the_band_is_within_error():
    """−9, −8, +9, 0 with a band of 8, and of 9."""
    for band, worse in ((8, [1, 2, 1]), (9, [0, 4, 0])):
        rule = builtin().asymmetry.model_copy(update={"strict": band})
        row = asymmetry(FOUR, builtin().model_copy(update={"asymmetry": rule})).iloc[0]
        assert row[["n_left_worse", "n_within_error", "n_right_worse"]].tolist() == worse


def test_any_difference_is_any_however_small():
    row = asymmetry(visits(("a", 10, 10.5), ("b", 10.1, 10), ("c", 12, 12))).iloc[0]
    assert row["n_showing_any"] == 1


@pytest.mark.parametrize("turned", [False, True])
def test_few_people_with_less_on_one_side_are_the_fewest_behind_a_change(turned):
    """Six have half a degree less on one side; one has less on the other."""
    people = [(f"{n}", 10.5, 10) for n in range(6)] + [("x", 10, 10.5)]
    people = [(name, *(sides[::-1] if turned else sides)) for name, *sides in people]
    table = change_of_asymmetry(pd.concat([visits(*people), visits(*people, timepoint="post")]))
    assert table["n_behind"].tolist()[:2] == [1, 1]
