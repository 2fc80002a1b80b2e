"""What claims look at of a block of whole people: few columns of their tables, which are put together for everyone."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from analysis.answers.both_sides import both_sides, columns_of_both_sides
from analysis.hips.care import care
from analysis.hips.change import change_of_hips
from analysis.hips.classify import Known, attributes_of, classify_hips, measures_classified
from analysis.hips.cohort import hips_of
from analysis.hips.judge import rules_of
from analysis.hips.pairs import measures_compared
from analysis.pipeline import Tables
from analysis.protocol import Protocol
from analysis.schema import HIP, VISIT, in_first_episode
from analysis.sensitivity.claim_estimates import main_measure


def columns_behind_claims(protocol: Protocol) -> list[str]:
    """Return the columns of the assessments that claims look at."""
    conditions = [name for name, condition in protocol.conditions.items() if condition.must_match]
    measures = [*measures_compared(protocol), *(measures_classified(protocol) if protocol.types else [])]
    columns = [*columns_of_both_sides(protocol), *attributes_of(protocol), *conditions, *measures]
    return list(dict.fromkeys([*VISIT, *columns]))


def rows_of_claims(visits: pd.DataFrame, interventions: pd.DataFrame, protocol: Protocol, known: Known) -> Tables:
    """Return the tables of whole people with what claims look at alone.

    Parameters
    ----------
    visits, interventions
        Conformed, of the same people.
    protocol
        The rules.
    known
        Keeps decisions on classes for further blocks.
    """
    hips = hips_of(visits)
    classes = classify_hips(visits, hips, protocol, known)
    changes = change_of_hips(visits, hips, classes, protocol)
    # No claim asks whether a stretch was indicated, for which every hip would be judged.
    received = care(classes, interventions, visits, pd.DataFrame(), protocol.model_copy(update={"indication": None}))
    moved = [f"{name}_{what}" for name in _measures(protocol) for what in ("before", "after", "change")]
    drill = [protocol.own_it.measure] if protocol.own_it else []
    carried = ["clinic_id", *(["stretch_type"] if protocol.types else [])]
    return Tables(
        _first_readings(visits, protocol),
        interventions.iloc[:0],
        classes[[*HIP, "clinic_id", "stretch_type"]],
        _some(changes, [*HIP, "comparison", "comparable", *carried, *moved]),
        pd.DataFrame(),
        _some(received, [*HIP, "match", *drill]),
    )


def tables_together(parts: Sequence[Tables]) -> Tables:
    """Put the rows of different people together, in their order."""
    names = list(vars(parts[0]))
    return Tables(*(pd.concat([getattr(part, name) for part in parts], ignore_index=True) for name in names))


def _measures(protocol: Protocol) -> list[str]:
    """Return the measures whose changes some claim compares."""
    tests = [test for claim in protocol.claims.values() for test in claim.of]
    rules = [rule for test in tests for rule in rules_of(test, protocol)]
    return list(dict.fromkeys([main_measure(protocol), *(rule.measure for rule in rules)]))


def _some(table: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    return table[[name for name in dict.fromkeys(columns) if name in table]]


def _first_readings(visits: pd.DataFrame, protocol: Protocol) -> pd.DataFrame:
    """Return the readings that left against right looks at, each with the clinic that the person counts with."""
    columns = columns_of_both_sides(protocol)
    if protocol.asymmetry is None:
        return visits.iloc[:0][columns]
    people = both_sides(visits, protocol)
    rows = visits[(visits["timepoint"] == protocol.classify_at) & in_first_episode(visits)][columns]
    clinic = pd.Series(people.clinic, index=visits["patient_id"].array[people.row], dtype="object")
    return rows.assign(clinic_id=rows["patient_id"].map(clinic).astype("str"))
