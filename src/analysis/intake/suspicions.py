"""Readings that are possible by themselves, but not beside the other readings of the same person."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.hips.cohort import Read, is_known, numbered
from analysis.intake.combine import report_rows
from analysis.intake.problems import Problems
from analysis.intake.visits_grid import VisitsGrid
from analysis.protocol import Protocol
from analysis.protocol.measures import Measure
from analysis.protocol.steps import cut_in_steps
from analysis.protocol.words import between, within_sentence
from analysis.stats.measurement import minimal_detectable_change

# So many equal readings in a row are hardly measured twice.
_COPIED = 4


def check_readings(
    assessments: pd.DataFrame, grid: VisitsGrid, read: Read, protocol: Protocol, problems: Problems
) -> None:
    """Add readings that do not go with the others.

    Parameters
    ----------
    assessments
        The table, conformed and sorted by visit.
    grid
        Where the visits of each person and hip stand in it.
    read
        Its readings.
    protocol
        Gives the measures, with their usual range and measurement error, and the comparisons.
    problems
        Receives warnings (``unusual_in_condition``, ``implausible_reading``, ``sides_swapped``, ``visit_copied``,
        ``method_changed``).
    """
    pairs = {}
    for name, measure in protocol.measures_of("assessments").items():
        if measure.kind != "angle":
            continue
        whole = read(name)
        known = is_known(whole)
        if not known.any():
            continue
        value = np.where(known, whole, np.array(np.nan, dtype="float32" if whole.itemsize < 4 else "float64"))
        pairs[name] = grid.of_pairs(value)
        _unusual_in_condition(assessments, name, measure, protocol, problems)
        _implausible(assessments, name, measure, value, grid, protocol, problems)
    if pairs:
        _sides_swapped(assessments, pairs, protocol, grid, problems)
        _visit_copied(assessments, pairs, protocol, grid, problems)
    _method_changed(assessments, protocol, grid, problems)


def _unusual_in_condition(
    table: pd.DataFrame, name: str, measure: Measure, protocol: Protocol, problems: Problems
) -> None:
    """Add readings that are usual for the measure, but not in the way in which they were taken."""
    degrees = table[name].to_numpy()
    for condition, ranges in measure.usual_in.items():
        taken = within_sentence(protocol.conditions[condition].label)
        for level, (low, high) in ranges.items():
            here = (degrees < low) | (degrees > high)
            if measure.usual is not None:
                here &= (degrees >= measure.usual[0]) & (degrees <= measure.usual[1])
            if not here.any():
                continue
            here &= (table[condition] == level).to_numpy(dtype="bool")
            message = (
                f"{measure.label} is rarely outside {between(low, high)} when {taken} is "
                f"{level}; check the reading and the {taken}"
            )
            report_rows(table, here, problems, "warning", "unusual_in_condition", message, name)


def _implausible(
    table: pd.DataFrame,
    name: str,
    measure: Measure,
    value: np.ndarray,
    grid: VisitsGrid,
    protocol: Protocol,
    problems: Problems,
) -> None:
    """Add readings far from every other of the person, other hip and other visits alike, where there are two."""
    noun = protocol.words
    if measure.usual is None:
        return
    half_of_usual = (measure.usual[1] - measure.usual[0]) / 2
    far = np.floor(cut_in_steps(half_of_usual, measure.step))  # of whole numbers those beyond are the same
    spread = np.fmax.reduceat(value, grid.begins) - np.fmin.reduceat(value, grid.begins)
    rows = np.flatnonzero((spread > far)[grid.person] & ~np.isnan(value))
    if not len(rows):
        return
    rows = rows[np.lexsort((value[rows], grid.person[rows]))]
    person, value = grid.person[rows], value[rows]
    step = np.where(np.diff(person) == 0, np.diff(value), np.inf)
    alone = np.minimum(np.append(step, np.inf), np.insert(step, 0, np.inf)) > far
    enough = np.bincount(person)[person] > 2
    message = (
        f"{measure.label} is more than {half_of_usual:g} from every other reading of this person, "
        f"on the other {noun.hip} and at other visits; look for a typing slip"
    )
    report_rows(table, np.sort(rows[alone & enough]), problems, "warning", "implausible_reading", message, name)


def _sides_swapped(
    table: pd.DataFrame, pairs: dict[str, np.ndarray], protocol: Protocol, grid: VisitsGrid, problems: Problems
) -> None:
    """Add visits at which the stiffer hip is the other one than at the person's other visits, beyond error."""
    against = np.zeros(grid.pairs.shape[1:], dtype="int8")
    for name, (left, right) in pairs.items():
        measure = protocol.measures[name]
        if measure.sem is None:
            continue
        difference = left - right
        error = np.floor(cut_in_steps(minimal_detectable_change(measure.sem), measure.step))
        sign = (difference > error).astype("int8") - (difference < -error)
        against -= sign * np.sign(sign.sum(axis=1, keepdims=True, dtype="int8") - sign)
    person, when = np.nonzero(against >= 2)
    message = (
        "left and right differ the other way round than at the person's other visits, in two measures or more; "
        "they may be swapped here or there"
    )
    report_rows(table, grid.pairs[0, person, when], problems, "warning", "sides_swapped", message, "side")


def _visit_copied(
    table: pd.DataFrame, pairs: dict[str, np.ndarray], protocol: Protocol, grid: VisitsGrid, problems: Problems
) -> None:
    """Add visits of which both hips repeat every angle of the visit before."""
    noun = protocol.words
    there = np.all(grid.pairs >= 0, axis=0)
    # Timepoints that a person, or anybody, was not seen at do not part one visit from the next.
    reached = np.flatnonzero(there.any(axis=0))
    there = there[:, reached]
    order = None if there.all() else np.argsort(~there, axis=1, kind="stable")
    there, first = (_in_order(seen, order) for seen in (there, grid.pairs[0][:, reached]))
    same = there[:, 1:] & there[:, :-1]
    equal = np.zeros(same.shape, dtype="int8")
    for readings in pairs.values():
        for visits in (_in_order(side[:, reached], order) for side in readings):
            before, after = visits[:, :-1], visits[:, 1:]  # NaN where not known
            same &= ~((after < before) | (after > before))
            equal += after == before
    person, before = np.nonzero(same & (equal >= _COPIED))
    message = f"both {noun.hips} have the very readings of the visit before; was it measured, or copied?"
    report_rows(table, first[person, before + 1], problems, "warning", "visit_copied", message, "timepoint")


def _in_order(visits: np.ndarray, order: np.ndarray | None) -> np.ndarray:
    return visits if order is None else np.take_along_axis(visits, order, axis=1)


def _method_changed(table: pd.DataFrame, protocol: Protocol, grid: VisitsGrid, problems: Problems) -> None:
    """Add later visits that were measured in another way than the earlier one of a comparison."""
    for name, condition in protocol.conditions.items():
        if not condition.must_match:
            continue
        codes = numbered(table[name])[0]
        if len(known := codes[codes >= 0]) == 0 or known.min() == known.max():
            continue  # all that is known was measured alike
        way = np.append(codes, codes.dtype.type(-1))[grid.hips]
        changed = np.zeros(way.shape, dtype=bool)
        for comparison in protocol.comparisons.values():
            start, end = (protocol.timepoints.index(point) for point in (comparison.start, comparison.end))
            before, after = way[:, start], way[:, end]
            changed[:, end] |= (before >= 0) & (after >= 0) & (before != after)
        message = f"{condition.label} differs from that of the visit it is compared with; the pair is not compared"
        report_rows(table, grid.hips[changed], problems, "warning", "method_changed", message, name)
