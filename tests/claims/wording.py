"""How a claim is written down beside its recount, and how what is said is held against what is counted."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import pandas as pd

from analysis.report import Report
from analysis.sensitivity import Sensitivity

N = r"(\d+(?:,\d{3})*)"
D = r"([−+]?\d+(?:,\d{3})*(?:\.\d+)?)"
P = r"([<>]?\d+) %"
FROM_TO = r"95 % CI (\d+(?:\.\d+)?–\d+(?:\.\d+)?)"
LIMITS = rf"95 % CI {D} to {D}"
PEOPLE = "(?:person|people)"

CLAIMS: dict[str, tuple[re.Pattern[str], Callable[..., None]]] = {}


@dataclass(eq=False)
class Seen:
    """A report whose texts are checked, and that of everyone it is part of; each is a key of caches."""

    report: Report
    of_everyone: "Seen | None" = None
    sure: Sensitivity | None = None  # that of the notebook, where one has run: it takes longest to make

    @property
    def everyone(self) -> "Seen":
        return self.of_everyone or self


@cache
def shown(seen: Seen, table: str, *args: Any) -> pd.DataFrame:
    """A table as the report shows it: for limits whose method is too long to be worked out here once more."""
    return getattr(seen.report, table)(*args)


def claim(words: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Write down what a text may say, beside the function that counts it again and fails where it is false.

    The function gets the report seen, then what the groups of the wording found. It must check each of them.
    """

    def beside(count: Callable[..., None]) -> Callable[..., None]:
        CLAIMS[f"{count.__module__.rpartition('.')[2]}: {count.__name__}"] = re.compile(words), count
        return count

    return beside


def number(text: str) -> float:
    """Read a number as a report writes it."""
    return float(text.rstrip("°").replace(",", "").replace("−", "-").replace("+", ""))


def same(said: Sequence[str], *counted: float) -> None:
    """Compare counts said with those counted, which must be equal, and other numbers to the last digit shown."""
    assert len(said) == len(counted), (said, counted)
    for text, value in zip(said, counted, strict=True):
        digits = len(text.partition(".")[2])
        assert abs(number(text) - value) <= 0.5 * 10.0**-digits * (digits > 0) + 1e-9, (said, counted)


def same_rounded(said: Sequence[str], *counted: float) -> None:
    """Compare numbers said, such as percentages, with what they are rounded from."""
    assert len(said) == len(counted), (said, counted)
    for text, value in zip(said, counted, strict=True):
        digits = len(text.partition(".")[2])
        assert abs(number(text) - value) <= 0.5 * 10.0**-digits + 1e-9, (said, counted)


def same_percent(said: str, share: float) -> None:
    """Compare a percentage said, which may be <1 or >99, with a share counted."""
    if said[0] in "<>":
        assert {"<1": 0 < share < 0.005, ">99": 0.995 < share < 1}.get(said), (said, share)
    else:
        same_rounded([said], 100 * share)


def same_range(said: str, limits: tuple[float, float]) -> None:
    """Compare limits said as 44–84 with shares counted."""
    same_rounded(said.split("–"), *(100 * share for share in limits))


def same_words(said: str | None, counted: str) -> None:
    assert (said or "") == counted, (said, counted)


def side_of_zero(limits: tuple[float, float]) -> int:
    """1 and −1 for an interval above and below 0; 0 for one that holds it."""
    return int(limits[0] > 0) - int(limits[1] < 0)


def listed(text: str) -> list[str]:
    """Take a list apart that was joined with commas and "and"."""
    return re.split(r", | and ", text)
