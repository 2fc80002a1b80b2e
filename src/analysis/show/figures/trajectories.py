"""The mean readings at all visits, a line for each group, over the lines of single hips where these may be shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patheffects import Normal, withStroke

from analysis.protocol import Protocol
from analysis.protocol.words import within_sentence
from analysis.schema import HIP
from analysis.show import display
from analysis.show.figures.style import (
    INK,
    PALE,
    finished,
    group_styles,
    legend_of_panels,
    panel_rows,
    plot_axes,
    rows_of,
    say,
    with_unit,
)
from analysis.show.records import records
from analysis.show.tables.cells import short_label
from analysis.show.words import Row, count, digits, from_to, number

_NONE = pd.DataFrame()
_CLEAR = [withStroke(linewidth=2.5, foreground="white"), Normal()]  # of lines over those of single hips
_MIDDLE = 0.05, 0.95  # the axis follows the means, and readings and ends of intervals between these shares of them
_CALLED = {"side": "left and right"}


def _drawn(table: pd.DataFrame) -> pd.DataFrame:
    """Return the means that may be shown and have an interval."""
    if table.empty:
        return table
    rows_of(table)
    return table[~table["suppressed"].astype("bool") & table["ci_low"].notna()]


def trajectory_lines(
    table: pd.DataFrame, by: str, protocol: Protocol, hips: pd.DataFrame = _NONE, ax: Axes | None = None
) -> Axes:
    """Draw the mean of every group at every visit with its interval, over a line for each hip.

    The axis follows the means, and the middle nine tenths of the readings and of the ends of intervals: lines may leave
    it.

    Parameters
    ----------
    table
        As :meth:`analysis.report.Report.trajectories` returns it; means without an interval are left out.
    by
        The column of the groups.
    protocol
        Gives the labels.
    hips
        As :meth:`analysis.report.Report.visit_readings` returns them; without rows there are only means.
    ax
        Where to draw; new axes if left out.
    """
    ax = ax or plot_axes(2.6)
    rows = _drawn(table)
    visits = _visits(rows, protocol)
    ends = _draw(ax, _placed(rows, visits), _placed(hips, visits), by, list(dict.fromkeys(rows.get(by, ()))), protocol)
    if len(rows):
        ax.set_ylim(*_limits(rows, hips))
    names_at = max(len(visits), 1) - 0.75
    ax.set_xlim(-0.4, (names_at + 0.4) / 0.8 - 0.4)  # a fifth of the width is for names
    ax.set_xticks(range(len(visits)), visits)
    if len(rows):
        measure = protocol.measures[rows["measure"].iloc[0]]
        ax.set_ylabel(with_unit(measure.label, measure), fontsize=8.5, color=INK)
    _name_lines(ax, ends, names_at)
    return ax


def _visits(rows: pd.DataFrame, protocol: Protocol) -> list[str]:
    return sorted(set(rows["timepoint"]), key=protocol.timepoints.index) if len(rows) else []


def _limits(rows: pd.DataFrame, hips: pd.DataFrame) -> tuple[float, float]:
    """Return from where to where an axis goes: one far reading, or the interval of two hips, must not flatten all."""
    below, above = _MIDDLE
    low = min(rows["mean"].min(), rows["ci_low"].quantile(below, "lower"))
    high = max(rows["mean"].max(), rows["ci_high"].quantile(above, "higher"))
    if len(hips):
        low, high = min(low, hips["reading"].quantile(below)), max(high, hips["reading"].quantile(above))
    room = 0.06 * (high - low) or 1.0
    return low - room, high + room


def _placed(
    table: pd.DataFrame, visits: list[str], apart: str = "", starts: Mapping[object, float] = MappingProxyType({})
) -> pd.DataFrame:
    """Return the rows of these panels with where their panel starts, and where along the axis each stands."""
    if table.empty:
        return table
    start = _mapped(table[apart], starts) if apart else np.zeros(len(table))
    at = start + _mapped(table["timepoint"], {visit: float(place) for place, visit in enumerate(visits)})
    return table.assign(start=start, at=at)[~np.isnan(at)]


def _mapped(words: pd.Series, numbers: Mapping[object, float]) -> np.ndarray:
    """Return the number of each word, NaN where it has none."""
    codes, found = pd.factorize(words)
    place = pd.Index([*numbers], dtype="object").get_indexer(pd.Index(found).astype("object"))
    return np.append([*numbers.values()], np.nan)[np.append(place, -1)[codes]]


def _draw(
    ax: Axes,
    rows: pd.DataFrame,
    hips: pd.DataFrame,
    by: str,
    groups: Sequence[object],
    protocol: Protocol,
    of: str = "",
) -> dict[str, tuple[float, float]]:
    """Draw the lines of every group, each a little beside the one before, and return where they end.

    All panels of these axes are drawn at once: a line with gaps takes as long as one without. `of` is their column.
    """
    ends: dict[str, tuple[float, float]] = {}
    hips = hips.sort_values([*HIP, "at"]) if len(hips) else hips
    pale = float(np.clip(20 * len(groups) / max(len(hips[HIP].drop_duplicates()) if len(hips) else 0, 1), 0.07, 0.4))
    for place, (group, (colour, mark, fill)) in enumerate(zip(groups, group_styles(by, groups), strict=True)):
        beside = min(0.09, 0.36 / len(groups)) * (place - (len(groups) - 1) / 2)
        own = rows[rows[by] == group].sort_values("at")
        if own.empty:
            continue
        if len(hips):
            single = hips[hips[by] == group]
            new = single[HIP].ne(single[HIP].shift()).any(axis=1).to_numpy()
            ax.plot(*_with_gaps(new, single["at"] + beside, single["reading"]), color=colour, linewidth=0.4, alpha=pale,
                    zorder=1)  # fmt: skip
        at, name = own["at"] + beside, short_label(by, group, protocol)
        ax.vlines(at, own["ci_low"], own["ci_high"], color=colour, linewidth=1.3, zorder=3)
        for x, row in zip(at, records(own), strict=True):
            panel = f"{short_label(of, row[of], protocol)}, " if of else ""
            say(ax, x, row["mean"], f"{panel}{name}: {_in_words(row, protocol)}")
        look: dict[str, Any] = {
            "color": colour,
            "marker": mark,
            "fillstyle": fill,
            "path_effects": _CLEAR * bool(len(hips)),
        }
        new = own["start"].ne(own["start"].shift()).to_numpy()
        ax.plot(*_with_gaps(new, at, own["mean"]), **look, markersize=5, linewidth=1, label=name,
                markerfacecolor=colour if fill == "full" else "white")  # fmt: skip
        ends[name] = float(at.iloc[-1]), float(own["mean"].iloc[-1])
    return ends


def _with_gaps(new: np.ndarray, *columns: pd.Series) -> list[np.ndarray]:
    """Return columns with a gap before each row at which a line begins anew."""
    before = np.flatnonzero(new)[1:]
    return [np.insert(column.to_numpy(float), before, np.nan) for column in columns]


def _name_lines(ax: Axes, ends: dict[str, tuple[float, float]], at: float) -> None:
    """Write the names of lines beside their ends, from the lowest, each clear of the one beneath it."""
    low, high = ax.get_ylim()
    beneath = -np.inf
    for name, (x, y) in sorted(ends.items(), key=lambda end: end[1][1]):
        beneath = max(y, beneath + 0.075 * (high - low))
        ax.plot([x, at - 0.02], [y, beneath], color=PALE, linewidth=0.8, zorder=0)
        ax.text(at, beneath, name, va="center", fontsize=8, color=INK)


def trajectory_figure(
    table: pd.DataFrame, by: str | Sequence[str], protocol: Protocol, hips: pd.DataFrame = _NONE
) -> display.Figure | display.Nothing:
    """Return :func:`trajectory_lines` with its title and words; of two columns, a panel for each group of the first."""
    *apart, column = [by] if isinstance(by, str) else by
    rows = _drawn(table)
    if rows.empty:
        return display.Nothing("No mean at a visit is drawn: none has an interval that may be shown.")
    label = protocol.measures[rows["measure"].iloc[0]].label
    groups: dict[str, list[str]] = {}
    for row in records(rows):
        name = ", ".join(short_label(one, row[one], protocol) for one in (*apart, column))
        groups.setdefault(name, []).append(_in_words(row, protocol))
    said = ". ".join(f"{name}: {', '.join(points)}" for name, points in groups.items())
    each = f", {within_sentence(_CALLED.get(column, column))} of each group" if apart else ""
    title = f"Mean {within_sentence(label)} at all visits{each}, with 95 % intervals"
    if len(hips):
        title += f", over a line for each {protocol.words.hip}"
    title += _beyond(rows, hips)
    one = not apart
    drawn = trajectory_lines(table, column, protocol, hips) if one else _panels(rows, apart[0], column, protocol, hips)
    return finished(drawn, title, f"{title}. {said}.")


def _beyond(rows: pd.DataFrame, hips: pd.DataFrame) -> str:
    """Say how much of what is drawn lies beyond the axis."""
    low, high = _limits(rows, hips)
    cut, said = int(((rows["ci_low"] < low) | (rows["ci_high"] > high)).sum()), []
    if len(hips):
        readings = hips.loc[hips["timepoint"].isin(set(rows["timepoint"])), "reading"]
        out = int((~readings.between(low, high)).sum())
        said = [f"{out:,} of {count(len(readings), 'reading')}"] * (out > 0)
    said += [f"an end of {cut:,} of {count(len(rows), 'interval')}"] * (cut > 0)
    return f"; beyond the axis: {', '.join(said)}" if said else ""


def _panels(rows: pd.DataFrame, apart: str, column: str, protocol: Protocol, hips: pd.DataFrame) -> Axes:
    """Draw the lines of each group of one column in a panel of its own, all with the same scale; return the first."""
    visits, panels, groups = _visits(rows, protocol), *(list(dict.fromkeys(rows[name])) for name in (apart, column))
    measure = protocol.measures[rows["measure"].iloc[0]]
    names = [short_label(apart, panel, protocol) for panel in panels]
    starts: dict[Axes, dict[object, float]] = {}
    for panel, (ax, start) in zip(panels, panel_rows(names, with_unit(measure.label, measure), visits), strict=True):
        starts.setdefault(ax, {})[panel] = start
    limits = _limits(rows, hips)
    for ax, own in starts.items():
        _draw(ax, _placed(rows, visits, apart, own), _placed(hips, visits, apart, own), column, groups, protocol, apart)
        ax.set_ylim(*limits)
    legend_of_panels([*starts])
    return next(iter(starts))


def _in_words(row: Row, protocol: Protocol) -> str:
    measure = protocol.measures[row["measure"]]
    ends = from_to(row["ci_low"], row["ci_high"], measure)
    return f"{row['timepoint']} {number(row['mean'], digits(measure))} ({ends})"
