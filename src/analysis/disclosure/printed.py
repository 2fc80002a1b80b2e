"""What the reports of a study print: the counts of the whole study and of every clinic, row by row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, product
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from analysis.answers.classes import questions_of_care, questions_of_compensations, questions_of_safety
from analysis.answers.counting import NOT_RECORDED
from analysis.answers.flow import questions_of_follow_up
from analysis.answers.in_groups import InGroups
from analysis.answers.rates import select
from analysis.disclosure.other_tables import counts_of_others
from analysis.disclosure.people_in_groups import (
    FIRM,
    RATES,
    SIDE_COUNTS,
    Classed,
    Groups,
    Hips,
    Lost,
    Pairs,
    grouped,
)
from analysis.hips.classify import baseline_hips
from analysis.hips.judge import ALREADY, NO_SHARE, NOT_MISSING
from analysis.pipeline import Tables
from analysis.protocol import Protocol
from analysis.schema import in_first_episode, states

ABOUT = ["family", "key", "labels", "clinic", "like"]
WHOLE = ""
CLINIC = "clinic_id"
_SHARES = {"n_evaluable": "n_known", "n_responders": "n_yes", "n_missing": "n_not_known"}
Row: TypeAlias = dict[str, Any]


def row_key(family: str, labels: Mapping[str, object]) -> str:
    """Return the name of a row, the same in whatever table it stands."""
    return "; ".join([family, *(f"{name}={labels[name]}" for name in sorted(labels))])


def report_of(counts: pd.DataFrame) -> pd.Series:
    """Return in whose report each row stands: of the whole study, of a clinic, of a part of the study, or of both."""
    sizes = counts.loc[counts["family"] == "in_scope", "labels"]
    parts = sorted({row_key("", labels): labels for labels in sizes}.values(), key=len, reverse=True)
    if len(parts) < 2:
        return counts["clinic"]
    about = (labels.items() for labels in counts["labels"])
    own = [next((n for n, part in enumerate(parts) if part.items() <= labels), -1) for labels in about]
    return pd.Series(own, index=counts.index).astype("str") + "; " + counts["clinic"]


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


def _lost(rows: pd.DataFrame) -> Lost:
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
    return Lost(hips, lost)


def _judged(rows: pd.DataFrame) -> Hips:
    """Return the responses of one rule as :func:`analysis.answers.rates.judged_hips` has them."""
    outcome = rows["outcome"].astype("object").to_numpy()
    judged = outcome != "not_evaluable"
    return Hips(judged, outcome == "responder", ~judged & ~rows["reason"].isin(NOT_MISSING).to_numpy())


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
        everyone, hips = InGroups.whole(rows), _judged(rows)
        columns = {name: grouped(rows[name]) for name in {CLINIC, *chain(*groups)}}
        for by in groups:
            yield from _in_every_clinic("rates", everyone, hips, columns, by, names, RATES)
    rows = select(responses, {"response": protocol.primary_response, "comparison": comparison})
    everyone, columns = InGroups.whole(rows), {CLINIC: grouped(rows[CLINIC])}
    yield from _in_every_clinic("in_scope", everyone, _judged(rows), columns, [], {}, RATES[:2])
    # The last step of the flow are the hips that the rate is of; all steps are withheld together.
    lead = row_key("rates", {"response": protocol.primary_response, "comparison": comparison})
    steps = _lost(rows)
    counts = ["n_evaluable", "n_patients_evaluable", *steps.lost, "n_patients_behind"]
    yield from (row | {"like": lead} for row in _in_every_clinic("flow", everyone, steps, columns, [], {}, counts))
    for other in protocol.comparisons:
        if other != comparison:
            names = {"response": protocol.primary_response, "comparison": other}
            rows = select(responses, names)
            columns = {CLINIC: grouped(rows[CLINIC])}
            yield from _in_every_clinic("rates", InGroups.whole(rows), _judged(rows), columns, [], names, RATES)


def _shares(tables: Tables, protocol: Protocol) -> Iterator[Row]:
    classes = tables.classifications
    state, certainty = (classes[name].astype("object") for name in ("stretch_type", "certainty"))
    firm = [(certainty == word).to_numpy() for word in ("definite", "borderline")]
    everyone, clinics = InGroups.whole(classes), {CLINIC: grouped(classes[CLINIC])}
    for name in states(protocol) if protocol.types else []:
        of_class = (state == name).to_numpy()
        hips = Classed(_answered(pd.Series(of_class)), *(of_class & certain for certain in firm))
        yield from _of_shares(
            _in_every_clinic("classes", everyone, hips, clinics, [], {"answer": name}, [*RATES, *FIRM])
        )
    where = classes.dropna(subset=[CLINIC]).drop_duplicates("patient_id").set_index("patient_id")[CLINIC]
    care = tables.care.assign(clinic_id=tables.care["patient_id"].map(where))
    for family, found in (
        ("care", questions_of_care(care, classes, protocol)),
        ("safety", questions_of_safety(care, protocol)),
        ("compensations", questions_of_compensations(baseline_hips(tables.assessments, protocol), protocol)),
        ("followed_up", questions_of_follow_up(tables.changes, protocol)),
    ):
        for name, (rows, answer) in found.items():
            columns = {CLINIC: grouped(rows[CLINIC])}
            asked = _in_every_clinic(
                family, InGroups.whole(rows), _answered(answer), columns, [], {"answer": name}, RATES
            )
            yield from _of_shares(asked)


def _answered(answer: pd.Series) -> Hips:
    known = answer.notna().to_numpy()
    return Hips(known, answer.fillna(False).to_numpy(dtype="bool"), ~known)


def _of_shares(rows: Iterable[Row]) -> Iterator[Row]:
    yield from ({_SHARES.get(column, column): value for column, value in row.items()} for row in rows)


def _in_every_clinic(
    family: str,
    everyone: InGroups,
    hips: Hips | Classed | Lost | Pairs,
    columns: Mapping[str, Groups],
    by: Sequence[str],
    names: Mapping[str, str],
    counts: Iterable[str],
) -> Iterator[Row]:
    """Yield the rows of a table for the whole study, and where any clinic is recorded for every clinic."""
    every = np.ones(len(everyone.row), dtype=bool)
    recorded = any(columns[CLINIC].levels[place] != NOT_RECORDED for place in set(columns[CLINIC].place.tolist()))
    for clinics in ([], [CLINIC]) if recorded else ([],):
        groups, divided = [columns[name] for name in (*clinics, *by)], everyone
        for group in groups:
            divided = divided.divided(group.place, len(group.levels), every)
        numbers = hips.counts(divided)
        found = zip(*(numbers[name].tolist() for name in counts), strict=True)
        for levels, row in zip(product(*(group.levels for group in groups)), found, strict=True):
            labels = {**names, **dict(zip(by, levels[len(clinics) :], strict=True))}
            key = row_key(family, labels)
            clinic = levels[0] if clinics else WHOLE
            about = {"family": family, "key": key, "labels": labels, "clinic": clinic, "like": key}
            yield about | dict(zip(counts, row, strict=True))


def _sides(tables: Tables, protocol: Protocol, comparison: str) -> Iterator[Row]:
    for response in tables.responses["response"].cat.categories:
        names = {"response": str(response), "comparison": comparison}
        rows = select(tables.responses, names)
        first = rows[in_first_episode(rows) & (rows["outcome"] != "not_evaluable").to_numpy()]
        pairs = Pairs((first["side"] == "left").to_numpy(), (first["outcome"] == "responder").to_numpy())
        everyone = InGroups.whole(first)
        columns = {name: grouped(first[name]) for name in (CLINIC, protocol.group_by)}
        for by in ([], [protocol.group_by]) if response == protocol.primary_response else ([],):
            yield from _in_every_clinic("sides", everyone, pairs, columns, by, names, SIDE_COUNTS)
