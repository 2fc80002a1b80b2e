"""How sure the class of a hip is, given its readings and their error; nothing is simulated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.hips.cells import Axis, Decisions, axes_of, derived_axis, derived_levels, recorded_states
from analysis.hips.classify import measures_classified
from analysis.hips.cohort import Read, at_visit, hips_of, is_known
from analysis.protocol import Protocol, builtin
from analysis.protocol.measures import Measure
from analysis.protocol.steps import from_steps, in_steps, kept_to
from analysis.schema import HIP, VISIT, conform, ordered
from analysis.sensitivity.probability_sums import Spread, sum_probabilities
from analysis.sensitivity.reading_error import Prior, chance_next_below, chance_true_below, cohort_prior, step_codes

PREFIX = "p_"


@dataclass(frozen=True)
class _Cohort:
    """One row per hip at the timepoint of classification, its recorded states, and the axes behind them."""

    visits: pd.DataFrame
    hips: pd.DataFrame
    axes: Sequence[Axis]
    recorded: np.ndarray
    protocol: Protocol
    usual: Mapping[str, Prior]


def class_probabilities(
    assessments: pd.DataFrame, protocol: Protocol | None = None, prior: str = "cohort"
) -> pd.DataFrame:
    """Return the probability that the true class of each hip is each of the classes.

    Parameters
    ----------
    assessments
        One row per patient, side, episode and timepoint; angles in degrees.
    protocol
        The rules, with the SEM of each angle; the built-in capsule protocol if left out.
    prior
        ``"cohort"`` takes the cohort's own readings as what is usual (a normal prior for each angle, its
        mean and variance from all hips); ``"none"`` takes every true angle as equally likely beforehand, as
        does a cohort with a single reading.

    Returns
    -------
    pandas.DataFrame
        One row per hip, in the order of :func:`analysis.classify`:

        - ``stretch_type``: the class as recorded
        - ``p_T1``, …, ``p_indeterminate``: probability of each class; a row adds up to 1
        - ``p_recorded``: that of the recorded class
        - ``repeat_measure``, ``p_repeat_changes``: the one angle which, measured once more, would most likely
          change the class, and the probability that it does; missing where none could

        Empty for a protocol without types.

    Raises
    ------
    ValueError
        ``prior`` is neither of the two.

    Notes
    -----
    Errors of different angles are taken as independent, and so are the angles in the prior. Levels and
    answers, and what is missing, are taken as recorded; a level read off an angle carries the error of
    that angle. Rounding to 5 or 1 degrees, told by all readings of the person, widens the error.

    Examples
    --------
    >>> hip = pd.DataFrame({"patient_id": ["a"], "side": ["left"], "timepoint": ["baseline"],
    ...                     "hip_ir_deg": [28.1], "hip_er_deg": [44.2], "pelvic_tilt": ["anterior"],
    ...                     "feels_stretch": [True]})
    >>> class_probabilities(hip, prior="none")[["stretch_type", "p_T1", "p_not_restricted"]].round(2).values.tolist()
    [['T1', 0.74, 0.26]]
    """
    protocol = protocol or builtin()
    if prior not in ("cohort", "none"):
        raise ValueError(f"prior is {prior!r}; it can be cohort or none")
    visits = conform(assessments, "assessments", protocol)
    return probabilities_of_block(visits, protocol, usual_of([readings_of(visits, protocol)], protocol, prior))


def probabilities_of_block(visits: pd.DataFrame, protocol: Protocol, usual: Mapping[str, Prior]) -> pd.DataFrame:
    """Return the same of whole people, where it is known what is usual in their cohort; words may be categories.

    Of the visits it needs :func:`columns_behind_classes`, conformed.
    """
    if not protocol.types:
        return pd.DataFrame(columns=[*HIP, "stretch_type", "p_recorded", "repeat_measure", "p_repeat_changes"])
    cohort = _cohort(visits, protocol, usual)
    decisions = Decisions(cohort.axes, protocol)
    table = decisions.table(protocol)
    recorded = table[tuple(cohort.recorded)]
    spreads = [_spread(axis, states, cohort, again=False) for axis, states in _axes_and_states(cohort)]
    chance = sum_probabilities(table, spreads, len(decisions.classes))
    result = cohort.hips[HIP].copy()
    result["stretch_type"] = pd.Categorical.from_codes(recorded, dtype=ordered(decisions.classes))
    result[[PREFIX + name for name in decisions.classes]] = chance.T
    result["p_recorded"] = chance[recorded, np.arange(len(recorded))]
    result["repeat_measure"], result["p_repeat_changes"] = _repeats(cohort, table, recorded)
    return result


Counted = tuple[np.ndarray, np.ndarray]
"""Each reading that occurs, in whole steps, and how often."""


def readings_of(visits: pd.DataFrame, protocol: Protocol) -> dict[str, Counted]:
    """Return the readings behind the classes of whole people that have a measurement error, by measure."""
    rows, read = hips_of(visits).rows[protocol.classify_at], Read(visits, protocol)
    found = {}
    for name in measures_classified(protocol) if protocol.types else ():
        if protocol.measures[name].sem is not None:
            readings = read(name, rows)
            found[name] = np.unique(readings[is_known(readings)].astype("int64"), return_counts=True)
    return found


def usual_of(parts: Sequence[Mapping[str, Counted]], protocol: Protocol, prior: str = "cohort") -> dict[str, Prior]:
    """Return what is usual in the cohort whose readings these are, by measure; nothing without a prior."""
    found = {}
    for name in parts[0] if prior == "cohort" else ():
        steps, n = (np.concatenate(columns) for columns in zip(*(part[name] for part in parts), strict=True))
        if usual := cohort_prior(steps, n, protocol.measures[name]):
            found[name] = usual
    return found


def columns_behind_classes(protocol: Protocol) -> list[str]:
    """Return the columns of the assessments that class probabilities hang on."""
    return list(dict.fromkeys([*VISIT, *measures_classified(protocol)]))


def _cohort(visits: pd.DataFrame, protocol: Protocol, usual: Mapping[str, Prior]) -> _Cohort:
    hips, axes = hips_of(visits), axes_of([protocol])
    rows = hips.rows[protocol.classify_at]
    read = at_visit(visits, rows, measures_classified(protocol))
    who = at_visit(visits, hips.some_row, HIP)
    return _Cohort(visits, pd.concat([who, read], axis=1), axes, recorded_states(read, axes, protocol), protocol, usual)


def _axes_and_states(cohort: _Cohort) -> list[tuple[Axis, np.ndarray]]:
    return list(zip(cohort.axes, cohort.recorded, strict=True))


def _spread(axis: Axis, states: np.ndarray, cohort: _Cohort, again: bool) -> Spread:
    """Spread hips over the cells of a measure that is read with error; others stay where they are recorded."""
    measure = cohort.protocol.measures[axis.measure]
    if axis.is_number:
        return _spread_number(axis, states, cohort, measure, again)
    derived = measure.derived
    angle = cohort.protocol.measures[derived.measure] if derived else None
    if derived is None or angle is None or angle.sem is None:
        return _as_recorded(states)
    behind = derived_axis(derived, cohort.protocol)
    _, known = in_steps(cohort.hips[behind.measure], behind.step)
    read_off = known & cohort.hips[axis.measure].isna().to_numpy()
    spread = _spread_number(behind, np.where(read_off, 1, 0), cohort, angle, again)
    found = derived_levels(derived, behind)
    of_level = np.array([[level == name for name in found] for level in axis.values[1:]], dtype="float64")
    return Spread(np.where(read_off, np.int8(-1), states.astype("int8")), of_level @ spread.table, spread.column)


def _as_recorded(states: np.ndarray) -> Spread:
    return Spread(states, np.empty((0, 0)), np.zeros(len(states), dtype="int64"))


def _spread_number(axis: Axis, states: np.ndarray, cohort: _Cohort, measure: Measure, again: bool) -> Spread:
    readings = cohort.hips[axis.measure]
    if measure.sem is None:
        return _as_recorded(states)
    values, known = in_steps(readings, axis.step)
    kept = step_codes(cohort.visits, axis.measure, axis.step)
    codes = kept.reindex(cohort.hips["patient_id"]).to_numpy(dtype="int64")
    lowest, highest = (int(values[known].min()), int(values[known].max())) if known.any() else (0, 0)
    table = cell_chances(
        axis, from_steps(np.arange(lowest, highest + 1), axis.step), measure.sem, cohort.usual.get(axis.measure), again
    )
    column = np.where(known, codes * (highest - lowest + 1) + values - lowest, 0)
    return Spread(np.where(states > 0, np.int8(-1), states.astype("int8")), table, column)


def cell_chances(axis: Axis, readings: np.ndarray, sem: float, prior: Prior | None, again: bool) -> np.ndarray:
    """Return the probability of each cell for each reading: the true angle's, or (``again``) the next reading's.

    Returns
    -------
    numpy.ndarray
        Shape (cells, ways in which readings are kept × readings), the readings kept to the step of the measure first.
    """
    multiples = kept_to(axis.step)
    below = [np.zeros(len(multiples) * len(readings))]
    for cut, edge in zip(axis.cuts, axis.edges, strict=True):
        chances = [
            chance_next_below(-(-edge // multiple), readings, kept, sem, prior)
            if again
            else chance_true_below(cut, readings, kept, sem, prior)
            for multiple, kept in zip(multiples, from_steps(np.array(multiples), axis.step).tolist(), strict=True)
        ]
        below.append(np.concatenate(chances))
    below.append(np.ones_like(below[0]))
    return np.clip(np.diff(below, axis=0), 0.0, 1.0)


def _repeats(cohort: _Cohort, table: np.ndarray, recorded: np.ndarray) -> tuple[pd.Series, np.ndarray]:
    """Say which one angle, measured once more, would most likely change each class."""
    hips = np.arange(len(recorded))
    fixed = [_as_recorded(states) for states in cohort.recorded]
    best = np.zeros(len(recorded))
    name = np.full(len(recorded), None, dtype=object)
    for place, (axis, states) in enumerate(_axes_and_states(cohort)):
        spread = _spread(axis, states, cohort, again=True)
        if (spread.certain >= 0).all():
            continue
        stays = sum_probabilities(table, [*fixed[:place], spread, *fixed[place + 1 :]], int(table.max()) + 1)[
            recorded, hips
        ]
        better = (spread.certain < 0) & (1 - stays > best)
        best = np.where(better, 1 - stays, best)
        name[better] = _angle_read(axis, cohort.protocol)
    some = best > 0
    return pd.Series(name, dtype="str"), np.where(some, best, np.nan)


def _angle_read(axis: Axis, protocol: Protocol) -> str:
    derived = protocol.measures[axis.measure].derived
    return axis.measure if axis.is_number or derived is None else derived.measure
