"""The specification curve: the responder rate under every reading, and which options stand where on it."""

from __future__ import annotations

from textwrap import wrap

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from analysis.protocol import Protocol
from analysis.sensitivity.study import Sensitivity
from analysis.show import display
from analysis.show.figures.style import ACCENT, GREY, INK, WIDTH
from analysis.show.words import count, known, percent

_BINS = 48  # columns of the lower part: a mark for each reading would be a hundred thousand marks
_ROW, _GAP, _TOP = 0.15, 0.07, 2.1  # inches
_KEY = "Readings, from the lowest rate to the highest\n(darker: more of the readings there take the option)"
_LEFT, _WORDS = 0.42, 24  # where the axes begin, and letters in a line of a decision's name


def specification_curve_figure(found: Sensitivity) -> display.Figure | display.Nothing:
    """Draw the responder rate under every reading that may be shown, lowest first, over the options taken.

    Parameters
    ----------
    found
        The results in scope.

    Returns
    -------
    analysis.show.display.Figure or analysis.show.display.Nothing
        The second where there is nothing to draw.
    """
    table = found.readings
    table = table[table["rate"].notna()] if len(table) else table
    if table.empty:
        return display.Nothing("There is no curve to draw: the protocol lists no other readings, or none may be shown.")
    # Readings with the same rate come in a random order, so that their options show no pattern of their own.
    table = table.sample(frac=1, random_state=0).sort_values("rate", kind="stable", ignore_index=True)
    options = _options(found.protocol)
    height = _TOP + _ROW * len(options) + _GAP * len(found.protocol.alternatives) + 0.75
    figure = Canvas(figsize=(WIDTH, height))
    upper = figure.add_axes((_LEFT, 1 - _TOP / height, 0.98 - _LEFT, (_TOP - 0.3) / height))
    lower = figure.add_axes((_LEFT, 0.6 / height, 0.98 - _LEFT, 1 - (_TOP + 0.7) / height), sharex=upper)
    draw_rates(upper, table, found.own["rate"])
    draw_options(lower, table, found.protocol)
    low, high = table["rate"].iloc[0], table["rate"].iloc[-1]
    title = f"The responder rate under {count(len(table), 'reading')} of the rules: {percent(low)} to {percent(high)}"
    return display.Figure(figure, title, _in_words(table, found))


def _options(protocol: Protocol) -> list[tuple[str, str]]:
    return [(name, option.label) for name, choice in protocol.alternatives.items() for option in choice.options]


def draw_rates(ax: Axes, table: pd.DataFrame, own: float) -> Axes:
    """Draw sorted rates with their intervals, what chance would give under each, and the report's own rate."""
    places = np.unique(np.linspace(0, len(table) - 1, 240).astype(int))
    rows = table.iloc[places]
    ax.fill_between(
        places, rows["ci_low"], rows["ci_high"], color=ACCENT, alpha=0.2, linewidth=0, label="95 % interval"
    )
    ax.plot(places, rows["rate"], color=ACCENT, linewidth=1.8, label="responder rate")
    if rows["chance_rate"].notna().any():
        ax.plot(places, rows["chance_rate"], ".", color=GREY, markersize=2, label="by chance alone")
    if known(own):
        ax.axhline(own, color=INK, linewidth=1, linestyle="--", label="this report")
    ax.set_ylim(0, min(1.0, 1.05 * max(table["ci_high"].max(), 0.05)))
    ax.yaxis.set_major_formatter(lambda share, _: f"{100 * share:.0f} %")
    ax.tick_params(axis="x", bottom=False, labelbottom=False)
    ax.tick_params(axis="y", colors=INK, labelsize=8)
    for side in ("top", "right", "bottom"):
        ax.spines[side].set_visible(False)
    ax.legend(loc="lower left", bbox_to_anchor=(-0.65, 1.0), ncols=4, frameon=False, fontsize=8, borderaxespad=0.1)
    return ax


def draw_options(ax: Axes, table: pd.DataFrame, protocol: Protocol) -> Axes:
    """Draw, for each option, how many of the readings at each place of the curve take it: the darker, the more."""
    edges = np.linspace(0, len(table), min(_BINS, len(table)) + 1).round().astype(int)
    y, ticks, labels = 0.0, [], []
    for name, alternative in protocol.alternatives.items():
        words = "\n".join(wrap(alternative.label, _WORDS))
        middle = y + (len(alternative.options) - 1) / 2
        ax.text(-_LEFT / (0.98 - _LEFT), middle, words, transform=ax.get_yaxis_transform(), fontsize=7, color=INK,
                va="center", linespacing=0.95)  # fmt: skip
        for option in alternative.options:
            taken = np.concatenate([[0], np.cumsum(table[name] == option.label)])
            share = np.diff(taken[edges]) / np.diff(edges)
            ax.pcolormesh(edges, [y - 0.42, y + 0.42], share[None, :], cmap="Blues", vmin=0, vmax=1)
            ticks.append(y)
            labels.append(option.label)
            y += 1
        y += _GAP / _ROW
    ax.set_yticks(ticks, labels)
    ax.set_ylim(y - _GAP / _ROW - 0.4, -0.6)
    ax.tick_params(axis="y", left=False, labelsize=7, colors=INK)
    ax.tick_params(axis="x", colors=INK, labelsize=8)
    ax.xaxis.set_major_formatter("{x:,.0f}")
    ax.set_xlabel(_KEY, fontsize=8.5, color=INK)
    for side in ("top", "right", "left"):
        ax.spines[side].set_visible(False)
    return ax


def _in_words(table: pd.DataFrame, found: Sensitivity) -> str:
    middle = percent(table["rate"].median())
    decision = str(found.effects["decision"].iloc[0])
    alternative = found.protocol.alternatives[decision]
    by_option = table.groupby(decision, observed=True)["rate"].median()
    said = [f"{option}: {percent(rate)}" for option, rate in by_option.items()]
    own = percent(found.own["rate"]) if known(found.own["rate"]) else "not shown"
    return (
        f"Responder rates under {count(len(table), 'reading')}, the median {middle}; in this report {own}. "
        f"The decision that moves the rate most is “{alternative.label}”; median rates: {'; '.join(said)}."
    )
