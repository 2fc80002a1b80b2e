"""The two hips of one person, joined by a line: left on the left, right on the right."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from analysis.protocol import Protocol
from analysis.protocol.steps import from_steps, in_steps
from analysis.schema import in_first_episode
from analysis.show import display
from analysis.show.figures.style import (
    GREY,
    INK,
    LEFT,
    RIGHT,
    SIDE_STYLE,
    finished,
    legend_above,
    plot_axes,
    say,
    with_unit,
)
from analysis.show.words import count, digits, number, sentence_start

_READING = "earlier reading"


def _pairs(hips: pd.DataFrame, protocol: Protocol) -> pd.DataFrame:
    """Return one row per person with both hips: the earlier readings, their difference and the error of one."""
    if hips.empty:
        return pd.DataFrame(columns=["left", "right", "difference", "error"], dtype="float64")
    first = hips[in_first_episode(hips)]
    wide = first.pivot(index=["patient_id", "episode"], columns="side", values="before")
    wide = wide.reindex(columns=["left", "right"]).dropna().reset_index(drop=True)
    # Whole steps: 20.3 - 12.0 must not miss a threshold by the last bit.
    step = protocol.measures[str(hips["measure"].iloc[0])].step
    difference = in_steps(wide["left"], step)[0] - in_steps(wide["right"], step)[0]
    return wide.assign(difference=from_steps(difference, step), error=float(hips["mdc95"].iloc[0]))


def _kinds(pairs: pd.DataFrame) -> dict[str, pd.Series]:
    beyond = pairs["difference"].abs() > pairs["error"]
    return {
        "within error": ~beyond,
        "left has less": beyond & (pairs["difference"] < 0),
        "right has less": beyond & (pairs["difference"] > 0),
    }


def side_slopes(hips: pd.DataFrame, protocol: Protocol, ax: Axes | None = None) -> Axes:
    """Draw a line from the left to the right hip of each person; what differs beyond error stands out.

    Parameters
    ----------
    hips
        As :meth:`analysis.report.Report.hip_changes` returns them. People with one hip are left out.
    protocol
        Gives the name and unit of the measure.
    ax
        Where to draw; new axes if left out.
    """
    noun = protocol.words
    ax = ax or plot_axes(2.6)
    pairs = _pairs(hips, protocol)
    styles = {
        "within error": (GREY, 0.5, "-"),
        "left has less": (LEFT, 1.3, "-"),
        "right has less": (RIGHT, 1.3, "--"),
    }
    for name, which in _kinds(pairs).items():
        colour, width, line = styles[name]
        own = pairs[which]
        # One line for all people of a kind, with gaps: a thousand lines would take a second to draw.
        heights = np.column_stack([own["left"], own["right"], np.full(len(own), np.nan)]).ravel()
        ax.plot(np.tile([0.0, 1.0, np.nan], len(own)), heights, color=colour, linewidth=width, linestyle=line,
                alpha=0.4 if name == "within error" else 0.6, label=name)  # fmt: skip
    if len(pairs):
        _means(ax, pairs, digits(protocol.measures[str(hips["measure"].iloc[0])]))
    ax.set_xlim(-0.25, 1.25)
    ax.set_xticks([0, 1], [f"left {noun.hip}", f"right {noun.hip}"])
    if len(hips):
        measure = protocol.measures[str(hips["measure"].iloc[0])]
        ax.set_ylabel(with_unit(sentence_start(_READING), measure), fontsize=8.5, color=INK)
    legend_above(ax)
    return ax


def _means(ax: Axes, pairs: pd.DataFrame, places: int) -> None:
    means = {side: float(pairs[side].mean()) for side in SIDE_STYLE}
    ax.plot([0, 1], list(means.values()), color=INK, linewidth=2)
    for place, (side, align) in enumerate((("left", "right"), ("right", "left"))):
        colour, mark, fill = SIDE_STYLE[side]
        ax.plot(place, means[side], mark, color=colour, markersize=8, markerfacecolor=colour if fill == "full" else "w")
        say(ax, place, means[side], f"{side}: mean {number(means[side], places)}")
        ax.annotate(f"mean {number(means[side], places)}", (place, means[side]), (-10 if place == 0 else 10, 0),
                    textcoords="offset points", ha=align, va="center", fontsize=8, color=INK)  # fmt: skip


def side_slopes_figure(hips: pd.DataFrame, protocol: Protocol) -> display.Figure | display.Nothing:
    """Return :func:`side_slopes` with its title and words."""
    noun = protocol.words
    pairs = _pairs(hips, protocol)
    if pairs.empty:
        return display.Nothing(
            f"Pairs of {noun.hips} are drawn only where they may be shown, and where a person has two."
        )
    within, left, right = (int(which.sum()) for which in _kinds(pairs).values())
    measure = protocol.measures[str(hips["measure"].iloc[0])]
    people = count(len(pairs), "person", "people")
    title = f"{measure.label} of {people}: beyond error the left has less in {left:,}, the right in {right:,}"
    means = " and ".join(f"{number(pairs[side].mean(), digits(measure))} {side}" for side in ("left", "right"))
    error = number(pairs["error"].iloc[0], digits(measure))
    unit = f", {measure.unit}" if measure.unit else ""
    alt = (
        f"A line from left to right for {'each of ' if len(pairs) > 1 else ''}{people}, {_READING}{unit}. "
        f"Means: {means}. Beyond ±{error} the left has less in {left:,}, the right in {right:,}, "
        f"neither in {within:,}."
    )
    return finished(side_slopes(hips, protocol), title, alt)
