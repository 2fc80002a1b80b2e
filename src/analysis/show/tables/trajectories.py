"""The mean readings at all visits as a table, and what exactly these means are."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from analysis.protocol import Protocol
from analysis.protocol.measures import Measure
from analysis.show.display import Nothing, Table
from analysis.show.records import records
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


def trajectory_table(
    table: pd.DataFrame, by: str | Sequence[str], protocol: Protocol, compared: str = "apart"
) -> Table | Nothing:
    """Show the mean of every group at every visit, with the change since one visit or the difference of the sides.

    Parameters
    ----------
    table
        As :meth:`analysis.report.Report.trajectories` returns it.
    by
        The column of the groups, or the columns; left and right stand beside each other.
    protocol
        Gives the labels.
    compared
        What stands beside the means by side: how far these are ``"apart"``, or their ``"change"``.
    """
    if table.empty:
        return Nothing(_NOTHING)
    if all_withheld(table):
        return Nothing("The means at the visits are withheld.")
    measure, columns = protocol.measures[table["measure"].iloc[0]], [by] if isinstance(by, str) else list(by)
    others = [column for column in columns if column != "side"]
    heads = {name: group_labels(table, name, protocol) for name in columns}
    groups = [", ".join(heads[name][place] for name in others) for place in range(len(table))]
    lines: dict[tuple[str, str], dict[str, Row]] = {}
    for group, row in zip(groups, records(table), strict=True):
        lines.setdefault((group, row["timepoint"]), {})[str(row.get("side", ""))] = row
    # A visit at which only right ones were read comes in its turn too.
    place, visits = {group: n for n, group in enumerate(dict.fromkeys(groups))}, list(protocol.timepoints)
    in_turn = sorted(lines.items(), key=lambda line: (place[line[0][0]], visits.index(line[0][1])))
    sides = ["left", "right"] if "side" in columns else [""]
    of = f"{' of left and right' * ('side' in columns)}{' in each group' * bool(others)}"
    cells = [
        (group, [sentence_start(level(visit)), *_cells([at.get(side) for side in sides], measure, compared)])
        for (group, visit), at in in_turn
    ]
    labels = [f"{', '.join(words)}, {visit}" for *words, visit in zip(*heads.values(), table["timepoint"], strict=True)]
    return Table(
        columns=_columns(sides, compared, f"since {_since(table)}", protocol),
        rows=under_headings(cells) if others else [row for _, row in cells],
        caption=f"{measure.label}{of} at all visits, in one model",
        notes=[*_spread_note(table, measure, protocol), *reason_notes(table, labels, protocol), *withheld_note(table)],
    )


def _since(table: pd.DataFrame) -> str:
    return str(table["since"].dropna().iloc[0])


def _columns(sides: list[str], compared: str, since: str, protocol: Protocol) -> list[str]:
    hips = protocol.words.Hips
    if sides == [""]:
        return ["Visit", hips, "Mean (95 % CI)", f"{sentence_start(since)} (95 % CI)"]
    more = ["Left − right"] if compared == "apart" else [f"{name}, {since}" for name in ("Left", "Right")]
    return ["Visit", f"{hips}, left and right", *(f"{name} (95 % CI)" for name in ("Left", "Right", *more))]


def _cells(rows: list[Row | None], measure: Measure, compared: str) -> list[str]:
    """Return hips, means and what is compared of one visit, of one group or of its two sides."""
    alone = len(rows) == 1
    if alone or compared == "change":
        beside = [_compared(row, "change", measure) for row in rows]
    else:
        beside = [_compared(rows[0] if rows[1] else None, "apart", measure)]
    hips = [WITHHELD if row and withheld(row) else number(row["n_hips"] if row else 0) for row in rows]
    return [
        " and ".join(dict.fromkeys(hips) if WITHHELD in hips else hips),
        *(_mean(row, measure) for row in rows),
        *beside,
    ]


def _mean(row: Row | None, measure: Measure) -> str:
    if row is None:
        return "–"
    if withheld(row):
        return WITHHELD
    if row["not_estimable"]:
        return NOT_ESTIMABLE
    ends = f" ({from_to(row['ci_low'], row['ci_high'], measure)})" if known(row["ci_low"]) else ""
    return f"{size(row['mean'], measure)}{ends}"


def _compared(row: Row | None, compared: str, measure: Measure) -> str:
    if row is None:
        return "–"
    return WITHHELD if withheld(row) else degrees_text(row, compared, compared, measure)


def _spread_note(table: pd.DataFrame, measure: Measure, protocol: Protocol) -> list[str]:
    """Say how far clinics, people, hips and readings spread about the means, from any row that may be shown."""
    shown = shown_rows(table)
    parts = [
        f"{protocol.words.tell(words)} {size(shown[0][name], measure)}"
        for name, words in _LEVELS.items()
        if known(shown[0][name])
    ]
    return [f"Standard deviation between {', '.join(parts)}."] if parts else []


def estimand_table(table: pd.DataFrame, protocol: Protocol) -> Table | Nothing:
    """Say what the means at the visits are: of whom, of what, summarised how, and what becomes of missing visits.

    Parameters
    ----------
    table
        As :meth:`analysis.report.Report.trajectories` returns it.
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
