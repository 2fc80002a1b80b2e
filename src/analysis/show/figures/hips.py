"""The degrees that single hips gained, where these may be shown, beside the error of one change."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from analysis.protocol import Protocol
from analysis.protocol.measures import Measure
from analysis.show import display
from analysis.show.figures.style import (
    BETTER,
    GREY,
    INK,
    PALE,
    WORSE,
    finished,
    group_name,
    group_styles,
    legend_above,
    name_axis,
    name_points,
    plot_axes,
    points_by_group,
    say,
    with_unit,
)
from analysis.show.words import amount, change, count, digits, known, percent, signed, size

NOT_DRAWN = "Single hips are drawn only where they may be shown, and where some were measured both times."


def later_reading(hips: pd.DataFrame, protocol: Protocol, by: str = "side", ax: Axes | None = None) -> Axes:
    """Draw each hip's later reading against its earlier one; within the band a change may be no change.

    Parameters
    ----------
    hips
        As :meth:`analysis.report.Report.hip_changes` returns them.
    protocol
        Gives the name and unit of the measure.
    by
        The column of the groups, which have marks of their own; empty for one mark.
    ax
        Where to draw; new axes if left out.
    """
    ax = ax or plot_axes(3.1)
    readings = hips[["before", "after"]].to_numpy(dtype="float64")
    ends = np.array([readings.min() - 2, readings.max() + 2]) if len(hips) else np.array([0.0, 1.0])
    error, wanted = _first(hips, "mdc95"), _first(hips, "threshold")
    ax.fill_between(ends, ends - error, ends + error, color=PALE, linewidth=0, label="within measurement error")
    ax.plot(ends, ends, color=GREY, linewidth=1)
    if known(wanted):
        towards = -1 if protocol.measures[str(hips["measure"].iloc[0])].better == "lower" else 1
        label = f"{amount(wanted, _measure(hips, protocol))} gained"
        ax.plot(ends, ends + towards * wanted, color=INK, linewidth=1, linestyle=":", label=label)
    points_by_group(ax, hips, "before", "after", by, protocol)
    ax.set_xlim(*ends)
    ax.set_ylim(*ends)
    name_axis(ax, _in_units(f"{_label(hips, protocol)}, earlier reading", hips, protocol))
    ax.set_ylabel(_in_units("Later reading", hips, protocol), fontsize=8.5, color=INK)
    legend_above(ax)
    return ax


def later_reading_figure(hips: pd.DataFrame, protocol: Protocol) -> display.Figure | display.Text:
    """Return :func:`later_reading` with its title and words."""
    noun = protocol.words
    if hips.empty:
        return display.Text(protocol.words.tell(NOT_DRAWN))
    up, within, down = _beyond(hips)
    title = f"{_label(hips, protocol)}: {up:,} of {noun.count(len(hips))} gained more than measurement error"
    alt = (
        f"Later against earlier reading of {noun.count(len(hips))}, with a band of {_error(hips, protocol)} around "
        f"no change: {up:,} gained more, {within:,} stayed within the band, {down:,} lost more."
    )
    return finished(later_reading(hips, protocol), title, alt)


def waterfall(hips: pd.DataFrame, protocol: Protocol, ax: Axes | None = None) -> Axes:
    """Draw every hip's gain from the largest to the smallest; gains within measurement error are pale.

    Parameters
    ----------
    hips
        As :meth:`analysis.report.Report.hip_changes` returns them.
    protocol
        Gives the name and unit of the measure.
    ax
        Where to draw; new axes if left out.
    """
    noun = protocol.words
    ax = ax or plot_axes(1.9)
    gains = np.sort(hips["gain"].to_numpy(dtype="float64"))[::-1] if len(hips) else np.array([])
    up, within, down = _beyond(hips)
    start = 0
    for n, colour, hatch, label in ((up, BETTER, "", "gained more"), (within, PALE, "", "within error"),
                                    (down, WORSE, "////", "lost more")):  # fmt: skip
        edge = "white" if hatch else colour
        ax.stairs(gains[start : start + n], np.arange(start, start + n + 1), fill=True, facecolor=colour,
                  edgecolor=edge, linewidth=0, hatch=hatch, label=label)  # fmt: skip
        start += n
    ax.axhline(0, color=GREY, linewidth=1)
    wanted = _first(hips, "threshold")
    if known(wanted):
        ax.axhline(wanted, color=INK, linewidth=1, linestyle=":", label="responder rule")
    ax.set_xlim(0, max(len(gains), 1))
    name_axis(ax, f"{noun.Hips}, from the largest gain to the smallest")
    ax.set_ylabel(_in_units("Gain", hips, protocol), fontsize=8.5, color=INK)
    legend_above(ax)
    return ax


def waterfall_figure(hips: pd.DataFrame, protocol: Protocol) -> display.Figure | display.Nothing:
    """Return :func:`waterfall` with its title and words."""
    noun = protocol.words
    if hips.empty:
        return display.Nothing(protocol.words.tell(NOT_DRAWN))
    up, within, down = _beyond(hips)
    measure, gains = _measure(hips, protocol), hips["gain"]
    low, high = (change(end, measure) for end in (gains.min(), gains.max()))
    spread = f"Gains from {low} to {high}" if len(hips) > 1 else f"Gain of {noun.count(1)}: {low}"
    title = f"{spread}, {within:,} within error"
    alt = (
        f"Gains of {noun.count(len(hips))} in order, the middle one {change(gains.median(), measure)}: "
        f"{up:,} gained more than {_error(hips, protocol)}, {within:,} stayed within it, {down:,} lost more."
    )
    return finished(waterfall(hips, protocol), title, alt)


def gain_curves(curves: pd.DataFrame, protocol: Protocol, by: str = "side", ax: Axes | None = None) -> Axes:
    """Draw the share of hips that gained at least so much, of each group, with the limits of each share.

    The share is marked at the gain asked of a responder or, without one, at measurement error. A curve falls just
    after a gain that occurs, so that hips that gained exactly so much count.

    Parameters
    ----------
    curves
        As :meth:`analysis.report.Report.gain_curves` returns them.
    protocol
        Gives the name and unit of the measure.
    by
        The column of the groups that the curves are of.
    ax
        Where to draw; new axes if left out.
    """
    noun = protocol.words
    ax = ax or plot_axes(1.9)
    at, marked = _gain_marked(curves)[0], []
    groups = list(dict.fromkeys(curves[by])) if len(curves) else []
    for group, (colour, mark, fill) in zip(groups, group_styles(by, groups), strict=True):
        own = curves[curves[by] == group]
        ax.fill_between(own["gain"], own["ci_low"], own["ci_high"], step="pre", color=colour, alpha=0.15, linewidth=0)
        line = "-" if fill == "full" else "--"
        ax.step(own["gain"], own["share"], where="pre", color=colour, linewidth=1.6, linestyle=line,
                label=f"{group} {noun.hips}" if by == "side" else group_name(by, group, protocol))  # fmt: skip
        share = _share_reaching(own, at)
        ax.plot(at, share, mark, color=colour, markerfacecolor=colour if fill == "full" else "white", markersize=5.5,
                zorder=3)  # fmt: skip
        least = amount(at, _measure(curves, protocol))
        say(ax, at, share, f"{group_name(by, group, protocol)}: {least} or more in {percent(share)}")
        marked.append((at, share, f"{group_name(by, group, protocol).removesuffix(' ' + noun.hip)} {percent(share)}"))
    for name, style, label in (("threshold", ":", "responder rule"), ("mdc95", "-", "measurement error")):
        if known(_first(curves, name)):
            ax.axvline(_first(curves, name), color=INK if style == ":" else GREY, linewidth=1, linestyle=style,
                       label=label)  # fmt: skip
    ax.set_ylim(0, 1.02)
    name_points(ax, marked, [])
    ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
    name_axis(ax, _in_units("Gain of at least so much", curves, protocol))
    ax.set_ylabel(f"Share of {noun.hips}", fontsize=8.5, color=INK, labelpad=1)
    legend_above(ax)
    return ax


def gain_curves_figure(curves: pd.DataFrame, protocol: Protocol) -> display.Figure | display.Nothing:
    """Return :func:`gain_curves` with its title and words."""
    noun = protocol.words
    if curves.empty:
        return display.Nothing(protocol.words.tell(NOT_DRAWN))
    at, what = _gain_marked(curves)
    shares = [_side_share(curves, side, at, protocol) for side in curves["side"].unique()]
    measure = _measure(curves, protocol)
    least = amount(at, measure)
    title = f"{least} or more, {what}: {' and '.join(shares)}"
    ends = " to ".join(signed(end, digits(measure)) for end in (curves["gain"].min(), curves["gain"].max()))
    found = f"{least} or more in {' and '.join(shares)}"
    alt = f"Share of {noun.hips} that gained at least so much, for gains from {ends}: {found}."
    return finished(gain_curves(curves, protocol), title, alt)


def _gain_marked(curves: pd.DataFrame) -> tuple[float, str]:
    """Return the gain that the curves are read at, and what it is."""
    asked = _first(curves, "threshold")
    if known(asked):
        return asked, "the gain asked of a responder"
    return _first(curves, "mdc95"), "measurement error"


def _share_reaching(own: pd.DataFrame, gain: float) -> float:
    """Return the share of the hips of a curve that gained so much or more."""
    reached = own.loc[own["gain"] >= gain, "share"]
    return float(reached.iloc[0]) if len(reached) else 0.0


def _side_share(curves: pd.DataFrame, side: str, gain: float, protocol: Protocol) -> str:
    noun = protocol.words
    own = curves[curves["side"] == side]
    of = count(own["n_hips"].iloc[0], f"{side} {noun.hip}", f"{side} {noun.hips}")
    return f"{percent(_share_reaching(own, gain))} of {of}"


def _beyond(hips: pd.DataFrame) -> tuple[int, int, int]:
    """Return how many hips gained more than measurement error, stayed within it, and lost more."""
    if hips.empty:
        return 0, 0, 0
    up, down = int((hips["gain"] > hips["mdc95"]).sum()), int((hips["gain"] < -hips["mdc95"]).sum())
    return up, len(hips) - up - down, down


def _first(table: pd.DataFrame, column: str) -> float:
    return float(table[column].iloc[0]) if len(table) else np.nan


def _label(table: pd.DataFrame, protocol: Protocol) -> str:
    return protocol.measures[str(table["measure"].iloc[0])].label if len(table) else "Measure"


def _measure(table: pd.DataFrame, protocol: Protocol) -> Measure:
    return protocol.measures[str(table["measure"].iloc[0])]


def _in_units(words: str, table: pd.DataFrame, protocol: Protocol) -> str:
    return with_unit(words, _measure(table, protocol)) if len(table) else words


def _error(table: pd.DataFrame, protocol: Protocol) -> str:
    return f"±{size(_first(table, 'mdc95'), _measure(table, protocol))}"
