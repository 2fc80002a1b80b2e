"""The mean readings at all visits, in sentences."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from analysis.protocol import Protocol
from analysis.protocol.words import within_sentence
from analysis.show.display import Text
from analysis.show.records import records
from analysis.show.tables.cells import all_withheld, degrees_text, short_label
from analysis.show.words import Row, known

NO_BOTH_SIDES = "no visit has a mean with an interval of both left and right"


def trajectory_answer(table: pd.DataFrame, by: str | Sequence[str], protocol: Protocol) -> Text:
    """Answer how the mean of each group changed up to the last visit; by side, how far left and right lie apart.

    Parameters
    ----------
    table
        As :meth:`analysis.report.Report.trajectories` returns it.
    by
        The column of the groups, or the columns: left and right are then compared in each group.
    protocol
        Gives the labels.
    """
    noun = protocol.words
    if table.empty:
        return Text("No measure with a known error was read, so there are no means at the visits.")
    label = protocol.measures[table["measure"].iloc[0]].label
    if all_withheld(table):
        return Text(f"The means of {within_sentence(label)} at the visits are withheld.")
    rows, columns = (
        [row for row in records(table) if not row["suppressed"]],
        [by] if isinstance(by, str) else by,
    )
    others = [column for column in columns if column != "side"]
    said = _sides_apart(rows, others, protocol) if "side" in columns else _changes(rows, others[0], protocol)
    if not said:
        means = f"The means of {within_sentence(label)} at the visits"
        return Text(f"{means} cannot be compared in one model: {noun.tell(_why_not(rows, columns, protocol))}.")
    return Text(f"In one model of all visits, {within_sentence(label)} {said}")


def _why_not(rows: list[Row], columns: Sequence[str], protocol: Protocol) -> str:
    """Say why nothing can be compared; why a single mean is not there is no reason for all."""
    if all(row["not_estimable"] for row in rows):
        return str(rows[0]["not_estimable"])
    if "side" in columns:
        place = [name for name in columns if name != "side"]
        means = [tuple(row[name] for name in [*place, "timepoint"]) for row in rows if known(row["ci_low"])]
        both = len(set(means)) < len(means)
        why = "left minus right has no interval at any visit" if both else NO_BOTH_SIDES
        return why + (" in any group" if place else "")
    first, last = rows[0]["since"], _visits(rows, protocol)[-1]
    return f"no group has a mean with an interval both at {first} and at {last}"


def _visits(rows: list[Row], protocol: Protocol) -> list[str]:
    return [visit for visit in protocol.timepoints if visit in {row["timepoint"] for row in rows}]


def _changes(rows: list[Row], by: str, protocol: Protocol) -> str:
    visits = _visits(rows, protocol)
    shown = [row for row in rows if row["timepoint"] == visits[-1] and known(row["change_low"])]
    if not shown:
        return ""
    parts = [f"{_interval(row, 'change', protocol)} in {_name(row, by, protocol)}" for row in shown]
    lower_is_better = protocol.measures[str(shown[0]["measure"])].better == "lower"
    worse, better = ("high", "lower") if lower_is_better else ("low", "higher")
    chance = f"A first reading that was {worse} by chance is followed by a {better} one in any {protocol.words.hip}."
    return f"changed from {shown[0]['since']} to {visits[-1]} by {'; '.join(parts)}. {chance}"


def _sides_apart(rows: list[Row], others: list[str], protocol: Protocol) -> str:
    """Say it of all visits or, of several groups, of the visit that change is counted from, else the first."""
    shown = [row for row in rows if known(row["apart_low"])]
    if not shown:
        return ""
    less = f"of the left {protocol.words.hip} less that of the right was"
    if not others:
        parts = [f"{_interval(row, 'apart', protocol)} at {row['timepoint']}" for row in shown]
        return f"{less} {'; '.join(parts)}."
    visits = _visits(shown, protocol)
    visit = shown[0]["since"] if shown[0]["since"] in visits else visits[0]
    parts = [
        f"{_interval(row, 'apart', protocol)} in {', '.join(_name(row, one, protocol) for one in others)}"
        for row in shown
        if row["timepoint"] == visit
    ]
    return f"{less}, at {visit}, {'; '.join(parts)}."


def _interval(row: Row, name: str, protocol: Protocol) -> str:
    return degrees_text(row, name, name, protocol.measures[row["measure"]]).replace("(", "(95 % CI ")


def _name(row: Row, by: str, protocol: Protocol) -> str:
    return within_sentence(short_label(by, row[by], protocol))
