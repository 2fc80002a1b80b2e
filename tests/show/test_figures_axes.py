"""Every public figure function draws on the axes of whoever calls it, and leaves their settings alone."""

import inspect
import re
from itertools import pairwise

import matplotlib
import pandas as pd
import pytest
import seaborn as sns
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis import rates
from analysis.protocol import builtin
from analysis.report import open_report
from analysis.schema import TableError
from analysis.show import figures, tables
from analysis.show.figures.style import legend_of_panels, panel_rows
from tests_support import ROOT

matplotlib.use("agg")
PUBLIC = {name: getattr(figures, name) for name in figures.__all__ if callable(getattr(figures, name))}
DRAWS = {name for name in PUBLIC if not name.endswith("_figure")}

# The made-up cohort has no second readings.
LIMITS = {"lower": -6.0, "bias": 0.5, "upper": 7.0}
AGREED = pd.DataFrame([{"comparison": "reread", "measure": "hip_ir_deg", "raters": "all", "suppressed": False, **LIMITS,
                        **{f"{name}_{end}": value + more for name, value in LIMITS.items()
                           for end, more in (("low", -1), ("high", 1))}}])  # fmt: skip


@pytest.fixture(scope="module")
def report():
    return open_report(ROOT / "data/raw/demo", internal=True)


@pytest.fixture(scope="module")
def inputs(report):
    """What each function draws from; the same figure with a title takes the same."""
    rules, hips, tests = report.protocol, report.hip_changes(), report.sides_of_each_test()
    return {
        "agreement_plot": (AGREED, pd.DataFrame(), rules),
        "asymmetry_bars": (report.asymmetry(),),
        "caterpillar": (report.clinics(), rules),
        "class_bars": (report.classes(), rules),
        "control_chart": (report.over_time(), rules),
        "flow_boxes": (report.flow(), rules),
        "funnel": (report.clinics(), rules, "C01"),
        "gain_curves": (report.gain_curves(), rules),
        "later_reading": (hips, rules),
        "mean_changes": (report.mean_changes(), rules),
        "norms_plot": (report.beside_norms(), rules),
        "responder_rates": (report.rates(report.groups), report.groups, rules),
        "side_differences": (tests, list(tests["response"])),
        "side_slopes": (hips, rules),
        "trajectory_lines": (report.trajectories(), report.groups[0], rules),
        "waterfall": (hips, rules),
    }


def test_every_function_is_tried(inputs):
    assert set(inputs) == DRAWS


@pytest.mark.parametrize("name", sorted(DRAWS))
def test_each_takes_ax_last_and_returns_axes_of_its_own_without(inputs, name):
    parameters = list(inspect.signature(PUBLIC[name]).parameters.values())
    assert (parameters[-1].name, parameters[-1].default) == ("ax", None)
    drawn = PUBLIC[name](*inputs[name])
    assert isinstance(drawn, Axes)
    assert drawn.has_data() or drawn.texts


# What each function draws of hips that another column divides; the others have no groups, or those of their rows.
GROUPED = {
    "agreement_plot": lambda report: (AGREED, REREAD, report.protocol, "sex"),
    "gain_curves": lambda report: (report.gain_curves(by="sex"), report.protocol, "sex"),
    "later_reading": lambda report: (report.hip_changes(), report.protocol, "sex"),
    "mean_changes": lambda report: (report.gains_by_group(), report.protocol, "stretch_type"),
    "responder_rates": lambda report: (report.rates(["clinic_id", "sex"]), ["clinic_id", "sex"], report.protocol),
    "trajectory_lines": lambda report: (
        report.trajectories("sex"),
        "sex",
        report.protocol,
        report.visit_readings("sex"),
    ),
}
UNGROUPED = {"asymmetry_bars", "caterpillar", "class_bars", "control_chart", "flow_boxes", "funnel", "norms_plot",
             "side_differences", "side_slopes", "waterfall"}  # fmt: skip
REREAD = pd.DataFrame(
    {
        "comparison": "reread",
        "measure": "hip_ir_deg",
        "sex": ["female", "male"] * 2,
        "first": [10, 12, 14, 16.0],
        "second": [11, 12, 13, 18.0],
        "difference": [1, 0, -1, 2.0],
    }
)


def test_hips_may_be_divided_by_any_column(report):
    assert set(GROUPED) | UNGROUPED == DRAWS
    for name, given in GROUPED.items():
        drawn = PUBLIC[name](*given(report))
        words = {text.get_text() for text in [*drawn.texts, *drawn.yaxis.get_ticklabels()]}
        words |= {text.get_text() for text in drawn.get_legend().get_texts()} if drawn.get_legend() else set()
        wanted = {"Type 1", "Type 2"} if name == "mean_changes" else {"Female", "Male"}
        assert all(any(one in word for word in words) for one in wanted), (name, words)


# What is drawn of single hips, or written out in the figure, says no more when pointed at.
SILENT = {"flow_figure", "later_reading_figure", "waterfall_figure", "specification_curve_figure"}


def test_what_points_say_stands_in_the_words_of_the_figure(report, inputs):
    rules, numbers = report.protocol, re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")
    finished = {name: f"{name}_figure" for name in inputs} | FINISHED
    for name, of in finished.items():
        given = [one for one in inputs[name] if of != "asymmetry_figure"] or [report.asymmetry(), rules]
        drawn = PUBLIC[of](*given)
        assert bool(drawn.told) == (of not in SILENT), of
        for told in drawn.told:
            # That of a bar between left and right follows from both; a class is called by its whole label.
            said = "within error" in told.words or set(numbers.findall(told.words)) <= set(numbers.findall(drawn.alt))
            assert said, (of, told.words)
            assert 0 <= told.x <= 72 * 6.4


FINISHED = {"agreement_plot": "agreement_figure", "asymmetry_bars": "asymmetry_figure", "class_bars": "class_figure",
            "flow_boxes": "flow_figure", "norms_plot": "norms_figure",
            "responder_rates": "responder_figure", "trajectory_lines": "trajectory_figure",
            "side_differences": "side_difference_figure"}  # fmt: skip


def test_rates_of_one_column_need_no_second(report):
    drawn = figures.responder_rates(report.rates(["sex"]), ["sex"], report.protocol)
    assert [tick.get_text() for tick in drawn.get_yticklabels()] == ["Female", "Male"]
    assert "Female: " in figures.responder_figure(report.rates(["sex"]), ["sex"], report.protocol).alt


def test_a_grid_of_ones_own_in_ones_own_style(inputs):
    sns.set_theme(context="talk", style="darkgrid")
    try:
        before = dict(plt.rcParams)
        figure, grid = plt.subplots(len(inputs), 1, figsize=(8, 30))
        for ax, (name, given) in zip(grid.flat, inputs.items(), strict=True):
            assert PUBLIC[name](*given, ax=ax) is ax, name
            assert ax.get_facecolor() == matplotlib.colors.to_rgba(before["axes.facecolor"]), name
        assert figure.axes == list(grid.flat)
        assert dict(plt.rcParams) == before
        figure.canvas.draw()
    finally:
        plt.close("all")
        matplotlib.rcdefaults()
        matplotlib.use("agg")


def test_the_finished_figures_leave_the_settings_alone_and_nothing_open(report, inputs):
    before = dict(plt.rcParams)
    PUBLIC["later_reading_figure"](*inputs["later_reading"])
    PUBLIC["responder_figure"](*inputs["responder_rates"])
    assert dict(plt.rcParams) == before
    assert plt.get_fignums() == []


@pytest.mark.parametrize("name", ["funnel", "control_chart"])
def test_rates_are_in_percent_on_any_axes(inputs, name):
    for ax in (None, Figure().add_subplot()):
        drawn = PUBLIC[name](*inputs[name], ax=ax)
        assert drawn.yaxis.get_major_formatter()(0.1) == "10 %"


def test_an_axis_of_readings_has_its_unit(inputs):
    for name, of_x in {"agreement_plot": True, "later_reading": True, "mean_changes": True, "gain_curves": True,
                       "side_slopes": False, "trajectory_lines": False, "waterfall": False}.items():  # fmt: skip
        drawn = PUBLIC[name](*inputs[name])
        assert "degrees" in (drawn.get_xlabel() if of_x else drawn.get_ylabel()), name
    for name in ("agreement_plot", "later_reading"):
        assert PUBLIC[name](*inputs[name]).get_ylabel().endswith(", degrees")


def test_periods_stand_apart_on_narrow_axes():
    names = [f"{year}Q{quarter}" for year in (2024, 2025, 2026) for quarter in (1, 2, 3, 4)]
    table = pd.DataFrame({"period": names, "suppressed": False, "n_evaluable": 8, "rate": 0.5, "special": False})
    table["n_responders"] = 4
    table[["low", "high", "centre"]] = [0.2, 0.8, 0.5]
    for width, most in ((3, 4), (12, 12)):
        ax = Figure(figsize=(width, 3)).add_subplot()
        labels = [
            tick.get_text().split("\n")[0] for tick in figures.control_chart(table, builtin(), ax=ax).get_xticklabels()
        ]
        assert len(names) / 4 <= len(labels) <= most
        ax.figure.canvas.draw()
        boxes = [tick.get_window_extent() for tick in ax.get_xticklabels()]
        assert all(one.x1 < other.x0 for one, other in pairwise(boxes))
    assert labels == names


def test_long_names_beneath_panels_are_set_aslant_and_stay_within_the_figure():
    for names, turned in (
        (["intake", "baseline", "post"], 0),
        (["first assessment", "before stretching", "after"], 25),
    ):
        panels = panel_rows(list("abcd"), "Reading, degrees", names)
        figure = panels[0][0].figure
        assert len(figure.axes) == 2  # four panels, three in a row
        figure.canvas.draw()
        ticks = [tick for ax in figure.axes for tick in ax.get_xticklabels() if tick.get_text()]
        assert [tick.get_text() for tick in ticks] == names * 3  # beneath each panel with no other beneath it
        assert {tick.get_rotation() for tick in ticks} == {turned}
        assert min(tick.get_window_extent().y0 for tick in ticks) >= 0


@pytest.mark.parametrize("panels", ["ab", "abcdef"])
def test_the_words_beside_panels_stay_beneath_the_legend(panels):
    """One row of panels is lower than "Hip internal rotation, degrees" is long."""
    first = panel_rows(list(panels), "Hip internal rotation, degrees", ["intake", "post"])[0][0]
    first.plot([0, 1], [20, 25], label="Left")
    legend_of_panels([first])
    first.figure.canvas.draw()
    words, legend = first.figure._supylabel, first.figure.legends[0]
    assert words.get_window_extent().y1 < legend.get_window_extent().y0
    assert words.get_window_extent().y0 >= 0
    assert words.get_window_extent().x1 < min(tick.get_window_extent().x0 for tick in first.get_yticklabels())
    assert " ".join(words.get_text().split()) == "Hip internal rotation, degrees"


@pytest.mark.parametrize("name", ["responder_rates", "responder_figure"])
def test_a_table_that_came_by_no_report_is_refused_in_words(report, name):
    table = rates(report._tables.responses, report.groups)
    with pytest.raises(TableError, match="show what a report gives"):
        PUBLIC[name](table, report.groups, report.protocol)
    with pytest.raises(TableError, match="show what a report gives"):
        tables.responder_table(table, report.groups, report.protocol)


def test_no_word_beside_an_axis_is_cut_off(report, inputs):
    """What is written along an axis fits into its figure, also the longest label of a measure."""
    for name, given in inputs.items():
        figure = PUBLIC[name](*given).figure
        figure.draw_without_rendering()
        words = [axis.label for ax in figure.axes for axis in (ax.xaxis, ax.yaxis)]
        for label in [*words, *figure.texts]:
            box, edge = label.get_window_extent(), figure.bbox.padded(0.5)
            if label.get_text():
                assert edge.x0 <= box.x0 < box.x1 <= edge.x1, (name, label.get_text())
                assert edge.y0 <= box.y0 < box.y1 <= edge.y1, (name, label.get_text())
