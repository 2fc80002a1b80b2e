"""Figures of degrees draw the hips they count, and nothing where hips may not be shown."""

import matplotlib
import numpy as np
import pytest

from analysis.show import display, figures
from tests_support import bath, small_study

matplotlib.use("agg")


@pytest.fixture(scope="module")
def trial():
    return bath()


def points(ax, label):
    (line,) = (line for line in ax.get_lines() if line.get_label() == label)
    return sorted(zip(line.get_xdata(), line.get_ydata(), strict=True))


def test_each_hip_is_a_point_at_its_two_readings(trial):
    hips = trial.hip_changes()
    ax = figures.later_reading(hips, trial.protocol)
    for side in ("left", "right"):
        own = hips[hips["side"] == side]
        assert points(ax, f"{side} hip") == sorted(zip(own["before"], own["after"], strict=True))
    (band,) = ax.collections
    heights = band.get_paths()[0].vertices[:, 1] - band.get_paths()[0].vertices[:, 0]
    assert np.abs(heights).max() == pytest.approx(1.96 * 2**0.5 * 3, abs=0.001)


def test_the_waterfall_falls_and_has_every_hip(trial):
    ax = figures.waterfall(trial.hip_changes(), trial.protocol)
    drawn = np.concatenate([patch.get_data().values for patch in ax.patches])
    assert len(drawn) == 78
    assert (np.diff(drawn) <= 0).all()


def test_the_curve_at_five_degrees_is_the_published_rate(trial):
    # 13 of 39 left and 21 of 39 right hips of both arms: 1 + 12 and 3 + 18, as in the published table.
    figure = figures.gain_curves_figure(trial.gain_curves(), trial.protocol)
    assert figure.title == "5° or more, the gain asked of a responder: 33 % of 39 left hips and 54 % of 39 right hips"
    assert trial.rates(["side"])["n_responders"].tolist() == [13, 21]


def test_the_shares_of_the_title_are_marked_on_the_curves(trial):
    curves = trial.gain_curves()
    ax = figures.gain_curves(curves, trial.protocol)
    assert {text.get_text() for text in ax.texts} == {"left 33 %", "right 54 %"}
    marks = [line for line in ax.get_lines() if len(line.get_xdata()) == 1 and line.get_xdata()[0] == 5]
    assert [round(line.get_ydata()[0], 4) for line in marks] == [round(13 / 39, 4), round(21 / 39, 4)]
    # A curve falls after the gain, not at it: hips that gained exactly 5 degrees gained 5 or more.
    for side, share in (("left", 13 / 39), ("right", 21 / 39)):
        (line,) = (line for line in ax.get_lines() if line.get_label() == f"{side} hips")
        x, y = (values.round(6) for values in line.get_path().interpolated(1).vertices.T)
        own = curves[curves["side"] == side]
        assert line.get_drawstyle() == "steps-pre"
        assert y[x == 5].max() == round(share, 6) == round(own.loc[own["gain"] == 5, "share"].item(), 6)


def test_slopes_count_as_the_asymmetry_does(trial):
    figure = figures.side_slopes_figure(trial.hip_changes(), trial.protocol)
    row = trial.asymmetry().iloc[0]
    assert f"the left has less in {row['n_left_worse']}, the right in {row['n_right_worse']}" in figure.title
    assert f"neither in {row['n_within_error']}." in figure.alt
    ax = figures.side_slopes(trial.hip_changes(), trial.protocol)
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["left hip", "right hip"]


def test_mean_changes_are_where_the_table_says(trial):
    table = trial.mean_changes()
    ax = figures.mean_changes(table, trial.protocol)
    drawn = [line.get_xdata()[0] for line in ax.get_lines() if line.get_marker() == "D"]
    assert drawn == table["mean"].tolist()
    title = figures.mean_changes_figure(table, trial.protocol).title
    assert title == "Mean change: clearly different from none in rotation and flexion"


def test_an_axes_of_ones_own_is_drawn_on(trial):
    hips = trial.hip_changes()
    for draw in (figures.later_reading, figures.waterfall, figures.side_slopes):
        ax = matplotlib.figure.Figure().add_subplot()
        assert draw(hips, trial.protocol, ax=ax) is ax


def test_where_hips_may_not_be_shown_there_is_a_sentence():
    report = small_study(40)
    hips, curves = report.hip_changes(), report.gain_curves()
    assert isinstance(figures.later_reading_figure(hips, report.protocol), display.Text)
    silent = [
        figures.waterfall_figure(hips, report.protocol),
        figures.gain_curves_figure(curves, report.protocol),
        figures.side_slopes_figure(hips, report.protocol),
    ]
    assert all(isinstance(item, display.Nothing) for item in silent)
    assert isinstance(figures.mean_changes_figure(report.mean_changes(), report.protocol), display.Figure)


def test_the_same_hips_give_the_same_bytes(trial):
    hips = trial.hip_changes()
    first, second = (figures.waterfall_figure(hips, trial.protocol).svg for _ in range(2))
    assert first == second
