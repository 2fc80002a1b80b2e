"""The share of hips for which something holds, counted as responders are; counts of people who may be nobody."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from analysis.answers.counting import CHANCES, count_hips
from analysis.hips.clinic_of_person import clinic_of_person


def shares(hips: pd.DataFrame, answers: Mapping[str, pd.Series]) -> pd.DataFrame:
    """Return the share of hips for which each of several things holds.

    Parameters
    ----------
    hips
        ``patient_id`` of each hip, and ``clinic_id`` where there are any.
    answers
        By name, whether it holds for each hip; missing where that is not known.

    Returns
    -------
    pandas.DataFrame
        One row per name, in the column ``answer``, in the order given: ``n_hips`` and ``n_patients`` in all,
        ``n_known`` and ``n_yes`` hips, ``share`` of the known with ``ci_low`` and ``ci_high``, ``n_not_known``
        hips, and the people behind the share (for disclosure).
    """
    rows = []
    for answer in answers.values():
        rows.append(count_hips(answered(hips, answer), {}))
    table = pd.concat(rows, ignore_index=True).drop(
        columns=[
            *("chance_rate", "chance_low", "chance_high", "rate_if_none", "rate_if_all"),
            *("rate_per_person", "n_patients_behind_person_rate"),
        ]
    )
    names = {"n_evaluable": "n_known", "n_responders": "n_yes", "rate": "share", "n_missing": "n_not_known"}
    table = table.rename(columns=names)
    table.insert(0, "answer", list(answers))
    return table


def answered(hips: pd.DataFrame, answer: pd.Series) -> pd.DataFrame:
    """Return hips as :func:`count_hips` takes them, with what holds for each as its response."""
    known = answer.notna()
    clinic = clinic_of_person(hips)
    return hips[["patient_id"]].assign(
        **({} if clinic is None else {"clinic_id": clinic}),
        evaluable=known.astype("int64"),
        responders=answer.fillna(False).astype("int64"),
        missing=(~known).astype("int64"),
        **dict.fromkeys(CHANCES, 0.0),
    )


def nobody_to_protect(people: pd.Series) -> pd.Series:
    """Return counts of people with 0 as missing: where there is nobody, nothing can be disclosed.

    Examples
    --------
    >>> nobody_to_protect(pd.Series([0, 3])).tolist()
    [<NA>, 3]
    """
    counts = people.astype("Int64")
    return counts.mask(counts == 0)
