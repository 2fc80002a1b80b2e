"""First readings beside published means of the same position."""

from __future__ import annotations

from itertools import groupby

import pandas as pd
from matplotlib.axes import Axes

from analysis.protocol import Protocol
from analysis.show import display
from analysis.show.figures.style import (
    ACCENT,
    GREY,
    INK,
    finished,
    legend_above,
    name_axis,
    name_rows,
    row_axes,
    rows_of,
    say,
    with_unit,
)
from analysis.show.words import Row, digits, known, number


def _drawn(table: pd.DataFrame, protocol: Protocol) -> list[list[Row]]:
    """Return the published means that the readings here are held against, by measure and position."""
    rows = [row for row in rows_of(table) if not row["suppressed"]] if len(table) else []
    order = {measure: place for place, measure in enumerate(protocol.measures)}
    rows.sort(key=lambda row: (order[row["measure"]], row["position"]))
    return [list(norms) for _, norms in groupby(rows, key=_place)]


def _place(row: Row) -> tuple[str, str]:
    return str(row["measure"]), str(row["position"])


def norms_plot(table: pd.DataFrame, protocol: Protocol, ax: Axes | None = None) -> Axes:
    """Draw the mean first reading of each measure and position with its SD, and the published means beside it.

    Parameters
    ----------
    table
        As :meth:`analysis.report.Report.beside_norms` returns it.
    protocol
        Gives the labels.
    ax
        Where to draw; new axes if left out.
    """
    groups = _drawn(table, protocol)
    labels = [_label(norms[0], protocol) for norms in groups]
    ax = ax or row_axes(1.5 * len(groups), labels)
    for place, norms in enumerate(groups):
        own = norms[0]
        _mean(ax, own["mean"], own["sd"], place - 0.2, ACCENT, "o", "here, mean and SD" if not place else None)
        say(ax, own["mean"], place - 0.2, _here(own, protocol))
        for row in norms:
            _mean(ax, row["norm"], row["norm_sd"], place + 0.2, GREY, "D", "published" if row is groups[0][0] else None)
            say(ax, row["norm"], place + 0.2, _there(row, protocol))
            ax.annotate(row["norm_source"], (row["norm"], place + 0.2), (0, -10), textcoords="offset points",
                        ha="center", va="center", fontsize=7, color=INK)  # fmt: skip
    name_rows(ax, labels)
    ax.set_ylim(max(len(labels), 1) - 0.25, -0.6)  # room for the last names beneath their marks
    measures = {protocol.measures[norms[0]["measure"]].unit: protocol.measures[norms[0]["measure"]] for norms in groups}
    name_axis(ax, with_unit("First reading", *measures.values()) if len(measures) == 1 else "First reading")
    legend_above(ax)
    return ax


def _mean(ax: Axes, mean: float, sd: float, y: float, colour: str, mark: str, label: str | None) -> None:
    if known(sd):
        ax.hlines(y, mean - sd, mean + sd, color=colour, linewidth=1.4)
    ax.plot(mean, y, mark, color=colour, markersize=5.5, label=label)


def norms_figure(table: pd.DataFrame, protocol: Protocol) -> display.Figure | display.Nothing:
    """Return :func:`norms_plot` with its title and words."""
    groups = _drawn(table, protocol)
    if not groups:
        return display.Nothing("There is no published mean to draw beside first readings that may be shown.")
    most = max(groups, key=lambda norms: norms[0]["n_hips"])
    elsewhere = sorted(row["norm"] for row in most)
    ends = [_size(value, most[0], protocol) for value in dict.fromkeys((elsewhere[0], elsewhere[-1]))]
    here = _size(most[0]["mean"], most[0], protocol)
    title = f"{_label(most[0], protocol)}: {here} on average here, {' to '.join(ends)} published"
    said = ["; ".join([_here(norms[0], protocol), *(_there(row, protocol) for row in norms)]) for norms in groups]
    return finished(norms_plot(table, protocol), title, f"First readings. {'. '.join(said)}.")


def _label(row: Row, protocol: Protocol) -> str:
    return f"{protocol.measures[row['measure']].label}, {row['position']}"


def _size(value: float, row: Row, protocol: Protocol) -> str:
    measure = protocol.measures[row["measure"]]
    return f"{number(value, max(1, digits(measure)))}{measure.unit_sign}"


def _here(row: Row, protocol: Protocol) -> str:
    spread = f"SD {_size(row['sd'], row, protocol)}; " if known(row["sd"]) else ""
    mean = _size(row["mean"], row, protocol)
    return f"{_label(row, protocol)}: {mean} here ({spread}{protocol.words.count(row['n_hips'])})"


def _there(row: Row, protocol: Protocol) -> str:
    spread = f"SD {_size(row['norm_sd'], row, protocol)}; " if known(row["norm_sd"]) else ""
    return f"{row['norm_source']} {_size(row['norm'], row, protocol)} ({spread}{row['norm_people']})"
