"""A report at a glance: the few facts of it that stand in the overview of all clinics."""

from __future__ import annotations

import pandas as pd

from analysis.protocol import Protocol
from analysis.show.facts import BESIDE_ALL, Fact
from analysis.show.records import records
from analysis.show.tables.cells import chance_and_verdict, group_label, rate_cell, withheld
from analysis.show.words import WITHHELD, Row, day_in_words, known, percent, sentence_start

_PLACES = {"within": "within the limits", "not judged": "not compared"}
_VERDICTS = {True: "a signal", False: "look again"}  # outside the 99.8 % limits, and outside the 95 % limits alone


def at_a_glance(
    rates: pd.DataFrame,
    arms: pd.DataFrame,
    safety: pd.DataFrame,
    clinics: pd.DataFrame,
    periods: pd.DataFrame,
    protocol: Protocol,
    clinic_id: str = "",
    on: str = "",
) -> list[Fact]:
    """Return what the overview shows of a report; each number stands in the report too, or is withheld in both.

    Parameters
    ----------
    rates, arms, safety, clinics, periods
        As `rates`, `arms`, `safety`, `clinics` and `over_time` of :class:`analysis.report.Report` return them,
        `clinics` of the whole study. Where a study has arms, these lead and nothing is pooled.
    protocol
        Gives the words.
    clinic_id
        One clinic; empty for all.
    on
        The day whose visits the report is of, as :attr:`analysis.report.Report.on` is; empty for now.
    """
    row = records(rates)[0]
    by = protocol.group_by
    named = [(group_label(by, arm[by], protocol), arm) for arm in records(arms)]
    of_arms = [_responders(arm, f"Responders, {label}", protocol) for label, arm in named]
    facts = of_arms or [_responders(row, "Responders", protocol), _chance(row)]
    place = records(clinics[clinics["clinic_id"] == clinic_id]) if clinic_id else []
    facts += [_place(place[0]) if place else Fact(label=BESIDE_ALL, text="")]
    facts += [_over_time(periods)]
    facts += [_event(event) for event in records(safety)]
    facts += [_outcome_missing(row), Fact(label="Newest first visit", text=_newest(periods))]
    return [*facts, Fact(label="Visits as of", text=day_in_words(on) if on else "")]


def _responders(row: Row, label: str, protocol: Protocol) -> Fact:
    if withheld(row):
        return Fact(label=label, text=WITHHELD)
    if not row["n_evaluable"]:
        return Fact(label=label, text=f"no {protocol.words.hip} judged")
    rate, low, high = (float(row[name]) for name in ("rate", "ci_low", "ci_high"))
    chance = float(row["chance_rate"]) if known(row["chance_rate"]) else None
    return Fact(label=label, text=rate_cell(row), value=rate, ends=(low, high) if known(low) else None, beside=chance)


def _chance(row: Row) -> Fact:
    if withheld(row):
        return Fact(label="By chance", text=WITHHELD)
    return Fact(label="By chance", text=chance_and_verdict(row))


def _place(row: Row) -> Fact:
    label = BESIDE_ALL
    if withheld(row):
        return Fact(label=label, text=WITHHELD)
    position = str(row["position"])
    outside = f"{position} the limits: {_VERDICTS[position.startswith('far')]}"
    return Fact(label=label, text=_PLACES.get(position, outside), stands_out=position not in _PLACES)


def _over_time(periods: pd.DataFrame) -> Fact:
    rows = records(periods)
    series = [None if withheld(row) or not known(row["rate"]) else float(row["rate"]) for row in rows]
    shown = [rate for rate in series if rate is not None]
    if len(shown) < 2:
        return Fact(label="Over time", text="too few periods", series=tuple(series))
    flagged = [row for row in rows if not withheld(row) and row["special"]]
    sure = "may" if flagged and flagged[0]["notes"] else "seems to"
    text = f"{sure} have changed" if flagged else "no sign of change"
    return Fact(label="Over time", text=text, series=tuple(series), stands_out=bool(flagged))


def _event(row: Row) -> Fact:
    label = sentence_start(str(row["answer"]))
    if withheld(row):
        return Fact(label=label, text=WITHHELD)
    if not row["n_hips"]:
        return Fact(label=label, text="nobody at risk")
    if not row["n_known"]:
        return Fact(label=label, text="not recorded")
    return Fact(
        label=label, text=f"{row['n_yes']:,}/{row['n_known']:,} ({percent(row['share'])})", value=float(row["share"])
    )


def _outcome_missing(row: Row) -> Fact:
    label = "Outcome missing"
    if withheld(row) or not known(row["n_missing"]):
        return Fact(label=label, text=WITHHELD)
    of = int(row["n_missing"] + row["n_evaluable"])
    share = row["n_missing"] / of if of else None
    text = "–" if share is None else f"{int(row['n_missing']):,}/{of:,} ({percent(share)})"
    return Fact(label=label, text=text, value=share)


def _newest(periods: pd.DataFrame) -> str:
    return str(periods["period"].iloc[-1]) if len(periods) else "no dates"
