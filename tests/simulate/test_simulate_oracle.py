"""The oracle against hips whose class follows from the words of the article, one threshold at a time."""

import pytest

from analysis.simulate.oracle import true_class

# A plain hip of each kind; each row of the tables below changes what it names and nothing else.
ANTERIOR = {
    "hip_ir_deg": 18,
    "hip_er_deg": 44,
    "slr_deg": 66,
    "pelvic_tilt_deg": 13,
    "swayback": False,
    "feels_stretch": True,
}
POSTERIOR = ANTERIOR | {"hip_ir_deg": 12, "slr_deg": 42, "pelvic_tilt_deg": -4}

# what differs, stretch type, certainty, presentation
FROM_ANTERIOR = [
    # IR, with anterior tilt and the femur turned out
    ({"hip_ir_deg": 30.1}, "not_restricted", "definite", "not_restricted"),
    ({"hip_ir_deg": 30}, "not_restricted", "definite", "not_restricted"),
    ({"hip_ir_deg": 29.9}, "T1", "borderline", "T1"),
    ({"hip_ir_deg": 20.1}, "T1", "borderline", "T1"),
    ({"hip_ir_deg": 20}, "T1", "borderline", "T1"),
    ({"hip_ir_deg": 19.9}, "T1", "definite", "T1"),
    ({"hip_ir_deg": 5.1}, "T1", "definite", "T1"),
    # almost no IR, felt or not
    ({"hip_ir_deg": 5}, "T3", "borderline", "T1"),
    ({"hip_ir_deg": 4.9}, "T3", "borderline", "T1"),
    ({"hip_ir_deg": -3}, "T3", "borderline", "T1"),
    ({"hip_ir_deg": 5.1, "feels_stretch": False}, "T3", "borderline", "T1"),
    ({"hip_ir_deg": 5, "feels_stretch": False}, "T3", "definite", "T1"),
    ({"hip_ir_deg": 4.9, "feels_stretch": False}, "T3", "definite", "T1"),
    ({"hip_ir_deg": 20, "feels_stretch": False}, "T3", "borderline", "T1"),
    ({"hip_ir_deg": 29.9, "feels_stretch": False}, "T3", "borderline", "T1"),
    ({"hip_ir_deg": 30, "feels_stretch": False}, "not_restricted", "definite", "not_restricted"),
    # ER must be above 25; T2 then fails because the tilt is anterior
    ({"hip_er_deg": 25.1}, "T1", "definite", "T1"),
    ({"hip_er_deg": 25}, "unclassified", "definite", "unclassified"),
    ({"hip_er_deg": 24.9}, "unclassified", "definite", "unclassified"),
    ({"hip_er_deg": 25, "hip_ir_deg": 20}, "unclassified", "borderline", "unclassified"),
    # tilt: up to 2 either way is neutral, and an undecided T1 stops there
    ({"pelvic_tilt_deg": 2.1}, "T1", "definite", "T1"),
    ({"pelvic_tilt_deg": 2}, "indeterminate", "", "indeterminate"),
    ({"pelvic_tilt_deg": 1.9}, "indeterminate", "", "indeterminate"),
    ({"pelvic_tilt_deg": 0}, "indeterminate", "", "indeterminate"),
    ({"pelvic_tilt_deg": -2}, "indeterminate", "", "indeterminate"),
    ({"pelvic_tilt_deg": -2.1}, "unclassified", "definite", "unclassified"),
    ({"pelvic_tilt_deg": 2, "hip_ir_deg": 25}, "indeterminate", "", "indeterminate"),
    ({"pelvic_tilt_deg": 0, "hip_ir_deg": 3, "feels_stretch": False}, "T3", "definite", "indeterminate"),
    # swayback does not make a T2 of a hip that is a T1: T1 is tried first
    ({"swayback": True, "slr_deg": 40, "hip_ir_deg": 10}, "T1", "definite", "T1"),
    # anterior tilt without the turned-out femur, and swayback: T2
    ({"hip_er_deg": 25, "swayback": True, "slr_deg": 40, "hip_ir_deg": 10}, "T2", "definite", "T2"),
]
FROM_POSTERIOR = [
    ({}, "T2", "definite", "T2"),
    # tilt must be beyond 2 backwards; neutral leaves T1 open, which stops T2 even with swayback
    ({"pelvic_tilt_deg": -2.1}, "T2", "definite", "T2"),
    ({"pelvic_tilt_deg": -2}, "indeterminate", "", "indeterminate"),
    ({"pelvic_tilt_deg": -1.9}, "indeterminate", "", "indeterminate"),
    ({"pelvic_tilt_deg": 0, "swayback": True}, "indeterminate", "", "indeterminate"),
    # neutral, but ER rules T1 out: swayback alone makes T2, without it T2 is open
    ({"pelvic_tilt_deg": 0, "hip_er_deg": 25, "swayback": True}, "T2", "definite", "T2"),
    ({"pelvic_tilt_deg": 0, "hip_er_deg": 25, "swayback": True, "hip_ir_deg": 15}, "T2", "borderline", "T2"),
    ({"pelvic_tilt_deg": 0, "hip_er_deg": 25}, "indeterminate", "", "indeterminate"),
    # the same, strict T2 fails by IR, lenient T2 is open: still indeterminate
    ({"pelvic_tilt_deg": 0, "hip_er_deg": 25, "hip_ir_deg": 15}, "indeterminate", "", "indeterminate"),
    # the same, but another part fails in both readings: nothing is open any more
    ({"pelvic_tilt_deg": 0, "hip_er_deg": 25, "slr_deg": 45}, "unclassified", "definite", "unclassified"),
    (
        {"pelvic_tilt_deg": 0, "hip_er_deg": 25, "hip_ir_deg": 20},
        "unclassified",
        "borderline",
        "unclassified",
    ),
    # IR: below 15 strict, below 20 lenient, limited at all below 30
    ({"hip_ir_deg": 14.9}, "T2", "definite", "T2"),
    ({"hip_ir_deg": 15}, "T2", "borderline", "T2"),
    ({"hip_ir_deg": 15.1}, "T2", "borderline", "T2"),
    ({"hip_ir_deg": 19.9}, "T2", "borderline", "T2"),
    ({"hip_ir_deg": 20}, "unclassified", "borderline", "unclassified"),
    ({"hip_ir_deg": 20.1}, "unclassified", "borderline", "unclassified"),
    ({"hip_ir_deg": 29.9}, "unclassified", "borderline", "unclassified"),
    ({"hip_ir_deg": 30}, "not_restricted", "definite", "not_restricted"),
    # SLR must be below 45
    ({"slr_deg": 44.9}, "T2", "definite", "T2"),
    ({"slr_deg": 45}, "unclassified", "definite", "unclassified"),
    ({"slr_deg": 45.1}, "unclassified", "definite", "unclassified"),
    # ER plays no part in T2
    ({"hip_er_deg": 10}, "T2", "definite", "T2"),
    # T3 keeps the T2 beneath it
    ({"hip_ir_deg": 5}, "T3", "borderline", "T2"),
    ({"feels_stretch": False}, "T3", "borderline", "T2"),
    ({"hip_ir_deg": 5, "feels_stretch": False}, "T3", "definite", "T2"),
    ({"slr_deg": 45, "feels_stretch": False}, "T3", "borderline", "unclassified"),
]


@pytest.mark.parametrize(("differs", "stretch_type", "certainty", "presentation"), FROM_ANTERIOR)
def test_from_a_hip_with_anterior_tilt(differs, stretch_type, certainty, presentation):
    assert true_class(**ANTERIOR | differs) == (stretch_type, certainty, presentation)


@pytest.mark.parametrize(("differs", "stretch_type", "certainty", "presentation"), FROM_POSTERIOR)
def test_from_a_hip_with_posterior_tilt(differs, stretch_type, certainty, presentation):
    assert true_class(**POSTERIOR | differs) == (stretch_type, certainty, presentation)


def test_a_sum_of_tenths_counts_as_the_tenths_it_stands_for():
    almost_twenty = 19.7 + 0.1 + 0.1 + 0.1  # 20.000000000000004 in floating point
    assert true_class(**ANTERIOR | {"hip_ir_deg": almost_twenty}).certainty == "borderline"
    assert true_class(**ANTERIOR | {"hip_ir_deg": 29.999999999999996}).stretch_type == "not_restricted"
