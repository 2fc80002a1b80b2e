"""The hips of one comparison judged by one response, as they are counted: nothing is made that no count asks for.

A large study comes in blocks of whole people. Each becomes some thirty bytes a hip, and these are put together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from pandas.api.types import union_categoricals

from analysis.hips.change import CARRIED, comparison_order, differing, from_earlier
from analysis.hips.classify import Known, attributes_of, decide_each, look_up, measures_classified
from analysis.hips.cohort import Hips, Read, hips_of, numbered, or_none
from analysis.hips.judge import rules_of
from analysis.hips.pairs import Pairs, in_one_episode, measures_compared
from analysis.hips.reread import Reread, reread_of, unchanged_comparisons
from analysis.hips.response import response_order
from analysis.protocol import Protocol
from analysis.protocol.responses import BecomesRule
from analysis.schema import SIDES, VISIT, ordered


@dataclass(frozen=True)
class Counted:
    """Hips of one comparison in whole numbers.

    Attributes
    ----------
    pairs
        Their two visits.
    again
        By measure, what hips showed that were read twice in the same way with nothing done in between.
    groups
        By column, what they are grouped by.
    """

    pairs: Pairs
    again: dict[str, Reread]
    groups: dict[str, pd.Categorical]


def groups_counted(protocol: Protocol) -> list[str]:
    """Return the columns by which hips can be counted so; others need the tables of the whole study."""
    return [*attributes_of(protocol, dividing=True), "side", "episode", *(CARRIED if protocol.types else [])]


def columns_counted(by: Sequence[str], protocol: Protocol, response: str | None = None) -> list[str]:
    """Return the columns of the assessments that are read to count hips by some of :func:`groups_counted`.

    ``response`` is the one asked for, the primary one if left out.
    """
    name = response or protocol.primary_response
    measures = [*measures_judged(name, protocol), *_measures_reread(name, protocol)]
    if set(by) & set(CARRIED):
        measures += measures_classified(protocol)
    attributes = [name for name in attributes_of(protocol) if name in by]
    conditions = [name for name, condition in protocol.conditions.items() if condition.must_match]
    return list(dict.fromkeys([*VISIT, *attributes, *conditions, *measures]))


def measures_judged(response: str, protocol: Protocol) -> list[str]:
    """Return the measures by which a response judges."""
    return list(dict.fromkeys(rule.measure for rule in rules_of(response, protocol)))


def _measures_reread(response: str, protocol: Protocol) -> list[str]:
    """Return the measures behind a response of whose error the readings of a study can tell."""
    rules = rules_of(response, protocol)
    behind = {rule.measure for rule in rules} | {rule.latent for rule in rules if isinstance(rule, BecomesRule)}
    return [name for name, measure in measures_compared(protocol).items() if name in behind and measure.sem is not None]


def counted(
    visits: pd.DataFrame,
    response: str,
    comparison: str,
    by: Sequence[str],
    protocol: Protocol,
    known: Known | None = None,
) -> Counted:
    """Return the hips of a conformed table of assessments.

    ``response`` and ``comparison`` name one of each; ``by`` is among :func:`groups_counted`; ``known`` keeps decisions
    on classes for further blocks.
    """
    hips, read = hips_of(visits), Read(visits, protocol)
    pair = _visits_of([comparison], hips, protocol)
    unchanged = _visits_of(unchanged_comparisons(protocol), hips, protocol)
    again = _pairs(visits, read, unchanged, hips, _measures_reread(response, protocol), protocol)
    groups = {}
    for name in by:
        if name == "side":
            groups[name] = pd.Categorical.from_codes(hips.side[pair.hip], dtype=ordered(SIDES))
        elif name == "episode":
            groups[name] = pd.Categorical.from_codes(hips.episode[pair.hip], hips.episodes)
        elif name not in CARRIED:
            groups[name] = _words(visits[name], from_earlier(visits[name], pair.start, pair.end))
    if set(by) & set(CARRIED):
        decisions, which = decide_each(visits, hips, protocol, known)
        classes = look_up(decisions, which[pair.hip], protocol, [name for name in CARRIED if name in by])
        groups |= {str(name): classes[name].array for name in classes}
    pairs = _pairs(visits, read, pair, hips, measures_judged(response, protocol), protocol, comparison)
    return Counted(pairs, reread_of(again.only(again.comparable), protocol), {name: groups[name] for name in by})


def compared(
    visits: pd.DataFrame,
    hips: Hips,
    read: Read,
    comparison: str,
    protocol: Protocol,
    measures: Sequence[str] | None = None,
) -> Compared:
    """Return the pairs of visits of one comparison, with the readings of every measure that some rule looks at.

    ``measures`` are those wanted, where not all are.
    """
    pair = _visits_of([comparison], hips, protocol)
    names = list(measures_compared(protocol)) if measures is None else measures
    return Compared(_pairs(visits, read, pair, hips, names, protocol, comparison), pair.hip)


class Compared(NamedTuple):
    """The hips of one comparison, and the place of each among all hips."""

    pairs: Pairs
    hip: np.ndarray


def read_again(
    visits: pd.DataFrame, hips: Hips, read: Read, protocol: Protocol, measures: Sequence[str] | None = None
) -> dict[str, Reread]:
    """Return by measure, of those whose error is known, what hips showed that were read twice in the same way.

    ``measures`` are those wanted, of known error, where not all are.
    """
    rows = _visits_of(unchanged_comparisons(protocol), hips, protocol)
    if measures is None:
        measures = [name for name, measure in measures_compared(protocol).items() if measure.sem is not None]
    again = _pairs(visits, read, rows, hips, measures, protocol)
    return reread_of(again.only(again.comparable), protocol)


_NO_ROWS = [np.zeros(0, dtype="intp")] * 3


class _Rows(NamedTuple):
    """Pairs of visits: the hip, and the rows of both; −1 where there was none."""

    hip: np.ndarray
    start: np.ndarray
    end: np.ndarray


def _visits_of(names: Sequence[str], hips: Hips, protocol: Protocol) -> _Rows:
    """Return the visits of hips with one of the two, of one comparison; of several, those of hips with both."""
    found = []
    for name in names:
        start, end = (hips.rows[when] for when in (protocol.comparisons[name].start, protocol.comparisons[name].end))
        hip = np.flatnonzero((start >= 0) | (end >= 0) if len(names) == 1 else (start >= 0) & (end >= 0))
        # Rows are looked up by them many times, for which numpy wants its own kind of whole numbers.
        found.append(_Rows(hip, start[hip].astype("intp"), end[hip].astype("intp")))
    return _Rows(*(np.concatenate(column) for column in zip(*found, strict=True))) if found else _Rows(*_NO_ROWS)


def _pairs(
    visits: pd.DataFrame,
    read: Read,
    rows: _Rows,
    hips: Hips,
    measures: Sequence[str],
    protocol: Protocol,
    comparison: str = "",
) -> Pairs:
    patient = hips.person[rows.hip]
    n_people = int(hips.person.max(initial=-1)) + 1
    return Pairs(
        comparison,
        patient,
        in_one_episode(patient, n_people, hips.episode[rows.hip], len(hips.episodes)),
        hips.side[rows.hip] == 1,
        # Whether anything was measured tells why a hip has no outcome, of which a count knows nothing.
        rows.start >= 0,
        rows.end >= 0,
        differing(visits, rows.start, rows.end, protocol) == 0,
        {name: (read(name, rows.start), read(name, rows.end)) for name in measures},
    )


def _words(column: pd.Series, rows: np.ndarray) -> pd.Categorical:
    codes, words = numbered(column)
    kind = column.dtype if isinstance(column.dtype, pd.CategoricalDtype) else pd.CategoricalDtype(words)
    return pd.Categorical.from_codes(or_none(codes)[rows], dtype=kind)


def words_together(parts: Sequence[pd.Categorical]) -> pd.Categorical:
    """Put the words of blocks together: the levels of ordered ones stay, others are those that occur, in order."""
    column: pd.Categorical = union_categoricals(list(parts))
    if column.ordered:
        return column
    column = column.remove_unused_categories()
    return column.reorder_categories(column.categories.sort_values())


def counted_levels(protocol: Protocol) -> pd.DataFrame:
    """Return an empty table of responses, which knows what can be asked for: the primary ones first."""
    levels = {"response": response_order(protocol), "comparison": comparison_order(protocol)}
    return pd.DataFrame({name: pd.Series([], dtype=ordered(words)) for name, words in levels.items()})
