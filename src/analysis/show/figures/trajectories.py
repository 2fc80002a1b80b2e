"""The mean readings at all visits, a line for each group."""

from __future__ import annotations

from itertools import cycle

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from analysis.protocol import Protocol
from analysis.show import display
from analysis.show.figures.style import ACCENT, GREY, INK, PALE, SIDE_STYLE, finished, plot_axes, rows_of, with_unit
from analysis.show.tables.cells import short_label
from analysis.show.words import Row, digits, from_to, known, number, within_sentence

_STYLES = [(colour, mark, fill) for fill in ("full", "none") for colour, mark in
           ((ACCENT, "o"), (INK, "s"), (GREY, "^"), (ACCENT, "D"), (INK, "v"), (GREY, "P"))]  # fmt: skip


def _drawn(table: pd.DataFrame) -> list[Row]:
    return [row for row in rows_of(table) if not row["suppressed"] and known(row["ci_low"])]


def trajectory_lines(table: pd.DataFrame, by: str, protocol: Protocol, ax: Axes | None = None) -> Axes:
    """Draw the mean of every group at every visit with its interval.

    Parameters
    ----------
    table
        As :meth:`analysis.report.Report.trajectories` returns it; means without an interval are left out.
    by
        The column of the groups.
    protocol
        Gives the labels.
    ax
        Where to draw; new axes if left out.
    """
    ax = ax or plot_axes(2.6)
    rows = _drawn(table)
    visits = list(dict.fromkeys(row["timepoint"] for row in rows))
    visits.sort(key=protocol.timepoints.index)
    groups = list(dict.fromkeys(row[by] for row in rows))
    lines: dict[str, list[tuple[float, float]]] = {}
    for place, (group, style) in enumerate(zip(groups, cycle(_STYLES), strict=False)):
        colour, mark, fill = SIDE_STYLE[str(group)] if by == "side" else style
        own = sorted((row for row in rows if row[by] == group), key=lambda row: visits.index(row["timepoint"]))
        at = np.array([visits.index(row["timepoint"]) for row in own]) + 0.06 * (place - (len(groups) - 1) / 2)
        ax.vlines(at, [row["ci_low"] for row in own], [row["ci_high"] for row in own], color=colour, linewidth=1.3)
        name = short_label(by, group, protocol)
        lines[name] = list(zip(at, [row["mean"] for row in own], strict=True))
        ax.plot(*zip(*lines[name], strict=True), color=colour, marker=mark, fillstyle=fill, markersize=5,
                markerfacecolor=colour if fill == "full" else "white", linewidth=1, label=name)  # fmt: skip
    names_at = max(len(visits), 1) - 0.75
    ax.set_xlim(-0.4, (names_at + 0.4) / 0.8 - 0.4)  # a fifth of the width is for names
    ax.set_xticks(range(len(visits)), visits)
    if rows:
        measure = protocol.measures[rows[0]["measure"]]
        ax.set_ylabel(with_unit(measure.label, measure), fontsize=8.5, color=INK)
    _name_lines(ax, lines, names_at)
    return ax


def _name_lines(ax: Axes, lines: dict[str, list[tuple[float, float]]], at: float) -> None:
    """Write the names of lines beside their ends, from the lowest, each clear of the one beneath it."""
    low, high = ax.get_ylim()
    beneath = -np.inf
    for name, points in sorted(lines.items(), key=lambda line: line[1][-1][1]):
        beneath = max(points[-1][1], beneath + 0.075 * (high - low))
        ax.plot([points[-1][0], at - 0.02], [points[-1][1], beneath], color=PALE, linewidth=0.8, zorder=0)
        ax.text(at, beneath, name, va="center", fontsize=8, color=INK)


def trajectory_figure(table: pd.DataFrame, by: str, protocol: Protocol) -> display.Figure | display.Nothing:
    """Return :func:`trajectory_lines` with its title and words."""
    rows = _drawn(table) if len(table) else []
    if not rows:
        return display.Nothing("No mean at a visit is drawn: none has an interval that may be shown.")
    label = protocol.measures[rows[0]["measure"]].label
    groups: dict[str, list[str]] = {}
    for row in rows:
        groups.setdefault(short_label(by, row[by], protocol), []).append(_in_words(row, protocol))
    said = ". ".join(f"{name}: {', '.join(points)}" for name, points in groups.items())
    title = f"Mean {within_sentence(label)} at all visits, with 95 % intervals"
    return finished(trajectory_lines(table, by, protocol), title, f"{title}. {said}.")


def _in_words(row: Row, protocol: Protocol) -> str:
    measure = protocol.measures[row["measure"]]
    ends = from_to(row["ci_low"], row["ci_high"], measure)
    return f"{row['timepoint']} {number(row['mean'], digits(measure))} ({ends})"
