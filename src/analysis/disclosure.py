"""The one door through which counts leave in a report."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from analysis.schema import TableError

MINIMUM_PATIENTS = 5
FEW_BEHIND = f"fewer than {MINIMUM_PATIENTS} patients stand behind"
BEHIND_A_RATE = ("n_patients_evaluable", "n_patients_with", "n_patients_without")
BEHIND_A_PAIR = ("both", "left_only", "right_only", "neither")
# Counts beside the number, in hips or people, with what follows from them. Nine hips are at least five people.
_OF_THE_MISSING = ["n_missing", "rate_if_none", "rate_if_all"]
_OF_THE_MISSING += ["imputed", "imputed_low", "imputed_high", "imputed_against_chance", "missing_share"]
_OF_THE_MISSING += ["turns_below", "turns_above"]
ENOUGH_HIPS = 2 * MINIMUM_PATIENTS - 1
_BESIDE = {
    "n_missing": (ENOUGH_HIPS, _OF_THE_MISSING),
    "n_not_known": (ENOUGH_HIPS, ["n_not_known"]),
    "n_left_out": (ENOUGH_HIPS, ["n_left_out"]),
    # Definite and borderline hips of a class add up to it.
    "n_definite": (ENOUGH_HIPS, ["n_definite", "n_borderline"]),
    "n_borderline": (ENOUGH_HIPS, ["n_definite", "n_borderline"]),
    "n_patients_here": (MINIMUM_PATIENTS, ["n_patients_here", "n_pairs_here", "sem_here"]),
    "n_not_read": (ENOUGH_HIPS, ["n_not_read", "n_read"]),
    "n_other_way": (ENOUGH_HIPS, ["n_other_way"]),
    "one_hip_left": (MINIMUM_PATIENTS, ["one_hip_left"]),
    "one_hip_right": (MINIMUM_PATIENTS, ["one_hip_right"]),
}
# Parts of hips that tell how these fared: none of them and all of them tell it of everyone.
_PARTS = {"n_up": "n_hips", "n_down": "n_hips"}
BEHIND_A_MATCH = (
    *("n_patients_matched_with", "n_patients_matched_without"),
    *("n_patients_mismatched_with", "n_patients_mismatched_without"),
    "n_patients_refused",
)
BEHIND_A_PROBLEM = ("n_patients", "n_patients_others")
_OF_ONE_HIP = ["one_hip_left_responders", "one_hip_right_responders", "one_hip_behind"]
_OF_ONE_HIP += ["one_hip_difference", "one_hip_low", "one_hip_high"]
BEHIND_AN_ASYMMETRY = ("n",)
_WHO_IS_WORSE = ["n_left_worse", "n_within_error", "n_right_worse"]
_MEANS = ["mean", "mean_difference", "change"]
_OF_THE_PATTERN = ["n_any_left_worse"]
_OF_THE_PATTERN += [f"{part}_{pattern}" for part in ("n", "share") for pattern in ("showing", "showing_any")]
_OF_THE_PATTERN += [f"{pattern}_{end}" for pattern in ("showing", "showing_any") for end in ("low", "high")]
# What follows from every row of a table, so that it could give a withheld one away: an adjusted p value can be
# the p value of another group, or twice it.
_FROM_ALL_ROWS = ["p_holm", "p_benjamini_hochberg"]
_FROM_ALL_ROWS += ["f_statistic", "df_groups", "df_clusters", "p_interaction", "no_test"]
# Words and answers that follow from the numbers: why one is missing says what was counted, such as that no left
# hip responded.
_SAID = ["not_estimable", "clinics_not_estimable", "against_chance", "imputed_against_chance", "rules"]
_SAID += ["by_clinic_not_estimable", "gee_clustered_by", "clustered_by", "cluster_note"]
_SAID += ["chance_unknown", "chance_errors", "made_alike", "made_alike_note"]
_SAID += ["position", "position_by_size", "special", "notes", "beyond_error"]


def need_marks(columns: Container[Any]) -> None:
    """Refuse a table, or a row, that did not come through this door: nobody knows what of it may be shown.

    Raises
    ------
    TableError
        There is no ``suppressed`` among its columns.
    """
    if "suppressed" not in columns:
        raise TableError("figures and printed tables show what a report gives, such as open_report(STUDY).rates([…])")


def protect(
    table: pd.DataFrame,
    behind: Sequence[str] = BEHIND_A_RATE,
    minimum: int = MINIMUM_PATIENTS,
    people: int | None = None,
) -> pd.DataFrame:
    """Withhold the numbers of groups that too few patients stand behind.

    Parameters
    ----------
    table
        A table of counts, such as :func:`analysis.rates` returns.
    behind
        Its columns that count the patients behind a number, and behind its complement.
    minimum
        The fewest *patients*, not hips, that may stand behind either.
    people
        How many patients the table is about, where that is known; of fewer than the minimum nothing is shown.

    Returns
    -------
    pandas.DataFrame
        With ``suppressed``. A suppressed row keeps its group and no number: they are missing, never 0.
        A group without any patient stays 0 while no other row is withheld; beside one, it would tell in which
        groups the few are not. A small count beside the number (missing outcomes, people with one judged hip) is
        withheld alone, with what follows from it. With a row withheld, so is what follows from all rows:
        adjusted p values, and a test between the groups.

    Notes
    -----
    This is primary suppression. A withheld number may still follow by subtraction from a total that is
    shown; secondary suppression is to stand behind this same door.

    Examples
    --------
    >>> row = pd.DataFrame({"side": ["left"], "n_patients_evaluable": [6], "n_patients_with": [2],
    ...                     "n_patients_without": [4], "rate": [1 / 3]})
    >>> protect(row)[["side", "suppressed", "rate"]].values.tolist()
    [['left', True, nan]]
    """
    # Any count, not only those behind the number: people of whom no hip could be judged are people too.
    anyone = (table.select_dtypes("integer") > 0).any(axis=1)
    too_few = _too_few(table, anyone, behind, minimum, people)
    shown = _without_rows(table.assign(suppressed=too_few), too_few)
    return _without_small_parts(shown, table, anyone, minimum)


def _too_few(
    table: pd.DataFrame, anyone: pd.Series, behind: Sequence[str], minimum: int, people: int | None
) -> pd.Series:
    """Return which rows too few people stand behind."""
    too_few = (table[list(behind)] < minimum).any(axis=1) & anyone
    if "n_patients_left_out" in table:  # the few who were not asked follow from the rest
        too_few |= table["n_patients_left_out"].between(1, minimum - 1)
    if "ci_low" in table:  # a mean without an interval is that of each
        for name in _among(_MEANS, table):
            too_few |= table[name].notna() & table["ci_low"].isna()
    if too_few.any():
        too_few |= ~anyone
    if people is not None and 0 < people < minimum:
        too_few[:] = True
    return too_few


def _without_rows(table: pd.DataFrame, hidden: pd.Series) -> pd.DataFrame:
    """Return a table without the numbers of some rows, what is said of them, and what follows from all rows."""
    shown = table.copy()
    for name in table.drop(columns="suppressed").select_dtypes("number"):
        whole = pd.api.types.is_integer_dtype(table[name])
        shown[name] = table[name].astype("Int64").mask(hidden) if whole else table[name].where(~hidden, np.nan)
    for name in _among(_FROM_ALL_ROWS, table) if hidden.any() else []:
        shown[name] = shown[name].mask(shown[name].notna())
    for name in _among(_SAID, table):
        answer = shown[name].astype("boolean") if pd.api.types.is_bool_dtype(shown[name]) else shown[name]
        shown[name] = answer.mask(hidden)
    return shown


def _without_small_parts(shown: pd.DataFrame, table: pd.DataFrame, anyone: pd.Series, minimum: int) -> pd.DataFrame:
    """Withhold, in rows that are shown, the small counts beside the number and what follows from them."""
    for name in _among(_PARTS, table):
        shown[name] = shown[name].where(enough_of(table[name], table[_PARTS[name]]))
    if set(_WHO_IS_WORSE) <= set(table):
        counts = [*_WHO_IS_WORSE, *_among(_OF_THE_PATTERN, table)]
        shown[counts] = shown[counts].mask((table[_WHO_IS_WORSE] < minimum).any(axis=1) & anyone)
    for name in _among(_BESIDE, table):
        least, following = _BESIDE[name]
        hidden_with_it = _among(following, table)
        shown[hidden_with_it] = shown[hidden_with_it].mask(table[name].between(1, least - 1))
    if "one_hip_behind" in table:  # none that responded tells of each of them, as none that did not does
        shown[_OF_ONE_HIP] = shown[_OF_ONE_HIP].mask(table["one_hip_behind"] < minimum)
    return shown


def _among(names: Iterable[str], table: pd.DataFrame) -> list[str]:
    return [name for name in names if name in table]


def enough_of(part: pd.Series, whole: pd.Series) -> pd.Series:
    """Return whether enough people surely stand behind so many hips, and behind the other hips of the whole.

    Examples
    --------
    >>> enough_of(pd.Series([8, 9, 12]), pd.Series([20, 20, 20])).tolist()
    [False, True, False]
    """
    return part.between(ENOUGH_HIPS, whole - ENOUGH_HIPS)


def withhold_rows(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table about single hips without any of them: rows never leave by a report that withholds.

    Examples
    --------
    >>> len(withhold_rows(pd.DataFrame({"patient_id": ["a"], "gain": [7.0]})))
    0
    """
    return table.iloc[:0]
