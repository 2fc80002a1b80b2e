"""Responses become rates: how many hips responded, of how many, of how many people, and by chance."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.response import ALREADY
from analysis.schema import TableError, ordered
from analysis.stats.proportions import ClusterSums, clustered_wilson_from_sums

INTERVAL = "95 % Wilson interval at the effective sample size, clustered by person, t quantile"
NOT_RECORDED = "not recorded"
_PER_PERSON = ["hips", "evaluable", "responders", "missing"]


def rates(
    responses: pd.DataFrame,
    by: Sequence[str] = (),
    response: str | None = None,
    comparison: str | None = None,
) -> pd.DataFrame:
    """Count responders in groups of hips.

    Parameters
    ----------
    responses
        As :func:`analysis.respond` returns them.
    by
        Columns to group by, such as ``["stretch_type", "side"]``; none gives one row for all hips.
    response, comparison
        Which rule and which pair of timepoints; the protocol's primary ones if left out.

    Returns
    -------
    pandas.DataFrame
        One row for every combination of the groups' levels, also the empty ones, with

        - ``n_patients``, ``n_hips``: people and hips in the group
        - ``n_evaluable``, ``n_responders``: hips that could be judged, and that responded
        - ``rate``, ``ci_low``, ``ci_high``: shares of the evaluable hips, 0 to 1; missing when none is
        - ``chance_rate``: the rate had nothing truly changed; missing where a hip's chance is not known
        - ``n_missing``: hips without an outcome for want of a reading; ``rate_if_none`` and ``rate_if_all``
          are the rates had none, or all, of them responded
        - ``n_patients_evaluable``, ``n_patients_with``, ``n_patients_without``: people behind the rate, people
          with at least one responder hip, and with at least one non-responder hip (for disclosure)
        - ``response``, ``comparison``, ``interval``: what was counted and how

    Raises
    ------
    TableError
        A column to group by is not there.
    ValueError
        The response or the comparison is not one of the protocol's.

    Notes
    -----
    The interval takes the two hips of one person as one cluster, never as two people; see
    :func:`analysis.stats.proportions.clustered_wilson`. Hips for which a group column is missing form the
    group "not recorded", so that the groups always add up to the whole.

    Examples
    --------
    >>> from analysis import change, respond
    >>> visits = pd.DataFrame({"patient_id": ["a", "a", "b", "b"], "side": "left",
    ...                        "timepoint": ["baseline", "post"] * 2, "hip_ir_deg": [12.0, 17.0, 10.0, 12.0]})
    >>> rates(respond(change(visits)), by=["side"], response="ir")[["side", "n_evaluable", "rate"]].values.tolist()
    [['left', 2, 0.5], ['right', 0, nan]]
    """
    names = chosen(responses, response, comparison)
    rows = select(responses, names)
    by = group_columns(by, rows)
    groups = {name: with_not_recorded(rows[name]) for name in by}
    counted = pd.DataFrame(
        {
            "patient_id": rows["patient_id"],
            "hips": 1,
            "evaluable": (rows["outcome"] != "not_evaluable").astype("int64"),
            "responders": (rows["outcome"] == "responder").astype("int64"),
            "missing": ((rows["outcome"] == "not_evaluable") & (rows["reason"] != ALREADY)).astype("int64"),
            "chance": rows["chance"].where(rows["outcome"] != "not_evaluable", 0.0),
            **groups,
        }
    )
    every = pd.MultiIndex.from_product([groups[name].cat.categories for name in by], names=by) if by else None
    result = _from_sums(_sums(counted, by), every)
    for name in by:
        result[name] = result[name].astype(groups[name].dtype)
    return result.assign(**names, interval=INTERVAL)


def chosen(responses: pd.DataFrame, response: str | None, comparison: str | None) -> dict[str, str]:
    """Return the response and comparison asked for; the first, primary, levels where none is named."""
    names = {}
    for column, wanted in (("response", response), ("comparison", comparison)):
        known = [str(level) for level in responses[column].cat.categories]
        if wanted is not None and wanted not in known:
            raise ValueError(f"{column} is {wanted!r}; it can be {', '.join(known)}")
        names[column] = wanted or known[0]
    return names


def select(responses: pd.DataFrame, names: dict[str, str]) -> pd.DataFrame:
    """Return the rows of one response and one comparison."""
    return responses[(responses["response"] == names["response"]) & (responses["comparison"] == names["comparison"])]


def group_columns(by: Sequence[str], rows: pd.DataFrame, but: Sequence[str] = ()) -> list[str]:
    """Return the columns to group by, each once; one alone may be given as text.

    Raises
    ------
    TableError
        One is not there, is among ``but``, or is the person or the answer itself.
    """
    never = {"patient_id", "outcome", "reason", "chance", "response", *but}
    known = [str(name) for name in rows if name not in never]
    wanted = list(dict.fromkeys([by] if isinstance(by, str) else by))
    if absent := [name for name in wanted if name not in known]:
        raise TableError(f"cannot group by {', '.join(absent)}; the columns are {', '.join(known)}")
    return wanted


def with_not_recorded(column: pd.Series) -> pd.Series:
    """Return a group column as an ordered category, with a level of its own for missing if any is."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        levels = [str(level) for level in column.cat.categories]
    else:
        levels = sorted(column.dropna().astype("str").unique())
    if column.isna().any() and NOT_RECORDED not in levels:
        levels.append(NOT_RECORDED)
    return column.astype("object").astype("str").fillna(NOT_RECORDED).astype(ordered(levels))


def _sums(counted: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Return whole-number sums over people for each group; they add up exactly however rows are divided."""
    keys = [*by, "patient_id"]
    people = counted.groupby(keys, observed=True, sort=False)
    # An unknown chance must not count as a chance of 0, so the sum of one is unknown.
    person = people[[*_PER_PERSON, "chance"]].sum(skipna=False).reset_index()
    m, x = person["evaluable"], person["responders"]
    terms = person[[*by, *_PER_PERSON, "chance"]].assign(
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


def _from_sums(sums: pd.DataFrame, every: pd.MultiIndex | None) -> pd.DataFrame:
    if every is not None:
        sums = sums.reindex(every if every.nlevels > 1 else every.get_level_values(0), fill_value=0)
    whole = {name: sums[name].to_numpy(dtype="int64") for name in sums if name != "chance"}
    n, x, lost = whole["evaluable"], whole["responders"], whole["missing"]
    low, high = clustered_wilson_from_sums(
        ClusterSums(
            whole["people_evaluable"],
            n,
            x,
            whole["hips_squared"],
            whole["responders_squared"],
            whole["cross"],
        )
    )
    could = np.where(n + lost > 0, n + lost, np.nan)
    some = np.where(n > 0, n, np.nan)
    result = pd.DataFrame(
        {
            "n_patients": whole["people"],
            "n_hips": whole["hips"],
            "n_evaluable": n,
            "n_responders": x,
            "rate": x / some,
            "ci_low": low,
            "ci_high": high,
            "chance_rate": sums["chance"].to_numpy(dtype="float64") / some,
            "n_missing": lost,
            "rate_if_none": x / could,
            "rate_if_all": (x + lost) / could,
            "n_patients_evaluable": whole["people_evaluable"],
            "n_patients_with": whole["people_with"],
            "n_patients_without": whole["people_without"],
        },
        index=sums.index,
    )
    return result.reset_index(drop=every is None)
