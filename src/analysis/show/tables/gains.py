"""Degrees gained by groups of hips as tables."""

from __future__ import annotations

import pandas as pd

from analysis.protocol import Protocol
from analysis.protocol.measures import Measure
from analysis.show.display import Nothing, Table
from analysis.show.tables.cells import (
    MEAN_CHANCE_NOTE,
    all_withheld,
    bare_mean_note,
    degrees_text,
    group_label,
    mean_chance_cell,
    names_note,
    reason_notes,
    short_label,
    withheld,
    withheld_note,
)
from analysis.show.words import NOT_ESTIMABLE, WITHHELD, Row, listed, number, size


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
    rows: list[list[str]] = []
    for row in table.to_dict("records"):
        measure = protocol.measures[row["measure"]]
        heading = [measure.label]
        if heading not in rows:
            rows.append(heading)
        cells = [WITHHELD] * 5 if withheld(row) else _gain_cells(row, measure)
        rows.append([short_label(by, row[by], protocol), *cells])
    return Table(
        columns=["Group", noun.Hips, "First reading", "Mean change (95 % CI)", "By chance", "Beyond chance (95 % CI)"],
        rows=rows or [["No measure has a known error", *["–"] * 5]],
        caption="Mean change of each group, and what chance alone would have given it",
        notes=[
            f"{MEAN_CHANCE_NOTE} It follows from the first readings of the whole study, who was enrolled because of "
            "one, and the error of one reading. Beyond chance: the interval holds for every error that was tried.",
            *(names_note(table, by, protocol) if len(table) else []),
            *bare_mean_note(table, "mean"),
            *withheld_note(table),
        ],
    )


def _gain_cells(row: Row, measure: Measure) -> list[str]:
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
    rows: list[list[str]] = []
    labels = []
    for row in table.to_dict("records"):
        measure = protocol.measures[row["measure"]]
        heading = [measure.label]
        if heading not in rows:
            rows.append(heading)
        groups = [group_label(row["contrast"], row[name], protocol) for name in ("group", "reference")]
        label = f"{groups[0]} against {groups[1][:1].lower()}{groups[1][1:]}"
        labels.append(label)
        if withheld(row):
            rows.append([label, WITHHELD, WITHHELD])
        elif row["not_estimable"]:
            rows.append([label, number(row["n_hips"]), NOT_ESTIMABLE])
        else:
            rows.append([label, number(row["n_hips"]), degrees_text(row, "difference", "ci", measure)])
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


def _made_alike_notes(table: pd.DataFrame, protocol: Protocol) -> list[str]:
    """Return what is made alike beside the first reading."""
    rows = table[(table["made_alike"] != "") & table["made_alike"].notna()] if len(table) else table
    if rows.empty:
        return ["Only the first reading is made alike."]
    first = rows.iloc[0]
    alike = listed(first["made_alike"].split("; "))
    note = [protocol.words.tell(first["made_alike_note"])] if first["made_alike_note"] else []
    return [f"Matched and mismatched {protocol.words.hips}: {alike} made alike too.", *note]
