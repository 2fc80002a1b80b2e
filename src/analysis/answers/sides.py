"""Left against right: which hips of the same people responded, which among everyone, and whether groups differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from analysis.answers.counting import NOT_RECORDED, with_not_recorded
from analysis.answers.one_comparison import FIRST_EPISODE, by_person, clinics_of, compare, paired_table
from analysis.answers.rates import chosen, group_columns, responses_of, select
from analysis.hips.clinic_of_person import with_clinic_of_person
from analysis.pipeline import Tables
from analysis.schema import SIDES, in_first_episode
from analysis.stats.interaction import InteractionResult, side_by_group
from analysis.stats.multiple import ADJUSTMENTS, adjusted_p_values
from analysis.study import Study

_NEEDED = ("patient_id", "side", "episode", "clinic_id", "outcome")  # of 60 columns, each of which costs time to pick
_NOBODY = "no left hip is evaluable"  # what the model says of a group without left hips, and so of one without any


def compare_sides(
    responses: pd.DataFrame | Tables | Study,
    by: Sequence[str] = (),
    response: str | None = None,
    comparison: str | None = None,
) -> pd.DataFrame:
    """Compare the responder rates of left and right hips.

    Parameters
    ----------
    responses
        As :func:`analysis.respond` returns them; or all tables, or a study, of which they are taken.
    by
        Columns that divide the hips into groups; none gives one row. A person counts as a pair in a group
        when both hips are in it.
    response, comparison
        Which rule and which pair of timepoints; the protocol's primary ones if left out.

    Returns
    -------
    pandas.DataFrame
        One row per group with

        - ``both``, ``left_only``, ``right_only``, ``neither``, ``n``: people with both hips evaluable; who came
          back for another episode of care counts once, with the first
        - ``difference`` (left − right share of these people), ``tango_low/high`` with ``p_score``, McNemar's
          χ² test, ``newcombe_low/high`` (95 %), ``p_exact``, ``p_midp`` (McNemar), which take people as independent
        - ``by_clinic_low/high``, ``p_by_clinic``, ``by_clinic_df``: the same difference when clinics may differ in it,
          where people of 5 clinics or more have both hips evaluable; ``by_clinic_not_estimable``: why there is none
        - ``ci_low/high``, ``p``, ``method``: what answers: that by clinic where there is one, else Tango's limits
          with McNemar's χ² test, which belongs to them; ``clustered_by`` clinic or person, ``n_clinics``, and
          ``cluster_note``, which says so
        - ``obuchowski_low/high``, ``p_obuchowski`` and ``durkalski_difference``, ``durkalski_low/high``,
          ``p_durkalski``: the same people when those of one clinic may be alike; every person, or every
          clinic, counts alike; ``clinics_not_estimable``: why there is none, else empty
        - ``gee_difference``, ``gee_low/high``, ``gee_odds_ratio``, ``gee_or_low/high``, ``p_gee``: everyone, people
          with one evaluable hip too, and every episode; the p is that of the difference; ``gee_clustered_by`` person,
          or clinic where there are 5 or more
        - ``p_holm``, ``p_benjamini_hochberg``: ``p`` adjusted for the number of rows, the same where there is
          one; groups without pairs are no part of that number
        - ``one_hip_left``, ``one_hip_right``: people with only that hip evaluable, and of these
          ``one_hip_left_responders``, ``one_hip_right_responders``; ``one_hip_difference`` of their rates, with
          ``one_hip_low/high`` (Newcombe, two groups of people; missing where either is empty); ``one_hip_behind``:
          the fewest people behind any of these numbers (for disclosure)
        - ``not_estimable``: why any other number is missing, else empty
        - ``response``, ``comparison``

    Notes
    -----
    Positive differences favour the left. The paired estimate and that of people with one evaluable hip, and so
    that of everyone, may disagree: people with one may differ from those with two. People whose clinic is not
    recorded count as one more clinic, people seen in several with the first.

    References
    ----------
    Bell and McCaffrey 2002 (by clinic, with Satterthwaite's t),
    Fagerland 2014 (mid-p), Newcombe 1998 method 10 (paired and unpaired), Tango 1998, Obuchowski 1998, Durkalski 2003,
    Mancl and DeRouen 2001, Holm 1979, Benjamini and Hochberg 1995; see :mod:`analysis.stats`.

    Examples
    --------
    >>> from analysis import change, respond
    >>> visits = pd.DataFrame({"patient_id": "a", "side": ["left", "left", "right", "right"],
    ...                        "timepoint": ["baseline", "post"] * 2, "hip_ir_deg": [12.0, 17.0, 10.0, 12.0]})
    >>> compare_sides(respond(change(visits)), response="ir")[["left_only", "n"]].values.tolist()
    [[1, 1]]
    """
    responses = responses_of(responses)
    names = chosen(responses, response, comparison)
    by = group_columns(by, responses, but=["side"])
    rows = select(responses[[name for name in responses if name in {*_NEEDED, *names, *by}]], names)
    rows = with_clinic_of_person(rows)
    judged = rows.assign(**{FIRST_EPISODE: in_first_episode(rows)})[rows["outcome"] != "not_evaluable"]
    groups = {name: with_not_recorded(rows[name]) for name in by}
    table = _compare_each(judged, groups) if groups else pd.DataFrame([compare(judged)])
    return for_all_rows(table).assign(**names)


def _compare_each(judged: pd.DataFrame, groups: Mapping[str, pd.Series]) -> pd.DataFrame:
    """Compare left with right in each combination of the groups' levels, also the empty ones."""
    parts = judged.groupby([group.loc[judged.index] for group in groups.values()], observed=False, sort=True)
    rows = {key: compare(part) for key, part in parts}
    index = pd.MultiIndex.from_tuples(list(rows), names=list(groups))
    columns = list(compare(judged.iloc[:0]))  # also where there is no group at all
    table = pd.DataFrame(list(rows.values()), index=index, columns=columns).reset_index()
    return table.astype({name: group.dtype for name, group in groups.items()})


def for_all_rows(sides: pd.DataFrame) -> pd.DataFrame:
    """Adjust ``p`` for all rows of a table, whether these are groups or rules: whoever reads one reads them all."""
    adjusted = {f"p_{method}": adjusted_p_values(sides["p"], method) for method in ADJUSTMENTS}
    return sides.assign(**adjusted)


def sides_between_groups(
    responses: pd.DataFrame,
    group: str,
    among: Sequence[str] = (),
    response: str | None = None,
    comparison: str | None = None,
) -> pd.DataFrame:
    """Estimate left minus right in each group, and test whether it is the same in all (side × group interaction).

    Parameters
    ----------
    responses
        As :func:`analysis.respond` returns them.
    group
        The column that divides the hips; hips whose group is not known are left out.
    among
        The groups to compare, such as the stretch types without the hips that are of none; all if left out.
    response, comparison
        Which rule and which pair of timepoints; the protocol's primary ones if left out.

    Returns
    -------
    pandas.DataFrame
        One row per group, also the empty ones, with

        - ``n_left``, ``left_responders``, ``n_right``, ``right_responders``: evaluable hips and responders
        - ``difference`` (left − right share), ``ci_low``, ``ci_high`` (95 %): from one model for all groups, people
          with one evaluable hip too; ``not_estimable``: why the group has none, and no part in the test
        - ``f_statistic`` with ``df_groups`` and ``df_clusters`` degrees of freedom, ``p_interaction``,
          ``clustered_by`` (person or clinic): the test, the same in every row; ``no_test``: why there is none
        - ``both``, ``left_only``, ``right_only``, ``neither``: people with both hips in the group, in their first
          episode (for disclosure)
        - ``response``, ``comparison``

    References
    ----------
    Liang and Zeger 1986; Mancl and DeRouen 2001; see :func:`analysis.stats.interaction.side_by_group`.

    Examples
    --------
    >>> from analysis import change, respond
    >>> visits = pd.DataFrame({"patient_id": "a", "side": ["left", "left"], "timepoint": ["baseline", "post"],
    ...                        "hip_ir_deg": [12.0, 17.0]})
    >>> sides_between_groups(respond(change(visits)), "stretch_type", response="ir")["no_test"].unique().tolist()
    ['no group has an estimate']
    """
    names = chosen(responses, response, comparison)
    rows = select(responses, names)
    (column,) = group_columns([group], rows, but=["side"])
    rows = with_clinic_of_person(rows)
    label = rows[column].astype("str")
    levels = list(among) or _levels(rows[column]) or [NOT_RECORDED]
    kept = (rows["outcome"] != "not_evaluable") & label.isin(levels)
    first = in_first_episode(rows)[kept]
    judged, label = rows[kept], label[kept]
    result = side_by_group(
        (judged["outcome"] == "responder").to_numpy(),
        (judged["side"] == "left").to_numpy(),
        label.to_numpy(dtype="object"),
        judged["patient_id"].to_numpy(),
        clinics_of(judged),
    )
    own = [(level, (label == level).to_numpy()) for level in levels]
    counts = pd.DataFrame([{column: level, **_counts(judged[at], first[at])} for level, at in own])
    table = counts.merge(_estimates(result, column), on=column, how="left").fillna({"not_estimable": _NOBODY})
    return table.assign(**_test(result), **names)


def _levels(column: pd.Series) -> list[str]:
    """Return the groups there could be, in their order."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return [str(level) for level in column.cat.categories]
    return sorted(column.dropna().astype("str").unique())


def _counts(judged: pd.DataFrame, first: np.ndarray) -> dict[str, int]:
    responded = judged["outcome"] == "responder"
    table = paired_table(by_person(judged[first]))
    counts: dict[str, int] = {}
    for side in SIDES:
        counts |= {
            f"n_{side}": int((judged["side"] == side).sum()),
            f"{side}_responders": int((responded & (judged["side"] == side)).sum()),
        }
    pairs = {name: getattr(table, name) for name in ("both", "left_only", "right_only", "neither")}
    return counts | pairs


def _estimates(result: InteractionResult, column: str) -> pd.DataFrame:
    rows = [
        {
            column: estimate.group,
            "difference": estimate.difference,
            "ci_low": estimate.interval.low,
            "ci_high": estimate.interval.high,
            "not_estimable": estimate.reason,
        }
        for estimate in result.groups
    ]
    return pd.DataFrame(rows, columns=[column, "difference", "ci_low", "ci_high", "not_estimable"])


def _test(result: InteractionResult) -> dict[str, Any]:
    between, within = result.degrees_of_freedom
    return {
        "f_statistic": result.f_statistic,
        "df_groups": between,
        "df_clusters": within,
        "p_interaction": result.p_value,
        "clustered_by": result.clustered_by,
        "no_test": result.reason,
    }
