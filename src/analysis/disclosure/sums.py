"""Which counts of a release are sums of others: within a row, over the groups of a table, and over pairs of hips."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from analysis.disclosure.printed import WHOLE, row_key
from analysis.schema import SIDES

ASKED = ("response", "comparison")
# Within a row: a whole, its parts, and what the parts lack of it, which is not printed itself.
WITHIN = (
    ("n_hips", ("n_evaluable",), "unjudged"),
    ("n_hips", ("n_known",), "unjudged"),
    ("n_evaluable", ("n_responders",), "others"),
    ("n_known", ("n_yes",), "others"),
    ("n_yes", ("n_definite", "n_borderline"), "n_waiting"),
    ("n", ("n_before",), "not_before"),
    ("n", ("n_after",), "not_after"),
    ("n_hips", ("n_up",), "not_up"),
    ("n_hips", ("n_down",), "not_down"),
    ("n_pairs", ("n_different",), "not_different"),
    ("n", ("both", "left_only", "right_only", "neither"), ""),
    ("one_hip_left", ("one_hip_left_responders",), "left_others"),
    ("one_hip_right", ("one_hip_right_responders",), "right_others"),
)
# Withheld alone, though the number of hips beside the number judged may tell them; see docs/decisions/withholding.md.
MISSING = ("n_not_known", "unjudged")

# Of a count its wholes: where these have nobody, none is no news.
WHOLES = {
    part: [whole for whole, parts, rest in WITHIN if part in (*parts, rest)]
    for _, names, last in WITHIN
    if last not in MISSING
    for part in (*names, last)
}
NO_NEWS = ("classes", "comparability")  # that nobody, or everybody, is of a class tells no more than the number of hips
WHOLES |= {name: ["n_patients_evaluable"] for name in ("n_patients_with", "n_patients_without")}


@dataclass(frozen=True)
class Row:
    """A row of a table: what it is about, and the place of each count of it among all counts."""

    family: str
    key: str
    labels: Mapping[str, str]
    clinic: str
    like: str
    counts: dict[str, int]


Rows: TypeAlias = dict[tuple[str, str], Row]


class Sum(NamedTuple):
    """A count that is the sum of others: their places, the column, and for one over groups which groups.

    Where it is not ``complete``, there may be groups of which nothing is printed.
    """

    whole: int
    parts: list[int]
    column: str = ""
    over: tuple[str, str, str] | None = None
    complete: bool = True


def sums_of(rows: Rows) -> Iterator[Sum]:
    """Yield every sum that a reader knows of without being told."""
    yield from _within_rows(rows)
    yield from _over_groups(rows)
    yield from _of_both_sides(rows)


def _within_rows(rows: Rows) -> Iterator[Sum]:
    for row in rows.values():
        for whole, parts, rest in WITHIN:
            names = [*parts, *filter(None, [rest])]
            if {whole, *names} <= set(row.counts):
                yield Sum(row.counts[whole], [row.counts[name] for name in names])


def _over_groups(rows: Rows) -> Iterator[Sum]:
    """Yield the sums over clinics, and over the levels of every other group."""
    parts: dict[tuple[tuple[str, str, str], int], list[Row]] = {}
    for row in rows.values():
        if row.clinic != WHOLE:
            parts.setdefault(((WHOLE, row.key, "clinic"), 0), []).append(row)
        for name, value in row.labels.items():
            if name not in ASKED:
                rest = {other: level for other, level in row.labels.items() if other != name}
                over = (row.clinic, row_key(row.family, rest), name)
                # A year is no part beside its quarters.
                parts.setdefault((over, len(value) if name == "within" else 0), []).append(row)
    for (over, _), group in parts.items():
        if whole := rows.get(over[:2]):
            for name in whole.counts:
                # The fewest behind several numbers are no sum of those in groups.
                if "behind" not in name and all(name in row.counts for row in group):
                    yield Sum(whole.counts[name], [row.counts[name] for row in group], name, over)


def _of_both_sides(rows: Rows) -> Iterator[Sum]:
    """Yield what pairs, and people with one judged hip, tell of the hips that were judged and responded."""
    both = {
        "n_evaluable": ("n", "n", "one_hip_left", "one_hip_right"),
        "n_responders": ("both", "both", "left_only", "right_only", "one_hip_left_responders",
                         "one_hip_right_responders"),
    }  # fmt: skip
    for row in rows.values():
        if row.family != "sides":
            continue
        asked = [(row.labels, both)]
        for side in SIDES:
            one = {
                "n_evaluable": ("n", f"one_hip_{side}"),
                "n_responders": ("both", f"{side}_only", f"one_hip_{side}_responders"),
            }
            asked.append(({**row.labels, "side": side}, one))
        for labels, sums in asked:
            hips = rows.get((row.clinic, row_key("rates", labels)))
            for whole, parts in sums.items():
                if hips and whole in hips.counts and set(parts) <= set(row.counts):
                    yield Sum(hips.counts[whole], [row.counts[part] for part in parts])
