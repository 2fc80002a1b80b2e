"""The rows that claims are counted from: hips judged, pairs of hips, gains; selected with nothing but pandas."""

from functools import cache
from math import sqrt

import pandas as pd

from analysis.protocol.policies import MINIMUM_PATIENTS
from claims.wording import Seen

HIP = ["patient_id", "episode", "side"]
ONE = ["patient_id", "episode"]


@cache
def primary(seen: Seen, response: str = "") -> pd.DataFrame:
    """The hips under one rule, the primary one if none is named: whether each was judged and whether it responded."""
    rows, rules = seen.report._tables.responses, seen.report.protocol
    wanted = (rows["response"] == (response or rules.primary_response)) & (rows["comparison"] == seen.report.comparison)
    rows = rows[wanted]
    judged = rows["outcome"].isin(["responder", "non_responder"])
    lost = ~judged & ~rows["reason"].isin(["no room to improve", "a first reading of 0 or less"])
    return rows.assign(yes=rows["outcome"] == "responder", judged=judged, lost=lost)


@cache
def judged(seen: Seen, response: str = "") -> pd.DataFrame:
    rows = primary(seen, response)
    return rows[rows["judged"]]


def first_episodes(rows: pd.DataFrame) -> pd.DataFrame:
    """Who came back counts once where people are counted."""
    place = rows["episode"].astype(str).str.zfill(9)
    return rows[place == place.groupby(rows["patient_id"]).transform("min")]


@cache
def both_judged(seen: Seen, response: str = "") -> pd.DataFrame:
    """A row per person with both hips judged: whether the left, and whether the right, responded."""
    rows = first_episodes(judged(seen, response))
    sides = rows.pivot(index=ONE, columns="side", values="yes").reindex(columns=["left", "right"])
    return sides.dropna().astype(bool)


@cache
def left_minus_right(seen: Seen, timepoint: str) -> pd.Series:
    """Degrees of everyone of whom both hips were measured in the same way at a visit."""
    rules, visits = seen.report.protocol, first_episodes(seen.report._tables.assessments)
    conditions = [name for name, condition in rules.conditions.items() if condition.must_match]
    at = visits[visits["timepoint"] == timepoint].astype(dict.fromkeys(conditions, object))
    left, right = (at[at["side"] == side].set_index(ONE) for side in ("left", "right"))
    both = left.merge(right, left_index=True, right_index=True, suffixes=("_l", "_r"))
    for name in conditions:
        one, other = both[f"{name}_l"], both[f"{name}_r"]
        both = both[(one == other) | one.isna() | other.isna()]
    measure = rules.asymmetry.measure
    return (both[f"{measure}_l"] - both[f"{measure}_r"]).dropna().astype(float).round(1)


def error(seen: Seen, measure: str) -> float:
    """What two readings of an unchanged hip differ by in 5 of 100 cases."""
    return 1.96 * sqrt(2) * seen.report.protocol.measures[measure].sem


def clusters(seen: Seen, people: pd.MultiIndex) -> pd.Series:
    """The clinic of each person where there are 5 or more, people without one being one more; else the person."""
    clinic = own_clinics(seen, people)
    known = clinic.nunique() >= 5
    return clinic.fillna("not recorded") if known else pd.Series(people.get_level_values("patient_id"))


def own_clinics(seen: Seen, people: pd.MultiIndex) -> pd.Series:
    """The clinic of each person; missing where none is recorded."""
    clinic = (
        seen.report._tables.assessments.dropna(subset=["clinic_id"])
        .drop_duplicates("patient_id")
        .set_index("patient_id")["clinic_id"]
    )
    return clinic.reindex(people.get_level_values("patient_id")).reset_index(drop=True)


@cache
def changes(seen: Seen, measure: str) -> pd.DataFrame:
    """The hips measured both times in the same way: both readings, the change, and the gain towards the better side."""
    rows = seen.report._tables.changes
    rows = rows[(rows["comparison"] == seen.report.comparison) & rows["comparable"]]
    rows = rows.dropna(subset=[f"{measure}_before", f"{measure}_after"])
    before, after = (rows[f"{measure}_{when}"].astype(float) for when in ("before", "after"))
    change = (after - before).round(1)
    better = seen.report.protocol.measures[measure].better
    return rows.assign(before=before, after=after, change=change, gain=-change if better == "lower" else change)


def measure_of(seen: Seen, label: str, known_by: str = "label") -> str:
    """The measure that is called so, whatever the case of the letters."""
    named = {getattr(measure, known_by).lower(): name for name, measure in seen.report.protocol.measures.items()}
    return named[label.lower()]


def in_group(seen: Seen, rows: pd.DataFrame, column: str, label: str) -> pd.DataFrame:
    """The rows of a group, which may be called by its whole label or by what stands before the colon."""
    types = seen.report.protocol.types.items() if column == "stretch_type" else ()
    named = {word: name for name, kind in types for word in (kind.label, kind.label.split(":")[0])}
    wanted = named.get(label, label).replace("_", " ").lower()
    groups = rows[column].astype(object).fillna("not recorded").astype(str).str.replace("_", " ").str.lower()
    return rows[groups == wanted]


def enough(seen: Seen, rows: pd.DataFrame) -> bool:
    """Whether the rate of judged hips may be shown: enough people behind it, behind its responders and the others."""
    if not seen.report.withholds:
        return True
    parts = rows, rows[rows["yes"]], rows[~rows["yes"]]
    return all(part["patient_id"].nunique() >= MINIMUM_PATIENTS for part in parts)


def levels_made_alike(rows: pd.DataFrame, matched: pd.Series) -> tuple[list[str], list[pd.Series]]:
    """Whether class and clinic are made alike, and a column of 0 and 1 for each level but the first.

    Clinics with fewer than 5 people in either group are one, with the smallest others until that one has 5 of both.
    """
    kinds = pd.get_dummies(rows["stretch_type"].astype(str), dtype=float)
    clinic = rows["clinic_id"].astype(object).fillna("")
    people = rows["patient_id"].groupby([clinic, matched.astype(bool)]).nunique().unstack(fill_value=0)
    people = people.reindex(columns=[True, False], fill_value=0)
    together, one = [], people.iloc[0] * 0
    for name in people.min(axis=1).sort_values(kind="stable").index:
        if people.loc[name].min() < 5 or (together and one.min() < 5):
            together, one = [*together, name], one + people.loc[name]
    level = clinic.mask(clinic.isin(together), "together")
    clinics = pd.get_dummies(level, dtype=float)
    words = [word for word, table in (("class", kinds), ("clinic", clinics)) if table.shape[1] > 1]
    return words, [table[name] for table in (kinds, clinics) for name in table.columns[1:]]
