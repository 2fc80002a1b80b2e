"""The one door through which counts leave in a report."""

from __future__ import annotations

import pandas as pd

MINIMUM_PATIENTS = 5
_KEPT = ["response", "comparison", "interval", "suppressed"]
_BEHIND = ["n_patients_evaluable", "n_patients_with", "n_patients_without"]


def protect(rates: pd.DataFrame, minimum: int = MINIMUM_PATIENTS) -> pd.DataFrame:
    """Withhold the numbers of groups that too few patients stand behind.

    Parameters
    ----------
    rates
        As :func:`analysis.rates` returns them.
    minimum
        The fewest *patients*, not hips, that may stand behind a number or its complement.

    Returns
    -------
    pandas.DataFrame
        With ``suppressed``. A suppressed row keeps its group and nothing else: its numbers are missing,
        never 0. A row is suppressed when the people evaluable, those with a responder hip or those with
        a non-responder hip are fewer than ``minimum``. An empty group (no patient at all) stays 0.

    Notes
    -----
    This is primary suppression. A withheld number may still follow by subtraction from a total; such
    totals are the caller's to leave out until secondary suppression stands behind this door.

    Examples
    --------
    >>> row = pd.DataFrame({"side": ["left"], "n_patients": [4], "rate": [0.5], "n_patients_evaluable": [4],
    ...                     "n_patients_with": [2], "n_patients_without": [2]})
    >>> protect(row)[["suppressed", "rate"]].values.tolist()
    [[True, nan]]
    """
    too_few = (rates[_BEHIND] < minimum).any(axis=1) & (rates["n_patients"] > 0)
    numbers = [name for name in rates.select_dtypes("number").columns if name not in _KEPT]
    hidden = {name: rates[name].astype("Float64" if rates[name].dtype == "float64" else "Int64") for name in numbers}
    shown = rates.assign(**{name: column.mask(too_few) for name, column in hidden.items()})
    for name in numbers:
        if rates[name].dtype == "float64":
            shown[name] = shown[name].to_numpy(dtype="float64", na_value=float("nan"))
    return shown.assign(suppressed=too_few)
