"""Matched against mismatched hips as tables."""

from __future__ import annotations

import pandas as pd

from analysis.answers.matching import METHODS
from analysis.protocol import Protocol
from analysis.show.display import Nothing, Table
from analysis.show.records import records
from analysis.show.tables.cells import all_withheld, reason_notes, withheld, withheld_note
from analysis.show.words import NOT_ESTIMABLE, WITHHELD, digits, known, listed, number, percent, points_limits, signed


def matched_table(table: pd.DataFrame, protocol: Protocol) -> Table | Nothing:
    """Show responder rates of matched and mismatched hips, as they are and made comparable in three ways.

    Parameters
    ----------
    table
        As :meth:`analysis.report.Report.matched` returns it.
    """
    noun = protocol.words
    if table.empty:
        return Nothing(f"No {noun.hip} can be compared.")
    if all_withheld(table):
        return Nothing(f"The rates of matched and mismatched {noun.hips} are withheld.")
    rows = []
    for row in records(table):
        label = noun.tell(METHODS[row["method"]])
        if withheld(row):
            rows.append([label, *[WITHHELD] * 4])
        elif not known(row["difference"]):
            rows.append([label, "–", "–", NOT_ESTIMABLE, "–"])
        else:
            difference = signed(100 * row["difference"])
            difference += f" ({points_limits(row, 'ci')})" if known(row["ci_low"]) else ""
            cause = f"{row['e_value']:.1f}" if known(row["e_value"]) else "–"
            rows.append([label, percent(row["rate_matched"]), percent(row["rate_mismatched"]), difference, cause])
    return Table(
        columns=["Compared", "Matched", "Mismatched", "Difference (95 % CI)", "E-value"],
        rows=rows,
        caption=f"Responders among {noun.hips} given the {noun.stretch} their class calls for, and another",
        notes=[
            f"Observational: nobody was allocated to {noun.a_stretch}, and only what was measured could be made alike. "
            f"Difference in percentage points; in the intervals {table['cluster_note'].iloc[0]}. E-value: how strongly "
            "an unmeasured cause would have to act on both the choice and the outcome to explain the difference.",
            *_made_alike_notes(table, protocol),
            *reason_notes(table, [noun.tell(METHODS[method]) for method in table["method"]], protocol),
            *withheld_note(table),
        ],
    )


def _made_alike_notes(table: pd.DataFrame, protocol: Protocol) -> list[str]:
    """Return what was made alike, where any comparison made it so, and the hips that lack some of it."""
    noun, notes, row = protocol.words, [], table.iloc[0]
    made = bool((table["difference"].notna() & (table["method"] != "crude")).any())
    if made and row["made_alike"]:
        notes.append(f"Made alike: {listed(row['made_alike'].split('; '))}.")
    if made and row["made_alike_note"]:
        notes.append(noun.tell(row["made_alike_note"]))
    if known(row["n_left_out"]) and row["n_left_out"]:
        notes.append(f"Left out, because a first reading or the age is missing: {noun.count(row['n_left_out'])}.")
    return notes


def balance_table(table: pd.DataFrame, protocol: Protocol) -> Table | Nothing:
    """Show how alike the two groups were before the stretch.

    Parameters
    ----------
    table
        As :meth:`analysis.report.Report.match_balance` returns it; empty where it may not be shown.
    """
    noun = protocol.words
    if table.empty:
        return Nothing("There are no two groups whose first readings may be shown.")
    # Sides and classes are shares, of which one decimal says too little.
    places = {"Age in years": 1, **{measure.label: digits(measure) for measure in protocol.measures.values()}}
    rows = []
    for row in records(table):
        if withheld(row):
            rows.append([row["covariate"], *[WITHHELD] * 4])
            continue
        means = [
            number(row[name], places.get(row["covariate"], 2)) if known(row[name]) else "–"
            for name in ("mean_matched", "mean_mismatched")
        ]
        apart = [signed(row[name], 2) if known(row[name]) else "–" for name in ("difference", "weighted_difference")]
        rows.append([row["covariate"], *means, *apart])
    return Table(
        columns=[f"Before the {noun.stretch}", "Matched", "Mismatched", "Apart", "Apart when weighted"],
        rows=rows,
        caption="How alike the two groups were",
        notes=[
            "Means (of a class its share), and the standardised difference between them; beyond 0.1 either way the "
            "groups differ.",
            *_why_not_weighted(table, protocol),
            *withheld_note(table),
        ],
    )


def _why_not_weighted(table: pd.DataFrame, protocol: Protocol) -> list[str]:
    given: list[str] = table["not_estimable"].dropna().unique().tolist()
    return [f"No weighting: {protocol.words.tell(reason)}." for reason in given if reason]
