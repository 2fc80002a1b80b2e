"""The true rate of every clinic, drawn towards that of all, beside the rate that was seen."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from analysis.protocol import Protocol
from analysis.show import display
from analysis.show.figures.style import ACCENT, GREY, INK, finished, legend_above, name_axis, plot_axes, rows_of, say
from analysis.show.words import Row, interval, known, percent

_NAMED, _SHORT = 30, 12  # so many clinics have their names beneath, where the names are this short
_LISTED = 40  # so many are told one by one to those who hear the page read


def drawn_towards_all(table: pd.DataFrame) -> list[Row]:
    """Return the clinics whose true rate may be shown, from the lowest to the highest."""
    rows = [row for row in rows_of(table) if not row["suppressed"] and known(row["shrunk"])]
    return sorted(rows, key=lambda row: (row["shrunk"], str(row["clinic_id"])))


def caterpillar(table: pd.DataFrame, protocol: Protocol, ax: Axes | None = None) -> Axes:
    """Draw the true rate of each clinic with its limits, the rate seen, and that of all clinics.

    Parameters
    ----------
    table
        As :meth:`analysis.report.Report.clinics` returns it.
    protocol
        Gives the words.
    ax
        Where to draw; new axes if left out.
    """
    rows = drawn_towards_all(table)
    ax = ax or plot_axes(1.9, below=0.5)
    places = range(len(rows))
    size = 5 if len(rows) <= 2 * _NAMED else 2
    low, high = [row["shrunk_low"] for row in rows], [row["shrunk_high"] for row in rows]
    ax.vlines(places, low, high, color=ACCENT, linewidth=1.4 if size > 2 else 0.4)
    ax.plot(places, [row["shrunk"] for row in rows], "o", color=ACCENT, markersize=size, label="true rate, 95 % limits")
    seen = [row["rate"] for row in rows]
    ax.plot(places, seen, "D", color=INK, markerfacecolor="none", markersize=size, label="rate seen", clip_on=False)
    ax.axhline(rows[0]["target"] if rows else 0, color=GREY, linewidth=1, label="all clinics together")
    for place, row in enumerate(rows):
        say(ax, place, row["shrunk"], _in_words(row))
    names = [str(row["clinic_id"]) for row in rows]
    named = len(names) <= _NAMED and max(map(len, names), default=0) <= _SHORT
    ax.set_xticks(places if named else [], names if named else [], fontsize=7.5, rotation=30 if len(names) > 14 else 0)
    ax.set_xlim(-0.6, max(len(rows), 1) - 0.4)
    ax.set_ylim(0, min(1.02, max(0.1, 1.1 * max([*high, *seen], default=1))))
    ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
    ax.set_ylabel("Responder rate", fontsize=8.5, color=INK, labelpad=2)
    name_axis(ax, "Clinics by their true rates; neighbours need not differ, so this is no ranking")
    legend_above(ax)
    return ax


def caterpillar_figure(table: pd.DataFrame, protocol: Protocol) -> display.Figure | display.Nothing:
    """Return :func:`caterpillar` with its title and words."""
    rows = drawn_towards_all(table) if len(table) else []
    if not rows:
        return display.Nothing("There are no true rates to draw: they cannot be told, or are withheld.")
    seen = [row["rate"] for row in rows]
    true = f"{percent(rows[0]['shrunk'])} to {percent(rows[-1]['shrunk'])}"
    title = f"True rates of {len(rows)} clinics: {true}; rates seen: {percent(min(seen))} to {percent(max(seen))}"
    each = f" {'; '.join(map(_in_words, rows))}." if len(rows) <= _LISTED else ""
    return finished(caterpillar(table, protocol), title, f"In the order of their true rates.{each}")


def _in_words(row: Row) -> str:
    limits = interval(row["shrunk_low"], row["shrunk_high"])
    seen = f"{row['n_responders']:,} of {row['n_evaluable']:,} ({percent(row['rate'])})"
    return f"{row['clinic_id']}: true rate {percent(row['shrunk'])} (95 % limits {limits}), seen {seen}"
