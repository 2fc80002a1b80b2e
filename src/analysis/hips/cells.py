"""The cells into which the cut-offs divide all hips, and the class of each.

Between two neighbouring cut-offs nothing that a rule can see changes. So the values of one measure fall into
a few states (missing, and a cell between each pair of cut-offs; or missing, and each level), and all hips
into the combinations of these. One representative hip of a combination, classified by the rules
themselves, stands for every hip in it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analysis.hips.cohort import Read, is_known
from analysis.hips.combinations import blocks
from analysis.hips.criteria import OPERATORS, answer, simple_criteria
from analysis.hips.decide_many import classes_of_answers
from analysis.protocol import Protocol
from analysis.protocol.measures import Derived, Operator
from analysis.protocol.steps import cut_in_steps, from_steps
from analysis.protocol.types import CompoundCriterion, SimpleCriterion
from analysis.schema import states

MISSING = 0


@dataclass(frozen=True)
class Axis:
    """One measure and its states; state 0 is "missing".

    Attributes
    ----------
    measure
        Its name in the protocol.
    edges
        Of a number: the first whole step above each cut-off, ascending; none for a level or an answer.
    cuts
        The cut-offs themselves, in the unit of the measure, one for each edge.
    values
        One value for each state; missing is NaN or ``None``.
    step
        Of the measure, in which ``edges`` are whole numbers.
    """

    measure: str
    edges: tuple[int, ...]
    cuts: tuple[float, ...]
    values: tuple[object, ...]
    step: float

    @property
    def is_number(self) -> bool:
        """Whether the measure is an angle or a count."""
        return bool(self.edges)


def axes_of(protocols: Sequence[Protocol], rules: Iterable[SimpleCriterion] | None = None) -> list[Axis]:
    """Return the measures that can decide a class under any of the protocols, with their states.

    Parameters
    ----------
    protocols
        Readings of one protocol: they differ in cut-offs and in what a type requires, not in measures.
    rules
        The criteria to tell apart; left out, those that can decide a class.
    """
    wanted = list(rules or (rule for protocol in protocols for rule in deciding_rules(protocol)))
    measures = dict.fromkeys(rule.measure for rule in wanted)
    return [_axis(name, [rule for rule in wanted if rule.measure == name], protocols) for name in measures]


def deciding_rules(protocol: Protocol) -> Iterable[SimpleCriterion]:
    """Yield the criteria on which a class can depend."""
    names = [str(protocol.restricted_by), *(name for kind in protocol.types.values() for name in kind.requires)]
    while names:
        rule = protocol.criteria[names.pop(0)]
        if isinstance(rule, CompoundCriterion):
            names = [*rule.of, *names]
        else:
            yield rule


def shape_of(axes: Sequence[Axis]) -> tuple[int, ...]:
    """Return the number of states on each axis."""
    return tuple(len(axis.values) for axis in axes)


def _axis(name: str, rules: Sequence[SimpleCriterion], protocols: Sequence[Protocol]) -> Axis:
    measure = protocols[0].measures[name]
    if measure.kind == "level":
        return Axis(name, (), (), (None, *measure.levels), measure.step)
    if measure.kind == "answer":
        return Axis(name, (), (), (None, False, True), measure.step)
    cuts = {(rule.op, float(rule.cutoff(reading))) for rule in rules for reading in ("strict", "lenient")}
    return number_axis(name, cuts, measure.step)


def number_axis(name: str, cuts: Iterable[tuple[Operator, float]], step: float) -> Axis:
    """Return the axis of an angle or a count, read in steps, from its comparisons.

    Examples
    --------
    Below 20, and 5 or less: 19.9 is the last tenth below, 5.1 the first one above.

    >>> number_axis("hip_ir_deg", [("lt", 20.0), ("le", 5.0)], 0.1).edges
    (51, 200)
    """
    first_above = {edge: cut for op, cut in cuts for edge in _edges(op, cut_in_steps(cut, step))}
    edges = tuple(sorted(first_above))
    cells = from_steps(np.array([edges[0] - 1, *edges]), step).tolist()
    return Axis(name, edges, tuple(first_above[edge] for edge in edges), (np.nan, *cells), step)


def _edges(op: Operator, cut: float) -> list[int]:
    at, above = math.ceil(cut), math.floor(cut) + 1
    return {"lt": [at], "ge": [at], "le": [above], "gt": [above], "eq": [at, above]}[op]


def recorded_states(hips: pd.DataFrame, axes: Sequence[Axis], protocol: Protocol) -> np.ndarray:
    """Return the state of every hip on every axis: uint8, shape (axes, hips)."""
    return np.stack(states_read(Read(hips, protocol), axes, protocol))


def states_read(read: Callable[[str], np.ndarray], axes: Sequence[Axis], protocol: Protocol) -> list[np.ndarray]:
    """Return the states of hips on each axis, from their readings in whole numbers by measure."""
    return [
        _number_states(read(axis.measure), axis) if axis.is_number else _level_states(read, axis, protocol)
        for axis in axes
    ]


def _number_states(values: np.ndarray, axis: Axis) -> np.ndarray:
    return np.where(is_known(values), states_of_number(values, axis), np.uint8(MISSING))


def states_of_number(values: np.ndarray, axis: Axis) -> np.ndarray:
    """Return the state of each value, given in whole steps: uint8, 1 below the first cut-off.

    Examples
    --------
    >>> axis = number_axis("hip_ir_deg", [("lt", 20.0), ("le", 5.0)], 0.1)
    >>> states_of_number(np.array([50, 51, 250]), axis).tolist()
    [1, 2, 3]
    """
    result = np.ones(len(values), dtype="uint8")
    for rows in blocks(len(values)):
        state, value = result[rows], values[rows]
        for edge in axis.edges:
            state += value >= edge
    return result


def _level_states(read: Callable[[str], np.ndarray], axis: Axis, protocol: Protocol) -> np.ndarray:
    """Return the level or answer as recorded; where it was not, as read off its angle if the protocol says how."""
    codes = read(axis.measure)
    states = np.where(is_known(codes), codes.astype("uint8") + np.uint8(1), np.uint8(MISSING))
    derived = protocol.measures[axis.measure].derived
    if derived is None:
        return states
    behind = derived_axis(derived, protocol)
    of_cell = np.array([MISSING, *(axis.values.index(level) for level in derived_levels(derived, behind))], "uint8")
    return np.where(states == MISSING, of_cell[_number_states(read(behind.measure), behind)], states)


def derived_axis(derived: Derived, protocol: Protocol) -> Axis:
    """Return the axis of the angle that a level is read off."""
    cuts = [(cut.op, cut.value) for cut in derived.cuts]
    return number_axis(derived.measure, cuts, protocol.measures[derived.measure].step)


def derived_levels(derived: Derived, axis: Axis) -> list[str]:
    """Return the level that each cell of the angle stands for."""
    found = []
    for value in axis.values[1:]:
        level = derived.otherwise
        for cut in derived.cuts:
            if OPERATORS[cut.op](cut_in_steps(value, axis.step), cut_in_steps(cut.value, axis.step)):  # type: ignore[arg-type]
                level = cut.level
        found.append(level)
    return found


def representatives(axes: Sequence[Axis], cells: np.ndarray, protocol: Protocol) -> pd.DataFrame:
    """Return one hip for each combination of states, given as states of shape (axes, combinations)."""
    hips = {name: pd.Series([None] * cells.shape[1], dtype="object") for name in protocol.measures_of("assessments")}
    for axis, state in zip(axes, cells, strict=True):
        kind = protocol.measures[axis.measure].kind
        values = pd.Series(list(axis.values), dtype={"answer": "boolean", "level": "object"}.get(kind, "float64"))
        hips[axis.measure] = values.take(state).reset_index(drop=True)
    return pd.DataFrame(hips)


class Decisions:
    """The class of any combination of states under any reading of a protocol."""

    def __init__(self, axes: Sequence[Axis], protocol: Protocol) -> None:
        self.axes, self.classes, self._protocol = axes, states(protocol), protocol
        self._answers: dict[object, Any] = {}

    def representatives(self, cells: np.ndarray) -> pd.DataFrame:
        """Return one hip for each combination of states; see :func:`representatives`."""
        return representatives(self.axes, cells, self._protocol)

    @property
    def shape(self) -> tuple[int, ...]:
        """The number of states on each axis."""
        return shape_of(self.axes)

    def classes_of(self, hips: pd.DataFrame, protocol: Protocol) -> np.ndarray:
        """Return the class of each representative under a reading, as an index into ``classes``."""
        deciding = set(deciding_rules(protocol))
        rules = {name: rule for name, rule in simple_criteria(protocol).items() if rule in deciding}
        return classes_of_answers({name: self._answer(hips, rule, protocol) for name, rule in rules.items()}, protocol)

    def _answer(self, hips: pd.DataFrame, rule: SimpleCriterion, protocol: Protocol) -> np.ndarray:
        """Answer one criterion; readings differ in few of them, so each is answered once for the same hips."""
        if self._answers.get("hips") is not hips:
            self._answers = {"hips": hips}
        if rule not in self._answers:
            self._answers[rule] = answer(hips, rule, protocol).astype("uint8")
        return self._answers[rule]

    def table(self, protocol: Protocol) -> np.ndarray:
        """Return the class of every combination; one dimension for each axis."""
        every = np.indices(self.shape).reshape(len(self.axes), -1)
        return self.classes_of(self.representatives(every), protocol).reshape(self.shape)
