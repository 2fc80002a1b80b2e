"""The readings of one person's hips over the visits, one hip above the other."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from analysis.pipeline import Tables
from analysis.protocol import Protocol
from analysis.protocol.measures import Measure
from analysis.schema import SIDES
from analysis.show import display
from analysis.show.display import Nothing
from analysis.show.figures.style import GREY, INK, PALE, SIDE_STYLE, finished, plot_axes, with_unit
from analysis.show.records import records
from analysis.show.words import number, sentence_start, value_text


def timeline(visits: pd.DataFrame, side: str, protocol: Protocol, ax: Axes | None = None) -> Axes:
    """Draw the readings of one hip over its visits, with the error of each reading.

    Parameters
    ----------
    visits
        Of one hip; the measure is that of the asymmetry, or the first with an error.
    side
        Gives the colour and the mark.
    protocol
        Gives the visits, the label and the error.
    ax
        Where to draw; new axes if left out.
    """
    ax = ax or plot_axes(1.6)
    name, measure = _drawn_measure(protocol)
    points = [point for point in protocol.timepoints if point in set(visits["timepoint"].astype("str"))]
    shown = visits[visits[name].notna()]
    at = np.array([points.index(str(point)) for point in shown["timepoint"]])
    colour, mark, fill = SIDE_STYLE[side]
    half = 1.96 * (measure.sem or 0)
    reading = shown[name].to_numpy("float64")
    ax.vlines(at, reading - half, reading + half, color=PALE, linewidth=5)
    ax.plot(at, reading, color=colour, marker=mark, fillstyle=fill, markersize=5, linewidth=1)
    for x, y in zip(at, reading, strict=True):
        ax.annotate(number(y), (x, y), xytext=(6, 4), textcoords="offset points", fontsize=8, color=INK)
    ax.set_xlim(-0.4, max(len(points) - 1, 0) + 0.6)
    ax.set_xticks(range(len(points)), points)
    ax.set_title(f"{sentence_start(side)} {protocol.words.hip}", fontsize=8.5, color=GREY, loc="left")
    ax.set_ylabel(with_unit(measure.name, measure), fontsize=8.5, color=INK)
    return ax


def timelines_figure(tables: Tables | None, protocol: Protocol) -> display.Figure | Nothing:
    """Return the two timelines, one above the other on one scale, with their words."""
    name, measure = _drawn_measure(protocol)
    if tables is None or not name or tables.assessments[name].isna().all():
        return Nothing("No readings are drawn.")
    visits = tables.assessments
    sides = [side for side in SIDES if visits.loc[visits["side"] == side, name].notna().any()]
    axes = _one_above_the_other(len(sides))
    said = []
    for side, ax in zip(sides, axes, strict=True):
        own = visits[visits["side"] == side]
        timeline(own, side, protocol, ax)
        readings = [
            f"{row['timepoint']} {value_text(row[name], measure)}" for row in records(own) if not pd.isna(row[name])
        ]
        said.append(f"{sentence_start(side)}: {', '.join(readings)}")
    title = f"{measure.label} over the visits, with the error of a reading"
    return finished(axes[0], title, f"{title}. {'. '.join(said)}.")


def _one_above_the_other(number: int) -> list[Axes]:
    """Return axes on one scale, as bare as all others."""
    canvas = plot_axes(1.6 * number).figure
    canvas.clear()
    axes: list[Axes] = list(canvas.subplots(number, 1, sharey=True, squeeze=False)[:, 0])
    canvas.subplots_adjust(left=0.09, right=0.98, top=1 - 0.12 / number, bottom=0.16 / number, hspace=0.45)
    for ax in axes:
        ax.spines[["top", "right"]].set_visible(False)
        ax.tick_params(colors=INK, labelsize=8.5)
    return axes


def _drawn_measure(protocol: Protocol) -> tuple[str, Measure]:
    """Return the measure of the asymmetry, or the first with an error, or the first."""
    named = [protocol.asymmetry.measure] if protocol.asymmetry else []
    named += [name for name, measure in protocol.measures_of("assessments").items() if measure.sem is not None]
    name = next(iter(named), "")
    return name, protocol.measures[name or next(iter(protocol.measures))]
