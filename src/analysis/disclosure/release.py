"""Which further numbers to withhold, so that none that is withheld follows from those that are printed.

A release is one linear system: a count is a whole number of people or hips, and some are sums of others. What a
reader can say of a withheld count is the range it may lie in, given all that is printed.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.sparse import coo_array, csc_array, csr_array

_MANY = 1e7  # more than anybody counts: what is not known has no upper limit
_ROUNDS = 50  # of subtraction; each takes the answers of the one before
FOREMOST = 1e9  # the worth of what is withheld for another's sake only where nothing else would do


@dataclass(frozen=True)
class System:
    """The counts of a release, what is printed together, and what is the sum of what.

    Attributes
    ----------
    value
        Of each count, its number.
    small
        Of each count, whether few people stand behind it: where it is withheld, it must be safe.
    count, unit
        Of each cell of the release, which count it shows and to which unit it belongs: cells withheld together.
    sums
        One row per sum, a column per count: ``sums @ value`` is 0.
    cost
        Of each unit, what it is worth to a reader; infinite for what was printed earlier and stays known.
    """

    value: np.ndarray
    small: np.ndarray
    count: np.ndarray
    unit: np.ndarray
    sums: csr_array
    cost: np.ndarray

    def printed(self, hidden: np.ndarray) -> np.ndarray:
        """Return which counts are printed anywhere, with these units hidden."""
        known = np.zeros(len(self.value), dtype=bool)
        known[self.count[~hidden[self.unit]]] = True
        return known


def bounds(
    sums: csr_array, value: np.ndarray, known: np.ndarray, within: tuple[np.ndarray, np.ndarray] | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Return the range of every count by subtraction alone, until it tells no more; within ranges known already.

    Examples
    --------
    The whole is 20, and one of its two parts 17:

    >>> whole = csr_array(np.array([[-1, 1, 1]]))
    >>> low, high = bounds(whole, np.array([20, 17, 3]), np.array([True, True, False]))
    >>> low.tolist(), high.tolist()
    ([20.0, 17.0, 3.0], [20.0, 17.0, 3.0])
    """
    low, high = within or (np.zeros(len(value)), np.full(len(value), _MANY))
    changed = known & (low < high) if within else np.ones(len(value), dtype=bool)
    low, high = np.where(known, value, low), np.where(known, value, high)
    entries = coo_array(sums)
    rows, columns = entries.coords
    for _ in range(_ROUNDS):
        # Only sums of which a count has changed can tell more.
        again = np.zeros(sums.shape[0], dtype=bool)
        again[rows[changed[columns]]] = True
        now = np.flatnonzero(again[rows])
        row, column, times = rows[now], columns[now], entries.data[now]
        plus = times > 0
        least, most = (
            times * np.where(plus, low[column], high[column]),
            times * np.where(plus, high[column], low[column]),
        )
        # What the others of a sum leave for this one.
        rest_least = np.bincount(row, least, sums.shape[0])[row] - least
        rest_most = np.bincount(row, most, sums.shape[0])[row] - most
        new_low, new_high = low.copy(), high.copy()
        np.minimum.at(new_high, column, np.floor(np.where(plus, -rest_least, -rest_most) / times + 1e-9))
        np.maximum.at(new_low, column, np.ceil(np.where(plus, -rest_most, -rest_least) / times - 1e-9))
        changed = (new_low != low) | (new_high != high)
        low, high = new_low, new_high
        if not changed.any():
            break
    return low, high


def withhold_more(system: System, hidden: np.ndarray, minimum: int, most: float = FOREMOST) -> tuple[np.ndarray, int]:
    """Return which units are withheld, so that every small count that is withheld is safe; and how many are not.

    Parameters
    ----------
    system
        The release.
    hidden
        Of each unit, whether few people stand behind it.
    minimum
        The fewest patients: a range is safe that is as wide and does not lie below it.
    most
        What is worth as much is not withheld for another's sake, even where a count then stays unsafe.

    Notes
    -----
    A reader is taken to subtract, one sum after another and as often as it helps, with whole numbers of 0 or more.
    What several sums tell only together, as a linear programme finds it, is looked for by the attacker of the tests.
    """
    few, hidden = hidden, hidden.copy()
    small = system.small & ~system.printed(hidden)
    beside = _Beside(system, minimum)
    while True:
        known = system.printed(hidden)
        low, high = bounds(system.sums, system.value, known)
        told = np.flatnonzero(small & _unsafe(low, high, minimum))
        room, loosened = beside.in_sums(high - low), [False] * system.sums.shape[0]
        # First what a count follows from; where there is no such number, what sets a limit to it from further away.
        for tight, below in ((True, FOREMOST), (False, FOREMOST), (False, most)):
            beside.forget()
            changed = [beside.hide(hidden, count, room, tight, loosened, below) for count in told.tolist()]
            if any(changed):
                break
        else:
            return _give_back(system, hidden, few, small, minimum, len(told)), len(told)


def _give_back(
    system: System, hidden: np.ndarray, few: np.ndarray, small: np.ndarray, minimum: int, told: int
) -> np.ndarray:
    """Show again what need not be withheld once all is, the most useful first."""
    ends = bounds(system.sums, system.value, system.printed(hidden))
    more = np.flatnonzero(hidden & ~few)
    for unit in more[np.argsort(-system.cost[more], kind="stable")]:
        hidden[unit] = False
        tried = bounds(system.sums, system.value, system.printed(hidden), ends)
        if np.count_nonzero(small & _unsafe(*tried, minimum)) > told:
            hidden[unit] = True
        else:
            ends = tried
    return hidden


def _unsafe(low: np.ndarray, high: np.ndarray, minimum: int) -> np.ndarray:
    unsafe: np.ndarray = (high - low < minimum) | (high < minimum)
    return unsafe


class _Beside:
    """Hides the least useful number beside a count that is not safe."""

    def __init__(self, system: System, minimum: int) -> None:
        self._system = system
        self._minimum = minimum
        self._found: dict[tuple[int, int], set[int]] = {}
        self._is_in = csr_array(abs(system.sums).sign())
        # Lists, as each is looked at a hundred thousand times.
        self._counts_in = _parts(self._is_in)
        self._sums_of = _parts(csr_array(csc_array(self._is_in).T))
        order = np.argsort(system.count, kind="stable")
        ends = np.searchsorted(system.count[order], np.arange(len(system.value) + 1))
        self._units = [np.unique(system.unit[order[a:b]]) for a, b in pairwise(ends)]

    def in_sums(self, room: np.ndarray) -> list[float]:
        """Return how much room the counts of each sum have together."""
        found: list[float] = (self._is_in @ room).tolist()
        return found

    def hide(
        self, hidden: np.ndarray, count: int, room: list[float], tight: bool, loosened: list[bool], most: float
    ) -> bool:
        """Hide it in the sum that leaves the count least room; False where there is nothing to hide.

        A sum that was loosened in this round, for another count, is looked at again in the next. Looked for are the
        numbers worth less than ``most`` from which follows what is in the sum; where that is not ``tight``, from which
        it would if nothing had room.
        """
        rows = self._sums_of[count]
        if any(loosened[row] for row in rows):
            return True
        for row in sorted(rows, key=room.__getitem__):
            behind: set[int] = set()
            for other in self._counts_in[row]:
                if other != count:
                    behind |= self._printed(other, hidden, room, tight)
            found = [(self._worth(other, hidden), other) for other in sorted(behind - {count})]
            worth, other = min(found, default=(np.inf, -1))
            if worth < most:
                hidden[self._units[other]] = True
                self.forget()
                for loose in (*self._sums_of[other], *rows):
                    loosened[loose] = True
                return True
        return False

    def forget(self) -> None:
        """Forget what was found with another set of limits."""
        self._found.clear()

    def _printed(self, count: int, hidden: np.ndarray, room: list[float], tight: bool, steps: int = 2) -> set[int]:
        """Return the printed counts that tell this one: itself, or those from which it follows."""
        if (count, steps) in self._found:
            return self._found[count, steps]
        found: set[int] = set()
        if (~hidden[self._units[count]]).any():
            found.add(count)
        elif steps:
            for row in self._sums_of[count]:
                if not (tight and room[row]):
                    for other in self._counts_in[row]:
                        if other != count:
                            found |= self._printed(other, hidden, room, tight, steps - 1)
        self._found[count, steps] = found
        return found

    def _worth(self, count: int, hidden: np.ndarray) -> float:
        """Return what is lost with a count; too small a one would not be enough."""
        units = self._units[count]
        value = self._system.value[count]
        worth = float(self._system.cost[units[~hidden[units]]].sum())
        return worth * (1 if value >= self._minimum else 2) + value / _MANY


def _parts(matrix: csr_array) -> list[list[int]]:
    """Return the columns of each row."""
    columns = matrix.indices.tolist()
    return [columns[a:b] for a, b in pairwise(matrix.indptr.tolist())]
