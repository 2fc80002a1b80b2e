"""Which classes the hips fall in: definite and borderline, beside what is not classed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from analysis.protocol import Protocol
from analysis.show import display
from analysis.show.figures.style import (
    ACCENT,
    GREY,
    INK,
    PALE,
    PALE_ACCENT,
    finished,
    legend_above,
    name_axis,
    name_rows,
    row_axes,
    rows_of,
    say,
)
from analysis.show.tables.cells import group_label, short_label
from analysis.show.words import WITHHELD, Row, listed, percent

_STYLES: dict[str, dict[str, Any]] = {
    "definite": {"color": ACCENT},
    "borderline": {"color": PALE_ACCENT, "hatch": "....", "edgecolor": "white"},
    WITHHELD: {"color": PALE},
    "not classed": {"color": "white", "edgecolor": GREY},
}


def _drawn(table: pd.DataFrame) -> list[Row]:
    return [row for row in rows_of(table) if not row["suppressed"]]


def _parts(row: Row) -> tuple[int, int, int, int]:
    """Return the definite and the borderline hips of a class, those that may not be told apart, and the others."""
    firm, soft, hips = row["n_definite"], row["n_borderline"], row["n_yes"]
    return (0, 0, hips, 0) if pd.isna(firm) else (firm, soft, 0, hips - firm - soft)


def class_bars(table: pd.DataFrame, protocol: Protocol, ax: Axes | None = None) -> Axes:
    """Draw the hips in each class, the definite ones dark, the borderline ones pale, grey where that is withheld.

    Parameters
    ----------
    table
        As :meth:`analysis.report.Report.classes` returns it.
    protocol
        Gives the labels.
    ax
        Where to draw; new axes if left out.
    """
    noun = protocol.words
    rows = _drawn(table)
    labels = [group_label("stretch_type", row["answer"], protocol).replace(": ", ":\n") for row in rows]
    ax = ax or row_axes(len(rows) * 1.3, labels)
    start = np.zeros(len(rows))
    for (name, style), hips in zip(_STYLES.items(), np.array([_parts(row) for row in rows]).T, strict=True):
        some = np.flatnonzero(hips)  # a bar of no hips would leave its edge
        if len(some):
            ax.barh(some, hips[some], 0.62, start[some], label=name, **style)
        start = start + hips
    room = 1.18 * max([row["n_yes"] for row in rows], default=1) or 1
    for place, row in enumerate(rows):
        text = f"{row['n_yes']:,} ({percent(row['share'])})"
        say(ax, row["n_yes"] / 2, place, f"{labels[place].replace(chr(10), ' ')}: {_in_words(row, protocol)}")
        ax.text(row["n_yes"] + room / 60, place, text, va="center", fontsize=7.5, color=INK)
    ax.set_xlim(0, room)
    name_rows(ax, labels)
    name_axis(ax, noun.Hips)
    legend_above(ax)
    return ax


def class_figure(table: pd.DataFrame, protocol: Protocol) -> display.Figure | display.Nothing:
    """Return :func:`class_bars` with its title and words."""
    noun = protocol.words
    rows = _drawn(table) if len(table) else []
    if not rows or not any(row["n_yes"] for row in rows):
        return display.Nothing("There is no class to draw: none has a count that may be shown.")
    said = [f"{group_label('stretch_type', row['answer'], protocol)}: {_in_words(row, protocol)}" for row in rows]
    return finished(
        class_bars(table, protocol), _title(table, protocol), f"{noun.Hips} in each class. {'; '.join(said)}."
    )


def _title(table: pd.DataFrame, protocol: Protocol) -> str:
    """Say which class shown is the most common."""
    noun = protocol.words
    rows = _drawn(table)
    most = max(row["n_yes"] for row in rows)
    first = [row for row in rows if row["n_yes"] == most]
    names = listed([short_label("stretch_type", row["answer"], protocol) for row in first])
    shown = " shown" if len(rows) < len(table) else ""
    of = f"{most:,} of {noun.count(first[0]['n_known'])} ({percent(first[0]['share'])})"
    if len(first) > 1:
        return f"No class{shown} is the most common: {names} have {of} each"
    return f"The most common class{shown}: {names}, {of}"


def _in_words(row: Row, protocol: Protocol) -> str:
    noun = protocol.words
    firm, soft, untold, _ = _parts(row)
    firmly = f"how firmly is {WITHHELD}" if untold else f"{firm:,} definite, {soft:,} borderline"
    return f"{noun.count(row['n_yes'])}, {firmly}"
