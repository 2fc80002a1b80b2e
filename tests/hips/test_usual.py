"""What chance gives hips that were enrolled because of a reading: 400 people, a true value that stays, SEM 3."""

from functools import cache

import numpy as np
import pytest
from scipy.special import ndtri

from analysis import change, rates, respond
from analysis.hips import usual
from analysis.hips.by_chance import with_changes_by_chance
from analysis.hips.pairs import pairs_of
from analysis.hips.reread import with_errors_tried
from analysis.hips.usual import NOT_DECLARED, NOT_FITTING, does_fit, looks_chosen
from analysis.protocol import builtin
from analysis.protocol.admission import AdmissionRule
from builders import assessments, visit

LOW = {"measure": "hip_ir_deg", "op": "lt", "value": 20}


def declared(by, **more):
    return builtin().model_copy(update={"admission": AdmissionRule(**LOW | {"by": by} | more)})


UNSELECTED = builtin().model_copy(update={"admission": "none"})


@cache
def cohort(people=400, chosen="hip", seed=3, sem=3.0, gain=0.0):
    """Changes of people of whom a hip read below 20 (mean 22, SD 8); with "hip" only such hips, with "all" anyone."""
    rng = np.random.default_rng(seed)
    true = 22 + 8 * (0.7**0.5 * rng.normal(size=(4 * people, 1)) + 0.3**0.5 * rng.normal(size=(4 * people, 2)))
    before, after = (np.round(true + rng.normal(0, sem, true.shape), 1) for _ in range(2))
    enrolled = np.flatnonzero((before < 20).any(axis=1) | (chosen == "all"))[:people]
    rows = [
        {"patient_id": f"{person:04}", "side": side, "timepoint": at, "hip_ir_deg": value}
        for person in enrolled
        for place, side in enumerate(("left", "right"))
        if chosen != "hip" or before[person, place] < 20
        for at, value in (("baseline", before[person, place]), ("post", after[person, place] + gain))
    ]
    return change(assessments(*rows))


def usual_readings(changes, name, protocol):
    return usual.usual_readings(pairs_of(changes, protocol), name, protocol)


def rate(changes, protocol):
    return rates(respond(changes, protocol), response="ir").iloc[0]


@pytest.mark.parametrize("by", ["hip", "person"])
def test_the_chance_rate_of_the_chosen_is_the_rate_where_nothing_changed(by):
    """Taken for everyone, chance is put too low by 4 to 5 points, and the rate passes for more than chance."""
    row = rate(cohort(chosen=by), declared(by))
    assert row["chance_rate"] == pytest.approx(row["rate"], abs=0.04)
    assert row["against_chance"] != "more than chance"
    assert rate(cohort(chosen=by), UNSELECTED)["chance_rate"] < row["chance_rate"] - 0.01


def test_the_chosen_taken_for_everyone_seem_to_respond():
    """What stood in every report: 4 of 10 such cohorts, in which nothing changed, were "more than chance"."""
    said = [rate(cohort(150, "hip", seed), UNSELECTED.model_copy(update=_one_error(3.0))) for seed in range(6)]
    right = [rate(cohort(150, "hip", seed), declared("hip").model_copy(update=_one_error(3.0))) for seed in range(6)]
    assert sum(row["against_chance"] == "more than chance" for row in said) >= 1
    assert sum(row["against_chance"] == "more than chance" for row in right) == 0


def _one_error(sem):
    ir = builtin().measures["hip_ir_deg"].model_copy(update={"sem": sem, "sem_range": None})
    return {"measures": builtin().measures | {"hip_ir_deg": ir}}


def test_a_true_gain_is_more_than_chance_at_every_error():
    row = rate(cohort(chosen="person", gain=8.0), declared("person"))
    assert row["against_chance"] == "more than chance"
    assert row["chance_low"] < row["chance_rate"] < row["chance_high"]
    assert row["chance_errors"] == "hip_ir_deg 1.9 to 3.6"


def test_a_verdict_that_another_error_would_turn_says_so():
    """With a true error of 3.6 more respond than at 3.0, where the rules stand, and as many as at 3.6."""
    row = rate(cohort(chosen="all", sem=3.6), UNSELECTED)
    assert row["against_chance"] == "depends on the measurement error"
    alone = UNSELECTED.model_copy(update=_one_error(3.0))
    assert rate(cohort(chosen="all", sem=3.6), alone)["against_chance"] == "more than chance"


def test_an_outside_reference_takes_the_place_of_what_the_chosen_tell():
    found = usual_readings(_first(cohort()), "hip_ir_deg", declared("hip", mean=22, sd=8.5))
    assert set(found.mean) == {22.0}
    assert found.variance == pytest.approx(8.5**2)
    assert found.chosen


@pytest.mark.parametrize("chosen", ["hip", "person"])
def test_where_nobody_says_who_was_enrolled_chance_is_not_told(chosen):
    row = rate(cohort(150, chosen), builtin())
    assert np.isnan(row["chance_rate"])
    assert (row["against_chance"], row["chance_unknown"]) == ("not known", NOT_DECLARED)


def test_where_nobody_was_chosen_nothing_need_be_said():
    row = rate(cohort(150, "all"), builtin())
    assert row["chance_unknown"] == ""
    assert row["chance_rate"] == rate(cohort(150, "all"), UNSELECTED)["chance_rate"]


def test_readings_that_the_declared_admission_would_have_kept_out():
    row = rate(cohort(150, "person"), declared("hip"))
    assert (row["against_chance"], row["chance_unknown"]) == ("not known", NOT_FITTING)


def test_hips_chosen_by_the_later_reading():
    changes = change(
        assessments(*(visit(at, f"{n}", hip_ir_deg=10 + n) for n in range(6) for at in ("intake", "baseline")))
    )
    row = rates(respond(changes, declared("hip")), response="ir", comparison="drills").iloc[0]
    assert row["chance_unknown"] == "hips were enrolled because of the later of the two readings"
    at_intake = declared("hip", at="intake")
    assert rates(respond(changes, at_intake), response="ir", comparison="drills").iloc[0]["chance_unknown"] == ""


def test_another_measure_is_as_usual():
    """Its error had no part in the choice."""
    found = usual_readings(_first(cohort()), "slr_deg", declared("hip"))
    assert not found.chosen


def test_what_is_usual_of_a_measure_that_nobody_was_chosen_by_is_that_of_everyone():
    """Where hips were let in below 20° of rotation, their raise is what it is: twice the rotation here."""
    rows = _first(cohort(100))
    rows = rows.assign(slr_deg_before=2 * rows["hip_ir_deg_before"], slr_deg_after=2 * rows["hip_ir_deg_after"])
    found = usual_readings(rows, "slr_deg", declared("hip"))
    left, right = (rows.loc[rows["side"] == side, "slr_deg_before"] for side in ("left", "right"))
    assert sorted(set(found.mean)) == pytest.approx(sorted([left.mean(), right.mean()]))
    assert (found.chosen, found.each_alone, found.unknown) == (False, False, "")


@pytest.mark.parametrize(("by", "each_alone"), [("hip", True), ("person", False)])
def test_a_hip_let_in_for_itself_stands_for_itself(by, each_alone):
    found = usual_readings(_first(cohort(100, by)), "hip_ir_deg", declared(by))
    assert (found.chosen, found.each_alone) == (True, each_alone)
    rows = np.arange(3)
    assert np.isnan(found.of(rows)[2].correlation) == each_alone
    assert found.of(rows, pairs=True)[2].correlation == found.other.correlation
    assert not np.isnan(found.other.correlation)


@pytest.mark.parametrize("apart", [0.0, 0.2])
def test_readings_that_are_almost_alike_have_a_variance_all_the_same(apart):
    rows = [visit(at, f"{n}", side, hip_ir_deg=20 + apart * (n % 2)) for n in range(12)
            for side in ("left", "right") for at in ("baseline", "post")]  # fmt: skip
    found = usual_readings(_first(change(assessments(*rows))), "hip_ir_deg", UNSELECTED)
    assert found.unknown == ""
    assert found.variance == pytest.approx(12 * 2 * (apart / 2) ** 2 / 22)  # of 24 readings about two means


NORMAL = 20 + 8 * ndtri(np.arange(0.5, 400) / 400)
TENTHS = np.full(400, 0.1)


def test_who_was_chosen_is_looked_for_at_the_bad_end_alone():
    low, high = NORMAL[NORMAL < 20], NORMAL[NORMAL > 20]
    for readings, better, chosen in (
        (low, "higher", True), (low, "lower", False), (high, "lower", True), (high, "higher", False),
        (NORMAL, "higher", False), (NORMAL, "lower", False),
    ):  # fmt: skip
        assert looks_chosen(np.stack([readings, readings]), TENTHS[: len(readings)], better) is chosen
        worse = np.stack([readings, readings + (5 if better == "higher" else -5)])  # the worse hip was looked at
        assert looks_chosen(worse, TENTHS[: len(readings)], better) is chosen


def test_people_chosen_for_sides_that_differ_lack_small_differences():
    middle, half = np.random.default_rng(1).permutation(NORMAL), np.linspace(-6, 6, 400)
    far = np.abs(half) >= 2.5
    for kept, chosen in ((np.ones(400, bool), False), (far, True)):
        sides = np.stack([middle + half, middle - half])[:, kept]
        assert looks_chosen(sides, TENTHS[kept], "higher") is chosen


def test_a_choice_for_high_readings_is_that_for_low_ones_turned_over():
    low = cohort()
    high = low.assign(hip_ir_deg_before=40 - low["hip_ir_deg_before"], hip_ir_deg_after=40 - low["hip_ir_deg_after"])
    one = usual_readings(_first(low), "hip_ir_deg", declared("hip"))
    other = usual_readings(_first(high), "hip_ir_deg", declared("hip", op="gt"))
    assert 40 - other.mean == pytest.approx(one.mean, abs=1e-6)
    assert other.variance == pytest.approx(one.variance, rel=1e-6)


def test_below_and_at_most_differ_by_a_step():
    """At most 19.9 is below 20, where readings are in tenths."""
    rows = _first(cohort())
    below = usual_readings(rows, "hip_ir_deg", declared("hip"))
    at_most = usual_readings(rows, "hip_ir_deg", declared("hip", op="le", value=19.9))
    assert at_most.mean == pytest.approx(below.mean)


@cache
def apart(least=8.0):
    """Changes of people whose first readings (mean 22, variance 73, correlation 45 / 73) differ by so much or more."""
    rng = np.random.default_rng(4)
    true = 22 + 8 * (0.7**0.5 * rng.normal(size=(3000, 1)) + 0.3**0.5 * rng.normal(size=(3000, 2)))
    before = np.round(true + rng.normal(0, 3, true.shape), 1)
    enrolled = before[np.abs(before[:, 0] - before[:, 1]).round(1) >= least]
    rows = [{"patient_id": f"{n:04}", "side": side, "timepoint": at, "hip_ir_deg": value}
            for n, sides in enumerate(enrolled) for side, value in zip(("left", "right"), sides, strict=True)
            for at in ("baseline", "post")]  # fmt: skip
    return _first(change(assessments(*rows)))


BY_DIFFERENCE = {"op": "ge", "value": 8.0}


def test_people_let_in_for_sides_that_differ_tell_what_everyone_is_like():
    found = usual_readings(apart(), "hip_ir_deg", declared("difference", **BY_DIFFERENCE))
    assert (found.chosen, found.each_alone, found.unknown) == (True, False, "")
    assert found.mean == pytest.approx(22, abs=1)
    assert found.variance == pytest.approx(73, rel=0.15)
    assert found.other.correlation == pytest.approx(45 / 73, abs=0.1)
    taken_for_all = usual_readings(apart(), "hip_ir_deg", UNSELECTED)
    assert taken_for_all.other.correlation < 0.35  # chosen people seem less alike left and right than they are


def test_a_difference_below_that_which_lets_in_does_not_fit():
    sides = np.array([[20.0, 12.0, np.nan], [12.0, 20.0, 5.0]])
    rule, protocol = AdmissionRule(**LOW | BY_DIFFERENCE | {"by": "difference"}), builtin()
    assert does_fit(sides, rule, protocol).tolist() == [True, True, True]  # a missing hip does not speak against it
    nearer = np.array([[20.0, 12.1, np.nan], [12.1, 20.0, 5.0]])
    assert does_fit(nearer, rule, protocol).tolist() == [False, False, True]


def test_an_outside_reference_for_the_difference_is_that_of_left_less_right():
    """With the variance of differences 2·V·(1 − r) taken from the source, 30."""
    rule = declared("difference", **BY_DIFFERENCE, mean=-3.0, sd=30**0.5, source="elsewhere")
    found = usual_readings(apart(), "hip_ir_deg", rule)
    right = apart()["side"].eq("right").to_numpy()
    assert found.mean[~right][0] - found.mean[right][0] == pytest.approx(-3)
    assert 2 * found.variance * (1 - found.other.correlation) == pytest.approx(30)


def test_the_mean_change_by_chance_is_the_one_that_is_seen():
    """Left hips read below 20 gain by 9·f(20): the density of the chosen readings at the cut, times SEM²."""
    changes = with_changes_by_chance(cohort(1000, "hip"), declared("hip"))
    rows = changes[changes["comparison"] == "immediate"]
    assert rows["hip_ir_deg_by_chance"].mean() == pytest.approx(rows["hip_ir_deg_change"].mean(), abs=0.25)
    assert rows["hip_ir_deg_by_chance"].mean() > 0.6
    assert with_changes_by_chance(cohort(1000, "hip"), UNSELECTED)["hip_ir_deg_by_chance"].mean() == pytest.approx(
        0, abs=0.15
    )


def test_each_pair_of_visits_has_first_readings_of_its_own():
    """At intake hips read 10° higher than at baseline, so what is usual there is another thing."""
    rows = [visit(at, f"{n:02}", side, hip_ir_deg=15.3 + 2 * n + more) for n in range(12) for side in ("left", "right")
            for at, more in (("intake", 10 + n % 3), ("baseline", 0), ("post", n % 2))]  # fmt: skip
    changes = change(assessments(*rows))
    together = with_changes_by_chance(changes, UNSELECTED)
    for name in ("drills", "immediate"):
        own = changes["comparison"] == name
        alone = with_changes_by_chance(changes[own], UNSELECTED)
        assert together.loc[own, "hip_ir_deg_by_chance"].tolist() == alone["hip_ir_deg_by_chance"].tolist()
        assert np.ptp(alone["hip_ir_deg_by_chance"]) > 0.5
    assert "hip_ir_deg_by_chance" in with_changes_by_chance(changes.head(0), UNSELECTED)


def test_the_studys_own_error_widens_the_range():
    """Ten people reread 6 degrees apart, up and down alike: √(36/2·10/9) = 4.5, which nobody's rules cite."""
    rows = [
        visit(at, f"{n}", hip_ir_deg=value)
        for n in range(10)
        for at, value in (("baseline", 10.1 + 3 * n), ("reread", 10.1 + 3 * n + (6 if n % 2 else -6)))
    ]
    changes = change(assessments(*rows))
    least, most = with_errors_tried(changes, builtin()).measures["hip_ir_deg"].sem_range
    assert (least, round(most, 1)) == (1.9, 4.5)
    few = changes[changes["patient_id"] != "0"]
    assert with_errors_tried(few, builtin()).measures["hip_ir_deg"].sem_range == (1.9, 3.6)


def _first(changes):
    return changes[changes["comparison"] == "immediate"].reset_index(drop=True)


def test_nobody():
    empty = cohort().iloc[:0]
    assert usual_readings(empty, "hip_ir_deg", declared("hip")).reading.shape == (0,)
