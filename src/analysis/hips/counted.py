"""The hips of one comparison judged by one response, as they are counted: nothing is made that no count asks for.

A large study comes in blocks of whole people. Each becomes some thirty bytes a hip, and these are put together.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np
import pandas as pd
from pandas.api.types import union_categoricals

from analysis.hips.by_chance import ERRORS
from analysis.hips.change import CARRIED, comparison_order, differing, from_earlier
from analysis.hips.classify import attributes_of, decide_each, look_up
from analysis.hips.cohort import Hips, Read, hips_of, missing_of, numbered
from analysis.hips.criteria import simple_criteria
from analysis.hips.decide import Decision
from analysis.hips.pairs import Pairs, measures_compared
from analysis.hips.response import REASONS, errors_in_words, judge, response_order
from analysis.hips.usual import UNKNOWN, errors_tried, unchanged_comparisons
from analysis.protocol import Protocol
from analysis.schema import OUTCOMES, SIDES, VISIT, ordered


@dataclass(frozen=True)
class Counted:
    """Hips of one comparison in whole numbers.

    Attributes
    ----------
    pairs, again
        Their two visits; and those of hips that were read twice in the same way with nothing done in between.
    groups
        By column, what they are grouped by.
    """

    pairs: Pairs
    again: Pairs
    groups: dict[str, pd.Categorical]

    @property
    def is_reached(self) -> bool:
        """Whether some hips have the earlier visit, and some the later."""
        return bool(self.pairs.has_start.any() and self.pairs.has_end.any())


def groups_counted(protocol: Protocol) -> list[str]:
    """Return the columns by which hips can be counted so; others need the tables of the whole study."""
    return [*attributes_of(protocol, dividing=True), "side", "episode", *(CARRIED if protocol.types else [])]


def columns_counted(by: Sequence[str], protocol: Protocol) -> list[str]:
    """Return the columns of the assessments that are read to count hips by some of :func:`groups_counted`."""
    measures = list(measures_compared(protocol))
    if set(by) & set(CARRIED):
        measures += [rule.measure for rule in simple_criteria(protocol).values()]
        derived = [protocol.measures[name].derived for name in measures]
        measures += [level.measure for level in derived if level is not None]
    attributes = [name for name in attributes_of(protocol) if name in by]
    conditions = [name for name, condition in protocol.conditions.items() if condition.must_match]
    return list(dict.fromkeys([*VISIT, *attributes, *conditions, *measures]))


def counted(
    visits: pd.DataFrame,
    comparison: str,
    by: Sequence[str],
    protocol: Protocol,
    known: dict[bytes, Decision] | None = None,
) -> Counted:
    """Return the hips of a conformed table of assessments.

    ``by`` is among :func:`groups_counted`; ``known`` keeps decisions on classes for further blocks.
    """
    hips, read = hips_of(visits), Read(visits, protocol)
    pair = _visits_of([comparison], hips, protocol)
    again = _pairs(visits, read, _visits_of(unchanged_comparisons(protocol), hips, protocol), hips, "", protocol)
    groups = {}
    for name in by:
        if name == "side":
            groups[name] = pd.Categorical.from_codes(hips.side[pair.hip], dtype=ordered(SIDES))
        elif name == "episode":
            groups[name] = pd.Categorical.from_codes(hips.episode[pair.hip], hips.episodes)
        elif name not in CARRIED:
            groups[name] = _words(visits[name], from_earlier(visits[name], pair.start, pair.end))
    if set(by) & set(CARRIED):
        decided = decide_each(partial(read, rows=hips.rows[protocol.classify_at]), protocol, known)
        classes = look_up(*decided, protocol, CARRIED)
        groups |= {name: classes[name].array.take(pair.hip) for name in CARRIED if name in by}
    pairs = _pairs(visits, read, pair, hips, comparison, protocol)
    return Counted(pairs, again.only(again.comparable), {name: groups[name] for name in by})


class _Rows(NamedTuple):
    """Pairs of visits: the hip, and the rows of both; −1 where there was none."""

    hip: np.ndarray
    start: np.ndarray
    end: np.ndarray


def _visits_of(names: Sequence[str], hips: Hips, protocol: Protocol) -> _Rows:
    compared = [protocol.comparisons[name] for name in names]
    none = np.zeros((len(hips), 0), dtype="int64")
    start = np.column_stack([none, *(hips.rows[pair.start] for pair in compared)])
    end = np.column_stack([none, *(hips.rows[pair.end] for pair in compared)])
    hip, which = np.nonzero((start >= 0) | (end >= 0) if len(names) == 1 else (start >= 0) & (end >= 0))
    return _Rows(hip, start[hip, which], end[hip, which])


def _pairs(visits: pd.DataFrame, read: Read, rows: _Rows, hips: Hips, comparison: str, protocol: Protocol) -> Pairs:
    patient = hips.person[rows.hip]
    person = pd.factorize(patient.astype("int64") * max(len(hips.episodes), 1) + hips.episode[rows.hip])[0]
    return Pairs(
        comparison,
        patient,
        person.astype("int32"),
        hips.side[rows.hip] == 1,
        # Whether anything was measured tells why a hip has no outcome, of which a count knows nothing.
        rows.start >= 0,
        rows.end >= 0,
        differing(visits, rows.start, rows.end, protocol) == 0,
        {name: (read(name, rows.start), read(name, rows.end)) for name in measures_compared(protocol)},
    )


def _words(column: pd.Series, rows: np.ndarray) -> pd.Categorical:
    codes, words = numbered(column)
    kind = column.dtype if isinstance(column.dtype, pd.CategoricalDtype) else pd.CategoricalDtype(words)
    return pd.Categorical.from_codes(np.append(codes, -1)[rows], dtype=kind)


def together(blocks: Iterable[Counted]) -> Counted:
    """Put blocks of whole people, in the order of their identifiers, together."""
    parts = list(blocks)
    if len(parts) == 1:
        return parts[0]
    groups = {name: union_categoricals([part.groups[name] for part in parts]) for name in parts[0].groups}
    highest = [max(int(of.patient.max(initial=-1)) for of in (part.pairs, part.again)) for part in parts]
    people = np.cumsum([0, *(number + 1 for number in highest)])
    pairs, again = (_joined([getattr(part, of) for part in parts], people) for of in ("pairs", "again"))
    in_order = {
        name: column if column.ordered else column.reorder_categories(sorted(column.categories))
        for name, column in groups.items()
    }
    return Counted(pairs, again, in_order)


def _joined(parts: Sequence[Pairs], people: np.ndarray) -> Pairs:
    """Join pairs whose people follow each other; the people of each part are numbered from 0."""
    episodes = np.cumsum([0, *(int(part.person.max(initial=-1)) + 1 for part in parts)])
    whose = [(part.patient + people[place], part.person + episodes[place]) for place, part in enumerate(parts)]
    patient, person = (np.concatenate(numbers).astype("int32") for numbers in zip(*whose, strict=True))
    flags = {
        name: np.concatenate([getattr(part, name) for part in parts])
        for name in ("right", "has_start", "has_end", "comparable")
    }
    readings = {
        name: (_widest([part.readings[name][0] for part in parts]), _widest([part.readings[name][1] for part in parts]))
        for name in parts[0].readings
    }
    return Pairs(parts[0].comparison, patient, person, **flags, readings=readings)


def _widest(parts: Sequence[np.ndarray]) -> np.ndarray:
    """Join whole numbers of different sizes; what is missing stays so."""
    kind = np.result_type(*(part.dtype for part in parts))
    lowest = kind.type(missing_of(kind))
    return np.concatenate([np.where(part == missing_of(part.dtype), lowest, part.astype(kind)) for part in parts])


def judged_rows(hips: Counted, response: str, protocol: Protocol, reading: str = "strict") -> pd.DataFrame:
    """Judge the hips by one response.

    Parameters
    ----------
    hips
        Of the whole cohort: its first readings tell what chance does.
    response, protocol, reading
        As for :func:`analysis.respond`.

    Returns
    -------
    pandas.DataFrame
        Rows of :func:`analysis.respond` for this comparison and response in the same order, with the columns that
        :func:`analysis.rates` and :func:`analysis.compare_sides` look at: words as categories, people as numbers.
    """
    if hips.pairs.comparison != protocol.primary_comparison and not hips.is_reached:
        nobody = np.zeros(0, dtype="int64")
        groups = {name: column.take(nobody) for name, column in hips.groups.items()}
        hips = Counted(hips.pairs.only(nobody), hips.again, groups)
    protocol = errors_tried(hips.again, protocol)
    judged = judge(hips.pairs, protocol, reading, [response])[response]
    n, errors = len(hips.pairs), errors_in_words(response, protocol)
    levels = counted_levels(protocol)
    names = {"response": response, "comparison": hips.pairs.comparison}
    unknown = pd.Categorical.from_codes(judged.unknown, pd.Index(UNKNOWN))
    used = {name: column if column.ordered else column.remove_unused_categories()
            for name, column in hips.groups.items()}  # fmt: skip
    return pd.DataFrame(
        {
            "patient_id": hips.pairs.patient,
            **used,
            **{name: _always(own, n, levels[name].cat.categories) for name, own in names.items()},
            "outcome": pd.Categorical.from_codes(judged.outcome, dtype=ordered(OUTCOMES)),
            "reason": pd.Categorical.from_codes(judged.reason, pd.Index(REASONS)),
            **{f"chance{error}": chance for error, chance in zip(ERRORS, judged.chance, strict=True)},
            "chance_unknown": unknown.reorder_categories(sorted(UNKNOWN), ordered=True),
            "chance_errors": _always(errors, n, pd.Index([errors])),
        },
        copy=False,
    )


def _always(word: str, n: int, words: pd.Index) -> pd.Categorical:
    return pd.Categorical.from_codes(np.full(n, list(words).index(word), dtype="int8"), words, ordered=True)


def counted_levels(protocol: Protocol) -> pd.DataFrame:
    """Return an empty table of responses, which knows what can be asked for: the primary ones first."""
    levels = {"response": response_order(protocol), "comparison": comparison_order(protocol)}
    return pd.DataFrame({name: pd.Series([], dtype=ordered(words)) for name, words in levels.items()})
