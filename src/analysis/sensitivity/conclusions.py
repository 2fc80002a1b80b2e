"""What is concluded under each reading, whether that flips, and which decision matters most."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np
import pandas as pd

from analysis.answers.rates import verdicts
from analysis.protocol import Protocol
from analysis.stats.beyond_chance import ABOVE, BELOW, DEPENDS, UNCLEAR, UNKNOWN

QUESTIONS = {
    "against_chance": "responders against chance",
    "sides": "left against right",
    "most_common": "the most common type",
}
NOT_KNOWN = "cannot be told"


def concluded(table: pd.DataFrame, protocol: Protocol) -> pd.DataFrame:
    """Return the conclusion of each reading on each question.

    Parameters
    ----------
    table
        Rows with the numbers of :func:`analysis.sensitivity.readings.every_reading`.
    protocol
        Names the types.

    Returns
    -------
    pandas.DataFrame
        ``against_chance``: above, below, not clear of it, or depends on the measurement error; ``sides``: left more
        often, right more often, no difference shown; ``most_common``: the type with most hips, or "a tie". "cannot be
        told" where nobody was judged or the numbers are withheld.
    """
    left, right = table["sides_low"] > 0, table["sides_high"] < 0
    words = {ABOVE: "above", BELOW: "below", UNCLEAR: "not clear of it", DEPENDS: DEPENDS, UNKNOWN: NOT_KNOWN}
    chance = [words[verdict] for verdict in verdicts(table)]
    sides = np.select(
        [table["difference"].isna(), left, right],
        [NOT_KNOWN, "left more often", "right more often"],
        "no difference shown",
    )
    result = pd.DataFrame({"against_chance": chance, "sides": sides}, index=table.index)
    if protocol.types:
        result["most_common"] = _most_common(table[[f"hips_{name}" for name in protocol.types]])
    return result


def _most_common(counts: pd.DataFrame) -> np.ndarray:
    names = np.array([str(name).removeprefix("hips_") for name in counts])
    hips = counts.astype("Float64").to_numpy(dtype="float64", na_value=0.0)
    most = hips.max(axis=1)
    tied = (hips == most[:, None]).sum(axis=1) > 1
    return np.where(most == 0, NOT_KNOWN, np.where(tied, "a tie", names[hips.argmax(axis=1)]))


def flips(readings: pd.DataFrame, own: dict[Hashable, Any], protocol: Protocol) -> pd.DataFrame:
    """Return, for each question, in how many readings the conclusion is another than the report's own.

    Parameters
    ----------
    readings
        As :func:`analysis.sensitivity.readings.every_reading` returns them.
    own
        The same numbers as the report gives them.
    protocol
        Names the types.

    Returns
    -------
    pandas.DataFrame
        One row per question: ``question``, ``own`` conclusion, ``n_readings`` that have one, ``n_other`` of these
        that conclude otherwise (none where the report has no conclusion), ``others`` (conclusions, "; " between),
        and ``decision``: the one on which the conclusion hangs most, missing when nothing flips.
    """
    mine = concluded(pd.DataFrame([own]), protocol).iloc[0]
    conclusions = concluded(readings, protocol)
    rows = []
    for name in map(str, conclusions):
        judged = conclusions[name] != NOT_KNOWN
        other = judged & (conclusions[name] != mine[name]) & (mine[name] != NOT_KNOWN)
        rows.append(
            {
                "question": name,
                "own": mine[name],
                "n_readings": int(judged.sum()),
                "n_other": int(other.sum()),
                "others": "; ".join(sorted(conclusions.loc[other, name].unique())),
                "decision": _hangs_on(readings, other, protocol) if other.any() else None,
            }
        )
    return pd.DataFrame(rows).astype({"decision": "str"})


def _hangs_on(readings: pd.DataFrame, other: pd.Series, protocol: Protocol) -> str:
    """Return the decision between whose options the share of flipped readings differs most."""
    shares = {name: other.groupby(readings[name], observed=True).mean() for name in protocol.alternatives}
    return max(shares, key=lambda name: shares[name].max() - shares[name].min())


def effects(readings: pd.DataFrame, protocol: Protocol) -> pd.DataFrame:
    """Return how far each decision alone moves the answers, all others held where they are.

    Parameters
    ----------
    readings
        As :func:`analysis.sensitivity.readings.every_reading` returns them.
    protocol
        Names the decisions and the types.

    Returns
    -------
    pandas.DataFrame
        One row per decision, the one that moves the responder rate most first: ``decision``, then the mean
        over all settings of the others of (largest − smallest) over its options of the responder rate
        (``rate``), the left–right difference (``difference``) and the share of hips in a type (``typed``);
        settings in which nobody is judged are left out.
    """
    decisions = list(protocol.alternatives)
    shape = [len(protocol.alternatives[name].options) for name in decisions]
    rows = []
    for axis, name in enumerate(decisions):
        row: dict[str, object] = {"decision": name}
        for answer in ("rate", "difference", "typed"):
            spread = np.ptp(readings[answer].to_numpy(dtype="float64").reshape(shape), axis=axis)
            row[answer] = float(np.mean(spread[~np.isnan(spread)])) if (~np.isnan(spread)).any() else np.nan
        rows.append(row)
    return pd.DataFrame(rows).sort_values("rate", ascending=False, kind="stable", ignore_index=True)
