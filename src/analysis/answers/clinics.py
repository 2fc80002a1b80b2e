"""Responses of clinics held against each other, and of one clinic against itself over time."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from analysis.answers.counting import whole_percent
from analysis.answers.rates import chosen, rates, select
from analysis.stats.control_chart import p_chart
from analysis.stats.funnel import ACTION, WARNING, exact_funnel_limits, funnel_limits, overdispersion
from analysis.stats.heterogeneity import heterogeneity
from analysis.stats.proportions import cluster_sums, effective_hips
from analysis.stats.run_rules import chart_signals
from analysis.stats.shrinkage import shrunk_rates
from analysis.stats.two_proportions import newcombe_unpaired_of_many


def clinic_funnel(
    responses: pd.DataFrame, response: str | None = None, comparison: str | None = None, coarse: bool = False
) -> pd.DataFrame:
    """Return the responder rate of every clinic with funnel limits around the rate of all.

    Parameters
    ----------
    responses
        As :func:`analysis.analyse` returns them, of all clinics. Hips without a recorded clinic are left out.
    response, comparison
        Which rule and which pair of timepoints; the protocol's primary ones if left out.
    coarse
        Whether to round what rests on all clinics, so that none of them follows from the others: rates to whole
        per cent, the worth of a hip and the scatter to two digits. Limits and positions follow from the rounded.

    Returns
    -------
    pandas.DataFrame
        One row per clinic with a judged hip, as :func:`analysis.rates` has them, and ``target`` (the rate of all),
        ``low95``, ``high95``, ``low998``, ``high998`` at the clinic's size, which widen with how much clinics differ,
        and ``position``: within the limits, above or below the 95 % limits, far above or far below the 99.8 % limits,
        or not judged; ``position_by_size`` the same for limits that size alone explains. ``hip_worth`` (how many
        independent hips one is worth) and ``tau_squared`` (scatter between clinics beyond chance, on the arcsine scale)
        give limits at other sizes.

    Notes
    -----
    Hips are divided by the design effect of all clinics together, as two hips of a person are alike, and the
    exact binomial limits widen by the scatter between clinics that size does not explain. With fewer than 3
    clinics nothing is judged. A funnel is no league table; see :func:`clinics_compared`.
    """
    responses = responses[responses["clinic_id"].notna()]
    table = rates(responses, ["clinic_id"], response, comparison)
    table = table[table["n_evaluable"] > 0].reset_index(drop=True)
    worth = _worth_of_a_hip(select(responses, chosen(responses, response, comparison)))
    n, x = table["n_evaluable"].to_numpy() * worth, table["n_responders"].to_numpy() * worth
    scatter = overdispersion(x, n)
    table = table.assign(target=scatter.target, hip_worth=worth, tau_squared=scatter.tau_squared)
    if coarse and len(table):
        table["target"] = whole_percent(table["target"])
        table["hip_worth"], table["tau_squared"] = round(worth, 2), float(f"{scatter.tau_squared:.1e}")
    by_size = table.assign(**_limits(table.assign(tau_squared=0.0), table["n_evaluable"]))
    table = table.assign(**_limits(table, table["n_evaluable"]))
    if scatter.reason:
        return table.assign(position="not judged", position_by_size="not judged")
    return table.assign(position=_position(table), position_by_size=_position(by_size))


def clinics_compared(table: pd.DataFrame) -> pd.DataFrame:
    """Add whether the clinics that may be shown differ by more than chance, and where the true rate of each lies.

    Parameters
    ----------
    table
        As :func:`clinic_funnel` returns it, with ``suppressed``. Of a withheld clinic nothing is used.

    Returns
    -------
    pandas.DataFrame
        With, the same in every row, ``p_differ``: the test that all have one rate; ``tau``, ``tau_low``, ``tau_high``:
        the standard deviation of their true rates with its 90 % limits; missing with fewer than 3 clinics, and where
        all hips or none responded; and of each clinic ``shrunk`` with ``shrunk_low`` and ``shrunk_high`` (95 %), its
        true rate, drawn towards that of these clinics; missing where the others are. ``n_pairs`` of clinics, and
        ``n_pairs_alike`` of these: the 95 % interval of their difference holds 0 (Newcombe).
    """
    shown = table[~table["suppressed"].astype("bool")] if len(table) else table
    x, n = (shown[name].to_numpy(dtype="float64") * shown["hip_worth"].to_numpy(dtype="float64") for name in
            ("n_responders", "n_evaluable"))  # fmt: skip
    found = heterogeneity(x, n)
    drawn = pd.DataFrame(shrunk_rates(x, n)._asdict(), index=shown.index).reindex(table.index)
    first, second = np.triu_indices(len(n), 1)
    low, high = newcombe_unpaired_of_many(x[first], n[first], x[second], n[second])
    of_all = {
        "p_differ": found.p_value,
        "tau": found.tau,
        "tau_low": found.interval.low,
        "tau_high": found.interval.high,
        "n_pairs": len(first),
        "n_pairs_alike": int(((low <= 0) & (high >= 0)).sum()),
    }
    every_shown = pd.DataFrame(of_all, index=shown.index).astype({"n_pairs": "Int64", "n_pairs_alike": "Int64"})
    table = table.assign(shrunk=drawn["rates"], shrunk_low=drawn["low"], shrunk_high=drawn["high"])
    return table.join(every_shown)


def funnel_curve(table: pd.DataFrame) -> pd.DataFrame:
    """Return funnel limits at every size from the smallest clinic to the largest, for a smooth line.

    Parameters
    ----------
    table
        As :func:`clinic_funnel` returns it, with at least one clinic.

    Returns
    -------
    pandas.DataFrame
        ``n_evaluable``, ``low95``, ``high95``, ``low998`` and ``high998``. At a clinic's size they are its own.
    """
    sizes = table["n_evaluable"].dropna()
    every = pd.Series(range(int(sizes.min()), int(sizes.max()) + 1), name="n_evaluable")
    return pd.DataFrame({"n_evaluable": every, **_limits(table[table["n_evaluable"].notna()], every)})


def _limits(table: pd.DataFrame, hips: pd.Series) -> dict[str, np.ndarray]:
    """Return limits at so many hips, around what all rows of a funnel have in common."""
    if table.empty:
        return dict.fromkeys(("low95", "high95", "low998", "high998"), np.array([]))
    target, worth, tau_squared = (float(table[name].iloc[0]) for name in ("target", "hip_worth", "tau_squared"))
    sizes = hips.to_numpy(dtype="float64") * worth
    limits: dict[str, np.ndarray] = {}
    for name, distance, confidence in (("95", WARNING, 0.95), ("998", ACTION, 0.998)):
        low, high = exact_funnel_limits(sizes, target, confidence)
        if tau_squared > 0:
            wide_low, wide_high = funnel_limits(sizes, target, distance, tau_squared)
            low, high = np.fmin(low, wide_low), np.fmax(high, wide_high)
        limits |= {f"low{name}": low, f"high{name}": high}
    return limits


def _worth_of_a_hip(rows: pd.DataFrame) -> float:
    """Return how many independent hips one hip is worth, in all clinics together."""
    judged = rows[rows["outcome"] != "not_evaluable"]
    if judged.empty:
        return 1.0
    people = (judged["outcome"] == "responder").groupby(judged["patient_id"]).agg(["sum", "count"])
    return float(effective_hips(cluster_sums(people["sum"], people["count"]))) / len(judged)


def _position(table: pd.DataFrame) -> np.ndarray:
    rate = table["rate"]
    outside = [rate > table["high998"], rate < table["low998"], rate > table["high95"], rate < table["low95"]]
    return np.select(outside, ["far above", "far below", "above", "below"], "within")


def rates_over_time(
    responses: pd.DataFrame, response: str | None = None, comparison: str | None = None, every: str = "Q"
) -> pd.DataFrame:
    """Return the responder rate per period with the limits of Laney's p′ chart.

    Parameters
    ----------
    responses
        Of one clinic or of all; ``date`` is that of the earlier visit. Hips without a date are left out.
    response, comparison
        Which rule and which pair of timepoints; the protocol's primary ones if left out.
    every
        The length of a period: ``"Q"`` or ``"M"``.

    Returns
    -------
    pandas.DataFrame
        One row per period from the first to the last with a judged hip, in ``period``, as
        :func:`analysis.rates` has them, and ``centre``, ``low``, ``high`` (5 % of stable charts of
        this length cross one somewhere; they allow for scatter between periods, and are missing where they would reach
        0 or 1), ``special``: whether it is beyond a limit or part of a shift
        (:func:`analysis.stats.run_rules.chart_signals`), and ``notes``: what to know before reading. A period in
        which no hip responded, or every one, though more likely than not at the rate of all periods, counts as on the
        centre line: in small periods a run of such is no shift.
    """
    dated = responses[responses["date"].notna()]
    if dated.empty:
        return pd.DataFrame()
    periods = dated["date"].dt.to_period(every)
    levels = [str(period) for period in pd.period_range(periods.min(), periods.max(), freq=every)]
    named = dated.assign(period=pd.Categorical(periods.astype("str"), levels, ordered=True))
    table = rates(named, ["period"], response, comparison)
    judged = np.flatnonzero(table["n_evaluable"])
    if not len(judged):
        return pd.DataFrame()
    table = table.iloc[judged[0] : judged[-1] + 1].reset_index(drop=True)
    chart = p_chart(table["n_responders"], table["n_evaluable"], laney=True)
    # A limit at 0 or 1 is none: no rate can lie beyond it, and being near it is no signal.
    low, high = np.where(chart.low > 0, chart.low, np.nan), np.where(chart.high < 1, chart.high, np.nan)
    rate = told_from_the_centre(chart.rate, chart.centre, table["n_evaluable"])
    flags = chart_signals(rate, chart.centre, low, high)
    return table.assign(centre=chart.centre, low=low, high=high, special=flags.any, notes="; ".join(chart.notes))


def told_from_the_centre(rate: np.ndarray, centre: np.ndarray, hips: ArrayLike) -> np.ndarray:
    """Return the rates, on the centre line where none or all responded and chance makes that more likely than not."""
    n = np.asarray(hips, dtype="float64")
    expected = ((rate == 0) & ((1 - centre) ** n >= 0.5)) | ((rate == 1) & (centre**n >= 0.5))
    return np.where(expected, centre, rate)
