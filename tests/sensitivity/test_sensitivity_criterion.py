"""Each rule beside measurement error, against draws of true and observed changes."""

import numpy as np
import pytest

from analysis import change
from analysis.protocol import builtin
from analysis.sensitivity.criterion import chance_true_gain, criterion_against_error
from builders import assessments, visit


def test_expected_true_gains_agree_with_draws():
    rng = np.random.default_rng(1)
    true = rng.normal(4, 5, 400_000)
    observed = true + 3 * 2**0.5 * rng.standard_normal(len(true))
    chance = chance_true_gain(observed, observed.mean(), observed.var(ddof=1), wanted=5, sem=3)
    assert chance.mean() == pytest.approx((true >= 5).mean(), abs=0.003)
    passed = observed >= 5
    assert chance[passed].mean() == pytest.approx((true[passed] >= 5).mean(), abs=0.003)


def test_rules_are_counted_at_below_and_above_the_threshold():
    rows = [
        row
        for n, gain in enumerate([4.9, 5.0, 5.1, None, 30.0])
        for row in (
            visit(patient=str(n), hip_ir_deg=10),
            visit("post", patient=str(n), hip_ir_deg=None if gain is None else 10 + gain),
        )
    ]
    table = criterion_against_error(change(assessments(*rows)), builtin()).set_index("response")
    assert table.loc["ir", ["threshold", "n_changes", "n_passed", "n_patients_not"]].tolist() == [5, 4, 3, 1]
    # MDC95 = 1.96·√2·SEM: 8.3 at SEM 3, 9.7 at 3.5, 6.4 at 2.3.
    assert table["mdc95"].round(1).to_dict() == {"ir": 8.3, "slr": 9.7, "ober": 6.4}
    assert table.loc["slr", "n_changes"] == 0


def test_the_error_seen_here_comes_from_visits_before_the_stretch():
    rows = [
        visit(timepoint, patient=str(n), hip_ir_deg=20 + shift)
        for n, change_before in enumerate([-3, 3, -3, 3])
        for timepoint, shift in (("intake", 0), ("baseline", change_before))
    ]
    row = criterion_against_error(change(assessments(*rows)), builtin()).iloc[0]
    # SD of −3, 3, −3, 3 is √12; divided by √2 that is √6.
    assert row["sem_here"] == pytest.approx(6**0.5)
    assert row["n_pairs_here"] == 4


def gains_of(*gains):
    rows = [
        visit(timepoint, patient=str(n), hip_ir_deg=20 + shift)
        for n, gain in enumerate(gains)
        for timepoint, shift in (("baseline", 0), ("post", gain))
    ]
    return criterion_against_error(change(assessments(*rows)), builtin()).iloc[0]


def test_changes_no_wider_than_their_error_are_not_told_from_it():
    row = gains_of(-2, 0, 2, 2, 6)
    assert [row["n_passed"], row["beyond_error"], row["expected_true"]] == [1, False, 0]


def test_fewer_than_five_people_do_not_tell_what_is_usual():
    row = gains_of(-20, 0, 10, 30)
    assert [row["n_passed"], row["beyond_error"]] == [2, False]
    assert np.isnan([row["expected_true"], row["passed_true"]]).all()
    assert gains_of(-20, 0, 10, 30, 30)["beyond_error"]
