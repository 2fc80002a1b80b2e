"""What rates need of a block of whole people: some twenty bytes a hip, which hang on no other block.

Blocks may be gone through one after the other, by several processes, or on several machines; no table of hips is made.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis.answers.counting import People, people_in_groups
from analysis.answers.rates import chosen
from analysis.hips.classify import Known
from analysis.hips.clinic_of_person import first_of_person
from analysis.hips.combinations import combine, smallest
from analysis.hips.counted import Counted, counted, counted_levels
from analysis.hips.judge import Judged, judge, parts_of
from analysis.hips.reread import Reread
from analysis.hips.usual import Alike, alike, first_of_people
from analysis.protocol import Protocol
from analysis.schema import places_of_episodes


class Asked(NamedTuple):
    """What is counted: rates in each of some groupings by :func:`analysis.hips.counted.groups_counted`."""

    response: str
    comparison: str
    groupings: tuple[tuple[str, ...], ...]
    protocol: Protocol

    @property
    def columns(self) -> list[str]:
        """Every column that some grouping is by, and the clinic."""
        return list(dict.fromkeys([*chain(*self.groupings), "clinic_id"]))


class Part(NamedTuple):
    """What rates need of some whole people."""

    grouped: tuple[Grouped, ...]
    """One for each grouping."""
    clinics: pd.Index
    first: dict[str, Alike]
    """By measure, the first readings of everyone, people who read alike together."""
    again: dict[str, Reread]
    reached: tuple[bool, bool]
    """Whether some hips have the earlier visit, and some the later."""
    evaluable: Evaluable


class Grouped(NamedTuple):
    """People in the combinations of groups that occur."""

    groups: dict[str, pd.Categorical]
    """By column, its value in each combination."""
    people: People
    """In combinations by number; clinics are places in those of the part, one more where it is not recorded."""
    evaluable: np.ndarray
    """The combination of each evaluable hip."""


class Evaluable(NamedTuple):
    """Hips that have an outcome, of which chance is asked."""

    entry: dict[str, np.ndarray]
    """By measure, the place of each hip among those of the people who read alike; see :meth:`Alike.hips`."""
    rule: dict[str, np.ndarray]
    """By test, the place of the rule that judged."""


def asked_for(
    groupings: Iterable[Sequence[str]], response: str | None, comparison: str | None, protocol: Protocol
) -> Asked:
    """Return what is asked for, checked."""
    names = chosen(counted_levels(protocol), response, comparison)
    return Asked(**names, groupings=tuple(tuple(dict.fromkeys(by)) for by in groupings), protocol=protocol)


def part_of(visits: pd.DataFrame, asked: Asked, known: Known | None = None) -> Part:
    """Return what rates need of a block of whole people; ``known`` keeps decisions on classes for further blocks."""
    protocol = asked.protocol
    by = list(dict.fromkeys([*asked.columns, "episode"]))
    hips = counted(visits, asked.response, asked.comparison, by, protocol, known)
    pairs, judged = hips.pairs, judge(hips.pairs, protocol, "strict", [asked.response])
    answer = judged[asked.response]
    sure = np.flatnonzero(answer.is_judged)
    first, entries = {}, {}
    for name in pairs.readings:
        first[name], entry = alike(first_of_people(pairs, name, protocol))
        n = len(first[name].n)
        entries[name] = (entry[pairs.person[sure]] + n * pairs.right[sure]).astype(smallest(2 * n))
    rules = {test: judged[test].rule[sure] for test in parts_of(asked.response, protocol)}
    clinic = _clinic_of_person(pairs.patient, hips.groups)
    grouped = tuple(_grouped(hips, answer, by, clinic) for by in asked.groupings)
    reached = bool(pairs.has_start.any()), bool(pairs.has_end.any())
    return Part(grouped, hips.groups["clinic_id"].categories, first, hips.again, reached, Evaluable(entries, rules))


def _grouped(hips: Counted, answer: Judged, by: Sequence[str], clinic: np.ndarray) -> Grouped:
    groups, group = _combinations(hips, by)
    columns = {"evaluable": answer.is_judged, "responders": answer.is_responder, "missing": answer.lacks_reading}
    n_groups = int(group.max(initial=0)) + 1
    people = people_in_groups(hips.pairs.patient, group, n_groups, clinic, columns)
    return Grouped(groups, _alike_together(people), group[answer.is_judged])


def _combinations(hips: Counted, by: Sequence[str]) -> tuple[dict[str, pd.Categorical], np.ndarray]:
    """Return the combinations of groups that occur, and the number of that of each hip."""
    columns = {name: hips.groups[name] for name in by}
    if not columns:
        return {}, np.zeros(len(hips.pairs), dtype="uint8")
    found = combine(
        [column.codes + 1 for column in columns.values()], [len(c.categories) + 1 for c in columns.values()]
    )
    groups = {
        name: pd.Categorical.from_codes(codes.astype("int64") - 1, dtype=column.dtype)
        for (name, column), codes in zip(columns.items(), found.answers, strict=True)
    }
    return groups, found.of_hip


def _clinic_of_person(patient: np.ndarray, groups: Mapping[str, pd.Categorical]) -> np.ndarray:
    """Return the clinic that each person counts with, by number; one more where none is recorded."""
    clinic, episode = groups["clinic_id"], groups["episode"]
    place = places_of_episodes(pd.Series(episode.categories))[episode.codes]
    first = first_of_person(patient, place, clinic.codes >= 0)
    return np.append(clinic.codes.astype("int64"), len(clinic.categories))[first]


def _alike_together(people: People) -> People:
    columns = people[1:]
    found = combine(columns, [int(column.max(initial=0)) + 1 for column in columns])
    return People(found.hips, *found.answers)
