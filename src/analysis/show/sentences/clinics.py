"""A clinic against all clinics, and against itself over time, in sentences."""

from __future__ import annotations

import pandas as pd

from analysis.protocol import Protocol
from analysis.show.display import Nothing, Text, escape_markdown
from analysis.show.words import count, known, listed, percent, stand_out
from analysis.stats.funnel import FEWEST_CLINICS

_OTHERS = "How the others lie is withheld: few patients responded there, or few did not."


def chart_answer(periods: pd.DataFrame, protocol: Protocol) -> Text:
    """Answer whether the rate changed over time.

    Parameters
    ----------
    periods
        As :meth:`analysis.report.Report.over_time` returns it.
    """
    noun = protocol.words
    if periods.empty:
        return Text(f"No judged {noun.hip} has a dated visit, so nothing can be said about change over time.")
    rows = [row for row in periods.to_dict("records") if not row["suppressed"] and known(row["rate"])]
    if not rows:
        return Text("No period has a rate that may be shown, so nothing can be said about change over time.")
    flagged = [str(row["period"]) for row in rows if row["special"]]
    note = noun.tell(str(rows[0]["notes"]))
    found = stand_out(flagged, len(rows))
    that = " that may be shown" if periods["suppressed"].any() else ""
    if len(rows) < 2:
        text = f"Only one period has a rate{that}, so nothing can be said about change over time."
    elif flagged and not note:
        text = f"**Something other than chance changed the rate**: {found}. Look for the cause."
    elif flagged:
        text = f"**There may have been a change**: {found}, but the series cannot tell that firmly from chance."
    else:
        text = f"**No sign of change over time** in {len(rows)} periods{that}."
    return Text(text + (f" Mind: {escape_markdown(note)}." if note and len(rows) > 1 else ""))


def no_clinic_answer(rest: pd.DataFrame, in_scope: pd.DataFrame, protocol: Protocol) -> Text | Nothing:
    """Say how many patients have no clinic recorded: with the clinics they are the study.

    Parameters
    ----------
    rest, in_scope
        As :meth:`analysis.report.Report.without_clinic` and :meth:`analysis.report.Report.in_scope` return them.
    """
    noun = protocol.words
    if rest.empty:
        return Nothing("No patient lacks a clinic that others have.")
    row, everyone = rest.to_dict("records")[0], in_scope.to_dict("records")[0]
    nowhere = "they count among all, and in no clinic"
    if row["suppressed"] or everyone["suppressed"]:
        return Text(f"Some patients have no clinic recorded; {nowhere}. How many is withheld.")
    patients, hips = count(row["n_patients"], "patient"), noun.count(row["n_hips"])
    all_patients, all_hips = count(everyone["n_patients"], "patient"), noun.count(everyone["n_hips"])
    return Text(
        f"**No clinic is recorded for {patients} with {hips}**; {nowhere}. The clinics and they together are all "
        f"{all_patients} with {all_hips}."
    )


def funnel_answer(clinics: pd.DataFrame, protocol: Protocol, clinic_id: str = "") -> Text:
    """Answer which clinics, or whether one clinic, differ from all together by more than their size explains.

    Parameters
    ----------
    clinics
        As :meth:`analysis.report.Report.clinics` returns it.
    clinic_id
        One clinic; empty for all.
    """
    noun = protocol.words
    rows = [row for row in clinics.to_dict("records") if not row["suppressed"]]
    if clinic_id:
        return _one_clinic([row for row in rows if row["clinic_id"] == clinic_id], protocol)
    if clinics.empty:
        return Text(f"No judged {noun.hip} has a clinic, so none can be compared.")
    judged = [row for row in rows if row["position"] != "not judged"]
    hidden = len(rows) < len(clinics)
    if not judged or (hidden and len(judged) < FEWEST_CLINICS):
        return Text("Fewer than 3 clinics have a rate that may be shown, so they cannot be compared.")
    outside = [row for row in judged if row["position"] != "within"]
    around = f"around {percent(judged[0]['target'])}"
    others = f" {_OTHERS}" if hidden else ""
    if not outside:
        who = "No clinic that may be shown differs" if hidden else "The clinics do not differ"
        within = f"all {len(judged)} lie within the limits for their size"
        return Text(f"**{who} by more than chance**: {within} {around}.{others}")
    said = listed([f"{escape_markdown(row['clinic_id'])} {row['position']}" for row in outside])
    which = "clinics that may be shown" if hidden else "clinics"
    lie = f"{len(outside)} of {len(judged)} {which} lie{'s' if len(outside) == 1 else ''}"
    return Text(f"**{lie} outside the limits for their size** {around}: {said}.{others}")


def _one_clinic(rows: list[dict], protocol: Protocol) -> Text:
    noun = protocol.words
    if not rows:
        return Text("How this clinic lies among the others is withheld.")
    row = rows[0]
    if row["position"] == "not judged":
        return Text(
            f"There are fewer than 3 clinics with judged {noun.hips}, so this one cannot be held against the others."
        )
    rate, of_all = percent(row["rate"]), f"{percent(row['target'])} of all clinics together"
    if row["position"] == "within":
        return Text(f"**This clinic's rate ({rate}) does not differ from the {of_all}** by more than chance.")
    return Text(f"**This clinic's rate ({rate}) lies {row['position']} the limits for its size** around the {of_all}.")
