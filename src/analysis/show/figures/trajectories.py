"""The mean readings at all visits, a line for each group, over the lines of single hips where these may be shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patheffects import Normal, withStroke

from analysis.protocol import Protocol
from analysis.schema import HIP
from analysis.show import display
from analysis.show.figures.style import (
    INK,
    PALE,
    finished,
    group_styles,
    legend_of_panels,
    panel_axes,
    plot_axes,
    rows_of,
    say,
    with_unit,
)
from analysis.show.tables.cells import short_label
from analysis.show.words import Row, digits, from_to, number, within_sentence

_NONE = pd.DataFrame()
_CLEAR = [withStroke(linewidth=2.5, foreground="white"), Normal()]  # of lines over those of single hips


def _drawn(table: pd.DataFrame) -> pd.DataFrame:
    """Return the means that may be shown and have an interval."""
    if table.empty:
        return table
    rows_of(table)
    return table[~table["suppressed"].astype("bool") & table["ci_low"].notna()]


def trajectory_lines(
    table: pd.DataFrame, by: str, protocol: Protocol, hips: pd.DataFrame = _NONE, ax: Axes | None = None
) -> Axes:
    """Draw the mean of every group at every visit with its interval, over a line for each hip.

    Parameters
    ----------
    table
        As :meth:`analysis.report.Report.trajectories` returns it; means without an interval are left out.
    by
        The column of the groups.
    protocol
        Gives the labels.
    hips
        As :meth:`analysis.report.Report.visit_readings` returns them; without rows there are only means.
    ax
        Where to draw; new axes if left out.
    """
    ax = ax or plot_axes(2.6)
    rows = _drawn(table)
    visits = _visits(rows, protocol)
    lines = _draw(ax, rows, by, visits, protocol, hips)
    names_at = max(len(visits), 1) - 0.75
    ax.set_xlim(-0.4, (names_at + 0.4) / 0.8 - 0.4)  # a fifth of the width is for names
    ax.set_xticks(range(len(visits)), visits)
    if len(rows):
        measure = protocol.measures[rows["measure"].iloc[0]]
        ax.set_ylabel(with_unit(measure.label, measure), fontsize=8.5, color=INK)
    _name_lines(ax, lines, names_at)
    return ax


def _visits(rows: pd.DataFrame, protocol: Protocol) -> list[str]:
    return sorted(set(rows["timepoint"]), key=protocol.timepoints.index) if len(rows) else []


def _draw(
    ax: Axes, rows: pd.DataFrame, by: str, visits: list[str], protocol: Protocol, hips: pd.DataFrame, of: str = ""
) -> dict[str, list[tuple[float, float]]]:
    """Draw the lines of every group, each a little beside the one before, and return where the means are."""
    groups = list(dict.fromkeys(rows[by])) if len(rows) else []
    lines: dict[str, list[tuple[float, float]]] = {}
    for place, (group, (colour, mark, fill)) in enumerate(zip(groups, group_styles(by, groups), strict=True)):
        own = rows[rows[by] == group].sort_values("timepoint", key=lambda column: column.map(visits.index))
        beside = min(0.09, 0.36 / len(groups)) * (place - (len(groups) - 1) / 2)
        at = own["timepoint"].map(visits.index).to_numpy() + beside
        if len(hips):
            _single(ax, hips[hips[by] == group], visits, beside, colour)
        ax.vlines(at, own["ci_low"], own["ci_high"], color=colour, linewidth=1.3, zorder=3)
        name = short_label(by, group, protocol)
        lines[name] = list(zip(at, own["mean"], strict=True))
        for x, row in zip(at, own.to_dict("records"), strict=True):
            say(ax, x, row["mean"], f"{of}{name}: {_in_words(row, protocol)}")
        look: dict[str, Any] = {
            "color": colour,
            "marker": mark,
            "fillstyle": fill,
            "path_effects": _CLEAR * bool(len(hips)),
        }
        ax.plot(at, own["mean"], **look, markersize=5, linewidth=1, label=name,
                markerfacecolor=colour if fill == "full" else "white")  # fmt: skip
    return lines


def _single(ax: Axes, hips: pd.DataFrame, visits: list[str], beside: float, colour: str) -> None:
    """Draw all hips as one line with gaps, as a thousand lines would take a second; the more hips, the paler."""
    at = hips["timepoint"].astype("object").map({visit: place + beside for place, visit in enumerate(visits)})
    seen = hips.assign(at=at).dropna(subset=["at"]).sort_values([*HIP, "at"])
    ends = seen.groupby(HIP, observed=True).cumcount(ascending=False).to_numpy() == 0
    gaps = np.flatnonzero(ends) + 1
    places, readings = (np.insert(seen[name].to_numpy(float), gaps, np.nan) for name in ("at", "reading"))
    pale = float(np.clip(20 / max(len(gaps), 1), 0.07, 0.4))
    ax.plot(places, readings, color=colour, linewidth=0.4, alpha=pale, zorder=1)


def _name_lines(ax: Axes, lines: dict[str, list[tuple[float, float]]], at: float) -> None:
    """Write the names of lines beside their ends, from the lowest, each clear of the one beneath it."""
    low, high = ax.get_ylim()
    beneath = -np.inf
    for name, points in sorted(lines.items(), key=lambda line: line[1][-1][1]):
        beneath = max(points[-1][1], beneath + 0.075 * (high - low))
        ax.plot([points[-1][0], at - 0.02], [points[-1][1], beneath], color=PALE, linewidth=0.8, zorder=0)
        ax.text(at, beneath, name, va="center", fontsize=8, color=INK)


def trajectory_figure(
    table: pd.DataFrame, by: str | Sequence[str], protocol: Protocol, hips: pd.DataFrame = _NONE
) -> display.Figure | display.Nothing:
    """Return :func:`trajectory_lines` with its title and words; of two columns, a panel for each group of the first."""
    *apart, column = [by] if isinstance(by, str) else by
    rows = _drawn(table)
    if rows.empty:
        return display.Nothing("No mean at a visit is drawn: none has an interval that may be shown.")
    label = protocol.measures[rows["measure"].iloc[0]].label
    groups: dict[str, list[str]] = {}
    for row in rows.to_dict("records"):
        name = ", ".join(short_label(one, row[one], protocol) for one in (*apart, column))
        groups.setdefault(name, []).append(_in_words(row, protocol))
    said = ". ".join(f"{name}: {', '.join(points)}" for name, points in groups.items())
    each = f", {within_sentence(_CALLED.get(column, column))} of each group" if apart else ""
    title = f"Mean {within_sentence(label)} at all visits{each}, with 95 % intervals"
    if len(hips):
        title += f", over a line for each {protocol.words.hip}"
    one = not apart
    drawn = trajectory_lines(table, column, protocol, hips) if one else _panels(rows, apart[0], column, protocol, hips)
    return finished(drawn, title, f"{title}. {said}.")


_CALLED = {"side": "left and right"}


def _panels(rows: pd.DataFrame, apart: str, column: str, protocol: Protocol, hips: pd.DataFrame) -> Axes:
    """Draw the lines of each group of one column in axes of its own, all with the same scale; return the first."""
    visits, groups = _visits(rows, protocol), list(dict.fromkeys(rows[apart]))
    measure = protocol.measures[rows["measure"].iloc[0]]
    panels = panel_axes(len(groups), with_unit(measure.label, measure), visits)
    for ax, group in zip(panels, groups, strict=True):
        own = hips[hips[apart] == group] if len(hips) else hips
        name = short_label(apart, group, protocol)
        _draw(ax, rows[rows[apart] == group], column, visits, protocol, own, f"{name}, ")
        ax.set_title(name, fontsize=8.5, color=INK, loc="left", pad=3)
    legend_of_panels(panels)
    return panels[0]


def _in_words(row: Row, protocol: Protocol) -> str:
    measure = protocol.measures[row["measure"]]
    ends = from_to(row["ci_low"], row["ci_high"], measure)
    return f"{row['timepoint']} {number(row['mean'], digits(measure))} ({ends})"
