"""What further tables of reports print: the counts of the whole study and of every clinic, as the tables have them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pandas as pd

from analysis.disclosure.roles import declared
from analysis.pipeline import Tables, in_group
from analysis.protocol import Protocol

OTHER = ("mean_changes", "asymmetry", "completeness", "settled_by")
Row = dict[str, Any]


def _makers(protocol: Protocol, comparison: str) -> dict[str, Callable[[Tables], pd.DataFrame]]:
    from analysis.answers.asymmetry import asymmetry  # only where something is withheld
    from analysis.answers.classes import settled_by
    from analysis.answers.degrees import mean_changes
    from analysis.answers.quality import completeness

    return {
        "mean_changes": lambda tables: mean_changes(tables.changes, protocol, comparison),
        "asymmetry": lambda tables: asymmetry(tables.assessments, protocol),
        "completeness": lambda tables: completeness(tables.assessments, protocol),
        "settled_by": lambda tables: settled_by(tables.classifications),
    }


def counts_of_others(tables: Tables, protocol: Protocol, comparison: str) -> Iterator[Row]:
    """Yield the rows of these tables: ``family``, ``labels``, ``clinic`` (empty for the whole study) and counts."""
    clinics = sorted(tables.assessments["clinic_id"].dropna().unique())
    # Only what these tables are made from is divided by clinic.
    needed = replace(
        tables, **{name: getattr(tables, name).iloc[:0] for name in ("interventions", "responses", "care")}
    )
    for clinic in ["", *map(str, clinics)]:
        part = in_group(needed, "clinic_id", clinic)
        for family, table_of in _makers(protocol, comparison).items():
            yield from _rows(family, clinic, table_of(part))


def _rows(family: str, clinic: str, table: pd.DataFrame) -> Iterator[Row]:
    roles = declared(family, map(str, table.columns))
    counts = [name for name, role in roles.items() if role.counts]
    kinds = [name for name, role in roles.items() if role.role == "label"]
    numbers = table[counts].fillna(0).astype("int64").to_numpy().tolist()
    for about, row in zip(table[kinds].astype("str").to_numpy().tolist(), numbers, strict=True):
        labels = dict(zip(kinds, about, strict=True))
        yield {"family": family, "labels": labels, "clinic": clinic, **dict(zip(counts, row, strict=True))}
