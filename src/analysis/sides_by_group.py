"""Whether left against right is another story in one group of hips than in the next."""

from __future__ import annotations

import pandas as pd

from analysis.rates import chosen, group_columns, select
from analysis.sides import clinics_of
from analysis.stats.interaction import side_by_group


def sides_between_groups(
    responses: pd.DataFrame, group: str, response: str | None = None, comparison: str | None = None
) -> pd.DataFrame:
    """Test whether left minus right is the same in all groups (side by group interaction).

    Parameters
    ----------
    responses
        As :func:`analysis.respond` returns them.
    group
        The column that divides the hips; hips whose group is not known are left out.
    response, comparison
        Which rule and which pair of timepoints; the protocol's primary ones if left out.

    Returns
    -------
    pandas.DataFrame
        One row: ``group``, ``n_patients`` judged, ``n_groups`` with an estimate, ``f_statistic`` with ``df_groups``
        and ``df_clusters`` degrees of freedom, ``p_value``; ``not_estimable``, why there is no test, else empty;
        ``response``, ``comparison``. Numbers are missing where there is no test.

    References
    ----------
    Liang and Zeger 1986; Mancl and DeRouen 2001; see :func:`analysis.stats.interaction.side_by_group`.

    Examples
    --------
    >>> from analysis import change, respond
    >>> visits = pd.DataFrame({"patient_id": "a", "side": ["left", "left"], "timepoint": ["baseline", "post"],
    ...                        "hip_ir_deg": [12.0, 17.0]})
    >>> sides_between_groups(respond(change(visits)), "stretch_type", "ir")["not_estimable"].item()
    'no group has an estimate'
    """
    names = chosen(responses, response, comparison)
    rows = select(responses, names)
    (column,) = group_columns([group], rows, but=["side"])
    judged = rows[(rows["outcome"] != "not_evaluable") & rows[column].notna()]
    row: dict[str, object] = {"group": column, "n_patients": judged["patient_id"].nunique()}
    result = side_by_group(
        (judged["outcome"] == "responder").to_numpy(),
        (judged["side"] == "left").to_numpy(),
        judged[column].astype("str").to_numpy(dtype="object"),
        judged["patient_id"].to_numpy(),
        clinics_of(judged),
    )
    tested = sum(not difference.reason for difference in result.groups)
    row |= {
        "n_groups": tested,
        "f_statistic": result.f_statistic,
        "df_groups": result.degrees_of_freedom[0],
        "df_clusters": result.degrees_of_freedom[1],
        "p_value": result.p_value,
        "not_estimable": result.reason,
    }
    return pd.DataFrame([row]).assign(**names)
