"""Which gain people call important, in sentences."""

from __future__ import annotations

import pandas as pd

from analysis.protocol import Protocol
from analysis.protocol.words import within_sentence
from analysis.show.display import Text
from analysis.show.records import records
from analysis.show.words import Row, amount, count, from_to, known, size

METHODS = {"roc": "ROC", "mean_of_minimal": "mean change", "predicted": "prediction"}


def important_change_answer(table: pd.DataFrame, protocol: Protocol, measure: str = "") -> Text:
    """Answer which gain matters to people, beside the gain that the rules ask for.

    Parameters
    ----------
    table
        As :meth:`analysis.report.Report.important_changes` returns it.
    protocol
        Gives the labels.
    measure
        Which; the first if left out.
    """
    rows = [row for row in records(table) if measure in ("", row["measure"])]
    if not rows:
        return Text(
            "No anchor recorded: which gain matters cannot be told without people's own rating of their change."
        )
    row = rows[0]
    label = within_sentence(protocol.measures[row["measure"]].label)
    if row["suppressed"]:
        return Text(f"Which gain of {label} matters to people is withheld.")
    if row["not_estimable"]:
        reason = protocol.words.tell(row["not_estimable"])
        beside = f" (correlation {row['correlation']:.2f})" if known(row["correlation"]) else ""
        return Text(f"Which gain of {label} matters to people cannot be told: {reason}{beside}.")
    behind = f"{protocol.words.count(row['n_hips'])} of {count(row['n_patients'], 'patient')}"
    said = "; ".join(_answer(row, name, protocol) for name in METHODS if known(row[name]))
    text = f"**By people's own rating the smallest gain of {label} that matters is** {said} ({behind})."
    return Text(text + _rule(row, protocol))


def _answer(row: Row, name: str, protocol: Protocol) -> str:
    measure = protocol.measures[row["measure"]]
    low, high = row[f"{name}_low"], row[f"{name}_high"]
    ends = f" (95 % CI {from_to(low, high, measure)})" if known(low) else ""
    return f"{size(row[name], measure)}{ends} by {METHODS[name]}"


def _rule(row: Row, protocol: Protocol) -> str:
    if not known(row["threshold"]):
        return ""
    return f" The rules ask for {amount(row['threshold'], protocol.measures[row['measure']])}."
