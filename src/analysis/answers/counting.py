"""Count hips in groups without ever taking two hips of one person for two people."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.schema import ordered
from analysis.stats.proportions import ClusterSums
from analysis.stats.rate_intervals import RATE_INTERVALS

DEFAULT_INTERVAL = "wilson"
INTERVAL = RATE_INTERVALS[DEFAULT_INTERVAL].description
NOT_RECORDED = "not recorded"
_COUNTS = ["hips", "evaluable", "responders", "missing"]
CHANCES = ["chance", "chance_least", "chance_most"]  # at the protocol's measurement error, and the ends of those tried


def with_not_recorded(column: pd.Series) -> pd.Series:
    """Return a group column as an ordered category, with a level of its own for missing if any is."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        levels = [str(level) for level in column.cat.categories]
    else:
        levels = sorted(column.dropna().astype("str").unique())
    if column.isna().any() and NOT_RECORDED not in levels:
        levels.append(NOT_RECORDED)
    return column.astype("object").astype("str").fillna(NOT_RECORDED).astype(ordered(levels))


def count_hips(hips: pd.DataFrame, groups: Mapping[str, pd.Series], interval: str = DEFAULT_INTERVAL) -> pd.DataFrame:
    """Count hips and people, and the share of hips for which something holds.

    Parameters
    ----------
    hips
        One row per hip: ``patient_id``; ``evaluable``, ``responders`` and ``missing`` as 0 or 1; ``chance``,
        ``chance_least`` and ``chance_most``, the hip's probability of being a responder by chance at each measurement
        error tried (0 where it is not evaluable, missing where unknown).
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
    Everything but the chance rate follows from whole-number sums over people, which add up exactly however
    the rows are divided.
    """
    by = list(groups)
    sums = _sums(hips.assign(hips=1, **groups), by)
    if not by:
        return _from_sums(sums, interval).reset_index(drop=True)
    every = pd.MultiIndex.from_product([groups[name].cat.categories for name in by], names=by)
    sums = sums.reindex(every if len(by) > 1 else every.get_level_values(0), fill_value=0)
    result = _from_sums(sums, interval).reset_index()
    return result.assign(**{name: result[name].astype(groups[name].dtype) for name in by})


def _sums(hips: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    people = hips.groupby([*by, "patient_id"], observed=True, sort=False)
    # An unknown chance must not count as a chance of 0, so a sum with one in it is unknown.
    person = people[[*_COUNTS, *CHANCES]].sum(skipna=False).reset_index()
    m, x = person["evaluable"], person["responders"]
    terms = person[[*by, *_COUNTS, *CHANCES]].assign(
        people=1,
        people_evaluable=(m > 0).astype("int64"),
        people_with=(x > 0).astype("int64"),
        people_without=(m > x).astype("int64"),
        hips_squared=m * m,
        responders_squared=x * x,
        cross=x * m,
    )
    if not by:
        return terms.sum(skipna=False).to_frame().T
    return terms.groupby(by, observed=True, sort=True).sum(skipna=False)


def _from_sums(sums: pd.DataFrame, interval: str) -> pd.DataFrame:
    whole = {name: sums[name].to_numpy(dtype="int64") for name in sums if name not in CHANCES}
    n, x, lost = whole["evaluable"], whole["responders"], whole["missing"]
    squares = (whole["hips_squared"], whole["responders_squared"], whole["cross"])
    low, high = RATE_INTERVALS[interval].limits(ClusterSums(whole["people_evaluable"], n, x, *squares), 0.95)
    could = np.where(n + lost > 0, n + lost, np.nan)
    some = np.where(n > 0, n, np.nan)
    chances = [sums[name].to_numpy(dtype="float64") / some for name in CHANCES]
    return pd.DataFrame(
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
        },
        index=sums.index,
    )


def shares(people: pd.Series, answers: Mapping[str, pd.Series]) -> pd.DataFrame:
    """Return the share of hips for which each of several things holds.

    Parameters
    ----------
    people
        ``patient_id`` of each hip.
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
        known = answer.notna()
        counted = pd.DataFrame(
            {
                "patient_id": people,
                "evaluable": known.astype("int64"),
                "responders": answer.fillna(False).astype("int64"),
                "missing": (~known).astype("int64"),
                **dict.fromkeys(CHANCES, 0.0),
            }
        )
        rows.append(count_hips(counted, {}))
    table = pd.concat(rows, ignore_index=True).drop(
        columns=["chance_rate", "chance_low", "chance_high", "rate_if_none", "rate_if_all"]
    )
    names = {"n_evaluable": "n_known", "n_responders": "n_yes", "rate": "share", "n_missing": "n_not_known"}
    table = table.rename(columns=names)
    table.insert(0, "answer", list(answers))
    return table


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
