"""Degrees gained by groups of hips: beside what regression to the mean gives, and at the same first reading."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from analysis.answers.counting import with_not_recorded
from analysis.answers.degrees import mean_by_chance, mean_of_hips, measures_with_error
from analysis.answers.in_groups import InGroups, by_group
from analysis.answers.made_alike import MadeAlike, made_alike
from analysis.answers.rates import group_columns
from analysis.hips.clinic_of_person import CLINIC_OF_PERSON, with_clinic_of_person
from analysis.protocol import Protocol
from analysis.schema import GIVEN, HIP
from analysis.stats.ancova import ancova

_WHOSE = ("patient_id", "clinic_id", CLINIC_OF_PERSON)


def gains_by_group(changes: pd.DataFrame, protocol: Protocol, comparison: str, by: str) -> pd.DataFrame:
    """Return the mean change of every group of hips, and what regression to the mean alone would have given it.

    Parameters
    ----------
    changes
        As :func:`analysis.analyse` returns them, with what chance changes.
    protocol
        Names the measures with an error.
    comparison
        The pair of timepoints.
    by
        The column that divides the hips, such as ``stretch_type``.

    Returns
    -------
    pandas.DataFrame
        One row per measure and group, also the empty ones: ``measure``, the group, ``n_hips`` and ``n_patients``
        measured both times in the same way, ``before``: their mean first reading; ``mean`` change (after − before)
        with ``ci_low`` and ``ci_high`` (95 %), ``clustered_by`` person, or clinic where the hips are of 5 clinics or
        more, and ``cluster_note``; ``by_chance``: the mean change expected if nothing had truly changed, with
        ``by_chance_low`` and ``by_chance_high`` over the measurement errors tried, and ``chance_unknown``: why there is
        none, else empty; ``beyond``: the one less the other, with ``beyond_low`` and ``beyond_high``, which hold
        whatever the measurement error.

    Notes
    -----
    What chance gives follows from the first readings of the whole cohort, the declared admission and the measurement
    error. It is taken as known at each error, so the interval of the change only moves.

    References
    ----------
    Davis 1976; Barnett 2005; see :func:`analysis.stats.regression_to_mean.expected_change`.
    """
    (column,) = group_columns([by], changes)
    rows = with_clinic_of_person(changes[changes["comparison"] == comparison])
    groups = with_not_recorded(rows[column])
    table = pd.DataFrame(
        [
            {"measure": name, column: group, **_gain(hips, name)}
            for name in measures_with_error(protocol)
            for group, hips in _measured(rows, name, groups)
        ]
    )
    return table.astype({column: groups.dtype}) if len(table) else table


def hips_measured(
    changes: pd.DataFrame, protocol: Protocol, comparison: str, by: str, groups: InGroups
) -> pd.DataFrame:
    """Count the hips of groups as :func:`gains_by_group` does: one row per ``group``, measure and ``by``, no mean."""
    compared, rows = (changes["comparison"] == comparison).to_numpy(dtype=bool), []
    level = with_not_recorded(changes.loc[compared, by])
    names, place = list(level.cat.categories), np.zeros(len(changes), dtype="int64")
    place[compared] = level.cat.codes
    divided = groups.divided(place, len(names), compared)
    for name in measures_with_error(protocol):
        known = changes[f"{name}_change"].notna().to_numpy(dtype=bool)
        counts = {"n_hips": divided.rows(known), "n_patients": divided.people(known)}
        of_level = {column: n.reshape(-1, len(names)).T for column, n in counts.items()}
        rows += [
            ({"measure": name, by: str(each)}, {column: n[place] for column, n in of_level.items()})
            for place, each in enumerate(names)
        ]
    return by_group(rows) if rows else pd.DataFrame()


def _measured(rows: pd.DataFrame, measure: str, groups: pd.Series) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield the hips of each group whose change is known, with what the measure has of them: few columns of many."""
    own = rows[[name for name in rows if name in _WHOSE or str(name).startswith(f"{measure}_")]]
    known = own[f"{measure}_change"].notna()
    for group in groups.cat.categories:
        yield group, own[(groups == group) & known]


def _gain(hips: pd.DataFrame, measure: str) -> dict[str, object]:
    gain, chance = mean_of_hips(hips, f"{measure}_change"), mean_by_chance(hips, measure)
    return {
        "n_hips": len(hips),
        "n_patients": hips["patient_id"].nunique(),
        "before": float(hips[f"{measure}_before"].mean()) if len(hips) else np.nan,
        **gain,
        **chance,
        "beyond": gain["mean"] - chance["by_chance"],
        "beyond_low": gain["ci_low"] - chance["by_chance_high"],
        "beyond_high": gain["ci_high"] - chance["by_chance_low"],
    }


def adjusted_gains(changes: pd.DataFrame, protocol: Protocol, comparison: str) -> pd.DataFrame:
    """Compare the later readings of two groups of hips at the same first reading (analysis of covariance).

    Compared are hips whose stretch matched with the others or, where no stretch is called for, each of the study's
    own groups with the first of them, and left with right.

    Parameters
    ----------
    changes
        As :func:`analysis.analyse` returns them; with ``match``, where the protocol calls for stretches.
    protocol
        Names the measures with an error, and the groups.
    comparison
        The pair of timepoints.

    Returns
    -------
    pandas.DataFrame
        One row per measure and pair of groups: ``measure``, ``contrast`` (the column compared), ``group``,
        ``reference``; ``difference``: later reading of the group less that of the reference at the same first
        reading, with ``ci_low`` and ``ci_high`` (95 %, clustered by person, by clinic from 5 clinics on);
        ``not_estimable``: why there is none, such as a class without any mismatched hip, else empty; ``made_alike``:
        what is beside the first reading, class and clinic for matched against mismatched, and ``made_alike_note``;
        ``n_hips`` in both, ``n_patients_group``, ``n_patients_reference`` (a person with a hip in each counts in both),
        and ``n_patients_refused`` with hips of a class that is refused.

    Notes
    -----
    Where nobody was allocated to the groups it describes them.

    References
    ----------
    Vickers and Altman 2001; see :func:`analysis.stats.ancova.ancova`.
    """
    rows = with_clinic_of_person(changes[changes["comparison"] == comparison])
    return pd.DataFrame(
        [
            {"measure": name, "contrast": column, "group": group, "reference": other, **_compare(hips, name, beside)}
            for name in measures_with_error(protocol)
            for column, group, other, hips in _pairs(rows[rows[f"{name}_change"].notna()], protocol)
            for beside in [made_alike(hips.assign(matched=hips["in_group"]), protocol) if column == "match" else None]
        ]
    )


def _pairs(rows: pd.DataFrame, protocol: Protocol) -> Iterator[tuple[str, str, str, pd.DataFrame]]:
    """Yield two groups at a time: the column, both names, and their hips with whether each is ``in_group``."""
    if protocol.types:
        pairs = [("match", *GIVEN)]
    else:
        first, *others = with_not_recorded(rows[protocol.group_by]).cat.categories
        pairs = [(protocol.group_by, group, first) for group in others]
    for column, group, other in [*pairs, ("side", "left", "right")]:
        label = with_not_recorded(rows[column]).astype("str")
        members = rows[label.isin([group, other])]
        yield column, group, other, members.assign(in_group=label[members.index] == group)


def _compare(hips: pd.DataFrame, measure: str, beside: MadeAlike | None) -> dict[str, object]:
    found = ancova(
        hips[f"{measure}_before"].to_numpy("float64"),
        hips[f"{measure}_after"].to_numpy("float64"),
        hips["in_group"].to_numpy(bool),
        hips["patient_id"].to_numpy(),
        hips[CLINIC_OF_PERSON].to_numpy(dtype="object"),
        beside.columns if beside else None,
    )
    people = {name: hips.loc[hips["in_group"] == own, "patient_id"].nunique() for name, own in _GROUPS.items()}
    refused = beside.refused if beside and all(people.values()) else ""
    limits = [found.difference, *found.interval]
    return {
        "n_hips": found.n_hips,
        **people,
        "n_patients_refused": beside.n_patients_refused if beside and refused else hips["patient_id"].nunique(),
        **dict(zip(("difference", "ci_low", "ci_high"), [np.nan] * 3 if refused else limits, strict=True)),
        "not_estimable": refused or found.reason,
        "made_alike": "; ".join(beside.words) if beside else "",
        "made_alike_note": beside.note if beside else "",
    }


_GROUPS = {"n_patients_group": True, "n_patients_reference": False}


def with_match(changes: pd.DataFrame, care: pd.DataFrame) -> pd.DataFrame:
    """Add to the changes whether the stretch given to the hip matched."""
    return changes.merge(care[[*HIP, "match"]], on=HIP, how="left", validate="m:1")
