"""Who was assessed: the people and their first readings, in groups, and beside what others have measured."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from analysis.answers.counting import NOT_RECORDED, with_not_recorded
from analysis.answers.rates import group_columns
from analysis.hips.classify import baseline_hips
from analysis.protocol import Protocol
from analysis.protocol.norms import published_norms
from analysis.schema import HIP
from analysis.stats.standardised import standardised_difference, standardised_difference_of_shares

ALL = ""
NO_TYPE = "no type"  # unclassified, not restricted, indeterminate
SIZE = "people and hips"
_SKEWED = 0.2  # how far, in standard deviations, a mean lies from the median where the median says more


class Characteristic(NamedTuple):
    """Something recorded of a person, or read of a hip at the visit that classes are of."""

    name: str
    values: pd.Series
    of_person: bool
    levels: tuple[str, ...]
    """In their order; none for a number."""


def who_was_assessed(assessments: pd.DataFrame, hips: pd.DataFrame, protocol: Protocol, by: str) -> pd.DataFrame:
    """Describe the people and their first readings, all and in groups: "Table 1" of an article.

    Parameters
    ----------
    assessments
        As :func:`analysis.analyse` returns them.
    hips
        One row per hip with ``by``, such as the classifications or the care.
    protocol
        Names what is recorded and the visit of the first readings, ``classify_at``.
    by
        The column of the groups. A person counts once in each group in which a hip is. Of classes, states that are no
        type are one group.

    Returns
    -------
    pandas.DataFrame
        For every ``characteristic``, ``level`` (empty for a number) and ``group`` (empty for all, first) one row:

        - ``n_patients``, ``n_hips`` of the group; ``of_person``: whether people are counted in what follows, or hips
        - ``n_known`` and ``n_missing``: of whom it is recorded, and not
        - of levels ``n_with`` and ``share`` of those known; of numbers ``mean``, ``sd``, ``q1``, ``median``, ``q3``, in
          the unit of the characteristic, and ``skewed``: whether the median says more
        - ``difference``: the largest standardised difference between any two groups, those not recorded left out;
          missing where there are no two
        - for disclosure ``n_patients_behind``, the fewest people behind any level of it in the group,
          ``n_patients_behind_any``, in any group, and ``n_patients_per_quarter``; see :func:`held_together`

        The first rows are those of ``characteristic`` "people and hips".

    Notes
    -----
    Worked-out groups of a number that is recorded are left out, and so are dates and words without levels. There are
    no tests: whether groups of one cohort differ is no question of chance.
    """
    (by,) = group_columns([by], hips)
    table = baseline_hips(assessments, protocol)
    table = table if by in table else table.merge(hips[[*HIP, by]], on=HIP, how="left", validate="1:1")
    group = with_not_recorded(table[by]).astype("str") if by != "stretch_type" else _types(table[by], protocol)
    order = (
        [*protocol.types, NO_TYPE] if by == "stretch_type" else map(str, with_not_recorded(table[by]).cat.categories)
    )
    names = [level for level in order if (group == level).any()]
    person, _ = pd.factorize(table["patient_id"])
    groups = {ALL: np.arange(len(table)), **{name: np.flatnonzero(group == name) for name in names}}
    sizes = Characteristic(SIZE, table["patient_id"], True, ())
    described = [_described(each, person, groups) for each in (sizes, *_characteristics(table, protocol, by))]
    return pd.DataFrame([row for rows in described for row in rows])


def _types(states: pd.Series, protocol: Protocol) -> pd.Series:
    """Return the types, and the states that are none as one: there are few of each, and a page has room for few."""
    return states.astype("object").where(states.isin(list(protocol.types)), NO_TYPE).astype("str")


def _characteristics(table: pd.DataFrame, protocol: Protocol, by: str) -> Iterator[Characteristic]:
    recorded = {name for name in table if table[name].notna().any()}
    for name, attribute in protocol.attributes.items():
        follows = bool(attribute.groups) and attribute.of[0] in recorded
        if name in recorded - {by} and not follows and (attribute.levels or attribute.kind == "number"):
            yield Characteristic(name, table[name], True, attribute.levels)
    for name, measure in protocol.measures_of("assessments").items():
        if name not in recorded:
            continue
        if measure.kind == "answer":
            yield Characteristic(name, table[name].map({True: "yes", False: "no"}), False, ("yes", "no"))
        else:
            yield Characteristic(name, table[name], False, measure.levels)


class _Once(NamedTuple):
    """What is known of a characteristic in a group: of each person one value where people are counted, else of hips."""

    person: np.ndarray
    value: np.ndarray
    """The number, or the place of the level; NaN where it is not recorded."""

    @property
    def known(self) -> np.ndarray:
        return ~np.isnan(self.value)

    def n_with(self, levels: int) -> list[int]:
        """Return how many have each level."""
        found: list[int] = np.bincount(self.value[self.known].astype("int64"), minlength=levels).tolist()
        return found

    def fewest_behind(self, levels: int) -> int:
        """Return the fewest people of any level, those not recorded being one; 0 where all known are of one level."""
        if not levels:
            return len(np.unique(self.person[self.known]))
        level = np.where(self.known, self.value, levels).astype("int64")
        people = np.bincount(np.unique(np.column_stack([level, self.person]), axis=0)[:, 0], minlength=levels + 1)
        return int(people[people > 0].min()) if (people[:levels] > 0).sum() > 1 else 0


def _described(each: Characteristic, person: np.ndarray, groups: dict[str, np.ndarray]) -> list[dict[str, Any]]:
    """Return the rows of one characteristic; a group is the rows of its hips."""
    values, many = _numbers(each), len(each.levels)
    once = {name: _once(rows, person, values, each.of_person) for name, rows in groups.items()}
    n_with = {name: own.n_with(many) if many else [np.nan] for name, own in once.items()}
    behind = {name: own.fewest_behind(many) for name, own in once.items()}
    behind_any = min([count for name, count in behind.items() if name != ALL and len(once[name].value)], default=0)
    apart = _difference({name: own for name, own in once.items() if name not in (ALL, NOT_RECORDED)}, each)
    is_number = not many and each.name != SIZE
    told = {name: _spread(own.value[own.known]) if is_number else {} for name, own in once.items()}
    rows = []
    for place, level in enumerate(each.levels or ("",)):
        for name, hips in groups.items():
            n_known = int(once[name].known.sum())
            rows.append(
                {
                    "characteristic": each.name,
                    "level": level,
                    "group": name,
                    "of_person": each.of_person,
                    "n_patients": len(np.unique(person[hips])),
                    "n_hips": len(hips),
                    "n_known": n_known,
                    "n_missing": len(once[name].value) - n_known,
                    "n_with": n_with[name][place],
                    "share": n_with[name][place] / n_known if n_known else np.nan,
                    **{key: told[name].get(key, np.nan) for key in ("mean", "sd", "q1", "median", "q3")},
                    "skewed": _is_skewed(**told[ALL]) if is_number else False,
                    "n_patients_per_quarter": len(np.unique(once[name].person[once[name].known])) // 4,
                    "difference": apart,
                    "n_patients_behind": behind[name],
                    "n_patients_behind_any": behind_any,
                }
            )
    return rows


def _numbers(each: Characteristic) -> np.ndarray:
    """Return the values as numbers, or levels by their place; NaN where not recorded. People and hips are all known."""
    if each.levels:
        place = pd.Categorical(each.values, each.levels).codes
        return np.where(place < 0, np.nan, place)
    if each.name == SIZE:
        return np.zeros(len(each.values))
    return each.values.to_numpy(dtype="float64", na_value=np.nan)


def _once(rows: np.ndarray, person: np.ndarray, values: np.ndarray, of_person: bool) -> _Once:
    """Return one entry per person where people are counted, with what is recorded at any hip of theirs."""
    if of_person:
        rows = rows[np.argsort(values[rows], kind="stable")]  # what is missing comes last
        _, first = np.unique(person[rows], return_index=True)
        rows = rows[np.sort(first)]
    return _Once(person[rows], values[rows])


def _difference(groups: dict[str, _Once], each: Characteristic) -> float:
    if each.levels:
        counts = [own.n_with(len(each.levels)) for own in groups.values()]
        return standardised_difference_of_shares(counts) if counts else np.nan
    return standardised_difference([own.value for own in groups.values()]) if each.name != SIZE else np.nan


def _spread(values: np.ndarray) -> dict[str, float]:
    if not len(values):
        return dict.fromkeys(("mean", "sd", "q1", "median", "q3"), np.nan)
    quarters = dict(zip(("q1", "median", "q3"), np.quantile(values, [0.25, 0.5, 0.75]).tolist(), strict=True))
    sd = float(values.std(ddof=1)) if len(values) > 1 else np.nan
    return {"mean": float(values.mean()), "sd": sd, **quarters}


def _is_skewed(mean: float, sd: float, median: float, **_: float) -> bool:
    return abs(mean - median) > _SKEWED * sd


def held_together(table: pd.DataFrame, some_group_is_held: bool) -> pd.DataFrame:
    """Return a table of :func:`who_was_assessed` of which nothing follows by subtraction, once it is protected.

    Where the size of any group may not be told, no group is: the others and all would tell it. Else what few of one
    group have is told of neither that group nor all.
    """
    everyone, sizes = table["group"] == ALL, table["characteristic"] == SIZE
    own, of_any = table["n_patients_behind"], table["n_patients_behind_any"]
    if some_group_is_held:
        return table.assign(n_patients_behind=own.where(everyone, 0), n_patients_behind_any=0)
    return table.assign(n_patients_behind=own.where(~everyone | sizes, np.minimum(own, of_any)))


def beside_norms(assessments: pd.DataFrame, protocol: Protocol) -> pd.DataFrame:
    """Set the mean first readings beside published ones of the same position.

    Parameters
    ----------
    assessments, protocol
        As for :func:`who_was_assessed`.

    Returns
    -------
    pandas.DataFrame
        One row per ``measure``, ``position`` and published norm: ``n_patients`` and ``n_hips`` read so, their ``mean``
        and ``sd``; ``norm``, ``norm_sd`` (missing where the source has none), ``norm_people``, ``norm_source``; and
        ``n_patients_behind``, the fewest people in any position of the measure (for disclosure). Empty where the
        protocol records no position, or nothing is published.
    """
    rows: list[dict[str, Any]] = []
    hips = baseline_hips(assessments, protocol)
    for norm in published_norms():
        if norm.measure not in protocol.measures or "position" not in protocol.conditions:
            continue
        read = hips[hips[norm.measure].notna()]
        position = read["position"].astype("object").fillna(NOT_RECORDED)
        own = read.loc[position == norm.position, norm.measure]
        if len(own):
            rows.append(
                {
                    "measure": norm.measure,
                    "position": norm.position,
                    "n_patients": read.loc[own.index, "patient_id"].nunique(),
                    "n_hips": len(own),
                    "mean": own.mean(),
                    "sd": own.std(),
                    "n_patients_behind": int(read.groupby(position)["patient_id"].nunique().min()),
                    "norm": norm.mean,
                    "norm_sd": np.nan if norm.sd is None else norm.sd,
                    "norm_people": f"{norm.n} {norm.people}",
                    "norm_source": norm.source,
                }
            )
    return pd.DataFrame(rows)
