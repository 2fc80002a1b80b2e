"""The rules and the warnings that stand behind the numbers, as tables."""

from __future__ import annotations

import pandas as pd

from analysis.hips.by_chance import threshold
from analysis.protocol import Protocol
from analysis.protocol.measures import Reading
from analysis.protocol.responses import BecomesRule, ResponseRule
from analysis.protocol.types import SimpleCriterion
from analysis.show.display import Nothing, Table
from analysis.show.records import records
from analysis.show.tables.cells import number_or_withheld, withheld_note
from analysis.show.words import amount, sentence_start


def definitions_table(protocol: Protocol) -> Table:
    """Show what each rule means and where it comes from."""
    rows = [[rule.label, rule.prose, rule.source] for rule in protocol.responses.values()]
    if protocol.types:
        rows += [["Types"], *[[kind.label, kind.prose, kind.source] for kind in protocol.types.values()]]
    return Table(
        columns=["Rule", "What it means", "Source"],
        rows=rows,
        caption="The rules used here",
        alignment=["left", "left", "left"],
    )


_SIGNS = {"ge": "at least", "gt": "above", "le": "at most", "lt": "below", "eq": "is"}


def criteria_table(protocol: Protocol) -> Table | Nothing:
    """Show every criterion of the types with its two readings and its source."""
    if not protocol.criteria:
        return Nothing("This study defines no types.")
    rows = []
    for rule in protocol.criteria.values():
        if isinstance(rule, SimpleCriterion):
            strict, lenient = (cutoff_text(rule, reading, protocol) for reading in ("strict", "lenient"))
        else:
            strict, lenient = rule.quantifier("strict"), rule.quantifier("lenient")
        rows.append([sentence_start(rule.label), strict, lenient if lenient != strict else "the same", rule.source])
    return Table(
        columns=["Criterion", "Strict", "Lenient", "Source"],
        rows=rows,
        caption="The criteria of the types, in both readings",
        alignment=["left"] * 4,
    )


def cutoff_text(rule: SimpleCriterion, reading: Reading, protocol: Protocol) -> str:
    """Return the cut-off of a criterion in one reading, with its sign and unit."""
    value = rule.cutoff(reading)
    if isinstance(value, bool):
        return "yes" if value else "no"
    unit = protocol.measures[rule.measure].unit_sign
    return f"{_SIGNS[rule.op]} {value:g}{unit}" if isinstance(value, int | float) else str(value)


def rule_text(rule: ResponseRule, reading: Reading, protocol: Protocol) -> str:
    """Return what one rule of a response asks for in one reading, as "Gain of at least 5°"."""
    measure, lenient = protocol.measures[rule.measure], reading == "lenient"
    if isinstance(rule, BecomesRule):
        whatever = lenient and rule.lenient_already
        before = f"{rule.start} or not" if whatever else rule.start
        return f"{sentence_start(before)} before, {rule.end} after"
    way, sign = ("Gain" if measure.better == "higher" else "Fall"), ("of at least" if rule.op == "ge" else "above")
    beyond = " (MDC95)" if rule.asked(reading) == "mdc95" else ""
    best = " or at its best grade both times" if lenient and measure.kind == "count" and measure.possible else ""
    if (share := rule.share(reading)) is not None:
        return f"{way} {sign} {float(100 * share):g} % of the first reading{best}"
    return f"{way} {sign} {amount(threshold(rule, reading, protocol), measure)}{beyond}{best}"


def warnings_table(problems: pd.DataFrame) -> Table | Nothing:
    """Show how often each warning was found in the data, without any value.

    Parameters
    ----------
    problems
        As :meth:`analysis.report.Report.problems` returns them.
    """
    warned = problems[problems["severity"] == "warning"]
    if warned.empty:
        return Nothing("There are no warnings about the data.")
    warned = warned.sort_values("n", ascending=False, kind="stable")
    rows = [[sentence_start(str(row["message"])), number_or_withheld(row["n"])] for row in records(warned)]
    return Table(
        columns=["Warning", "Cells or rows"],
        rows=rows,
        caption="Warnings about the data of the whole study",
        notes=withheld_note(warned),
    )
