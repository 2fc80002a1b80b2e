"""How many degrees were gained, in sentences."""

from __future__ import annotations

import pandas as pd

from analysis.display import Text
from analysis.protocol import Protocol
from analysis.sentences.responders import WITHHELD, Row
from analysis.words import count, known, number, signed


def degrees_answer(means: pd.DataFrame, protocol: Protocol, measure: str = "") -> Text:
    """Answer how much a measure changed on average, and how many hips changed beyond measurement error.

    Parameters
    ----------
    means
        As :meth:`analysis.report.Report.mean_changes` returns them.
    protocol
        Gives the labels.
    measure
        Which; the first if left out.
    """
    rows = [row for row in means.to_dict("records") if measure in ("", row["measure"])]
    if not rows:
        return Text("The measurement error of no measure is known, so no change can be held against it.")
    row = rows[0]
    label = protocol.measures[row["measure"]].label
    if row["suppressed"]:
        return Text(f"{label}: {WITHHELD[0].lower()}{WITHHELD[1:]}")
    if row["n_hips"] == 0:
        return Text(f"No hip was measured both times in the same way, so {label.lower()} has no change.")
    return Text(f"{_on_average(row, label, protocol)} {_beyond_error(row, protocol)}")


def _on_average(row: Row, label: str, protocol: Protocol) -> str:
    hips = f"{count(row['n_hips'], 'hip')} of {count(row['n_patients'], 'patient')}"
    mean = f"{signed(row['mean'], 1)}{_unit(row, protocol)}"
    if not known(row["ci_low"]):
        return f"{label} changed by {mean} on average in {hips}, too few or too alike for an interval."
    ci = f"{mean}; 95 % CI {number(row['ci_low'], 1)} to {number(row['ci_high'], 1)}; {hips}"
    if row["ci_low"] > 0:
        return f"**{label} rose on average** ({ci})."
    if row["ci_high"] < 0:
        return f"**{label} fell on average** ({ci})."
    return f"**{label} did not clearly change on average** ({ci})."


def _beyond_error(row: Row, protocol: Protocol) -> str:
    size = f"{row['mdc95']:.1f}{_unit(row, protocol)}"
    error = f"Two readings of an unchanged hip differ by less than {size} in 95 of 100 cases"
    if pd.isna(row["n_up"]) or pd.isna(row["n_down"]):
        return f"{error}; how many hips changed by more is withheld."
    up, down = row["n_up"], row["n_down"]
    return f"{error}; {count(up, 'hip')} rose by more than that, {count(down, 'hip')} fell by more."


def _unit(row: Row, protocol: Protocol) -> str:
    unit = protocol.measures[row["measure"]].unit
    return "°" if unit == "degrees" else f" {unit}".rstrip()
