"""Two timepoints become a change, where the two readings were taken in the same way."""

from __future__ import annotations

from operator import attrgetter

import numpy as np
import pandas as pd

from analysis.hips.classify import attributes_of, classify_hips
from analysis.hips.cohort import Hips, at_visit, hips_of, numbered, or_none, taken, words_of
from analysis.hips.pairs import measures_compared
from analysis.protocol import Protocol, builtin
from analysis.protocol.measures import Measure
from analysis.protocol.steps import cut_in_steps, from_steps, in_steps
from analysis.protocol.words import within_sentence
from analysis.schema import HIP, conform, ordered, was_measured
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
    hips = hips_of(visits)
    return change_of_hips(visits, hips, classify_hips(visits, hips, protocol), protocol)


def change_of_hips(visits: pd.DataFrame, hips: Hips, classes: pd.DataFrame, protocol: Protocol) -> pd.DataFrame:
    """Compare the timepoints of the hips of a conformed table of assessments, which are classed; see :func:`change`."""
    names = comparison_order(protocol)
    compared = [name for name in names if name == protocol.primary_comparison or _is_reached(name, hips, protocol)]
    start, end = (
        np.column_stack([hips.rows[at(protocol.comparisons[name])] for name in compared])
        for at in (attrgetter("start"), attrgetter("end"))
    )
    hip, which = np.nonzero((start >= 0) | (end >= 0))
    changes = _pairs(visits, start[hip, which], end[hip, which], protocol)
    codes = np.array([names.index(name) for name in compared])[which]
    place = len(HIP) + len(attributes_of(protocol))
    changes.insert(place, "comparison", pd.Series(pd.Categorical.from_codes(codes, dtype=ordered(names))))
    if protocol.types:
        changes[CARRIED] = at_visit(classes[CARRIED], hip, CARRIED)
    return changes


def _is_reached(name: str, hips: Hips, protocol: Protocol) -> bool:
    pair = protocol.comparisons[name]
    return all((hips.rows[at] >= 0).any() for at in (pair.start, pair.end))


def comparison_order(protocol: Protocol) -> list[str]:
    """Return the comparisons with the primary one first."""
    return sorted(protocol.comparisons, key=lambda name: name != protocol.primary_comparison)


def measure_columns(protocol: Protocol) -> set[str]:
    """Return the columns of a changes table that hold values of the measures."""
    suffixes = ["before", "after", "change", "beyond_error", "chance_unknown"]
    suffixes += [
        f"{what}by_chance{error}" for what in ("", "difference_", "apart_") for error in ("", "_least", "_most")
    ]
    return {f"{name}_{suffix}" for name in measures_compared(protocol) for suffix in suffixes}


def _pairs(visits: pd.DataFrame, start: np.ndarray, end: np.ndarray, protocol: Protocol) -> pd.DataFrame:
    """Put the two visits of each pair, given by their rows, beside each other."""
    some = np.maximum(start, end)
    columns: dict[str, object] = {name: taken(visits[name], some) for name in HIP}
    for name in [*attributes_of(protocol), "date"]:
        columns[name] = taken(visits[name], from_earlier(visits[name], start, end))
    measured = np.append(was_measured(visits, protocol).to_numpy(), False)
    columns["has_start"], columns["has_end"] = measured[start], measured[end]
    differs = differing(visits, start, end, protocol)
    distinct, which = np.unique(differs, return_inverse=True)
    columns["differs_in"] = words_of([_in_words(bits, protocol) for bits in distinct.tolist()], which)
    columns["comparable"] = comparable = differs == 0
    for name, measure in measures_compared(protocol).items():
        before, after = taken(visits[name], start), taken(visits[name], end)
        columns |= {f"{name}_before": before, f"{name}_after": after}
        if measure.kind in ("angle", "count"):
            columns |= _changed(name, measure, pd.Series(before), pd.Series(after), comparable)
    return pd.DataFrame(columns, copy=False)


def from_earlier(column: pd.Series, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Return the row of the earlier visit of each pair where a column is recorded at it, else that of the later."""
    recorded = np.append(column.notna().to_numpy(), False)  # the last is that of no visit, −1
    return np.where(recorded[start], start, end)


def differing(visits: pd.DataFrame, start: np.ndarray, end: np.ndarray, protocol: Protocol) -> np.ndarray:
    """Return in which conditions two visits differ, a bit each; those not recorded both times are not known to."""
    differs = np.zeros(len(start), dtype="int64")
    for bit, name in enumerate(_must_match(protocol)):
        codes = or_none(numbered(visits[name])[0])
        first, second = codes[start], codes[end]
        apart = (first != second) & (first >= 0) & (second >= 0)
        if apart.any():
            differs |= apart.astype("int64") << bit
    return differs


def _must_match(protocol: Protocol) -> list[str]:
    return [name for name, condition in protocol.conditions.items() if condition.must_match]


def _in_words(differs: int, protocol: Protocol) -> str:
    labels = [within_sentence(protocol.conditions[name].label) for name in _must_match(protocol)]
    return ", ".join(label for bit, label in enumerate(labels) if differs >> bit & 1)


def _changed(
    name: str, measure: Measure, before: pd.Series, after: pd.Series, comparable: np.ndarray
) -> dict[str, object]:
    first, first_known = in_steps(before, measure.step)
    second, second_known = in_steps(after, measure.step)
    known = first_known & second_known & comparable
    moved = second - first
    columns: dict[str, object] = {f"{name}_change": np.where(known, from_steps(moved, measure.step), np.nan)}
    if measure.sem is not None:
        error = cut_in_steps(minimal_detectable_change(measure.sem), measure.step)
        columns[f"{name}_beyond_error"] = pd.arrays.BooleanArray(np.abs(moved) > error, ~known)
    return columns
