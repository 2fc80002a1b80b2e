"""Who came and who was lost: from the rows of the files to the hips that can be judged, and who was seen again."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from analysis.answers.classes import Questions
from analysis.answers.shares import nobody_to_protect, shares
from analysis.hips.change import comparison_order
from analysis.hips.judge import ALREADY, NO_SHARE
from analysis.hips.pairs import asks_for_share
from analysis.protocol import Protocol
from analysis.schema import HIP, was_measured


def flow(assessments: pd.DataFrame, responses: pd.DataFrame, protocol: Protocol, comparison: str) -> pd.DataFrame:
    """Follow the hips from the rows of the files to those that can be judged, as STROBE asks.

    Parameters
    ----------
    assessments, responses
        The tables of a study, or of a part of it.
    protocol, comparison
        Names the pair of timepoints and the primary rule.

    Returns
    -------
    pandas.DataFrame
        One row per ``step``, each within the one before: ``n_hips`` and ``n_patients`` that reach it,
        ``n_hips_lost`` since the step before, ``n_patients_lost`` of whom a hip was lost (missing where none was),
        and the ``reason``; ``n_rows`` of the files that the first step rests on. ``n_patients_behind`` is the least
        number of patients behind this or an earlier step, for disclosure: with one step withheld, a later one
        would give it away.
    """
    noun = protocol.words
    pair = protocol.comparisons[comparison]
    rule = responses["response"] == protocol.primary_response
    primary = responses[rule & (responses["comparison"] == comparison)]
    judged = primary["outcome"] != "not_evaluable"
    start = primary["has_start"]
    open_to_change = start & (primary["reason"] != ALREADY)
    with_share = open_to_change & (primary["reason"] != NO_SHARE)
    end = with_share & primary["has_end"]
    seen = assessments[was_measured(assessments, protocol)]
    above_0 = [("With a first reading above 0", f"with {NO_SHARE}", primary[with_share])]
    steps = [
        *([(f"{noun.Hips} in the files", "", assessments)] if len(seen) < len(assessments) else []),
        (f"{noun.Hips} measured at any visit", "without any reading" if len(seen) < len(assessments) else "", seen),
        (f"Measured at {pair.start}", f"without a {pair.start} visit", primary[start]),
        ("With room to improve", f"with {ALREADY}", primary[open_to_change]),
        *(above_0 if asks_for_share(protocol) else []),
        (f"Measured at {pair.end} too", f"without a {pair.end} visit", primary[end]),
        ("Measured in the same way both times", "measured in another way", primary[end & primary["comparable"]]),
        ("Judged by the primary rule", "without a reading that is needed", primary[judged]),
    ]
    table = count_steps([(step, reason, hips[HIP].drop_duplicates()) for step, reason, hips in steps])
    rows = len(assessments[["source_file", "source_row"]].drop_duplicates())
    return table.assign(n_rows=pd.array([rows, *[None] * (len(table) - 1)], dtype="Int64"))


def count_steps(steps: Sequence[tuple[str, str, pd.DataFrame]]) -> pd.DataFrame:
    """Count the hips and patients that reach each step, and those lost since the one before; see :func:`flow`."""
    rows = []
    before = steps[0][2]
    for step, reason, hips in steps:
        lost = before[~pd.MultiIndex.from_frame(before).isin(pd.MultiIndex.from_frame(hips))]
        rows.append(
            {
                "step": step,
                "n_hips": len(hips),
                "n_patients": hips["patient_id"].nunique(),
                "n_hips_lost": len(lost),
                "n_patients_lost": lost["patient_id"].nunique(),
                "reason": reason,
            }
        )
        before = hips
    table = pd.DataFrame(rows)
    for name in ("n_hips_lost", "n_patients_lost"):
        table[name] = nobody_to_protect(table[name])
    behind = pd.concat([nobody_to_protect(table["n_patients"]), table["n_patients_lost"]], axis=1).min(axis=1)
    table["n_patients_behind"] = behind.astype("Float64").cummin().ffill().astype("Int64")
    return table


def followed_up(changes: pd.DataFrame, protocol: Protocol) -> pd.DataFrame:
    """Return the share of hips with an earlier visit that had the later one too, by comparison.

    A second reading with nothing done in between is no visit that anybody was due for.

    Returns
    -------
    pandas.DataFrame
        As :func:`analysis.answers.counting.shares` has it; ``answer`` is the comparison's label.
    """
    found = questions_of_follow_up(changes, protocol)
    parts = [shares(people, {name: answer}) for name, (people, answer) in found.items()]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def questions_of_follow_up(changes: pd.DataFrame, protocol: Protocol) -> Questions:
    """Return the questions of :func:`followed_up`."""
    answers = {}
    people = changes.drop_duplicates(HIP)[[*HIP, "clinic_id"]].reset_index(drop=True)
    for name in comparison_order(protocol):
        seen = changes.loc[(changes["comparison"] == name) & changes["has_start"], [*HIP, "has_end"]]
        if len(seen) and not protocol.comparisons[name].unchanged:
            merged = people.merge(seen, on=HIP, how="left", validate="1:1")
            answers[protocol.comparisons[name].label] = (people, merged["has_end"].astype("boolean"))
    return answers
