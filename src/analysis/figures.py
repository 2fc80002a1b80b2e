"""Results become figures: estimates with intervals, chance beside them, left always the same mark."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from analysis import display
from analysis.protocol import Protocol
from analysis.tables import group_label
from analysis.words import count, known, listed, percent, signed

Row = dict[Hashable, Any]
# Blue and orange differ for every kind of colour vision; the marks differ without colour.
_BLUE, _ORANGE = sns.color_palette("colorblind").as_hex()[0], "#c25c00"
SIDE_STYLE = {"left": (_BLUE, "o", "full"), "right": (_ORANGE, "s", "none")}
_INK, _GREY, _WIDTH = "#222222", "#767676", 6.4


def _axes(rows: float, labels: Sequence[str], above: float = 0.35) -> Axes:
    """Return axes whose rows have the same height in every figure; margins are set, never searched for."""
    longest = max([len(line) for label in labels for line in label.split("\n")], default=0)
    left = 0.03 + 0.0105 * max(longest, 8)
    height = 0.30 * rows + 0.62 + above
    figure = Canvas(figsize=(_WIDTH, height))
    axes = figure.add_axes((left, 0.55 / height, 0.97 - left, 1 - (0.62 + above) / height))
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.tick_params(left=False, colors=_INK, labelsize=8.5)
    axes.grid(axis="x", color="#e3e3e3", linewidth=0.6)
    axes.set_axisbelow(True)
    return axes


def _shown(table: pd.DataFrame) -> list[Row]:
    return [row for row in table.to_dict("records") if not row["suppressed"] and known(row["rate"])]


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
        Groups without a rate are left out; their rows in the table say why.
    """
    rows = _shown(table)
    groups = [g for g in table[by[0]].cat.categories if any(row[by[0]] == g for row in rows)]
    labels = [group_label(by[0], group, protocol).replace(": ", ":\n") for group in groups]
    ax = ax or _axes(max(len(groups), 1) * 1.6, labels)
    for place, group in enumerate(groups):
        for row in (r for r in rows if r[by[0]] == group):
            _estimate(ax, place + (0.17 if row["side"] == "right" else -0.17), row)
    ax.set_yticks(range(len(groups)), labels)
    ax.set_ylim(max(len(groups), 1) - 0.4, -0.6)
    top = max([row["ci_high"] for row in rows], default=1.0)
    _share_axis(ax, min(1.0, np.ceil(top * 10 + 0.2) / 10))
    _side_legend(ax)
    return ax


def _estimate(ax: Axes, place: float, row: Row) -> None:
    colour, mark, fill = SIDE_STYLE[row["side"]]
    ax.hlines(place, row["ci_low"], row["ci_high"], color=colour, linewidth=1.6)
    ax.plot(row["rate"], place, marker=mark, markersize=6, color=colour, fillstyle=fill, markerfacecoloralt="white")
    if fill == "none":
        ax.plot(row["rate"], place, marker=mark, markersize=4, color="white", linestyle="")
    if known(row["chance_rate"]):
        ax.vlines(row["chance_rate"], place - 0.15, place + 0.15, color=_GREY, linewidth=2)
    label = f"{row['n_responders']}/{row['n_evaluable']}"
    ax.annotate(
        label, (row["ci_high"], place), (4, 0), textcoords="offset points", va="center", fontsize=7.5, color=_INK
    )


def _share_axis(ax: Axes, top: float) -> None:
    ax.set_xlim(-0.01 * top, top * 1.08)
    step = 0.1 if top <= 0.5 else 0.2
    ticks = np.arange(0, top + step / 2, step)
    ax.set_xticks(ticks, [f"{100 * tick:.0f} %" for tick in ticks])
    ax.set_xlabel("Responders of hips judged", fontsize=8.5, color=_INK)


def _side_legend(ax: Axes) -> None:
    for side, (colour, mark, fill) in SIDE_STYLE.items():
        face = colour if fill == "full" else "white"
        ax.plot(
            [], [], marker=mark, color=colour, markerfacecolor=face, linewidth=1.6, markersize=6, label=f"{side} hip"
        )
    ax.plot([], [], marker="|", color=_GREY, markeredgewidth=2, markersize=8, linestyle="", label="by chance alone")
    _legend_above(ax)


def _legend_above(ax: Axes) -> None:
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=3, frameon=False, fontsize=8.5, borderaxespad=0.1)


def responder_figure(table: pd.DataFrame, by: Sequence[str], protocol: Protocol) -> display.Figure | display.Text:
    """Return :func:`responder_rates` with a title that says what it shows, and words for those who cannot see it."""
    rows = _shown(table)
    if not rows:
        return display.Text("There is no rate to draw: no group has one that may be shown.")
    shares = [row["rate"] for row in rows]
    low, high = percent(min(shares)), percent(max(shares))
    spread = f"{low} in every group shown" if low == high else f"from {low} to {high} between groups"
    above = [row for row in rows if known(row["chance_rate"]) and row["ci_low"] > row["chance_rate"]]
    title = f"Responders: {spread}; clearly more than chance in {len(above)} of {count(len(rows), 'group')}"
    said = [
        f"{group_label(by[0], row[by[0]], protocol)}, {row['side']}: {row['n_responders']} of {row['n_evaluable']}"
        f" ({percent(row['rate'])}; 95 % CI {percent(row['ci_low'])} to {percent(row['ci_high'])})"
        for row in rows
    ]
    return _finished(responder_rates(table, by, protocol), title, f"Responder rates. {'; '.join(said)}.")


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
    ax = ax or _axes(len(table), labels, above=0.2)
    ax.axvline(0, color=_GREY, linewidth=1)
    for place, row in enumerate(table.to_dict("records")):
        if row["suppressed"] or not known(row["difference"]):
            ax.annotate("withheld" if row["suppressed"] else "no pairs", (0, place), (4, 0), textcoords="offset points",
                        va="center", fontsize=7.5, color=_GREY)  # fmt: skip
            continue
        ax.hlines(place, 100 * row["newcombe_low"], 100 * row["newcombe_high"], color=_INK, linewidth=1.6)
        ax.plot(100 * row["difference"], place, marker="D", markersize=5.5, color=_INK)
    ax.set_yticks(range(len(table)), list(labels))
    ax.set_ylim(len(table) - 0.4, -0.6)
    reach = max([abs(x) for x in ax.get_xlim()] + [10])
    ax.set_xlim(-reach, reach)
    ax.set_xlabel("Left minus right, percentage points", fontsize=8.5, color=_INK)
    for x, words, align in ((0, "right more often", "left"), (1, "left more often", "right")):
        ax.text(x, 1.02, words, transform=ax.transAxes, ha=align, fontsize=7.5, color=_GREY)
    return ax


def side_difference_figure(table: pd.DataFrame, labels: Sequence[str]) -> display.Figure | display.Text:
    """Return :func:`side_differences` with its title and words."""
    rows = [(row, label) for row, label in zip(table.to_dict("records"), labels, strict=True)]
    drawn = [(row, label) for row, label in rows if not row["suppressed"] and known(row["difference"])]
    if not drawn:
        return display.Text("There is no difference to draw: none may be shown.")
    clear = [label for row, label in drawn if row["newcombe_low"] > 0 or row["newcombe_high"] < 0]
    found = f"clear in {len(clear)} of {count(len(drawn), 'comparison')}"
    title = f"Left against right in the same people: a difference is {found}"
    said = [
        f"{label}: {signed(100 * row['difference'])} (95 % CI {signed(100 * row['newcombe_low'])} to "
        f"{signed(100 * row['newcombe_high'])})"
        for row, label in drawn
    ]
    return _finished(side_differences(table, labels), title, f"Left minus right, percentage points. {'; '.join(said)}.")


def asymmetry_bars(table: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw, for each visit, in how many people the left hip had less, the right, or neither beyond error.

    Parameters
    ----------
    table
        As :meth:`analysis.report.Report.asymmetry` returns it.
    ax
        Where to draw; new axes if left out.
    """
    rows = [row for row in table.to_dict("records") if not row["suppressed"] and row["n"] > 0]
    labels = [f"{row['timepoint']}\n{count(row['n'], 'person', 'people')}" for row in rows]
    ax = ax or _axes(len(rows) * 1.2, labels)
    styles = (("n_left_worse", "left has less", _BLUE, ""), ("n_within_error", "within error", "#dddddd", ""),
              ("n_right_worse", "right has less", _ORANGE, "////"))  # fmt: skip
    for name, label, colour, hatch in styles:
        shares = [row[name] / row["n"] for row in rows]
        start = [_before(row, name) / row["n"] for row in rows]
        ax.barh(range(len(rows)), shares, 0.62, start, color=colour, hatch=hatch, edgecolor="white", label=label)
        ink = _INK if name == "n_within_error" else "white"
        behind = {"facecolor": colour, "edgecolor": "none", "boxstyle": "round,pad=0.15"}
        for place, (row, share, left) in enumerate(zip(rows, shares, start, strict=True)):
            if share > 0.04:
                text = ax.text(left + share / 2, place, str(row[name]), ha="center", va="center")
                text.set(fontsize=8, fontweight="bold", color=ink, bbox=behind)
    ax.set_yticks(range(len(rows)), labels)
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.set_xlim(0, 1)
    ticks = np.arange(0, 1.01, 0.25)
    ax.set_xticks(ticks, [f"{100 * tick:.0f} %" for tick in ticks])
    ax.set_xlabel("People", fontsize=8.5, color=_INK)
    _legend_above(ax)
    return ax


def _before(row: Row, name: str) -> float:
    return {"n_left_worse": 0, "n_within_error": row["n_left_worse"]}.get(name, row["n"] - row["n_right_worse"])


def asymmetry_figure(table: pd.DataFrame, protocol: Protocol) -> display.Figure | display.Text:
    """Return :func:`asymmetry_bars` with its title and words."""
    rows = [row for row in table.to_dict("records") if not row["suppressed"] and row["n"] > 0] if len(table) else []
    if not rows or protocol.asymmetry is None:
        return display.Text("There is no asymmetry to draw: no visit has one that may be shown.")
    measure = protocol.measures[protocol.asymmetry.measure].label.lower()
    said = [
        f"at {row['timepoint']} the left had less in {row['n_left_worse']} of {row['n']}, "
        f"the right in {row['n_right_worse']}"
        for row in rows
    ]
    title = f"Which hip has less {measure}, beyond measurement error"
    return _finished(asymmetry_bars(table), title, f"People by the side with less {measure}: {listed(said)}.")


def _finished(ax: Axes, title: str, alt: str) -> display.Figure:
    figure = ax.figure
    assert isinstance(figure, Canvas)
    return display.Figure(figure, title, alt)
