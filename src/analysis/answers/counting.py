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
_COUNTS = ["evaluable", "responders", "missing"]


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
        One row per hip: ``patient_id``; ``evaluable``, ``responders`` and ``missing`` as 0 or 1; ``chance``, the
        hip's probability of being a responder by chance (0 where it is not evaluable, missing where unknown).
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
    result = _from_sums(_sums(hips, groups), interval)
    if not groups:
        return result
    levels = [column.cat.categories for column in groups.values()]
    every = pd.MultiIndex.from_product(levels, names=list(groups)).to_frame(index=False)
    columns = {name: every[name].astype(column.dtype) for name, column in groups.items()}
    return pd.concat([pd.DataFrame(columns), result], axis=1)


def _sums(hips: pd.DataFrame, groups: Mapping[str, pd.Series]) -> dict[str, np.ndarray]:
    """Return sums over people and over their hips, one for every combination of the groups' levels, in order."""
    known = hips["patient_id"].notna().to_numpy()
    person, people = pd.factorize(hips["patient_id"].to_numpy()[known])
    place, n_groups = np.zeros(len(person), dtype="int64"), 1
    for column in groups.values():
        place = place * len(column.cat.categories) + column.cat.codes.to_numpy()[known]
        n_groups *= len(column.cat.categories)
    in_group, whose = np.unique(place * max(len(people), 1) + person, return_inverse=True)
    of_group = in_group // max(len(people), 1)
    columns = {name: hips[name].to_numpy()[known] for name in (*_COUNTS, "chance")}
    # An unknown chance must not count as a chance of 0, so a sum with one in it is unknown.
    own = {name: np.bincount(whose, column, len(in_group)) for name, column in columns.items()}
    m, x = own["evaluable"], own["responders"]
    terms = own | {
        "people": np.ones(len(in_group)),
        "people_evaluable": m > 0,
        "people_with": x > 0,
        "people_without": m > x,
        "hips_squared": m * m,
        "responders_squared": x * x,
        "cross": x * m,
        "hips": np.bincount(whose, minlength=len(in_group)),
    }
    return {name: np.bincount(of_group, term, n_groups) for name, term in terms.items()}


def _from_sums(sums: Mapping[str, np.ndarray], interval: str) -> pd.DataFrame:
    whole = {name: column.astype("int64") for name, column in sums.items() if name != "chance"}
    n, x, lost = whole["evaluable"], whole["responders"], whole["missing"]
    squares = (whole["hips_squared"], whole["responders_squared"], whole["cross"])
    low, high = RATE_INTERVALS[interval].limits(ClusterSums(whole["people_evaluable"], n, x, *squares), 0.95)
    could = np.where(n + lost > 0, n + lost, np.nan)
    some = np.where(n > 0, n, np.nan)
    return pd.DataFrame(
        {
            "n_patients": whole["people"],
            "n_hips": whole["hips"],
            "n_evaluable": n,
            "n_responders": x,
            "rate": x / some,
            "ci_low": low,
            "ci_high": high,
            "chance_rate": sums["chance"] / some,
            "n_missing": lost,
            "rate_if_none": x / could,
            "rate_if_all": (x + lost) / could,
            "n_patients_evaluable": whole["people_evaluable"],
            "n_patients_with": whole["people_with"],
            "n_patients_without": whole["people_without"],
        }
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
                "chance": 0.0,
            }
        )
        rows.append(count_hips(counted, {}))
    table = pd.concat(rows, ignore_index=True).drop(columns=["chance_rate", "rate_if_none", "rate_if_all"])
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
