"""Left against right, from people that can be counted on the page."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t

from analysis import asymmetry, compare_sides
from analysis.protocol import builtin
from analysis.schema import TableError
from test_rates import NO, UNKNOWN, YES, hips

CELLS = ["both", "left_only", "right_only", "neither", "n"]
ANSWERS = {"both": (YES, YES), "left_only": (YES, NO), "right_only": (NO, YES), "neither": (NO, NO)}


def people(both=0, left_only=0, right_only=0, neither=0):
    """Responses of so many people whose two hips were both judged."""
    rows = []
    for cell, count in (("both", both), ("left_only", left_only), ("right_only", right_only), ("neither", neither)):
        for number in range(count):
            left, right = ANSWERS[cell]
            rows += [(f"{cell}{number}", "left", left), (f"{cell}{number}", "right", right)]
    return hips(*rows)


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


def test_a_hip_that_cannot_be_judged_makes_a_person_of_one_hip():
    row = _compare(hips(("a", "left", YES), ("a", "right", UNKNOWN), ("b", "left", UNKNOWN), ("b", "right", UNKNOWN)))
    assert row[CELLS].tolist() == [0, 0, 0, 0, 0]
    assert row[["one_hip_left", "one_hip_right"]].tolist() == [1, 0]


def test_no_hip_at_all():
    row = _compare(hips())
    assert row["n"] == 0
    assert np.isnan(row["difference"])
    assert row["not_estimable"].startswith("no person has both hips evaluable")


def test_episodes_of_a_person_are_counted_each():
    first, second = people(left_only=1), people(right_only=1).assign(patient_id="left_only0", episode="2")
    both = pd.concat([first, second], ignore_index=True)
    assert _compare(both)[CELLS].tolist() == [0, 1, 1, 0, 2]


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


def test_asymmetry_at_each_timepoint_and_episode():
    later = visits(("a", 15, 15), timepoint="post")
    again = visits(("a", 10, 12)).assign(episode="2")
    table = asymmetry(pd.concat([FOUR.assign(episode="1"), later.assign(episode="1"), again]))
    assert table[["timepoint", "n"]].values.tolist() == [["baseline", 5], ["post", 1]]
    assert table["ci_low"].isna().tolist() == [False, True]


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


def test_people_of_one_clinic_may_be_alike():
    # The example of `analysis.stats.clustered_pairs.obuchowski`, from the hips up: p .053.
    counts = zip([3, 2, 4, 1, 3, 2], [1, 0, 1, 1, 0, 1], [10, 8, 12, 9, 7, 11], strict=True)
    clinics = []
    for number, (left_only, right_only, pairs) in enumerate(counts):
        table = people(left_only=left_only, right_only=right_only, neither=pairs - left_only - right_only)
        own = table["patient_id"] + f"-{number}"
        clinics.append(table.assign(patient_id=own, clinic_id=f"C{number}"))
    row = _compare(pd.concat(clinics, ignore_index=True))
    assert round(row["p_obuchowski"], 3) == 0.053
    assert 0 < row["p_durkalski"] < 1


def test_without_two_clinics_there_is_no_test_over_clinics():
    table = people(left_only=3, right_only=1, neither=4)
    for row in (_compare(table), _compare(table.assign(clinic_id="A")), _compare(hips())):
        assert row[["p_obuchowski", "p_durkalski"]].isna().all()
