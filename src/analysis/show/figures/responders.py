"""Responder rates: estimates with their intervals, and what chance alone would give beside them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from analysis.protocol import Protocol
from analysis.show import display
from analysis.show.figures.style import (
    FEWEST_DRAWN,
    GREY,
    INK,
    SIDE_STYLE,
    finished,
    legend_above,
    name_rows,
    row_axes,
    rows_of,
    share_axis,
)
from analysis.show.tables import group_label
from analysis.show.words import Row, known, percent
from analysis.stats.beyond_chance import ABOVE, UNKNOWN


def _shown(table: pd.DataFrame) -> list[Row]:
    rows = [row for row in rows_of(table) if not row["suppressed"] and known(row["rate"])]
    return [row for row in rows if row["n_evaluable"] >= FEWEST_DRAWN]


def responder_rates(table: pd.DataFrame, by: Sequence[str], protocol: Protocol, ax: Axes | None = None) -> Axes:
    """Draw responder rates with their intervals, and a tick where chance alone would be.

    Parameters
    ----------
    table
        As :meth:`analysis.report.Report.rates` returns it, grouped by one column and the side.
    by
        The two columns, the side second.
    protocol
        Gives the labels.
    ax
        Where to draw; new axes if left out.

    Returns
    -------
    matplotlib.axes.Axes
        Groups without a rate, or with too few judged hips to draw (``FEWEST_DRAWN``), are left out; the table has them.
    """
    noun = protocol.words
    rows = _shown(table)
    groups = [g for g in table[by[0]].cat.categories if any(row[by[0]] == g for row in rows)]
    labels = [group_label(by[0], group, protocol).replace(": ", ":\n") for group in groups]
    ax = ax or row_axes(max(len(groups), 1), labels)
    for place, group in enumerate(groups):
        for row in (r for r in rows if r[by[0]] == group):
            _estimate(ax, place + (0.2 if row["side"] == "right" else -0.2), row)
    name_rows(ax, labels)
    top = max([row["ci_high"] for row in rows], default=1.0)
    share_axis(
        ax,
        min(1.0, np.ceil(top * 10 + 0.2) / 10),
        f"Responders of {noun.hips} judged, with 95 % interval; groups of at least {FEWEST_DRAWN} {noun.hips}",
    )
    _side_legend(ax, protocol)
    return ax


def _estimate(ax: Axes, place: float, row: Row) -> None:
    colour, mark, fill = SIDE_STYLE[row["side"]]
    ax.hlines(place, row["ci_low"], row["ci_high"], color=colour, linewidth=1.6)
    ax.plot(row["rate"], place, marker=mark, markersize=6, color=colour, markerfacecolor=_face(colour, fill))
    if known(row["chance_rate"]):
        ax.vlines(row["chance_rate"], place - 0.15, place + 0.15, color=GREY, linewidth=2)
    label = f"{row['n_responders']:,}/{row['n_evaluable']:,}"
    ax.annotate(
        label, (row["ci_high"], place), (4, 0), textcoords="offset points", va="center", fontsize=7.5, color=INK
    )


def _face(colour: str, fill: str) -> str:
    """Return the inside of a mark; a hollow one is white, so that no line shines through."""
    return colour if fill == "full" else "white"


def _side_legend(ax: Axes, protocol: Protocol) -> None:
    noun = protocol.words
    for side, (colour, mark, fill) in SIDE_STYLE.items():
        ax.plot(
            [],
            [],
            marker=mark,
            color=colour,
            markerfacecolor=_face(colour, fill),
            linewidth=1.6,
            markersize=6,
            label=f"{side} {noun.hip}",
        )
    ax.plot([], [], marker="|", color=GREY, markeredgewidth=2, markersize=8, linestyle="", label="by chance alone")
    legend_above(ax)


def _beyond_chance(rows: list[Row]) -> str:
    """Say in how many groups the rate is clearly above chance; nothing where chance is not known."""
    verdicts = [row["against_chance"] for row in rows if row["against_chance"] != UNKNOWN]
    if not verdicts:
        return ""
    several = len(verdicts) > 1
    if ABOVE not in verdicts:
        return "; not clearly more than chance" + (" in any of them" if several else "")
    return "; clearly more than chance" + (f" in {verdicts.count(ABOVE)} of {len(verdicts)}" if several else "")


def responder_figure(table: pd.DataFrame, by: Sequence[str], protocol: Protocol) -> display.Figure | display.Text:
    """Return :func:`responder_rates` with a title that says what it shows, and words for those who cannot see it."""
    noun = protocol.words
    rows = _shown(table)
    if not rows:
        return display.Text(
            f"No group has {FEWEST_DRAWN} judged {noun.hips} and a rate that may be shown, so none is drawn."
        )
    shares = [row["rate"] for row in rows]
    low, high = percent(min(shares)), percent(max(shares))
    drawn = "the one group shown" if len(rows) == 1 else f"groups of {FEWEST_DRAWN} {noun.hips} or more"
    spread = low if len(rows) == 1 else f"{low} in each" if low == high else f"{low} to {high}"
    title = f"Responders in {drawn}: {spread}{_beyond_chance(rows)}"
    said = [
        f"{group_label(by[0], row[by[0]], protocol)}, {row['side']}: {row['n_responders']:,} of {row['n_evaluable']:,}"
        f" ({percent(row['rate'])}; 95 % CI {percent(row['ci_low'])} to {percent(row['ci_high'])})"
        for row in rows
    ]
    return finished(responder_rates(table, by, protocol), title, f"In {drawn}, responder rates. {'; '.join(said)}.")
