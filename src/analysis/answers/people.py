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
    sizes = Characteristic(SIZE, table["patient_id"], True, ())
    rows: list[dict[str, Any]] = []
    for each in [sizes, *_characteristics(table, protocol, by)]:
        frame = pd.DataFrame({"patient_id": table["patient_id"], "group": group, "value": each.values})
        rows += _described(frame, each, names)
    return pd.DataFrame(rows)


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


def _described(frame: pd.DataFrame, each: Characteristic, names: list[str]) -> list[dict[str, Any]]:
    """Return the rows of one characteristic."""
    parts = {ALL: frame, **{name: frame[frame["group"] == name] for name in names}}
    known = {name: _counted_once(part, each.of_person) for name, part in parts.items()}
    behind = {name: _fewest_behind(part, each) for name, part in known.items()}
    behind_any = min([count for name, count in behind.items() if name != ALL and len(known[name])], default=0)
    numbers = [part["value"].astype("float64") for part in known.values()] if _is_number(each) else []
    compared = [name for name in names if name != NOT_RECORDED]
    apart = _difference([known[name]["value"] for name in compared], each)
    skewed = bool(numbers) and abs(numbers[0].mean() - numbers[0].median()) > _SKEWED * numbers[0].std()
    rows = []
    for level in each.levels or ("",):
        for place, (name, part) in enumerate(parts.items()):
            once = known[name]
            n_with = int((once["value"] == level).sum()) if each.levels else np.nan
            n_known = int(once["value"].notna().sum())
            told = _spread(numbers[place]) if numbers else {}
            rows.append(
                {
                    "characteristic": each.name,
                    "level": level,
                    "group": name,
                    "of_person": each.of_person,
                    "n_patients": part["patient_id"].nunique(),
                    "n_hips": len(part),
                    "n_known": n_known,
                    "n_missing": len(once) - n_known,
                    "n_with": n_with,
                    "share": n_with / n_known if n_known else np.nan,
                    **{key: told.get(key, np.nan) for key in ("mean", "sd", "q1", "median", "q3")},
                    "skewed": skewed,
                    "n_patients_per_quarter": len(set(once.loc[once["value"].notna(), "patient_id"])) // 4,
                    "difference": apart,
                    "n_patients_behind": behind[name],
                    "n_patients_behind_any": behind_any,
                }
            )
    return rows


def _is_number(each: Characteristic) -> bool:
    return not each.levels and each.name != SIZE


def _counted_once(part: pd.DataFrame, of_person: bool) -> pd.DataFrame:
    """Return one row per person where people are counted, with what is recorded at any hip of theirs."""
    return part.sort_values("value", kind="stable").drop_duplicates("patient_id") if of_person else part


def _fewest_behind(once: pd.DataFrame, each: Characteristic) -> int:
    """Return the fewest people of any level, those not recorded being one; 0 where all known are of one level."""
    if not each.levels:
        return int(once.loc[once["value"].notna(), "patient_id"].nunique())
    people = once.groupby(once["value"].astype("object").fillna(NOT_RECORDED))["patient_id"].nunique()
    return int(people.min()) if len(people.index.difference([NOT_RECORDED])) > 1 else 0


def _difference(groups: list[pd.Series], each: Characteristic) -> float:
    if each.levels:
        counts = [[(values == level).sum() for level in each.levels] for values in groups]
        return standardised_difference_of_shares(counts) if counts else np.nan
    return standardised_difference([values.astype("float64") for values in groups]) if _is_number(each) else np.nan


def _spread(values: pd.Series) -> dict[str, float]:
    quarters = values.quantile([0.25, 0.5, 0.75]).tolist()
    return {"mean": values.mean(), "sd": values.std(), **dict(zip(("q1", "median", "q3"), quarters, strict=True))}


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
