"""What second readings tell, as tables: the error of one reading, and within what two agree."""

from __future__ import annotations

import pandas as pd

from analysis.answers.agreement import ALL
from analysis.protocol import Protocol
from analysis.protocol.measures import Measure
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
        (protocol.comparisons[str(row["comparison"])].label, _error_cells(row, protocol.measures[row["measure"]]))
        for row in records(table)
    )
    names = [sentence_start(protocol.measures[measure].name) for measure in table["measure"]]
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
            f"{noun.hip} from another, a shift counting as error (2,1) or not (3,1). SEM: the error of one reading, "
            "shift and rounding included; that of the rules is without rounding and, in brackets, as these readings "
            "are rounded. MDC95: the change that error alone exceeds one time in twenty. The intervals are as wide as "
            f"if each person had given one {noun.hip}.",
            *reason_notes(table, names, protocol),
            *withheld_note(table),
        ],
    )


def _error_cells(row: Row, measure: Measure) -> list[str]:
    name = sentence_start(measure.name)
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


def _in_unit(value: float, measure: Measure) -> str:
    return size(value, measure) if known(value) else "–"


def _with_limits(row: Row, name: str, places: int, unit: str) -> str:
    low, high = row[f"{name}_low"], row[f"{name}_high"]
    ends = f" ({number(low, places)}–{number(high, places)})" if known(low) else ""
    return f"{number(row[name], places)}{unit}{ends}"


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
        (protocol.comparisons[str(row["comparison"])].label, _agreement_cells(row, protocol)) for row in records(table)
    )
    notes = shown_rows(table)[0]["cluster_note"]
    return Table(
        columns=[sentence_start(scale(protocol)), f"{noun.Hips} (people)", "Shift", "Lower limit", "Upper limit"],
        rows=rows,
        caption="Within what two readings agree",
        notes=[
            "Bland and Altman's limits: of 100 differences, the second reading less the first, 95 lie between them. "
            f"95 % intervals in brackets; in them {notes}.",
            *reason_notes(table, [_with_raters(row, protocol) for row in records(table)], protocol),
            *withheld_note(table),
        ],
    )


def _with_raters(row: Row, protocol: Protocol) -> str:
    name = sentence_start(protocol.measures[row["measure"]].name)
    return name if row["raters"] == ALL else f"{name}, {row['raters']}"


def _agreement_cells(row: Row, protocol: Protocol) -> list[str]:
    name = _with_raters(row, protocol)
    if withheld(row):
        return [name, *[WITHHELD] * 4]
    hips, measure = f"{row['n_hips']:,} ({row['n_patients']:,})", protocol.measures[row["measure"]]
    if row["not_estimable"]:
        return [name, hips, degrees_text(row, "bias", "bias", measure), NOT_ESTIMABLE, "–"]
    return [name, hips, *(degrees_text(row, part, part, measure) for part in ("bias", "lower", "upper"))]
