"""What the reports of a study print: the counts of the whole study and of every clinic, row by row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, product
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import pandas as pd

from analysis.answers.classes import questions_of_care, questions_of_safety
from analysis.answers.counting import NOT_RECORDED
from analysis.answers.flow import questions_of_follow_up
from analysis.answers.rates import select
from analysis.disclosure.other_tables import counts_of_others
from analysis.hips.judge import ALREADY, NO_SHARE, NOT_MISSING
from analysis.pipeline import Tables
from analysis.protocol import Protocol
from analysis.schema import SIDES, in_first_episode, states

ABOUT = ["family", "key", "labels", "clinic", "like"]
WHOLE = ""
CLINIC = "clinic_id"
RATES = ["n_patients", "n_hips", "n_evaluable", "n_responders", "n_missing"]
RATES += ["n_patients_evaluable", "n_patients_with", "n_patients_without"]
SIDE_COUNTS = ["both", "left_only", "right_only", "neither", "n", "one_hip_left", "one_hip_right"]
SIDE_COUNTS += ["one_hip_left_responders", "one_hip_right_responders", "one_hip_behind"]
FIRM = ["n_definite", "n_borderline"]
_SHARES = {"n_evaluable": "n_known", "n_responders": "n_yes", "n_missing": "n_not_known"}
Row: TypeAlias = dict[str, Any]


def row_key(family: str, labels: Mapping[str, object]) -> str:
    """Return the name of a row, the same in whatever table it stands."""
    return "; ".join([family, *(f"{name}={labels[name]}" for name in sorted(labels))])


def printed_counts(tables: Tables, protocol: Protocol, comparison: str) -> pd.DataFrame:
    """Count what the reports of the whole study and of every clinic print.

    Parameters
    ----------
    tables, protocol, comparison
        Of the whole study, or of a period of it.

    Returns
    -------
    pandas.DataFrame
        One row per row of a table and ``clinic`` (empty for the whole study): ``family`` (the name under which the
        door knows the table), ``key`` (:func:`row_key`), ``labels`` (a dictionary of what the row is about), and the
        counts as columns, missing where the family has none; ``like`` is the key of the row whose counts they are.
    """
    rows = [*_rates(tables, protocol, comparison), *_shares(tables, protocol), *_sides(tables, protocol, comparison)]
    for row in counts_of_others(tables, protocol, comparison):
        key = row_key(row["family"], row["labels"])
        rows.append(row | {"key": key, "like": key})
    return pd.DataFrame(rows)


class _Groups(NamedTuple):
    """A column to group by: its levels in order, and the place of each row's own among them."""

    levels: list[str]
    place: np.ndarray


# Numbers from here on, not frames: of a hundred small tables a frame each would take most of the time of a report.
def _grouped(column: pd.Series) -> _Groups:
    """Return a column with a level of its own for missing if any is; as ``counting.with_not_recorded`` has it."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        levels, place = [str(level) for level in column.cat.categories], column.cat.codes.to_numpy(dtype="int64")
    else:
        found, kinds = pd.factorize(column, sort=True)
        levels, place = [str(level) for level in kinds], found.astype("int64")
    if (place < 0).any():
        levels += [NOT_RECORDED] if NOT_RECORDED not in levels else []
        place = np.where(place < 0, levels.index(NOT_RECORDED), place)
    return _Groups(levels, place)


class _People(NamedTuple):
    """A person in a group, one entry each: the group by number, and which row is of which entry."""

    group: np.ndarray
    of_row: np.ndarray
    n_groups: int


def _people(person: np.ndarray, groups: Sequence[_Groups]) -> _People:
    place, n_groups = np.zeros(len(person), dtype="int64"), 1
    for group in groups:
        place, n_groups = place * len(group.levels) + group.place, n_groups * len(group.levels)
    several = int(person.max(initial=0)) + 1
    entries, of_row = np.unique(place * several + person, return_inverse=True)
    return _People(entries // several, of_row, n_groups)


class _Hips(NamedTuple):
    """Hips of which something is asked: whose each is, whether it has an answer, which, or why not."""

    person: np.ndarray
    judged: np.ndarray
    yes: np.ndarray
    missing: np.ndarray

    def counts(self, groups: Sequence[_Groups]) -> dict[str, np.ndarray]:
        """Count hips and people in every combination of levels, in order."""
        people = _people(self.person, groups)
        of_each = len(people.group)
        judged, yes, missing = (np.bincount(people.of_row, own, of_each) for own in self[1:])
        hips = np.bincount(people.of_row, minlength=of_each)
        terms = [np.ones(of_each), hips, judged, yes, missing, judged > 0, yes > 0, judged > yes]
        sums = (np.bincount(people.group, term, people.n_groups).astype("int64") for term in terms)
        return dict(zip(RATES, sums, strict=True))


class _Classed(NamedTuple):
    """Hips of which a class is asked, and which of them are of it definitely, or in the lenient reading only."""

    hips: _Hips
    definite: np.ndarray
    borderline: np.ndarray

    def counts(self, groups: Sequence[_Groups]) -> dict[str, np.ndarray]:
        """Count as :func:`analysis.answers.classes.class_shares` does, in every combination of levels, in order."""
        people = _people(self.hips.person, groups)
        group = people.group[people.of_row]
        firm = dict(zip(FIRM, (np.bincount(group[of], minlength=people.n_groups) for of in self[1:]), strict=True))
        return self.hips.counts(groups) | firm


class _Lost(NamedTuple):
    """Judged hips, and which hips were lost at each step before."""

    hips: _Hips
    lost: dict[str, np.ndarray]

    def counts(self, groups: Sequence[_Groups]) -> dict[str, np.ndarray]:
        """Count as :func:`analysis.answers.flow.flow` does, in every combination of levels, in order."""
        people = _people(self.hips.person, groups)
        group, of_each, n_groups = people.group[people.of_row], len(people.group), people.n_groups
        left, behind = np.ones(len(group), dtype=bool), []
        for gone in self.lost.values():
            left = left & ~gone
            for which in (gone, left):
                some = np.bincount(people.of_row, which, of_each) > 0
                behind.append(np.bincount(people.group, some, n_groups).astype("int64"))
        most = np.iinfo("int64").max
        fewest = np.minimum.reduce([np.where(of > 0, of, most) for of in behind])
        hips = {name: np.bincount(group[gone], minlength=n_groups) for name, gone in self.lost.items()}
        return self.hips.counts(groups) | hips | {"n_patients_behind": np.where(fewest < most, fewest, 0)}


def _lost(rows: pd.DataFrame) -> _Lost:
    """Return hips as :func:`analysis.answers.flow.flow` loses them, but those without any reading."""
    hips, reason = _judged(rows), rows["reason"].astype("object").to_numpy()
    start, end, alike = (rows[name].to_numpy(dtype=bool) for name in ("has_start", "has_end", "comparable"))
    reached = {
        "start": start,
        "open": reason != ALREADY,
        "share": reason != NO_SHARE,
        "end": end,
        "alike": alike,
        "judged": hips.judged,
    }
    left, lost = np.ones(len(rows), dtype=bool), {}
    for name, here in reached.items():
        lost[f"n_hips_lost_{name}"] = left & ~here
        left = left & here
    return _Lost(hips, lost)


def _numbered(rows: pd.DataFrame) -> np.ndarray:
    return pd.factorize(rows["patient_id"])[0].astype("int64")


def _judged(rows: pd.DataFrame) -> _Hips:
    """Return the responses of one rule as :func:`analysis.answers.rates.judged_hips` has them."""
    outcome = rows["outcome"].astype("object").to_numpy()
    judged = outcome != "not_evaluable"
    return _Hips(
        _numbered(rows), judged, outcome == "responder", ~judged & ~rows["reason"].isin(NOT_MISSING).to_numpy()
    )


def _rates(tables: Tables, protocol: Protocol, comparison: str) -> Iterator[Row]:
    responses = tables.responses
    kind = protocol.group_by
    for response in responses["response"].cat.categories:
        names = {"response": str(response), "comparison": comparison}
        rows = select(responses, names)
        groups: list[list[str]] = [[], [kind], ["side"], [kind, "side"]]
        if response == protocol.primary_response:
            rows = rows.assign(period=rows["date"].dt.to_period("Q").astype("str").where(rows["date"].notna()))
            extra = [["match"], ["match", "side"], ["stretch_given"], ["period"]]
            groups += [by for by in extra if set(by) <= set(rows)]
        hips, columns = _judged(rows), {name: _grouped(rows[name]) for name in {CLINIC, *chain(*groups)}}
        for by in groups:
            yield from _in_every_clinic("rates", hips, columns, by, names, RATES)
    rows = select(responses, {"response": protocol.primary_response, "comparison": comparison})
    hips, columns = _judged(rows), {CLINIC: _grouped(rows[CLINIC])}
    yield from _in_every_clinic("in_scope", hips, columns, [], {}, RATES[:2])
    # The last step of the flow are the hips that the rate is of; all steps are withheld together.
    lead = row_key("rates", {"response": protocol.primary_response, "comparison": comparison})
    steps = _lost(rows)
    counts = ["n_evaluable", "n_patients_evaluable", *steps.lost, "n_patients_behind"]
    yield from (row | {"like": lead} for row in _in_every_clinic("flow", steps, columns, [], {}, counts))
    for other in protocol.comparisons:
        if other != comparison:
            names = {"response": protocol.primary_response, "comparison": other}
            rows = select(responses, names)
            yield from _in_every_clinic("rates", _judged(rows), {CLINIC: _grouped(rows[CLINIC])}, [], names, RATES)


def _shares(tables: Tables, protocol: Protocol) -> Iterator[Row]:
    classes = tables.classifications
    state, certainty = (classes[name].astype("object") for name in ("stretch_type", "certainty"))
    firm = [(certainty == word).to_numpy() for word in ("definite", "borderline")]
    clinics = {CLINIC: _grouped(classes[CLINIC])}
    for name in states(protocol) if protocol.types else []:
        of_class = (state == name).to_numpy()
        hips = _Classed(_answered(classes, pd.Series(of_class)), *(of_class & certain for certain in firm))
        yield from _of_shares(_in_every_clinic("classes", hips, clinics, [], {"answer": name}, [*RATES, *FIRM]))
    where = classes.dropna(subset=[CLINIC]).drop_duplicates("patient_id").set_index("patient_id")[CLINIC]
    care = tables.care.assign(clinic_id=tables.care["patient_id"].map(where))
    for family, found in (
        ("care", questions_of_care(care, classes, protocol)),
        ("safety", questions_of_safety(care, protocol)),
        ("followed_up", questions_of_follow_up(tables.changes, protocol)),
    ):
        for name, (rows, answer) in found.items():
            columns = {CLINIC: _grouped(rows[CLINIC])}
            asked = _in_every_clinic(family, _answered(rows, answer), columns, [], {"answer": name}, RATES)
            yield from _of_shares(asked)


def _answered(rows: pd.DataFrame, answer: pd.Series) -> _Hips:
    known = answer.notna().to_numpy()
    return _Hips(_numbered(rows), known, answer.fillna(False).to_numpy(dtype="bool"), ~known)


def _of_shares(rows: Iterable[Row]) -> Iterator[Row]:
    yield from ({_SHARES.get(column, column): value for column, value in row.items()} for row in rows)


def _in_every_clinic(
    family: str,
    hips: _Hips | _Classed | _Lost | _Pairs,
    columns: Mapping[str, _Groups],
    by: Sequence[str],
    names: Mapping[str, str],
    counts: Iterable[str],
) -> Iterator[Row]:
    """Yield the rows of a table for the whole study, and where any clinic is recorded for every clinic."""
    recorded = any(columns[CLINIC].levels[place] != NOT_RECORDED for place in set(columns[CLINIC].place.tolist()))
    for clinics in ([], [CLINIC]) if recorded else ([],):
        groups = [columns[name] for name in (*clinics, *by)]
        numbers = hips.counts(groups)
        found = zip(*(numbers[name].tolist() for name in counts), strict=True)
        for levels, row in zip(product(*(group.levels for group in groups)), found, strict=True):
            labels = {**names, **dict(zip(by, levels[len(clinics) :], strict=True))}
            key = row_key(family, labels)
            clinic = levels[0] if clinics else WHOLE
            about = {"family": family, "key": key, "labels": labels, "clinic": clinic, "like": key}
            yield about | dict(zip(counts, row, strict=True))


class _Pairs(NamedTuple):
    """Judged hips of first episodes: whose each is, whether it is a left one, and whether it responded."""

    person: np.ndarray
    left: np.ndarray
    responded: np.ndarray

    def counts(self, groups: Sequence[_Groups]) -> dict[str, np.ndarray]:
        """Return the counts of people of :func:`analysis.compare_sides`; a pair has both hips in the group."""
        people = _people(self.person, groups)
        judged, yes = np.zeros((2, len(people.group)), dtype="bool"), np.zeros((2, len(people.group)), dtype="bool")
        judged[self.left.astype("int64"), people.of_row] = True
        yes[self.left.astype("int64"), people.of_row] = self.responded
        (right, left), (right_yes, left_yes) = judged, yes
        both, left_alone, right_alone = left & right, left & ~right, right & ~left
        counted = {
            "both": both & left_yes & right_yes,
            "left_only": both & left_yes & ~right_yes,
            "right_only": both & ~left_yes & right_yes,
            "neither": both & ~left_yes & ~right_yes,
            "n": both,
            "one_hip_left": left_alone,
            "one_hip_right": right_alone,
            "one_hip_left_responders": left_alone & left_yes,
            "one_hip_right_responders": right_alone & right_yes,
        }
        found = {n: np.bincount(people.group, of, people.n_groups).astype("int64") for n, of in counted.items()}
        alone = [found[f"one_hip_{side}{of}"] for side in SIDES for of in ("_responders", "")]
        behind = np.minimum.reduce([alone[0], alone[1] - alone[0], alone[2], alone[3] - alone[2]])
        return found | {"one_hip_behind": behind}


def _sides(tables: Tables, protocol: Protocol, comparison: str) -> Iterator[Row]:
    for response in tables.responses["response"].cat.categories:
        names = {"response": str(response), "comparison": comparison}
        rows = select(tables.responses, names)
        first = rows[in_first_episode(rows) & (rows["outcome"] != "not_evaluable").to_numpy()]
        pairs = _Pairs(
            _numbered(first), (first["side"] == "left").to_numpy(), (first["outcome"] == "responder").to_numpy()
        )
        columns = {name: _grouped(first[name]) for name in (CLINIC, protocol.group_by)}
        for by in ([], [protocol.group_by]) if response == protocol.primary_response else ([],):
            yield from _in_every_clinic("sides", pairs, columns, by, names, SIDE_COUNTS)
