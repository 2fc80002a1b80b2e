"""What chance alone would give, and how far that depends on the measurement error and on who was enrolled."""

from __future__ import annotations

import pandas as pd

from analysis.protocol import Protocol
from analysis.protocol.measures import Measure
from analysis.show.display import Nothing, Text
from analysis.show.tables.cells import chance_range
from analysis.show.words import Row, about, change, count, known, listed, percent, size
from analysis.stats.beyond_chance import ABOVE, BELOW, DEPENDS, UNCLEAR, UNKNOWN

_NOT_MEASURED = "the measurement error, or the spread of first readings, is not known"


def rate_by_chance(row: Row, protocol: Protocol) -> str:
    """Say what a rate would be by chance, and whether it is above that whatever the measurement error.

    Parameters
    ----------
    row
        Of a table of rates that may be shown.
    """
    if not known(row["chance_rate"]):
        return f"The rate expected by chance cannot be calculated: {why_unknown(row, protocol)}."
    chance = f"If nothing had truly changed, {about(row['chance_rate'])} would have counted as responders"
    errors = errors_tried(row, protocol)
    ends = " to ".join(dict.fromkeys(percent(row[name]) for name in ("chance_low", "chance_high")))
    if row["against_chance"] == DEPENDS:
        way = "above" if side_of_chance(row) == "more" else "below"
        return (
            f"{chance}; whether the rate is {way} that depends on the measurement error: with errors {errors} chance "
            f"gives {ends}."
        )
    verdict = {ABOVE: "above that", BELOW: "below that"}.get(row["against_chance"], "not clearly different from that")
    holds = f" This holds for every measurement error {errors} (chance: {ends})." if errors else ""
    return f"{chance}; the rate is {verdict}.{holds}"


def each_against_chance(rates: pd.DataFrame, protocol: Protocol) -> Text | Nothing:
    """Count how many rates chance alone explains.

    Parameters
    ----------
    rates
        As :meth:`analysis.report.Report.rates_of_each_test` returns them.
    """
    shown = rates[~rates["suppressed"].astype("bool")]
    verdicts = shown.loc[shown["n_evaluable"] > 0, "against_chance"]
    if verdicts.empty:
        return Nothing("No rate may be shown beside chance.")
    found = verdicts.value_counts()
    said = [f"{found[verdict]:,} {words}" for verdict, words in _VERDICTS.items() if verdict in found]
    hidden = " The others are withheld." if len(shown) < len(rates) else ""
    return Text(f"Of {count(len(verdicts), 'rate')} by rule and group: {listed(said)}.{hidden}")


_VERDICTS = {
    ABOVE: "more than chance",
    BELOW: "fewer than chance",
    UNCLEAR: "not clear of chance",
    DEPENDS: "depending on the measurement error",
    UNKNOWN: "of which the rate by chance is not known",
}


def side_of_chance(row: Row) -> str:
    """Return whether a rate whose verdict depends on the measurement error is more or fewer than chance at some."""
    return "more" if row["ci_low"] > row["chance_low"] else "fewer"


def why_unknown(row: Row, protocol: Protocol) -> str:
    """Return why it cannot be told what chance alone would give."""
    return protocol.words.tell(str(row["chance_unknown"])) or _NOT_MEASURED


def errors_tried(row: Row, protocol: Protocol) -> str:
    """Return the measurement errors that a verdict was held against: "from 1.9° to 3.6°"; empty where there is one."""
    parts = [part.split(" ") for part in str(row["chance_errors"]).split("; ") if part]
    said = []
    for name, low, _, high in parts:
        measure = protocol.measures[name]
        which = f" ({measure.name})" if len(parts) > 1 else ""
        said.append(f"from {size(float(low), measure)} to {size(float(high), measure)}{which}")
    return listed(said)


def change_by_chance(row: Row, measure: Measure, protocol: Protocol) -> str:
    """Say what mean change chance alone would bring about, and whether the change is beyond that."""
    if not known(row["by_chance"]):
        return f"The change expected by chance cannot be calculated: {why_unknown(row, protocol)}."
    chance = f"With nothing done it would have changed by {change(row['by_chance'], measure)} on average"
    verdict = ""
    if known(row["ci_low"]):
        beyond = row["ci_low"] > row["by_chance_high"] or row["ci_high"] < row["by_chance_low"]
        verdict = f"; the change is {'' if beyond else 'not clearly '}beyond that"
    return f"{chance}{chance_range(row, measure)}: regression to the mean{verdict}."
