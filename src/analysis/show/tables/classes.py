"""Classes and care as tables."""

from __future__ import annotations

import pandas as pd

from analysis.protocol import Protocol
from analysis.show.display import Nothing, Table
from analysis.show.records import records
from analysis.show.tables.cells import (
    all_withheld,
    group_label,
    interval_note,
    number_or_withheld,
    under_headings,
    withheld,
    withheld_note,
)
from analysis.show.words import WITHHELD, Row, number, rate_text, sentence_start, value_text


def share_cell(row: Row) -> str:
    """Return a share with its numerator, denominator and interval."""
    return rate_text(row["n_yes"], row["n_known"], row["share"], row["ci_low"], row["ci_high"])


def class_table(table: pd.DataFrame, protocol: Protocol) -> Table | Nothing:
    """Show how many hips fall in each class, and how firmly.

    Parameters
    ----------
    table
        As :meth:`analysis.report.Report.classes` returns it.
    protocol
        Gives the labels.
    """
    noun = protocol.words
    if table.empty:
        return Nothing("This study defines no types.")
    if all_withheld(table):
        return Nothing(f"The classes of the {noun.hips} are withheld.")
    rows = []
    for row in records(table):
        label = group_label("stretch_type", row["answer"], protocol)
        if withheld(row):
            rows.append([label, *[WITHHELD] * 4])
            continue
        counts = [number_or_withheld(row[name]) for name in ("n_patients_with", "n_definite", "n_borderline")]
        rows.append([label, share_cell(row), *counts])
    return Table(
        columns=["Class", noun.Hips, "Patients", "Definite", "Borderline"],
        rows=rows,
        caption=f"The class of each {noun.hip} before the {noun.stretch}",
        notes=[
            "Definite: in the strict reading of the cut-offs. Borderline: in the lenient reading only. An "
            f"indeterminate {noun.hip} is neither. A patient whose {noun.hips} differ counts in both classes.",
            interval_note(table),
            *withheld_note(table, "n_definite"),
        ],
    )


def settling_table(table: pd.DataFrame, protocol: Protocol) -> Table | Nothing:
    """Show which measurements would settle the indeterminate hips.

    Parameters
    ----------
    table
        As :meth:`analysis.report.Report.settled_by` returns it.
    protocol
        Gives the labels.
    """
    noun = protocol.words
    if table.empty:
        return Nothing(f"No {noun.hip} waits for a measurement.")
    if all_withheld(table):
        return Nothing(f"What would settle the indeterminate {noun.hips} is withheld.")
    rows = []
    for row in records(table):
        counts = [WITHHELD] * 2 if withheld(row) else [number(row["n_hips"]), number(row["n_patients"])]
        rows.append([protocol.measures[row["measure"]].label, *counts])
    return Table(
        columns=["Measurement", noun.Hips, "Patients"],
        rows=rows,
        caption=f"What would settle the indeterminate {noun.hips}",
        notes=[f"{noun.A_hip} that waits for two measurements counts in both rows.", *withheld_note(table)],
    )


def shares_table(table: pd.DataFrame, caption: str, first: str, protocol: Protocol) -> Table | Nothing:
    """Show shares of hips for which things hold.

    Parameters
    ----------
    table
        As :func:`analysis.answers.counting.shares` returns it, with ``suppressed``.
    caption, first
        What the table shows, and the heading of its first column.
    """
    noun = protocol.words
    if table.empty:
        return Nothing(f"{caption}: not asked in this study.")
    if all_withheld(table):
        return Nothing(f"{caption}: withheld.")
    rows = []
    for row in records(table):
        cells = [WITHHELD] * 2 if withheld(row) else [share_cell(row), number_or_withheld(row["n_not_known"])]
        rows.append([sentence_start(row["answer"]), *cells])
    return Table(
        columns=[first, noun.Hips, "No answer"],
        rows=rows,
        caption=caption,
        notes=[f"No answer: not recorded or not asked. {interval_note(table)}", *withheld_note(table, "n_not_known")],
    )


def safety_events_table(table: pd.DataFrame, protocol: Protocol) -> Table | Nothing:
    """List the hips that had a safety event.

    Parameters
    ----------
    table
        As :meth:`analysis.report.Report.safety_events` returns it.
    protocol
        Gives the labels.
    """
    noun = protocol.words
    if table.empty:
        return Nothing(f"No safety event, or none that may be shown {noun.hip} by {noun.hip}.")
    rows = []
    for row in records(table):
        measure = protocol.measures[row["measure"]]
        stretch = group_label("stretch_given", row["stretch_given"], protocol)
        recorded = f"{measure.label}: {value_text(row['value'], measure)}"
        rows.append((sentence_start(row["event"]), [row["patient_id"], row["side"], stretch, recorded]))
    return Table(
        columns=["Patient", noun.Hip, f"{noun.Stretch} given", "Recorded"],
        rows=under_headings(rows),
        caption=f"Safety events, {noun.hip} by {noun.hip}",
        notes=[],
        alignment=["left"] * 4,
    )
