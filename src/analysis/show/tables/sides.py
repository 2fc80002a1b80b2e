"""Left against right as tables: people with both hips, everyone, groups, and other methods."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from analysis.answers.one_comparison import SIDE_METHODS
from analysis.protocol import Protocol
from analysis.protocol.words import within_sentence
from analysis.show.display import Nothing, Table
from analysis.show.records import records
from analysis.show.tables.cells import anything_shown, group_labels, points_text, reason_notes, withheld, withheld_note
from analysis.show.words import NOT_ESTIMABLE, WITHHELD, Row, known, limits, listed, number, p_equation, p_text


def sides_table(
    table: pd.DataFrame, first: str, labels: Sequence[str], protocol: Protocol, everyone: bool = False
) -> Table | Nothing:
    """Show left against right among people with both hips judged.

    Parameters
    ----------
    table
        As :meth:`analysis.report.Report.sides` returns it.
    first, labels
        The heading of the first column, and its cells.
    everyone
        Whether a last column has the difference among everyone, people with one judged hip too.
    """
    noun = protocol.words
    if not anything_shown(table, table["n"] > 0):
        return Nothing(f"No person has both {noun.hips} judged, or their comparison is withheld.")
    columns = [
        first,
        "People",
        "Both",
        "Left only",
        "Right only",
        "Difference",
        "p",
        *(["Everyone"] if everyone else []),
    ]
    rows = []
    for row, label in zip(records(table), labels, strict=True):
        if withheld(row):
            rows.append([label, *[WITHHELD] * (len(columns) - 1)])
            continue
        cells = [number(row[name]) for name in ("n", "both", "left_only", "right_only")]
        among_all = [points_text(row, "gee_difference", "gee")] if everyone else []
        rows.append([label, *cells, points_text(row, "difference", "ci"), _all_p(row), *among_all])
    adjusted = any("(" in row[6] for row in rows)
    brackets = "; p in brackets: adjusted for all rows: Holm, Benjamini-Hochberg" if adjusted else ""
    lost = table["p"].notna() & table["p_holm"].isna()
    missing = (
        " Adjusted p-values use the p-value of every row, so they are withheld if any row is." if lost.any() else ""
    )
    notes = [
        f"Difference: left minus right, percentage points{brackets}.{missing}",
        *_methods_used(table, labels),
        *([_everyone_note(table, protocol)] if everyone else []),
        *withheld_note(table),
    ]
    return Table(
        columns=columns,
        rows=rows,
        caption=f"Which {noun.hip} improved, among people with both {noun.hips} judged, by {within_sentence(first)}",
        notes=notes,
    )


_USED = {
    "Mean by clinic": "95 % CI and p: mean by clinic (CR2, Satterthwaite's t)",
    "McNemar": "95 % CI: Tango's score interval; p: McNemar's χ², which it inverts",
}


def _methods_used(table: pd.DataFrame, labels: Sequence[str]) -> list[str]:
    """Say how each row was compared: once where all were compared alike, else with the labels of the rows."""
    used: dict[str, list[str]] = {}
    for row, label in zip(records(table), labels, strict=True):
        if not withheld(row) and row["n"]:
            used.setdefault(f"{_USED[row['method']]}; {row['cluster_note']}.", []).append(label)
    return [how if len(used) == 1 else f"{listed(rows)}: {how}" for how, rows in used.items()]


def _everyone_note(table: pd.DataFrame, protocol: Protocol) -> str:
    noun = protocol.words
    clusters = sorted(set(table["gee_clustered_by"].dropna()) - {""})
    clustered = f"clustered by {' or '.join(clusters)}, " if clusters else ""
    return (
        f"Everyone: with people with one judged {noun.hip} too (GEE, {clustered}bias-reduced covariance). Where it "
        "disagrees, "
        f"people with one judged {noun.hip} differ from those with two."
    )


def _all_p(row: Row) -> str:
    """Return the p value and, in brackets where they may be shown and differ, those adjusted for all rows.

    The second is never above the first of these, so the first alone says whether they differ.
    """
    plain, holm, discovery = (p_text(row[name]) for name in ("p", "p_holm", "p_benjamini_hochberg"))
    return plain if holm in (plain, "–") else f"{plain} ({holm}, {discovery})"


def between_groups_table(table: pd.DataFrame, protocol: Protocol) -> Table | Nothing:
    """Show left against right in each type or arm, with the test of whether it is the same in all.

    Parameters
    ----------
    table
        As :meth:`analysis.report.Report.sides_between_groups` returns it.
    protocol
        Gives the labels.
    """
    noun = protocol.words
    if not anything_shown(table, table["not_estimable"] == ""):
        return Nothing("In no group can left and right be compared.")
    rows, labels = [], group_labels(table, protocol.group_by, protocol)
    for row, label in zip(records(table), labels, strict=True):
        if withheld(row):
            rows.append([label, *[WITHHELD] * 3])
            continue
        left, right = (f"{row[f'{side}_responders']:,}/{row[f'n_{side}']:,}" for side in ("left", "right"))
        difference = NOT_ESTIMABLE if row["not_estimable"] else points_text(row, "difference", "ci")
        rows.append([label, left, right, difference])
    return Table(
        columns=["Group", "Left", "Right", "Difference (95 % CI)"],
        rows=rows,
        caption=f"Responders among left and right {noun.hips}, by group: is the difference the same?",
        notes=[
            f"Left minus right in percentage points, from one model for all judged {noun.hips} with a rate for each "
            "side of "
            f"each group (GEE, bias-reduced covariance). {_test(table, protocol)}",
            *reason_notes(table, labels, protocol),
            *withheld_note(table),
        ],
    )


def _test(table: pd.DataFrame, protocol: Protocol) -> str:
    row = records(table)[0]
    if table["suppressed"].any():
        return "The test of whether it is the same in all uses every group, so it is withheld if any group is."
    if row["no_test"]:
        return f"Whether it is the same in all is not estimable: {protocol.words.tell(row['no_test'])}."
    degrees = f"{row['df_groups']}, {row['df_clusters']}"
    test = f"F({degrees}) = {row['f_statistic']:.2f}, {p_equation(row['p_interaction'])}"
    return f"Test that it is the same in all: {test}, clustered by {row['clustered_by']}."


def side_methods_table(table: pd.DataFrame, protocol: Protocol) -> Table | Nothing:
    """Show whether the answer hangs on the method that was chosen.

    Parameters
    ----------
    table
        One row for all people in scope, as :meth:`analysis.report.Report.sides` returns it.
    """
    row = records(table)[0]
    if withheld(row) or not any(known(row[method.p]) for method in SIDE_METHODS if method.p):
        return Nothing("No method can compare left and right here.")
    rows = []
    for method in SIDE_METHODS:
        apart = points_text(row, method.difference, method.limits) if method.limits else "a test alone"
        cells = [apart, p_text(row[method.p]) if method.p else "an interval alone"]
        rows.append([method.label, protocol.words.tell(method.assumes), *([WITHHELD] * 2 if withheld(row) else cells)])
    given = [row["not_estimable"], row["by_clinic_not_estimable"], row["clinics_not_estimable"]]
    reasons = [] if withheld(row) else dict.fromkeys("; ".join(filter(None, given)).split("; "))  # each once
    why = [f"A dash is not estimable: {protocol.words.tell('; '.join(reasons))}."] if any(reasons) else []
    return Table(
        columns=["Method", "What it takes for granted", "Difference (95 % CI)", "p"],
        rows=rows,
        caption="Left against right by other methods",
        notes=[
            f"Left minus right in percentage points. The answer above is by {row['method']}. {_odds(row)}".strip(),
            *why,
            *_one_hip(row, protocol),
            *withheld_note(table),
        ],
        alignment=["left", "left", "right", "right"],
    )


def _one_hip(row: Row, protocol: Protocol) -> list[str]:
    """Say what people with one judged hip alone would say, who may differ from those with both."""
    noun = protocol.words
    if not known(row["one_hip_difference"]):
        return []
    counts = [f"{row[f'one_hip_{side}_responders']:,}/{row[f'one_hip_{side}']:,} {side}" for side in ("left", "right")]
    return [
        f"People with one judged {noun.hip} alone: {' and '.join(counts)} {noun.hips} responded, "
        f"{points_text(row, 'one_hip_difference', 'one_hip')}, by Newcombe's method for two groups of people."
    ]


def _odds(row: Row) -> str:
    if not known(row["gee_odds_ratio"]):
        return ""
    ends = f"95 % CI {limits(row['gee_or_low'], row['gee_or_high'], 2, null=1)}"
    return f"The odds ratio of GEE is {row['gee_odds_ratio']:.2f} ({ends})."
