"""What was found in the data, and what was corrected, as tables."""

from __future__ import annotations

import pandas as pd

from analysis.show.display import Nothing, Table
from analysis.show.records import records
from analysis.show.tables.cells import number_or_withheld, under_headings, withheld_note
from analysis.show.words import sentence_start


def problems_table(problems: pd.DataFrame) -> Table | Nothing:
    """Show how often each rule found something in the data of the whole study, without any value.

    Parameters
    ----------
    problems
        As :meth:`analysis.report.Report.problems` returns them.
    """
    if problems.empty:
        return Nothing("Nothing was found in the data.")
    found = problems.sort_values("n", ascending=False, kind="stable").sort_values("severity", kind="stable")
    rows = under_headings(
        (
            f"{row['severity']}s".capitalize(),
            [sentence_start(row["message"]), row["rule"], number_or_withheld(row["n"])],
        )
        for row in records(found)
    )
    return Table(
        columns=["What was found", "Rule", "Cells or rows"],
        rows=rows,
        caption="What was found in the data of the whole study",
        notes=[
            "Errors stop the analysis, so a report has none. “capsule check” names every file, row and column.",
            *withheld_note(problems),
        ],
        alignment=["left", "left", "right"],
    )


def corrections_table(made: pd.DataFrame) -> Table | Nothing:
    """Show every declared correction of the raw data.

    Parameters
    ----------
    made
        As :meth:`analysis.report.Report.corrections` returns them; without rows, no place is told but the file.
    """
    if made.empty:
        return Nothing("Nothing was corrected.")
    rows = []
    for row in records(made):
        place = row["file"]
        if "row" in row:
            place = ": ".join(part for part in (f"{place}, row {row['row']}", row["value_shown"]) if part)
        rows.append([row["column"] or "the whole row", place, sentence_start(row["message"])])
    return Table(
        columns=["Column", "Where", "When and why"],
        rows=rows,
        caption="Declared corrections",
        notes=["Raw files are never written to; each correction fails when its old value is no longer there."],
        alignment=["left"] * 3,
    )
