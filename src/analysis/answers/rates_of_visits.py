"""Rates straight from visits that come in blocks of whole people: the parts that blocks leave, added up exactly."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from pandas.api.types import union_categoricals

from analysis.answers.counting import CHANCES, Counts, People, counted_in_groups, with_not_recorded
from analysis.answers.parts import Asked, Evaluable, Grouped, Part, part_of
from analysis.answers.rates import finished
from analysis.hips.by_chance import Chance, gains_by_chance, share_starting, turns_by_chance
from analysis.hips.classify import Known
from analysis.hips.combinations import in_shares, whole_totals
from analysis.hips.judge import Judged, Rule
from analysis.hips.pairs import widest
from analysis.hips.reread import errors_tried, reread_together
from analysis.hips.response import HipChances, chances, errors_in_words
from analysis.hips.usual import UNKNOWN, Alike, FirstOfPeople, alike, usual_of, what_is_usual
from analysis.protocol.responses import BecomesRule


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


def rates_of_parts(parts: Sequence[Part], asked: Asked) -> list[pd.DataFrame]:
    """Return rates from the parts of a whole cohort, one table for each grouping."""
    reached = [any(ends) for ends in zip(*(part.reached for part in parts), strict=True)]
    if asked.comparison != asked.protocol.primary_comparison and not all(reached):
        parts = [_nobody(part) for part in parts]
    again = reread_together([part.again for part in parts])
    asked = asked._replace(protocol=errors_tried(again, asked.protocol))
    groups = [_groups_of_all([part.grouped[place] for part in parts], by) for place, by in enumerate(asked.groupings)]
    chance_of, totals, unknown = _ByRule(parts, asked), [], set()
    for place, part in enumerate(parts):
        found = chance_of.hips(place)
        in_groups = [of.numbers[place][own.evaluable] for of, own in zip(groups, part.grouped, strict=True)]
        totals.append([_sums(found, group, of.n) for of, group in zip(groups, in_groups, strict=True)])
        unknown |= set(found.unknown[np.isnan(found.probability[0])].tolist())
    names = {"response": asked.response, "comparison": asked.comparison}
    tables, why = [], max((UNKNOWN[code] for code in unknown), default="")
    for place, of in enumerate(groups):
        sums = in_shares(np.sum([of_part[place] for of_part in totals], axis=0))
        people, n_clinics = _people_of_all(parts, place, of.numbers)
        counts = Counts(people, dict(zip(CHANCES, sums, strict=True)), of.n, n_clinics)
        errors = errors_in_words(asked.response, asked.protocol) if len(people.n) else ""
        tables.append(finished(counted_in_groups(counts, of.levels), why, errors, names))
    return tables


def _nobody(part: Part) -> Part:
    none = slice(0, 0)
    first = {name: FirstOfPeople(found.sides[:, none], found.kept[none]) for name, found in part.first.items()}
    hips = part.evaluable
    evaluable = Evaluable(hips.person[none], hips.right[none], {name: rule[none] for name, rule in hips.rule.items()})
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
        column = union_categoricals([part.groups[name] for part in parts])
        if not column.ordered:
            column = column.remove_unused_categories()
            column = column.reorder_categories(sorted(column.categories))
        levels[name] = with_not_recorded(pd.Series(column))
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


class _ByRule:
    """What chance gives the evaluable hips of a cohort: worked out once for people who read alike, and looked up."""

    def __init__(self, parts: Sequence[Part], asked: Asked) -> None:
        self._asked, self._parts = asked, parts
        people = [len(next(iter(part.first.values())).kept) for part in parts]
        self._first_person = np.cumsum([0, *people])
        self._alike: dict[str, Alike] = {}
        self._chance: dict[Rule, Chance] = {}

    def _people(self, measure: str) -> Alike:
        if measure not in self._alike:
            parts = [part.first[measure] for part in self._parts]
            sides = np.hstack(widest([part.sides for part in parts]))
            self._alike[measure] = alike(FirstOfPeople(sides, np.concatenate([part.kept for part in parts])))
        return self._alike[measure]

    def _of_kinds(self, rule: Rule) -> Chance:
        """Return what chance gives a left hip of each kind of people, then a right one; by rules that judged some."""
        if rule not in self._chance:
            self._chance[rule] = self._worked_out(rule, self._people(rule.measure))
        return self._chance[rule]

    def _worked_out(self, rule: Rule, people: Alike) -> Chance:
        hips, protocol = people.hips(), self._asked.protocol
        if isinstance(rule, BecomesRule):
            share = share_starting(people.first.sides, rule, protocol, people.n)
            return turns_by_chance(hips.own, share, rule, protocol)
        if protocol.measures[rule.measure].sem is None:
            return Chance(np.full((len(CHANCES), len(hips.own)), np.nan), "")
        found = what_is_usual(people, rule.measure, self._asked.comparison, protocol)
        usual = usual_of(hips, found, rule.measure, self._asked.comparison, protocol)
        return gains_by_chance(usual, hips.own, rule, "strict", protocol)

    def hips(self, place: int) -> HipChances:
        """Return what chance gives the evaluable hips of a part."""
        of, name = self._parts[place].evaluable, self._asked.response
        n, person = len(of.person), of.person + self._first_person[place]

        def of_rule(rule: Rule, rows: np.ndarray) -> Chance:
            people, chance = self._people(rule.measure), self._of_kinds(rule)
            kind = people.of_person[person] + len(people.n) * of.right
            return Chance(chance.probability[:, kind], chance.unknown)

        judged = {test: Judged(np.zeros(n, "int8"), np.zeros(n, "int8"), rule) for test, rule in of.rule.items()}
        judged.setdefault(name, Judged(*np.zeros((3, n), "int8")))
        return chances(judged, [name], of_rule, self._asked.protocol)[name]
