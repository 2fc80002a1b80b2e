"""Results become figures: intervals passed in, left always the same mark, a title that says what is shown."""

from analysis.show.figures.agreement import agreement_figure, agreement_plot
from analysis.show.figures.caterpillar import caterpillar, caterpillar_figure
from analysis.show.figures.classes import class_bars, class_figure
from analysis.show.figures.clinics import control_chart, control_chart_figure, funnel, funnel_figure
from analysis.show.figures.degrees import mean_changes, mean_changes_figure
from analysis.show.figures.hips import (
    gain_curves,
    gain_curves_figure,
    later_reading,
    later_reading_figure,
    waterfall,
    waterfall_figure,
)
from analysis.show.figures.norms import norms_figure, norms_plot
from analysis.show.figures.pairs import side_slopes, side_slopes_figure
from analysis.show.figures.quality import flow_boxes, flow_figure
from analysis.show.figures.responders import responder_figure, responder_rates
from analysis.show.figures.sensitivity import specification_curve_figure
from analysis.show.figures.sides import asymmetry_bars, asymmetry_figure, side_difference_figure, side_differences
from analysis.show.figures.style import SIDE_STYLE
from analysis.show.figures.timelines import timelines_figure
from analysis.show.figures.trajectories import trajectory_figure, trajectory_lines

__all__ = [
    "SIDE_STYLE",
    "agreement_figure",
    "agreement_plot",
    "asymmetry_bars",
    "asymmetry_figure",
    "caterpillar",
    "caterpillar_figure",
    "class_bars",
    "class_figure",
    "control_chart",
    "control_chart_figure",
    "flow_boxes",
    "flow_figure",
    "funnel",
    "funnel_figure",
    "gain_curves",
    "gain_curves_figure",
    "later_reading",
    "later_reading_figure",
    "mean_changes",
    "mean_changes_figure",
    "norms_figure",
    "norms_plot",
    "responder_figure",
    "responder_rates",
    "side_difference_figure",
    "side_differences",
    "side_slopes",
    "side_slopes_figure",
    "specification_curve_figure",
    "timelines_figure",
    "trajectory_figure",
    "trajectory_lines",
    "waterfall",
    "waterfall_figure",
]


def __dir__() -> list[str]:
    """Complete the names above, not the modules behind them."""
    return __all__
