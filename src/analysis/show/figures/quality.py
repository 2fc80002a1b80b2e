"""From the files to the hips that can be judged: the flow of STROBE, as boxes from top to bottom."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from analysis.protocol import Protocol
from analysis.show import display
from analysis.show.figures.style import ACCENT, GREY, INK, WIDTH, finished, rows_of
from analysis.show.tables.quality import lost_text, step_label
from analysis.show.words import WITHHELD, Row, count

_BOX_HEIGHT, _GAP = 0.42, 0.26  # inches


def flow_boxes(table: pd.DataFrame, protocol: Protocol, ax: Axes | None = None) -> Axes:
    """Draw a box for every step with its hips and patients, and beside each arrow what was lost.

    Parameters
    ----------
    table
        As :meth:`analysis.report.Report.flow` returns it.
    protocol
        Gives the words.
    ax
        Where to draw; new axes if left out.
    """
    rows = rows_of(table)
    ax = ax or _axes(len(rows))
    ax.set_axis_off()
    ax.set_xlim(0, WIDTH)
    ax.set_ylim(len(rows) * (_BOX_HEIGHT + _GAP) - _GAP + 0.08, -0.08)
    for number, row in enumerate(rows):
        top = number * (_BOX_HEIGHT + _GAP)
        middle = top + _BOX_HEIGHT / 2
        box = {"boxstyle": "round,pad=0.35", "facecolor": "white", "edgecolor": ACCENT, "linewidth": 1.2}
        ax.text(1.75, middle, _step_text(row, protocol), ha="center", va="center", fontsize=8.5, color=INK, bbox=box)
        if number:
            ax.annotate("", (1.75, top), (1.75, top - _GAP), arrowprops={"arrowstyle": "->", "color": GREY})
        if number and not row["suppressed"] and (lost := lost_text(row)):
            ax.text(1.95, top - _GAP / 2, f"lost {lost}", va="center", fontsize=8, color=GREY)
    return ax


def _axes(rows: int) -> Axes:
    return Canvas(figsize=(WIDTH, rows * (_BOX_HEIGHT + _GAP))).add_axes((0, 0, 1, 1))


def _step_text(row: Row, protocol: Protocol) -> str:
    return f"{step_label(row)}\n{_numbers(row, protocol)}"


def _numbers(row: Row, protocol: Protocol) -> str:
    noun = protocol.words
    if row["suppressed"]:
        return WITHHELD
    return f"{noun.count(row['n_hips'])}, {count(row['n_patients'], 'patient')}"


def flow_figure(table: pd.DataFrame, protocol: Protocol) -> display.Figure | display.Nothing:
    """Return :func:`flow_boxes` with its title and words."""
    noun = protocol.words
    rows = rows_of(table)
    shown = [row for row in rows if not row["suppressed"]]
    if not shown:
        return display.Nothing(
            f"The steps from the files to the {noun.hips} judged are withheld: too few patients stand behind."
        )
    judged = (
        f"how many could be judged is {WITHHELD}"
        if rows[-1]["suppressed"]
        else f"{rows[-1]['n_hips']:,} could be judged"
    )
    title = f"Of {noun.count(shown[0]['n_hips'])}, {judged}"
    said = [f"{row['step']}: {_numbers(row, protocol)}" for row in rows]
    return finished(flow_boxes(table, protocol), title, f"Flow of {noun.hips}. {'; '.join(said)}.")
