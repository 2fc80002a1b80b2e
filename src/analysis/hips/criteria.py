"""Every criterion of a protocol, answered for hips: met, met leniently, not met, undecided, missing."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from enum import IntEnum
from typing import Any

import numpy as np
import pandas as pd

from analysis.protocol import Protocol
from analysis.protocol.measures import Derived, Reading
from analysis.protocol.steps import cut_in_steps, in_steps
from analysis.protocol.types import SimpleCriterion
from analysis.schema import READINGS

OPERATORS: Mapping[str, Callable[..., Any]] = {
    "ge": operator.ge,
    "gt": operator.gt,
    "le": operator.le,
    "lt": operator.lt,
    "eq": operator.eq,
}


class Answer(IntEnum):
    """The answer to one criterion for one hip. Missing and undecided are answers, not "no"."""

    MISSING = 0
    UNDECIDED = 1  # recorded, but as a level that decides neither way, such as neutral tilt
    NOT_MET = 2
    LENIENT = 3  # met only in the lenient reading
    MET = 4

    def under(self, reading: Reading) -> bool | None:
        """Return yes, no or (``None``) not known under a reading."""
        if self in (Answer.MISSING, Answer.UNDECIDED):
            return None
        return self is Answer.MET or (self is Answer.LENIENT and reading == "lenient")


def simple_criteria(protocol: Protocol) -> dict[str, SimpleCriterion]:
    """Return the criteria that look at one measure, in the order of the protocol."""
    return {name: rule for name, rule in protocol.criteria.items() if isinstance(rule, SimpleCriterion)}


def answer(hips: pd.DataFrame, criterion: SimpleCriterion, protocol: Protocol) -> np.ndarray:
    """Answer one criterion for many hips.

    Parameters
    ----------
    hips
        One row per hip, with the measures in the units of the protocol.
    criterion
        The rule.
    protocol
        Tells the kind of the measure and which levels are undecided.

    Returns
    -------
    numpy.ndarray
        :class:`Answer` codes, int64, one a row. A missing value gives ``MISSING``.
    """
    measure = protocol.measures[criterion.measure]
    compare = OPERATORS[criterion.op]
    undecided = np.zeros(len(hips), dtype=bool)
    if measure.kind in ("angle", "count"):
        values, known = in_steps(hips[criterion.measure], measure.step)
        met = {r: compare(values, cut_in_steps(float(criterion.cutoff(r)), measure.step)) for r in READINGS}
    elif measure.kind == "answer":
        given = hips[criterion.measure]
        known = given.notna().to_numpy()
        yes = given.fillna(False).to_numpy(dtype=bool)
        met = {r: yes == bool(criterion.cutoff(r)) for r in READINGS}
    else:
        level = levels(hips, criterion.measure, protocol)
        known = level.notna().to_numpy()
        undecided = level.isin(measure.undecided).to_numpy()
        met = {r: (level == criterion.cutoff(r)).to_numpy() for r in READINGS}
    code = np.where(met["strict"], Answer.MET, np.where(met["lenient"], Answer.LENIENT, Answer.NOT_MET))
    return np.where(~known, Answer.MISSING, np.where(undecided, Answer.UNDECIDED, code))


def levels(hips: pd.DataFrame, name: str, protocol: Protocol) -> pd.Series:
    """Return a level as recorded; where it was not, as derived from its angle if the protocol says how."""
    recorded = hips[name].astype("object")
    derived = protocol.measures[name].derived
    if derived is None or derived.measure not in hips:
        return recorded
    return recorded.where(recorded.notna(), _derive(hips, derived, protocol.measures[derived.measure].step))


def _derive(hips: pd.DataFrame, derived: Derived, step: float) -> pd.Series:
    values, known = in_steps(hips[derived.measure], step)
    level = np.full(len(hips), derived.otherwise, dtype=object)
    for cut in derived.cuts:
        level[OPERATORS[cut.op](values, cut_in_steps(cut.value, step))] = cut.level
    level[~known] = None
    return pd.Series(level, index=hips.index)


def answers_of(hips: pd.DataFrame, protocol: Protocol) -> np.ndarray:
    """Answer every criterion on one measure: codes of shape (criteria, hips); see :func:`answer`."""
    rules = simple_criteria(protocol).values()
    return np.array([answer(hips, rule, protocol) for rule in rules], dtype="int64").reshape(len(rules), len(hips))


def by_hip(answers: np.ndarray, protocol: Protocol) -> list[dict[str, Answer]]:
    """Return the answers of each hip, from codes of shape (criteria, hips), by the names of the criteria."""
    names = simple_criteria(protocol)
    return [dict(zip(names, map(Answer, codes), strict=True)) for codes in answers.T.tolist()]
