"""Differences of two readings of one hip against their mean, with the limits of agreement."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from analysis.answers.agreement import ALL
from analysis.protocol import Protocol
from analysis.protocol.words import within_sentence
from analysis.show import display
from analysis.show.figures.style import (
    ACCENT,
    INK,
    PALE_ACCENT,
    finished,
    legend_above,
    name_axis,
    plot_axes,
    points_by_group,
    rows_of,
    say,
    with_unit,
)
from analysis.show.words import Row, change, digits, from_to, known, signed


def _drawn(table: pd.DataFrame) -> Row | None:
    rows = [row for row in rows_of(table) if not row["suppressed"] and known(row["lower_low"]) and row["raters"] == ALL]
    return rows[0] if rows else None


def agreement_plot(
    table: pd.DataFrame, hips: pd.DataFrame, protocol: Protocol, by: str = "", ax: Axes | None = None
) -> Axes:
    """Draw the limits of agreement of the first angle with their intervals, over each hip where hips may be seen.

    Parameters
    ----------
    table
        As :meth:`analysis.report.Report.agreement` returns it.
    hips
        As :meth:`analysis.report.Report.second_readings` returns them.
    protocol
        Gives the labels.
    by
        The column of the groups, such as ``raters``, whose hips have marks of their own; empty for one mark.
    ax
        Where to draw; new axes if left out.
    """
    ax = ax or plot_axes(2.4)
    row = _drawn(table)
    if row is None:
        return ax
    measure = protocol.measures[row["measure"]]
    if len(hips):
        own = hips[(hips["measure"] == row["measure"]) & (hips["comparison"] == row["comparison"])]
        points_by_group(ax, own.assign(mean=(own["first"] + own["second"]) / 2), "mean", "difference", by, protocol)
        if by:
            legend_above(ax)
    else:  # lines without a hip need no readings beneath them
        ax.set_xticks([])
    for name, line in (("lower", "--"), ("bias", "-"), ("upper", "--")):
        ax.axhspan(row[f"{name}_low"], row[f"{name}_high"], color=PALE_ACCENT, alpha=0.35, linewidth=0)
        ax.axhline(row[name], color=ACCENT, linewidth=1.4, linestyle=line)
        say(ax, ax.get_xlim()[1], row[name], _limit(row, name, protocol))
        ax.annotate(signed(row[name], digits(measure)), (1, row[name]), (-2, 2), xycoords=("axes fraction", "data"),
                    textcoords="offset points", ha="right", va="bottom", fontsize=8, color=INK)  # fmt: skip
    ax.set_ylabel(with_unit("Second less first reading", measure), fontsize=8.5, color=INK)
    name_axis(ax, f"{with_unit(f'{measure.label}, mean of two readings', measure)}; bands: 95 % intervals")
    return ax


def agreement_figure(table: pd.DataFrame, hips: pd.DataFrame, protocol: Protocol) -> display.Figure | display.Nothing:
    """Return :func:`agreement_plot` with its title and words."""
    row = _drawn(table) if len(table) else None
    if row is None:
        return display.Nothing("There are no limits of agreement to draw.")
    measure = protocol.measures[row["measure"]]
    ends = " and ".join(change(row[name], measure) for name in ("lower", "upper"))
    title = f"Two readings of {within_sentence(measure.label)}: 95 of 100 differences lie between {ends}"
    said = [_limit(row, name, protocol) for name in _CALLED]
    return finished(agreement_plot(table, hips, protocol), title, f"Differences of two readings: {'; '.join(said)}.")


_CALLED = {"lower": "lower limit", "bias": "mean", "upper": "upper limit"}


def _limit(row: Row, name: str, protocol: Protocol) -> str:
    measure = protocol.measures[row["measure"]]
    ends = from_to(row[f"{name}_low"], row[f"{name}_high"], measure)
    return f"{_CALLED[name]} {signed(row[name], digits(measure))} ({ends})"
