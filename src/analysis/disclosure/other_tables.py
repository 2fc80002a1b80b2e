"""What further tables of reports print: the counts of the whole study and of every clinic, as the tables have them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from analysis.disclosure.roles import declared
from analysis.pipeline import Tables, rows_in_groups
from analysis.protocol import Protocol

OTHER = ("mean_changes", "asymmetry", "change_of_asymmetry", "completeness", "settled_by")
Row = dict[str, Any]


def counts_of_others(tables: Tables, protocol: Protocol, comparison: str) -> Iterator[Row]:
    """Yield the rows of these tables: ``family``, ``labels``, ``clinic`` (empty for the whole study) and counts."""
    clinics = ["", *map(str, sorted(tables.assessments["clinic_id"].dropna().unique()))]
    counted = _counted(tables, protocol, comparison, clinics)
    rows = [found for family, table in counted.items() if len(table) for found in _rows(family, table, clinics)]
    yield from (row for _, row in sorted(rows, key=lambda found: found[0]))


def _counted(tables: Tables, protocol: Protocol, comparison: str, clinics: Sequence[str]) -> dict[str, pd.DataFrame]:
    """Return the counts of each table, with the place of the clinic as ``group``."""
    from analysis.answers.asymmetry import people_worse_on_a_side  # only where something is withheld
    from analysis.answers.both_sides import both_sides
    from analysis.answers.change_of_asymmetry import people_both_times
    from analysis.answers.classes import hips_waiting
    from analysis.answers.degrees import hips_beyond_error
    from analysis.answers.in_groups import InGroups
    from analysis.answers.quality import visits_recorded

    def in_clinics(table: pd.DataFrame) -> InGroups:
        patient, _ = pd.factorize(table["patient_id"])
        return InGroups(patient, *rows_in_groups(table, tables.changes, "clinic_id", clinics), len(clinics))

    visits = in_clinics(tables.assessments)
    found = {
        "mean_changes": hips_beyond_error(tables.changes, protocol, comparison, in_clinics(tables.changes)),
        "completeness": visits_recorded(tables.assessments, protocol, visits),
        "settled_by": hips_waiting(tables.classifications, in_clinics(tables.classifications)),
    }
    if protocol.asymmetry is not None:
        sides = both_sides(tables.assessments, protocol, visits)
        found["asymmetry"] = people_worse_on_a_side(sides, protocol, len(clinics))
        found["change_of_asymmetry"] = people_both_times(sides, comparison, protocol, len(clinics))
    return {family: found[family] for family in OTHER if family in found}


def _rows(family: str, table: pd.DataFrame, clinics: Sequence[str]) -> Iterator[tuple[int, Row]]:
    """Yield the place of the clinic of each row, and the row."""
    roles = declared(family, map(str, table.columns))
    counts = [name for name, role in roles.items() if role.counts]
    kinds = [name for name, role in roles.items() if role.role == "label"]
    columns = (table["group"].tolist(), table[kinds].to_numpy().tolist(), table[counts].to_numpy().tolist())
    for group, about, numbers in zip(*columns, strict=True):
        labels = dict(zip(kinds, about, strict=True))
        row = {"family": family, "labels": labels, "clinic": clinics[group]}
        yield group, row | dict(zip(counts, numbers, strict=True))
