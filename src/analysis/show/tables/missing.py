"""What the missing outcomes could make of a rate, as a table."""

from __future__ import annotations

import pandas as pd

from analysis.answers.missing import alike_in
from analysis.protocol import Protocol
from analysis.show.display import Nothing, Table
from analysis.show.records import records
from analysis.show.tables.cells import all_withheld, clustering_note, rate_cell, reason_notes, withheld_note
from analysis.show.words import NOT_ESTIMABLE, WITHHELD, Row, count, interval, known, listed, percent


def missing_table(table: pd.DataFrame, protocol: Protocol) -> Table | Nothing:
    """Show the rate of all hips had the missing done as hips like them did, and had they done better or worse.

    Parameters
    ----------
    table
        As :meth:`analysis.report.Report.tilted_rates` returns it without groups.
    protocol
        Gives the labels.
    """
    noun = protocol.words
    tilted = records(table)
    row = tilted[0]
    if known(row["n_missing"]) and row["n_missing"] == 0:
        return Nothing("No outcome is missing.")
    if all_withheld(table):
        return Nothing("What the missing outcomes might be is withheld.")
    return Table(
        columns=[f"Had the missing {noun.hips} done", "Odds", "Responders (95 % CI)", "Against chance"],
        rows=_rows(tilted, protocol),
        caption=f"Where the missing might lie: {protocol.responses[str(row['response'])].label}",
        alignment=["left", "right", "right", "left"],
        notes=[*_notes(table, protocol), *withheld_note(table)],
    )


def _rows(tilted: list[Row], protocol: Protocol) -> list[list[str]]:
    noun = protocol.words
    row = tilted[0]
    judged = [f"Judged {noun.hips} alone", "–", rate_cell(row), str(row["against_chance"])]
    if pd.isna(row["n_missing"]):
        return [judged, [_manner(0, protocol), "1", WITHHELD, WITHHELD]]
    if row["not_estimable"]:
        return [judged, [_manner(0, protocol), "1", NOT_ESTIMABLE, "–"]]
    none, everyone = ([words, "–", percent(row[name]), "–"] for words, name in _BOUNDS.items())
    return [judged, none, *[_tilted_cells(one, protocol) for one in tilted], everyone]


_BOUNDS = {"None of them responded": "rate_if_none", "All of them responded": "rate_if_all"}


def _tilted_cells(row: Row, protocol: Protocol) -> list[str]:
    rate = f"{percent(row['imputed'])} ({interval(row['imputed_low'], row['imputed_high'])})"
    return [_manner(row["tilt"], protocol), f"× {row['odds_ratio']:.2g}", rate, str(row["imputed_against_chance"])]


def _manner(tilt: float, protocol: Protocol) -> str:
    noun = protocol.words
    if tilt == 0:
        return f"As {noun.hips} like them"
    much = "Much " if abs(tilt) >= 1 else ""
    return f"{much}{'worse' if tilt < 0 else 'better'} than {noun.hips} like them".capitalize()


def _notes(table: pd.DataFrame, protocol: Protocol) -> list[str]:
    noun = protocol.words
    row = records(table)[0]
    if not known(row["n_missing"]):
        return []
    return [
        f"{noun.count(row['n_missing'])} without an outcome for want of a reading, beside "
        f"{count(row['n_evaluable'], f'judged {noun.hip}', f'judged {noun.hips}')}. The missing outcomes are filled "
        "in many times over from judged "
        f"{noun.hips} like them in {listed(alike_in(protocol))}. Odds: of responding, against those of {noun.hips} "
        "like them. The "
        f"intervals hold the doubt about what is missing; two {noun.hips} of one person never count as two people. "
        f"{clustering_note(table)}".strip(),
        *reason_notes(table.head(1), [_manner(0, protocol)], protocol),
    ]
