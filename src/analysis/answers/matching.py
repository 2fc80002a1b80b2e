"""Hips given the stretch their class calls for, against hips given another: an observational comparison."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.answers.rates import chosen, select
from analysis.hips.change import measures_compared
from analysis.protocol import Protocol
from analysis.schema import PAIR
from analysis.stats.balance import balance, e_value
from analysis.stats.observational import adjusted_differences

METHODS = {
    "crude": "As they are",
    "standardised": "Standardised by a model of the outcome",
    "weighted": "Weighted by the chance of the stretch given",
    "doubly_robust": "Both, right if either model is",
}
_MOST_MISSING = 0.1


def matched_hips(
    responses: pd.DataFrame,
    changes: pd.DataFrame,
    protocol: Protocol,
    response: str | None = None,
    comparison: str | None = None,
) -> tuple[pd.DataFrame, list[str]]:
    """Return the judged hips of which it is known whether the stretch matched, with what may differ between them.

    Returns
    -------
    pandas.DataFrame, list of str
        One row per hip: ``patient_id``, ``responded``, ``matched`` and the covariates; and the covariates' names:
        first readings, side, and age where it is recorded. One that more than a tenth of the hips lack is left out.
    """
    rows = select(responses, chosen(responses, response, comparison))
    rows = rows[(rows["outcome"] != "not_evaluable") & rows["match"].notna()]
    first = {f"{name}_before": m.label for name, m in measures_compared(protocol).items() if m.sem is not None}
    hips = rows.merge(changes[[*PAIR, *first]], on=PAIR, how="left", validate="1:1").rename(columns=first)
    hips["Left side"] = (hips["side"] == "left").astype("float64")
    names = [*first.values(), "Left side"]
    if "age_years" in hips:
        hips["Age in years"] = pd.to_numeric(hips["age_years"], errors="coerce")
        names.append("Age in years")
    names = [name for name in names if len(hips) and hips[name].isna().mean() <= _MOST_MISSING]
    flags = {"responded": hips["outcome"] == "responder", "matched": hips["match"] == "matched"}
    return hips.assign(**flags)[["patient_id", "responded", "matched", *names]], names


def compare_matched(hips: pd.DataFrame, covariates: list[str]) -> pd.DataFrame:
    """Compare responder rates of matched and mismatched hips four ways.

    Parameters
    ----------
    hips, covariates
        As :func:`matched_hips` returns them.

    Returns
    -------
    pandas.DataFrame
        One row per method (crude, standardised, weighted, doubly_robust): ``rate_matched``,
        ``rate_mismatched``, ``difference`` with ``ci_low`` and ``ci_high`` (95 %, bootstrap of people),
        ``e_value`` (how strongly an unmeasured cause would have to act to explain the difference away),
        ``not_estimable``: why there is none; and for disclosure the people with a hip that responded, and with
        one that did not, in either group: ``n_patients_matched_with``, ``n_patients_mismatched_without`` and so on.
    """
    people = {
        f"n_patients_{group}_{word}": hips.loc[
            (hips["matched"] == matched) & (hips["responded"] == responded), "patient_id"
        ].nunique()
        for group, matched in (("matched", True), ("mismatched", False))
        for word, responded in (("with", True), ("without", False))
    }
    found = adjusted_differences(
        hips["responded"].to_numpy(bool),
        hips["matched"].to_numpy(bool),
        hips[covariates].to_numpy(float),
        hips["patient_id"].to_numpy(),
    )
    rows = []
    for method, result in found.items():
        ratio = result.rate_exposed / result.rate_unexposed if result.rate_unexposed > 0 else np.nan
        rows.append(
            {
                "method": method,
                "rate_matched": result.rate_exposed,
                "rate_mismatched": result.rate_unexposed,
                "difference": result.difference,
                "ci_low": result.interval.low,
                "ci_high": result.interval.high,
                "e_value": e_value(ratio) if ratio > 0 else np.nan,
                "not_estimable": _in_words(result.reason),
                **people,
            }
        )
    return pd.DataFrame(rows)


def _in_words(reason: str) -> str:
    """Say why there is no estimate in the words of this comparison."""
    for general, own in (
        ("hip with the exposure", "matched hip"),
        ("hips with the exposure", "matched hips"),
        ("hip without the exposure", "mismatched hip"),
        ("hips without the exposure", "mismatched hips"),
        ("who had the exposure", "which hips matched"),
        ("the covariates", "the first readings, side and age"),
        ("the columns of a model determine each other", "what was measured before follows from the match, or all but"),
    ):
        reason = reason.replace(general, own)
    return reason


def match_balance(hips: pd.DataFrame, covariates: list[str]) -> pd.DataFrame:
    """Return how alike matched and mismatched hips were before the stretch.

    Returns
    -------
    pandas.DataFrame
        One row per covariate: ``covariate``, ``mean_matched``, ``mean_mismatched``, and the standardised mean
        ``difference`` before and ``weighted_difference`` after weighting; beyond 0.1 the groups differ;
        ``not_estimable``: why there is no weighting, else empty. ``n_patients_behind``: the fewest people behind
        either mean or, where the mean is a share, behind either answer (for disclosure).
    """
    found = balance(hips["matched"].to_numpy(bool), hips[covariates].to_numpy(float))
    return pd.DataFrame(
        {
            "covariate": covariates,
            "mean_matched": found.mean_exposed,
            "mean_mismatched": found.mean_unexposed,
            "difference": found.difference,
            "weighted_difference": found.weighted_difference,
            "not_estimable": _in_words(found.reason),
            "n_patients_behind": [_fewest_behind(hips, name) for name in covariates],
        }
    )


def _fewest_behind(hips: pd.DataFrame, covariate: str) -> int:
    values = hips[covariate].dropna()
    yes_or_no = values.isin([0.0, 1.0]).all()
    group = hips.loc[values.index, "matched"].astype("int64") * 2 + (values.astype("int64") if yes_or_no else 0)
    people = hips.loc[values.index, "patient_id"].groupby(group).nunique()
    return int(people.min()) if len(people) == (4 if yes_or_no else 2) else 0
