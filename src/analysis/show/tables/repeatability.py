"""The error of one reading, as the study itself shows it, as a table."""

from __future__ import annotations

import pandas as pd

from analysis.protocol import Protocol
from analysis.protocol.measures import Measure
from analysis.show.display import Nothing, Table
from analysis.show.records import records
from analysis.show.tables.cells import all_withheld, degrees_text, reason_notes, under_headings, withheld, withheld_note
from analysis.show.words import NOT_ESTIMABLE, WITHHELD, Row, digits, known, number, scale, sentence_start, size


def repeatability_table(table: pd.DataFrame, protocol: Protocol) -> Table | Nothing:
    """Show how well two readings of one hip agree, and the error of one reading beside that of the rules.

    Parameters
    ----------
    table
        As :meth:`analysis.report.Report.repeatability` returns it.
    protocol
        Gives the labels.
    """
    noun = protocol.words
    if table.empty:
        return Nothing(f"No {noun.hip} was read twice with nothing done in between.")
    if all_withheld(table):
        return Nothing("The error of one reading in this study is withheld.")
    rows = under_headings(
        (protocol.comparisons[str(row["comparison"])].label, _cells(row, protocol.measures[row["measure"]]))
        for row in records(table)
    )
    return Table(
        columns=[
            sentence_start(scale(protocol)),
            f"{noun.Hips} (people)",
            "Shift",
            "ICC(2,1)",
            "ICC(3,1)",
            "SEM",
            "MDC95",
            "SEM in the rules",
        ],
        rows=rows,
        caption="How exact one reading is",
        notes=[
            "95 % intervals in brackets. Shift: the second reading less the first. ICC: how far readings tell one "
            f"{noun.hip} "
            "from another, a shift counting as error (2,1) or not (3,1). SEM: the error of one reading, shift and "
            "rounding included; that of the rules is without rounding and, in brackets, as these readings are rounded. "
            "MDC95: the change that error alone exceeds one time in twenty. The intervals are as wide as if each "
            f"person had given one {noun.hip}.",
            *reason_notes(table, [_name(protocol.measures[measure]) for measure in table["measure"]], protocol),
            *withheld_note(table),
        ],
    )


def _cells(row: Row, measure: Measure) -> list[str]:
    name = _name(measure)
    if withheld(row):
        return [name, *[WITHHELD] * 7]
    hips = f"{row['n_hips']:,} ({row['n_patients']:,})"
    shift = degrees_text(row, "shift", "shift", measure)
    rules = f"{_in_unit(row['sem_of_rules'], measure)} ({_in_unit(row['sem_rounded'], measure)})"
    if row["not_estimable"]:
        return [name, hips, shift, NOT_ESTIMABLE, "–", "–", "–", rules]
    correlations = [_with_limits(row, name, 2, "") for name in ("icc_2_1", "icc_3_1")]
    sem, mdc = _with_limits(row, "sem", digits(measure), measure.unit_sign), _in_unit(row["mdc95"], measure)
    return [name, hips, shift, *correlations, sem, mdc, rules]


def _name(measure: Measure) -> str:
    return sentence_start(measure.name)


def _in_unit(value: float, measure: Measure) -> str:
    return size(value, measure) if known(value) else "–"


def _with_limits(row: Row, name: str, places: int, unit: str) -> str:
    low, high = row[f"{name}_low"], row[f"{name}_high"]
    ends = f" ({number(low, places)}–{number(high, places)})" if known(low) else ""
    return f"{number(row[name], places)}{unit}{ends}"
