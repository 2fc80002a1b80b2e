"""Where the missing outcomes might lie, in sentences."""

from __future__ import annotations

import math

import pandas as pd

from analysis.protocol import Protocol
from analysis.show.display import Nothing, Text
from analysis.show.records import records
from analysis.show.words import Row, interval, known, percent
from analysis.stats.beyond_chance import DEPENDS, UNKNOWN


def missing_answer(tilted: pd.DataFrame, protocol: Protocol) -> Text | Nothing:
    """Answer what the rate would be had the missing hips done as hips like them, and what it would take to turn it.

    Parameters
    ----------
    tilted
        As :meth:`analysis.report.Report.tilted_rates` returns it without groups.
    """
    noun = protocol.words
    rows = records(tilted)
    row = rows[0]
    if row["suppressed"]:
        return Text("What the missing outcomes might be is withheld.")
    if pd.isna(row["n_missing"]):
        return Text("Few outcomes are missing; their number, and what they could change, are withheld.")
    if row["n_missing"] == 0:
        return Nothing("No outcome is missing.")
    if row["not_estimable"]:
        return Text(f"What the missing outcomes might be cannot be calculated: {noun.tell(row['not_estimable'])}.")
    alike = min(rows, key=lambda one: abs(one["tilt"]))
    hips = f"the {noun.count(row['n_missing'])} without an outcome"
    ci = interval(alike["imputed_low"], alike["imputed_high"])
    total = noun.count(row["n_evaluable"] + row["n_missing"])
    return Text(
        f"**If {hips} had done as {noun.hips} like them did, {percent(alike['imputed'])} (95 % CI {ci}) of all {total} "
        f"would have responded**, against {percent(row['rate'])} of those judged. "
        f"{_verdict(row, alike, protocol)}".strip()
    )


def _verdict(row: Row, alike: Row, protocol: Protocol) -> str:
    """Say what it would take for the verdict on chance to be another."""
    noun = protocol.words
    verdict = row["against_chance"]
    if verdict in (UNKNOWN, DEPENDS):
        return ""
    if alike["imputed_against_chance"] != verdict:
        return f"The verdict on chance would then change: {alike['imputed_against_chance']} instead of {verdict}."
    below, above = row["turns_below"], row["turns_above"]
    turns = [f"{_times(tilt)} {way}" for tilt, way in ((below, "lower"), (above, "higher")) if known(tilt)]
    if not turns:
        return f"The verdict, {verdict}, does not change, however much better or worse they did."
    return (
        f"The verdict, {verdict}, would change if their odds of responding had been {' or '.join(turns)} "
        f"than those of {noun.hips} like them."
    )


def _times(tilt: float) -> str:
    """Return a tilt as one says it: how many times the odds of responding would have to differ."""
    odds = math.exp(abs(tilt))
    if odds > 1000:
        return "more than 1,000 times"
    return f"at least {odds:.{0 if odds >= 10 else 1}f} times"
