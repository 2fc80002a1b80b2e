"""Classes, rules and rates beside measurement error; what is withheld shown as withheld."""

from __future__ import annotations

import pandas as pd

from analysis.hips.pairs import asks_for_share
from analysis.protocol import Protocol
from analysis.protocol.measures import Measure
from analysis.sensitivity.study import Sensitivity
from analysis.show.display import Nothing, Table
from analysis.show.records import records
from analysis.show.tables.cells import (
    CHANCE_NOTE,
    VERDICT_NOTE,
    chance_cell,
    group_label,
    names_note,
    points_text,
    rate_cell,
    short_label,
    under_headings,
    withheld,
    withheld_note,
)
from analysis.show.words import (
    WITHHELD,
    Row,
    a_scale,
    digits,
    interval,
    known,
    number,
    percent,
    scale,
    sentence_start,
    size,
)
from analysis.stats.beyond_chance import UNCLEAR


def confusion_table(found: Sensitivity) -> Table | Nothing:
    """Show how many hips of each recorded class are expected to be truly of each class."""
    noun = found.protocol.words
    if found.confusion.empty:
        return Nothing("This study defines no types.")
    columns = [name for name in found.confusion if str(name).startswith("expected_")]
    classes = [str(name).removeprefix("expected_") for name in columns]
    rows = []
    for row in records(found.confusion):
        label = group_label("stretch_type", row["stretch_type"], found.protocol)
        numbers = [f"{row[name]:.1f}" for name in columns] if not withheld(row) else [WITHHELD] * len(columns)
        rows.append([label, WITHHELD if withheld(row) else number(row["n_hips"]), *numbers])
    return Table(
        columns=["Recorded as", noun.Hips, *(sentence_start(name.replace("_", " ")) for name in classes)],
        rows=rows,
        caption=f"{noun.Hips} of each recorded class, and how many are expected to be truly of each class",
        notes=[
            f"Worked out from each reading, its measurement error and what is usual among these {noun.hips}; nothing "
            "is "
            "simulated. What was recorded as a level or an answer is taken as recorded.",
            *withheld_note(found.confusion),
        ],
    )


def excess_table(rates: pd.DataFrame, by: str, protocol: Protocol) -> Table:
    """Show each rule's rate beside what chance alone would give.

    Parameters
    ----------
    rates
        As :meth:`analysis.report.Report.rates_of_each_test` returns them, by one column.
    by
        That column.
    protocol
        Gives the labels.
    """
    noun = protocol.words
    rows = under_headings(
        (protocol.responses[str(row["response"])].label, [short_label(by, row[by], protocol), *_excess_cells(row)])
        for row in records(rates)
    )
    return Table(
        columns=[
            "Group",
            f"Responders of {noun.hips} judged",
            "By chance",
            "Beyond chance, points (95 % CI)",
            "Verdict",
        ],
        rows=rows,
        caption="Each rule against chance",
        alignment=["left", "right", "right", "right", "left"],
        notes=[CHANCE_NOTE, *_verdict_note(rates), *names_note(rates, by, protocol), *withheld_note(rates)],
    )


def _verdict_note(rates: pd.DataFrame) -> list[str]:
    """Say why a verdict may hold back where the interval does not."""
    return [VERDICT_NOTE] if (rates["against_chance"] == UNCLEAR).fillna(False).any() else []


def _excess_cells(row: Row) -> list[str]:
    if withheld(row):
        return [WITHHELD] * 4
    excess = "–"
    if row["n_evaluable"] == 0:
        return [rate_cell(row), *["–"] * 3]
    if known(row["excess"]):
        excess = points_text(row, "excess", "excess")
    return [rate_cell(row), chance_cell(row), excess, str(row["against_chance"])]


def own_error_table(found: Sensitivity) -> Table | Nothing:
    """Show responders beyond chance at the study's own error of a reading."""
    noun = found.protocol.words
    if found.own_error.empty:
        return Nothing(f"No {noun.hip} was read twice with nothing done in between.")
    rows = []
    for row in records(found.own_error):
        label = found.protocol.responses[str(row["response"])].label
        rows.append(
            [
                label,
                *([WITHHELD] * 5 if withheld(row) else _own_error_cells(row, found.protocol.measures[row["measure"]])),
            ]
        )
    return Table(
        columns=[
            "Rule",
            f"Responders of {noun.hips} judged",
            "Own SEM",
            "By chance",
            "By the rules",
            "Beyond chance, points",
        ],
        rows=rows,
        caption="The chance rate with this study's own error of a reading",
        notes=[
            "95 % intervals in brackets. Own SEM: from second readings with nothing done in between, without rounding. "
            "By chance: at that error; by the rules: at theirs. Beyond chance: the rate less chance at the own error; "
            "the interval includes the uncertainty of both.",
            *withheld_note(found.own_error),
        ],
    )


def _own_error_cells(row: Row, measure: Measure) -> list[str]:
    low, high = (number(row[f"sem_{end}"], digits(measure)) for end in ("low", "high"))
    sem = f"{size(row['sem'], measure)} ({low}–{high})"
    if row["n_evaluable"] == 0:
        return [rate_cell(row), sem, "–", "–", "–"]
    chance = f"{percent(row['own_chance'])} ({interval(row['own_chance_low'], row['own_chance_high'])})"
    return [rate_cell(row), sem, chance, chance_cell(row), points_text(row, "own_excess", "own_excess")]


_NO_ONE_NUMBER = (
    "A rule that asks for a share of the first reading is left out: it asks for another number in each one."
)


def criteria_error_table(found: Sensitivity) -> Table:
    """Show each rule on an angle beside its measurement error, and how many that pass truly changed so much."""
    noun = found.protocol.words
    rows = []
    for row in records(found.criteria):
        measure = found.protocol.measures[row["measure"]]
        asked, mdc, sem = (size(row[name], measure) for name in ("threshold", "mdc95", "sem"))
        here = f"{sem} ({size(row['sem_here'], measure) if known(row['sem_here']) else '–'})"
        if withheld(row):
            rows.append([measure.name, *[WITHHELD] * 5])
            continue
        passed = f"{row['n_passed']:,} of {row['n_changes']:,}"
        told = known(row["passed_true"]) and row["beyond_error"]
        true = percent(row["passed_true"]) if told else "not separable from error" if row["n_passed"] else "–"
        rows.append([measure.name, asked, mdc, here, passed, true])
    return Table(
        columns=[
            sentence_start(scale(found.protocol)),
            "Rule asks for",
            "MDC95",
            "SEM (seen here)",
            f"{noun.Hips} that meet it",
            "Truly changed by that much",
        ],
        rows=rows or [[f"No rule on {a_scale(found.protocol)} with a known error", *["–"] * 5]],
        caption="Each rule beside measurement error",
        notes=[
            "MDC95: the change that error alone exceeds one time in twenty. SEM seen here: from second readings with "
            f"nothing done in between, or else from two visits before the {noun.stretch}, where there are any; "
            "drills that "
            "helped and typing slips widen it. Truly changed so much: the "
            f"mean probability among the {noun.hips} that pass, given measurement error and what is usual among "
            f"these {noun.hips}.",
            *([_NO_ONE_NUMBER] if asks_for_share(found.protocol) else []),
            *withheld_note(found.criteria),
        ],
    )
