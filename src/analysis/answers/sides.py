"""Left against right: which hips of the same people responded, and which among everyone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis.answers.counting import with_not_recorded
from analysis.answers.rates import chosen, group_columns, responses_of, select
from analysis.pipeline import Tables
from analysis.schema import SIDES, in_first_episode
from analysis.stats.clustered_pairs import durkalski, obuchowski
from analysis.stats.clusters import FEWEST_CLINICS, outer_clusters
from analysis.stats.gee import gee_difference
from analysis.stats.intervals import NO_INTERVAL
from analysis.stats.means import Mean, mean_with_interval
from analysis.stats.multiple import ADJUSTMENTS, adjusted_p_values
from analysis.stats.paired import (
    PairedTable,
    mcnemar_exact,
    mcnemar_midp,
    mcnemar_score,
    newcombe10,
    tango,
)
from analysis.stats.proportions import newcombe_unpaired
from analysis.study import Study

_ONE_EPISODE = ["patient_id", "episode"]
_FIRST = "in_first_episode"
_NEEDED = ("patient_id", "side", "episode", "clinic_id", "outcome")  # of 60 columns, each of which costs time to pick
_FOREMOST = ("both", "left_only", "right_only", "neither", "n", "difference")


class SideMethod(NamedTuple):
    """One way to answer whether left and right differ: what it is, and where its numbers stand."""

    label: str
    assumes: str
    difference: str
    """The column of the difference."""
    limits: str
    """What the columns of the limits begin with; empty for a test that has none of its own."""
    p: str
    """The column of the p value that belongs to these limits, below .05 where they leave out 0; empty for none."""


SIDE_METHODS = (
    SideMethod("Mean by clinic", "Clinics may differ in left against right (CR2, Satterthwaite's t)",
               "difference", "by_clinic", "p_by_clinic"),
    SideMethod("McNemar", "People are independent (χ², and Tango's interval, which inverts it)",
               "difference", "tango", "p_score"),
    SideMethod("Newcombe", "The same", "difference", "newcombe", ""),
    SideMethod("McNemar mid-p", "The same", "difference", "", "p_midp"),
    SideMethod("McNemar exact", "The same, more cautious", "difference", "", "p_exact"),
    SideMethod("Obuchowski", "People of a clinic may be alike; all people weigh alike",
               "difference", "obuchowski", "p_obuchowski"),
    SideMethod("Durkalski", "People of a clinic may be alike; all clinics weigh alike",
               "durkalski_difference", "durkalski", "p_durkalski"),
    SideMethod("GEE", "Everyone, people with one judged hip too", "gee_difference", "gee", "p_gee"),
)  # fmt: skip
"""The ways of :func:`compare_sides`. Reports answer by the first where there are enough clinics, else by the second."""


def compare_sides(
    responses: pd.DataFrame | Tables | Study,
    by: Sequence[str] = (),
    response: str | None = None,
    comparison: str | None = None,
) -> pd.DataFrame:
    """Compare the responder rates of left and right hips.

    Parameters
    ----------
    responses
        As :func:`analysis.respond` returns them; or all tables, or a study, of which they are taken.
    by
        Columns that divide the hips into groups; none gives one row. A person counts as a pair in a group
        when both hips are in it.
    response, comparison
        Which rule and which pair of timepoints; the protocol's primary ones if left out.

    Returns
    -------
    pandas.DataFrame
        One row per group with

        - ``both``, ``left_only``, ``right_only``, ``neither``, ``n``: people with both hips evaluable; who came
          back for another episode of care counts once, with the first
        - ``difference`` (left − right share of these people), ``tango_low/high`` with ``p_score``, McNemar's
          χ² test, ``newcombe_low/high`` (95 %), ``p_exact``, ``p_midp`` (McNemar), which take people as independent
        - ``by_clinic_low/high``, ``p_by_clinic``, ``by_clinic_df``: the same difference when clinics may differ in it,
          where people of 5 clinics or more have both hips evaluable; ``by_clinic_not_estimable``: why there is none
        - ``ci_low/high``, ``p``, ``method``: what answers: that by clinic where there is one, else Tango's limits
          with McNemar's χ² test, which belongs to them; ``clustered_by`` clinic or person, ``n_clinics``, and
          ``cluster_note``, which says so
        - ``obuchowski_low/high``, ``p_obuchowski`` and ``durkalski_difference``, ``durkalski_low/high``,
          ``p_durkalski``: the same people when those of one clinic may be alike; every person, or every
          clinic, counts alike; ``clinics_not_estimable``: why there is none, else empty
        - ``gee_difference``, ``gee_low/high``, ``gee_odds_ratio``, ``gee_or_low/high``, ``p_gee``: everyone, people
          with one evaluable hip too, and every episode; the p is that of the difference; ``gee_clustered_by`` person,
          or clinic where there are 5 or more
        - ``p_holm``, ``p_benjamini_hochberg``: ``p`` adjusted for the number of rows, the same where there is
          one; groups without pairs are no part of that number
        - ``one_hip_left``, ``one_hip_right``: people with only that hip evaluable, and of these
          ``one_hip_left_responders``, ``one_hip_right_responders``; ``one_hip_difference`` of their rates, with
          ``one_hip_low/high`` (Newcombe, two groups of people; missing where either is empty); ``one_hip_behind``:
          the fewest people behind any of these numbers (for disclosure)
        - ``not_estimable``: why any other number is missing, else empty
        - ``response``, ``comparison``

    Notes
    -----
    Positive differences favour the left. The paired estimate and that of people with one evaluable hip, and so
    that of everyone, may disagree: people with one may differ from those with two. People whose clinic is not
    recorded count as one more clinic, people seen in several with the first.

    References
    ----------
    Bell and McCaffrey 2002 (by clinic, with Satterthwaite's t),
    Fagerland 2014 (mid-p), Newcombe 1998 method 10 (paired and unpaired), Tango 1998, Obuchowski 1998, Durkalski 2003,
    Mancl and DeRouen 2001, Holm 1979, Benjamini and Hochberg 1995; see :mod:`analysis.stats`.

    Examples
    --------
    >>> from analysis import change, respond
    >>> visits = pd.DataFrame({"patient_id": "a", "side": ["left", "left", "right", "right"],
    ...                        "timepoint": ["baseline", "post"] * 2, "hip_ir_deg": [12.0, 17.0, 10.0, 12.0]})
    >>> compare_sides(respond(change(visits)), response="ir")[["left_only", "n"]].values.tolist()
    [[1, 1]]
    """
    responses = responses_of(responses)
    names = chosen(responses, response, comparison)
    by = group_columns(by, responses, but=["side"])
    rows = select(responses[[name for name in responses if name in {*_NEEDED, *names, *by}]], names)
    judged = rows.assign(**{_FIRST: in_first_episode(rows)})[rows["outcome"] != "not_evaluable"]
    if not by:
        result = pd.DataFrame([_compare(judged)])
    else:
        groups = [with_not_recorded(rows[name]) for name in by]
        parts = judged.groupby([g.loc[judged.index] for g in groups], observed=False, sort=True)
        keyed = {key: _compare(part) for key, part in parts}
        index = pd.MultiIndex.from_tuples(list(keyed), names=list(by))
        columns = list(_compare(judged.iloc[:0]))  # also where there is no group at all
        result = pd.DataFrame(list(keyed.values()), index=index, columns=columns).reset_index()
        for name, group in zip(by, groups, strict=True):
            result[name] = result[name].astype(group.dtype)
    return for_all_rows(result).assign(**names)


def for_all_rows(sides: pd.DataFrame) -> pd.DataFrame:
    """Adjust ``p`` for all rows of a table, whether these are groups or rules: whoever reads one reads them all."""
    adjusted = {f"p_{method}": adjusted_p_values(sides["p"], method) for method in ADJUSTMENTS}
    return sides.assign(**adjusted)


def by_side(judged: pd.DataFrame) -> pd.DataFrame:
    """Return whether the left and right hip responded: a row per person and episode, NaN for a hip not judged."""
    return (
        judged[[*_ONE_EPISODE, "side"]]
        .assign(responded=(judged["outcome"] == "responder").astype("int64"))
        .pivot(index=_ONE_EPISODE, columns="side", values="responded")
        .reindex(columns=["left", "right"])
    )


def paired_table(people: pd.DataFrame) -> PairedTable:
    """Count the people with both hips judged by which of them responded; ``people`` as of :func:`by_side`."""
    pairs = people.dropna().astype(bool)
    left, right = pairs["left"].to_numpy(), pairs["right"].to_numpy()
    return PairedTable(
        both=int((left & right).sum()),
        left_only=int((left & ~right).sum()),
        right_only=int((~left & right).sum()),
        neither=int((~left & ~right).sum()),
    )


def clinics_of(judged: pd.DataFrame) -> np.ndarray | None:
    """Return the clinic of each hip, missing where it is not recorded; nothing where none could be."""
    return judged["clinic_id"].to_numpy(dtype="object") if "clinic_id" in judged else None


def _compare(judged: pd.DataFrame) -> dict[str, object]:
    people = by_side(judged[judged[_FIRST]])
    table = paired_table(people)
    newcombe, score = newcombe10(table), tango(table)
    everyone = gee_difference(
        (judged["outcome"] == "responder").to_numpy(),
        (judged["side"] == "left").to_numpy(),
        judged["patient_id"].to_numpy(),
        clinic=clinics_of(judged),
    )
    reasons = ["no person has both hips evaluable" if table.n == 0 else "", everyone.reason]
    row = {
        "both": table.both,
        "left_only": table.left_only,
        "right_only": table.right_only,
        "neither": table.neither,
        "n": table.n,
        "difference": table.difference,
        "newcombe_low": newcombe.low,
        "newcombe_high": newcombe.high,
        "tango_low": score.low,
        "tango_high": score.high,
        "p_score": mcnemar_score(table),
        "p_exact": mcnemar_exact(table),
        "p_midp": mcnemar_midp(table),
        **_by_clinic(judged[judged[_FIRST]], people.dropna()),
        "gee_difference": everyone.difference,
        "gee_low": everyone.difference_interval.low,
        "gee_high": everyone.difference_interval.high,
        "gee_odds_ratio": everyone.odds_ratio,
        "gee_or_low": everyone.odds_ratio_interval.low,
        "gee_or_high": everyone.odds_ratio_interval.high,
        "p_gee": everyone.p_value,
        "gee_clustered_by": everyone.clustered_by,
        **_with_one_hip(people),
        "not_estimable": "; ".join(filter(None, reasons)),
    }
    return {**{name: row[name] for name in _FOREMOST}, **_answer(row), **row}


def _with_one_hip(people: pd.DataFrame) -> dict[str, object]:
    """Compare the people of whom only the left hip was judged with those of whom only the right one was."""
    alone = {side: people.loc[people[other].isna(), side].dropna() for side, other in (SIDES, SIDES[::-1])}
    n, x = ({side: int(count(of)) for side, of in alone.items()} for count in (len, pd.Series.sum))
    limits = newcombe_unpaired(x["left"], n["left"], x["right"], n["right"])
    rates = [x[side] / n[side] if n[side] else np.nan for side in SIDES]
    return {
        **{f"one_hip_{side}": n[side] for side in SIDES},
        **{f"one_hip_{side}_responders": x[side] for side in SIDES},
        "one_hip_difference": rates[0] - rates[1],
        "one_hip_low": limits.low,
        "one_hip_high": limits.high,
        "one_hip_behind": min(*x.values(), *(n[side] - x[side] for side in SIDES)),
    }


def _by_clinic(judged: pd.DataFrame, pairs: pd.DataFrame) -> dict[str, object]:
    """Return the comparisons of pairs that let people of one clinic be alike."""
    person, people = pd.factorize(pairs.index.get_level_values("patient_id"))
    rows = judged[judged["patient_id"].isin(people)]
    clusters = outer_clusters(people.get_indexer(pd.Index(rows["patient_id"])), clinics_of(rows))
    clinic = clusters.clinic[person]
    left, right = (pairs[side].to_numpy(dtype="float64") for side in SIDES)
    b, c, n = (np.bincount(clinic, of) for of in (left > right, left < right, np.ones(len(clinic))))
    every_person, every_clinic = obuchowski(b, c, n), durkalski(b, c, n)
    mean, why = Mean(0, np.nan, NO_INTERVAL, np.nan, ""), f"fewer than {FEWEST_CLINICS} clinics"
    if clusters.clustered_by == "clinic":
        mean = mean_with_interval(left - right, clinic)
        why = mean.reason and f"left minus right is the same in every clinic: {mean.reason}"
    reason = "" if clusters.n_clinics or pairs.empty else "no clinic is recorded"
    return {
        "by_clinic_low": np.maximum(mean.interval.low, -1),
        "by_clinic_high": np.minimum(mean.interval.high, 1),
        "by_clinic_df": mean.degrees_of_freedom,
        "p_by_clinic": mean.p_value,
        "by_clinic_not_estimable": reason or why,
        "n_clinics": clusters.n_clinics,
        "cluster_note": f"people are taken as independent; {why}" if mean.reason else clusters.note,
        "obuchowski_low": every_person.interval.low,
        "obuchowski_high": every_person.interval.high,
        "p_obuchowski": every_person.p_value,
        "durkalski_difference": every_clinic.difference,
        "durkalski_low": every_clinic.interval.low,
        "durkalski_high": every_clinic.interval.high,
        "p_durkalski": every_clinic.p_value,
        "clinics_not_estimable": reason
        or ("no person has both hips evaluable" if pairs.empty else every_person.reason),
    }


def _answer(row: dict[str, object]) -> dict[str, object]:
    """Return the interval and the p value that answer: by clinic where there are any, else those of people."""
    method = SIDE_METHODS[0] if row["by_clinic_not_estimable"] == "" else SIDE_METHODS[1]
    return {
        "method": method.label,
        "ci_low": row[f"{method.limits}_low"],
        "ci_high": row[f"{method.limits}_high"],
        "p": row[method.p],
        "clustered_by": "clinic" if method is SIDE_METHODS[0] else "person",
    }
