"""Every criterion of a protocol, answered for every hip: met, met leniently, not met, undecided, missing.

The answers of one hip are packed into one whole number, three bits a criterion. A cohort of any size
holds only a few hundred different numbers, so the rules are worked out once for each of these, in
plain words (see ``decide``), and looked up for the hips.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from enum import IntEnum
from typing import Any

import numpy as np
import pandas as pd

from analysis.protocol import Protocol
from analysis.protocol.measures import Derived
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
_BITS = 3


class Answer(IntEnum):
    """The answer to one criterion for one hip. Missing and undecided are answers, not "no"."""

    MISSING = 0
    UNDECIDED = 1  # recorded, but as a level that decides neither way, such as neutral tilt
    NOT_MET = 2
    LENIENT = 3  # met only in the lenient reading
    MET = 4

    def under(self, reading: str) -> bool | None:
        """Return yes, no or (``None``) not known under a reading."""
        if self in (Answer.MISSING, Answer.UNDECIDED):
            return None
        return self is Answer.MET or (self is Answer.LENIENT and reading == "lenient")


def simple_criteria(protocol: Protocol) -> dict[str, SimpleCriterion]:
    """Return the criteria that look at one measure, in the order in which they are packed."""
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


def pack(hips: pd.DataFrame, protocol: Protocol) -> np.ndarray:
    """Return all answers of each hip as one int64, three bits a criterion, the first lowest."""
    rules = simple_criteria(protocol)
    if len(rules) * _BITS > 62:
        raise ValueError(f"a protocol may have at most {62 // _BITS} criteria on single measures, not {len(rules)}")
    code = np.zeros(len(hips), dtype="int64")
    for position, rule in enumerate(rules.values()):
        code |= answer(hips, rule, protocol).astype("int64") << (position * _BITS)
    return code


def unpack(code: int, protocol: Protocol) -> dict[str, Answer]:
    """Return the answers behind one packed number."""
    mask = (1 << _BITS) - 1
    return {
        name: Answer(int(code) >> (position * _BITS) & mask) for position, name in enumerate(simple_criteria(protocol))
    }
