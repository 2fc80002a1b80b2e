"""Mean changes, by hand."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t

from analysis import change
from analysis.answers.degrees import gain_curves, hip_changes, mean_changes
from analysis.protocol import builtin
from builders import assessments, visit


def changes(*people: tuple[str, float]) -> pd.DataFrame:
    frame = pd.DataFrame(people, columns=["patient_id", "hip_ir_deg_change"])
    others = {f"{name}_change": [None] * len(frame) for name in ("slr_deg", "ober_deg")}
    return frame.assign(comparison="immediate", **others)


def ir(*people: tuple[str, float]) -> pd.Series:
    return mean_changes(changes(*people), builtin(), "immediate").set_index("measure").loc["hip_ir_deg"]


def test_two_hips_of_a_person_are_one_cluster():
    # Deviations from the mean 5: a -3, -3; b +1; c +5. Sums by person: -6, 1, 5. Bias-reduced (CR2) their squares
    # are divided by 1 less the person's share of the four hips: 36 / (1/2), 1 / (3/4), 25 / (3/4).
    row = ir(("a", 2.0), ("a", 2.0), ("b", 6.0), ("c", 10.0))
    error = (72 + 4 / 3 + 100 / 3) ** 0.5 / 4
    # Satterthwaite: were all errors alike, the three squares would have the covariances P (lengths less shared).
    lengths = np.array([2 * 2, 4 / 3, 4 / 3]) / 16
    shared = np.array([2 * 2**0.5, (4 / 3) ** 0.5, (4 / 3) ** 0.5]) / 4
    p = np.diag(lengths) - np.outer(shared, shared) / 4
    half = t.ppf(0.975, np.trace(p) ** 2 / np.trace(p @ p)) * error
    assert (row["n_hips"], row["n_patients"], row["mean"]) == (4, 3, 5.0)
    assert row["ci_high"] - row["mean"] == pytest.approx(half)


def test_only_changes_beyond_the_error_are_counted():
    # The MDC95 of IR is 1.96 * sqrt(2) * 3 = 8.3 degrees.
    row = ir(("a", 8.3), ("b", 8.4), ("c", -8.4), ("d", 0.0))
    assert (row["n_up"], row["n_down"]) == (1, 1)


def test_from_five_clinics_on_hips_of_one_clinic_may_be_alike():
    # Two people of each clinic, who gained 2, 4, 6, 8 and 10: as if each clinic had been seen once, t with 4 degrees.
    people = [
        (f"{clinic}{one}", float(gain)) for clinic, gain in zip("ABCDE", (2, 4, 6, 8, 10), strict=True) for one in "12"
    ]
    frame = changes(*people).assign(clinic_id=[person[0] for person, _ in people])
    table = mean_changes(frame, builtin(), "immediate").set_index("measure")
    row = table.loc["hip_ir_deg"]
    assert (row["mean"], row["clustered_by"], row["cluster_note"]) == (6, "clinic", "people of one clinic may be alike")
    assert row["ci_high"] - 6 == pytest.approx(t.ppf(0.975, 4) * (10 / 5) ** 0.5)
    four = mean_changes(frame[frame["clinic_id"] != "E"], builtin(), "immediate").set_index("measure").loc["hip_ir_deg"]
    assert four["clustered_by"] == "person"
    assert four["cluster_note"].endswith("so it speaks of these 4 clinics only")


def test_one_person_has_a_mean_and_no_interval():
    row = ir(("a", 4.0), ("a", 6.0))
    assert row["mean"] == 5.0
    assert pd.isna(row["ci_low"])


def test_nobody_has_neither():
    row = ir(("a", None))
    assert row["n_hips"] == 0
    assert pd.isna(row["mean"])


def seen_twice(*readings: tuple[str, str, float | None, float | None]) -> pd.DataFrame:
    """Internal rotation of hips before and right after the stretch."""
    rows = [
        visit(at, patient, side, hip_ir_deg=value)
        for patient, side, *values in readings
        for at, value in zip(("baseline", "post"), values, strict=True)
    ]
    return hip_changes(change(assessments(*rows)), builtin(), "immediate")


def test_a_hip_reaches_the_threshold_at_exactly_five_degrees():
    hips = seen_twice(("a", "left", 12.3, 17.3), ("b", "left", 12.3, 17.2), ("c", "left", 12.3, 17.4))
    assert hips["reached"].tolist() == [True, False, True]
    assert hips["threshold"].tolist() == [5.0] * 3
    assert hips["gain"].tolist() == [5.0, 4.9, 5.1]


def test_a_hip_without_a_reading_is_left_out():
    assert seen_twice(("a", "left", 12.0, None), ("b", "left", 12.0, 20.0))["patient_id"].tolist() == ["b"]


def test_a_measure_whose_error_is_not_known_is_refused():
    with pytest.raises(ValueError, match="it can be hip_ir_deg, slr_deg, ober_deg"):
        hip_changes(changes(), builtin(), "immediate", "pelvic_tilt")


def test_the_curve_at_the_threshold_is_the_rate_of_the_rule():
    hips = seen_twice(("a", "left", 10.0, 15.0), ("a", "right", 10.0, 12.0), ("b", "left", 10.0, 11.0))
    curves = gain_curves(hips).set_index(["side", "gain"])
    assert curves.loc[("left", 5.0), "share"] == 1 / 2
    assert curves.loc[("right", 2.0), "n_hips"] == 1
    assert gain_curves(hips.iloc[:0]).empty
