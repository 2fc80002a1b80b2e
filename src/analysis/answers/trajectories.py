"""The mean reading of groups of hips at every visit, from one mixed model of all visits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from analysis.answers.counting import with_not_recorded
from analysis.answers.degrees import measures_with_error
from analysis.answers.rates import group_columns
from analysis.hips.clinic_of_person import CLINIC_OF_PERSON, clusters_of, with_clinic_of_person
from analysis.protocol import Protocol
from analysis.schema import HIP
from analysis.stats.labels import numbered
from analysis.stats.repeated_means import repeated_means
from analysis.usererror import UserError

_OTHER_SIDE = {"left": "right", "right": "left"}


def trajectories(
    assessments: pd.DataFrame, changes: pd.DataFrame, protocol: Protocol, by: str | Sequence[str], measure: str = ""
) -> pd.DataFrame:
    """Return the mean of a measure at every visit for every group of hips, from one model of all visits.

    Parameters
    ----------
    assessments, changes
        As :func:`analysis.analyse` returns them.
    protocol
        Names the visits, the measures and how a reading is taken.
    by
        The column, or columns, that divide the hips, such as ``side``, or ``stretch_type`` and ``side``.
    measure
        One with a measurement error; the first of them if left out.

    Returns
    -------
    pandas.DataFrame
        One row per group and visit at which any hip of it was read; empty where no measure has an error or was read:

        - ``measure``, the columns ``by``, ``timepoint``, and ``n_hips`` and ``n_patients`` read then
        - ``mean`` in the unit of the measure, with ``ci_low`` and ``ci_high`` (95 %)
        - ``since``: the visit that the class is of, else the first; ``change``: the mean less that at this visit, with
          ``change_low`` and ``change_high``, and ``n_patients_since`` of the group read there; missing at it
        - ``apart``: left less right of the same group at the visit, with ``apart_low`` and ``apart_high``; by side
          only, and only in the rows of the left; ``n_patients_other`` read on the other side, in the rows of both
        - of the model: ``n_hips_read`` and ``n_read`` readings; ``n_not_read``: visits of these hips without one;
          ``n_other_way``: readings left out because they were taken in another way than the hip's others;
          ``sd_clinic``, ``sd_person``, ``sd_hip`` and ``sd_reading``, missing where there is no such level;
          ``clustered_by`` and ``cluster_note``
        - ``not_estimable``: why there is no mean, else empty

    Raises
    ------
    ValueError
        There is no such measure with an error.

    Notes
    -----
    A mean for each group and visit; hips, people and, where there are at least 5, clinics differ at random. A hip
    counts with the visits it has: a mean is that of all hips of the group if those not seen would have read as hips
    do that read alike at other visits. Visits with nothing done since another, such as second readings, are left out.

    References
    ----------
    See :func:`analysis.stats.repeated_means.repeated_means`.
    """
    rows, n_other_way = _readings(assessments, changes, protocol, by, measure)
    if rows.empty:
        return pd.DataFrame()
    measure, columns = str(rows["measure"].iloc[0]), group_columns(by, changes)
    points = _points(rows, columns)
    since = protocol.classify_at if protocol.classify_at in set(points["timepoint"]) else str(rows["timepoint"].min())
    visits, hips = points["timepoint"].nunique(), len(rows[HIP].drop_duplicates())
    counts = {"n_hips_read": hips, "n_read": len(rows), "n_not_read": hips * visits - len(rows)}
    points = points.assign(measure=measure, since=since, **counts, n_other_way=n_other_way)
    return _with_means(points, rows, columns)


def visit_readings(
    assessments: pd.DataFrame, changes: pd.DataFrame, protocol: Protocol, by: str | Sequence[str], measure: str = ""
) -> pd.DataFrame:
    """Return the single readings that the means of :func:`trajectories` are of.

    Parameters
    ----------
    assessments, changes, protocol, by, measure
        As there.

    Returns
    -------
    pandas.DataFrame
        One row per hip and visit: the hip's key, ``timepoint``, ``clinic_id``, ``measure``, ``reading`` in its unit and
        the columns ``by``; empty as there.
    """
    return _readings(assessments, changes, protocol, by, measure)[0]


def hips_at_visits(
    assessments: pd.DataFrame, changes: pd.DataFrame, protocol: Protocol, groupings: Sequence[Sequence[str]]
) -> Iterator[pd.DataFrame]:
    """Yield the counts of the usual measure as :func:`trajectories` has them, for each way to divide the hips.

    Parameters
    ----------
    assessments, changes, protocol
        As there.
    groupings
        The columns that divide the hips, each time.

    Yields
    ------
    pandas.DataFrame
        The columns, ``timepoint``, ``n_hips`` and ``n_patients`` read then, and ``measure``; no mean.
    """
    columns = list(dict.fromkeys(column for by in groupings for column in by))
    rows, _ = _readings(assessments, changes, protocol, columns, "")
    if len(rows):
        yield from (_points(rows, list(by)).assign(measure=rows["measure"].iloc[0]) for by in groupings)


def _readings(
    assessments: pd.DataFrame, changes: pd.DataFrame, protocol: Protocol, by: str | Sequence[str], measure: str
) -> tuple[pd.DataFrame, int]:
    """Return the readings, and how many were left out as taken in another way than the hip's others."""
    known = measures_with_error(protocol)
    if measure and measure not in known:
        raise UserError(f"measure is {measure!r}; it can be {', '.join(known)}")
    if not known:
        return pd.DataFrame(), 0
    measure = measure or next(iter(known))
    rows, n_other_way = _taken_alike(assessments, protocol, measure)
    return rows.assign(**{column: _groups(rows, changes, column) for column in group_columns(by, changes)}), n_other_way


def _taken_alike(assessments: pd.DataFrame, protocol: Protocol, measure: str) -> tuple[pd.DataFrame, int]:
    repeats = {pair.end for pair in protocol.comparisons.values() if pair.unchanged}
    conditions = [name for name, condition in protocol.conditions.items() if condition.must_match]
    wanted = ["patient_id", "side", "episode", "timepoint", "clinic_id", measure]
    rows = with_clinic_of_person(assessments[[*wanted, *conditions]])
    rows = rows[rows[measure].notna() & ~rows["timepoint"].isin(repeats)]
    hip = rows.groupby(HIP, observed=True).ngroup().to_numpy()
    # The way of a hip is that at the visit of its class, else at the first where it was recorded.
    order = np.lexsort((rows["timepoint"].cat.codes, (rows["timepoint"] != protocol.classify_at).to_numpy()))
    differs = np.zeros(len(rows), dtype=bool)
    for name in conditions:
        way, _ = pd.factorize(rows[name])
        usual, known = np.full(hip.max(initial=-1) + 1, -1), order[way[order] >= 0]
        usual[hip[known[::-1]]] = way[known[::-1]]  # of several, the first is written last
        differs |= (way >= 0) & (way != usual[hip])
    alike = rows.loc[~differs, [*wanted, CLINIC_OF_PERSON]].rename(columns={measure: "reading"}).reset_index(drop=True)
    return alike.assign(measure=measure), int(differs.sum())


def _groups(rows: pd.DataFrame, changes: pd.DataFrame, column: str) -> pd.Series:
    if column in rows:
        return with_not_recorded(rows[column])
    hips = changes[[*HIP, column]].dropna(subset=[column]).drop_duplicates(HIP)
    found = rows[HIP].merge(hips, on=HIP, how="left")[column]
    return with_not_recorded(found.astype(changes[column].dtype))


def _points(rows: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """Return groups and visits in their order, with who was read."""
    cells = rows.groupby([*columns, "timepoint"], observed=True)["patient_id"].agg(n_hips="size", n_patients="nunique")
    return cells.reset_index().astype({"timepoint": "str"})


def _rows_with(points: pd.DataFrame, names: list[str], changed: str, to: Mapping[str, str]) -> np.ndarray:
    """Return the row that stands for each of these with another visit or side, -1 where there is none."""
    if changed not in names:
        return np.full(len(points), -1)
    keys = pd.MultiIndex.from_frame(points[names].astype("str"))
    others = points[names].astype("str").assign(**{changed: points[changed].astype("str").replace(dict(to))})
    return np.asarray(keys.get_indexer(pd.MultiIndex.from_frame(others)))


def _with_means(points: pd.DataFrame, rows: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """Add means, changes since one visit and differences of the sides, with what is told of the model."""
    names = [*columns, "timepoint"]
    own, everyone = np.arange(len(points)), points["n_patients"].to_numpy()
    since = _rows_with(points, names, "timepoint", dict.fromkeys(points["timepoint"], str(points["since"].iloc[0])))
    by_side = "side" in names
    other = _rows_with(points, names, "side", _OTHER_SIDE)
    is_left = (points["side"].astype("str") == "left").to_numpy() if by_side else np.zeros(len(points), dtype=bool)
    # What is asked: the mean of each row, less that of another row, which is -1 where there is none.
    less = {"mean": own, "change": np.where(since == own, -1, since), "apart": np.where(is_left, other, -1)}
    asked = {name: own[with_it >= 0] for name, with_it in less.items()}
    means = np.eye(len(points))
    weights = [means[at] - means[less[name][at]] * (name != "mean") for name, at in asked.items()]
    found = repeated_means(
        rows["reading"],
        rows.groupby(names, observed=True).ngroup(),
        rows.groupby(HIP, observed=True).ngroup(),
        rows["patient_id"],
        rows[CLINIC_OF_PERSON].to_numpy(),
        np.vstack(weights),
    )
    answers = iter(found.combinations)
    more: dict[str, Any] = {}
    for name, at in asked.items():
        numbers = np.full((len(points), 3), np.nan)
        for place in at:
            value, limits = next(answers)
            numbers[place] = value, *limits
        ends = "ci" if name == "mean" else name
        more |= dict(zip([name, f"{ends}_low", f"{ends}_high"], numbers.T, strict=True))
    more |= {"n_patients_since": np.where(since >= 0, everyone[since], np.nan)}
    if by_side:
        more |= {"n_patients_other": np.where(other >= 0, everyone[other], np.nan)}
    more |= {f"sd_{level}": found.deviations.get(level, np.nan) for level in ("clinic", "person", "hip", "reading")}
    note = clusters_of(numbered(rows["patient_id"]), rows).note
    more |= {"clustered_by": found.clustered_by, "cluster_note": note}
    few = f"seen in fewer than 2 {'clinics' if found.clustered_by == 'clinic' else 'people'}"
    return points.assign(**more, not_estimable=found.reason or np.where(found.told, "", few))
