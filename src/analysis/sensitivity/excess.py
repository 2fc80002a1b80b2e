"""What each rule counts beyond chance, in each group."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.rates import rates

ABOVE, BELOW, NO_MORE, UNKNOWN = "more than chance", "fewer than chance", "no more than chance", "not known"


def excess_over_chance(responses: pd.DataFrame, by: Sequence[str] = (), comparison: str | None = None) -> pd.DataFrame:
    """Return the responder rate of every rule beside its chance rate.

    Parameters
    ----------
    responses
        As :func:`analysis.respond` returns them.
    by, comparison
        As for :func:`analysis.rates`.

    Returns
    -------
    pandas.DataFrame
        The rates of every rule, the primary one first, with ``excess`` (rate − chance rate), ``excess_low``,
        ``excess_high`` (the rate's 95 % interval less the chance rate, which is taken as known), and
        ``against_chance``: more than, fewer than, no more than chance, or not known.

    Examples
    --------
    >>> from analysis import change, respond
    >>> visits = pd.DataFrame({"patient_id": ["a", "a", "b", "b"], "side": "left",
    ...                        "timepoint": ["baseline", "post"] * 2, "hip_ir_deg": [12.0, 17.0, 10.0, 12.0]})
    >>> table = excess_over_chance(respond(change(visits))).set_index("response")
    >>> table.loc["ir", ["rate", "chance_rate", "excess"]].astype("float64").round(2).tolist()
    [0.5, 0.08, 0.42]
    """
    rules = responses["response"].cat.categories
    return with_excess(pd.concat([rates(responses, by, rule, comparison) for rule in rules], ignore_index=True))


def with_excess(table: pd.DataFrame) -> pd.DataFrame:
    """Add the columns of :func:`excess_over_chance` to rates."""
    low, high = table["ci_low"] - table["chance_rate"], table["ci_high"] - table["chance_rate"]
    unknown = low.isna() | high.isna()
    return table.assign(
        excess=table["rate"] - table["chance_rate"],
        excess_low=low,
        excess_high=high,
        against_chance=np.select([unknown, low > 0, high < 0], [UNKNOWN, ABOVE, BELOW], NO_MORE),
    )
