"""Left against right as tables: people with both hips, everyone, groups, and other methods."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from analysis.display import Table
from analysis.protocol import Protocol
from analysis.sides import SIDE_METHODS
from analysis.tables.cells import Row, group_labels, points_text, response_labels, withheld, withheld_note
from analysis.words import WITHHELD, p_equation, p_text


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
        rows.append([label, *cells, points_text(row, "difference", "newcombe"), _all_p(row)])
    adjusted = any("(" in row[-1] for row in rows)
    brackets = "; in brackets adjusted for the number of groups: Holm, Benjamini-Hochberg" if adjusted else ""
    lost = table["p_midp"].notna() & table["p_holm"].isna()
    missing = " Adjusting them takes the p of every group, so with one withheld it is withheld." if lost.any() else ""
    notes = [
        "Difference: left minus right, percentage points, 95 % CI by Newcombe's method 10; p: McNemar, "
        f"mid-p{brackets}.{missing}",
        *withheld_note(table),
    ]
    return Table(
        columns=[first, "People", "Both", "Left only", "Right only", "Difference", "p"],
        rows=rows,
        caption=f"Which hip improved, among people with both hips judged, by {first.lower()}",
        notes=notes,
    )


def _all_p(row: Row) -> str:
    """Return the p value and, in brackets where they may be shown and differ, those adjusted for the number of groups.

    The second is never above the first of these, so the first alone says whether they differ.
    """
    plain, holm, discovery = (p_text(row[name]) for name in ("p_midp", "p_holm", "p_benjamini_hochberg"))
    return plain if holm in (plain, "–") else f"{plain} ({holm}, {discovery})"


def between_groups_table(table: pd.DataFrame, protocol: Protocol) -> Table:
    """Show left against right in each type or arm, with the test of whether it is the same in all.

    Parameters
    ----------
    table
        As :meth:`analysis.report.Report.sides_between_groups` returns it.
    protocol
        Gives the labels.
    """
    rows = []
    for row, label in zip(table.to_dict("records"), group_labels(table, protocol.group_by, protocol), strict=True):
        if withheld(row):
            rows.append([label, *[WITHHELD] * 3])
            continue
        left, right = (f"{row[f'{side}_responders']}/{row[f'n_{side}']}" for side in ("left", "right"))
        rows.append([label, left, right, row["not_estimable"] or points_text(row, "difference", "ci")])
    return Table(
        columns=["Group", "Left", "Right", "Difference (95 % CI)"],
        rows=rows,
        caption="Responders among left and right hips, by group: is the difference the same?",
        notes=[
            "Left minus right in percentage points, from one model for all judged hips with a rate for each side of "
            f"each group (GEE, bias-reduced covariance). {_test(table)}",
            *withheld_note(table),
        ],
    )


def _test(table: pd.DataFrame) -> str:
    row = table.to_dict("records")[0]
    if table["suppressed"].any():
        return (
            "The test of whether it is the same in all follows from every group, so with one withheld it is withheld."
        )
    if row["no_test"]:
        return f"Whether it is the same in all is not estimable: {row['no_test']}."
    degrees = f"{row['df_groups']}, {row['df_clusters']}"
    test = f"F({degrees}) = {row['f_statistic']:.2f}, {p_equation(row['p_interaction'])}"
    return f"Test that it is the same in all: {test}, clustered by {row['clustered_by']}."


def side_methods_table(table: pd.DataFrame) -> Table:
    """Show whether the answer hangs on the method that was chosen.

    Parameters
    ----------
    table
        One row for all people in scope, as :meth:`analysis.report.Report.sides` returns it.
    """
    row = table.to_dict("records")[0]
    rows = []
    for method in SIDE_METHODS:
        cells = [points_text(row, method.difference, method.limits), p_text(row[method.p])]
        rows.append([method.label, method.assumes, *([WITHHELD] * 2 if withheld(row) else cells)])
    given = [row["not_estimable"], row["clinics_not_estimable"]]
    reasons = [] if withheld(row) else dict.fromkeys("; ".join(filter(None, given)).split("; "))  # each once
    why = [f"A dash is not estimable: {'; '.join(reasons)}."] if any(reasons) else []
    return Table(
        columns=["Method", "What it takes for granted", "Difference (95 % CI)", "p"],
        rows=rows,
        caption="Left against right by other methods",
        notes=[
            "Left minus right in percentage points. The first method is the one used above. The p of GEE is that of "
            "its odds ratio.",
            *why,
            *withheld_note(table),
        ],
        alignment=["left", "left", "right", "right"],
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
        difference = points_text(row, "gee_difference", "gee")
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
