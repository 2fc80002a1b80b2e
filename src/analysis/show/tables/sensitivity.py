"""Every reading of the rules: how far each open decision moves the answers, and which answers it changes."""

from __future__ import annotations

from analysis.sensitivity.conclusions import QUESTIONS
from analysis.sensitivity.study import Sensitivity
from analysis.show.display import Nothing, Table
from analysis.show.records import records
from analysis.show.words import (
    count,
    known,
    number,
    sentence_start,
)


def decisions_table(found: Sensitivity) -> Table | Nothing:
    """Show every decision that was left open, its options, and how far it alone moves the answers."""
    noun = found.protocol.words
    if found.effects.empty:
        return Nothing("This study lists no other readings.")
    if found.effects[["rate", "difference", "typed"]].isna().all(axis=None):
        return Nothing("How far each decision moves the answers is withheld, or cannot be told.")
    rows = []
    for row in records(found.effects):
        alternative = found.protocol.alternatives[str(row["decision"])]
        options = ", ".join(option.label for option in alternative.options)
        points = [number(100 * row[name], 1) if known(row[name]) else "–" for name in ("rate", "difference", "typed")]
        rows.append([alternative.label, options, *points])
    return Table(
        columns=["Decision", "Options", "Responder rate", "Left minus right", f"{noun.Hips} with a type"],
        rows=rows,
        caption="How far each decision alone moves the answers, in percentage points",
        alignment=["left", "left", "right", "right", "right"],
        notes=[
            f"Every option was tried with all the others: {count(len(found.readings), 'reading')}. Shown is the mean "
            "distance between the options of a decision with all others held where they are."
        ],
    )


def flips_table(found: Sensitivity) -> Table | Nothing:
    """Show each conclusion, in how many readings it is another, and on which decision that hangs."""
    if found.flips.empty:
        return Nothing("This study lists no other readings.")
    if not found.flips["n_readings"].any():
        return Nothing("No reading gives an answer that may be shown, so none can be compared with the report's.")
    rows = []
    for row in records(found.flips):
        hangs = found.protocol.alternatives[row["decision"]].label if isinstance(row["decision"], str) else "–"
        otherwise = f"{row['n_other']:,} of {row['n_readings']:,}"
        others = row["others"].replace("; ", ", ") or "–"
        rows.append([sentence_start(QUESTIONS[row["question"]]), row["own"], otherwise, others, hangs])
    return Table(
        columns=["Question", "The report's answer", "Readings that differ", "What they say", "Depends most on"],
        rows=rows,
        caption="Which answers another reading of the rules would change",
        alignment=["left", "left", "right", "left", "left"],
    )
