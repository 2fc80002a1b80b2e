"""Matched against mismatched hips, in sentences that claim no effect."""

from __future__ import annotations

import pandas as pd

from analysis.protocol import Protocol
from analysis.show.display import Text
from analysis.show.records import records
from analysis.show.words import Row, known, listed, percent, points, points_limits, sentence_start


def matched_answer(table: pd.DataFrame, protocol: Protocol) -> Text:
    """Answer whether hips given the stretch their class calls for responded more often.

    Parameters
    ----------
    table
        As :meth:`analysis.report.Report.matched` returns it.
    """
    noun = protocol.words
    rows = {row["method"]: row for row in records(table)}
    if not rows:
        return Text(f"The rules of this study call for no {noun.stretch}, so none can match.")
    crude, best = rows["crude"], rows["doubly_robust"]
    if crude["suppressed"]:
        return Text(f"The rates of matched and mismatched {noun.hips} are withheld.")
    if not known(crude["difference"]):
        return Text(f"Matched and mismatched {noun.hips} cannot be compared: {noun.tell(crude['not_estimable'])}.")
    text = (
        f"{percent(crude['rate_matched'])} of the matched and {percent(crude['rate_mismatched'])} of the mismatched "
        f"{noun.hips} responded{_left_out(crude, protocol)}. "
    )
    if best["suppressed"]:
        return Text(f"{text}The comparison with what was measured made alike is withheld.")
    if not known(best["ci_low"]):
        why = noun.tell(best["not_estimable"] or "too few hips")
        return Text(f"{text}The two groups could not be made comparable ({why}).")
    ci = f"95 % CI {points_limits(best, 'ci')}"
    if best["ci_low"] > 0:
        verdict = f"**matched {noun.hips} responded more often**"
    elif best["ci_high"] < 0:
        verdict = f"**mismatched {noun.hips} responded more often**"
    else:
        verdict = "**the data do not tell them apart**"
    alike = listed(best["made_alike"].split("; "))
    verdict = f"With {alike} made alike, {verdict} ({points(best['difference'])}; {ci})."
    if best["made_alike_note"]:
        verdict += f" {noun.tell(best['made_alike_note'])}"
    return Text(f"{sentence_start(text)}{verdict} This is observational: it does not show that matching is the cause.")


def _left_out(row: Row, protocol: Protocol) -> str:
    """Say that hips of which something to be made alike is missing count nowhere, not in the first rates either."""
    if known(row["n_left_out"]) and not row["n_left_out"]:
        return ""
    hips = protocol.words.count(row["n_left_out"]) if known(row["n_left_out"]) else protocol.words.hips
    return f", leaving out {hips} of which a first reading or the age is missing"
