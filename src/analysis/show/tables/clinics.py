"""Clinics, periods and mean changes as tables."""

from __future__ import annotations

import pandas as pd

from analysis.protocol import Protocol
from analysis.show.display import Nothing, Table
from analysis.show.records import records
from analysis.show.tables.cells import (
    all_withheld,
    bare_mean_note,
    chance_cell,
    clustering_note,
    mean_chance_cell,
    mean_chance_note,
    rate_cell,
    withheld,
    withheld_note,
)
from analysis.show.words import WITHHELD, Row, change, count, from_to, interval, known, number, percent, size


def clinics_table(table: pd.DataFrame, protocol: Protocol, rest: pd.DataFrame | None = None) -> Table | Nothing:
    """Show the rate of every clinic and whether it lies within the funnel; in the order of their names.

    Parameters
    ----------
    table
        As :meth:`analysis.report.Report.every_clinic` returns it.
    rest
        As :meth:`analysis.report.Report.without_clinic` returns it: a row of its own at the end, in no funnel.
    """
    noun = protocol.words
    if table.empty:
        return Nothing(f"No {noun.hip} of a recorded clinic could be judged.")
    if all_withheld(table):
        return Nothing("The rates of all clinics are withheld.")
    rows = [[str(row["clinic_id"]), *_rate_cells(row), *_funnel_cells(row)] for row in records(table)]
    others = [] if rest is None else records(rest)
    rows += [["No clinic recorded", *_rate_cells(row), "not judged", ""] for row in others]
    return Table(
        columns=[
            "Clinic",
            "Patients",
            f"Responders of {noun.hips} judged",
            "By chance",
            "In the funnel",
            "True rate (95 %)",
        ],
        rows=rows,
        caption="Clinics, each beside its limits",
        notes=[
            "Limits: 95 %, for a clinic's size and for how much clinics differ beyond chance; far above or below: "
            f"99.8 %. This is no ranking.{_alike(table)}",
            "True rate: what many more patients like these would show in the clinic; its next few may differ more. It "
            f"is drawn towards the rate of all clinics, the more the fewer {noun.hips} the clinic has and the less "
            "clinics differ (beta-binomial, Bayesian).",
            *withheld_note(table),
        ],
        alignment=["left", "right", "right", "right", "left", "right"],
    )


def _rate_cells(row: Row) -> list[str]:
    return [WITHHELD] * 3 if withheld(row) else [number(row["n_patients"]), rate_cell(row), chance_cell(row)]


def _funnel_cells(row: Row) -> list[str]:
    if withheld(row):
        return [WITHHELD] * 2
    within = {"within": "within the limits", "not judged": "not judged"}
    return [within.get(row["position"], f"{row['position']} the limits"), _drawn(row)]


def _alike(table: pd.DataFrame) -> str:
    """Say of how many pairs of clinics the interval of the difference holds 0."""
    alike, pairs = (int(table[name].max()) if table[name].notna().any() else 0 for name in ("n_pairs_alike", "n_pairs"))
    if not alike:
        return ""
    of = f"{alike:,} of {count(pairs, 'pair')} of clinics cannot be told apart"
    return f" {of}: the 95 % interval of the difference between their rates includes 0 (Newcombe)."


def _drawn(row: Row) -> str:
    if not known(row["shrunk"]):
        return "–"
    ends = f" ({interval(row['shrunk_low'], row['shrunk_high'])})" if known(row["shrunk_low"]) else ""
    return f"{percent(row['shrunk'])}{ends}"


def mean_change_table(table: pd.DataFrame, protocol: Protocol) -> Table:
    """Show the mean change of every measure beside its measurement error.

    Parameters
    ----------
    table
        As :meth:`analysis.report.Report.mean_changes` returns it.
    protocol
        Gives the labels.
    """
    noun = protocol.words
    rows = []
    for row in records(table):
        measure = protocol.measures[row["measure"]]
        label = measure.label
        if withheld(row):
            rows.append([label, *[WITHHELD] * 5])
            continue
        mean = change(row["mean"], measure) if known(row["mean"]) else "–"
        if known(row["ci_low"]):
            mean += f" ({from_to(row['ci_low'], row['ci_high'], measure)})"
        chance = mean_chance_cell(row, measure)
        rows.append([label, number(row["n_hips"]), mean, chance, f"±{size(row['mdc95'], measure)}", _beyond(row)])
    return Table(
        columns=[
            "Measure",
            noun.Hips,
            "Mean change (95 % CI)",
            "By chance",
            "Error of one change",
            f"{noun.Hips} beyond it",
        ],
        rows=rows,
        caption=f"Mean change, and how many {noun.hips} changed by more than measurement error",
        notes=[
            f"{clustering_note(table)} Error: that of one {noun.hip}'s change (MDC95); a change within it may be "
            "none.".strip(),
            mean_chance_note(row[3] for row in rows),
            *bare_mean_note(table, "mean"),
            *withheld_note(table, "n_up", "n_down"),
        ],
    )


def _beyond(row: Row) -> str:
    """Return how many changed by more than measurement error; one of the two counts may be withheld alone."""
    if not row["n_hips"]:
        return "–"
    counts = {"up": row["n_up"], "down": row["n_down"]}
    shown = [f"{number(n)} {way}" for way, n in counts.items() if not pd.isna(n)]
    hidden = [f"{way} {WITHHELD}" for way, n in counts.items() if pd.isna(n)]
    return ", ".join([*shown, *hidden]) if shown else WITHHELD
