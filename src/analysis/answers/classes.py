"""Classifications and care become shares: who falls in which class, what would settle the rest, what was done."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.answers.in_groups import InGroups, by_group
from analysis.answers.shares import shares
from analysis.hips.care import INDICATED
from analysis.protocol import Protocol
from analysis.schema import HIP, NO_STRETCH, READINGS, states

Questions = dict[str, tuple[pd.DataFrame, pd.Series]]
"""By name, the hips that are asked and whether it holds for each; missing where that is not known."""
_WAITING = ["n_hips", "n_patients", "n_patients_others"]


def class_shares(classifications: pd.DataFrame, protocol: Protocol) -> pd.DataFrame:
    """Return how many hips fall in each class.

    Parameters
    ----------
    classifications
        As :func:`analysis.classify` returns them.
    protocol
        Names the classes.

    Returns
    -------
    pandas.DataFrame
        One row per class, in ``answer``, as :func:`analysis.answers.counting.shares` has them, with ``n_definite`` and
        ``n_borderline`` hips; a class without hips stays visible. Empty where no types are defined.
    """
    if not protocol.types:
        return pd.DataFrame()
    state = classifications["stretch_type"].astype("object")
    table = shares(classifications, {name: (state == name) for name in states(protocol)})
    certainty = classifications["certainty"].astype("object")
    for word in ("definite", "borderline"):
        table[f"n_{word}"] = [int(((state == name) & (certainty == word)).sum()) for name in table["answer"]]
    return table


def settled_by(classifications: pd.DataFrame) -> pd.DataFrame:
    """Return which measurements would settle the indeterminate hips.

    Returns
    -------
    pandas.DataFrame
        One row per measurement, most wanted first: ``measure``, ``n_hips`` and ``n_patients`` whose class waits
        for it, and ``n_patients_others`` with a hip that does not. A hip that waits for two counts in both.
    """
    return hips_waiting(classifications, InGroups.whole(classifications)).drop(columns="group")


def hips_waiting(classifications: pd.DataFrame, groups: InGroups) -> pd.DataFrame:
    """Return :func:`settled_by` of every ``group``, one after another."""
    waits_for = classifications["settled_by"].where(classifications["stretch_type"] == "indeterminate").fillna("")
    hips_of: dict[str, list[int]] = {}
    for hip, names in enumerate(waits_for):
        for name in filter(None, names.split("; ")):
            hips_of.setdefault(name, []).append(hip)
    rows = []
    for name, hips in sorted(hips_of.items()):
        waits = np.zeros(len(classifications), dtype=bool)
        waits[hips] = True
        sizes = groups.rows(waits), groups.people(waits), groups.people(~waits)
        rows.append(({"measure": name}, dict(zip(_WAITING, sizes, strict=True))))
    if not rows:
        return pd.DataFrame(columns=["group", "measure", *_WAITING]).astype(dict.fromkeys(_WAITING, "int64"))
    counts = by_group(rows)
    place, most_first = ["group", "n_hips", "n_patients"], [True, False, False]
    return counts[counts["n_hips"] > 0].sort_values(place, ascending=most_first, kind="stable", ignore_index=True)


def care_shares(care: pd.DataFrame, classifications: pd.DataFrame, protocol: Protocol) -> pd.DataFrame:
    """Return how often the care of the hips followed the rules.

    Parameters
    ----------
    care
        As :func:`analysis.hips.care.care` returns it.
    classifications
        As :func:`analysis.classify` returns them.
    protocol
        Says which questions there are; those it does not ask are left out.

    Returns
    -------
    pandas.DataFrame
        One row per question, in ``answer``, as :func:`analysis.answers.counting.shares` has them. Whether a stretch was
        indicated is asked of every hip; whether it matched, of hips whose class calls for one and that are not
        recorded as given none; what follows a stretch, of all that are not recorded as given none.
    """
    rows = [
        _asked(care, answer, name) for name, (_, answer) in questions_of_care(care, classifications, protocol).items()
    ]
    return pd.concat(rows, ignore_index=True) if rows else pd.DataFrame()


def questions_of_care(care: pd.DataFrame, classifications: pd.DataFrame, protocol: Protocol) -> Questions:
    """Return the questions of :func:`care_shares`."""
    noun = protocol.words
    answers: dict[str, pd.Series] = {}
    stretched = _stretched(care)
    if protocol.indication is not None:
        indicated = care["indicated"].astype("object")
        for place, reading in enumerate(READINGS):
            answer = {word: both[place] for both, word in INDICATED.items()}
            question = f"{noun.A_stretch} was indicated, in the {reading} reading"
            answers[question] = indicated.map(answer).astype("boolean")
    if protocol.types:
        typed = classifications.loc[classifications["stretch_type"].isin(list(protocol.types)), HIP]
        calls = pd.MultiIndex.from_frame(care[HIP]).isin(pd.MultiIndex.from_frame(typed))
        match = care.loc[calls & stretched, "match"].astype("object")
        answers[f"The {noun.stretch} given was one the class calls for"] = (
            (match == "matched").astype("boolean").mask(match.isna())
        )
    if protocol.own_it is not None:
        answers[protocol.own_it.label] = care.loc[stretched, protocol.own_it.measure].astype("boolean")
    return {name: (care.loc[answer.index], answer) for name, answer in answers.items()}


def _asked(care: pd.DataFrame, answer: pd.Series, name: str) -> pd.DataFrame:
    """Count an answer among the hips that were asked, with the people of whom one was not (for disclosure)."""
    left_out = care.loc[~care.index.isin(answer.index), "patient_id"].nunique()
    return shares(care.loc[answer.index], {name: answer}).assign(n_patients_left_out=left_out)


def _stretched(care: pd.DataFrame) -> pd.Series:
    """Return which hips are not recorded as given no stretch; nobody asks these what a stretch did."""
    if "stretch_given" not in care:
        return pd.Series(True, index=care.index)
    return care["stretch_given"].astype("object") != NO_STRETCH


def compensation_shares(hips: pd.DataFrame, protocol: Protocol) -> pd.DataFrame:
    """Return how often the body finds the motion elsewhere.

    Parameters
    ----------
    hips
        One row per hip with its answers at baseline.
    protocol
        Names the compensations; empty if it has none.
    """
    answers = {name: answer for name, (_, answer) in questions_of_compensations(hips, protocol).items()}
    return shares(hips, answers) if answers else pd.DataFrame()


def questions_of_compensations(hips: pd.DataFrame, protocol: Protocol) -> Questions:
    """Return the questions of :func:`compensation_shares`."""
    names = protocol.compensations.measures if protocol.compensations else ()
    return {protocol.measures[name].label: (hips, hips[name].astype("boolean")) for name in names}


def safety_counts(care: pd.DataFrame, protocol: Protocol) -> pd.DataFrame:
    """Return how many hips had each safety event.

    Returns
    -------
    pandas.DataFrame
        One row per safety rule, in ``answer``, as :func:`analysis.answers.counting.shares` has them. A rule is about
        the hips that are not recorded as given no stretch, one for some stretches about the hips given one of them; the
        share is of hips with the measurement it looks at.
    """
    rows = [_asked(care, answer, label) for label, (_, answer) in questions_of_safety(care, protocol).items()]
    return pd.concat(rows, ignore_index=True) if rows else pd.DataFrame()


def questions_of_safety(care: pd.DataFrame, protocol: Protocol) -> Questions:
    """Return the questions of :func:`safety_counts`."""
    found = {}
    for name, rule in protocol.safety.items():
        hips = care[care["stretch_given"].isin(rule.only_for) if rule.only_for else _stretched(care)]
        found[rule.label] = (hips, _had(hips, name).astype("boolean").mask(hips[rule.measure].isna()))
    return found


def safety_events(care: pd.DataFrame, protocol: Protocol) -> pd.DataFrame:
    """Return the hips that had a safety event, for those who treat them.

    Returns
    -------
    pandas.DataFrame
        One row per hip and event, in the order of the rules: ``patient_id``, ``episode``, ``side``,
        ``stretch_given``, ``event``, ``measure`` and ``value``, what was recorded of it. No row without safety rules.
    """
    columns = ["patient_id", "episode", "side", "stretch_given", "event", "measure", "value"]
    found = [pd.DataFrame(columns=columns)]
    for name, rule in protocol.safety.items():
        hips = care[_had(care, name)]
        found.append(hips.assign(event=rule.label, measure=rule.measure, value=hips[rule.measure].astype(object)))
    return pd.concat([table[columns].astype(object) for table in found], ignore_index=True)


def _had(care: pd.DataFrame, event: str) -> pd.Series:
    return care["safety_events"].str.split("; ").map(lambda events: event in events).astype(bool)
