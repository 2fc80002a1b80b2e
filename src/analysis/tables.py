"""Results become tables to read: numerators, denominators and intervals in every row, no bare percentage."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import pandas as pd

from analysis.display import Table
from analysis.protocol import Protocol
from analysis.rates import INTERVAL
from analysis.words import MINUS, WITHHELD, known, level, number, percent, rate_text, signed

Row = dict[Hashable, Any]
_WITHHELD_NOTE = "Withheld: fewer than 5 patients stand behind the number or its complement. It is not 0."
_CHANCE_NOTE = (
    "By chance: the share that would have improved had nothing truly changed, given measurement error, "
    "rounding and low first readings."
)


def group_label(column: str, value: object, protocol: Protocol) -> str:
    """Return what a reader should see for a level of a group."""
    if column == "stretch_type" and value in protocol.types:
        return protocol.types[str(value)].label
    text = level(value)
    return text[:1].upper() + text[1:]


def _withheld(row: Row) -> bool:
    return bool(row["suppressed"])


def responder_table(table: pd.DataFrame, by: Sequence[str], protocol: Protocol) -> Table:
    """Show responder rates by up to two groups.

    Parameters
    ----------
    table
        As :meth:`analysis.report.Report.rates` returns it.
    by
        The one or two columns it was grouped by; the first makes headings when there are two.
    protocol
        Gives the labels.
    """
    rows: list[list[str]] = []
    for row in table.to_dict("records"):
        heading = [group_label(by[0], row[by[0]], protocol)]
        if len(by) > 1 and heading not in rows:
            rows.append(heading)
        rows.append([group_label(by[-1], row[by[-1]], protocol), *_rate_cells(row)])
    response = protocol.responses[str(table["response"].iloc[0])]
    comparison = protocol.comparisons[str(table["comparison"].iloc[0])]
    first = "Side" if by[-1] == "side" else "Group"
    return Table(
        columns=[first, "Patients", "Hips", "Responders of hips judged", "By chance"],
        rows=rows,
        caption=f"{response.label}: {comparison.label.lower()}",
        notes=_rate_notes(table),
    )


def _rate_cells(row: Row) -> list[str]:
    if _withheld(row):
        return [WITHHELD] * 4
    rate = rate_text(row["n_responders"], row["n_evaluable"], row["rate"], row["ci_low"], row["ci_high"])
    chance = percent(row["chance_rate"]) if known(row["chance_rate"]) else "–"
    return [str(row["n_patients"]), str(row["n_hips"]), rate, chance]


def _missing_cells(row: Row) -> list[str]:
    if _withheld(row):
        return [WITHHELD] * 2
    bounds = f"{percent(row['rate_if_none'])} to {percent(row['rate_if_all'])}" if row["n_missing"] else "–"
    return [str(row["n_missing"]), bounds]


def _rate_notes(table: pd.DataFrame) -> list[str]:
    return [f"{INTERVAL}.", _CHANCE_NOTE, *([_WITHHELD_NOTE] if table["suppressed"].any() else [])]


def tests_table(table: pd.DataFrame, protocol: Protocol) -> Table:
    """Show the rate under every responder rule, with what missing outcomes could make of it.

    Parameters
    ----------
    table
        As :meth:`analysis.report.Report.rates_of_each_test` returns it without groups.
    protocol
        Gives the labels.
    """
    rows = []
    for row in table.to_dict("records"):
        rows.append([protocol.responses[row["response"]].label, *_rate_cells(row)[2:], *_missing_cells(row)])
    return Table(
        columns=["Rule", "Responders of hips judged", "By chance", "Missing", "If none or all of them had"],
        rows=rows,
        caption="Every rule, and what the missing outcomes could make of it",
        notes=[
            *_rate_notes(table),
            "Missing: hips without an outcome for want of a reading. A test that had no room to improve "
            "is neither judged nor missing.",
        ],
    )


def sides_table(table: pd.DataFrame, first: str, labels: Sequence[str]) -> Table:
    """Show left against right among people with both hips judged.

    Parameters
    ----------
    table
        As :meth:`analysis.report.Report.sides` returns it.
    first, labels
        The heading of the first column, and its cells.
    """
    rows = []
    for row, label in zip(table.to_dict("records"), labels, strict=True):
        if _withheld(row):
            rows.append([label, *[WITHHELD] * 6])
            continue
        cells = [str(row[name]) for name in ("n", "both", "left_only", "right_only")]
        rows.append([label, *cells, difference_text(row), p_text(row["p_midp"])])
    notes = [
        "Difference: left minus right, percentage points, 95 % CI by Newcombe's method 10; p: McNemar, mid-p.",
        *([_WITHHELD_NOTE] if table["suppressed"].any() else []),
    ]
    return Table(
        columns=[first, "People", "Both", "Left only", "Right only", "Difference", "p"],
        rows=rows,
        caption="Which hip improved, among people with both hips judged",
        notes=notes,
    )


def response_labels(table: pd.DataFrame, protocol: Protocol) -> list[str]:
    """Return the label of the rule that each row counts by."""
    return [protocol.responses[str(name)].label for name in table["response"]]


def group_labels(table: pd.DataFrame, column: str, protocol: Protocol) -> list[str]:
    """Return the label of the group that each row is about."""
    return [group_label(column, value, protocol) for value in table[column]]


def everyone_table(table: pd.DataFrame, protocol: Protocol) -> Table:
    """Show left against right among everyone, people with one judged hip too.

    Parameters
    ----------
    table
        As :meth:`analysis.report.Report.sides_of_each_test` returns it.
    protocol
        Gives the labels.
    """
    rows = []
    for row, label in zip(table.to_dict("records"), response_labels(table, protocol), strict=True):
        if _withheld(row) or row["not_estimable"]:
            why = WITHHELD if _withheld(row) else f"not estimable: {row['not_estimable']}"
            rows.append([label, why, ""])
            continue
        points = signed(100 * row["gee_difference"])
        difference = f"{points} ({number(100 * row['gee_low'])} to {number(100 * row['gee_high'])})"
        odds = f"{row['gee_odds_ratio']:.2f} ({row['gee_or_low']:.2f} to {row['gee_or_high']:.2f})"
        rows.append([label, difference, odds])
    return Table(
        columns=["Rule", "Difference (95 % CI)", "Odds ratio (95 % CI)"],
        rows=rows,
        caption="Left against right among everyone",
        notes=[
            "Left minus right in percentage points, and the odds of the left over those of the right: a model for "
            "all judged hips (GEE, clustered by person, bias-reduced covariance). Where it disagrees with the "
            "paired comparison, people with one judged hip differ from those with two."
        ],
    )


def difference_text(row: Row) -> str:
    """Return a paired difference in percentage points with its interval."""
    if not known(row["difference"]):
        return "–"
    low, high = (number(100 * row[f"newcombe_{end}"]) for end in ("low", "high"))
    return f"{signed(100 * row['difference'])} ({low} to {high})"


def p_text(p: float) -> str:
    """Return a p value; never 0.

    Examples
    --------
    >>> p_text(0.0391), p_text(0.00001)
    ('.039', '<.001')
    """
    if not known(p):
        return "–"
    return "<.001" if p < 0.001 else f"{p:.3f}".removeprefix("0") if p < 0.9995 else "1"


def asymmetry_table(table: pd.DataFrame, protocol: Protocol) -> Table:
    """Show left minus right in degrees at each timepoint.

    Parameters
    ----------
    table
        As :meth:`analysis.report.Report.asymmetry` returns it.
    protocol
        Gives the measure's name.
    """
    rule = protocol.asymmetry
    assert rule is not None  # a table of asymmetry exists
    rows = []
    for row in table.to_dict("records"):
        if _withheld(row):
            rows.append([str(row["timepoint"]), *[WITHHELD] * 5])
            continue
        low, high = number(row["ci_low"], 1), number(row["ci_high"], 1)
        mean = f"{signed(row['mean_difference'], 1)}° ({low} to {high})" if known(row["ci_low"]) else "–"
        counts = [str(row[name]) for name in ("n_left_worse", "n_within_error", "n_right_worse")]
        rows.append([str(row["timepoint"]), str(row["n"]), mean, *counts])
    band = table["band"].dropna()
    within = f"±{band.iloc[0]:.1f}°" if len(band) else "the error of two readings"
    return Table(
        columns=["Visit", "People", f"Mean, left {MINUS} right (95 % CI)", "Left less", "Within error", "Right less"],
        rows=rows,
        caption=f"{protocol.measures[rule.measure].label}, left minus right",
        notes=[
            f"Within error: the two hips differ by no more than {within}, the 95 % error of a difference of two "
            "readings. People measured on both sides in the same way.",
            *([_WITHHELD_NOTE] if table["suppressed"].any() else []),
        ],
    )


def definitions_table(protocol: Protocol) -> Table:
    """Show what each rule means and where it comes from."""
    rows = [[rule.label, rule.prose, rule.source] for rule in protocol.responses.values()]
    if protocol.types:
        rows += [["Types"], *[[kind.label, kind.prose, kind.source] for kind in protocol.types.values()]]
    return Table(
        columns=["Rule", "What it means", "Source"],
        rows=rows,
        caption="The rules used here",
        alignment=["left", "left", "left"],
    )


def warnings_table(problems: pd.DataFrame) -> Table:
    """Show how often each warning was found in the data, without any value."""
    warned = problems[problems["severity"] == "warning"]
    rows = [[str(message), str(n)] for message, n in warned["message"].value_counts().items()]
    return Table(
        columns=["Warning", "Cells or rows"],
        rows=rows or [["None", "0"]],
        caption="Warnings about the data of the whole study",
    )
