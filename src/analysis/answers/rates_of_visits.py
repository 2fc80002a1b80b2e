"""Rates straight from visits that come in blocks of whole people: the parts that blocks leave, added up exactly."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from analysis.answers.counting import CHANCES, Counts, People, counted_in_groups, with_not_recorded
from analysis.answers.parts import Asked, Evaluable, Grouped, Part, part_of
from analysis.answers.rates import finished
from analysis.hips.by_chance import Chance
from analysis.hips.chance_looked_up import ChanceLookedUp
from analysis.hips.classify import Known
from analysis.hips.combinations import in_shares, whole_totals
from analysis.hips.counted import words_together
from analysis.hips.judge import Judged, Rule
from analysis.hips.reread import errors_tried, reread_together
from analysis.hips.response import HipChances, chances, errors_in_words
from analysis.hips.usual import UNKNOWN, alike


def rates_of_visits(visits: Iterable[pd.DataFrame], asked: Asked) -> list[pd.DataFrame]:
    """Count responders from visits that come in blocks: for each grouping what :func:`analysis.rates` gives.

    Parameters
    ----------
    visits
        Conformed assessments, each person within one block, the people in the order of their identifiers. Words may
        be categories in the order of the words.
    asked
        What is counted; see :func:`analysis.answers.parts.asked_for`.
    """
    known = Known({}, {})
    return rates_of_parts([part_of(block, asked, known) for block in visits], asked)


def rates_of_parts(parts: Sequence[Part], asked: Asked, each: Callable[..., Iterable[Any]] = map) -> list[pd.DataFrame]:
    """Return rates from the parts of a whole cohort, one table for each grouping.

    ``each`` goes through the parts as ``map`` does, perhaps by several threads.
    """
    reached = [any(ends) for ends in zip(*(part.reached for part in parts), strict=True)]
    if asked.comparison != asked.protocol.primary_comparison and not all(reached):
        parts = [_nobody(part) for part in parts]
    again = reread_together([part.again for part in parts])
    asked = asked._replace(protocol=errors_tried(again, asked.protocol))
    groups = [_groups_of_all([part.grouped[place] for part in parts], by) for place, by in enumerate(asked.groupings)]
    known = ChanceLookedUp([part.first for part in parts], asked.comparison, asked.protocol)

    def of_part(place: int) -> tuple[list[np.ndarray], set[int]]:
        found = _chances_of_part(parts[place], place, known, asked)
        in_groups = [of.numbers[place][own.evaluable] for of, own in zip(groups, parts[place].grouped, strict=True)]
        sums = [_sums(found, group, of.n) for of, group in zip(groups, in_groups, strict=True)]
        return sums, set(found.unknown[np.isnan(found.probability[0])].tolist())

    totals, unknown = zip(*each(of_part, range(len(parts))), strict=True)
    names = {"response": asked.response, "comparison": asked.comparison}
    tables, why = [], max((UNKNOWN[code] for code in set().union(*unknown)), default="")
    for place, of in enumerate(groups):
        sums = in_shares(np.sum([whole[place] for whole in totals], axis=0))
        people, n_clinics = _people_of_all(parts, place, of.numbers)
        counts = Counts(people, dict(zip(CHANCES, sums, strict=True)), of.n, n_clinics)
        errors = errors_in_words(asked.response, asked.protocol) if len(people.n) else ""
        tables.append(finished(counted_in_groups(counts, of.levels), why, errors, names))
    return tables


def _nobody(part: Part) -> Part:
    none = slice(0, 0)
    first = {name: alike(found.first.only(none))[0] for name, found in part.first.items()}
    evaluable = Evaluable(*({name: numbers[none] for name, numbers in of.items()} for of in part.evaluable))
    grouped = [
        Grouped(
            {name: column[none] for name, column in of.groups.items()},
            People(*(column[none] for column in of.people)),
            of.evaluable[none],
        )
        for of in part.grouped
    ]
    return part._replace(grouped=tuple(grouped), first=first, evaluable=evaluable)


class _Groups(NamedTuple):
    """The groups of the whole cohort: their levels, the number of each combination of every part, and how many."""

    levels: dict[str, pd.Series]
    numbers: list[np.ndarray]
    n: int


def _groups_of_all(parts: Sequence[Grouped], by: Sequence[str]) -> _Groups:
    levels, n_groups = {}, 1
    sizes = [len(part.groups[by[0]]) if by else 1 for part in parts]
    number = np.zeros(sum(sizes), dtype="int64")
    for name in by:
        levels[name] = with_not_recorded(pd.Series(words_together([part.groups[name] for part in parts])))
        words = levels[name].cat
        number = number * len(words.categories) + words.codes.to_numpy()
        n_groups *= len(words.categories)
    return _Groups(levels, np.split(number, np.cumsum(sizes)[:-1]), n_groups)


def _people_of_all(parts: Sequence[Part], place: int, numbers: Sequence[np.ndarray]) -> tuple[People, int]:
    """Return the people of one grouping in groups and clinics of all, and how many clinics have evaluable hips."""
    own = [part.grouped[place].people for part in parts]
    seen = [
        part.clinics[np.unique(people.clinic[people.clinic < len(part.clinics)])]
        for part, people in zip(parts, own, strict=True)
    ]
    clinics = pd.Index(sorted(set().union(*seen)))
    found = []
    for part, people, number in zip(parts, own, numbers, strict=True):
        of_clinic = np.append(clinics.get_indexer(part.clinics), len(clinics))
        found.append(people._replace(group=number[people.group], clinic=of_clinic[people.clinic]))
    return People(*(np.concatenate(columns) for columns in zip(*found, strict=True))), len(clinics)


def _sums(found: HipChances, group: np.ndarray, n_groups: int) -> np.ndarray:
    """Return the sums of what chance gives each group, as whole numbers to be added up: (2, errors, groups)."""
    return np.stack([whole_totals(group, n_groups, shares) for shares in found.probability], axis=1)


def _chances_of_part(part: Part, place: int, known: ChanceLookedUp, asked: Asked) -> HipChances:
    """Return what chance gives the evaluable hips of a part."""
    of, name = part.evaluable, asked.response

    def of_rule(rule: Rule, rows: np.ndarray) -> Chance:
        return known.of_hips(rule, place, of.entry[rule.measure])

    n = len(next(iter(of.rule.values())))
    judged = {test: Judged(np.zeros(n, "int8"), np.zeros(n, "int8"), rule) for test, rule in of.rule.items()}
    judged.setdefault(name, Judged(*np.zeros((3, n), "int8")))
    return chances(judged, [name], of_rule, asked.protocol)[name]
