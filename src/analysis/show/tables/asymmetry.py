"""Asymmetry in degrees as tables: the sides, the pattern, and how both changed."""

from __future__ import annotations

import pandas as pd

from analysis.protocol import Protocol
from analysis.protocol.measures import Measure
from analysis.protocol.words import within_sentence
from analysis.show.display import Nothing, Table
from analysis.show.records import records
from analysis.show.tables.cells import (
    anything_shown,
    bare_mean_note,
    clustering_note,
    in_brackets,
    mean_chance_cell,
    points_text,
    withheld,
    withheld_note,
)
from analysis.show.words import (
    MINUS,
    WITHHELD,
    Row,
    change,
    from_to,
    interval,
    known,
    number,
    percent,
    size,
)


def asymmetry_table(table: pd.DataFrame, protocol: Protocol) -> Table | Nothing:
    """Show left minus right in degrees at each timepoint, and how many people have the expected pattern.

    Parameters
    ----------
    table
        As :meth:`analysis.report.Report.asymmetry` returns it.
    protocol
        Gives the names of the measure and of the pattern.
    """
    noun = protocol.words
    rule = protocol.asymmetry
    if rule is None or not anything_shown(table, table["n"] > 0):
        return Nothing("No person was measured on both sides in the same way.")
    measure = protocol.measures[rule.measure]
    rows = [[str(row["timepoint"]), *_side_cells(row, rule.worse, measure)] for row in records(table)]
    band = table["band"].dropna()
    within = f"±{size(band.iloc[0], measure)}, " if len(band) else ""
    heads = [f"{side.capitalize()} less{' (95 % CI)' if side == rule.worse else ''}" for side in ("left", "right")]
    return Table(
        columns=["Visit", "People", f"Left {MINUS} right (95 % CI)", heads[0], "Within error", heads[1],
                 f"{rule.worse.capitalize()} less at all"],
        rows=rows,
        caption=f"{measure.label}, mean of left minus right, and who has less on which side",
        notes=[
            f"People measured on both sides in the same way. {rule.label}. Within error: the {noun.hips} differ by "
            "no more "
            f"than {within}the 95 % error of a difference of two readings. {clustering_note(table)}".strip(),
            *bare_mean_note(table, "mean_difference"),
            *withheld_note(table, "n_left_worse"),
        ],
    )  # fmt: skip


def _side_cells(row: Row, worse: str, measure: Measure) -> list[str]:
    if withheld(row):
        return [WITHHELD] * 6
    mean = change(row["mean_difference"], measure) if known(row["mean_difference"]) else "–"
    mean += f" ({from_to(row['ci_low'], row['ci_high'], measure)})" if known(row["ci_low"]) else ""
    if not known(row["n_left_worse"]):
        return [number(row["n"]), mean, *[WITHHELD] * 4]
    less = {
        side: _share(row, "showing") if side == worse else number(row[f"n_{side}_worse"]) for side in ("left", "right")
    }
    within = number(row["n_within_error"])
    return [number(row["n"]), mean, less["left"], within, less["right"], _share(row, "showing_any")]


def _share(row: Row, name: str) -> str:
    """Return a count with its share and interval; the people stand in a column of their own."""
    if not known(row[f"share_{name}"]):
        return number(row[f"n_{name}"])
    ends = interval(row[f"{name}_low"], row[f"{name}_high"])
    return f"{row[f'n_{name}']:,} ({percent(row[f'share_{name}'])}; {ends})"


def change_of_asymmetry_table(table: pd.DataFrame, protocol: Protocol) -> Table | Nothing:
    """Show whether left and right came closer.

    Parameters
    ----------
    table
        As :meth:`analysis.report.Report.change_of_asymmetry` returns it.
    protocol
        Gives the words for the two timepoints.
    """
    noun = protocol.words
    rule = protocol.asymmetry
    if rule is None or table.empty or not anything_shown(table, table["n"] > 0):
        return Nothing("No person was measured on both sides both times in the same way.")
    labels = {
        "difference": f"Mean, left {MINUS} right",
        "size": "Mean size of the difference, whichever side has less",
        "showing": "People showing the pattern beyond measurement error",
        "showing_any": "People showing the pattern by any difference",
    }
    measure, rows = protocol.measures[rule.measure], []
    for row in records(table):
        shown = [] if withheld(row) else [number(row["n"]), *_before_and_after(row, measure), _chance(row, measure)]
        cells = shown or [WITHHELD] * 5
        rows.append([labels[row["quantity"]], *cells])
    when = protocol.comparisons[table["comparison"].iloc[0]].label
    return Table(
        columns=["", "People", "Before", "After", "Change (95 % CI)", "By chance"],
        rows=rows,
        caption=f"How left and right differ, before and after: {within_sentence(when)}",
        notes=[
            "People measured on both sides both times in the same way. Shares change in percentage points "
            f"(Newcombe's method 10), {measure.unit or 'sizes'} by t. A change after the {noun.stretch}, not the "
            "effect of it. "
            f"{clustering_note(table)}".strip(),
            "By chance: the change of a mean with nothing truly changed, given measurement error and who was enrolled"
            f"{in_brackets(row[-1] for row in rows)}. A large difference is in part chance, and followed by a smaller "
            "one.",
            *bare_mean_note(table, "change"),
            *withheld_note(table),
        ],
    )


def _chance(row: Row, measure: Measure) -> str:
    return mean_chance_cell(row, measure) if not known(row["n_before"]) else "–"


def _before_and_after(row: Row, measure: Measure) -> list[str]:
    if not known(row["before"]):
        return ["–"] * 3
    if known(row["n_before"]):
        shares = [f"{row[f'n_{when}']:,} ({percent(row[when])})" for when in ("before", "after")]
        return [*shares, points_text(row, "change", "ci")]
    write = change if row["quantity"] == "difference" else size
    ends = f" ({from_to(row['ci_low'], row['ci_high'], measure)})" if known(row["ci_low"]) else ""
    return [*[write(row[when], measure) for when in ("before", "after")], f"{change(row['change'], measure)}{ends}"]
