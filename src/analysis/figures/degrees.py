"""Mean changes with their intervals, beside the error of a single hip's change."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from analysis import display
from analysis.figures.style import GREY, INK, PALE, Row, finished, name_axis, name_rows, row_axes, rows_of
from analysis.protocol import Protocol
from analysis.words import count, known, listed, number, signed


def _drawn(table: pd.DataFrame) -> list[Row]:
    return [row for row in rows_of(table) if not row["suppressed"] and known(row["ci_low"])]


def mean_changes(table: pd.DataFrame, protocol: Protocol, ax: Axes | None = None) -> Axes:
    """Draw the mean change of every measure with its interval, over the error of one hip's change.

    Parameters
    ----------
    table
        As :meth:`analysis.report.Report.mean_changes` returns it; measures without an interval are left out.
    protocol
        Gives the labels.
    ax
        Where to draw; new axes if left out.
    """
    rows = _drawn(table)
    labels = [f"{protocol.measures[row['measure']].label} ({count(row['n_hips'], 'hip')})" for row in rows]
    ax = ax or row_axes(len(rows) * 1.15, labels, above=0.2)
    for place, row in enumerate(rows):
        ax.barh(place, 2 * row["mdc95"], 0.62, -row["mdc95"], color=PALE)
        ax.hlines(place, row["ci_low"], row["ci_high"], color=INK, linewidth=1.6)
        ax.plot(row["mean"], place, marker="D", markersize=5.5, color=INK)
        ax.annotate(signed(row["mean"], 1), (row["mean"], place), (0, 7), textcoords="offset points", ha="center",
                    fontsize=7.5, color=INK)  # fmt: skip
    ax.axvline(0, color=GREY, linewidth=1)
    name_rows(ax, labels)
    reach = 1.05 * max(map(abs, ax.get_xlim()))
    ax.set_xlim(-reach, reach)
    name_axis(ax, "Mean change with 95 % interval; grey: error of one change")
    return ax


def mean_changes_figure(table: pd.DataFrame, protocol: Protocol) -> display.Figure | display.Nothing:
    """Return :func:`mean_changes` with its title and words."""
    rows = _drawn(table) if len(table) else []
    if not rows:
        return display.Nothing("There is no mean change to draw: none has an interval that may be shown.")
    clear = [protocol.measures[row["measure"]].name for row in rows if row["ci_low"] > 0 or row["ci_high"] < 0]
    title = f"Mean change: clearly different from none in {listed(clear) if clear else 'no measure'}"
    said = [
        f"{protocol.measures[row['measure']].label}: {signed(row['mean'], 1)} (95 % CI {number(row['ci_low'], 1)} to "
        f"{number(row['ci_high'], 1)}; error of one change ±{row['mdc95']:.1f})"
        for row in rows
    ]
    return finished(mean_changes(table, protocol), title, f"Mean changes. {'; '.join(said)}.")
