"""One estimate with its standard error for each comparison that a claim makes; people are the units.

A positive estimate speaks for the claim; its error is CR2 with Satterthwaite's degrees of freedom, clustered by
clinic from 5 clinics on, otherwise by person. Every function takes tables of :func:`analysis.analyse`;
each gives one or several comparisons, for a claim may have to hold against more than one rival.
"""

from __future__ import annotations

import math
from itertools import combinations
from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis.answers.asymmetry import differences_at
from analysis.answers.made_alike import made_alike
from analysis.hips.clinic_of_person import CLINIC_OF_PERSON, clusters_of, with_clinic_of_person
from analysis.pipeline import Tables
from analysis.protocol import Protocol
from analysis.protocol.model import Claim
from analysis.protocol.responses import BecomesRule, GainRule, ResponseRule
from analysis.schema import HIP, SIDES
from analysis.stats.clusters import outer_clusters
from analysis.stats.least_squares import clustered_coefficient

_FEWEST_PEOPLE = 5  # below this a cluster variance is no guide, whatever it says


class Estimate(NamedTuple):
    """One comparison: what is compared, the estimate and its error, and who stands behind it."""

    compared: str
    value: float
    standard_error: float
    degrees_of_freedom: float
    n_patients: int
    n_first: int
    """Patients behind the first thing compared, such as matched hips; for disclosure."""
    n_second: int
    unit: str
    reason: str = ""
    """Why there is no estimate; empty when there is one."""


def none(compared: str, unit: str, reason: str, people: tuple[int, int, int] = (0, 0, 0)) -> Estimate:
    """Return a comparison that cannot be made."""
    return Estimate(compared, math.nan, math.nan, math.nan, *people, unit, reason)


def worse_side(tables: Tables, claim: Claim, protocol: Protocol) -> list[Estimate]:
    """Compare the sides in degrees, people with themselves, at the timepoint of classification."""
    rule = protocol.asymmetry
    assert rule is not None  # the protocol was validated
    other = next(side for side in SIDES if side != rule.worse)
    compared, unit = f"{other} minus {rule.worse}", protocol.measures[rule.measure].unit
    degrees, cluster = differences_at(protocol.classify_at, tables.assessments, protocol)
    n, sign = len(degrees), -1 if rule.worse == "left" else 1
    if n < _FEWEST_PEOPLE:
        return [none(compared, unit, "too few people were measured on both sides", (n, n, n))]
    return [_mean_of(sign * degrees, cluster, compared, unit, (n, n, n))]


def most_common(tables: Tables, claim: Claim, protocol: Protocol) -> list[Estimate]:
    """Compare the share of hips of one type with that of each other type."""
    noun = protocol.words
    hips = with_clinic_of_person(tables.classifications)
    of_type = {name: (hips["stretch_type"] == name).astype("float64") for name in protocol.types}
    people, cluster = pd.factorize(hips["patient_id"])[0], _clusters(hips)[0]
    first = int(hips.loc[of_type[claim.type] > 0, "patient_id"].nunique())
    found = []
    for name in of_type:
        if name != claim.type:
            second = int(hips.loc[of_type[name] > 0, "patient_id"].nunique())
            behind = (int(people.max(initial=-1)) + 1, first, second)
            compared = f"{claim.type} minus {name}, share of {noun.hips}"
            if behind[0] < _FEWEST_PEOPLE:
                found.append(none(compared, "share", "too few people", behind))
                continue
            difference = (of_type[claim.type] - of_type[name]).to_numpy()
            found.append(_mean_of(difference, cluster, compared, "share", behind))
    return found


def _clusters(rows: pd.DataFrame) -> tuple[np.ndarray, str]:
    """Return the cluster of each row, and whether it is a clinic or a person."""
    person = pd.factorize(rows["patient_id"])[0]
    clusters = clusters_of(person, rows)
    return clusters.of_person[person], clusters.clustered_by


def _mean_of(
    values: np.ndarray, cluster: np.ndarray, compared: str, unit: str, people: tuple[int, int, int]
) -> Estimate:
    estimate = clustered_coefficient(values, np.ones((len(values), 1)), cluster, 0)
    if not estimate.standard_error > 0:
        return none(compared, unit, "everyone is alike", people)
    return Estimate(compared, *estimate, *people, unit)


def move_together(tables: Tables, claim: Claim, protocol: Protocol) -> list[Estimate]:
    """Correlate the changes of each pair of tests, a person's hips averaged; on Fisher's z scale."""
    rows = tables.changes[tables.changes["comparison"] == protocol.primary_comparison]
    moved = pd.DataFrame({test: _movement(rows, test, protocol) for test in claim.of})
    people = moved.groupby(rows["patient_id"]).mean()
    clinics = with_clinic_of_person(rows).groupby("patient_id")[CLINIC_OF_PERSON].first()
    found = []
    for one, other in combinations(claim.of, 2):
        pair = people[[one, other]].dropna()
        n, compared = len(pair), f"{_test_name(one, protocol)} with {_test_name(other, protocol)}"
        if n < _FEWEST_PEOPLE or pair[one].nunique() < 2 or pair[other].nunique() < 2:
            found.append(none(compared, "correlation", "too few people changed in both tests", (n, n, n)))
            continue
        value, error, degrees = _correlation(pair, clinics.reindex(pair.index))
        found.append(Estimate(compared, value, error, degrees, n, n, n, "correlation"))
    return found


def _correlation(pair: pd.DataFrame, clinic: pd.Series) -> tuple[float, float, float]:
    """Return a correlation on Fisher's z scale with its error, by clinic where clinics are the clusters."""
    n = len(pair)
    one, other = ((pair - pair.mean()) / pair.std(ddof=0)).to_numpy().T
    r = float(np.clip(one @ other / n, -1 + 1e-9, 1 - 1e-9))
    clusters = outer_clusters(np.arange(n), clinic.to_numpy(dtype="object"))
    if clusters.clustered_by == "clinic":  # the slope of standardised changes is their correlation
        slope = clustered_coefficient(other, np.column_stack([np.ones(n), one]), clusters.of_person, 1)
        if slope.standard_error > 0:
            return math.atanh(r), slope.standard_error / (1 - r**2), slope.degrees_of_freedom
    return math.atanh(r), 1 / math.sqrt(n - 3), n - 3


def _test_name(response: str, protocol: Protocol) -> str:
    rule = protocol.responses[response].rules[0]  # type: ignore[union-attr]
    return protocol.measures[rule.measure].name


def _movement(rows: pd.DataFrame, test: str, protocol: Protocol) -> pd.Series:
    """Return the change towards better by the form of the test that most hips have, an angle before a level."""
    rules = protocol.responses[test].rules  # type: ignore[union-attr]
    forms = [_movement_by(rows, rule, protocol) for rule in rules]
    order = [isinstance(rule, GainRule) for rule in rules]
    return max(zip(forms, order, strict=True), key=lambda form: (form[0].notna().sum(), form[1]))[0]


def _movement_by(rows: pd.DataFrame, rule: ResponseRule, protocol: Protocol) -> pd.Series:
    if isinstance(rule, BecomesRule):
        before, after = (rows[f"{rule.measure}_{when}"].astype("object") for when in ("before", "after"))
        moved = (after == rule.end).astype("float64") - (before == rule.end).astype("float64")
        return moved.where(before.notna() & after.notna() & rows["comparable"])
    sign = 1.0 if protocol.measures[rule.measure].better == "higher" else -1.0
    return sign * rows[f"{rule.measure}_change"].astype("float64")


def matched(tables: Tables, claim: Claim, protocol: Protocol) -> list[Estimate]:
    """Compare matched with mismatched hips of one class and clinic in the later reading, adjusted for the earlier one.

    A class without any matched, or any mismatched, hip tells nothing of the difference and has no part in it.
    """
    measure = main_measure(protocol)
    rows = _with_care(tables, protocol.primary_comparison, measure)
    rows = rows[rows["match"].notna()]
    rows = rows[rows.groupby("stretch_type", observed=True)["match"].transform("nunique") > 1].reset_index(drop=True)
    first = (rows["match"] == "matched").astype("float64")
    beside = pd.DataFrame(made_alike(rows.assign(matched=first == 1), protocol).columns)
    return [_adjusted("matched minus mismatched", rows, first, [rows["before"], beside], measure, protocol)]


def drill(tables: Tables, claim: Claim, protocol: Protocol) -> list[Estimate]:
    """Compare the last reading with and without the drill, adjusted for those before and right after."""
    measure, rule = main_measure(protocol), protocol.own_it
    assert rule is not None  # the protocol was validated
    later = [name for name in protocol.comparisons if _is_later(name, protocol)]
    if not later:
        return [none("drill minus none", protocol.measures[measure].unit, "no later visit is part of the protocol")]
    rows = _with_care(tables, later[-1], measure)
    soon = _with_care(tables, protocol.primary_comparison, measure)[[*HIP, "after"]].rename(columns={"after": "soon"})
    rows = rows.merge(soon, on=HIP, how="inner", validate="1:1")
    rows = rows[rows[rule.measure].notna()]
    first = rows[rule.measure].astype("float64")
    return [_adjusted("drill minus none", rows, first, [rows["before"], rows["soon"]], measure, protocol)]


def main_measure(protocol: Protocol) -> str:
    """Return the measure whose readings the claims compare."""
    rule = protocol.asymmetry
    return rule.measure if rule else next(name for name, m in protocol.measures.items() if m.kind == "angle")


def _is_later(name: str, protocol: Protocol) -> bool:
    primary, other = protocol.comparisons[protocol.primary_comparison], protocol.comparisons[name]
    order = protocol.timepoints.index
    return other.start == primary.start and order(other.end) > order(primary.end)


def _with_care(tables: Tables, comparison: str, measure: str) -> pd.DataFrame:
    names = {f"{measure}_before": "before", f"{measure}_after": "after"}
    rows = with_clinic_of_person(tables.changes[tables.changes["comparison"] == comparison])
    rows = rows[rows[f"{measure}_change"].notna()]
    rows = rows[[*HIP, "clinic_id", CLINIC_OF_PERSON, "stretch_type", *names]].rename(columns=names)
    return rows.merge(tables.care, on=HIP, how="left", validate="1:1")


def _adjusted(
    compared: str,
    rows: pd.DataFrame,
    first: pd.Series,
    others: list[pd.Series | pd.DataFrame],
    measure: str,
    protocol: Protocol,
) -> Estimate:
    """Return the coefficient of ``first`` for the last reading."""
    unit = protocol.measures[measure].unit
    people = pd.factorize(rows["patient_id"])[0]
    behind = (
        int(people.max(initial=-1)) + 1,
        rows.loc[first > 0, "patient_id"].nunique(),
        rows.loc[first == 0, "patient_id"].nunique(),
    )
    if min(behind[1:]) < _FEWEST_PEOPLE:
        return none(compared, unit, "too few people on one side of the comparison", behind)
    design = pd.concat([pd.Series(1.0, index=rows.index), first, *others], axis=1).to_numpy(dtype="float64")
    design = np.column_stack([design[:, :2], design[:, 2:] - design[:, 2:].mean(axis=0)])
    if np.linalg.matrix_rank(design) < design.shape[1] or behind[0] <= design.shape[1]:
        return none(compared, unit, "what is compared cannot be told from what is adjusted for", behind)
    cluster, clustered_by = _clusters(rows)
    if min(len(np.unique(cluster[first == side])) for side in (0, 1)) < 2:
        return none(compared, unit, f"only one {clustered_by} is on one side of the comparison", behind)
    estimate = clustered_coefficient(rows["after"].to_numpy(dtype="float64"), design, cluster, 1)
    if not estimate.standard_error > 0:
        return none(compared, unit, "the readings leave no scatter between people to judge by", behind)
    return Estimate(compared, *estimate, *behind, unit)
