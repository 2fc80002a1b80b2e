"""Left minus right in degrees, from people that can be counted on the page."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from scipy.stats import t

from analysis import asymmetry
from analysis.answers.change_of_asymmetry import change_of_asymmetry
from analysis.protocol import builtin
from analysis.stats.proportions import wilson
from left_and_right import FOUR, right_worse, visits


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


def test_a_difference_of_exactly_the_band_is_within_error():
    """−9, −8, +9, 0 with a band of 8, and of 9."""
    for band, worse in ((8, [1, 2, 1]), (9, [0, 4, 0])):
        rule = builtin().asymmetry.model_copy(update={"strict": band})
        row = asymmetry(FOUR, builtin().model_copy(update={"asymmetry": rule})).iloc[0]
        assert row[["n_left_worse", "n_within_error", "n_right_worse"]].tolist() == worse


def test_any_difference_is_any_however_small():
    row = asymmetry(visits(("a", 10, 10.5), ("b", 10.1, 10), ("c", 12, 12))).iloc[0]
    assert row["n_showing_any"] == 1
