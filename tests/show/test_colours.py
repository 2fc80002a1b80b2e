"""Every figure tells its groups apart for every kind of colour vision and printed in grey."""

import ast
from itertools import combinations

import matplotlib
import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.container import BarContainer
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from analysis.protocol import builtin
from analysis.report import open_report
from analysis.sensitivity import Sensitivity
from analysis.show import figures
from analysis.show.figures.sensitivity import draw_rates
from analysis.show.figures.timelines import timeline
from tests_support import ROOT

matplotlib.use("agg")

# Machado, Oliveira, Fernandes (2009), IEEE Trans Vis Comput Graph 15:1291-1298, severity 1.0; linear RGB.
BLINDNESS = {
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
    "grey print": [[0.2126, 0.7152, 0.0722]] * 3,
}
# IEC 61966-2-1, and CIE 1976 L*a*b* under D65. A distance of 2.3 is just noticeable; ten times that is plain.
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
WHITE = np.array([0.9505, 1.0, 1.089])
PLAIN = 23


def lab(colour, kind):
    rgb = np.array(to_rgb(colour))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    seen = np.clip(np.array(BLINDNESS[kind]) @ linear, 0, 1)
    x, y, z = np.cbrt(np.maximum(TO_XYZ @ seen / WHITE, 0.008856))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def look(handle):
    """The colour of a group, and everything else that sets it apart."""
    if isinstance(handle, Line2D):
        filled = to_rgb(handle.get_markerfacecolor()) == to_rgb(handle.get_color())
        dashes = handle._dash_pattern if handle.get_linestyle() != "None" else None
        return handle.get_color(), (handle.get_marker(), filled, str(dashes), handle.get_linewidth() > 1)
    patch = handle.patches[0] if isinstance(handle, BarContainer) else handle
    colour = patch.get_facecolor()
    return (colour[0] if np.ndim(colour) == 2 else colour), ("area", patch.get_hatch() or "")


def apart(one, other, kind):
    (first, shape), (second, other_shape) = look(one), look(other)
    return shape != other_shape or np.linalg.norm(lab(first, kind) - lab(second, kind)) > PLAIN


@pytest.fixture(scope="module")
def drawn():
    """The axes of every figure that tells groups apart, by the function that shows it."""
    report = open_report(ROOT / "data/raw/demo")
    rules, hips, groups = report.protocol, report.hip_changes(), report.groups
    sure = Sensitivity(report._study, report._tables, report.comparison, internal=False)
    return {
        "responder_figure": figures.responder_rates(report.rates(groups), groups, rules),
        "asymmetry_figure": figures.asymmetry_bars(report.asymmetry()),
        "caterpillar_figure": figures.caterpillar(report.clinics(), builtin()),
        "class_figure": figures.class_bars(report.classes(), rules),
        "funnel_figure": figures.funnel(report.clinics(), builtin(), "C01"),
        "control_chart_figure": figures.control_chart(report.over_time(), builtin(), 0.3),
        "later_reading_figure": figures.later_reading(hips, rules),
        "waterfall_figure": figures.waterfall(hips, rules),
        "gain_curves_figure": figures.gain_curves(report.gain_curves(), rules),
        "norms_figure": figures.norms_plot(report.beside_norms(), rules),
        "side_slopes_figure": figures.side_slopes(hips, rules),
        "trajectory_figure": figures.trajectory_lines(report.trajectories(), groups[0], rules),
        "specification_curve_figure": draw_rates(Figure().add_subplot(), sure.readings, sure.own["rate"]),
    }


OF_ONE_COLOUR = {"agreement_figure", "flow_figure", "mean_changes_figure", "side_difference_figure", "timelines_figure"}


@pytest.mark.parametrize("kind", BLINDNESS)
def test_groups_stay_apart(drawn, kind):
    for name, ax in drawn.items():
        handles, labels = ax.get_legend_handles_labels()
        assert len(handles) >= 2, name
        for (one, label), (other, other_label) in combinations(zip(handles, labels, strict=True), 2):
            assert apart(one, other, kind), f"{name}: {label} and {other_label} look alike ({kind})"


def test_every_figure_of_the_package_is_looked_at(drawn):
    """Whatever returns a figure for a report is drawn above, or named as one without groups."""
    found = set()
    for path in (ROOT / "src/analysis").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.returns and "display.Figure" in ast.unparse(node.returns):
                found.add(node.name)
    assert found - {"finished"} == set(drawn) | OF_ONE_COLOUR


def test_figures_named_as_of_one_colour_have_no_groups():
    report = open_report(ROOT / "data/raw/demo")
    tests = report.sides_of_each_test()
    plain = [
        figures.agreement_plot(report.agreement(), report.second_readings(), report.protocol),
        figures.flow_boxes(report.flow(), builtin()),
        figures.mean_changes(report.mean_changes(), report.protocol),
        figures.side_differences(tests, list(tests["response"])),
        timeline(report._tables.assessments[:4], "left", report.protocol),  # a hip
    ]
    assert [ax.get_legend_handles_labels() for ax in plain] == [([], [])] * len(OF_ONE_COLOUR)


def test_red_and_green_would_not_pass():
    red, green = Line2D([], [], color="#d62728"), Line2D([], [], color="#2ca02c")
    assert not apart(red, green, "deuteranopia")
    assert not apart(red, green, "grey print")


def test_left_and_right_differ_by_colour_alone_and_by_mark_alone():
    (left, left_mark, _), (right, right_mark, _) = figures.SIDE_STYLE.values()
    assert left_mark != right_mark
    for kind in ("protanopia", "deuteranopia", "tritanopia"):
        assert np.linalg.norm(lab(left, kind) - lab(right, kind)) > PLAIN
