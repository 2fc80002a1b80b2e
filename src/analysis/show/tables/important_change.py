"""Which gain people call important, as a table."""

from __future__ import annotations

import pandas as pd

from analysis.protocol import Protocol
from analysis.show.display import Nothing, Table
from analysis.show.records import records
from analysis.show.tables.cells import all_withheld, reason_notes, withheld, withheld_note
from analysis.show.words import NOT_ESTIMABLE, WITHHELD, Row, amount, from_to, known, size


def important_change_table(table: pd.DataFrame, protocol: Protocol) -> Table | Nothing:
    """Show the smallest gain that matters of every measure by three methods, beside the gain that the rules ask for.

    Parameters
    ----------
    table
        As :meth:`analysis.report.Report.important_changes` returns it.
    protocol
        Gives the labels.
    """
    if table.empty:
        return Nothing("No anchor recorded.")
    if all_withheld(table):
        return Nothing("Which gain matters to people is withheld.")
    clinics = "clinic" in set(table["clustered_by"].dropna())
    labels = [protocol.measures[name].label for name in table["measure"]]
    return Table(
        columns=["Gain of", f"{protocol.words.Hips} (people)", "ROC", "Mean change", "Predictive", "Rule"],
        rows=[[label, *_cells(row, protocol)] for label, row in zip(labels, records(table), strict=True)],
        caption="The smallest gain that matters, by people's own rating",
        notes=[
            "95 % intervals in brackets, from samples of "
            f"{'clinics with all their people' if clinics else 'people'}. ROC: the gain that best tells those who say "
            "they improved from the others. Mean change: that of people who improved by the least. Predictive: the "
            "gain at which improvement is as likely as in all; it lies higher the more people improved. Rule: what a "
            "responder must gain.",
            *reason_notes(table, labels, protocol),
            *withheld_note(table),
        ],
    )


def _cells(row: Row, protocol: Protocol) -> list[str]:
    measure = protocol.measures[row["measure"]]
    rule = amount(row["threshold"], measure) if known(row["threshold"]) else "–"
    if withheld(row):
        return [WITHHELD] * 5
    hips = f"{row['n_hips']:,} ({row['n_patients']:,})"
    if row["not_estimable"]:
        return [hips, NOT_ESTIMABLE, "–", "–", rule]
    return [hips, *(_answer(row, name, protocol) for name in ("roc", "mean_of_minimal", "predicted")), rule]


def _answer(row: Row, name: str, protocol: Protocol) -> str:
    measure, low = protocol.measures[row["measure"]], row[f"{name}_low"]
    if not known(row[name]):
        return "–"
    ends = f" ({from_to(low, row[f'{name}_high'], measure)})" if known(low) else ""
    return f"{size(row[name], measure)}{ends}"
