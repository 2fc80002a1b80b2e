"""Degrees gained by groups of hips as tables."""

from __future__ import annotations

import pandas as pd

from analysis.protocol import Protocol
from analysis.protocol.measures import Measure
from analysis.protocol.words import within_sentence
from analysis.show.display import Nothing, Table
from analysis.show.records import records
from analysis.show.tables.cells import (
    all_withheld,
    bare_mean_note,
    clustering_note,
    degrees_text,
    group_label,
    mean_chance_cell,
    mean_chance_note,
    names_note,
    reason_notes,
    short_label,
    under_headings,
    withheld,
    withheld_note,
)
from analysis.show.words import NOT_ESTIMABLE, WITHHELD, Row, known, listed, number, size


def gains_table(table: pd.DataFrame, by: str, protocol: Protocol) -> Table | Nothing:
    """Show the mean change of every group beside what regression to the mean alone would have given.

    Parameters
    ----------
    table
        As :meth:`analysis.report.Report.gains_by_group` returns it.
    by
        The column of the groups.
    protocol
        Gives the labels.
    """
    noun = protocol.words
    if all_withheld(table):
        return Nothing("The gain of every group is withheld.")
    rows = under_headings(
        (measure.label, [short_label(by, row[by], protocol), *_gain_cells(row, measure)])
        for row in records(table)
        for measure in [protocol.measures[row["measure"]]]
    )
    return Table(
        columns=["Group", noun.Hips, "First reading", "Mean change (95 % CI)", "By chance", "Beyond chance (95 % CI)"],
        rows=rows or [["No measure has a known error", *["–"] * 5]],
        caption="Mean change of each group, and what chance alone would have given it",
        notes=[
            f"{mean_chance_note(row[4] for row in rows if len(row) > 1)} It follows from the first readings of the "
            "whole study, who was enrolled because of one, and the error of one reading. Beyond chance: the interval "
            "holds for every error that was tried. "
            f"{clustering_note(table)}".strip(),
            *(names_note(table, by, protocol) if len(table) else []),
            *bare_mean_note(table, "mean"),
            *withheld_note(table),
        ],
    )


def _gain_cells(row: Row, measure: Measure) -> list[str]:
    if withheld(row):
        return [WITHHELD] * 5
    if not row["n_hips"]:
        return ["0", *["–"] * 4]
    return [
        number(row["n_hips"]),
        size(row["before"], measure),
        degrees_text(row, "mean", "ci", measure),
        mean_chance_cell(row, measure),
        degrees_text(row, "beyond", "beyond", measure),
    ]


def adjusted_table(table: pd.DataFrame, protocol: Protocol) -> Table | Nothing:
    """Show how the later readings of two groups differ at the same first reading.

    Parameters
    ----------
    table
        As :meth:`analysis.report.Report.adjusted_gains` returns it.
    protocol
        Gives the labels.
    """
    noun = protocol.words
    if all_withheld(table):
        return Nothing("The comparison at the same first reading is withheld.")
    compared = records(table)
    labels = [_contrast(row, protocol) for row in compared]
    measures = [protocol.measures[row["measure"]] for row in compared]
    rows = under_headings(
        (measure.label, [label, *_adjusted_cells(row, measure)])
        for row, label, measure in zip(compared, labels, measures, strict=True)
    )
    return Table(
        columns=["Compared", noun.Hips, "Later reading, difference (95 % CI)"],
        rows=rows or [["No measure has a known error", "–", "–"]],
        caption="Later readings compared at the same first reading",
        notes=[
            "Analysis of covariance, clustered by person, by clinic from 5 clinics on: how much higher the first group "
            f"read afterwards than {noun.hips} of the other that had the same reading before.",
            *_made_alike_notes(table, protocol),
            *(reason_notes(table, labels, protocol) if labels else []),
            *withheld_note(table),
        ],
    )


def _contrast(row: Row, protocol: Protocol) -> str:
    group, reference = (group_label(row["contrast"], row[name], protocol) for name in ("group", "reference"))
    return f"{group} against {within_sentence(reference)}"


def _adjusted_cells(row: Row, measure: Measure) -> list[str]:
    if withheld(row):
        return [WITHHELD] * 2
    hips = number(row["n_hips"]) if known(row["n_hips"]) else WITHHELD
    return [hips, NOT_ESTIMABLE if row["not_estimable"] else degrees_text(row, "difference", "ci", measure)]


def _made_alike_notes(table: pd.DataFrame, protocol: Protocol) -> list[str]:
    """Return what is made alike beside the first reading."""
    rows = table[(table["made_alike"] != "") & table["made_alike"].notna()] if len(table) else table
    if rows.empty:
        return ["Only the first reading is made alike."]
    first = rows.iloc[0]
    alike = listed(first["made_alike"].split("; "))
    note = [protocol.words.tell(first["made_alike_note"])] if first["made_alike_note"] else []
    return [f"Matched and mismatched {protocol.words.hips}: {alike} made alike too.", *note]
