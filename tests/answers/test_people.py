"""Who was assessed, counted by hand."""

import pandas as pd
import pytest

from analysis.answers.people import ALL, SIZE, beside_norms, held_together, who_was_assessed
from analysis.disclosure import protect
from analysis.protocol import builtin
from analysis.schema import conform


def _visits(people, position="prone"):
    """Two hips of each person, read at baseline; the left reads 5 less."""
    rows = [
        {"patient_id": name, "side": side, "position": position, "hip_ir_deg": ir - 5 * (side == "left"), **more}
        for name, ir, more in people
        for side in ("left", "right")
    ]  # fmt: skip
    return conform(pd.DataFrame(rows).assign(timepoint="baseline"), "assessments", builtin())


THREE = _visits(
    [
        ("a", 20.0, {"sex": "female", "age_years": 30}),
        ("b", 30.0, {"sex": "male", "age_years": 50}),
        ("c", 40.0, {"sex": "male"}),
    ]
)


def _rows(by, visits=THREE):
    table = who_was_assessed(visits, visits.drop_duplicates(["patient_id", "side"]), builtin(), by)
    return table.set_index(["characteristic", "level", "group"])


def test_a_person_counts_once_and_a_reading_at_every_hip():
    table = _rows("side")
    assert table.loc[("sex", "male", ALL), ["n_patients", "n_hips", "n_known", "n_with"]].tolist() == [3, 6, 3, 2]
    assert table.loc[("age_years", "", ALL), ["n_known", "n_missing", "mean"]].tolist() == [2, 1, 40]
    assert table.loc[("hip_ir_deg", "", ALL), ["n_known", "mean"]].tolist() == [6, 27.5]
    assert table.loc[("hip_ir_deg", "", "left"), ["n_known", "mean", "sd"]].tolist() == [3, 25, 10]


def test_left_and_right_lie_apart_by_their_means_over_their_spread():
    table = _rows("side")
    assert table.loc[("hip_ir_deg", "", ALL), "difference"] == pytest.approx(5 / 10)
    assert table.loc[("sex", "male", ALL), "difference"] == 0


def test_groups_of_a_number_that_is_recorded_and_the_group_itself_are_left_out():
    assert "age" not in _rows("side").index.get_level_values("characteristic")
    assert "sex" not in _rows("sex").index.get_level_values("characteristic")


def test_those_whose_group_is_not_recorded_stand_apart_and_are_not_compared():
    table = _rows("age")
    assert list(dict.fromkeys(table.index.get_level_values("group"))) == [
        ALL, "30 to under 45", "45 to under 60", "not recorded"]  # fmt: skip
    assert pd.isna(table.loc[("age_years", "", ALL), "difference"])  # one person in either group


def test_where_a_level_has_few_no_level_and_no_total_is_told():
    few = [(f"p{n}", 20.0, {"sex": "female" if n < 3 else "male"}) for n in range(20)]
    visits = _visits(few)
    hips = visits.drop_duplicates(["patient_id", "side"])
    table = held_together(who_was_assessed(visits, hips, builtin(), "side"), False)
    shown = protect(table, "who_was_assessed")
    sexes = shown[shown["characteristic"] == "sex"]
    assert sexes["suppressed"].all()
    assert sexes[["n_with", "share", "difference", "n_known"]].isna().all(axis=None)
    assert not shown.loc[shown["characteristic"] == "hip_ir_deg", "suppressed"].any()


def test_a_few_not_recorded_are_withheld_with_what_tells_them():
    people = [(f"p{n}", 20.0, {} if n < 2 else {"age_years": 40 + n}) for n in range(20)]
    visits = _visits(people)
    hips = visits.drop_duplicates(["patient_id", "side"])
    table = held_together(who_was_assessed(visits, hips, builtin(), "side"), False)
    shown = protect(table, "who_was_assessed")
    age = shown[shown["characteristic"] == "age_years"]
    assert age[["n_missing", "n_known"]].isna().all(axis=None)
    assert age["mean"].notna().all()


def test_readings_stand_beside_the_norm_of_their_own_position():
    table = beside_norms(THREE, builtin())
    assert table[["measure", "position", "n_hips", "mean", "norm"]].values.tolist() == [
        ["hip_ir_deg", "prone", 6, 27.5, 35.2]
    ]
    assert beside_norms(_visits([("a", 20.0, {})], position=None), builtin()).empty


def test_where_the_size_of_a_group_may_not_be_told_no_group_is_and_all_are():
    visits = _visits([(f"p{n}", 20.0 + n, {}) for n in range(12)])
    table = who_was_assessed(visits, visits.drop_duplicates(["patient_id", "side"]), builtin(), "side")
    shown = protect(held_together(table, True), "who_was_assessed").set_index(["characteristic", "group"])
    assert shown["suppressed"].groupby("group").all().to_dict() == {ALL: False, "left": True, "right": True}
    assert shown.loc[(SIZE, ALL), "n_patients"] == 12
    assert shown.loc[("hip_ir_deg", ALL), "mean"] == 23.0  # 25.5, the left hips reading 5 less
    assert shown["difference"].isna().all()
