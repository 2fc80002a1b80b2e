"""The one visual language: how wide a figure is, what left and right look like, where words stand."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle, islice
from textwrap import wrap
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.patheffects import withStroke
from matplotlib.transforms import Bbox

from analysis.disclosure import need_marks
from analysis.protocol import Protocol
from analysis.protocol.measures import Measure
from analysis.show import display
from analysis.show.records import records
from analysis.show.tables.cells import short_label
from analysis.show.words import Row

# Each colour has one meaning, in every figure. Left and right, better and worse differ for every kind of colour
# vision; marks and hatching differ without colour.
LEFT, RIGHT = "#0173b2", "#c25c00"
BETTER, WORSE = "#00705a", "#9c3a6e"
ACCENT, PALE_ACCENT = "#54459c", "#b9b0dc"  # what a figure is about, where it is neither a side nor better or worse
SIDE_STYLE = {"left": (LEFT, "o", "full"), "right": (RIGHT, "s", "none")}
INK, GREY, PALE = "#222222", "#767676", "#dddddd"
# Groups of any other kind: a colour, a mark and whether it is filled; no two look alike in grey.
_GROUP_STYLES = [(colour, mark, fill) for fill in ("full", "none") for colour, mark in
                 ((ACCENT, "o"), (INK, "s"), (GREY, "^"), (ACCENT, "D"), (INK, "v"), (GREY, "P"))]  # fmt: skip
WIDTH = 6.4  # inches; the text width of an A4 page
_PANELS_ABREAST, _PANEL = 3, 1.55  # panels in a row, and how many inches high one is
_TICK_LETTER = 0.053  # inches of a letter beneath a panel
_LETTER_ALONG, _LEGEND_ROW = 0.062, 0.27  # inches of a letter along the vertical axis, and of the legend above
_MARK, _NAME, _LETTER = 4.0, 8.0, 0.62  # points of half a mark and of words, and how wide a letter is to its height
# Where words may stand beside their point: how they are aligned, and how many points away.
_BESIDE = [(side, (dx, dy)) for dy in (0, 9, -9, 18, -18) for side, dx in (("left", 7), ("right", -7))]

_LEGEND: dict[str, Any] = {"frameon": False, "fontsize": 8.5, "borderpad": 0.2, "columnspacing": 1.3,
                           "handlelength": 1.8, "handletextpad": 0.5}  # fmt: skip


def row_axes(rows: float, labels: Sequence[str], above: float = 0.26) -> Axes:
    """Return axes whose rows have the same height in every figure.

    Margins are set from the labels, never searched for by drawing twice.

    Parameters
    ----------
    rows
        How many rows high.
    labels
        What will stand left of them; the longest line sets the margin.
    above
        Inches kept free for a legend.
    """
    longest = max([len(line) for label in labels for line in label.split("\n")], default=0)
    left = 0.03 + 0.0105 * max(longest, 8)
    height = 0.30 * rows + 0.44 + above
    figure = Canvas(figsize=(WIDTH, height))
    axes = figure.add_axes((left, 0.40 / height, 0.97 - left, 1 - (0.44 + above) / height))
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.tick_params(left=False, colors=INK, labelsize=8.5)
    axes.grid(axis="x", color="#e3e3e3", linewidth=0.6)
    axes.set_axisbelow(True)
    return axes


def plot_axes(height: float = 1.62, below: float = 0.4) -> Axes:
    """Return axes for a plot of points or lines, as wide as the text, so many inches high, with room for words."""
    figure = Canvas(figsize=(WIDTH, height))
    axes = figure.add_axes((0.1, below / height, 0.87, 1 - (below + 0.26) / height))
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.tick_params(colors=INK, labelsize=8.5)
    axes.grid(axis="y", color="#e3e3e3", linewidth=0.6)
    axes.set_axisbelow(True)
    return axes


def panel_rows(panels: Sequence[str], words: str, ticks: Sequence[str]) -> list[tuple[Axes, float]]:
    """Return for each panel the axes that it lies in and where its first tick stands there.

    Panels have one scale. Those of a row lie side by side in the same axes, as axes take longer to draw than what is
    in them.

    Parameters
    ----------
    panels
        Their names, which stand above them.
    words
        What the vertical axis shows.
    ticks
        What stands along the horizontal axis of each panel, evenly.
    """
    columns = min(len(panels), _PANELS_ABREAST)
    rows = -(-len(panels) // columns)
    # Names that would run into each other are set aslant, with more room beneath.
    aslant = sum(len(tick) + 2 for tick in ticks) * _TICK_LETTER > 0.9 * WIDTH / columns
    beneath = 0.28 + aslant * 0.5 * _TICK_LETTER * max(map(len, ticks))
    height = _PANEL * rows + 0.02 + beneath
    figure = Canvas(figsize=(WIDTH, height))
    step = len(ticks) + 0.25  # from a panel to the next
    places = []
    for row in range(rows):
        own = panels[row * columns : (row + 1) * columns]
        tall = _PANEL - 0.46  # without the name above
        ax = figure.add_axes((0.085, 1 - (0.5 + _PANEL * row + tall) / height, 0.905, tall / height))
        starts = [step * place for place in range(len(own))]
        _dress_row(ax, own, starts, step * columns)
        # Names stand beneath each panel that has no other beneath it.
        named = starts if row == rows - 1 else starts[max(len(panels) - (row + 1) * columns, 0) :]
        ax.set_xticks([start + tick for start in starts for tick in range(len(ticks))],
                      [tick if start in named else "" for start in starts for tick in ticks])  # fmt: skip
        if aslant:
            ax.tick_params(axis="x", rotation=25)
        places += [(ax, start) for start in starts]
    # Beside the panels and not the legend, in as many lines as its length needs.
    tall = height - beneath - _LEGEND_ROW
    lines = "\n".join(wrap(words, int(tall / _LETTER_ALONG)))
    figure.supylabel(lines, x=0.005, y=(beneath + tall / 2) / height, fontsize=8.5, linespacing=1, color=INK)
    return places


def _dress_row(ax: Axes, names: Sequence[str], starts: Sequence[float], width: float) -> None:
    """Give every panel of a row its name and a line on its left."""
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    ax.tick_params(colors=INK, labelsize=7.5)
    ax.grid(axis="y", color="#e3e3e3", linewidth=0.6)
    ax.set_axisbelow(True)
    ax.set_xlim(-0.4, width - 0.65)
    ax.spines["bottom"].set_bounds(-0.4, starts[-1] + width / _PANELS_ABREAST - 0.65)
    for name, start in zip(names, starts, strict=True):
        ax.text(start - 0.4, 1.03, name, transform=ax.get_xaxis_transform(), fontsize=8.5, color=INK)
    ax.vlines([start - 0.4 for start in starts[1:]], 0, 1, transform=ax.get_xaxis_transform(), color="black",
              linewidth=0.8)  # fmt: skip


def group_styles(by: str, groups: Sequence[object]) -> list[tuple[str, str, str]]:
    """Return the colour, mark and filling of each group: left and right always the same, others in their order."""
    if by == "side":
        return [SIDE_STYLE[str(group)] for group in groups]
    return [*islice(cycle(_GROUP_STYLES), len(groups))]


def group_name(by: str, group: object, protocol: Protocol) -> str:
    """Return what the legend calls a group: left hip, Type 1, female."""
    return f"{group} {protocol.words.hip}" if by == "side" else short_label(by, group, protocol)


def points_by_group(ax: Axes, hips: pd.DataFrame, x: str, y: str, by: str, protocol: Protocol) -> None:
    """Draw a point for each hip, each group in its own marks; without a column of groups all alike, in grey."""
    groups = list(dict.fromkeys(hips[by].sort_values().dropna())) if by and len(hips) else []
    drawn = [(hips[hips[by] == one], *look, group_name(by, one, protocol))
             for one, look in zip(groups, group_styles(by, groups), strict=True)]  # fmt: skip
    for own, colour, mark, fill, name in drawn if by else [(hips, GREY, "o", "full", "")]:
        face = colour if fill == "full" else "none"
        look: dict[str, Any] = {"color": colour, "markerfacecolor": face, "markeredgewidth": 0.7, "alpha": 0.7}
        ax.plot(own[x], own[y], mark, markersize=3.5, label=name or None, **look)


def rows_of(table: pd.DataFrame) -> list[Row]:
    """Return the rows of a table that says of each whether it may be shown."""
    if len(table):
        need_marks(table)
    return records(table)


def name_rows(ax: Axes, labels: Sequence[str]) -> None:
    """Write the labels of the rows, the first on top."""
    ax.set_yticks(range(len(labels)), list(labels))
    ax.set_ylim(max(len(labels), 1) - 0.4, -0.6)


def share_axis(ax: Axes, top: float, words: str) -> None:
    """Make the axis run from 0 to a share, in percent."""
    ax.set_xlim(-0.02 * top, top * 1.08 if top < 1 else 1.08)
    step = 0.1 if top <= 0.5 else 0.2
    ticks = np.arange(0, top + step / 2, step)
    ax.set_xticks(ticks, [f"{100 * tick:.0f} %" for tick in ticks])
    name_axis(ax, words)


def with_unit(words: str, measure: Measure) -> str:
    """Return what an axis shows with the unit it is in."""
    return f"{words}, {measure.unit}" if measure.unit else words


def name_axis(ax: Axes, words: str) -> None:
    """Say what the horizontal axis shows."""
    ax.set_xlabel(words, fontsize=8.5, color=INK)


def legend_above(ax: Axes) -> None:
    """Put the legend above the axes: on one line, or on two above axes that have others beside them."""
    columns = 6 if len(ax.figure.axes) == 1 else 2
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=columns, borderaxespad=0.1, **_LEGEND)


def legend_of_panels(panels: Sequence[Axes]) -> None:
    """Put one legend above panels that all show the same groups, each group once."""
    named = {label: handle for ax in panels for handle, label in zip(*ax.get_legend_handles_labels(), strict=True)}
    panels[0].figure.legend(named.values(), named.keys(), loc="upper left", ncols=5, borderaxespad=0.2, **_LEGEND)


def name_points(ax: Axes, points: Sequence[tuple[float, float, str]], others: Sequence[tuple[float, float]]) -> None:
    """Write words beside points, each where it is not cut off and covers the fewest points and other words.

    Parameters
    ----------
    ax
        With its limits set.
    points
        Where each point is, and its words.
    others
        The points without words.
    """
    scale = ax.figure.dpi / 72
    room, edge = ax.get_window_extent(), ax.figure.bbox.x1
    at = np.array([(x, y) for x, y, *_ in [*points, *others]], dtype=float).reshape(-1, 2)
    places = ax.transData.transform(at)
    taken = [Bbox.from_bounds(x, y, 0, 0).padded(_MARK * scale) for x, y in places]
    for (x, y, words), place in zip(points, places, strict=False):
        size = scale * _NAME * _LETTER * len(words), scale * _NAME
        boxes = [_box(place + np.multiply(scale, offset), size, side) for side, offset in _BESIDE]
        cut = [box.x0 < room.x0 or box.x1 > edge or box.y0 < room.y0 or box.y1 > room.y1 for box in boxes]
        chosen = min(range(len(boxes)), key=lambda i: (cut[i], boxes[i].count_overlaps(taken)))
        side, offset = _BESIDE[chosen]
        ax.annotate(words, (x, y), offset, textcoords="offset points", ha=side, va="center", fontsize=_NAME, color=INK,
                    path_effects=[withStroke(linewidth=2, foreground="white")])  # fmt: skip
        taken.append(boxes[chosen])


def _box(at: np.ndarray, size: tuple[float, float], side: str) -> Bbox:
    width, height = size
    return Bbox.from_bounds(at[0] - width * (side == "right"), at[1] - height / 2, width, height)


_said: WeakKeyDictionary[Axes, list[tuple[float, float, str]]] = WeakKeyDictionary()


def say(ax: Axes, x: float, y: float, words: str) -> None:
    """Let the point at a place of the axes say its numbers on a page, see :class:`analysis.show.display.Told`."""
    _said.setdefault(ax, []).append((float(x), float(y), words))


def finished(ax: Axes, title: str, alt: str) -> display.Figure:
    """Return the figure as notebooks show it, with its title and its words, and with what its points say."""
    figure = ax.figure
    assert isinstance(figure, Canvas)
    scale, told = 72 / figure.dpi, []
    for own in figure.axes:
        for *place, words in _said.get(own, []):
            x, y = own.transData.transform(place) * scale
            told.append(display.Told(float(x), float(figure.bbox.height * scale - y), words))
    return display.Figure(figure, title, alt, told)
