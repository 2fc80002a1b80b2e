"""Count hips in groups without ever taking two hips of one person for two people."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis.hips.cohort import without_gaps
from analysis.hips.combinations import exact_totals
from analysis.schema import ordered
from analysis.stats.clusters import FEWEST_CLINICS, cluster_note, outer_clusters
from analysis.stats.proportions import ClusterSums, Limits
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
    Everything follows from whole-number sums, which add up exactly in whatever order and blocks the hips come.
    """
    return counted_in_groups(_counts(hips, groups), groups, interval)


class People(NamedTuple):
    """People in groups; who is alike in all that is counted may stand in one entry, ``n`` people strong.

    ``clinic`` is a number, that of all clinics where it is not recorded; the rest sums over the person's hips in the
    group.
    """

    n: np.ndarray
    group: np.ndarray
    clinic: np.ndarray
    hips: np.ndarray
    evaluable: np.ndarray
    responders: np.ndarray
    missing: np.ndarray


class Counts(NamedTuple):
    """What the rates of groups follow from. Groups are all combinations of levels, in order, by number."""

    people: People
    chances: dict[str, np.ndarray]
    """By measurement error, the sum of what chance gives the evaluable hips of each group; NaN where one is unknown."""
    n_groups: int
    n_clinics: int


def counted_in_groups(
    counts: Counts, groups: Mapping[str, pd.Series], interval: str = DEFAULT_INTERVAL
) -> pd.DataFrame:
    """Return rates from what they follow from; of ``groups`` only the levels are looked at; see :func:`count_hips`."""
    result = _from_counts(counts, interval)
    if not groups:
        return result
    levels = [column.cat.categories for column in groups.values()]
    every = pd.MultiIndex.from_product(levels, names=list(groups)).to_frame(index=False)
    columns = {name: every[name].astype(column.dtype) for name, column in groups.items()}
    return pd.concat([pd.DataFrame(columns), result], axis=1)


def _counts(hips: pd.DataFrame, groups: Mapping[str, pd.Series]) -> Counts:
    known = hips["patient_id"].notna().to_numpy()
    person = _whose(hips["patient_id"][known])
    place, n_groups = np.zeros(len(person), dtype="int64"), 1
    for column in groups.values():
        place = place * len(column.cat.categories) + column.cat.codes.to_numpy()[known]
        n_groups *= len(column.cat.categories)
    clusters = outer_clusters(person, _labels(hips["clinic_id"])[known] if "clinic_id" in hips else None)
    columns = {name: hips[name].to_numpy()[known] for name in _COUNTS}
    people = people_in_groups(person, place, n_groups, clusters.clinic, columns)
    # An unknown chance must not count as a chance of 0, so a sum with one in it is unknown.
    chances = {name: exact_totals(place, n_groups, hips[name].to_numpy()[known]) for name in CHANCES}
    return Counts(people, chances, n_groups, clusters.n_clinics)


def people_in_groups(
    person: np.ndarray, group: np.ndarray, n_groups: int, clinic: np.ndarray, columns: Mapping[str, np.ndarray]
) -> People:
    """Add up hips person by person in each group.

    Parameters
    ----------
    person, group
        Whole numbers (hips,), from 0.
    n_groups
        All groups are below it.
    clinic
        Of each person.
    columns
        ``evaluable``, ``responders``, ``missing``: 0 or 1 for each hip.
    """
    number = person.astype("int64") * n_groups + group
    in_group, whose = without_gaps(number, int(number.max(initial=-1)) + 1)
    sums = {name: np.bincount(whose, column, len(in_group)).astype("int64") for name, column in columns.items()}
    hips = np.bincount(whose, minlength=len(in_group))
    return People(np.ones(len(hips), int), in_group % n_groups, clinic[in_group // n_groups], hips, **sums)


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


def _group_sums(people: People, n_groups: int) -> dict[str, np.ndarray]:
    m, x = people.evaluable, people.responders
    terms = {
        "people": np.ones(len(m), int),
        "people_evaluable": m > 0,
        "people_with": x > 0,
        "people_without": m > x,
        "hips": people.hips,
        "evaluable": m,
        "responders": x,
        "missing": people.missing,
        "hips_squared": m * m,
        "responders_squared": x * x,
        "cross": x * m,
    }
    return {name: np.bincount(people.group, term * people.n, n_groups).astype("int64") for name, term in terms.items()}


def _from_counts(counts: Counts, interval: str) -> pd.DataFrame:
    people = counts.people
    whole = _group_sums(people, counts.n_groups)
    n, x, lost = whole["evaluable"], whole["responders"], whole["missing"]
    squares = (whole["hips_squared"], whole["responders_squared"], whole["cross"])
    of_people = ClusterSums(whole["people_evaluable"], n, x, *squares)
    low, high = RATE_INTERVALS[interval].limits(of_people, 0.95)
    could = np.where(n + lost > 0, n + lost, np.nan)
    some = np.where(n > 0, n, np.nan)
    chances = [counts.chances[name] / some for name in CHANCES]
    table = pd.DataFrame(
        {
            "n_patients": whole["people"],
            "n_hips": whole["hips"],
            "n_evaluable": n,
            "n_responders": x,
            "rate": x / some,
            "ci_low": low,
            "ci_high": high,
            "chance_rate": chances[0],
            "chance_low": np.minimum.reduce(chances),
            "chance_high": np.maximum.reduce(chances),
            "n_missing": lost,
            "rate_if_none": x / could,
            "rate_if_all": (x + lost) / could,
            "n_patients_evaluable": whole["people_evaluable"],
            "n_patients_with": whole["people_with"],
            "n_patients_without": whole["people_without"],
            **_per_person(people, counts.n_groups),
        }
    )
    table = table.assign(ci_low_people=low, ci_high_people=high)
    if (by_clinic := RATE_INTERVALS[interval].by_clinic) is None:
        return table.assign(n_clinics=0, clustered_by="person", cluster_note=cluster_note(0))
    return _by_clinic(table, of_people, counts, by_clinic)


def _per_person(people: People, n_groups: int) -> dict[str, np.ndarray]:
    """Return the rate in which every person counts alike, and the fewest people that it tells of beside the rate.

    Together the two rates tell how the people with the fewest hips fared, and how those with more did.
    """
    some = people.evaluable > 0
    n_alike, group = people.n[some], people.group[some]
    m, x = people.evaluable[some], people.responders[some]
    n, least = np.bincount(group, n_alike, n_groups), np.full(n_groups, np.iinfo("int64").max)
    np.minimum.at(least, group, m)
    more = m > least[group]
    fared = [np.bincount(group, (part & so) * n_alike, n_groups) for part in (~more, more) for so in (x > 0, m > x)]
    few, of_all = np.minimum(*fared[:2]), np.minimum.reduce(fared)
    alike = np.bincount(group, more, n_groups) == 0
    # The responders of people with one hip, with two, …: whole numbers, which add up exactly.
    most = int(m.max(initial=0)) + 1
    with_so_many = np.bincount(group * most + m, x * n_alike, n_groups * most).reshape(n_groups, most)
    rates = (with_so_many[:, 1:] / np.arange(1, most)).sum(axis=1)
    return {
        "rate_per_person": rates / np.where(n > 0, n, np.nan),
        "n_patients_behind_person_rate": np.where(alike, few, of_all).astype("int64"),
    }


def _by_clinic(
    table: pd.DataFrame,
    of_people: ClusterSums,
    counts: Counts,
    by_clinic: Callable[[ClusterSums, np.ndarray, np.ndarray], Limits],
) -> pd.DataFrame:
    """Let the interval of each group have clinics as clusters where enough of them have evaluable hips."""
    people, shape = counts.people, (counts.n_groups, counts.n_clinics + 1)
    place = people.group * shape[1] + people.clinic
    hips, responders = (
        np.bincount(place, column * people.n, shape[0] * shape[1]).reshape(shape)
        for column in (people.evaluable, people.responders)
    )
    known, unknown = (hips[:, :-1] > 0).sum(axis=1), hips[:, -1] > 0
    at = np.flatnonzero(known >= FEWEST_CLINICS)
    limits = table[["ci_low", "ci_high"]].to_numpy(copy=True)
    if len(at):
        sums = ClusterSums(*(np.asarray(total)[at] for total in of_people))
        limits[at] = np.column_stack(by_clinic(sums, responders[at], hips[at]))
    return table.assign(
        ci_low=limits[:, 0],
        ci_high=limits[:, 1],
        n_clinics=known,
        clustered_by=np.where(known >= FEWEST_CLINICS, "clinic", "person"),
        cluster_note=[cluster_note(int(n), bool(some)) for n, some in zip(known, unknown, strict=True)],
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
