"""What the reports of a study print: the counts of the whole study and of every clinic, row by row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from analysis.answers.classes import questions_of_care, questions_of_safety
from analysis.answers.counting import answered, count_only, with_not_recorded
from analysis.answers.quality import questions_of_follow_up
from analysis.answers.rates import judged_hips, select
from analysis.pipeline import Tables
from analysis.protocol import Protocol
from analysis.schema import SIDES, in_first_episode, states

WHOLE = ""
CLINIC = "clinic_id"
RATES = ["n_patients", "n_hips", "n_evaluable", "n_responders", "n_missing"]
RATES += ["n_patients_evaluable", "n_patients_with", "n_patients_without"]


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
    parts = [*_rates(tables, protocol, comparison), *_shares(tables, protocol), *_sides(tables, protocol, comparison)]
    return pd.concat(parts, ignore_index=True)


def _rates(tables: Tables, protocol: Protocol, comparison: str) -> Iterator[pd.DataFrame]:
    responses = tables.responses
    kind = protocol.group_by
    for response in responses["response"].cat.categories:
        names = {"response": str(response), "comparison": comparison}
        rows = select(responses, names)
        groups: list[list[str]] = [[], [kind], [kind, "side"]]
        if response == protocol.primary_response:
            rows = rows.assign(period=rows["date"].dt.to_period("Q").astype("str").where(rows["date"].notna()))
            extra = [["match", "side"], ["stretch_given"], ["period"]]
            groups += [by for by in extra if set(by) <= set(rows)]
        for by in groups:
            yield from _in_every_clinic("rates", judged_hips(rows), rows, by, names, RATES)
    rows = select(responses, {"response": protocol.primary_response, "comparison": comparison})
    yield from _in_every_clinic("in_scope", judged_hips(rows), rows, [], {}, RATES[:2])
    # The last step of the flow are the hips that the rate is of.
    lead = row_key("rates", {"response": protocol.primary_response, "comparison": comparison})
    last = ["n_evaluable", "n_patients_evaluable"]
    yield from (part.assign(like=lead) for part in _in_every_clinic("flow", judged_hips(rows), rows, [], {}, last))
    for other in protocol.comparisons:
        if other != comparison:
            names = {"response": protocol.primary_response, "comparison": other}
            rows = select(responses, names)
            yield from _in_every_clinic("rates", judged_hips(rows), rows, [], names, RATES)


def _shares(tables: Tables, protocol: Protocol) -> Iterator[pd.DataFrame]:
    names = {"n_evaluable": "n_known", "n_responders": "n_yes", "n_missing": "n_not_known"}
    classes = tables.classifications
    state = classes["stretch_type"].astype("object")
    asked = [("classes", name, classes, state == name) for name in (states(protocol) if protocol.types else [])]
    clinics = classes.dropna(subset=[CLINIC]).drop_duplicates("patient_id").set_index("patient_id")[CLINIC]
    care = tables.care.assign(clinic_id=tables.care["patient_id"].map(clinics))
    for family, found in (
        ("care", questions_of_care(care, classes, protocol)),
        ("safety", questions_of_safety(care, protocol)),
        ("followed_up", questions_of_follow_up(tables.changes, protocol)),
    ):
        asked += [(family, name, hips, answer) for name, (hips, answer) in found.items()]
    for family, name, hips, answer in asked:
        counted = answered(hips, answer)
        yield from (
            part.rename(columns=names) for part in _in_every_clinic(family, counted, hips, [], {"answer": name}, RATES)
        )


def _in_every_clinic(
    family: str,
    counted: pd.DataFrame,
    rows: pd.DataFrame,
    by: Sequence[str],
    names: Mapping[str, str],
    columns: Iterable[str],
) -> Iterator[pd.DataFrame]:
    groups = {name: with_not_recorded(rows[name]) for name in by}
    yield _keyed(family, count_only(counted, groups)[[*columns]], names)
    if rows[CLINIC].notna().any():
        yield _keyed(
            family, count_only(counted, {CLINIC: with_not_recorded(rows[CLINIC]), **groups})[[*columns]], names
        )


def _keyed(family: str, table: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    found = table.index.to_frame(index=False) if table.index.names[0] else pd.DataFrame(index=range(len(table)))
    clinic = found.pop(CLINIC) if CLINIC in found else WHOLE
    labels = [{**names, **{str(k): v for k, v in row.items()}} for row in found.to_dict("records")]
    keys = [row_key(family, row) for row in labels]
    named = pd.DataFrame(
        {"family": family, "key": keys, "labels": labels, "clinic": clinic, "like": keys}, index=range(len(table))
    )
    return pd.concat([named, table.reset_index(drop=True)], axis=1)


def _sides(tables: Tables, protocol: Protocol, comparison: str) -> Iterator[pd.DataFrame]:
    for response in tables.responses["response"].cat.categories:
        names = {"response": str(response), "comparison": comparison}
        rows = select(tables.responses, names)
        first = rows[in_first_episode(rows) & (rows["outcome"] != "not_evaluable").to_numpy()]
        yield from _pairs(first, [], names)
        if response == protocol.primary_response:
            yield from _pairs(first, [protocol.group_by], names)


def _pairs(first: pd.DataFrame, by: Sequence[str], names: Mapping[str, str]) -> Iterator[pd.DataFrame]:
    """Count pairs in the whole study and in every clinic; a person is a pair where both hips are in the group."""
    groups = {name: with_not_recorded(first[name]) for name in by}
    yield _keyed("sides", _patterns(first, groups), names)
    if first[CLINIC].notna().any():
        yield _keyed("sides", _patterns(first, {CLINIC: with_not_recorded(first[CLINIC]), **groups}), names)


def _patterns(judged: pd.DataFrame, groups: Mapping[str, pd.Series]) -> pd.DataFrame:
    """Return the counts of people of :func:`analysis.compare_sides`, of every group."""
    keys = [*groups]
    responded = (judged["outcome"] == "responder").astype("float64")
    own = judged[["patient_id", "side"]].assign(responded=responded, **{k: g.astype("str") for k, g in groups.items()})
    people = own.pivot(index=["patient_id", *keys], columns="side", values="responded").reindex(columns=SIDES)
    left, right = people["left"], people["right"]
    counted = {
        "both": (left == 1) & (right == 1),
        "left_only": (left == 1) & (right == 0),
        "right_only": (left == 0) & (right == 1),
        "neither": (left == 0) & (right == 0),
        "n": left.notna() & right.notna(),
        "one_hip_left": left.notna() & right.isna(),
        "one_hip_right": right.notna() & left.isna(),
        "one_hip_left_responders": (left == 1) & right.isna(),
        "one_hip_right_responders": (right == 1) & left.isna(),
    }
    table = pd.DataFrame(counted).astype("int64")
    if keys:
        levels = [column.cat.categories.astype("str") for column in groups.values()]
        every = pd.MultiIndex.from_product(levels, names=keys)
        sums = table.groupby(level=keys).sum()
        sums.index = pd.MultiIndex.from_arrays([sums.index.get_level_values(key) for key in keys], names=keys)
        table = sums.reindex(every, fill_value=0)
    else:
        table = table.sum().to_frame().T
    responders = table[["one_hip_left_responders", "one_hip_right_responders"]]
    others = table[["one_hip_left", "one_hip_right"]].to_numpy() - responders.to_numpy()
    return table.assign(one_hip_behind=np.column_stack([responders, others]).min(axis=1))
