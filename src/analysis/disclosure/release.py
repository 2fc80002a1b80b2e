"""Which further numbers to withhold, so that none that is withheld follows from those that are printed.

A release is one linear system: a count is a whole number of people or hips, and some are sums of others. What a
reader can say of a withheld count is the range it may lie in, given all that is printed.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.sparse import csc_array, csr_array

from analysis.disclosure.bounds import MANY, Subtraction

FOREMOST = 1e9  # the worth of what is withheld for another's sake only where nothing else would do
HEADLINE = 2 * FOREMOST  # the worth of the study's own rate and size


@dataclass(frozen=True)
class System:
    """The counts of a release, what is printed together, and what is the sum of what.

    Attributes
    ----------
    value
        Of each count, its number.
    small
        Of each count, whether few people stand behind it: where it is withheld, it must be safe.
    taken
        Of each count, whether a reader could take it for one of few, though it is not: many stand behind it, or nobody
        of nobody.
    count, unit
        Of each cell of the release, which count it shows and to which unit it belongs: cells withheld together.
    row
        Of each unit, the unit of the row it stands in: with that it is withheld too.
    sums
        One row per sum, a column per count: ``sums @ value`` is 0.
    cost
        Of each unit, what it is worth to a reader; infinite for what was printed earlier and stays known.
    """

    value: np.ndarray
    small: np.ndarray
    taken: np.ndarray
    count: np.ndarray
    unit: np.ndarray
    row: np.ndarray
    sums: csr_array
    cost: np.ndarray

    def printed(self, hidden: np.ndarray) -> np.ndarray:
        """Return which counts are printed anywhere, with these units hidden."""
        known = np.zeros(len(self.value), dtype=bool)
        known[self.count[~self.withheld(hidden)[self.unit]]] = True
        return known

    def withheld(self, hidden: np.ndarray) -> np.ndarray:
        """Return which units are not printed where these are hidden: they and those of a row that is."""
        found: np.ndarray = hidden | hidden[self.row]
        return found

    def unsafe(self, known: np.ndarray, low: np.ndarray, high: np.ndarray, minimum: int) -> np.ndarray:
        """Return which counts that are not printed have too narrow a range, or surely are of few."""
        narrow = (low < minimum) & (high - low < minimum) & ~known
        found: np.ndarray = narrow & (self.small | (self.taken & (high > 0)))
        return found


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
    sums, beside = Subtraction(system.sums), _Beside(system, hidden, minimum)
    while True:
        known = system.printed(hidden)
        low, high = sums.bounds(system.value, known)
        unsafe = system.unsafe(known, low, high, minimum)
        told = np.flatnonzero(unsafe).tolist()
        room, loosened = beside.in_sums(high - low), [False] * system.sums.shape[0]
        # First what a count follows from; where there is no such number, what sets a limit to it, at last from afar.
        for tight, steps, below in ((True, 2, FOREMOST), (False, 2, FOREMOST), (False, 4, FOREMOST), (False, 4, most)):
            beside.forget()
            changed = [beside.hide(count, room, tight, steps, loosened, below) for count in told]
            if any(changed):
                break
        else:
            return _give_back(system, sums, hidden, few, minimum, unsafe), len(told)


def _give_back(
    system: System, sums: Subtraction, hidden: np.ndarray, few: np.ndarray, minimum: int, told: np.ndarray
) -> np.ndarray:
    """Show again what need not be withheld once all is, the most useful first."""
    ends = sums.bounds(system.value, system.printed(hidden))
    more = np.flatnonzero(hidden & ~few)
    for unit in more[np.argsort(-system.cost[more], kind="stable")]:
        hidden[unit] = False
        known = system.printed(hidden)
        secret = system.small & ~known & ~told

        def enough(low: np.ndarray, high: np.ndarray, counts: np.ndarray, secret: np.ndarray = secret) -> bool:
            """Return whether a count of few is given away, which nothing that follows can take back."""
            low, high = low[counts], high[counts]
            return bool((secret[counts] & (low < minimum) & (high - low < minimum)).any())

        tried = sums.with_known(*ends, system.value, known, enough)
        if (system.unsafe(known, *tried, minimum) & ~told).any():
            hidden[unit] = True
        else:
            ends = tried
    return hidden


class _Beside:
    """Hides the least useful number beside a count that is not safe."""

    def __init__(self, system: System, hidden: np.ndarray, minimum: int) -> None:
        self._system = system
        self._hidden = hidden
        self._minimum = minimum
        self._found: dict[tuple[int, int], set[int]] = {}
        self._is_in = csr_array(abs(system.sums).sign())
        # Lists, as each is looked at a hundred thousand times.
        self._counts_in = _parts(self._is_in)
        self._sums_of = _parts(csr_array(csc_array(self._is_in).T))
        self._value = system.value.tolist()
        self._cost = system.cost.tolist()
        self._shown_by: dict[int, set[int]] = {}
        self._shows: dict[int, set[tuple[int, int]]] = {}  # of a unit, the counts not printed by a unit if it is hidden
        withheld, row = system.withheld(hidden).tolist(), system.row.tolist()
        for count, unit in zip(system.count.tolist(), system.unit.tolist(), strict=True):
            if not withheld[unit]:
                self._shown_by.setdefault(count, set()).add(unit)
                for one in {unit, row[unit]}:
                    self._shows.setdefault(one, set()).add((count, unit))

    def in_sums(self, room: np.ndarray) -> list[float]:
        """Return how much room the counts of each sum have together."""
        found: list[float] = (self._is_in @ room).tolist()
        return found

    def hide(self, count: int, room: list[float], tight: bool, steps: int, loosened: list[bool], most: float) -> bool:
        """Hide it in the sum that leaves the count least room; False where there is nothing to hide.

        A sum that was loosened in this round, for another count, is looked at again in the next. Looked for are the
        numbers worth less than ``most`` from which follows what is in the sum; where that is not ``tight``, from which
        it would if nothing had room. So many ``steps`` are looked from sum to sum.
        """
        rows = self._sums_of[count]
        if any(loosened[row] for row in rows):
            return True
        for row in sorted(rows, key=room.__getitem__):
            behind: set[int] = set()
            for other in self._counts_in[row]:
                if other != count:
                    behind |= self._printed(other, room, tight, steps)
            worth, other = min(((self._worth(other), other) for other in behind - {count}), default=(np.inf, -1))
            if worth < most:
                self._withhold(other)
                for loose in (*self._sums_of[other], *rows):
                    loosened[loose] = True
                return True
        return False

    def forget(self) -> None:
        """Forget what was found with another set of limits."""
        self._found.clear()

    def _withhold(self, count: int) -> None:
        for unit in list(self._shown_by[count]):
            self._hidden[unit] = True
            for other, by in self._shows[unit]:
                self._shown_by[other].discard(by)
        self.forget()

    def _printed(self, count: int, room: list[float], tight: bool, steps: int) -> set[int]:
        """Return the printed counts that tell this one: itself, or those from which it follows."""
        if (count, steps) in self._found:
            return self._found[count, steps]
        found: set[int] = set()
        if self._shown_by.get(count):
            found.add(count)
        elif steps:
            for row in self._sums_of[count]:
                if not (tight and room[row]):
                    for other in self._counts_in[row]:
                        if other != count:
                            found |= self._printed(other, room, tight, steps - 1)
        self._found[count, steps] = found
        return found

    def _worth(self, count: int) -> float:
        """Return what is lost with a count; too small a one would not be enough."""
        worth = sum(sorted(self._cost[unit] for unit in self._shown_by[count]))
        value = self._value[count]
        return worth * (1 if value >= self._minimum else 2) + value / MANY


def _parts(matrix: csr_array) -> list[list[int]]:
    """Return the columns of each row."""
    columns = matrix.indices.tolist()
    return [columns[a:b] for a, b in pairwise(matrix.indptr.tolist())]
