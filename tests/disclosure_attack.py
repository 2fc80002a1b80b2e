"""A reader who has every report of a study and wants to know what they withhold.

It knows nothing of the program: only the tables that reports print, and that groups add up. What it does not know are
the hips of every clinic, class and side that responded, that did not, and that could not be judged.
"""

from collections.abc import Iterable, Mapping
from itertools import product

import numpy as np
import pandas as pd
from scipy.optimize import linprog

from analysis.disclosure.attack import attack as read
from analysis.factory.publishing.audit import of_ledger

COUNTS = {"n_hips": ("yes", "no", "unknown"), "n_evaluable": ("yes", "no"), "n_responders": ("yes",)}
COUNTS |= {"n_others": ("no",)}  # the complement of those that responded


class Reader:
    """What can be said of counts, given those that are printed.

    Parameters
    ----------
    printed
        By the clinic of a report (empty for the whole study), its tables of rates, as they were shown. A column
        ``clinic_id`` names the clinic of a row.
    """

    def __init__(self, printed: Iterable[tuple[str, pd.DataFrame]]) -> None:
        printed = list(printed)
        levels: dict[str, dict[str, None]] = {"clinic_id": {}, "stretch_type": {}, "side": {}}
        for clinic, table in printed:
            levels["clinic_id"] |= {clinic: None} if clinic else {}
            for name, found in levels.items():
                found |= dict.fromkeys(table[name].astype(str)) if name in table else {}
        self._atoms = pd.DataFrame(list(product(*levels.values(), COUNTS["n_hips"])), columns=[*levels, "outcome"])
        rows, values = [], []
        for clinic, table in printed:
            for row in table.to_dict("records"):
                for count in ("n_hips", "n_evaluable", "n_responders"):
                    if not row["suppressed"] and pd.notna(row[count]):
                        rows.append(self._sum(about(clinic, row), count))
                        values.append(int(row[count]))
        self._sums = np.array(rows, dtype=float).reshape(-1, len(self._atoms))
        self._values = np.array(values, dtype=float)

    def _sum(self, labels: Mapping[str, str], count: str) -> np.ndarray:
        here = self._atoms["outcome"].isin(COUNTS[count])
        for name, value in labels.items():
            here &= self._atoms[name] == value
        return here.to_numpy(dtype=float)

    def range_of(self, labels: Mapping[str, str], count: str) -> tuple[int, int]:
        """Return the lowest and highest number that a count can be."""
        aim = self._sum(labels, count)
        ends = []
        for sign in (1, -1):
            found = linprog(sign * aim, A_eq=self._sums, b_eq=self._values, bounds=(0, None), method="highs")
            ends.append(sign * found.fun if found.status == 0 else np.inf)
        return int(np.ceil(ends[0] - 1e-6)), int(min(np.floor(ends[1] + 1e-6), 10**6))


def about(clinic: str, row: Mapping[str, object]) -> dict[str, str]:
    """Return which hips a row of a report counts."""
    labels = {name: str(row[name]) for name in ("clinic_id", "stretch_type", "side") if name in row}
    return labels | ({"clinic_id": clinic} if clinic else {})


def attack(
    printed: list[tuple[str, pd.DataFrame]], truth: list[tuple[str, pd.DataFrame]], fewest: int
) -> dict[str, int]:
    """Count the withheld numbers of few hips, those told exactly, and those told within a narrower range than allowed.

    ``truth`` has the same tables with nothing withheld.
    """
    reader, seen = Reader(printed), set()
    found = {"withheld": 0, "exact": 0, "narrow": 0}
    for (clinic, shown), (_, true) in zip(printed, truth, strict=True):
        for row, real in zip(shown.to_dict("records"), true.to_dict("records"), strict=True):
            real["n_others"] = real["n_evaluable"] - real["n_responders"]
            for count in ("n_evaluable", "n_responders", "n_others"):
                labels = about(clinic, row)
                name = (count, *sorted(labels.items()))
                if row["suppressed"] and real["n_evaluable"] and real[count] < fewest and name not in seen:
                    seen.add(name)
                    low, high = reader.range_of(labels, count)
                    assert low <= real[count] <= high
                    found["withheld"] += 1
                    found["exact"] += low == high
                    found["narrow"] += high - low < fewest or high < fewest
    return found


def told_by_releases(shown, lead: str, fewest: int) -> tuple[int, list[str]]:
    """Return how many counts are withheld in all releases of a study, and what a reader of all can tell of few.

    Left out is what the rate that the first release leads with leaves by itself: of 9 hips that responded, both hips of
    0 to 4 people did.
    """
    rows = list(of_ledger(shown))
    found = read(rows, fewest)
    first = [row if row.row in (lead, "in_scope") else row._replace(counts=dict.fromkeys(row.counts)) for row in rows
             if row.edition == rows[0].edition]  # fmt: skip
    alone = {_range(leak) for leak in read(first, fewest).leaks}
    assert all("is between 0 and" in told for told in alone)
    return found.withheld, [_range(leak) for leak in found.leaks if _range(leak) not in alone]


def _range(leak) -> str:
    return f"{leak.file}: {leak.row}: {leak.column} {leak.how.partition(', as')[0]}"
