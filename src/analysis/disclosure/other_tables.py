"""What further tables of reports print: the counts of the whole study and of every clinic, as the tables have them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from analysis.disclosure.roles import declared
from analysis.pipeline import Tables, rows_in_groups
from analysis.protocol import Protocol

OTHER = (
    *("mean_changes", "asymmetry", "change_of_asymmetry", "completeness", "settled_by"),
    *("trajectories", "digit_preference", "comparability", "agreement", "important_changes"),
)
Row = dict[str, Any]


def counts_of_others(tables: Tables, protocol: Protocol, comparison: str) -> Iterator[Row]:
    """Yield the rows of these tables: ``family``, ``labels``, ``clinic`` (empty for the whole study) and counts."""
    clinics = ["", *map(str, sorted(tables.assessments["clinic_id"].dropna().unique()))]
    counted = _counted(tables, protocol, comparison, clinics)
    rows = [found for family, table in counted if len(table) for found in _rows(family, table, clinics)]
    yield from (row for _, row in sorted(rows, key=lambda found: found[0]))


def _counted(
    tables: Tables, protocol: Protocol, comparison: str, clinics: Sequence[str]
) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield the counts of each table, with the place of the clinic as ``group``."""
    from analysis.answers.agreement import hips_read_twice  # only where something is withheld
    from analysis.answers.asymmetry import people_worse_on_a_side
    from analysis.answers.both_sides import both_sides
    from analysis.answers.change_of_asymmetry import people_both_times
    from analysis.answers.classes import hips_waiting
    from analysis.answers.degrees import hips_beyond_error
    from analysis.answers.gains import hips_measured
    from analysis.answers.important_change import people_rated
    from analysis.answers.in_groups import InGroups
    from analysis.answers.quality import pairs_compared, readings_in_fives, visits_recorded
    from analysis.answers.trajectories import hips_at_visits

    def in_clinics(table: pd.DataFrame) -> InGroups:
        patient, _ = pd.factorize(table["patient_id"])
        return InGroups(patient, *rows_in_groups(table, tables.changes, "clinic_id", clinics), len(clinics))

    visits, hips, kind = in_clinics(tables.assessments), in_clinics(tables.changes), protocol.group_by
    yield "mean_changes", hips_beyond_error(tables.changes, protocol, comparison, hips)
    yield "mean_changes", hips_measured(tables.changes, protocol, comparison, kind, hips)
    if protocol.asymmetry is not None:
        sides = both_sides(tables.assessments, protocol, visits)
        yield "asymmetry", people_worse_on_a_side(sides, protocol, len(clinics))
        yield "change_of_asymmetry", people_both_times(sides, comparison, protocol, len(clinics))
    yield "completeness", visits_recorded(tables.assessments, protocol, visits)
    yield "settled_by", hips_waiting(tables.classifications, in_clinics(tables.classifications))
    ways = [[kind], ["side"], [kind, "side"]]
    for counts in hips_at_visits(tables.assessments, tables.changes, protocol, ways):
        yield "trajectories", counts.assign(group=0)  # for each clinic too there would be more than all others
    yield "digit_preference", readings_in_fives(tables.assessments, protocol, visits)
    yield "comparability", pairs_compared(tables.changes, protocol, comparison, hips)
    for counts in hips_read_twice(tables.assessments, tables.changes, protocol, in_clinics):
        yield "agreement", counts
    yield "important_changes", people_rated(tables.assessments, tables.changes, protocol, comparison, in_clinics)


def _rows(family: str, table: pd.DataFrame, clinics: Sequence[str]) -> Iterator[tuple[int, Row]]:
    """Yield the place of the clinic of each row, and the row."""
    roles = declared(family, map(str, table.columns))
    counts = [name for name, role in roles.items() if role.counts]
    kinds = [str(name) for name in table if name not in ("group", *counts)]
    columns = (table["group"].tolist(), table[kinds].to_numpy().tolist(), table[counts].to_numpy().tolist())
    for group, about, numbers in zip(*columns, strict=True):
        labels = dict(zip(kinds, about, strict=True))
        row = {"family": family, "labels": labels, "clinic": clinics[group]}
        # Some rows of a table lack a count, such as of who shows the pattern beside a mean.
        yield group, row | {name: int(n) for name, n in zip(counts, numbers, strict=True) if n == n}
