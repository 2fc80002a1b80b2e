"""The classes of many hips at once: the rules of :mod:`analysis.hips.decide` in whole numbers, without the reasons.

With no < not known < yes, "all of" is the smallest answer and "any of" the largest.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce

import numpy as np

from analysis.hips.criteria import Answer
from analysis.protocol import Protocol
from analysis.protocol.measures import Reading
from analysis.protocol.types import SimpleCriterion
from analysis.schema import READINGS, states

NO, NOT_KNOWN, YES = range(3)
_OF_ANSWER = {
    reading: np.array([{False: NO, None: NOT_KNOWN, True: YES}[answer.under(reading)] for answer in Answer], "int8")
    for reading in READINGS
}


def classes_of_answers(answers: Mapping[str, np.ndarray], protocol: Protocol) -> np.ndarray:
    """Return the class of each hip.

    Parameters
    ----------
    answers
        For each simple criterion that can decide a class, codes of :class:`analysis.hips.criteria.Answer`, one a hip.
    protocol
        The types and how they are read.

    Returns
    -------
    numpy.ndarray
        int8, index into :func:`analysis.schema.states`.
    """
    place = {name: np.int8(number) for number, name in enumerate(states(protocol))}
    strict, lenient = (_Reading(answers, protocol, reading, place) for reading in READINGS)
    first, then = strict.presentation(), lenient.presentation()
    is_open = (first == place["indeterminate"]) | (then == place["indeterminate"])
    has_type = (first < len(protocol.types), then < len(protocol.types))
    found = np.select([*has_type, is_open], [first, then, place["indeterminate"]], then)
    return strict.with_tiers(lenient.with_tiers(found))


class _Reading:
    """The answers of many hips under one reading."""

    def __init__(
        self, answers: Mapping[str, np.ndarray], protocol: Protocol, reading: Reading, place: Mapping[str, np.int8]
    ) -> None:
        self.answers, self.protocol, self.reading, self.place = answers, protocol, reading, place

    def criterion(self, name: str) -> np.ndarray:
        rule = self.protocol.criteria[name]
        if isinstance(rule, SimpleCriterion):
            return _OF_ANSWER[self.reading].take(self.answers[name])
        combine = np.minimum if rule.quantifier(self.reading) == "all" else np.maximum
        return reduce(combine, (self.criterion(part) for part in rule.of))

    def fits(self, kind: str) -> np.ndarray:
        return reduce(np.minimum, (self.criterion(name) for name in self.protocol.types[kind].requires))

    def presentation(self) -> np.ndarray:
        """The first presentation that fits; open while an earlier one is."""
        ends = [self.place[name] for name in ("not_restricted", "indeterminate", "unclassified")]
        found = np.array(ends).take(self.criterion(str(self.protocol.restricted_by)))
        for kind in reversed(self.protocol.presentations):
            fit = self.fits(kind)
            found = np.where(fit == NO, found, np.where(fit == YES, self.place[kind], self.place["indeterminate"]))
        return found

    def with_tiers(self, found: np.ndarray) -> np.ndarray:
        """The first tier that is met, over what was found without."""
        for kind in reversed(self.protocol.tiers):
            found = np.where(self.fits(kind) == YES, self.place[kind], found)
        return found
