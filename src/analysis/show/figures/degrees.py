"""Mean changes with their intervals, beside the error of a single hip's change."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from analysis.protocol import Protocol
from analysis.protocol.measures import Measure
from analysis.show import display
from analysis.show.figures.style import (
    GREY,
    INK,
    PALE,
    finished,
    group_name,
    name_axis,
    name_rows,
    row_axes,
    rows_of,
    say,
    with_unit,
)
from analysis.show.words import Row, digits, from_to, known, listed, number, signed
from analysis.stats.measurement import minimal_detectable_change


def _drawn(table: pd.DataFrame) -> list[Row]:
    return [row for row in rows_of(table) if not row["suppressed"] and known(row["ci_low"])]


def mean_changes(table: pd.DataFrame, protocol: Protocol, by: str = "", ax: Axes | None = None) -> Axes:
    """Draw the mean change of every measure, or of its groups, with its interval, over the error of one hip's change.

    Parameters
    ----------
    table
        As :meth:`analysis.report.Report.mean_changes` returns it, or of groups
        :meth:`analysis.report.Report.gains_by_group`; rows without an interval are left out.
    protocol
        Gives the labels.
    by
        The column of the groups; empty where the table has none.
    ax
        Where to draw; new axes if left out.
    """
    noun = protocol.words
    rows = _drawn(table)
    whose = [f"{group_name(by, row[by], protocol)}, {protocol.measures[row['measure']].name}" if by else
             protocol.measures[row["measure"]].label for row in rows]  # fmt: skip
    labels = [f"{name} ({noun.count(row['n_hips'])})" for name, row in zip(whose, rows, strict=True)]
    ax = ax or row_axes(len(rows) * 1.15, labels, above=0.2)
    for place, row in enumerate(rows):
        error = minimal_detectable_change(float(protocol.measures[row["measure"]].sem or 0))
        ax.barh(place, 2 * error, 0.62, -error, color=PALE)
        ax.hlines(place, row["ci_low"], row["ci_high"], color=INK, linewidth=1.6)
        ax.plot(row["mean"], place, marker="D", markersize=5.5, color=INK)
        say(ax, row["mean"], place, f"{whose[place]}: {_in_words(row, protocol.measures[row['measure']])}")
        mean = signed(row["mean"], digits(protocol.measures[row["measure"]]))
        ax.annotate(mean, (row["mean"], place), (0, 7), textcoords="offset points", ha="center",
                    fontsize=7.5, color=INK)  # fmt: skip
    ax.axvline(0, color=GREY, linewidth=1)
    name_rows(ax, labels)
    reach = 1.05 * max(map(abs, ax.get_xlim()))
    ax.set_xlim(-reach, reach)
    measures = {measure.unit: measure for row in rows for measure in [protocol.measures[row["measure"]]]}
    mean = "Mean change with 95 % interval"
    mean = with_unit(mean, *measures.values()) if len(measures) == 1 else mean
    name_axis(ax, f"{mean}; grey: error of one change")
    return ax


def mean_changes_figure(table: pd.DataFrame, protocol: Protocol) -> display.Figure | display.Nothing:
    """Return :func:`mean_changes` with its title and words."""
    rows = _drawn(table) if len(table) else []
    if not rows:
        return display.Nothing("There is no mean change to draw: none has an interval that may be shown.")
    clear = [protocol.measures[row["measure"]].name for row in rows if row["ci_low"] > 0 or row["ci_high"] < 0]
    title = f"Mean change: clearly different from none in {listed(clear) if clear else 'no measure'}"
    measures = [protocol.measures[row["measure"]] for row in rows]
    said = [f"{measure.label}: {_in_words(row, measure)}" for row, measure in zip(rows, measures, strict=True)]
    return finished(mean_changes(table, protocol), title, f"Mean changes. {'; '.join(said)}.")


def _in_words(row: Row, measure: Measure) -> str:
    error = number(minimal_detectable_change(float(measure.sem or 0)), digits(measure))
    ends = from_to(row["ci_low"], row["ci_high"], measure)
    return f"{signed(row['mean'], digits(measure))} (95 % CI {ends}; error of one change ±{error})"
