"""Left against right: the paired table of people, the difference, and the asymmetry in degrees."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.counting import with_not_recorded
from analysis.protocol import Protocol, builtin
from analysis.rates import chosen, group_columns, select
from analysis.schema import conform, tenths
from analysis.stats.clustered_pairs import durkalski, obuchowski
from analysis.stats.gee import gee_difference
from analysis.stats.intervals import t_quantile
from analysis.stats.measurement import minimal_detectable_change
from analysis.stats.multiple import adjusted_p_values
from analysis.stats.paired import PairedTable, mcnemar_exact, mcnemar_midp, newcombe10, tango


def compare_sides(
    responses: pd.DataFrame,
    by: Sequence[str] = (),
    response: str | None = None,
    comparison: str | None = None,
) -> pd.DataFrame:
    """Compare the responder rates of left and right hips.

    Parameters
    ----------
    responses
        As :func:`analysis.respond` returns them.
    by
        Columns that divide the hips into groups; none gives one row. A person counts as a pair in a group
        when both hips are in it.
    response, comparison
        Which rule and which pair of timepoints; the protocol's primary ones if left out.

    Returns
    -------
    pandas.DataFrame
        One row per group with

        - ``both``, ``left_only``, ``right_only``, ``neither``, ``n``: people with both hips evaluable,
          one count for each episode of care
        - ``difference`` (left − right share of these people), ``newcombe_low/high``, ``tango_low/high`` (95 %),
          ``p_exact``, ``p_midp`` (McNemar)
        - ``p_obuchowski``, ``p_durkalski``: the same question when people of one clinic may be alike; every person,
          or every clinic, counts alike; missing where the clinics are not known or are fewer than two
        - ``gee_difference``, ``gee_low/high``, ``gee_odds_ratio``, ``gee_or_low/high``: everyone, people with one
          evaluable hip too; ``gee_clustered_by`` person, or clinic where there are 10 or more
        - ``p_holm``: ``p_midp`` adjusted for the number of groups (Holm), the same where there is one
        - ``one_hip_left``, ``one_hip_right``: people with only that hip evaluable
        - ``not_estimable``: why a number is missing, else empty
        - ``response``, ``comparison``

    Notes
    -----
    Positive differences favour the left. The paired and the everyone estimate may disagree: people with
    one evaluable hip may differ from those with two.

    References
    ----------
    Fagerland 2014 (mid-p), Newcombe 1998 method 10, Tango 1998, Obuchowski 1998, Durkalski 2003, Mancl and DeRouen
    2001; see :mod:`analysis.stats`.

    Examples
    --------
    >>> from analysis import change, respond
    >>> visits = pd.DataFrame({"patient_id": "a", "side": ["left", "left", "right", "right"],
    ...                        "timepoint": ["baseline", "post"] * 2, "hip_ir_deg": [12.0, 17.0, 10.0, 12.0]})
    >>> compare_sides(respond(change(visits)), response="ir")[["left_only", "n"]].values.tolist()
    [[1, 1]]
    """
    names = chosen(responses, response, comparison)
    rows = select(responses, names)
    by = group_columns(by, rows, but=["side"])
    judged = rows[rows["outcome"] != "not_evaluable"]
    if not by:
        result = pd.DataFrame([_compare(judged)])
    else:
        groups = [with_not_recorded(rows[name]) for name in by]
        parts = judged.groupby([g.loc[judged.index] for g in groups], observed=False, sort=True)
        keyed = {key: _compare(part) for key, part in parts}
        index = pd.MultiIndex.from_tuples(list(keyed), names=list(by))
        result = pd.DataFrame(list(keyed.values()), index=index).reset_index()
        for name, group in zip(by, groups, strict=True):
            result[name] = result[name].astype(group.dtype)
    result["p_holm"] = adjusted_p_values(result["p_midp"], "holm")
    return result.assign(**names)


def _compare(judged: pd.DataFrame) -> dict[str, object]:
    outcome = (judged["outcome"] == "responder").astype("int64")
    wide = (
        judged.assign(responded=outcome)
        .pivot(index=["patient_id", "episode"], columns="side", values="responded")
        .reindex(columns=["left", "right"])
    )
    pairs = wide.dropna().astype(bool)
    left, right = pairs["left"].to_numpy(), pairs["right"].to_numpy()
    table = PairedTable(
        both=int((left & right).sum()),
        left_only=int((left & ~right).sum()),
        right_only=int((~left & right).sum()),
        neither=int((~left & ~right).sum()),
    )
    newcombe, score = newcombe10(table), tango(table)
    everyone = gee_difference(
        outcome.to_numpy(),
        (judged["side"] == "left").to_numpy(),
        judged["patient_id"].to_numpy(),
        clinic=clinics_of(judged),
    )
    reasons = ["no person has both hips evaluable"] if table.n == 0 else []
    reasons += [everyone.reason] if everyone.reason else []
    return {
        "both": table.both,
        "left_only": table.left_only,
        "right_only": table.right_only,
        "neither": table.neither,
        "n": table.n,
        "difference": table.difference,
        "newcombe_low": newcombe.low,
        "newcombe_high": newcombe.high,
        "tango_low": score.low,
        "tango_high": score.high,
        "p_exact": mcnemar_exact(table),
        "p_midp": mcnemar_midp(table),
        **_p_within_clinics(judged, pairs),
        "gee_difference": everyone.difference,
        "gee_low": everyone.difference_interval.low,
        "gee_high": everyone.difference_interval.high,
        "gee_odds_ratio": everyone.odds_ratio,
        "gee_or_low": everyone.odds_ratio_interval.low,
        "gee_or_high": everyone.odds_ratio_interval.high,
        "gee_clustered_by": everyone.clustered_by,
        "one_hip_left": int((wide["left"].notna() & wide["right"].isna()).sum()),
        "one_hip_right": int((wide["left"].isna() & wide["right"].notna()).sum()),
        "not_estimable": "; ".join(reasons),
    }


def _p_within_clinics(judged: pd.DataFrame, pairs: pd.DataFrame) -> dict[str, float]:
    """Return the p values of the tests that let people of one clinic be alike."""
    if clinics_of(judged) is None or pairs.empty:
        return {"p_obuchowski": np.nan, "p_durkalski": np.nan}
    clinic = judged.drop_duplicates(["patient_id", "episode"]).set_index(["patient_id", "episode"])["clinic_id"]
    cells = pd.DataFrame(
        {"left_only": pairs["left"] & ~pairs["right"], "right_only": ~pairs["left"] & pairs["right"], "pairs": True}
    )
    counts = cells.groupby(clinic.reindex(cells.index).to_numpy()).sum()
    b, c, n = (counts[name].to_numpy() for name in ("left_only", "right_only", "pairs"))
    return {"p_obuchowski": obuchowski(b, c, n).p_value, "p_durkalski": durkalski(b, c, n).p_value}


def clinics_of(judged: pd.DataFrame) -> np.ndarray | None:
    """Return the clinic of each hip, or nothing where one is not known."""
    known = "clinic_id" in judged and judged["clinic_id"].notna().all()
    return judged["clinic_id"].to_numpy() if known else None


def asymmetry(assessments: pd.DataFrame, protocol: Protocol | None = None) -> pd.DataFrame:
    """Return how left and right differ in degrees at each timepoint: the Left AIC pattern.

    Parameters
    ----------
    assessments
        One row per patient, side, episode and timepoint.
    protocol
        Names the measure, the side expected to be worse, and the band of measurement error.

    Returns
    -------
    pandas.DataFrame
        One row per timepoint that was reached: ``measure``, ``n`` people measured on both sides in the same
        way, ``mean_difference`` (left − right, degrees) with a 95 % t interval ``ci_low``, ``ci_high``,
        ``band``: the MDC95 of such a difference, and the numbers of people ``n_left_worse``,
        ``n_within_error``, ``n_right_worse``; ``n_any_left_worse`` counts any difference at all (the lenient
        reading). Empty if the protocol names no asymmetry.
    """
    protocol = protocol or builtin()
    visits = conform(assessments, "assessments", protocol)
    rule = protocol.asymmetry
    if rule is None:
        return pd.DataFrame()
    sem = protocol.measures[rule.measure].sem
    strict = rule.strict
    band = (minimal_detectable_change(sem) if sem else np.nan) if strict == "mdc95" else float(strict)
    reached = [t for t in protocol.timepoints if (visits["timepoint"] == t).any()]
    return pd.DataFrame([_asymmetry_at(visits, t, rule.measure, band, protocol) for t in reached])


def _asymmetry_at(
    visits: pd.DataFrame, timepoint: str, measure: str, band: float, protocol: Protocol
) -> dict[str, object]:
    at = visits[visits["timepoint"] == timepoint]
    key = ["patient_id", "episode"]
    left, right = (at[at["side"] == side].set_index(key) for side in ("left", "right"))
    people = left.index.intersection(right.index)
    left, right = left.loc[people], right.loc[people]
    left_tenths, left_known = tenths(left[measure])
    right_tenths, right_known = tenths(right[measure])
    same = left_known & right_known
    for name, condition in protocol.conditions.items():
        if condition.must_match:
            first, second = left[name].astype("object"), right[name].astype("object")
            same &= ~(first.notna() & second.notna() & (first != second)).to_numpy()
    difference = (left_tenths - right_tenths)[same] / 10
    n = len(difference)
    mean = float(difference.mean()) if n else np.nan
    half = float(t_quantile(0.95, n - 1) * difference.std(ddof=1) / np.sqrt(n)) if n > 1 else np.nan
    # Whether less is worse is the protocol's to say; every measure of asymmetry so far is one where it is.
    return {
        "timepoint": timepoint,
        "measure": measure,
        "n": n,
        "mean_difference": mean,
        "ci_low": mean - half,
        "ci_high": mean + half,
        "band": band,
        "n_left_worse": int((difference < -band).sum()),
        "n_within_error": int((np.abs(difference) <= band).sum()),
        "n_right_worse": int((difference > band).sum()),
        "n_any_left_worse": int((difference < 0).sum()),
    }
