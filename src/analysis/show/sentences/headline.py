"""What happened, in two sentences: did hips respond beyond chance, and did left and right differ."""

from __future__ import annotations

import pandas as pd

from analysis.disclosure import WHY_WITHHELD
from analysis.protocol import Protocol
from analysis.show.display import Text
from analysis.show.sentences.by_chance import side_of_chance, why_unknown
from analysis.show.sentences.sides import if_alike
from analysis.show.words import Row, known, percent, within_sentence
from analysis.stats.beyond_chance import ABOVE, BELOW, DEPENDS

_FEW = 10  # hips; a rate that hangs on so few is not to be read as a success
_WHY = (
    f"A number is withheld where {WHY_WITHHELD}. "
    "An internal report, for those who treat the "
    "patients, withholds nothing."
)


def headline(rates: pd.DataFrame, sides: pd.DataFrame, protocol: Protocol) -> Text:
    """Say in two sentences what happened, and why one of them is withheld if it is.

    Parameters
    ----------
    rates
        One row for all hips in scope, as :meth:`analysis.report.Report.rates` returns it.
    sides
        One row for all people in scope, as :meth:`analysis.report.Report.sides` returns it.
    protocol
        Gives the words for the two timepoints.
    """
    when = within_sentence(protocol.comparisons[rates["comparison"].iloc[0]].label)
    # The arms of a trial stand in a sentence of their own, before this one.
    when += "" if protocol.types else ", all groups together"
    rate, pairs = rates.to_dict("records")[0], sides.to_dict("records")[0]
    why = f" {_WHY}" if rate["suppressed"] or pairs["suppressed"] else ""
    return Text(f"**{_responded(rate, when, protocol)} {_left_and_right(pairs, protocol)}**{why}")


def _responded(row: Row, when: str, protocol: Protocol) -> str:
    noun = protocol.words
    if row["suppressed"]:
        return f"The number of {noun.hips} that responded is withheld."
    if row["n_evaluable"] == 0:
        return f"No {noun.hip} could be judged {when}."
    share = percent(row["n_responders"] / row["n_evaluable"])
    fact = f"{row['n_responders']:,} of {noun.count(row['n_evaluable'])} ({share}) responded {when}"
    if not known(row["chance_rate"]):
        why = f"cannot be calculated: {why_unknown(row, protocol)}" if row["chance_unknown"] else "is not known"
        return f"{fact}; the rate expected by chance {why}."
    if row["against_chance"] == DEPENDS:
        way = side_of_chance(row)
        return f"{fact}; whether that is {way} than chance alone would give depends on the measurement error."
    if row["against_chance"] == ABOVE:
        few = ": few, but" if row["n_responders"] < _FEW else ","
        return f"{fact}{few} more than chance alone would give."
    if row["against_chance"] == BELOW:
        return f"{fact}, fewer than chance alone would give."
    return f"{fact}, not clearly more or fewer than chance alone would give."


def _left_and_right(row: Row, protocol: Protocol) -> str:
    noun = protocol.words
    if row["suppressed"]:
        return "The comparison of left and right is withheld."
    if row["n"] == 0:
        return f"Left and right cannot be compared, because no person has both {noun.hips} judged."
    if row["ci_low"] > 0:
        return f"Left {noun.hips} responded more often than the right {noun.hips} of the same people{if_alike(row)}."
    if row["ci_high"] < 0:
        return f"Right {noun.hips} responded more often than the left {noun.hips} of the same people{if_alike(row)}."
    return f"Left and right {noun.hips} of the same people did not clearly differ in how often they responded."
