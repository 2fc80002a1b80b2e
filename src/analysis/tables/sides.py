"""Left against right as tables: people with both hips, everyone, and degrees."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from analysis.display import Table
from analysis.protocol import Protocol
from analysis.tables.cells import Row, difference_text, response_labels, withheld, withheld_note
from analysis.words import MINUS, WITHHELD, known, number, p_text, signed


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
        if withheld(row):
            rows.append([label, *[WITHHELD] * 6])
            continue
        cells = [str(row[name]) for name in ("n", "both", "left_only", "right_only")]
        rows.append([label, *cells, difference_text(row), _both_p(row)])
    adjusted = "; in brackets adjusted for the number of groups (Holm)" if any("(" in row[-1] for row in rows) else ""
    notes = [
        "Difference: left minus right, percentage points, 95 % CI by Newcombe's method 10; p: McNemar, "
        f"mid-p{adjusted}.",
        *withheld_note(table),
    ]
    return Table(
        columns=[first, "People", "Both", "Left only", "Right only", "Difference", "p"],
        rows=rows,
        caption=f"Which hip improved, among people with both hips judged, by {first.lower()}",
        notes=notes,
    )


def _both_p(row: Row) -> str:
    """Return the p value and, in brackets where it differs, the one adjusted for the number of groups."""
    plain, adjusted = p_text(row["p_midp"]), p_text(row["p_holm"])
    return plain if plain == adjusted else f"{plain} ({adjusted})"


def side_methods_table(table: pd.DataFrame) -> Table:
    """Show whether the answer hangs on the test that was chosen.

    Parameters
    ----------
    table
        One row for all people in scope, as :meth:`analysis.report.Report.sides` returns it.
    """
    row = table.to_dict("records")[0]
    methods = {
        "p_exact": "McNemar, exact: people are independent",
        "p_midp": "McNemar, mid-p: the same, less cautious; used above",
        "p_obuchowski": "Obuchowski: people of one clinic may be alike, every person counts alike",
        "p_durkalski": "Durkalski: people of one clinic may be alike, every clinic counts alike",
    }
    cells = {name: WITHHELD if withheld(row) else p_text(row[name]) for name in methods}
    return Table(
        columns=["Test, and what it takes for granted", "p"],
        rows=[[label, cells[name]] for name, label in methods.items()],
        caption="Left against right among people with both hips judged, by other tests",
        notes=[
            "A dash: nobody has both hips judged, or the clinics are not known or fewer than two.",
            *withheld_note(table),
        ],
    )


def everyone_table(table: pd.DataFrame, protocol: Protocol) -> Table:
    """Show left against right among everyone, people with one judged hip too.

    Parameters
    ----------
    table
        As :meth:`analysis.report.Report.sides_of_each_test` returns it.
    protocol
        Gives the labels.
    """
    rows, clusters = [], set()
    for row, label in zip(table.to_dict("records"), response_labels(table, protocol), strict=True):
        if withheld(row) or row["not_estimable"]:
            why = WITHHELD if withheld(row) else f"not estimable: {row['not_estimable']}"
            rows.append([label, why, ""])
            continue
        points = signed(100 * row["gee_difference"])
        difference = f"{points} ({number(100 * row['gee_low'])} to {number(100 * row['gee_high'])})"
        odds = f"{row['gee_odds_ratio']:.2f} ({row['gee_or_low']:.2f} to {row['gee_or_high']:.2f})"
        rows.append([label, difference, odds])
        clusters.add(row["gee_clustered_by"])
    clustered = f"clustered by {' or '.join(sorted(clusters))}, " if clusters else ""
    return Table(
        columns=["Rule", "Difference (95 % CI)", "Odds ratio (95 % CI)"],
        rows=rows,
        caption="Left against right among everyone",
        notes=[
            "Left minus right in percentage points, and the odds of the left over those of the right: a model for "
            f"all judged hips (GEE, {clustered}bias-reduced covariance). Where it disagrees with the "
            "paired comparison, people with one judged hip differ from those with two."
        ],
    )


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
            *withheld_note(table),
        ],
    )
