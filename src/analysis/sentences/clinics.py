"""A clinic against all clinics, and against itself over time, in sentences."""

from __future__ import annotations

import pandas as pd

from analysis.display import Text, escape_markdown
from analysis.sentences.responders import WITHHELD
from analysis.words import count, known, listed, percent


def chart_answer(periods: pd.DataFrame, target: float) -> Text:
    """Answer whether the rate changed over time, and whether a target is met.

    Parameters
    ----------
    periods
        As :meth:`analysis.report.Report.over_time` returns it.
    target
        A rate to be reached, 0 to 1; 0 where there is none.
    """
    rows = [row for row in periods.to_dict("records") if not row["suppressed"] and known(row["rate"])]
    if not rows:
        return Text("No period has a rate that may be shown, so nothing can be said about change over time.")
    flagged = [str(row["period"]) for row in rows if row["special"]]
    if len(rows) < 2:
        text = "Only one period has a rate, so nothing can be said about change over time."
    elif flagged:
        text = f"**Something other than chance changed the rate** ({listed(flagged)} stand out): look for the cause."
        text = text if len(flagged) > 1 else text.replace(" stand out", " stands out")
    else:
        text = f"**No sign of change over time**: the {len(rows)} periods differ by no more than chance."
    note = str(rows[0]["notes"])
    text += f" Note: {escape_markdown(note)}." if note else ""
    return Text(text + _against_target(rows[-1], target))


def _against_target(row: dict, target: float) -> str:
    if not 0 < target <= 1:
        return ""
    met = "met" if row["rate"] >= target else "not met"
    return f" The target of {percent(target)} was {met} in the last period ({percent(row['rate'])})."


def funnel_answer(clinics: pd.DataFrame, clinic_id: str = "") -> Text:
    """Answer which clinics, or whether one clinic, differ from all together by more than their size explains.

    Parameters
    ----------
    clinics
        As :meth:`analysis.report.Report.clinics` returns it.
    clinic_id
        One clinic; empty for all.
    """
    rows = [row for row in clinics.to_dict("records") if not row["suppressed"]]
    if clinic_id:
        return _one_clinic([row for row in rows if row["clinic_id"] == clinic_id])
    judged = [row for row in rows if row["position"] != "not judged"]
    if not judged:
        return Text("Fewer than 3 clinics have a rate that may be shown, so they cannot be compared.")
    outside = [row for row in judged if row["position"] != "within"]
    of = f"{len(judged)} clinics around {percent(judged[0]['target'])}"
    if not outside:
        return Text(f"**The clinics do not differ by more than chance**: {of}, all within the limits for their size.")
    said = listed([f"{escape_markdown(row['clinic_id'])} {row['position']}" for row in outside])
    return Text(f"**{count(len(outside), 'clinic')} of {of} outside the limits for their size**: {said}.")


def _one_clinic(rows: list[dict]) -> Text:
    if not rows:
        return Text(f"This clinic against the others: {WITHHELD[0].lower()}{WITHHELD[1:]}")
    row = rows[0]
    if row["position"] == "not judged":
        return Text("There are fewer than 3 clinics with judged hips, so this one cannot be held against the others.")
    all_together = f"{percent(row['target'])} in all clinics together"
    if row["position"] == "within":
        return Text(f"This clinic's rate does not differ from {all_together} by more than chance for its size.")
    return Text(f"**This clinic's rate lies {row['position']} the limits for its size** around {all_together}.")
