"""The mean readings at all visits as a table, and what exactly these means are."""

from __future__ import annotations

import pandas as pd

from analysis.protocol import Protocol
from analysis.protocol.measures import Measure
from analysis.show.display import Nothing, Table
from analysis.show.tables.cells import (
    all_withheld,
    degrees_text,
    group_labels,
    number_or_withheld,
    reason_notes,
    shown_rows,
    under_headings,
    withheld,
    withheld_note,
)
from analysis.show.words import (
    NOT_ESTIMABLE,
    WITHHELD,
    Row,
    from_to,
    known,
    level,
    listed,
    number,
    sentence_start,
    size,
)

_NOTHING = "No measure with a known error was read at any visit."
_LEVELS = {"sd_clinic": "clinics", "sd_person": "people", "sd_hip": "hips of one person", "sd_reading": "readings"}


def trajectory_table(table: pd.DataFrame, by: str, protocol: Protocol) -> Table | Nothing:
    """Show the mean of every group at every visit, with the change since one visit or the difference of the sides.

    Parameters
    ----------
    table
        As :meth:`analysis.report.Report.trajectories` returns it.
    by
        The column of the groups.
    protocol
        Gives the labels.
    """
    if table.empty:
        return Nothing(_NOTHING)
    if all_withheld(table):
        return Nothing("The means at the visits are withheld.")
    measure = protocol.measures[table["measure"].iloc[0]]
    compared, heading = ("apart", "Left − right") if by == "side" else ("change", f"Since {_since(table)}")
    groups = group_labels(table, by, protocol)
    rows = under_headings(
        (group, [sentence_start(level(row["timepoint"])), *_cells(row, measure, compared)])
        for group, row in zip(groups, table.to_dict("records"), strict=True)
    )
    labels = [f"{group}, {visit}" for group, visit in zip(groups, table["timepoint"], strict=True)]
    return Table(
        columns=["Visit", protocol.words.Hips, "Mean (95 % CI)", f"{heading} (95 % CI)"],
        rows=rows,
        caption=f"{measure.label} at all visits, in one model",
        notes=[*_spread_note(table, measure, protocol), *reason_notes(table, labels, protocol), *withheld_note(table)],
    )


def _since(table: pd.DataFrame) -> str:
    return str(table["since"].dropna().iloc[0])


def _cells(row: Row, measure: Measure, compared: str) -> list[str]:
    if withheld(row):
        return [WITHHELD] * 3
    if row["not_estimable"]:
        return [number(row["n_hips"]), NOT_ESTIMABLE, "–"]
    mean = size(row["mean"], measure)
    ends = f" ({from_to(row['ci_low'], row['ci_high'], measure)})" if known(row["ci_low"]) else ""
    return [number(row["n_hips"]), f"{mean}{ends}", degrees_text(row, compared, compared, measure)]


def _spread_note(table: pd.DataFrame, measure: Measure, protocol: Protocol) -> list[str]:
    """Say how far clinics, people, hips and readings spread about the means, from any row that may be shown."""
    shown = shown_rows(table)
    parts = [
        f"{protocol.words.tell(words)} {size(shown[0][name], measure)}"
        for name, words in _LEVELS.items()
        if known(shown[0][name])
    ]
    return [f"Standard deviation between {', '.join(parts)}."] if parts else []


def estimand_table(table: pd.DataFrame, by: str, protocol: Protocol) -> Table | Nothing:
    """Say what the means at the visits are: of whom, of what, summarised how, and what becomes of missing visits.

    Parameters
    ----------
    table
        As :meth:`analysis.report.Report.trajectories` returns it.
    by
        The column of the groups.
    protocol
        Gives the labels.
    """
    if table.empty:
        return Nothing(_NOTHING)
    if all_withheld(table):
        return Nothing("What the means at the visits are of is withheld.")
    noun = protocol.words
    row = shown_rows(table)[0]
    measure = protocol.measures[row["measure"]]
    visits = ", ".join(dict.fromkeys(table["timepoint"]))
    missed = number_or_withheld(row["n_not_read"])
    other = number_or_withheld(row["n_other_way"])
    return Table(
        columns=["Part", "What it is here"],
        rows=[
            ["Population", f"All {number(row['n_hips_read'])} {noun.hips} read at any of these visits"],
            ["Variable", f"{measure.label} at {visits}, read as the {noun.hip} was read at {row['since']}"],
            ["Summary", f"The mean of all {noun.hips} of a group at a visit, and differences of such means"],
            ["Treatment", f"Whatever {noun.stretch} was given, or none, and whatever else was done between the visits"],
            ["Missing visits", f"{missed}. A {noun.hip} counts with the visits it has; the others are taken to read as "
                               f"{noun.hips} do that read alike at the visits both have"],
            ["Read in another way", f"{other} readings, which are left out and count as missing"],
            ["Model", f"Means of every group and visit; {_random(row, protocol)} differ at random; restricted maximum "
                      "likelihood"],
            ["Intervals", f"They hold whatever the correlation of the visits (CR2); {row['cluster_note']}"],
        ],
        caption="What the means at the visits are",
        alignment=["left", "left"],
    )  # fmt: skip


def _random(row: Row, protocol: Protocol) -> str:
    parts = [words.removesuffix(" of one person") for name, words in _LEVELS.items() if known(row[name])]
    return protocol.words.tell(listed(parts[:-1]) if parts else "hips")
