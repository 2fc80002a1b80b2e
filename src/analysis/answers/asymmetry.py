"""How left and right differ in degrees at each visit, and who shows the pattern."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from analysis.answers.both_sides import BothSides, both_sides
from analysis.answers.in_groups import by_group
from analysis.protocol import Protocol, builtin
from analysis.stats.asymmetry import share_showing
from analysis.stats.means import mean_with_interval
from analysis.stats.measurement import minimal_detectable_change


def asymmetry(assessments: pd.DataFrame, protocol: Protocol | None = None) -> pd.DataFrame:
    """Return how left and right differ in degrees at each timepoint: the Left AIC pattern.

    Parameters
    ----------
    assessments
        One row per patient, side, episode and timepoint.
    protocol
        Names the measure, the side expected to be worse, and the band of measurement error.

    Returns
    -------
    pandas.DataFrame
        One row per timepoint that was reached: ``measure``, ``n`` people measured on both sides in the same
        way, ``mean_difference`` (left − right, degrees) with a 95 % t interval ``ci_low``, ``ci_high``,
        ``clustered_by`` clinic where there are 5 or more, otherwise person, ``band``: the
        MDC95 of such a difference, and the numbers of people ``n_left_worse``, ``n_within_error``, ``n_right_worse``;
        ``n_any_left_worse`` counts any difference at all (the lenient reading). ``n_showing`` people,
        ``share_showing`` with ``showing_low``, ``showing_high`` (95 %, clustered alike) show the pattern: the side
        expected to be worse is, beyond the band; ``n_showing_any``, ``share_showing_any``, ``showing_any_low``,
        ``showing_any_high`` by any difference. Empty if the protocol names no asymmetry.

    Notes
    -----
    People are counted: who came back for another episode of care counts once, with the first.
    """
    protocol = protocol or builtin()
    if protocol.asymmetry is None:
        return pd.DataFrame()
    return asymmetry_of(both_sides(assessments, protocol), protocol)


def asymmetry_of(visits: BothSides, protocol: Protocol) -> pd.DataFrame:
    """Return the same of everyone's two sides, as numbers; the protocol must name an asymmetry."""
    counts = people_worse_on_a_side(visits, protocol, 1).to_dict("records")
    return pd.DataFrame([_asymmetry_at(visits, protocol, row) for row in counts])


def differences_at(timepoint: str, assessments: pd.DataFrame, protocol: Protocol) -> tuple[np.ndarray, np.ndarray]:
    """Return left minus right in degrees of everyone measured on both sides alike, and the cluster of each.

    The protocol must name an asymmetry.
    """
    visits = both_sides(assessments, protocol)
    people, difference = visits.at(timepoint)
    return difference, visits.clusters(people).of_person


def band_of_error(protocol: Protocol) -> float:
    """Return what measurement error alone may bring about between two readings, in degrees."""
    rule = protocol.asymmetry
    assert rule is not None  # the callers have seen to it
    if rule.strict != "mdc95":
        return float(rule.strict)
    sem = protocol.measures[rule.measure].sem
    return minimal_detectable_change(sem) if sem else np.nan


def towards_pattern(difference: np.ndarray, protocol: Protocol) -> np.ndarray:
    """Return the difference so that it is below 0 where the side expected to be worse is."""
    assert protocol.asymmetry is not None  # the callers have seen to it
    return difference if protocol.asymmetry.worse == "left" else -difference


def people_worse_on_a_side(visits: BothSides, protocol: Protocol, n_groups: int) -> pd.DataFrame:
    """Count the people of groups as :func:`asymmetry` does: one row per ``group`` and timepoint that it reached."""
    assert protocol.asymmetry is not None  # the callers have seen to it
    rows = []
    for timepoint in protocol.timepoints:
        people, difference = visits.at(timepoint)
        group = visits.group[people]
        counts = {
            name: np.bincount(group[who], minlength=n_groups)
            for name, who in _people_counted(difference, protocol).items()
        }
        labels = {"timepoint": timepoint, "measure": protocol.asymmetry.measure}
        rows.append((labels, {"reached": visits.reached(timepoint, n_groups), **counts}))
    counted = by_group(rows)
    return counted[counted.pop("reached")].reset_index(drop=True)


def _asymmetry_at(visits: BothSides, protocol: Protocol, counts: Mapping[Hashable, Any]) -> dict[str, Any]:
    people, difference = visits.at(counts["timepoint"])
    clusters, band = visits.clusters(people), band_of_error(protocol)
    mean = mean_with_interval(difference, clusters.of_person)
    row = {
        **{each: counts[each] for each in ("timepoint", "measure", "n")},
        "mean_difference": mean.mean,
        "ci_low": mean.interval.low,
        "ci_high": mean.interval.high,
        "clustered_by": clusters.clustered_by,
        "cluster_note": clusters.note,
        "band": band,
        **{each: counts[each] for each in ("n_left_worse", "n_within_error", "n_right_worse", "n_any_left_worse")},
    }
    for name, least in (("showing", band), ("showing_any", 0.0)):
        showing = counts[f"n_{name}"]
        _, n, interval = share_showing(towards_pattern(difference, protocol), least, clinic=clusters.clinic_if_alike)
        row |= {
            f"n_{name}": showing,
            f"share_{name}": showing / n if n else np.nan,
            f"{name}_low": interval.low,
            f"{name}_high": interval.high,
        }
    return row


def _people_counted(difference: np.ndarray, protocol: Protocol) -> dict[str, np.ndarray]:
    """Return which people each number of :func:`asymmetry` counts."""
    band, towards = band_of_error(protocol), towards_pattern(difference, protocol)
    # Whether less is worse is the protocol's to say; every measure of asymmetry so far is one where it is.
    return {
        "n": np.ones(len(difference), dtype=bool),
        "n_left_worse": difference < -band,
        "n_within_error": np.abs(difference) <= band,
        "n_right_worse": difference > band,
        "n_any_left_worse": difference < 0,
        "n_showing": towards < -band,
        "n_showing_any": towards < 0,
    }
