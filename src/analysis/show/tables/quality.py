"""The quality of the data as tables: what came in, what is missing, how it was read. No value is in any."""

from __future__ import annotations

import pandas as pd

from analysis.answers.counting import NOT_RECORDED
from analysis.protocol import Protocol
from analysis.protocol.measures import Measure
from analysis.protocol.steps import five_of
from analysis.show.display import Nothing, Table
from analysis.show.records import records
from analysis.show.tables.cells import (
    all_withheld,
    interval_note,
    under_headings,
    withheld,
    withheld_note,
)
from analysis.show.tables.classes import share_cell
from analysis.show.words import (
    MINUS,
    WITHHELD,
    Row,
    count,
    from_to,
    known,
    level,
    number,
    percent,
    scale,
    sentence_start,
    size,
)


def flow_table(table: pd.DataFrame, protocol: Protocol) -> Table | Nothing:
    """Show how many hips are left at every step from the files to a judgement.

    Parameters
    ----------
    table
        As :meth:`analysis.report.Report.flow` returns it.
    """
    noun = protocol.words
    if all_withheld(table):
        return Nothing(f"The number of {noun.hips} seen is withheld.")
    rows = []
    for row in records(table):
        if withheld(row):
            rows.append([row["step"], *[WITHHELD] * 2, f"{WITHHELD}: {row['reason']}" if row["reason"] else "–"])
            continue
        rows.append([step_label(row), number(row["n_hips"]), number(row["n_patients"]), lost_text(row) or "–"])
    return Table(
        columns=["Step", noun.Hips, "Patients", "Lost since the step before"],
        rows=rows,
        caption=f"From the files to the {noun.hips} that can be judged",
        notes=[
            f"A patient leaves with the last {noun.hip}: losing one of two {noun.hips} loses no patient.",
            *withheld_note(table),
        ],
        alignment=["left", "right", "right", "left"],
    )


def step_label(row: Row) -> str:
    """Return what a step is; the first one with the rows of the files that it rests on."""
    return f"{row['step']}, in {count(row['n_rows'], 'row')} of the files" if known(row["n_rows"]) else row["step"]


def lost_text(row: Row) -> str:
    """Return how many hips a step lost, and why; empty where none."""
    if not known(row["n_hips_lost"]):
        return ""
    return f"{row['n_hips_lost']:,}: {row['reason']}"


def completeness_table(table: pd.DataFrame, by: str, protocol: Protocol, caption: str) -> Table | Nothing:
    """Show where each measure was recorded: measures against the levels of a column, the longer list downwards.

    Parameters
    ----------
    table
        As :meth:`analysis.report.Report.completeness` or ``completeness_by_clinic`` return it.
    by
        The column with the levels.
    protocol
        Gives the labels.
    caption
        What the table shows.
    """
    if set(table[by]) <= {NOT_RECORDED}:
        return Nothing(f"{caption}: nothing was recorded.")
    if all_withheld(table[table["n_rows"].isna() | (table["n_rows"] > 0)]):
        return Nothing(f"{caption}: withheld.")
    cells = {(sentence_start(level(row[by])), row["name"]): _recorded(row) for row in records(table)}
    levels, names = (list(dict.fromkeys(key[place] for key in cells)) for place in (0, 1))
    labels = [protocol.measures[name].label for name in names]
    if len(levels) > len(names):
        columns = [_HEADINGS[by], *labels]
        rows = [[of, *(cells.get((of, name), "–") for name in names)] for of in levels]
    else:
        columns = ["Measure", *levels]
        rows = [
            [label, *(cells.get((of, name), "–") for of in levels)] for name, label in zip(names, labels, strict=True)
        ]
    return Table(
        columns=columns,
        rows=rows,
        caption=caption,
        notes=withheld_note(table),
    )


_HEADINGS = {"clinic_id": "Clinic", "timepoint": "Visit"}


def _recorded(row: Row) -> str:
    if withheld(row):
        return WITHHELD
    return f"{row['n_known']:,}/{row['n_rows']:,} ({percent(row['share'])})" if row["n_rows"] else "–"


def readings_table(table: pd.DataFrame, protocol: Protocol) -> Table | Nothing:
    """Show how many readings of each angle end in 0 or 5, of other measures are such round numbers.

    Parameters
    ----------
    table
        As :meth:`analysis.report.Report.digit_preference` returns it.
    protocol
        Gives the unit and the step of each measure.
    """
    kind = scale(protocol)
    if table.empty:
        return Nothing(f"No {kind} was read.")
    if all_withheld(table):
        return Nothing("How readings were rounded is withheld.")
    angles = kind == "angle"
    fives = {measure.label: f" ({_fives(measure)})" for measure in protocol.measures.values() if not angles}
    rows = [
        [row["answer"] + fives.get(row["answer"], ""), WITHHELD if withheld(row) else share_cell(row)]
        for row in records(table)
    ]
    of_angles = (
        "Read to the degree, one in five would; rounded to 5 degrees, all do. What is rounded to 5 degrees can "
        "show a change of 5 where there is hardly any."
    )
    of_others = (
        "Read more finely, one in five would be; rounded to them, all are. What is rounded so can show a change of "
        "that size where there is hardly any."
    )
    return Table(
        columns=[sentence_start(kind), "Readings that end in 0 or 5" if angles else "Readings that are round numbers"],
        rows=rows,
        caption="Digit preference",
        notes=[
            of_angles if angles else of_others,
            interval_note(table),
            *withheld_note(table),
        ],
    )


def _fives(measure: Measure) -> str:
    return f"multiples of {five_of(measure.step):g}{measure.unit_sign}"


def distribution_table(table: pd.DataFrame, protocol: Protocol) -> Table | Nothing:
    """Show the quartiles of every angle at every visit, beside what is usual.

    Parameters
    ----------
    table
        As :meth:`analysis.report.Report.distributions` returns it.
    protocol
        Gives the labels.
    """
    if table.empty:
        return Nothing(f"No {scale(protocol)} was read.")
    rows = []
    for row in records(table):
        measure = protocol.measures[row["measure"]]
        usual = (
            f"{_end(row['usual_low'])} to {_end(row['usual_high'])}{measure.unit_sign}"
            if known(row["usual_low"])
            else "–"
        )
        cells = [WITHHELD] * 3
        if not withheld(row):
            quartiles = f"{from_to(row['q1'], row['q3'], measure)}{measure.unit_sign}"
            cells = [number(row["n_readings"]), size(row["median"], measure), quartiles]
        rows.append((measure.label, [sentence_start(level(row["timepoint"])), *cells, usual]))
    return Table(
        columns=["Visit", "Readings", "Median", "Middle half", "Usual"],
        rows=under_headings(rows),
        caption="Where the readings lie",
        notes=[
            "Usual: “capsule check” warns outside this range. Minimum and maximum each belong to one person, so "
            "they are not "
            "shown."
        ],
    )


def _end(limit: float) -> str:
    return f"{limit:g}".replace("-", MINUS)


def comparability_table(table: pd.DataFrame, protocol: Protocol) -> Table | Nothing:
    """Show in how many pairs of visits the second reading was taken in another way.

    Parameters
    ----------
    table
        As :meth:`analysis.report.Report.comparability` returns it.
    """
    noun = protocol.words
    if table.empty:
        return Nothing("The rules of this study name no condition that both visits must share.")
    rows = []
    for row in records(table):
        cells = [WITHHELD] * 2 if withheld(row) else [number(row["n_pairs"]), number(row["n_different"])]
        rows.append([row["condition"], *cells])
    return Table(
        columns=["Condition", f"{noun.Hips} seen both times", "Measured in another way"],
        rows=rows,
        caption="Whether the two visits can be compared",
        notes=["A pair that differs in a condition is not compared.", *withheld_note(table)],
    )
