"""Within what two readings of one hip agree, as a table."""

from __future__ import annotations

import pandas as pd

from analysis.answers.agreement import ALL
from analysis.protocol import Protocol
from analysis.show.display import Nothing, Table
from analysis.show.records import records
from analysis.show.tables.cells import (
    all_withheld,
    degrees_text,
    reason_notes,
    shown_rows,
    under_headings,
    withheld,
    withheld_note,
)
from analysis.show.words import NOT_ESTIMABLE, WITHHELD, Row, scale, sentence_start


def agreement_table(table: pd.DataFrame, protocol: Protocol) -> Table | Nothing:
    """Show the limits of agreement of two readings with nothing done in between, of all and by one and two raters.

    Parameters
    ----------
    table
        As :meth:`analysis.report.Report.agreement` returns it.
    protocol
        Gives the labels.
    """
    noun = protocol.words
    if table.empty:
        return Nothing(f"No {noun.hip} was read twice with nothing done in between.")
    if all_withheld(table):
        return Nothing("Within what two readings agree is withheld.")
    rows = under_headings(
        (protocol.comparisons[str(row["comparison"])].label, [_name(row, protocol), *_cells(row, protocol)])
        for row in records(table)
    )
    notes = shown_rows(table)[0]["cluster_note"]
    return Table(
        columns=[sentence_start(scale(protocol)), f"{noun.Hips} (people)", "Shift", "Lower limit", "Upper limit"],
        rows=rows,
        caption="Within what two readings agree",
        notes=[
            "Bland and Altman's limits: of 100 differences, the second reading less the first, 95 lie between them. "
            f"95 % intervals in brackets; in them {notes}.",
            *reason_notes(table, [_name(row, protocol) for row in records(table)], protocol),
            *withheld_note(table),
        ],
    )


def _name(row: Row, protocol: Protocol) -> str:
    name = sentence_start(protocol.measures[row["measure"]].name)
    return name if row["raters"] == ALL else f"{name}, {row['raters']}"


def _cells(row: Row, protocol: Protocol) -> list[str]:
    if withheld(row):
        return [WITHHELD] * 4
    hips, measure = f"{row['n_hips']:,} ({row['n_patients']:,})", protocol.measures[row["measure"]]
    if row["not_estimable"]:
        return [hips, degrees_text(row, "bias", "bias", measure), NOT_ESTIMABLE, "–"]
    return [hips, *(degrees_text(row, name, name, measure) for name in ("bias", "lower", "upper"))]
