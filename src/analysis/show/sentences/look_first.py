"""Where to look first when a clinic's rate lies outside its limits, in the order of likely causes."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import pandas as pd

from analysis.protocol import Protocol
from analysis.show.display import Nothing, Text
from analysis.show.records import records
from analysis.show.words import percent

_NO_REASON = ("within", "not judged")


class Part(NamedTuple):
    """A clinic, or all of them: frames as :class:`analysis.report.Report` returns them.

    Attributes
    ----------
    flow, rates, matched
        ``flow()``, ``rates()`` and ``rates(match_groups)``.
    """

    flow: pd.DataFrame
    rates: pd.DataFrame
    matched: pd.DataFrame


def look_first_answer(
    clinics: pd.DataFrame, clinic_id: str, here: Part, everywhere: Part, protocol: Protocol
) -> Text | Nothing:
    """List what may lie behind a clinic's place before its care does, each with its number and that of all clinics.

    Parameters
    ----------
    clinics
        As :meth:`analysis.report.Report.clinics` returns it, of the whole study.
    clinic_id
        The clinic; empty for all.
    here, everywhere
        The clinic and all clinics.
    protocol
        Gives the words.
    """
    rows = [row for row in records(clinics) if row["clinic_id"] == clinic_id and not row["suppressed"]]
    if not rows or rows[0]["position"] in _NO_REASON:
        return Nothing("No clinic outside its limits.")
    own, of_all = dict(_shares(here, protocol)), dict(_shares(everywhere, protocol))
    said = [f"{what}: {own[what]}, in all clinics {of_all[what]}" for what in own if what in of_all]
    if not said:
        return Nothing("What may lie behind the clinic's place is withheld.")
    return Text(f"**Where to look first**, before the care itself: {'; '.join(said)}.")


def _shares(part: Part, protocol: Protocol) -> Iterator[tuple[str, str]]:
    """Say of a part what was measured badly, who came in, who was lost and what was done; nothing that is withheld."""
    steps = [] if part.flow["suppressed"].any() else records(part.flow)
    lost = {step["reason"]: (before["n_hips"] - step["n_hips"], before["n_hips"]) for before, step in pairwise(steps)}
    for what in ("measured in another way", "with no room to improve"):
        if what in lost:
            yield what, _share(*lost[what], protocol)
    row = records(part.rates)[0]
    if not row["suppressed"] and pd.notna(row["n_missing"]):
        yield "outcome missing", _share(row["n_missing"], row["n_missing"] + row["n_evaluable"], protocol)
    if "match" in part.matched and not part.matched["suppressed"].any():
        hips = part.matched.groupby("match", observed=True)["n_hips"].sum()
        known = int(hips.get("matched", 0)), int(hips.get("mismatched", 0))
        yield f"given the {protocol.words.stretch} that their type calls for", _share(known[0], sum(known), protocol)


def _share(n: int, of: int, protocol: Protocol) -> str:
    return f"{n:,} of {protocol.words.count(of)} ({percent(n / of)})" if of else f"no {protocol.words.hip}"
