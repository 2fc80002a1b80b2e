"""Rates straight from visits that come in blocks of whole people: each block by itself, then all added up.

No table of hips is made. What a block leaves takes some twenty bytes a hip and hangs on no other block, so blocks may
be gone through one after the other, by several processes, or on several machines.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
import pandas as pd
from pandas.api.types import union_categoricals

from analysis.answers.counting import CHANCES, Counts, People, counted_in_groups, people_in_groups, with_not_recorded
from analysis.answers.rates import chosen, finished
from analysis.hips.by_chance import Chance, gains_by_chance, share_starting, turns_by_chance
from analysis.hips.combinations import combine, in_shares, whole_totals
from analysis.hips.counted import Counted, counted, counted_levels
from analysis.hips.decide import Decision
from analysis.hips.judge import Judged, Rule, judge, parts_of, rules_of
from analysis.hips.pairs import Pairs, widest
from analysis.hips.reread import Reread, errors_tried, reread_together
from analysis.hips.response import chances, errors_in_words
from analysis.hips.usual import (
    UNKNOWN,
    FirstOfHips,
    FirstOfPeople,
    first_of_people,
    usual_of,
    what_is_usual,
)
from analysis.protocol import Protocol
from analysis.protocol.responses import BecomesRule
from analysis.stats.admitted import FirstReadings


class Asked(NamedTuple):
    """What is counted, and by what: columns among :func:`analysis.hips.counted.groups_counted`."""

    response: str
    comparison: str
    by: tuple[str, ...]
    protocol: Protocol


class Part(NamedTuple):
    """What rates need of some whole people."""

    groups: dict[str, pd.Categorical]
    """By column, its value in each combination of groups that occurs."""
    clinics: pd.Index
    people: People
    """In combinations by number; clinics are places in ``clinics``, its length where it is not recorded."""
    first: dict[str, FirstOfPeople]
    """By measure, the first readings of everyone."""
    again: dict[str, Reread]
    reached: tuple[bool, bool]
    """Whether some hips have the earlier visit, and some the later."""
    judged: Evaluable


class Evaluable(NamedTuple):
    """Hips that have an outcome, of which chance is asked."""

    group: np.ndarray
    rule: dict[str, np.ndarray]
    """By test, the place of the rule that judged."""
    first: dict[str, FirstOfHips]


def rates_of_visits(
    visits: Iterable[pd.DataFrame],
    by: Sequence[str],
    response: str | None,
    comparison: str | None,
    protocol: Protocol,
) -> pd.DataFrame:
    """Count responders from visits that come in blocks; otherwise as :func:`analysis.rates`.

    Parameters
    ----------
    visits
        Conformed assessments, each person within one block, the people in the order of their identifiers. Words may
        be categories in the order of the words.
    by
        Among :func:`analysis.hips.counted.groups_counted`.
    response, comparison, protocol
        As for :func:`analysis.rates`.
    """
    asked = asked_for(by, response, comparison, protocol)
    known: dict[bytes, Decision] = {}
    return rates_of_parts([part_of(block, asked, known) for block in visits], asked)


def asked_for(by: Sequence[str], response: str | None, comparison: str | None, protocol: Protocol) -> Asked:
    """Return what is asked for, checked."""
    return Asked(
        **chosen(counted_levels(protocol), response, comparison), by=tuple(dict.fromkeys(by)), protocol=protocol
    )


def part_of(visits: pd.DataFrame, asked: Asked, known: dict[bytes, Decision] | None = None) -> Part:
    """Return what rates need of a block of whole people; ``known`` keeps decisions on classes for further blocks."""
    protocol, pairs_by = asked.protocol, tuple(dict.fromkeys([*asked.by, "clinic_id"]))
    hips = counted(visits, asked.response, asked.comparison, pairs_by, protocol, known)
    pairs, judged = hips.pairs, judge(hips.pairs, protocol, "strict", [asked.response])
    groups, group = _combinations(hips, asked.by)
    answer = judged[asked.response]
    columns = {
        "evaluable": answer.is_judged,
        "responders": answer.is_responder,
        "missing": answer.lacks_reading,
    }
    clinic, first = hips.groups["clinic_id"], _first_readings(pairs, asked)
    of_person = _clinic_of_person(pairs.patient, clinic, answer.is_judged)
    people = people_in_groups(pairs.patient, group, max(int(group.max(initial=0)) + 1, 1), of_person, columns)
    sure = np.flatnonzero(answer.is_judged)
    person, right = pairs.person[sure], pairs.right[sure]
    evaluable = Evaluable(
        group[sure],
        {test: judged[test].rule[sure] for test in parts_of(asked.response, protocol)},
        {name: of_people.of_hips(person, right) for name, of_people in first.items()},
    )
    reached = bool(pairs.has_start.any()), bool(pairs.has_end.any())
    return Part(groups, clinic.categories, _alike_together(people), first, hips.again, reached, evaluable)


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


def _first_readings(pairs: Pairs, asked: Asked) -> dict[str, FirstOfPeople]:
    return {name: first_of_people(pairs, name, asked.protocol) for name in pairs.readings}


def _clinic_of_person(patient: np.ndarray, clinic: pd.Categorical, judged: np.ndarray) -> np.ndarray:
    """Return the first recorded clinic of each person's evaluable hips, by number; one more where there is none."""
    known = np.flatnonzero(judged & (clinic.codes >= 0))[::-1]
    of_person = np.full(int(patient.max(initial=-1)) + 1, len(clinic.categories))
    of_person[patient[known]] = clinic.codes[known]  # of several the last stays, that of the first hip
    return of_person


def _alike_together(people: People) -> People:
    columns = people[1:]
    found = combine(columns, [int(column.max(initial=0)) + 1 for column in columns])
    return People(found.hips, *found.answers)


# ------------------------------------------------------------------------------------------- all parts together


def rates_of_parts(
    parts: Sequence[Part],
    asked: Asked,
    each: Callable[..., Iterable[tuple[np.ndarray, str]]] = map,
) -> pd.DataFrame:
    """Return rates from the parts of a whole cohort.

    ``each`` maps over the parts, as the built-in ``map`` does; other processes may do the work.
    """
    reached = [any(ends) for ends in zip(*(part.reached for part in parts), strict=True)]
    if asked.comparison != asked.protocol.primary_comparison and not all(reached):
        parts = [_nobody(part) for part in parts]
    groups, numbers, n_groups = _groups_of_all(parts, asked)
    people, n_clinics = _people_of_all(parts, numbers)
    protocol = errors_tried(reread_together([part.again for part in parts]), asked.protocol)
    asked = asked._replace(protocol=protocol)
    told = partial(_chances_of_part, asked=asked, usual=_usual_of_all(parts, asked), n_groups=n_groups)
    totals, unknown = zip(*each(told, [part.judged for part in parts], numbers), strict=True)
    sums = dict(zip(CHANCES, in_shares(np.moveaxis(np.sum(totals, axis=0), 1, 0)), strict=True))
    table = counted_in_groups(Counts(people, sums, n_groups, n_clinics), groups)
    errors = errors_in_words(asked.response, protocol) if len(people.n) else ""
    return finished(table, max(unknown), errors, {"response": asked.response, "comparison": asked.comparison})


def _nobody(part: Part) -> Part:
    none = slice(0, 0)
    groups = {name: column[none] for name, column in part.groups.items()}
    first = {name: FirstOfPeople(found.sides[:, none], found.kept[none]) for name, found in part.first.items()}
    of_hips = {name: FirstOfHips(*(column[none] for column in found)) for name, found in part.judged.first.items()}
    rules = {name: rule[none] for name, rule in part.judged.rule.items()}
    judged = Evaluable(part.judged.group[none], rules, of_hips)
    return part._replace(
        groups=groups, people=People(*(column[none] for column in part.people)), first=first, judged=judged
    )


def _groups_of_all(parts: Sequence[Part], asked: Asked) -> tuple[dict[str, pd.Series], list[np.ndarray], int]:
    """Return the levels of each column, the number of each combination in every part, and how many groups there are."""
    groups, n_groups = {}, 1
    sizes = [len(part.groups[asked.by[0]]) if asked.by else 1 for part in parts]
    number = np.zeros(sum(sizes), dtype="int64")
    for name in asked.by:
        column = union_categoricals([part.groups[name] for part in parts])
        if not column.ordered:
            column = column.remove_unused_categories()
            column = column.reorder_categories(sorted(column.categories))
        groups[name] = with_not_recorded(pd.Series(column))
        levels = groups[name].cat
        number = number * len(levels.categories) + levels.codes.to_numpy()
        n_groups *= len(levels.categories)
    return groups, np.split(number, np.cumsum(sizes)[:-1]), n_groups


def _people_of_all(parts: Sequence[Part], numbers: Sequence[np.ndarray]) -> tuple[People, int]:
    """Return the people of all parts in groups and clinics of all, and how many clinics have evaluable hips."""
    seen = [part.clinics[np.unique(part.people.clinic[part.people.clinic < len(part.clinics)])] for part in parts]
    clinics = pd.Index(sorted(set().union(*seen)))
    found = []
    for part, number in zip(parts, numbers, strict=True):
        place = np.append(clinics.get_indexer(part.clinics), len(clinics))
        people = part.people._replace(group=number[part.people.group], clinic=place[part.people.clinic])
        found.append(people)
    return People(*(np.concatenate(columns) for columns in zip(*found, strict=True))), len(clinics)


def _usual_of_all(parts: Sequence[Part], asked: Asked) -> dict[Rule, FirstReadings | str | float]:
    """Return by rule what first readings are usual in the whole cohort: of a level the share that can turn."""
    protocol, found = asked.protocol, dict[Rule, FirstReadings | str | float]()
    for name in parts[0].first:
        sides = np.hstack(widest([part.first[name].sides for part in parts]))
        people = FirstOfPeople(sides, np.concatenate([part.first[name].kept for part in parts]))
        for rule in rules_of(asked.response, protocol):
            if rule.measure != name:
                continue
            if isinstance(rule, BecomesRule):
                found[rule] = share_starting(sides, rule, protocol)
            elif protocol.measures[name].sem is not None:
                found[rule] = what_is_usual(people, name, asked.comparison, protocol)
    return found


def _chances_of_part(
    hips: Evaluable, number: np.ndarray, asked: Asked, usual: Mapping[Rule, FirstReadings | str | float], n_groups: int
) -> tuple[np.ndarray, str]:
    """Return the sums of what chance gives the hips of each group, and why it is not known of some."""

    def of_rule(rule: Rule, rows: np.ndarray) -> Chance:
        return _chance_of_rule(hips.first[rule.measure], rule, rows, usual.get(rule), asked)

    n = len(hips.group)
    judged = {test: Judged(np.zeros(n, "int8"), np.zeros(n, "int8"), rule) for test, rule in hips.rule.items()}
    judged.setdefault(asked.response, Judged(*np.zeros((3, n), "int8")))
    found = chances(judged, [asked.response], of_rule, asked.protocol)[asked.response]
    totals = np.stack([whole_totals(number[hips.group], n_groups, shares) for shares in found.probability])
    why = np.unique(found.unknown[np.isnan(found.probability[0])])
    return totals, max((UNKNOWN[code] for code in why), default="")


def _chance_of_rule(
    first: FirstOfHips, rule: Rule, rows: np.ndarray, usual: FirstReadings | str | float | None, asked: Asked
) -> Chance:
    if isinstance(rule, BecomesRule):
        assert isinstance(usual, float)
        return turns_by_chance(first.own, usual, rule, asked.protocol)
    if usual is None:
        return Chance(np.full((len(CHANCES), len(rows)), np.nan), "")
    assert not isinstance(usual, float)
    found = usual_of(first, usual, rule.measure, asked.comparison, asked.protocol)
    return gains_by_chance(found, first.own, rule, "strict", asked.protocol, rows)
