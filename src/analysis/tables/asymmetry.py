"""Asymmetry in degrees as tables: the sides, the pattern, and how both changed."""

from __future__ import annotations

import pandas as pd

from analysis.display import Table
from analysis.protocol import Protocol
from analysis.tables.cells import Row, bare_mean_note, points_text, withheld, withheld_note
from analysis.words import MINUS, WITHHELD, known, number, percent, rate_text, signed


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
        if withheld(row):
            rows.append([str(row["timepoint"]), *[WITHHELD] * 5])
            continue
        low, high = number(row["ci_low"], 1), number(row["ci_high"], 1)
        mean = f"{signed(row['mean_difference'], 1)}°" if known(row["mean_difference"]) else "–"
        mean += f" ({low} to {high})" if known(row["ci_low"]) else ""
        counts = [str(row[name]) for name in ("n_left_worse", "n_within_error", "n_right_worse")]
        rows.append([str(row["timepoint"]), str(row["n"]), mean, *counts])
    band = table["band"].dropna()
    within = f"±{band.iloc[0]:.1f}°, " if len(band) else ""
    return Table(
        columns=["Visit", "People", f"Mean, left {MINUS} right (95 % CI)", "Left less", "Within error", "Right less"],
        rows=rows,
        caption=f"{protocol.measures[rule.measure].label}, left minus right",
        notes=[
            f"Within error: the two hips differ by no more than {within}the 95 % error of a difference of two "
            "readings. People measured on both sides in the same way.",
            *bare_mean_note(table, "mean_difference"),
            *_clustering_note(table),
            *withheld_note(table),
        ],
    )


def _clustering_note(table: pd.DataFrame) -> list[str]:
    by_clinic = len(table) and (table["clustered_by"] == "clinic").any()
    return ["Intervals of means in degrees allow people of one clinic to be alike."] if by_clinic else []


def pattern_table(table: pd.DataFrame, protocol: Protocol) -> Table:
    """Show the share of people with the asymmetry that is expected, at each timepoint.

    Parameters
    ----------
    table
        As :meth:`analysis.report.Report.asymmetry` returns it.
    protocol
        Gives the name of the pattern.
    """
    assert protocol.asymmetry is not None  # a table of asymmetry exists
    rows = []
    for row in table.to_dict("records"):
        shares = [WITHHELD] * 2 if withheld(row) else [_share(row, name) for name in ("showing", "showing_any")]
        rows.append([str(row["timepoint"]), *shares])
    return Table(
        columns=["Visit", "Beyond measurement error", "By any difference"],
        rows=rows,
        caption=protocol.asymmetry.label,
        notes=["People of those measured on both sides in the same way; Wilson's interval.", *withheld_note(table)],
    )


def _share(row: Row, name: str) -> str:
    return rate_text(row[f"n_{name}"], row["n"], row[f"share_{name}"], row[f"{name}_low"], row[f"{name}_high"])


def change_of_asymmetry_table(table: pd.DataFrame, protocol: Protocol) -> Table:
    """Show whether left and right came closer.

    Parameters
    ----------
    table
        As :meth:`analysis.report.Report.change_of_asymmetry` returns it.
    protocol
        Gives the words for the two timepoints.
    """
    labels = {
        "difference": f"Mean, left {MINUS} right",
        "size": "Mean size of the difference, whichever side has less",
        "showing": "People showing the pattern beyond measurement error",
        "showing_any": "People showing the pattern by any difference",
    }
    rows = []
    for row in table.to_dict("records"):
        cells = [WITHHELD] * 4 if withheld(row) else [str(row["n"]), *_before_and_after(row)]
        rows.append([labels[row["quantity"]], *cells])
    when = protocol.comparisons[table["comparison"].iloc[0]].label
    return Table(
        columns=["", "People", "Before", "After", "Change (95 % CI)"],
        rows=rows,
        caption=f"How left and right differ, before and after: {when.lower()}",
        notes=[
            "People measured on both sides both times in the same way. Shares change in percentage points "
            "(Newcombe's method 10), degrees by t. A change after the stretch, not the effect of it.",
            *bare_mean_note(table, "change"),
            *_clustering_note(table),
            *withheld_note(table),
        ],
    )


def _before_and_after(row: Row) -> list[str]:
    if not known(row["before"]):
        return ["–"] * 3
    if known(row["n_before"]):
        shares = [f"{row[f'n_{when}']} ({percent(row[when])})" for when in ("before", "after")]
        return [*shares, points_text(row, "change", "ci")]
    write = signed if row["quantity"] == "difference" else number
    ends = f" ({number(row['ci_low'], 1)} to {number(row['ci_high'], 1)})" if known(row["ci_low"]) else ""
    return [*[f"{write(row[when], 1)}°" for when in ("before", "after")], f"{signed(row['change'], 1)}°{ends}"]
