"""A funnel of clinics, never a league table; and a rate over time with its control limits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from analysis.answers.clinics import funnel_curve
from analysis.protocol import Protocol
from analysis.show import display
from analysis.show.figures.style import (
    ACCENT,
    GREY,
    INK,
    finished,
    legend_above,
    name_axis,
    name_points,
    plot_axes,
    rows_of,
    say,
)
from analysis.show.words import FEWEST_DRAWN, Row, count, known, percent, stand_out
from analysis.stats.funnel import FEWEST_COMPARED

_PERIOD_TEXT = 7.5  # points
_PERIOD_LETTER, _PERIOD_GAP = 0.065, 0.07  # inches of a letter of that size, and between two periods
_LONGEST_NAME = 24  # letters of a clinic's name that stand beside its point


def _drawn(table: pd.DataFrame) -> list[Row]:
    return [row for row in rows_of(table) if not row["suppressed"] and known(row["rate"])]


def funnel(table: pd.DataFrame, protocol: Protocol, clinic_id: str = "", ax: Axes | None = None) -> Axes:
    """Draw clinic rates by the number of hips, with 95 % and 99.8 % limits.

    One clinic may be marked. Without one, those outside the 95 % limits are named.

    Parameters
    ----------
    table
        As :meth:`analysis.report.Report.clinics` returns it.
    protocol
        Gives the words.
    clinic_id
        The clinic to mark; the others stay without a name.
    ax
        Where to draw; new axes if left out.
    """
    noun = protocol.words
    ax = ax or plot_axes()
    rows = sorted(_drawn(table), key=lambda row: row["n_evaluable"])
    _draw_limits(ax, funnel_curve(table))
    ax.axhline(rows[0]["target"] if rows else 0, color=GREY, linewidth=1, label="all clinics together")
    others = [row for row in rows if row["clinic_id"] != clinic_id]
    hips, shares = [row["n_evaluable"] for row in others], [row["rate"] for row in others]
    colour, label = (GREY, "others") if clinic_id else (ACCENT, "clinics")
    ax.plot(hips, shares, "o", color=colour, markersize=5, label=label, clip_on=False)
    for row in rows if not clinic_id else []:
        say(ax, row["n_evaluable"], row["rate"], f"{row['clinic_id']}: {_counts(row)}")
    for row in (r for r in rows if r["clinic_id"] == clinic_id):
        say(ax, row["n_evaluable"], row["rate"], f"This clinic: {_counts(row)}")
        ax.plot(row["n_evaluable"], row["rate"], "D", color=ACCENT, markersize=8, label="this clinic", clip_on=False)
    highest = max([row["rate"] for row in rows] + [row["high95"] for row in rows], default=1)
    ax.set_ylim(0, min(1.02, max(0.1, 1.15 * highest)))
    _rate_in_percent(ax)
    if not clinic_id:
        _name_those_outside(ax, rows)
    name_axis(ax, f"{noun.Hips} judged")
    legend_above(ax)
    return ax


def _draw_limits(ax: Axes, curve: pd.DataFrame) -> None:
    for name, dash, label in (("95", (4, 2), "95 % limits"), ("998", (1, 1.5), "99.8 % limits")):
        for end, said in (("low", label), ("high", None)):
            ax.plot(curve["n_evaluable"], curve[f"{end}{name}"], color=GREY, linewidth=1, dashes=dash, label=said)


def _name_those_outside(ax: Axes, rows: list[Row]) -> None:
    outside = [row for row in rows if row["position"] not in ("within", "not judged")]
    named = [(row["n_evaluable"], row["rate"], _short(str(row["clinic_id"]))) for row in outside]
    name_points(ax, named, [(row["n_evaluable"], row["rate"]) for row in rows if row not in outside])


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"


def funnel_figure(table: pd.DataFrame, protocol: Protocol, clinic_id: str = "") -> display.Figure | display.Nothing:
    """Return :func:`funnel` with its title and words."""
    rows = [row for row in _drawn(table) if row["position"] != "not judged"] if len(table) else []
    hidden = len(rows) < len(table)
    if not rows or (hidden and len(rows) < FEWEST_COMPARED):
        return display.Nothing("There is no funnel to draw: fewer than 3 clinics have a rate that may be shown.")
    which = f"{count(len(rows), 'clinic')}{' that may be shown' if hidden else ''}"
    outside = sum(row["position"] != "within" for row in rows)
    around = percent(rows[0]["target"])
    title = f"Responder rates of {which} around {around}: {outside or 'none'} outside the 95 % limits"
    spread = f"from {percent(min(r['rate'] for r in rows))} to {percent(max(r['rate'] for r in rows))}"
    alt = f"Funnel of {which} around {around}; rates {spread}; {outside or 'none'} outside."
    for row in (row for row in rows if row["clinic_id"] == clinic_id):
        place = {"within": "within the limits"}.get(row["position"], f"{row['position']} the limits")
        title = f"This clinic {percent(row['rate'])}, all clinics {around}: {place}"
        alt += f" This clinic: {_counts(row)}, {place}."
    return finished(funnel(table, protocol, clinic_id), title, alt)


def _counts(row: Row) -> str:
    return f"{row['n_responders']:,} of {row['n_evaluable']:,} ({percent(row['rate'])})"


def control_chart(table: pd.DataFrame, protocol: Protocol, target: float = 0, ax: Axes | None = None) -> Axes:
    """Draw the rate per period with its centre line and limits; periods that stand out are marked.

    Periods with too few hips (``FEWEST_DRAWN``) are hollow, and no line leads through them.

    Parameters
    ----------
    table
        As :meth:`analysis.report.Report.over_time` returns it.
    protocol
        Gives the words.
    target
        A rate to be reached; 0 where there is none.
    ax
        Where to draw; new axes if left out.
    """
    ax = ax or plot_axes(1.74, below=0.54)
    rows = rows_of(table)
    hidden = [row["suppressed"] or not known(row["rate"]) for row in rows]
    places = np.arange(len(rows))

    def values(name: str) -> list[float]:
        return [np.nan if hide else row[name] for row, hide in zip(rows, hidden, strict=True)]

    ax.plot(places, values("low"), color=GREY, linewidth=1, dashes=(4, 2), label="limits")
    ax.plot(places, values("high"), color=GREY, linewidth=1, dashes=(4, 2))
    ax.plot(places, values("centre"), color=GREY, linewidth=1, label="all periods")
    few = [not hide and row["n_evaluable"] < FEWEST_DRAWN for row, hide in zip(rows, hidden, strict=True)]
    rate = np.array(values("rate"), dtype="float64")
    style: dict[str, Any] = {"color": ACCENT, "linewidth": 1.2, "markersize": 5, "clip_on": False}
    ax.plot(places, np.where(few, np.nan, rate), "o-", label="rate", **style)
    if any(few):
        said = f"under {FEWEST_DRAWN} {protocol.words.hips}"
        ax.plot(places[few], rate[few], "o", markerfacecolor="white", label=said, **style)
    for place, row in enumerate(rows):
        if not hidden[place]:
            say(ax, place, row["rate"], f"{row['period']}: {_counts(row)}")
    special = [i for i, (row, hide) in enumerate(zip(rows, hidden, strict=True)) if not hide and row["special"]]
    if special:
        ax.plot(
            special,
            [rows[i]["rate"] for i in special],
            "D",
            color=INK,
            markersize=8,
            label="stands out",
            clip_on=False,
        )
    if 0 < target <= 1:
        ax.axhline(target, color=INK, linewidth=1, linestyle=":", label="target")
    _name_periods(ax, rows, protocol)
    # The limits of a period with few hips are so wide that they would flatten all the others.
    shown = [*rate[~np.isnan(rate)], *np.array(values("high"), dtype="float64")[~np.array(few)]]
    shown = [value for value in shown if known(value)]
    ax.set_ylim(0, min(1.02, max(0.1, 1.1 * max(shown, default=1))))
    _rate_in_percent(ax)
    legend_above(ax)
    return ax


def _name_periods(ax: Axes, rows: list[Row], protocol: Protocol) -> None:
    """Name as many periods as there is room for, the last always, each with its hips; one that is withheld without."""
    noun = protocol.words
    hips = ["" if row["suppressed"] else f"n = {row['n_evaluable']:,}" for row in rows]
    names = [f"{row['period']}\n{n}" for row, n in zip(rows, hips, strict=True)]
    letters = max((len(line) for name in names for line in name.split("\n")), default=0)
    wide = ax.get_window_extent().width / ax.figure.dpi
    step = max(1, int(np.ceil(len(rows) * (letters * _PERIOD_LETTER + _PERIOD_GAP) / wide)))
    named = list(range(len(rows)))[::-step][::-1]
    ax.set_xticks(named, [names[place] for place in named], fontsize=_PERIOD_TEXT)
    withheld = "; without n: withheld" if "" in hips else ""
    name_axis(
        ax, f"Visit before the {noun.stretch}; n: {noun.hips} judged{withheld}; limits: 5 % of stable charts cross one"
    )


def _rate_in_percent(ax: Axes) -> None:
    ax.set_ylabel("Responder rate", fontsize=8.5, color=INK, labelpad=2)
    ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))


def control_chart_figure(
    table: pd.DataFrame, protocol: Protocol, target: float = 0
) -> display.Figure | display.Nothing:
    """Return :func:`control_chart` with its title and words."""
    rows = _drawn(table) if len(table) else []
    if len(rows) < 2:
        return display.Nothing("There is no chart to draw: fewer than two periods have a rate that may be shown.")
    special = [str(row["period"]) for row in rows if row["special"]]
    said = [f"{row['period']}: {_counts(row)}" for row in rows]
    return finished(
        control_chart(table, protocol, target),
        f"Responder rate over time: {stand_out(special, len(rows))}",
        f"By period. {'; '.join(said)}.",
    )
