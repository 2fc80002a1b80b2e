"""Within what two readings of one hip agree that nothing was done to in between, also read by two raters."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd

from analysis.answers.degrees import hip_groups
from analysis.answers.in_groups import InGroups, by_group
from analysis.answers.repeatability import at_visits, read_twice
from analysis.hips.clinic_of_person import CLINIC_OF_PERSON, clusters_of, with_clinic_of_person
from analysis.protocol import Protocol
from analysis.protocol.steps import from_steps, in_steps
from analysis.schema import HIP
from analysis.stats.agreement import limits_of_agreement
from analysis.stats.labels import numbered

ALL, ONE_RATER, TWO_RATERS = "all", "one rater", "two raters"


def agreement(assessments: pd.DataFrame, changes: pd.DataFrame, protocol: Protocol) -> pd.DataFrame:
    """Return Bland and Altman's limits of agreement of every angle that was read twice with nothing done.

    Parameters
    ----------
    assessments, changes
        The tables of a study, or of a part of it.
    protocol
        Declares the comparisons in which nothing was done (``unchanged``).

    Returns
    -------
    pandas.DataFrame
        One row per comparison, angle and kind of pair; empty where there is no second reading:

        - ``comparison``, ``measure``; ``raters``: ``"all"``, and where a condition ``rater`` is recorded both times and
          both kinds occur, ``"one rater"`` and ``"two raters"``
        - ``n_hips``, ``n_patients``; ``n_patients_others``: of the other kind, missing for all
        - ``bias``: mean of the second reading less the first, ``lower`` and ``upper``: the limits between which 95 of
          100 differences lie, each with its 95 % interval (``…_low``, ``…_high``); ``deviation``: SD of a difference
        - ``clustered_by``, ``cluster_note``; ``not_estimable``: why there are no limits, else empty

    References
    ----------
    See :func:`analysis.stats.agreement.limits_of_agreement`.
    """
    return pd.DataFrame(
        [
            {
                "comparison": comparison,
                "measure": measure,
                "raters": raters,
                **_limits(pairs),
                "n_patients_others": others,
            }
            for comparison, measure, hips in _pairs(assessments, changes, protocol)
            for raters, pairs, others in _kinds(hips)
        ]
    )


def second_readings(assessments: pd.DataFrame, changes: pd.DataFrame, protocol: Protocol) -> pd.DataFrame:
    """Return both readings of every hip and angle read twice with nothing done.

    Parameters
    ----------
    assessments, changes, protocol
        As :func:`agreement` takes them.

    Returns
    -------
    pandas.DataFrame
        One row per comparison, angle and hip: ``comparison``, ``measure``, the hip's key, the columns that it may be
        grouped by (:func:`analysis.answers.degrees.hip_groups`), ``first``,
        ``second``, ``difference`` (second less first) and ``raters``: ``"one rater"``, ``"two raters"``, or empty where
        that was not recorded. Empty where there is no second reading.
    """
    found = [
        hips.assign(comparison=comparison, measure=measure)
        for comparison, measure, hips in _pairs(assessments, changes, protocol)
    ]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame()


def hips_read_twice(
    assessments: pd.DataFrame, changes: pd.DataFrame, protocol: Protocol, groups_of: Callable[[pd.DataFrame], InGroups]
) -> Iterator[pd.DataFrame]:
    """Yield the counts of groups as :func:`agreement` has them, one row per ``group``: of all, and by raters."""
    everyone, by_raters = [], []
    for comparison, measure, hips in _pairs(assessments, changes, protocol):
        groups, about = groups_of(hips), {"comparison": comparison, "measure": measure}
        kinds = {kind: (hips["raters"] == kind).to_numpy(dtype=bool) for kind in (ONE_RATER, TWO_RATERS)}
        every = np.ones(len(hips), dtype=bool)
        everyone.append((about, {"n_hips": groups.rows(every), "n_patients": groups.people(every)}))
        one, two = (groups.rows(which) > 0 for which in kinds.values())
        for kind, which in kinds.items():
            counts = {"n_hips": groups.rows(which), "n_patients": groups.people(which)}
            shown = {name: np.where(one & two, number, 0) for name, number in counts.items()}
            by_raters.append((about | {"raters": kind}, shown))
    for rows in (everyone, by_raters):
        table = by_group(rows) if rows else pd.DataFrame({"n_hips": []})
        yield table[table["n_hips"] > 0].reset_index(drop=True)


def _pairs(
    assessments: pd.DataFrame, changes: pd.DataFrame, protocol: Protocol
) -> Iterator[tuple[str, str, pd.DataFrame]]:
    of_hips = with_clinic_of_person(changes).sort_values("clinic_id", kind="stable")
    of_hips = of_hips.drop_duplicates(HIP).set_index(HIP)
    groups = of_hips[hip_groups(of_hips, protocol)]
    for comparison, measure, both in read_twice(assessments, changes, protocol):
        step = protocol.measures[measure].step
        moved, _ = in_steps(both.iloc[:, 1] - both.iloc[:, 0], step)
        hips = both.set_axis(["first", "second"], axis=1).assign(difference=from_steps(moved, step), raters="")
        if "rater" in protocol.conditions:
            rater = at_visits(assessments, "rater", comparison, protocol).loc[both.index].astype("object")
            same = np.where(rater.iloc[:, 0] == rater.iloc[:, 1], ONE_RATER, TWO_RATERS)
            hips["raters"] = np.where(rater.notna().all(axis=1), same, "")
        yield comparison, measure, hips.join(groups).reset_index()


def _kinds(hips: pd.DataFrame) -> list[tuple[str, pd.DataFrame, float]]:
    """Return all pairs, and those by one and by two raters where both occur, with the patients of the other kind."""
    one, two = (hips[hips["raters"] == kind] for kind in (ONE_RATER, TWO_RATERS))
    kinds: list[tuple[str, pd.DataFrame, float]] = [(ALL, hips, np.nan)]
    if len(one) and len(two):
        kinds += [(ONE_RATER, one, two["patient_id"].nunique()), (TWO_RATERS, two, one["patient_id"].nunique())]
    return kinds


def _limits(hips: pd.DataFrame) -> dict[str, object]:
    found = limits_of_agreement(
        np.zeros(len(hips)), hips["difference"], hips["patient_id"], hips[CLINIC_OF_PERSON].to_numpy(dtype=object)
    )
    limits = {
        "bias": (found.bias, found.bias_interval),
        "lower": (found.lower, found.lower_interval),
        "upper": (found.upper, found.upper_interval),
    }
    return {
        "n_hips": len(hips),
        "n_patients": hips["patient_id"].nunique(),
        **{
            name + end: number
            for name, (value, (low, high)) in limits.items()
            for end, number in {"": value, "_low": low, "_high": high}.items()
        },
        "deviation": found.deviation,
        "clustered_by": found.clustered_by,
        "cluster_note": clusters_of(numbered(hips["patient_id"]), hips).note,
        "not_estimable": found.reason,
    }
