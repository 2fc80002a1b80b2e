"""How many degrees were gained, held against measurement error."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from analysis.answers.in_groups import InGroups, by_group
from analysis.hips.by_chance import ERRORS, smallest_gain, threshold
from analysis.hips.clinic_of_person import CLINIC_OF_PERSON, clusters_of, with_clinic_of_person
from analysis.hips.pairs import measures_compared
from analysis.protocol import CompositeResponse, Protocol
from analysis.protocol.measures import Measure
from analysis.protocol.responses import GainRule
from analysis.protocol.steps import from_steps, in_steps
from analysis.schema import HIP
from analysis.stats.change_distribution import change_distribution
from analysis.stats.labels import numbered
from analysis.stats.means import mean_with_interval
from analysis.stats.measurement import minimal_detectable_change
from analysis.usererror import UserError


def mean_changes(changes: pd.DataFrame, protocol: Protocol, comparison: str) -> pd.DataFrame:
    """Return the mean change of every measure with an error, and how many hips changed beyond that error.

    Parameters
    ----------
    changes
        As :func:`analysis.analyse` returns them, with what chance changes.
    protocol
        Names the measures and their errors.
    comparison
        The pair of timepoints.

    Returns
    -------
    pandas.DataFrame
        One row per measure: ``measure``, ``n_hips`` and ``n_patients`` measured both times in the same way,
        ``mean`` change (after − before, in the unit of the measure) with ``ci_low`` and ``ci_high`` (95 %,
        missing for one person, and where all hips changed alike), ``clustered_by`` person, or clinic from 5 clinics
        on, ``cluster_note``, ``by_chance`` with
        ``by_chance_low``, ``by_chance_high`` and ``chance_unknown`` as
        :func:`analysis.answers.gains.gains_by_group` has them,
        ``mdc95``, and the hips changed by more than it, ``n_up`` and ``n_down``.
    """
    counts = hips_beyond_error(changes, protocol, comparison, InGroups.whole(changes))
    rows = with_clinic_of_person(changes[changes["comparison"] == comparison])
    return pd.DataFrame(
        [
            _mean_change(rows[rows[f"{row['measure']}_change"].notna()], protocol, row)
            for row in counts.to_dict("records")
        ]
    )


def hips_beyond_error(changes: pd.DataFrame, protocol: Protocol, comparison: str, groups: InGroups) -> pd.DataFrame:
    """Count the hips of groups as :func:`mean_changes` does: one row per ``group`` and measure, no mean."""
    compared, rows = (changes["comparison"] == comparison).to_numpy(dtype=bool), []
    for name, measure in measures_with_error(protocol).items():
        moved, error = changes[f"{name}_change"].to_numpy(dtype="float64", na_value=np.nan), _mdc95(measure)
        measured = compared & ~np.isnan(moved)
        counts = {
            "n_hips": groups.rows(measured),
            "n_patients": groups.people(measured),
            "n_up": groups.rows(measured & (moved > error)),
            "n_down": groups.rows(measured & (moved < -error)),
        }
        rows.append(({"measure": name}, counts))
    return by_group(rows) if rows else pd.DataFrame()


def measures_with_error(protocol: Protocol) -> dict[str, Measure]:
    """Return the measures that a responder rule looks at and whose measurement error is known."""
    return {name: measure for name, measure in measures_compared(protocol).items() if measure.sem is not None}


def _mdc95(measure: Measure) -> float:
    return minimal_detectable_change(float(measure.sem or 0))


def _mean_change(rows: pd.DataFrame, protocol: Protocol, counts: Mapping[Hashable, Any]) -> dict[str, Any]:
    name = counts["measure"]
    return {
        **{column: counts[column] for column in ("measure", "n_hips", "n_patients")},
        **mean_of_hips(rows, f"{name}_change"),
        **mean_by_chance(rows, name),
        "mdc95": _mdc95(protocol.measures[name]),
        **{column: counts[column] for column in ("n_up", "n_down")},
    }


def mean_of_hips(hips: pd.DataFrame, column: str) -> dict[str, Any]:
    """Return the mean of a column with its interval, by clinic from 5 clinics on, and what is taken as independent."""
    person = numbered(hips["patient_id"])
    clusters = clusters_of(person, hips)
    found = mean_with_interval(hips[column].to_numpy(dtype="float64"), clusters.of_person[person])
    return {
        "mean": found.mean,
        "ci_low": found.interval.low,
        "ci_high": found.interval.high,
        "clustered_by": clusters.clustered_by,
        "cluster_note": clusters.note,
    }


def mean_by_chance(hips: pd.DataFrame, measure: str) -> dict[str, Any]:
    """Return the mean change that chance alone would give some hips, over the errors tried, or why it is not known."""
    if hips.empty or f"{measure}_by_chance" not in hips:  # changes as they were made, before chance was worked out
        return {"by_chance": np.nan, "by_chance_low": np.nan, "by_chance_high": np.nan, "chance_unknown": ""}
    means = [float(hips[f"{measure}_by_chance{error}"].mean()) for error in ERRORS]
    why = max(hips[f"{measure}_chance_unknown"].dropna().unique(), default="")
    return {"by_chance": means[0], "by_chance_low": min(means), "by_chance_high": max(means), "chance_unknown": why}


def hip_changes(changes: pd.DataFrame, protocol: Protocol, comparison: str, measure: str = "") -> pd.DataFrame:
    """Return the readings of every hip that was measured both times in the same way.

    Parameters
    ----------
    changes
        As :func:`analysis.change` returns them.
    protocol
        Names the measures, their errors and the responder rules.
    comparison
        The pair of timepoints.
    measure
        One with a measurement error; the first of them if left out.

    Returns
    -------
    pandas.DataFrame
        One row per hip: its key, the columns that it may be grouped by (:func:`hip_groups`), ``measure``, ``before``,
        ``after``, ``gain`` (towards the better side, in the unit of the measure), ``threshold``: the gain that the
        strict responder rule asks for (missing where none asks for a number), ``reached``: whether the hip met that
        rule, and ``mdc95``. Empty where no measure has an error.

    Raises
    ------
    ValueError
        There is no such measure with an error.
    """
    known = measures_with_error(protocol)
    if measure and measure not in known:
        raise UserError(f"measure is {measure!r}; it can be {', '.join(known)}")
    if not known:
        return pd.DataFrame()
    measure = measure or next(iter(known))
    rows = with_clinic_of_person(changes[changes["comparison"] == comparison])
    rows = rows[rows[f"{measure}_change"].notna()].reset_index(drop=True)
    lower, step = known[measure].better == "lower", known[measure].step
    moved, _ = in_steps(rows[f"{measure}_change"], step)
    gained = -moved if lower else moved
    rule = _gain_rule(measure, protocol)
    before, _ = in_steps(rows[f"{measure}_before"], step)
    return rows[[*HIP, *hip_groups(rows, protocol)]].assign(
        measure=measure,
        before=rows[f"{measure}_before"],
        after=rows[f"{measure}_after"],
        gain=from_steps(gained, step),
        threshold=threshold(rule, "strict", protocol) if rule else np.nan,
        reached=_reached(rule, before, gained, protocol) if rule else False,
        mdc95=_mdc95(known[measure]),
    )


def _reached(rule: GainRule, before: np.ndarray, gained: np.ndarray, protocol: Protocol) -> np.ndarray:
    enough: np.ndarray = gained >= smallest_gain(rule, "strict", protocol, before)
    return enough & ((before > 0) | (rule.share("strict") is None))


def hip_groups(hips: pd.DataFrame, protocol: Protocol) -> list[str]:
    """Return the columns of hips by which single ones may be grouped: clinic, class or arm, and other attributes.

    With them goes the clinic that their person counts with.
    """
    wanted = dict.fromkeys(["clinic_id", CLINIC_OF_PERSON, "stretch_type", protocol.group_by, *protocol.attributes])
    return [name for name in wanted if name in hips and name not in HIP]


def _gain_rule(measure: str, protocol: Protocol) -> GainRule | None:
    tests = [test for test in protocol.responses.values() if not isinstance(test, CompositeResponse)]
    rules = [rule for test in tests for rule in test.rules if rule.measure == measure]
    return next((rule for rule in rules if isinstance(rule, GainRule)), None)


def gain_curves(hips: pd.DataFrame, by: str = "side") -> pd.DataFrame:
    """Return what share of the hips of each group gained at least so much, for every gain that occurs.

    Parameters
    ----------
    hips
        As :func:`hip_changes` returns them.
    by
        The column of the groups; hips of none are left out.

    Returns
    -------
    pandas.DataFrame
        One row per group and distinct gain, ascending: the group, ``gain``, ``share`` with ``ci_low`` and ``ci_high``
        (95 %, clustered by person, by clinic from 5 on), ``n_hips`` and ``n_patients`` of the group, and ``measure``,
        ``threshold`` and ``mdc95`` as in ``hips``. Read at the threshold it is the rate of the responder rule.
    """
    if hips.empty:
        return pd.DataFrame()
    curves = []
    for group, own in hips.groupby(by, observed=True):
        where = own[CLINIC_OF_PERSON].to_numpy(dtype="object") if CLINIC_OF_PERSON in own else None
        curve = change_distribution(own["gain"], own["patient_id"], clinic=where)
        curves.append(
            pd.DataFrame(
                {
                    by: group,
                    "gain": curve.change,
                    "share": curve.share,
                    "ci_low": curve.low,
                    "ci_high": curve.high,
                    "n_hips": curve.n_hips,
                    "n_patients": curve.n_people,
                }
            )
        )
    same = {name: hips[name].iloc[0] for name in ("measure", "threshold", "mdc95")}
    return pd.concat([curve for curve in curves if len(curve)], ignore_index=True).assign(**same)
