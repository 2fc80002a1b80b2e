"""Decision cells: a representative of each must be classified as every hip in it."""

from itertools import product

import numpy as np
import pytest

from analysis import classify
from analysis.hips.cells import Decisions, axes_of, number_axis, recorded_states
from analysis.hips.classify import baseline_hips
from analysis.hips.criteria import answers_of, by_hip
from analysis.hips.decide import decide
from analysis.protocol import builtin
from analysis.protocol.alternatives import CLASS_PARTS, with_options
from builders import T1, every_hip, hip


@pytest.mark.parametrize(
    ("op", "cut", "edges"),
    [
        ("lt", 20, (200,)),
        ("ge", 20, (200,)),
        ("le", 5, (51,)),
        ("gt", 25, (251,)),
        ("eq", 3, (30, 31)),
        ("gt", 8.32, (84,)),
        ("lt", 8.32, (84,)),
    ],
)
def test_edges_are_the_first_tenth_above(op, cut, edges):
    assert number_axis("hip_ir_deg", [(op, cut)], 0.1).edges == edges


def test_cells_give_every_hip_the_class_that_the_rules_give():
    _, visits = every_hip()
    axes = axes_of([builtin()])
    decisions = Decisions(axes, builtin())
    hips = baseline_hips(visits, builtin())
    found = decisions.table(builtin())[tuple(recorded_states(hips, axes, builtin()))]
    expected = classify(visits)["stretch_type"].astype(str)
    assert [decisions.classes[number] for number in found] == expected.tolist()


@pytest.mark.parametrize(
    ("angle", "state"), [(None, 0), (-2.1, 1), (-2.0, 2), (2.0, 2), (2.1, 3)]
)  # fmt: skip
def test_a_level_that_was_not_recorded_is_read_off_its_angle(angle, state):
    axes = axes_of([builtin()])
    place = [axis.measure for axis in axes].index("pelvic_tilt")
    hips = baseline_hips(hip(pelvic_tilt_deg=angle), builtin())
    assert recorded_states(hips, axes, builtin())[place].tolist() == [state]


def test_supporting_criteria_decide_nothing_and_have_no_axis():
    assert "lumbar_extension" not in [axis.measure for axis in axes_of([builtin()])]


def test_table_has_one_dimension_for_each_axis():
    axes = axes_of([builtin()])
    table = Decisions(axes, builtin()).table(builtin())
    assert table.shape == tuple(len(axis.values) for axis in axes)
    assert np.isin(table, range(6)).all()


def test_classes_under_every_reading_are_those_that_the_rules_give_hip_by_hip():
    protocol = builtin()
    options = [protocol.alternatives[name].options for name in protocol.alternatives]
    classes = [taken for taken in options if set(taken[0].replace) & set(CLASS_PARTS)]
    readings = [with_options(protocol, taken) for taken in product(*classes)]
    assert len(readings) == 72
    axes = axes_of(readings)
    decisions = Decisions(axes, protocol)
    every = np.indices(decisions.shape).reshape(len(axes), -1)
    hips = decisions.representatives(every[:, np.random.default_rng(1).choice(every.shape[1], 120, replace=False)])
    for reading in readings:
        found = [decisions.classes[number] for number in decisions.classes_of(hips, reading)]
        assert found == [decide(each, reading).stretch_type for each in by_hip(answers_of(hips, reading), reading)]


def test_what_strict_leaves_open_stays_open_where_lenient_finds_no_type():
    """Any of two tests restricts a hip here: 25° does leniently and not strictly, and the other test was not made."""
    built = builtin()
    either = built.criteria["posterior_or_swayback"].model_copy(update={"of": ("limited", "slr_limited")})
    criteria = built.criteria | {"restricted": either, "limited": built.criteria["restricted"]}
    protocol = built.model_copy(update={"criteria": criteria})
    hips = baseline_hips(hip(hip_ir_deg=25, hip_er_deg=20, pelvic_tilt="posterior", feels_stretch=True), protocol)
    axes = axes_of([protocol])
    decisions = Decisions(axes, protocol)
    (found,) = decisions.table(protocol)[tuple(recorded_states(hips, axes, protocol))]
    (expected,) = [decide(each, protocol) for each in by_hip(answers_of(hips, protocol), protocol)]
    assert (expected.strict_type, expected.lenient_type) == ("indeterminate", "unclassified")
    assert decisions.classes[found] == expected.stretch_type == "indeterminate"


def test_other_hips_are_not_given_the_classes_of_those_before():
    axes = axes_of([builtin()])
    decisions = Decisions(axes, builtin())
    classes = []
    for angle in (12, 35):
        cells = recorded_states(baseline_hips(hip(**T1 | {"hip_ir_deg": angle}), builtin()), axes, builtin())
        (number,) = decisions.classes_of(decisions.representatives(cells), builtin())
        classes.append(decisions.classes[number])
    assert classes == ["T1", "not_restricted"]
