"""Whether left against right is another story in one group of hips than in the next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from analysis.answers.counting import NOT_RECORDED
from analysis.answers.rates import chosen, group_columns, select
from analysis.answers.sides import by_side, clinics_of, paired_table
from analysis.schema import in_first_episode
from analysis.stats.interaction import InteractionResult, side_by_group


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


_NOBODY = "no left hip is evaluable"  # what the model says of a group without left hips, and so of one without any


def _levels(column: pd.Series) -> list[str]:
    """Return the groups there could be, in their order."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return [str(level) for level in column.cat.categories]
    return sorted(column.dropna().astype("str").unique())


def _counts(judged: pd.DataFrame, first: np.ndarray) -> dict[str, int]:
    responded = judged["outcome"] == "responder"
    table = paired_table(by_side(judged[first]))
    counts: dict[str, int] = {}
    for side in ("left", "right"):
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
