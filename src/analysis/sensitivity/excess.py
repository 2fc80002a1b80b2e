"""What each rule counts beyond chance, in each group."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from analysis.rates import rates


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
        ``against_chance``.

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
    return pd.concat([rates(responses, by, rule, comparison) for rule in rules], ignore_index=True)
