"""What chance gives the hips of a cohort that comes in blocks: worked out once for people who read alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from analysis.hips.by_chance import ERRORS, Chance, gains_by_chance, share_starting, turns_by_chance
from analysis.hips.judge import Rule
from analysis.hips.usual import Alike, alike_together, usual_of, what_is_usual
from analysis.protocol import Protocol
from analysis.protocol.measures import Reading
from analysis.protocol.responses import BecomesRule


class ChanceLookedUp:
    """What chance gives hips by any rule, from the first readings of all people.

    Parameters
    ----------
    first
        By measure, the first readings of the people of each block.
    comparison
        The one that is judged.
    protocol
        The rules, with the measurement errors tried.
    """

    def __init__(self, first: Sequence[Mapping[str, Alike]], comparison: str, protocol: Protocol) -> None:
        self._first, self._comparison, self._protocol = first, comparison, protocol
        self._alike: dict[str, _Together] = {}
        self._chance: dict[tuple[Rule, Reading], Chance] = {}

    def of_hips(self, rule: Rule, place: int, entry: np.ndarray, reading: Reading = "strict") -> Chance:
        """Return what chance gives hips of the block at a place, by the entries that they are in.

        An entry is one of those of :meth:`analysis.hips.usual.Alike.hips` of that block.
        """
        together, chance = self._people(rule.measure), self._of_entries(rule, reading)
        left = together.entries[place].astype("int64")
        of_block = chance.probability.take(np.concatenate([left, left + len(together.people.n)]), axis=1)
        return Chance(of_block.take(entry, axis=1), chance.unknown)

    def _people(self, measure: str) -> _Together:
        if measure not in self._alike:
            own = [of_block[measure] for of_block in self._first]
            people, entry = alike_together(own)
            self._alike[measure] = _Together(people, np.split(entry, np.cumsum([len(p.n) for p in own])[:-1]))
        return self._alike[measure]

    def _of_entries(self, rule: Rule, reading: Reading) -> Chance:
        """Return what chance gives the left hip of each entry, then the right ones; of rules that judged some."""
        if (rule, reading) not in self._chance:
            self._chance[rule, reading] = self._worked_out(rule, reading, self._people(rule.measure).people)
        return self._chance[rule, reading]

    def _worked_out(self, rule: Rule, reading: Reading, people: Alike) -> Chance:
        hips, protocol = people.hips(), self._protocol
        if isinstance(rule, BecomesRule):
            share = share_starting(people.first.sides, rule, protocol, people.n)
            return turns_by_chance(hips.own, share, rule, protocol)
        if protocol.measures[rule.measure].sem is None:
            return Chance(np.full((len(ERRORS), len(hips.own)), np.nan), "")
        found = what_is_usual(people, rule.measure, self._comparison, protocol)
        usual = usual_of(hips, found, rule.measure, self._comparison, protocol)
        return gains_by_chance(usual, hips.own, rule, reading, protocol)


class _Together(NamedTuple):
    """People of all blocks, those who read alike together; and of each block, in which entry its own are."""

    people: Alike
    entries: list[np.ndarray]
