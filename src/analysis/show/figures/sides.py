"""Left against right: differences with their intervals, and asymmetry beyond measurement error."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from analysis.protocol import Protocol
from analysis.protocol.words import within_sentence
from analysis.show import display
from analysis.show.figures.style import (
    GREY,
    INK,
    LEFT,
    PALE,
    RIGHT,
    finished,
    legend_above,
    name_axis,
    name_rows,
    row_axes,
    rows_of,
    say,
)
from analysis.show.words import Row, count, known, listed, signed


def side_differences(table: pd.DataFrame, labels: Sequence[str], ax: Axes | None = None) -> Axes:
    """Draw left minus right in percentage points with its interval, a line at no difference.

    Parameters
    ----------
    table
        As :meth:`analysis.report.Report.sides` returns it.
    labels
        One per row.
    ax
        Where to draw; new axes if left out.
    """
    ax = ax or row_axes(len(table), labels, above=0.2)
    ax.axvline(0, color=GREY, linewidth=1)
    for place, row in enumerate(rows_of(table)):
        if row["suppressed"] or not known(row["difference"]):
            ax.annotate("withheld" if row["suppressed"] else "no pairs", (0, place), (4, 0), textcoords="offset points",
                        va="center", fontsize=7.5, color=GREY)  # fmt: skip
            continue
        ax.hlines(place, 100 * row["ci_low"], 100 * row["ci_high"], color=INK, linewidth=1.6)
        ax.plot(100 * row["difference"], place, marker="D", markersize=5.5, color=INK)
        say(ax, 100 * row["difference"], place, f"{labels[place]}: {_difference(row)}")
    name_rows(ax, labels)
    reach = max([abs(x) for x in ax.get_xlim()] + [10])
    ax.set_xlim(-reach, reach)
    name_axis(ax, "Left minus right, percentage points")
    for x, words, align in ((0, "right more often", "left"), (1, "left more often", "right")):
        ax.text(x, 1.02, words, transform=ax.transAxes, ha=align, fontsize=7.5, color=GREY)
    return ax


def side_difference_figure(table: pd.DataFrame, labels: Sequence[str]) -> display.Figure | display.Nothing:
    """Return :func:`side_differences` with its title and words."""
    rows = [(row, label) for row, label in zip(rows_of(table), labels, strict=True)]
    drawn = [(row, label) for row, label in rows if not row["suppressed"] and known(row["difference"])]
    if not drawn:
        return display.Nothing("There is no difference to draw: none may be shown.")
    clear = [label for row, label in drawn if row["ci_low"] > 0 or row["ci_high"] < 0]
    found = f"clear in {len(clear) or 'none'} of {len(drawn)} comparisons"
    if len(drawn) == 1:
        found = "clear" if clear else "not clear"
    title = f"Left against right in the same people: a difference is {found}"
    said = [f"{label}: {_difference(row)}" for row, label in drawn]
    return finished(side_differences(table, labels), title, f"Left minus right, percentage points. {'; '.join(said)}.")


def _difference(row: Row) -> str:
    low, high = (signed(100 * row[f"ci_{end}"]) for end in ("low", "high"))
    return f"{signed(100 * row['difference'])} (95 % CI {low} to {high})"


def asymmetry_bars(table: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw, for each visit, in how many people the left hip had less, the right, or neither beyond error.

    Parameters
    ----------
    table
        As :meth:`analysis.report.Report.asymmetry` returns it.
    ax
        Where to draw; new axes if left out.
    """
    rows = _shown(table)
    labels = [f"{row['timepoint']} ({count(row['n'], 'person', 'people')})" for row in rows]
    ax = ax or row_axes(len(rows), labels)
    styles = (("n_left_worse", "left has less", LEFT, ""), ("n_within_error", "within error", PALE, ""),
              ("n_right_worse", "right has less", RIGHT, "////"))  # fmt: skip
    for name, label, colour, hatch in styles:
        shares = [row[name] / row["n"] for row in rows]
        start = [_before(row, name) / row["n"] for row in rows]
        ax.barh(range(len(rows)), shares, 0.62, start, color=colour, hatch=hatch, edgecolor="white", label=label)
        ink = INK if name == "n_within_error" else "white"
        behind = {"facecolor": colour, "edgecolor": "none", "boxstyle": "round,pad=0.15"}
        for place, (row, share, left) in enumerate(zip(rows, shares, start, strict=True)):
            if share:
                people = count(row["n"], "person", "people")
                say(ax, left + share / 2, place, f"{row['timepoint']}: {label}: {row[name]:,} of {people}")
            if share > 0.04:
                text = ax.text(left + share / 2, place, f"{row[name]:,}", ha="center", va="center")
                text.set(fontsize=8, fontweight="bold", color=ink, bbox=behind)
    name_rows(ax, labels)
    ax.set_xlim(0, 1)
    ticks = np.arange(0, 1.01, 0.25)
    ax.set_xticks(ticks, [f"{100 * tick:.0f} %" for tick in ticks])
    name_axis(ax, "People")
    legend_above(ax)
    return ax


def _shown(table: pd.DataFrame) -> list[Row]:
    return [row for row in rows_of(table) if known(row["n_left_worse"]) and row["n"] > 0]


def _before(row: Row, name: str) -> float:
    return {"n_left_worse": 0, "n_within_error": row["n_left_worse"]}.get(name, row["n"] - row["n_right_worse"])


def asymmetry_figure(table: pd.DataFrame, protocol: Protocol) -> display.Figure | display.Nothing:
    """Return :func:`asymmetry_bars` with its title and words."""
    noun = protocol.words
    rows = _shown(table) if len(table) else []
    if not rows or protocol.asymmetry is None:
        return display.Nothing("There is no asymmetry to draw: no visit has one that may be shown.")
    measure = within_sentence(protocol.measures[protocol.asymmetry.measure].label)
    said = [
        f"at {row['timepoint']} the left had less in {row['n_left_worse']:,} of {row['n']:,}, "
        f"the right in {row['n_right_worse']:,}"
        for row in rows
    ]
    first = next((row for row in rows if row["timepoint"] == protocol.classify_at), rows[0])
    title = (
        f"Less {measure} beyond error, at {first['timepoint']}: the left {noun.hip} of {first['n_left_worse']}, "
        f"the right of {first['n_right_worse']} of {count(first['n'], 'person', 'people')}"
    )
    return finished(asymmetry_bars(table), title, f"People by the side with less {measure}: {listed(said)}.")
