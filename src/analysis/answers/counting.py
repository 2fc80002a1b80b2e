"""Count hips in groups without ever taking two hips of one person for two people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis.schema import ordered
from analysis.stats.clusters import FEWEST_CLINICS, cluster_note, outer_clusters
from analysis.stats.proportions import ClusterSums
from analysis.stats.rate_by_clinic import clinic_wilson
from analysis.stats.rate_intervals import DEFAULT_INTERVAL, RATE_INTERVALS

INTERVAL = RATE_INTERVALS[DEFAULT_INTERVAL].description
NOT_RECORDED = "not recorded"
_COUNTS = ["evaluable", "responders", "missing"]
RATES_DIFFER = 0.01  # the step of printed rates: where a rate per person is further from it, both are printed
CHANCES = ["chance", "chance_least", "chance_most"]  # at the protocol's measurement error, and the ends of those tried


def with_not_recorded(column: pd.Series) -> pd.Series:
    """Return a group column as an ordered category, with a level of its own for missing if any is."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        codes, words = column.cat.codes.to_numpy(), column.cat.categories.astype("object").astype("str")
        levels = list(words)
    else:
        codes, found = pd.factorize(column)
        words = pd.Index(found).astype("object").astype("str")
        levels = sorted(set(words))
    if (codes < 0).any() and NOT_RECORDED not in levels:
        levels.append(NOT_RECORDED)
    # The last place is that of what is missing, −1.
    of_level = {level: place for place, level in enumerate(levels)}
    place = np.array([of_level.get(word, -1) for word in [*words, NOT_RECORDED]])
    return pd.Series(pd.Categorical.from_codes(place[codes], dtype=ordered(levels)), index=column.index)


def count_hips(hips: pd.DataFrame, groups: Mapping[str, pd.Series], interval: str = DEFAULT_INTERVAL) -> pd.DataFrame:
    """Count hips and people, and the share of hips for which something holds.

    Parameters
    ----------
    hips
        One row per hip: ``patient_id``; ``evaluable``, ``responders`` and ``missing`` as 0 or 1; ``chance``,
        ``chance_least`` and ``chance_most``, the hip's probability of being a responder by chance at each measurement
        error tried (0 where it is not evaluable, missing where unknown). With ``clinic_id`` the default interval has
        clinics as clusters where 5 or more have evaluable hips.
    groups
        Ordered categories without missing values, one per grouping column, along the rows of ``hips``; none
        gives one row.
    interval
        One of :data:`analysis.stats.rate_intervals.RATE_INTERVALS`.

    Returns
    -------
    pandas.DataFrame
        One row for every combination of levels, also the empty ones; columns as :func:`analysis.rates` has them.

    Notes
    -----
    Everything but the chance rate and the rate per person follows from whole-number sums over people, which add up
    exactly however the rows are divided.
    """
    result = _from_sums(_people(hips, groups), interval)
    if not groups:
        return result
    levels = [column.cat.categories for column in groups.values()]
    every = pd.MultiIndex.from_product(levels, names=list(groups)).to_frame(index=False)
    columns = {name: every[name].astype(column.dtype) for name, column in groups.items()}
    return pd.concat([pd.DataFrame(columns), result], axis=1)


def _counts_of(whole: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {
        "n_patients": whole["people"],
        "n_hips": whole["hips"],
        "n_evaluable": whole["evaluable"],
        "n_responders": whole["responders"],
        "n_missing": whole["missing"],
        "n_patients_evaluable": whole["people_evaluable"],
        "n_patients_with": whole["people_with"],
        "n_patients_without": whole["people_without"],
    }


class _People(NamedTuple):
    """A person in a group, one entry each: the group and the clinic by number, and sums over the person's hips there.

    Groups are all combinations of levels, in order. ``clinic`` is ``n_clinics`` where it is not recorded.
    """

    group: np.ndarray
    clinic: np.ndarray
    sums: dict[str, np.ndarray]
    n_groups: int
    n_clinics: int


def _people(hips: pd.DataFrame, groups: Mapping[str, pd.Series]) -> _People:
    known = hips["patient_id"].notna().to_numpy()
    person = _whose(hips["patient_id"][known])
    place, n_groups = np.zeros(len(person), dtype="int64"), 1
    for column in groups.values():
        place = place * len(column.cat.categories) + column.cat.codes.to_numpy()[known]
        n_groups *= len(column.cat.categories)
    in_group, whose = np.unique(person.astype("int64") * n_groups + place, return_inverse=True)
    # An unknown chance must not count as a chance of 0, so a sum with one in it is unknown.
    columns = {name: hips[name].to_numpy()[known] for name in (*_COUNTS, *CHANCES)}
    own = {name: np.bincount(whose, column, len(in_group)) for name, column in columns.items()}
    own["hips"] = np.bincount(whose, minlength=len(in_group))
    clusters = outer_clusters(person, _labels(hips["clinic_id"])[known] if "clinic_id" in hips else None)
    return _People(in_group % n_groups, clusters.clinic[in_group // n_groups], own, n_groups, clusters.n_clinics)


def _whose(patient: pd.Series) -> np.ndarray:
    """Number the people as they first occur; those of the core are numbered in order already."""
    if patient.dtype.kind in "iu" and (new := np.diff(patient.to_numpy(), prepend=-1)).min(initial=0) >= 0:
        return np.cumsum(new > 0) - 1
    return pd.factorize(patient.to_numpy())[0]


def _labels(clinic: pd.Series) -> np.ndarray:
    """Return the clinics as numbers in the order of their labels, where these are categories; NaN where missing."""
    if not isinstance(clinic.dtype, pd.CategoricalDtype):
        return clinic.to_numpy(dtype="object")
    codes = clinic.cat.codes.to_numpy()
    return np.where(codes < 0, np.nan, codes)


def _group_sums(people: _People) -> dict[str, np.ndarray]:
    m, x = people.sums["evaluable"], people.sums["responders"]
    terms = people.sums | {
        "people": np.ones(len(m)),
        "people_evaluable": m > 0,
        "people_with": x > 0,
        "people_without": m > x,
        "hips_squared": m * m,
        "responders_squared": x * x,
        "cross": x * m,
    }
    return {name: np.bincount(people.group, term, people.n_groups) for name, term in terms.items()}


def _from_sums(people: _People, interval: str) -> pd.DataFrame:
    sums = _group_sums(people)
    whole = {name: column.astype("int64") for name, column in sums.items() if name not in CHANCES}
    n, x, lost = whole["evaluable"], whole["responders"], whole["missing"]
    squares = (whole["hips_squared"], whole["responders_squared"], whole["cross"])
    of_people = ClusterSums(whole["people_evaluable"], n, x, *squares)
    low, high = RATE_INTERVALS[interval].limits(of_people, 0.95)
    could = np.where(n + lost > 0, n + lost, np.nan)
    some = np.where(n > 0, n, np.nan)
    chances = [sums[name] / some for name in CHANCES]
    counts = _counts_of(whole)
    table = pd.DataFrame(
        {
            **{name: counts[name] for name in ("n_patients", "n_hips", "n_evaluable", "n_responders")},
            "rate": x / some,
            "ci_low": low,
            "ci_high": high,
            "chance_rate": chances[0],
            "chance_low": np.minimum.reduce(chances),
            "chance_high": np.maximum.reduce(chances),
            "n_missing": lost,
            "rate_if_none": x / could,
            "rate_if_all": (x + lost) / could,
            **{name: counts[name] for name in ("n_patients_evaluable", "n_patients_with", "n_patients_without")},
            **_per_person(people),
        }
    )
    table = table.assign(ci_low_people=low, ci_high_people=high)
    if interval != DEFAULT_INTERVAL:
        return table.assign(n_clinics=0, clustered_by="person", cluster_note=cluster_note(0))
    return _by_clinic(table, of_people, people)


def _per_person(people: _People) -> dict[str, np.ndarray]:
    """Return the rate in which every person counts alike, and the fewest people that it tells of beside the rate.

    Together the two rates tell how the people with the fewest hips fared, and how those with more did.
    """
    some = people.sums["evaluable"] > 0
    group, m, x = people.group[some], people.sums["evaluable"][some], people.sums["responders"][some]
    n, least = np.bincount(group, minlength=people.n_groups), np.full(people.n_groups, np.inf)
    np.minimum.at(least, group, m)
    more = m > least[group]
    fared = [np.bincount(group, part & so, people.n_groups) for part in (~more, more) for so in (x > 0, m > x)]
    few, of_all = np.minimum(*fared[:2]), np.minimum.reduce(fared)
    alike = np.bincount(group, more, people.n_groups) == 0
    return {
        "rate_per_person": np.bincount(group, x / m, people.n_groups) / np.where(n > 0, n, np.nan),
        "n_patients_behind_person_rate": np.where(alike, few, of_all).astype("int64"),
    }


def _by_clinic(table: pd.DataFrame, of_people: ClusterSums, people: _People) -> pd.DataFrame:
    """Let the interval of each group have clinics as clusters where enough of them have evaluable hips."""
    shape = people.n_groups, people.n_clinics + 1
    place = people.group * shape[1] + people.clinic
    hips, responders = (
        np.bincount(place, people.sums[name], shape[0] * shape[1]).reshape(shape)
        for name in ("evaluable", "responders")
    )
    known, unknown = (hips[:, :-1] > 0).sum(axis=1), hips[:, -1] > 0
    at = np.flatnonzero(known >= FEWEST_CLINICS)
    limits = table[["ci_low", "ci_high"]].to_numpy(copy=True)
    if len(at):
        sums = ClusterSums(*(np.asarray(total)[at] for total in of_people))
        limits[at] = np.column_stack(clinic_wilson(sums, responders[at], hips[at]))
    return table.assign(
        ci_low=limits[:, 0],
        ci_high=limits[:, 1],
        n_clinics=known,
        clustered_by=np.where(known >= FEWEST_CLINICS, "clinic", "person"),
        cluster_note=[cluster_note(int(n), bool(some)) for n, some in zip(known, unknown, strict=True)],
    )


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
    return hips[[name for name in ("patient_id", "clinic_id") if name in hips]].assign(
        evaluable=known.astype("int64"),
        responders=answer.fillna(False).astype("int64"),
        missing=(~known).astype("int64"),
        **dict.fromkeys(CHANCES, 0.0),
    )


def whole_percent(share: pd.Series) -> pd.Series:
    """Round shares to whole per cent; what is not quite 0 or 1 stays so, and missing stays missing.

    Examples
    --------
    >>> whole_percent(pd.Series([0.2149, 0.001, 0.0, 0.999])).tolist()
    [0.21, 0.001, 0.0, 0.999]
    """
    rounded = share.round(2)
    rounded = rounded.mask((rounded == 0) & (share > 0), 0.001)
    return rounded.mask((rounded == 1) & (share < 1), 0.999)
