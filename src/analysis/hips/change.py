"""Two timepoints become a change, where the two readings were taken in the same way."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.hips.classify import classify
from analysis.protocol import CompositeResponse, Protocol, builtin
from analysis.protocol.measures import Measure
from analysis.protocol.steps import cut_in_steps, from_steps, in_steps
from analysis.schema import HIP, PAIR, conform, ordered, sort_hips, was_measured
from analysis.stats.measurement import minimal_detectable_change

CARRIED = ["stretch_type", "certainty", "presentation"]


def change(assessments: pd.DataFrame, protocol: Protocol | None = None) -> pd.DataFrame:
    """Compare the timepoints of every hip.

    Parameters
    ----------
    assessments
        One row per patient, side, episode and timepoint; angles in degrees.
    protocol
        The rules; the built-in capsule protocol if left out.

    Returns
    -------
    pandas.DataFrame
        One row per patient, side, episode and comparison, for every hip that has one of the two
        timepoints; a comparison of which no hip has the one or the other timepoint is left out, unless it
        is the primary one. Beside the key:

        - the attributes of the person (``clinic_id``, …) and the class of the hip (``stretch_type``, …)
        - ``date``: of the earlier visit
        - ``has_start``, ``has_end``: whether something was measured at each visit
        - ``comparable``: False when the readings were taken differently; ``differs_in`` names how
        - per measure ``…_before``, ``…_after``; for angles and counts also ``…_change`` (after − before,
          missing when either reading is, or when they are not comparable) and, where the measurement
          error is known, ``…_beyond_error``: whether the change exceeds the MDC95

    Raises
    ------
    TableError
        A key column is absent, or a visit stands twice.

    Notes
    -----
    A condition that was not recorded at both visits does not make a pair incomparable; ``capsule check``
    warns of it. The input is not changed.

    Examples
    --------
    >>> visits = pd.DataFrame({"patient_id": "a", "side": "left", "timepoint": ["baseline", "post"],
    ...                        "hip_ir_deg": [12.3, 17.3]})
    >>> change(visits)["hip_ir_deg_change"].tolist()
    [5.0]
    """
    protocol = protocol or builtin()
    visits = conform(assessments, "assessments", protocol)
    reached = set(visits["timepoint"].dropna())
    names = comparison_order(protocol)
    pairs = [
        _pair(visits, name, protocol)
        for name in names
        if {protocol.comparisons[name].start, protocol.comparisons[name].end} <= reached
        or name == protocol.primary_comparison
    ]
    changes = pd.concat(pairs, ignore_index=True)
    changes["comparison"] = changes["comparison"].astype(ordered(names))
    if protocol.types:
        classes = classify(visits, protocol)[[*HIP, *CARRIED]]
        changes = changes.merge(classes, on=HIP, how="left", validate="m:1")
    return sort_hips(changes, PAIR)


def comparison_order(protocol: Protocol) -> list[str]:
    """Return the comparisons with the primary one first."""
    return sorted(protocol.comparisons, key=lambda name: name != protocol.primary_comparison)


def measures_compared(protocol: Protocol) -> dict[str, Measure]:
    """Return the measures that some responder rule looks at."""
    rules = [response.rules for response in protocol.responses.values() if not isinstance(response, CompositeResponse)]
    return {rule.measure: protocol.measures[rule.measure] for group in rules for rule in group}


def measure_columns(protocol: Protocol) -> set[str]:
    """Return the columns of a changes table that hold values of the measures."""
    suffixes = ["before", "after", "change", "beyond_error", "chance_unknown"]
    suffixes += [
        f"{what}by_chance{error}" for what in ("", "difference_", "apart_") for error in ("", "_least", "_most")
    ]
    return {f"{name}_{suffix}" for name in measures_compared(protocol) for suffix in suffixes}


def _pair(visits: pd.DataFrame, name: str, protocol: Protocol) -> pd.DataFrame:
    comparison = protocol.comparisons[name]
    start = visits[visits["timepoint"] == comparison.start].set_index(HIP)
    end = visits[visits["timepoint"] == comparison.end].set_index(HIP)
    hips = start.index.union(end.index, sort=False)
    before, after = start.reindex(hips), end.reindex(hips)
    attributes = list(dict.fromkeys(["clinic_id", *protocol.attributes]))
    result = before[attributes].where(before[attributes].notna(), after[attributes]).astype(before.dtypes[attributes])
    result["comparison"] = name
    result["date"] = before["date"].where(before["date"].notna(), after["date"])
    result["has_start"] = hips.isin(start.index[was_measured(start, protocol)])
    result["has_end"] = hips.isin(end.index[was_measured(end, protocol)])
    result["differs_in"] = _differences(before, after, protocol)
    result["comparable"] = result["differs_in"] == ""
    for measure_name, measure in measures_compared(protocol).items():
        _add_measure(result, before[measure_name], after[measure_name], measure)
    return result.reset_index()


def _differences(before: pd.DataFrame, after: pd.DataFrame, protocol: Protocol) -> pd.Series:
    """Name the conditions in which two visits differ; those not recorded both times are not known to."""
    text = pd.Series("", index=before.index, dtype="str")
    for name, condition in protocol.conditions.items():
        if condition.must_match:
            first, second = before[name].astype("object"), after[name].astype("object")
            differs = first.notna() & second.notna() & (first != second)
            text = text.mask(differs, text.where(text == "", text + ", ") + condition.label.lower())
    return text


def _add_measure(result: pd.DataFrame, before: pd.Series, after: pd.Series, measure: Measure) -> None:
    name = str(before.name)
    result[f"{name}_before"], result[f"{name}_after"] = before, after
    if measure.kind not in ("angle", "count"):
        return
    first, first_known = in_steps(before, measure.step)
    second, second_known = in_steps(after, measure.step)
    known = first_known & second_known & result["comparable"].to_numpy()
    moved = second - first
    result[f"{name}_change"] = np.where(known, from_steps(moved, measure.step), np.nan)
    if measure.sem is not None:
        error = cut_in_steps(minimal_detectable_change(measure.sem), measure.step)
        beyond = pd.Series(np.abs(moved) > error, index=result.index)
        result[f"{name}_beyond_error"] = beyond.astype("boolean").mask(~known)
