"""Figures draw what the tables say, and say it in words too."""

from itertools import combinations

import matplotlib
import numpy as np
import pandas as pd
import pytest

from analysis.protocol import builtin
from analysis.report import open_report
from analysis.show import display, figures
from analysis.show.tables import response_labels
from tests_support import ROOT, bath, small_study

matplotlib.use("agg")


@pytest.fixture(scope="module")
def trial():
    return bath()


@pytest.fixture(scope="module")
def demo():
    return open_report(ROOT / "data/raw/demo")


def test_the_rates_are_where_the_table_says(trial):
    table = trial.rates(["arm", "side"])
    ax = figures.responder_rates(table, ["arm", "side"], trial.protocol)
    drawn = {round(float(line.get_xdata()[0]), 4) for line in ax.get_lines() if len(line.get_xdata()) == 1}
    assert drawn == {round(rate, 4) for rate in table["rate"]}
    assert {text.get_text() for text in ax.texts} == {"1/12", "3/12", "12/27", "18/27"}


def test_left_and_right_differ_without_colour():
    (_, left_mark, left_fill), (_, right_mark, right_fill) = figures.SIDE_STYLE.values()
    assert left_mark != right_mark
    assert left_fill != right_fill


def test_title_and_words_hold_the_numbers(trial):
    figure = figures.responder_figure(trial.rates(["arm", "side"]), ["arm", "side"], trial.protocol)
    assert figure.title == "Responders in groups of 5 hips or more: 8 % to 67 %; clearly more than chance in 2 of 4"
    assert "Treatment, right: 18 of 27 (67 %; 95 % CI 48 % to 81 %)" in figure.alt
    sides = trial.sides_of_each_test()
    figure = figures.side_difference_figure(sides, response_labels(sides, trial.protocol))
    assert figure.title == "Left against right in the same people: a difference is clear in 1 of 2 comparisons"
    assert "Rotation gained 5° or more: −21 (95 % CI −37 to −6)" in figure.alt
    title = "Left against right in the same people: a difference is"
    for row, found in zip(sides.index, ("clear", "not clear"), strict=True):
        alone = sides.loc[[row]]
        figure = figures.side_difference_figure(alone, response_labels(alone, trial.protocol))
        assert figure.title == f"{title} {found}"
    figure = figures.asymmetry_figure(trial.asymmetry(), trial.protocol)
    assert "at baseline the left had less in 9 of 39, the right in 3" in figure.alt


def test_an_axes_of_ones_own_is_drawn_on(trial):
    ax = matplotlib.figure.Figure().add_subplot()
    assert figures.asymmetry_bars(trial.asymmetry(), ax=ax) is ax
    assert ax.patches


def test_nothing_that_may_be_shown_gives_words_or_nothing():
    report = small_study(3)
    rates = figures.responder_figure(report.rates(report.groups), report.groups, report.protocol)
    assert isinstance(rates, display.Text)
    shown = [
        figures.side_difference_figure(report.sides(), ["All"]),
        figures.asymmetry_figure(report.asymmetry(), report.protocol),
    ]
    assert all(isinstance(item, display.Nothing) for item in shown)


def test_the_same_figure_gives_the_same_bytes(trial):
    table = trial.rates(["arm", "side"])
    first, second = (figures.responder_figure(table, ["arm", "side"], trial.protocol) for _ in range(2))
    assert first.svg == second.svg


def test_the_most_common_class_stands_in_the_title(demo):
    classes = demo.classes()
    title = figures.class_figure(classes, demo.protocol).title
    assert title == "The most common class: Type 1, 642 of 1,200 hips (54 %)"
    one_withheld = figures.class_figure(classes.assign(suppressed=[False, True, *[False] * 4]), demo.protocol)
    assert one_withheld.title == title.replace("class:", "class shown:")
    assert "Type 2" not in one_withheld.alt
    ties = classes.assign(n_yes=[642, 642, *classes["n_yes"][2:]], share=0.54)
    assert figures.class_figure(ties, demo.protocol).title == (
        "No class is the most common: Type 1 and Type 2 have 642 of 1,200 hips (54 %) each"
    )


def test_no_legend_of_a_figure_is_cut_off(demo):
    told_apart = demo.classes().assign(n_definite=[pd.NA, *demo.classes()["n_definite"][1:]])
    periods = demo.over_time().assign(special=True)
    for ax in (
        figures.class_bars(told_apart, demo.protocol),
        figures.funnel(demo.clinics(), builtin(), "C12"),
        figures.control_chart(periods, builtin(), 0.3),
        figures.responder_rates(demo.rates(demo.groups), demo.groups, demo.protocol),
    ):
        ax.figure.canvas.draw()
        box, page = ax.get_legend().get_window_extent(), ax.figure.bbox
        assert len(ax.get_legend().get_texts()) >= 3
        assert page.x0 <= box.x0, ax
        assert box.x1 <= page.x1, ax
        assert box.y1 <= page.y1, ax


def words(ax):
    return {text.get_text(): text for text in ax.texts}


def test_clinics_outside_the_limits_are_named_in_the_network_alone(demo):
    clinics = demo.clinics()
    outside = clinics.loc[~clinics["position"].isin(["within", "not judged"]), "clinic_id"]
    assert set(words(figures.funnel(clinics, builtin()))) == set(outside) == {"C03", "C12"}
    assert words(figures.funnel(clinics, builtin(), "C12")) == {}


def test_clinics_of_which_none_has_a_responder_are_drawn(demo):
    nobody = dict.fromkeys(("rate", "low95", "high95", "low998", "high998", "target"), 0.0)
    ax = figures.funnel(demo.clinics().assign(**nobody), builtin())
    assert ax.get_ylim() == (0, 0.1)


def test_names_of_clinics_overlap_neither_each_other_nor_the_edge(demo):
    rates = [0.05, 0.3, 0.31, 0.29, 0.3, 0.6, 0.61, 0.59, 0.02, 0.01, 0.6, 0.33]
    hips = [20, 40, 47, 55, 64, 96, 90, 84, 90, 75, 12, 60]
    crowd = demo.clinics().assign(rate=rates, n_evaluable=hips, position="above")
    ax = figures.funnel(crowd.assign(clinic_id=[f"Clinic {number}" for number in range(12)]), builtin())
    ax.figure.canvas.draw()
    boxes = [text.get_window_extent() for text in ax.texts]
    assert len(boxes) == 12
    assert not any(one.overlaps(other) for one, other in combinations(boxes, 2))
    assert all(box.x0 > 0 and box.x1 < ax.figure.bbox.x1 for box in boxes)
    long = figures.funnel(crowd.assign(clinic_id="x" * 300), builtin())
    assert {len(text) for text in words(long)} == {24}


def test_each_period_has_its_hips_and_a_withheld_one_none(demo):
    periods = demo.over_time()
    ticks = [tick.get_text() for tick in figures.control_chart(periods, builtin()).get_xticklabels()]
    assert ticks == [f"{row.period}\nn = {row.n_evaluable}" for row in periods.itertuples()]
    hidden = periods.assign(suppressed=[True, *[False] * (len(periods) - 1)])
    ax = figures.control_chart(hidden, builtin())
    assert ax.get_xticklabels()[0].get_text() == f"{periods['period'].iloc[0]}\n"
    assert "without n: withheld" in ax.get_xlabel()


def test_a_period_of_few_hips_is_hollow_and_does_not_flatten_the_others(demo):
    periods = demo.over_time()
    assert periods["n_evaluable"].iloc[-1] == 2
    ax = figures.control_chart(periods.assign(high=[*periods["high"].iloc[:-1], 1.0]), builtin())
    lines = {line.get_label(): line for line in ax.lines}
    assert list(lines["under 5 hips"].get_xdata()) == [len(periods) - 1]
    assert lines["under 5 hips"].get_markerfacecolor() == "white"
    assert np.isnan(lines["rate"].get_ydata()[-1])
    assert ax.get_ylim()[1] < 0.5


def test_the_ends_of_the_sides_figure_are_named_for_what_lies_there(trial):
    ax = figures.side_differences(trial.sides(), ["All"])
    where = {text.get_text(): (text.get_position()[0], text.get_ha()) for text in ax.texts}
    assert where == {"left more often": (1, "right"), "right more often": (0, "left")}  # left minus right is above 0


def test_the_legend_of_the_asymmetry_bars_names_whose_bars_they_are(demo):
    table = demo.asymmetry()
    for bars in figures.asymmetry_bars(table).containers:
        column = {"left has less": "n_left_worse", "right has less": "n_right_worse", "within error": "n_within_error"}
        drawn = [bar.get_width() for bar in bars]
        assert drawn == pytest.approx((table[column[bars.get_label()]] / table["n"]).tolist())


def test_the_caterpillar_goes_from_the_lowest_true_rate_to_the_highest(demo):
    clinics = demo.clinics()
    ax = figures.caterpillar(clinics, builtin())
    true, seen = ax.lines[0].get_ydata(), ax.lines[1].get_ydata()
    ordered = clinics.sort_values("shrunk")
    assert list(true) == list(ordered["shrunk"])
    assert list(seen) == list(ordered["rate"])
    assert [tick.get_text() for tick in ax.get_xticklabels()] == list(ordered["clinic_id"])
    ends = [segment[:, 1].tolist() for segment in ax.collections[0].get_segments()]
    assert ends == ordered[["shrunk_low", "shrunk_high"]].to_numpy().tolist()


def test_a_caterpillar_of_two_thousand_clinics_has_no_names_and_few_words(demo):
    row = demo.clinics().iloc[[1]]
    many = row.loc[row.index.repeat(2000)].assign(clinic_id=[f"C{n}" for n in range(2000)])
    drawn = figures.caterpillar_figure(many, builtin())
    assert not figures.caterpillar(many, builtin()).get_xticklabels()
    assert drawn.alt == "In the order of their true rates."
    hidden = figures.caterpillar_figure(row.assign(suppressed=True), builtin())
    assert "withheld" in hidden.why


def test_published_means_stand_beside_the_readings_of_their_own_position(demo):
    norms = demo.beside_norms()
    ax = figures.norms_plot(norms, builtin())
    drawn = {(round(line.get_xdata()[0], 3), round(line.get_ydata()[0], 3)) for line in ax.lines}
    rows = list(dict.fromkeys(zip(norms["measure"], norms["position"], strict=True)))
    rows.sort(key=lambda row: (list(builtin().measures).index(row[0]), row[1]))
    for norm in norms.to_dict("records"):
        place = rows.index((norm["measure"], norm["position"]))
        assert {(round(norm["mean"], 3), place - 0.2), (round(norm["norm"], 3), place + 0.2)} <= drawn
    assert sum("Tainaka 2014" in text.get_text() for text in ax.texts) == 2
    assert "no published mean" in figures.norms_figure(norms.assign(suppressed=True), builtin()).why
