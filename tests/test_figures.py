"""Figures draw what the tables say, and say it in words too."""

import matplotlib
import pytest

from analysis import display, figures
from analysis.tables import response_labels
from tests_support import bath, small_study

matplotlib.use("agg")


@pytest.fixture(scope="module")
def trial():
    return bath()


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
    assert figure.title == "Responders: from 8 % to 67 % between groups; clearly more than chance in 2 of 4 groups"
    assert "Treatment, right: 18 of 27 (67 %; 95 % CI 48 % to 81 %)" in figure.alt
    sides = trial.sides_of_each_test()
    figure = figures.side_difference_figure(sides, response_labels(sides, trial.protocol))
    assert figure.title == "Left against right in the same people: a difference is clear in 1 of 2 comparisons"
    assert "Rotation gained 5° or more: −21 (95 % CI −34 to −5)" in figure.alt
    figure = figures.asymmetry_figure(trial.asymmetry(), trial.protocol)
    assert "at baseline the left had less in 9 of 39, the right in 3" in figure.alt


def test_an_axes_of_ones_own_is_drawn_on(trial):
    ax = matplotlib.figure.Figure().add_subplot()
    assert figures.asymmetry_bars(trial.asymmetry(), ax=ax) is ax
    assert ax.patches


def test_nothing_that_may_be_shown_gives_words_or_nothing(tmp_path):
    report = small_study(tmp_path, patients=3)
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
