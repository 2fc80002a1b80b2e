"""Whether the first page can be trusted, in numbers: what was judged, what is missing, what was found in the data."""

from __future__ import annotations

import pandas as pd

from analysis.protocol import Protocol
from analysis.show.display import Text
from analysis.show.records import records
from analysis.show.sentences.responders import data_warnings, missing_outcomes
from analysis.show.words import percent


def trust_answer(flow: pd.DataFrame, rates: pd.DataFrame, problems: pd.DataFrame, protocol: Protocol) -> Text:
    """Answer how far the answers can be trusted; the reasons stand further on.

    Parameters
    ----------
    flow, rates, problems
        As `flow`, `rates` (one row for all hips in scope) and `problems` of :class:`analysis.report.Report` return
        them.
    protocol
        Gives the words.
    """
    row = records(rates)[0]
    missing = "" if row["suppressed"] or not row["n_evaluable"] else missing_outcomes(row, protocol)
    said = [_judged(flow, protocol), missing, data_warnings(problems).markdown]
    return Text(f"**Can it be trusted?** {' '.join(filter(None, said))}")


def _judged(flow: pd.DataFrame, protocol: Protocol) -> str:
    noun = protocol.words
    first, last = flow.iloc[0], flow.iloc[-1]
    if flow["suppressed"].any():
        return f"The number of {noun.hips} that could be judged is withheld."
    if not first["n_hips"]:
        return f"No {noun.hip} was measured."
    if first["n_hips"] == last["n_hips"]:
        return f"Every {noun.hip} could be judged."
    share = percent(last["n_hips"] / first["n_hips"])
    return f"{last['n_hips']:,} of {noun.count(first['n_hips'])} could be judged ({share})."
