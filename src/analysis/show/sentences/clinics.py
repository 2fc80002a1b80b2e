"""A clinic against all clinics, and against itself over time, in sentences."""

from __future__ import annotations

from statistics import median

import pandas as pd

from analysis.protocol import Protocol
from analysis.show.display import Nothing, Text, escape_markdown
from analysis.show.records import records
from analysis.show.words import (
    FEWEST_DRAWN,
    Row,
    count,
    known,
    listed,
    p_equation,
    percent,
    points,
    points_limits,
    sentence_start,
    stand_out,
)
from analysis.stats.control_chart import FEWEST_PERIODS
from analysis.stats.funnel import FEWEST_COMPARED
from analysis.stats.run_rules import false_alarms, periods_until_seen

_LEVEL = 0.05
# Of clinics that are alike so many lie outside the 95 % and outside the 99.8 % limits.
_BEYOND_WARNING, _BEYOND_ACTION = 20, 500
_NEAR, _FAR = ("above", "below"), ("far above", "far below")
_OTHERS = "The other clinics' positions are withheld: few patients responded there, or few did not."


def chart_answer(periods: pd.DataFrame, protocol: Protocol) -> Text:
    """Answer whether the rate changed over time.

    Parameters
    ----------
    periods
        As :meth:`analysis.report.Report.over_time` returns it.
    """
    noun = protocol.words
    if periods.empty:
        return Text(f"No {noun.hip} with a dated visit could be judged, so nothing can be said about change over time.")
    rows = [row for row in records(periods) if not row["suppressed"] and known(row["rate"])]
    if not rows:
        return Text("No period has a rate that may be shown, so nothing can be said about change over time.")
    flagged = [str(row["period"]) for row in rows if row["special"]]
    note = noun.tell(str(rows[0]["notes"]))
    found = stand_out(flagged, len(rows))
    that = " that may be shown" if periods["suppressed"].any() else ""
    if len(rows) < 2:
        text = f"Only one period has a rate{that}, so nothing can be said about change over time."
    elif flagged and not note:
        stable = f"of 100 stable charts of {len(rows)} periods at most {false_alarms(len(rows))} show such a sign"
        text = f"**The rate seems to have changed**: {found}; {stable}. Look for the cause."
    elif flagged:
        text = f"**There may have been a change**: {found}, but the series cannot tell that firmly from chance."
    else:
        text = f"**No sign of change over time** in {len(rows)} periods{that}.{_how_soon(rows)}"
    text += _latest(rows, protocol) if len(rows) > 1 else ""
    return Text(text + (f" {sentence_start(escape_markdown(note))}." if note and len(rows) > 1 else ""))


def _latest(rows: list[Row], protocol: Protocol) -> str:
    """Say the newest rate of enough hips: whoever asks about change asks where things stand."""
    enough = [row for row in rows if row["n_evaluable"] >= FEWEST_DRAWN]
    if not enough:
        return ""
    row = enough[-1]
    share = f"{row['n_responders']:,} of {row['n_evaluable']:,} responded ({percent(row['rate'])})"
    return f" Newest period of {FEWEST_DRAWN} judged {protocol.words.hips} or more, {row['period']}: {share}."


def _how_soon(rows: list[Row]) -> str:
    """Say how late such a chart shows a halved rate; nothing of a short one, of which its note says enough, or of 0."""
    if len(rows) < FEWEST_PERIODS or not rows[-1]["centre"]:
        return ""
    after = periods_until_seen(median(row["n_evaluable"] for row in rows), rows[-1]["centre"])
    late = f"only after about {count(after, 'such period')}" if after else "hardly within 24 such periods"
    return f" Had the rate halved, the chart would show it {late}."


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
    row, everyone = records(rest)[0], records(in_scope)[0]
    nowhere = "they count among all, and in no clinic"
    if row["suppressed"] or everyone["suppressed"]:
        return Text(f"Some patients have no clinic recorded; {nowhere}. Their number is withheld.")
    patients, hips = count(row["n_patients"], "patient"), noun.count(row["n_hips"])
    all_patients, all_hips = count(everyone["n_patients"], "patient"), noun.count(everyone["n_hips"])
    return Text(
        f"**No clinic is recorded for {patients} with {hips}**; {nowhere}. The clinics and they together are all "
        f"{all_patients} with {all_hips}."
    )


def funnel_answer(clinics: pd.DataFrame, protocol: Protocol, clinic_id: str = "") -> Text:
    """Answer whether clinics differ by more than chance, and which of them, or whether one, stands out.

    Parameters
    ----------
    clinics
        As :meth:`analysis.report.Report.clinics` returns it.
    clinic_id
        One clinic; empty for all.
    """
    noun = protocol.words
    rows = [row for row in records(clinics) if not row["suppressed"]]
    if clinic_id:
        return _one_clinic([row for row in rows if row["clinic_id"] == clinic_id], protocol)
    if clinics.empty:
        return Text(f"No {noun.hip} with a recorded clinic could be judged, so clinics cannot be compared.")
    judged = [row for row in rows if row["position"] != "not judged"]
    hidden = len(rows) < len(clinics)
    if not judged or (hidden and len(judged) < FEWEST_COMPARED):
        that = " that may be shown" if hidden else ""
        return Text(f"Fewer than {FEWEST_COMPARED} clinics have a rate{that}, so they cannot be compared.")
    which = "clinics that may be shown" if hidden else "clinics"
    others = f" {_OTHERS}" if hidden else ""
    return Text(f"{_differ(judged[0], which)} {_outside(judged, which, protocol)}.{others}")


def _differ(row: Row, which: str) -> str:
    """Say whether clinics differ by more than chance, and by how much."""
    if not known(row["p_differ"]):
        return f"**It is not known whether the {which} differ**: in all of them none responded, or all did."
    spread = f"{p_equation(row['p_differ'])}; their true rates typically lie {_sd(row)} from their mean"
    if row["p_differ"] < _LEVEL:
        return f"**The {which} differ by more than chance** ({spread})."
    return f"**The data do not show that the {which} differ by more than chance** ({spread})."


def _sd(row: Row) -> str:
    ends = points_limits(row, "tau")
    return f"{points(row['tau']).lstrip('+')} (90 % CI {ends})"


def _outside(judged: list[Row], which: str, protocol: Protocol) -> str:
    """Say which clinics lie outside limits that allow for their sizes and for how much clinics differ, and how far."""
    far, near = ([row for row in judged if row["position"] in places] for places in (_FAR, _NEAR))
    spread = "" if judged[0]["tau_squared"] == 0 else " and that spread"
    limits = f"the 95 % limits for their size{spread}, around {_of_all(judged[0], protocol)}"
    if not (far or near):
        return f"None stands out: all {len(judged)} lie within {limits}"
    lies = "lies" if len(far + near) == 1 else "lie"
    said = f"{len(far + near)} of {len(judged)} {which} {lies} outside {limits}"
    said += f"; of {len(judged)} that are alike {_expected(len(judged), _BEYOND_WARNING)}. "
    verdicts = [f"Look again: {_named(near)}"] if near else []
    if far:
        by_chance = f"of {len(judged)} that are alike {_expected(len(judged), _BEYOND_ACTION)}"
        verdicts.append(f"A signal, outside the 99.8 % limits: {_named(far)}; {by_chance}")
    return said + ". ".join(verdicts)


def _named(rows: list[Row]) -> str:
    return listed([f"{escape_markdown(row['clinic_id'])} {row['position']}" for row in rows])


def _expected(clinics: int, one_in: int) -> str:
    """Say how many clinics chance puts outside limits that leave out one in so many."""
    expected = clinics / one_in
    digits = 0 if expected >= 10 else 1
    return f"about {expected:,.{digits}f} would by chance" if expected >= 0.05 else "hardly any would by chance"


def _of_all(row: Row, protocol: Protocol) -> str:
    """Name the rate that clinics are held against: hips given nothing count in it, which the headline leaves out."""
    return f"the {percent(row['target'])} of all judged {protocol.words.hips}"


def true_rates_answer(clinics: pd.DataFrame, protocol: Protocol) -> Text | Nothing:
    """Answer how far the true rates of clinics lie apart, and which of them differ from that of all.

    Parameters
    ----------
    clinics
        As :meth:`analysis.report.Report.clinics` returns it.
    """
    rows = [row for row in records(clinics) if not row["suppressed"] and known(row["shrunk"])]
    if not rows:
        return Nothing("The true rates of clinics cannot be told, or are withheld.")
    true, seen = ([row[name] for row in rows] for name in ("shrunk", "rate"))
    apart = [row for row in rows if not row["shrunk_low"] <= row["target"] <= row["shrunk_high"]]
    of_all = _of_all(rows[0], protocol)
    held = f"of every one hold {of_all}"
    if apart:
        named = listed([escape_markdown(row["clinic_id"]) for row in apart])
        held = f"leave out {of_all} in {len(apart):,}: {named}"
    return Text(
        f"**The true rates of {len(rows):,} clinics are estimated at {percent(min(true))} to {percent(max(true))}**; "
        f"the rates seen were {percent(min(seen))} to {percent(max(seen))}, because small clinics scatter. The 95 % "
        f"limits {held}."
    )


def _one_clinic(rows: list[Row], protocol: Protocol) -> Text:
    noun = protocol.words
    if not rows:
        return Text("This clinic's position among the others is withheld.")
    row = rows[0]
    if row["position"] == "not judged":
        return Text(
            f"There are fewer than {FEWEST_COMPARED} clinics with judged {noun.hips}, so this one cannot be compared "
            "with the others."
        )
    rate, of_all = percent(row["rate"]), _of_all(row, protocol)
    if row["position"] in _FAR:
        return Text(
            f"**This clinic's rate ({rate}) lies {row['position']} the 99.8 % limits** around {of_all}: a signal; "
            f"1 in {_BEYOND_ACTION} clinics that are alike does by chance."
        )
    if row["position"] in _NEAR:
        return Text(
            f"**This clinic's rate ({rate}) lies {row['position']} the 95 % limits** around {of_all}: look again; "
            f"1 in {_BEYOND_WARNING} clinics that are alike does by chance."
        )
    if row["position_by_size"] != "within":
        return Text(
            f"**This clinic's rate ({rate}) lies {row['position_by_size']} the limits for its size** around {of_all}, "
            "but does not stand out from how much the clinics differ."
        )
    within = "it lies within the 95 % limits for its size"
    return Text(f"**This clinic's rate ({rate}) does not clearly differ** from {of_all}: {within}.")
