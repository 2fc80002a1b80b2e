"""Which classes the hips fall in: definite and borderline, beside what is not classed."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from analysis import display
from analysis.figures.style import BLUE, GREY, INK, Row, finished, legend_above, name_axis, name_rows, row_axes
from analysis.protocol import Protocol
from analysis.tables.cells import group_label
from analysis.words import count, percent

_PALE_BLUE = "#9ecae1"


def _drawn(table: pd.DataFrame) -> list[Row]:
    return [row for row in table.to_dict("records") if not row["suppressed"]]


def class_bars(table: pd.DataFrame, protocol: Protocol, ax: Axes | None = None) -> Axes:
    """Draw the hips in each class, the definite ones dark, the borderline ones pale.

    Parameters
    ----------
    table
        As :meth:`analysis.report.Report.classes` returns it.
    protocol
        Gives the labels.
    ax
        Where to draw; new axes if left out.
    """
    rows = _drawn(table)
    labels = [group_label("stretch_type", row["answer"], protocol).replace(": ", ":\n") for row in rows]
    ax = ax or row_axes(len(rows) * 1.3, labels)
    firm = [row["n_definite"] for row in rows]
    soft = [row["n_borderline"] for row in rows]
    rest = [row["n_yes"] - row["n_definite"] - row["n_borderline"] for row in rows]
    places = range(len(rows))
    ax.barh(places, firm, 0.62, color=BLUE, label="definite")
    ax.barh(places, soft, 0.62, firm, color=_PALE_BLUE, hatch="....", edgecolor="white", label="borderline")
    above = [a + b for a, b in zip(firm, soft, strict=True)]
    ax.barh(places, rest, 0.62, above, color="white", edgecolor=GREY, label="not classed")
    room = 1.18 * max([row["n_yes"] for row in rows], default=1) or 1
    for place, row in enumerate(rows):
        text = f"{row['n_yes']} ({percent(row['share'])})"
        ax.text(row["n_yes"] + room / 60, place, text, va="center", fontsize=7.5, color=INK)
    ax.set_xlim(0, room)
    name_rows(ax, labels)
    name_axis(ax, "Hips")
    legend_above(ax)
    return ax


def class_figure(table: pd.DataFrame, protocol: Protocol) -> display.Figure | display.Nothing:
    """Return :func:`class_bars` with its title and words."""
    rows = _drawn(table) if len(table) else []
    if not rows or not any(row["n_yes"] for row in rows):
        return display.Nothing("There is no class to draw: none has a count that may be shown.")
    classed = sum(row["n_definite"] for row in rows)
    borderline = sum(row["n_borderline"] for row in rows)
    title = f"Classes of the hips shown: {classed:,} definite, {borderline:,} borderline"
    said = [
        f"{group_label('stretch_type', row['answer'], protocol)}: {count(row['n_yes'], 'hip')}, "
        f"{row['n_definite']} definite, {row['n_borderline']} borderline"
        for row in rows
    ]
    return finished(class_bars(table, protocol), title, f"Hips in each class. {'; '.join(said)}.")
