"""Responder rates as tables: numerators, denominators and intervals in every row."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from analysis.hips.judge import NO_SHARE
from analysis.hips.pairs import asks_for_share
from analysis.protocol import Protocol
from analysis.protocol.words import within_sentence
from analysis.show.display import Nothing, Table
from analysis.show.records import records
from analysis.show.tables.cells import (
    CHANCE_NOTE,
    all_withheld,
    chance_cell,
    group_labels,
    interval_note,
    rate_cell,
    under_headings,
    withheld,
    withheld_note,
)
from analysis.show.words import WITHHELD, Row, number, percent


def responder_table(table: pd.DataFrame, by: Sequence[str], protocol: Protocol) -> Table | Nothing:
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
    noun = protocol.words
    if all_withheld(table):
        return Nothing("The rate of every group is withheld.")
    rows = [
        [label, *_size_cells(row), *_rate_cells(row)]
        for label, row in zip(group_labels(table, by[-1], protocol), records(table), strict=True)
    ]
    if len(by) > 1:
        rows = under_headings(zip(group_labels(table, by[0], protocol), rows, strict=True))
    response = protocol.responses[str(table["response"].iloc[0])]
    comparison = protocol.comparisons[str(table["comparison"].iloc[0])]
    first = "Side" if by[-1] == "side" else "Group"
    return Table(
        columns=[first, "Patients", noun.Hips, f"Responders of {noun.hips} judged", "By chance"],
        rows=rows,
        caption=f"{response.label}: {within_sentence(comparison.label)}",
        notes=[interval_note(table), CHANCE_NOTE, *withheld_note(table)],
    )


def _size_cells(row: Row) -> list[str]:
    return [WITHHELD] * 2 if withheld(row) else [number(row["n_patients"]), number(row["n_hips"])]


def _rate_cells(row: Row) -> list[str]:
    return [WITHHELD] * 2 if withheld(row) else [rate_cell(row), chance_cell(row)]


def _missing_cells(row: Row) -> list[str]:
    if pd.isna(row["n_missing"]):
        return [WITHHELD] * 2
    bounds = f"{percent(row['rate_if_none'])} to {percent(row['rate_if_all'])}" if row["n_missing"] else "–"
    return [number(row["n_missing"]), bounds]


def tests_table(table: pd.DataFrame, protocol: Protocol) -> Table | Nothing:
    """Show the rate under every responder rule, with what missing outcomes could make of it.

    Parameters
    ----------
    table
        As :meth:`analysis.report.Report.rates_of_each_test` returns it without groups.
    protocol
        Gives the labels.
    """
    noun = protocol.words
    if all_withheld(table):
        return Nothing("The rate under every rule is withheld.")
    rows = [
        [protocol.responses[row["response"]].label, *_rate_cells(row), *_missing_cells(row)] for row in records(table)
    ]
    return Table(
        columns=["Rule", f"Responders of {noun.hips} judged", "By chance", "Missing", "If none or all of them had"],
        rows=rows,
        caption="Every rule, and what the missing outcomes could make of it",
        notes=[
            interval_note(table),
            CHANCE_NOTE,
            *withheld_note(table, "n_missing"),
            f"Missing: {noun.hips} without an outcome for want of a reading. A test that had no room to improve "
            "is neither judged nor missing.",
            *([f"Nor is {NO_SHARE}, where a rule asks for a share of it."] if asks_for_share(protocol) else []),
        ],
    )
