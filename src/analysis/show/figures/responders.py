"""Responder rates: estimates with their intervals, and what chance alone would give beside them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patheffects import Normal, withStroke

from analysis.protocol import Protocol
from analysis.show import display
from analysis.show.figures.style import (
    GREY,
    INK,
    finished,
    group_name,
    group_styles,
    legend_above,
    name_rows,
    row_axes,
    rows_of,
    say,
    share_axis,
)
from analysis.show.tables import group_label
from analysis.show.words import FEWEST_DRAWN, Row, known, percent
from analysis.stats.beyond_chance import ABOVE, UNKNOWN


def _shown(table: pd.DataFrame) -> list[Row]:
    rows = [row for row in rows_of(table) if not row["suppressed"] and known(row["rate"])]
    return [row for row in rows if row["n_evaluable"] >= FEWEST_DRAWN]


def responder_rates(table: pd.DataFrame, by: Sequence[str], protocol: Protocol, ax: Axes | None = None) -> Axes:
    """Draw responder rates with their intervals, and a tick where chance alone would be.

    Parameters
    ----------
    table
        As :meth:`analysis.report.Report.rates` returns it, grouped by one column or two.
    by
        The columns: the first has a row for each group, the second, such as the side, marks of its own.
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
    groups = list(dict.fromkeys(row[by[0]] for row in rows))
    beside = list(dict.fromkeys(row[by[1]] for row in rows)) if len(by) > 1 else [""]
    if "left" in beside:
        beside.sort()
    styles = dict(zip(beside, group_styles(by[-1], beside), strict=True))
    labels = [group_label(by[0], group, protocol).replace(": ", ":\n") for group in groups]
    ax = ax or row_axes(max(len(groups), 1) * max(1.0, len(beside) / 2), labels)
    for row in rows:
        other = row[by[1]] if len(by) > 1 else ""
        aside = 0.4 * (beside.index(other) - (len(beside) - 1) / 2) * 2 / max(len(beside), 2)
        _estimate(ax, groups.index(row[by[0]]) + aside, row, styles[other])
        say(ax, row["rate"], groups.index(row[by[0]]) + aside, _in_words(row, by, protocol))
    name_rows(ax, labels)
    top = max([row["ci_high"] for row in rows], default=1.0)
    share_axis(
        ax,
        min(1.0, np.ceil(top * 10 + 0.2) / 10),
        f"Responders of {noun.hips} judged, with 95 % interval; groups of at least {FEWEST_DRAWN} {noun.hips}",
    )
    _legend(ax, {group_name(by[-1], other, protocol): look for other, look in styles.items()} if by[1:] else {})
    return ax


def _estimate(ax: Axes, place: float, row: Row, look: tuple[str, str, str]) -> None:
    colour, mark, fill = look
    ax.hlines(place, row["ci_low"], row["ci_high"], color=colour, linewidth=1.6)
    ax.plot(row["rate"], place, marker=mark, markersize=6, color=colour, markerfacecolor=_face(colour, fill),
            clip_on=False)  # fmt: skip
    if known(row["chance_rate"]):
        # Also at 0 %, where it lies over the mark of a rate of 0 and on the edge of the axes.
        ax.vlines(row["chance_rate"], place - 0.17, place + 0.17, color=GREY, linewidth=2, clip_on=False, zorder=4,
                  path_effects=[withStroke(linewidth=3.5, foreground="white"), Normal()])  # fmt: skip
    label = f"{row['n_responders']:,}/{row['n_evaluable']:,}"
    ax.annotate(
        label, (row["ci_high"], place), (4, 0), textcoords="offset points", va="center", fontsize=7.5, color=INK
    )


def _face(colour: str, fill: str) -> str:
    """Return the inside of a mark; a hollow one is white, so that no line shines through."""
    return colour if fill == "full" else "white"


def _legend(ax: Axes, styles: dict[str, tuple[str, str, str]]) -> None:
    for name, (colour, mark, fill) in styles.items():
        ax.plot([], [], marker=mark, color=colour, markerfacecolor=_face(colour, fill), linewidth=1.6, markersize=6,
                label=name)  # fmt: skip
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
            f"Every group has fewer than {FEWEST_DRAWN} judged {noun.hips} or a withheld rate, so none is drawn."
        )
    shares = [row["rate"] for row in rows]
    low, high = percent(min(shares)), percent(max(shares))
    drawn = "the one group shown" if len(rows) == 1 else f"groups of {FEWEST_DRAWN} {noun.hips} or more"
    spread = low if len(rows) == 1 else f"{low} in each" if low == high else f"{low} to {high}"
    title = f"Responders in {drawn}: {spread}{_beyond_chance(rows)}"
    said = [_in_words(row, by, protocol) for row in rows]
    return finished(responder_rates(table, by, protocol), title, f"In {drawn}, responder rates. {'; '.join(said)}.")


def _in_words(row: Row, by: Sequence[str], protocol: Protocol) -> str:
    name = ", ".join([group_label(by[0], row[by[0]], protocol), *(str(row[other]) for other in by[1:])])
    ends = f"{percent(row['ci_low'])} to {percent(row['ci_high'])}"
    return f"{name}: {row['n_responders']:,} of {row['n_evaluable']:,} ({percent(row['rate'])}; 95 % CI {ends})"
