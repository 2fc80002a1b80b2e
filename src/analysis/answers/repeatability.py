"""How far two readings of one hip differ by error alone: the cohort's own measurement error beside the protocol's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from analysis.answers.degrees import mean_of_hips
from analysis.hips.clinic_of_person import CLINIC_OF_PERSON, with_clinic_of_person
from analysis.hips.reread import unchanged_comparisons
from analysis.hips.usual import reading_step
from analysis.protocol import Protocol
from analysis.protocol.measures import Measure
from analysis.protocol.steps import from_steps, in_steps
from analysis.schema import HIP
from analysis.stats.reliability import reliability

WITHIN, LESS, MORE = "within the interval", "less than the interval", "more than the interval"


def repeatability(assessments: pd.DataFrame, changes: pd.DataFrame, protocol: Protocol) -> pd.DataFrame:
    """Return reliability and measurement error of every angle, from readings of hips to which nothing was done.

    Parameters
    ----------
    assessments, changes
        The tables of a study, or of a part of it.
    protocol
        Declares the comparisons in which nothing was done (``unchanged``), and the SEM that the analysis uses.

    Returns
    -------
    pandas.DataFrame
        One row per such comparison and angle that was read both times in the same way; empty where there is none:

        - ``comparison``, ``measure``, ``n_hips``, ``n_patients``
        - ``shift``: mean of the second reading less the first, with ``shift_low`` and ``shift_high`` (95 %, clustered
          by person, by clinic from 5 clinics on); missing limits for one person
        - ``icc_2_1`` and ``icc_3_1`` (agreement and consistency of single readings), ``sem`` (the shift included) and
          ``mdc95``, each but the last with its 95 % interval (``…_low``, ``…_high``)
        - ``sem_of_rules``: the protocol's, missing where it has none, and ``sem_rounded``: what it becomes as these
          readings are rounded; ``rules``: whether that lies within the interval of ``sem``, or is less or more
        - ``not_estimable``: why there are no such numbers, else empty

    Notes
    -----
    Each hip counts alike in the estimates. The intervals have the degrees of freedom of as many hips as there are
    people: never too narrow, and somewhat wide where the errors of a person's two hips have nothing in common.
    Rounding is part of the error found here, as it is of every reading; the SEM of a protocol is that before rounding.

    References
    ----------
    McGraw and Wong 1996; Weir 2005; see :func:`analysis.stats.reliability.reliability`.

    Examples
    --------
    >>> from analysis import change
    >>> from analysis.protocol import builtin
    >>> visits = pd.DataFrame({"patient_id": [*"aabbcc"], "side": "left", "timepoint": ["baseline", "reread"] * 3,
    ...                        "hip_ir_deg": [10.0, 12, 20, 20, 30, 34]})
    >>> found = repeatability(visits.assign(episode="1"), change(visits), builtin())
    >>> found[["n_hips", "shift", "sem", "sem_of_rules"]].round(2).values.tolist()
    [[3.0, 2.0, 1.83, 3.0]]
    """
    return pd.DataFrame(
        [
            {"comparison": name, "measure": measure, **_of_angle(both, changes, protocol.measures[measure])}
            for name, measure, both in read_twice(assessments, changes, protocol)
        ]
    )


def read_twice(
    assessments: pd.DataFrame, changes: pd.DataFrame, protocol: Protocol
) -> Iterator[tuple[str, str, pd.DataFrame]]:
    """Yield the comparison, the angle and both readings of the hips read twice in the same way with nothing done.

    Parameters
    ----------
    assessments, changes, protocol
        As :func:`repeatability` takes them.

    Yields
    ------
    tuple of str, str and pandas.DataFrame
        The frame has one row per hip (its index) and the two visits as columns; it has one row at least.
    """
    angles = {name: angle for name, angle in protocol.measures_of("assessments").items() if angle.kind == "angle"}
    for name in unchanged_comparisons(protocol):
        pairs = changes[(changes["comparison"] == name) & changes["has_start"] & changes["has_end"]]
        if pairs.empty:
            continue
        hips = pd.MultiIndex.from_frame(pairs.loc[pairs["comparable"], HIP])
        for measure in [angle for angle in angles if angle in assessments]:
            wide = at_visits(assessments, measure, name, protocol)
            both = wide[wide.index.isin(hips)].dropna()
            if len(both):
                yield name, measure, both


def at_visits(assessments: pd.DataFrame, column: str, comparison: str, protocol: Protocol) -> pd.DataFrame:
    """Return what a column holds at the two visits of a comparison, one row per hip."""
    visits = _visits(comparison, protocol)
    rows = assessments[assessments["timepoint"].isin(visits)]
    return rows.pivot(index=HIP, columns="timepoint", values=column).reindex(columns=visits)


def _visits(comparison: str, protocol: Protocol) -> list[str]:
    pair = protocol.comparisons[comparison]
    return [pair.start, pair.end]


def _of_angle(both: pd.DataFrame, changes: pd.DataFrame, angle: Measure) -> dict[str, Any]:
    people = both.index.get_level_values("patient_id").to_numpy()
    readings = both.to_numpy(dtype="float64")
    moved, _ = in_steps(both.iloc[:, 1] - both.iloc[:, 0], angle.step)
    hips = both.assign(moved=from_steps(moved, angle.step)).reset_index()
    if "clinic_id" in changes:
        clinics = with_clinic_of_person(changes).drop_duplicates(HIP)[[*HIP, "clinic_id", CLINIC_OF_PERSON]]
        hips = hips.merge(clinics, on=HIP, how="left")
    shift = mean_of_hips(hips, "moved")
    found = reliability(readings, person=people)
    limits = {
        "shift": (shift["mean"], (shift["ci_low"], shift["ci_high"])),
        "icc_2_1": (found.icc_2_1, found.icc_2_1_interval),
        "icc_3_1": (found.icc_3_1, found.icc_3_1_interval),
        "sem": (found.sem, found.sem_interval),
    }
    numbers = {
        name + end: number
        for name, (value, (low, high)) in limits.items()
        for end, number in {"": value, "_low": low, "_high": high}.items()
    }
    sem = np.nan if angle.sem is None else angle.sem
    rounded = np.sqrt(sem**2 + np.mean(_kept_to(both, angle.step) ** 2) / 12)
    low, high = found.sem_interval
    verdict = "" if np.isnan(rounded - low) else LESS if rounded < low else MORE if rounded > high else WITHIN
    return {
        "n_hips": len(both),
        "n_patients": found.n_people,
        **numbers,
        "mdc95": found.mdc95,
        "sem_of_rules": sem,
        "sem_rounded": float(rounded),
        "rules": verdict,
        "not_estimable": found.reason,
    }


def _kept_to(both: pd.DataFrame, step: float) -> np.ndarray:
    """Return what the readings of each hip are rounded to."""
    columns = both.set_axis(["angle_before", "angle_after"], axis=1).reset_index()
    return reading_step(columns, "angle", step)
